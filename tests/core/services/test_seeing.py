"""What people would see of a calendar once it is shared as planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from core.calendar.people import Address
from core.calendar.span import DateRange, TimeSpan
from core.ports.calendars import CalendarInfo
from core.ports.sharing import Place, Standing
from core.services.ledger import Ledger
from core.services.permissions import Permissions
from core.services.seeing import Seeing
from core.services.share_plan import PersonPlan, SharePlan, ShareRequest
from core.sharing.permission_table import Delegation, PermissionEntry, entry, person
from core.sharing.permissions import NAMED_LEVELS, PermissionLevel
from tests.core.services.calendars import StillClock
from tests.core.services.sharing_server import CALENDAR, PaperServer

BRUNO, CLARA = Address("bruno@example.org", "Bruno Lefèvre"), Address("clara@example.net", "Clara Novak")
DAYS = DateRange(date(2026, 11, 22), date(2026, 11, 28))
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))
HOUR = timedelta(hours=1)
MEETING = Entry("1", "u1", CALENDAR.id, "Budget", MONDAY, MONDAY + HOUR, BusyStatus.BUSY, place="Room 4")
DOCTOR = Entry("2", "u2", CALENDAR.id, "Doctor", MONDAY + HOUR, MONDAY + 2 * HOUR, BusyStatus.BUSY, private=True)


class Calendars(PaperServer):
    """One calendar with a meeting and a private appointment."""

    async def entries(self, calendars: Sequence[str], span: TimeSpan, zone: tzinfo | None = None) -> list[Entry]:
        return [MEETING, DOCTOR]


class Servers:
    """The one server, whatever the account."""

    def __init__(self, server: PaperServer) -> None:
        self._server = server

    def permissions(self, account: str) -> PaperServer:
        return self._server

    async def remote(self, info: CalendarInfo) -> str:
        return info.id


@pytest.fixture
def server() -> Calendars:
    return Calendars()


@pytest.fixture
def seeing(server: Calendars, tmp_path: Path) -> Seeing:
    clock = StillClock()
    ledger = Ledger(tmp_path / "ledger.sqlite3")
    permissions = Permissions(server, Servers(server), ledger, clock, tmp_path / "permissions.sqlite3")
    return Seeing(server, permissions, clock)


def _plan(level: PermissionLevel, *people: PersonPlan) -> SharePlan:
    return SharePlan(ShareRequest(CALENDAR.id, tuple(one.address for one in people), level), CALENDAR, people)


def _inside(level: PermissionLevel, now: PermissionEntry | None = None) -> PersonPlan:
    return PersonPlan(Standing(BRUNO, Place.INSIDE, NAMED_LEVELS), level, now)


async def _titles(seeing: Seeing, one: PersonPlan) -> list[str]:
    return [each.title for each in (await seeing.planned(_plan(one.level, one), one, DAYS)).entries]


@pytest.mark.parametrize(
    ("level", "titles"),
    [
        (PermissionLevel.FREE_BUSY, ["", ""]),
        (PermissionLevel.FREE_BUSY_DETAILED, ["Budget", ""]),
        (PermissionLevel.REVIEWER, ["Budget", ""]),
        (PermissionLevel.NONE, []),
    ],
)
async def test_a_plan_shows_what_its_level_gives(seeing: Seeing, level: PermissionLevel, titles: list[str]):
    assert await _titles(seeing, _inside(level)) == titles


async def test_a_delegate_who_stays_one_goes_on_seeing_private_items(seeing: Seeing):
    row = replace(entry(person(BRUNO), PermissionLevel.OWNER), delegation=Delegation(private_items=True))
    assert await _titles(seeing, _inside(PermissionLevel.EDITOR, row)) == ["Budget", "Doctor"]
    assert await _titles(seeing, _inside(PermissionLevel.REVIEWER, row)) == ["Budget", ""]


async def test_whom_the_plan_refuses_sees_what_they_see_now(seeing: Seeing):
    row = entry(person(CLARA), PermissionLevel.FREE_BUSY)
    standing = Standing(CLARA, Place.OUTSIDE, (PermissionLevel.FREE_BUSY,))
    assert await _titles(seeing, PersonPlan(standing, PermissionLevel.REVIEWER, row)) == ["", ""]
    assert await _titles(seeing, PersonPlan(standing, PermissionLevel.REVIEWER, None)) == []


async def test_default_counts_for_nobody_outside(seeing: Seeing):
    outside = PersonPlan(Standing(CLARA, Place.OUTSIDE, ()), PermissionLevel.REVIEWER, None)
    inside = PersonPlan(Standing(BRUNO, Place.INSIDE, ()), PermissionLevel.REVIEWER, None)
    assert await _titles(seeing, outside) == []
    assert await _titles(seeing, inside) == ["", ""]
