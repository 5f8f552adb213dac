from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.calendar.people import Address
from core.calendar.span import DateRange, WorkingHours
from core.ports.calendars import CalendarInfo, CalendarKind
from core.services.email_calendar import Prepared, SnapshotRequest
from core.sharing.snapshot import Snapshot, SnapshotOptions

SUNDAY = date(2026, 11, 22)
TEXT = """Alice Martin Calendar
Work · alice@example.org

Monday, November 23, 2026
-------------------------
  Before 8:00 AM     Free
  9:00 AM – 10:00 AM  Busy
"""


@pytest.fixture
def today() -> date:
    return SUNDAY


@pytest.fixture
def calendars() -> list[CalendarInfo]:
    return [
        CalendarInfo("local/work", "Work", "local", CalendarKind.LOCAL, events=214),
        CalendarInfo("local/home", "Home [/2026]", "local", CalendarKind.LOCAL),
    ]


@pytest.fixture
def prepared() -> Prepared:
    options = SnapshotOptions(DateRange(SUNDAY, date(2026, 11, 28)))
    snapshot = Snapshot(
        options=options,
        calendar_name="Work",
        owner=Address("alice@example.org", "Alice Martin"),
        zone=ZoneInfo("Europe/Paris"),
        hours=WorkingHours(),
        now=datetime(2026, 11, 22, 9, tzinfo=UTC),
        relation="R",
        primary=True,
        events=(),
        items=(),
        days=(),
        window=None,
    )
    return Prepared(
        request=SnapshotRequest("local/work", options),
        snapshot=snapshot,
        ics=b"BEGIN:VCALENDAR\r\nX-WR-CALNAME:Alice Martin\r\nEND:VCALENDAR\r\n",
        html="<p>page</p>",
        text=TEXT,
        filename="Alice Martin Calendar.ics",
        leaves=("9 blocks of time with their status", "your name and address"),
        warnings=("Private items are sent with their details.",),
        empty=False,
        check=None,
    )
