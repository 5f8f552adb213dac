"""Entries of one week, written briefly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus

MONDAY = date(2026, 11, 16)
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def week() -> tuple[date, ...]:
    return tuple(MONDAY + timedelta(days=number) for number in range(7))


@pytest.fixture
def at() -> Callable[..., Entry]:
    """`at(day, 9, 10.5, "Title")`: an event on that day of the week, hours as numbers."""

    def make(day: int, start: float, end: float, title: str = "Event", status=BusyStatus.BUSY, **more) -> Entry:
        begin = datetime.combine(MONDAY + timedelta(days=day), time(), PARIS)
        first, last = (begin + timedelta(minutes=round(hour * 60)) for hour in (start, end))
        identity = more.pop("id", f"{title}-{day}-{start}")
        return Entry(identity, title, "local/calendar", title, first, last, status, **more)

    return make


@pytest.fixture
def whole_days() -> Callable[..., Entry]:
    """`whole_days(1, 3, "Title")`: all-day from the first to the last day, both included."""

    def make(first: int, last: int, title: str = "Days", **more) -> Entry:
        start, end = MONDAY + timedelta(days=first), MONDAY + timedelta(days=last + 1)
        return Entry(title, title, "local/calendar", title, start, end, BusyStatus.FREE, all_day=True, **more)

    return make
