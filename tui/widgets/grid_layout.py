"""Where events stand in a time grid: entries → blocks in columns and bars in the all-day strip. Pure.

Days are columns, rows are steps of `scale` minutes of wall-clock time. Overlapping events of a day share its width.
What lasts a day or longer is a bar above the hours, as in Outlook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from core.calendar.entry import Entry
from core.values import dataclass

DAY_MINUTES = 24 * 60
NARROW = 3
"""Cells of a day off on which nothing is."""
ROOMY = 16
"""Where every day can have so many cells, none is made narrow."""


class Block(NamedTuple):
    """The part of a timed entry on one day. It stands in `column` of `columns`, and may spread over `span` of them."""

    entry: Entry
    row: int
    rows: int
    column: int = 0
    columns: int = 1
    span: int = 1
    before: bool = False
    """It began on an earlier day."""
    after: bool = False
    """It goes on on the next day."""

    @property
    def end(self) -> int:
        """The row after its last one."""
        return self.row + self.rows


@dataclass(frozen=True, slots=True)
class Bar:
    """An entry in the all-day strip, from the column of `first` to that of `last`."""

    entry: Entry
    first: int
    last: int
    row: int = 0
    before: bool = False
    """It began before the first day that is shown."""
    after: bool = False


@dataclass(frozen=True, slots=True)
class GridLayout:
    """All blocks and bars of the days that are shown."""

    days: tuple[date, ...]
    scale: int = 30
    blocks: tuple[tuple[Block, ...], ...] = ()
    bars: tuple[Bar, ...] = ()
    bar_rows: int = field(default=0)

    @property
    def rows(self) -> int:
        """Rows of a whole day."""
        return DAY_MINUTES // self.scale

    def blocks_at(self, day: int, row: int) -> tuple[Block, ...]:
        """The blocks that cover a row, from left to right."""
        return tuple(block for block in self.blocks[day] if block.row <= row < block.end) if self.blocks else ()

    def bars_on(self, day: int) -> tuple[Bar, ...]:
        """The bars that cover a day, from top to bottom."""
        return tuple(bar for bar in self.bars if bar.first <= day <= bar.last)


def edges(width: int, narrow: Sequence[bool]) -> tuple[int, ...]:
    """First cells of columns over `width` cells, and the end of the last one.

    Narrow ones give way when space is short.
    """
    count = len(narrow)
    if width >= ROOMY * count or all(narrow) or not any(narrow):
        return tuple(number * width // max(1, count) for number in range(count + 1))
    wide = count - sum(narrow)
    room = max(0, width - NARROW * sum(narrow))
    starts, passed, x = [0], 0, 0
    for is_narrow in narrow:
        passed += not is_narrow
        x += NARROW if is_narrow else passed * room // wide - (passed - 1) * room // wide
        starts.append(min(x, width))
    return tuple(starts)


def arrange(entries: Iterable[Entry], days: Sequence[date], scale: int) -> GridLayout:
    """Lay out what touches the days; `scale` is minutes a row and divides an hour."""
    numbers = {day: number for number, day in enumerate(days)}
    timed: list[list[Block]] = [[] for _day in days]
    bars: list[Bar] = []
    for entry in entries:
        if _is_bar(entry):
            bars.extend(_bar(entry, days))
        else:
            for number, block in _parts(entry, numbers, scale):
                timed[number].append(block)
    placed = _stack(bars)
    rows = max((bar.row + 1 for bar in placed), default=0)
    return GridLayout(tuple(days), scale, tuple(tuple(_columns(day)) for day in timed), tuple(placed), rows)


def _is_bar(entry: Entry) -> bool:
    start, end = entry.start, entry.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        return _wall(end) - _wall(start) >= timedelta(days=1)
    return True


def _wall(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _bar(entry: Entry, days: Sequence[date]) -> list[Bar]:
    first, last = _first_day(entry), _last_day(entry)
    touched = [number for number, day in enumerate(days) if first <= day <= last]
    if not touched:
        return []
    return [Bar(entry, touched[0], touched[-1], before=first < days[0], after=last > days[-1])]


def _first_day(entry: Entry) -> date:
    return entry.start.date() if isinstance(entry.start, datetime) else entry.start


def _last_day(entry: Entry) -> date:
    """The last day that it touches: the end is exclusive, midnight belongs to the day before."""
    end = entry.end
    if isinstance(end, datetime):
        touched = end.date() if _minute(end) else end.date() - timedelta(days=1)
    else:
        touched = end - timedelta(days=1)
    return max(touched, _first_day(entry))


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


def _parts(entry: Entry, numbers: Mapping[date, int], scale: int) -> Iterable[tuple[int, Block]]:
    """The block of each shown day that a timed entry touches; `numbers` are the columns of the days."""
    start, end = entry.start, entry.end
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return
    first, last = start.date(), _last_day(entry)
    for day in (first,) if first == last else (day for day in numbers if first <= day <= last):
        if day in numbers:
            begin = _minute(start) if day == first else 0
            finish = _minute(end) if day == end.date() else DAY_MINUTES
            row = begin // scale
            rows = max(1, -(-finish // scale) - row)
            yield numbers[day], Block(entry, row, rows, before=day > first, after=day < last)


def _stack(bars: list[Bar]) -> list[Bar]:
    """A row for each bar: the first one that is free over its days; long bars first."""
    taken: list[set[int]] = []
    placed: list[Bar] = []
    for bar in sorted(bars, key=lambda b: (b.first, -b.last, b.entry.title, b.entry.id)):
        columns = set(range(bar.first, bar.last + 1))
        row = next((n for n, used in enumerate(taken) if not used & columns), len(taken))
        if row == len(taken):
            taken.append(set())
        taken[row] |= columns
        placed.append(replace(bar, row=row))
    return placed


def _columns(blocks: list[Block]) -> list[Block]:
    """Blocks that overlap, directly or through others, share the width of the day."""
    ordered = sorted(blocks, key=lambda b: (b.row, -b.rows, b.entry.title, b.entry.id))
    result: list[Block] = []
    cluster: list[Block] = []
    reach = -1
    for block in ordered:
        if cluster and block.row >= reach:
            result.extend(_spread(cluster))
            cluster = []
        cluster.append(block)
        reach = block.end if len(cluster) == 1 else max(reach, block.end)
    return result + _spread(cluster)


def _spread(cluster: list[Block]) -> list[Block]:
    ends: list[int] = []
    columns: list[int] = []
    taken: dict[int, int] = {}
    """The rows of a column on which something stands, a bit each."""
    for block in cluster:
        column = next((n for n, end in enumerate(ends) if end <= block.row), len(ends))
        if column == len(ends):
            ends.append(0)
        ends[column] = block.end
        columns.append(column)
        taken[column] = taken.get(column, 0) | _rows(block)
    count = len(ends)
    if count == 1:
        return cluster
    return [
        Block(b.entry, b.row, b.rows, column, count, _room(b, column, taken, count), b.before, b.after)
        for b, column in zip(cluster, columns, strict=True)
    ]


def _rows(block: Block) -> int:
    """The rows of a block, a bit each."""
    return ((1 << block.rows) - 1) << block.row


def _room(block: Block, column: int, taken: Mapping[int, int], count: int) -> int:
    """How many columns to the right are free for the whole of the block, its own among them."""
    rows = _rows(block)
    return next((other for other in range(column + 1, count) if taken[other] & rows), count) - column
