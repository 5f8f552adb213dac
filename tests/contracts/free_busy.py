"""What every FreeBusySource keeps. A backend's tests give `source` (Alice's) and `colleague` (Bruno's calendars)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import BusyStatus, CalendarObject, Event, Sensitivity
from core.calendar.span import TimeSpan
from core.ports.servers import FreeBusySource, RemoteCalendars

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 23, 12, tzinfo=PARIS)
DAY = TimeSpan(datetime(2026, 11, 23, tzinfo=PARIS), datetime(2026, 11, 24, tzinfo=PARIS))
BRUNO = "bruno@example.org"


async def has(colleague: RemoteCalendars, **changes: object) -> None:
    """Something at noon in Bruno's calendar."""
    event = Event("b@example.org", NOON, NOON + timedelta(hours=1), "Budget", "Room 4")
    calendar = (await colleague.calendars())[0].id
    await colleague.create(calendar, CalendarObject(event.uid, (replace(event, **changes),)), "key")


class FreeBusyContract:
    """The promises of `core.ports.FreeBusySource`, each a test."""

    async def test_each_address_is_answered_in_its_place(self, source: FreeBusySource):
        asked = ["nobody@example.org", BRUNO, "alice@example.org"]
        assert [one.address for one in await source.free_busy(asked, DAY)] == asked

    async def test_of_an_unknown_address_nothing_is_known_and_that_is_said(self, source: FreeBusySource):
        (found,) = await source.free_busy(["nobody@example.org"], DAY)
        assert found.problem
        assert found.blocks == ()

    @pytest.mark.parametrize("status", [s for s in BusyStatus if s is not BusyStatus.FREE])
    async def test_busy_time_comes_with_its_status(self, source, colleague, status: BusyStatus):
        await has(colleague, status=status)
        (found,) = await source.free_busy([BRUNO], DAY)
        assert not found.problem
        assert [(one.span.start, one.span.end, one.status) for one in found.blocks] == [
            (NOON, NOON + timedelta(hours=1), status)
        ]

    async def test_free_time_is_not_called_busy(self, source, colleague):
        await has(colleague, status=BusyStatus.FREE)
        (found,) = await source.free_busy([BRUNO], DAY)
        assert not found.problem
        assert all(one.status is BusyStatus.FREE for one in found.blocks)

    async def test_a_series_is_busy_each_time(self, source, colleague):
        await has(colleague, rrule="FREQ=DAILY;COUNT=5")
        week = TimeSpan(DAY.start, DAY.start + timedelta(days=7))
        (found,) = await source.free_busy([BRUNO], week)
        assert [one.span.start for one in found.blocks] == [NOON + timedelta(days=n) for n in range(5)]

    async def test_who_may_see_times_only_is_told_no_titles(self, source, colleague):
        await has(colleague)
        (found,) = await source.free_busy([BRUNO], DAY)
        assert [(one.title, one.place) for one in found.blocks] == [("", "")]

    async def test_private_time_has_no_title(self, source, colleague):
        await has(colleague, sensitivity=Sensitivity.PRIVATE)
        (found,) = await source.free_busy([BRUNO], DAY)
        assert [one.title for one in found.blocks] == [""]

    async def test_outside_the_span_nothing_is_told(self, source, colleague):
        await has(colleague)
        (found,) = await source.free_busy([BRUNO], TimeSpan(DAY.end, DAY.end + timedelta(days=1)))
        assert (found.blocks, found.problem) == ((), "")
