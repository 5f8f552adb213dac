"""The days of a snapshot, cut into rows as Outlook's daily schedule shows them. Pure.

The rows of a day are a partition: they begin where the day (or its working window) begins, each begins where the one
before it ends, and the last ends where the day ends. Nights on which the clocks change are 23 or 25 hours long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from core.calendar.event import BusyStatus, SharedEvent
from core.calendar.span import DateRange, TimeSpan, WorkingHours
from core.sharing.detail import strongest
from core.sharing.redaction import instant
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """A shared event as it stands in a day; `start` and `end` are UTC instants of the whole event."""

    event: SharedEvent
    start: datetime
    end: datetime
    number: int
    """Its place among all items of the snapshot, from 1: the day's rows and its details refer to each other by it."""

    @property
    def momentary(self) -> bool:
        """Whether it takes no time."""
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a day's schedule: UTC instants, the status of this time, and the timed items that lie in it."""

    start: datetime
    end: datetime
    status: BusyStatus
    items: tuple[Item, ...] = ()
    working: bool = True
    """False: outside of working hours."""


@dataclass(frozen=True, slots=True)
class DaySchedule:
    """A day: `strip` holds what has no rows (whole days, moments), `items` everything that touches the day."""

    day: date
    span: TimeSpan
    """UTC instants of its two midnights."""
    items: tuple[Item, ...]
    strip: tuple[Item, ...]
    rows: tuple[Row, ...]
    works: bool
    """Whether it is a working day."""


def number_items(events: Iterable[SharedEvent], zone: tzinfo) -> tuple[Item, ...]:
    """The events, numbered in the order given."""
    return tuple(Item(e, instant(e.start, zone), instant(e.end, zone), n) for n, e in enumerate(events, 1))


def day_schedules(
    items: Sequence[Item],
    days: DateRange,
    zone: tzinfo,
    hours: WorkingHours,
    *,
    working_hours_only: bool,
    hours_zone: tzinfo | None = None,
) -> tuple[DaySchedule, ...]:
    """Every day of the range, in order. With `working_hours_only` the rows cover the working time alone.

    `hours_zone` is the zone of the working hours, where days are shown in another: a day may then hold the end of one
    working day and the beginning of the next.
    """
    if days.first is None:
        return ()
    buckets = _buckets(items, days, zone)
    return tuple(
        _day(days.first + timedelta(days=number), bucket, zone, _Work(hours, hours_zone or zone, working_hours_only))
        for number, bucket in enumerate(buckets)
    )


def _buckets(items: Sequence[Item], days: DateRange, zone: tzinfo) -> list[list[Item]]:
    first = days.first or date.min
    buckets: list[list[Item]] = [[] for _number in range(days.days)]
    for item in items:
        last = item.start if item.momentary else item.end - timedelta(microseconds=1)
        begin, finish = ((moment.astimezone(zone).date() - first).days for moment in (item.start, last))
        for number in range(max(0, begin), min(days.days - 1, finish) + 1):
            buckets[number].append(item)
    return buckets


@dataclass(frozen=True, slots=True)
class _Work:
    """Somebody's working hours; with `only`, nothing outside them is shown."""

    hours: WorkingHours
    zone: tzinfo
    only: bool

    def inside(self, span: TimeSpan) -> list[TimeSpan]:
        """The working time within a span."""
        first = span.start.astimezone(self.zone).date()
        windows = [self.hours.on(first + timedelta(days=number), self.zone) for number in range(3)]
        cut = [
            (max(one.start.astimezone(UTC), span.start), min(one.end.astimezone(UTC), span.end))
            for one in windows
            if one is not None
        ]
        return [TimeSpan(start, end) for start, end in cut if start < end]


def _day(day: date, items: Sequence[Item], zone: tzinfo, working: _Work) -> DaySchedule:
    span = _span(day, zone)
    work = working.inside(span)
    strip = tuple(item for item in items if item.event.all_day or item.momentary)
    timed = [item for item in items if not (item.event.all_day or item.momentary)]
    whole = strongest(item.event.status for item in strip if item.event.all_day)
    covered = work if working.only else [span]
    rows = tuple(row for piece in covered for row in _rows(timed, whole, piece, work))
    return DaySchedule(day, span, tuple(items), strip, rows, bool(work))


def _span(day: date, zone: tzinfo) -> TimeSpan:
    start, end = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return TimeSpan(start, end)


def _rows(timed: Sequence[Item], whole: BusyStatus, covered: TimeSpan, work: Sequence[TimeSpan]) -> tuple[Row, ...]:
    edges = {covered.start, covered.end}
    edges.update(edge for item in timed for edge in (item.start, item.end))
    edges.update(edge for window in work for edge in (window.start, window.end))
    cuts = sorted(edge for edge in edges if covered.start <= edge <= covered.end)
    rows: list[Row] = []
    for start, end in pairwise(cuts):
        row = _row(start, end, timed, whole, work)
        if rows and _same(rows[-1], row):
            previous = rows.pop()
            row = Row(previous.start, row.end, row.status, row.items, previous.working or row.working)
        rows.append(row)
    return tuple(rows)


def _row(start: datetime, end: datetime, timed: Sequence[Item], whole: BusyStatus, work: Sequence[TimeSpan]) -> Row:
    inside = tuple(item for item in timed if item.start < end and item.end > start)
    status = strongest([whole, *(item.event.status for item in inside)])
    return Row(start, end, status, inside, any(one.start <= start and end <= one.end for one in work))


def _same(one: Row, other: Row) -> bool:
    """Whether two neighbours read alike and so are one row. Free time is cut where the working hours begin and end."""
    if one.status is not other.status:
        return False
    if not one.items and not other.items:
        return one.working == other.working or one.status is not BusyStatus.FREE
    return one.items == other.items or not any(item.event.title for item in (*one.items, *other.items))
