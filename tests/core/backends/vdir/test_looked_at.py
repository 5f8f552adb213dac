"""Files that are looked at behave like calendars that nobody can change."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.backends.vdir import LookedAtStore
from core.errors import NotFound, Refused
from core.ports.calendars import CalendarKind
from tests.contracts.calendar_store import DAY, make_event

PARIS = ZoneInfo("Europe/Paris")
EVENT = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Example//EN\r
BEGIN:VEVENT\r
UID:one\r
DTSTAMP:20261101T000000Z\r
DTSTART;TZID=Europe/Paris:20261123T120000\r
DTEND;TZID=Europe/Paris:20261123T130000\r
RRULE:FREQ=DAILY\r
SUMMARY:Lunch\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
def looked_at(clock) -> LookedAtStore:
    return LookedAtStore(clock)


async def test_a_file_is_listed_as_a_file(looked_at: LookedAtStore) -> None:
    info = await looked_at.show("Their week", [("one", EVENT)])
    assert [(one.name, one.kind, one.events) for one in await looked_at.calendars()] == [
        ("Their week", CalendarKind.FILE, 1)
    ]
    assert not info.can.write


async def test_its_events_are_seen_and_found(looked_at: LookedAtStore) -> None:
    info = await looked_at.show("Their week", [("one", EVENT)])
    assert [entry.title for entry in await looked_at.entries([info.id], DAY, PARIS)] == ["Lunch"]
    assert [entry.title for entry in await looked_at.search(["lunch"], [info.id], PARIS)] == ["Lunch"]


async def test_series_reach_beyond_the_horizon(looked_at: LookedAtStore) -> None:
    from core.calendar.span import TimeSpan

    info = await looked_at.show("Their week", [("one", EVENT)])
    far = TimeSpan(datetime(2050, 1, 1, tzinfo=PARIS), datetime(2050, 1, 2, tzinfo=PARIS))
    assert len(await looked_at.entries([info.id], far, PARIS)) == 1


async def test_nothing_in_it_can_be_changed(looked_at: LookedAtStore) -> None:
    info = await looked_at.show("Their week", [("one", EVENT)])
    with pytest.raises(Refused):
        await looked_at.put(info.id, make_event(), expected_etag=None)


async def test_it_is_gone_when_it_is_closed(looked_at: LookedAtStore) -> None:
    info = await looked_at.show("Their week", [("one", EVENT)])
    await looked_at.remove(info.id)
    with pytest.raises(NotFound):
        await looked_at.entries([info.id], DAY, PARIS)


async def test_what_it_was_made_of_can_be_kept(looked_at: LookedAtStore) -> None:
    info = await looked_at.show("Their week", [("one", EVENT)])
    assert await looked_at.content(info.id) == [("one", EVENT)]
