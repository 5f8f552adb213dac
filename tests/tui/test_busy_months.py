"""Busy days of months: read once, around the shown one beforehand, and anew after a change."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from tui import busy_months
from tui.busy_months import BusyMonths

NOVEMBER = date(2026, 11, 1)
BOTH = ("local/home", "local/work")


@pytest.fixture
def reader(monkeypatch):
    monkeypatch.setattr(busy_months, "QUIET", 0.0)
    asked: list[date] = []

    async def read(month: date, _calendars: tuple[str, ...]) -> frozenset[date]:
        asked.append(month)
        return frozenset({month})

    return BusyMonths(read), asked


async def test_a_month_is_read_once(reader):
    months, asked = reader
    for _time in range(2):
        assert await months.days(NOVEMBER, BOTH) == {NOVEMBER}
    assert asked == [NOVEMBER]


async def test_other_calendars_are_another_month(reader):
    months, asked = reader
    await months.days(NOVEMBER, BOTH)
    await months.days(NOVEMBER, BOTH[:1])
    assert len(asked) == 2


async def test_the_months_around_are_known_before_somebody_goes_there(reader):
    months, asked = reader
    await months.read_around(NOVEMBER, BOTH)
    assert set(asked) == {date(2026, 12, 1), date(2026, 10, 1)}
    assert months.known(date(2026, 12, 1), BOTH) is not None


async def test_after_a_change_everything_is_read_again(reader):
    months, asked = reader
    await months.days(NOVEMBER, BOTH)
    months.forget()
    await months.days(NOVEMBER, BOTH)
    assert len(asked) == 2


async def test_what_was_being_read_while_something_changed_is_not_remembered(monkeypatch):
    begun, go = asyncio.Event(), asyncio.Event()

    async def read(month: date, _calendars: tuple[str, ...]) -> frozenset[date]:
        begun.set()
        await go.wait()
        return frozenset({month})

    months = BusyMonths(read)
    task = asyncio.create_task(months.days(NOVEMBER, BOTH))
    await begun.wait()
    months.forget()
    go.set()
    await task
    assert months.known(NOVEMBER, BOTH) is None


async def test_no_more_months_are_kept_than_one_looks_at(reader):
    months, _asked = reader
    for year in range(2000, 2000 + busy_months.KEPT + 5):
        await months.days(date(year, 1, 1), BOTH)
    assert months.known(date(2000, 1, 1), BOTH) is None
    assert len(months._known) == busy_months.KEPT
