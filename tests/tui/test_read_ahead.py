"""The next page: read before somebody turns to it, and never shown where something changed meanwhile."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from core.errors import StorageError
from tui import read_ahead
from tui.read_ahead import ReadAhead
from tui.widgets.calendar_pane import Shown
from tui.widgets.periods import ViewKind
from tui.workspace import Place

WEEK = Place("local/home", ViewKind.WEEK, date(2026, 12, 7))
HOME = ("local/home",)


class Reader:
    """Counts what is read; `failure` is raised instead."""

    def __init__(self) -> None:
        self.asked: list[tuple[Place, tuple[str, ...]]] = []
        self.failure: Exception | None = None

    async def __call__(self, place: Place, calendars: tuple[str, ...]) -> Shown:
        await asyncio.sleep(0)
        self.asked.append((place, calendars))
        if self.failure:
            raise self.failure
        return Shown(None, place.kind, (place.anchor,), (), note=str(len(self.asked)))


async def begun(ahead: ReadAhead) -> asyncio.Future[None]:
    """Reading ahead of the week, under way."""
    looking = asyncio.ensure_future(ahead.look([(WEEK, HOME)]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return looking


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setattr(read_ahead, "QUIET", 0.0)
    return Reader()


async def test_a_page_that_was_read_ahead_is_not_read_again(read: Reader):
    ahead = ReadAhead(read)
    await ahead.look([(WEEK, HOME)])
    assert (await ahead.shown(WEEK, HOME)).days == (WEEK.anchor,)
    assert len(read.asked) == 1


async def test_what_was_read_is_told_at_once_so_that_it_can_be_painted(read: Reader):
    told: list[tuple[int, Shown]] = []
    month = Place("local/home", ViewKind.MONTH, date(2026, 12, 7))
    await ReadAhead(read).look([(month, HOME), (WEEK, HOME)], lambda number, shown: told.append((number, shown)))
    assert [(number, shown.days) for number, shown in told] == [(1, (WEEK.anchor,))]


async def test_what_could_not_be_read_is_told_to_nobody(read: Reader):
    told: list[int] = []
    read.failure = StorageError("down")
    await ReadAhead(read).look([(WEEK, HOME)], lambda number, _shown: told.append(number))
    assert told == []


async def test_it_counts_once(read: Reader):
    ahead = ReadAhead(read)
    await ahead.look([(WEEK, HOME)])
    assert [(await ahead.shown(WEEK, HOME)).note for _time in range(2)] == ["1", "2"]


@pytest.mark.parametrize(
    ("place", "calendars"),
    [
        (Place("local/home", ViewKind.WEEK, date(2026, 12, 14)), HOME),
        (Place("local/home", ViewKind.DAY, date(2026, 12, 7)), HOME),
        (WEEK, ("local/home", "local/work")),
    ],
)
async def test_another_page_is_read_when_it_is_asked_for(read: Reader, place: Place, calendars: tuple[str, ...]):
    ahead = ReadAhead(read)
    await ahead.look([(WEEK, HOME)])
    assert (await ahead.shown(place, calendars)).note == "2"


async def test_after_a_change_it_is_read_again(read: Reader):
    ahead = ReadAhead(read)
    await ahead.look([(WEEK, HOME)])
    ahead.forget()
    assert (await ahead.shown(WEEK, HOME)).note == "2"


async def test_what_was_being_read_while_something_changed_is_not_shown(read: Reader):
    ahead = ReadAhead(read)
    looking = await begun(ahead)
    ahead.forget()
    await looking
    assert (await ahead.shown(WEEK, HOME)).note == "2"


async def test_after_some_seconds_it_is_read_again(read: Reader, monkeypatch: pytest.MonkeyPatch):
    ahead = ReadAhead(read)
    await ahead.look([(WEEK, HOME)])
    late = read_ahead.monotonic() + read_ahead.FRESH
    monkeypatch.setattr(read_ahead, "monotonic", lambda: late)
    assert (await ahead.shown(WEEK, HOME)).note == "2"


async def test_months_are_not_read_ahead_because_a_key_would_wait_for_them(read: Reader):
    await ReadAhead(read).look([(Place("local/home", ViewKind.MONTH, WEEK.anchor), HOME)])
    assert read.asked == []


async def test_what_went_wrong_is_told_to_whoever_asks(read: Reader):
    ahead = ReadAhead(read)
    read.failure = StorageError("no room")
    looking = await begun(ahead)
    with pytest.raises(StorageError, match="no room"):
        await ahead.shown(WEEK, HOME)
    await looking


async def test_what_went_wrong_before_anybody_asked_is_tried_again(read: Reader):
    ahead = ReadAhead(read)
    read.failure = StorageError("no room")
    await ahead.look([(WEEK, HOME)])
    read.failure = None
    assert (await ahead.shown(WEEK, HOME)).note == "2"


async def test_a_key_that_goes_elsewhere_does_not_stop_the_reading_that_another_waits_for(read: Reader):
    ahead = ReadAhead(read)
    looking = await begun(ahead)
    looking.cancel()
    assert (await ahead.shown(WEEK, HOME)).note == "1"


async def test_one_page_is_read_ahead_at_a_time_however_fast_somebody_turns(read: Reader):
    most = now = 0

    async def slow(place: Place, calendars: tuple[str, ...]) -> Shown:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        return await read(place, calendars)

    ahead = ReadAhead(slow)
    looking = await begun(ahead)
    looking.cancel()
    await ahead.look([(WEEK, HOME)])
    assert most == 1
