from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import (
    Alarm,
    Attachment,
    Attendee,
    CalendarObject,
    Event,
    Occurrence,
    Response,
    Role,
)
from tests.tui.conftest import settled
from tui.screens.event_details import EventDetailsDialog, when_text

PARIS = ZoneInfo("Europe/Paris")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def details(calendars):
    event = Event(
        "uid",
        datetime(2026, 11, 23, 9, tzinfo=NEW_YORK),
        datetime(2026, 11, 23, 10, tzinfo=NEW_YORK),
        "Budget",
        "Room 4",
        html="<p>Bring the <b>figures</b>: https://example.org/x</p><script>evil()</script>",
        organizer=Attendee("alice@example.org", "Alice Martin"),
        attendees=(
            Attendee("bruno@example.org", "Bruno", response=Response.ACCEPTED),
            Attendee("clara@example.net", "Clara", Role.OPTIONAL, Response.DECLINED),
        ),
        rrule="FREQ=WEEKLY;BYDAY=MO",
        alarms=(Alarm(timedelta(minutes=-15)),),
        attachments=(Attachment("plan.pdf", content=b"x" * 20_000),),
    )
    stored = SimpleNamespace(object=CalendarObject("uid", (event,)))
    occurrence = Occurrence(event, event.start, event.end, private=True)
    return SimpleNamespace(calendar=calendars[0], stored=stored, occurrence=occurrence)


@pytest.mark.parametrize(
    "text",
    [
        "Monday, November 23, 2026, 3:00 PM – 4:00 PM",
        "9:00 AM – 10:00 AM · America/New_York",
        "Room 4",
        "every week on Monday",
        "15 minutes before",
        "others see a block of time only",
        "★ Alice Martin <alice@example.org> · organizer",
        "✓ Bruno <bruno@example.org> · accepted",
        "✗ Clara <clara@example.net> · declined · optional",
        "plan.pdf · 20 KB",
        "Bring the figures: https://example.org/x",
    ],
)
async def test_every_field_is_shown_in_words(stage, shown, details, text):
    async with stage(lambda: EventDetailsDialog(details, PARIS), (100, 50)) as (app, pilot):
        await pilot.pause()
        assert text in shown(app)


async def test_the_dialog_is_as_high_as_its_text_allows(services, whole_app, shown, details):
    async with whole_app(services, (80, 50)) as (app, pilot):
        app.push_screen(EventDetailsDialog(details, PARIS))
        await settled(app, pilot)
        assert "Bring the figures: https://example.org/x" in shown(app)


async def test_notes_in_html_run_nothing_and_show_no_code(stage, shown, details):
    async with stage(lambda: EventDetailsDialog(details, PARIS), (100, 50)) as (app, _pilot):
        assert "evil" not in shown(app)


@pytest.mark.parametrize(
    ("key", "copied"),
    [
        ("s", "Budget"),
        ("p", "alice@example.org, bruno@example.org, clara@example.net"),
        ("l", "https://example.org/x"),
    ],
)
async def test_subject_people_and_links_can_be_copied_over_ssh(stage, details, key, copied):
    async with stage(lambda: EventDetailsDialog(details, PARIS)) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert app.copied == [copied]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 11, 23), date(2026, 11, 24), "Monday, November 23, 2026 · all day"),
        (date(2026, 11, 23), date(2026, 11, 25), "Monday, November 23, 2026 – Tuesday, November 24, 2026"),
        (
            datetime(2026, 11, 23, 22, tzinfo=UTC),
            datetime(2026, 11, 24, 1, tzinfo=UTC),
            "Nov 23, 2026 11:00 PM – Nov 24, 2026 2:00 AM",
        ),
        (datetime(2026, 11, 23, 9), datetime(2026, 11, 23, 9), "Monday, November 23, 2026, 9:00 AM"),
    ],
)
def test_when_is_said_in_the_readers_zone(start, end, words):
    assert when_text(start, end, PARIS) == words
