"""The days of a snapshot, cut into rows as Outlook's daily schedule shows them. Pure.

The rows of a day are a partition: they begin where the day (or its working window) begins, each begins where the one
before it ends, and the last ends where the day ends. Nights on which the clocks change are 23 or 25 hours long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from core.calendar.event import BusyStatus, SharedEvent
from core.calendar.span import DateRange, TimeSpan, WorkingHours
from core.sharing.detail import strongest
from core.sharing.redaction import instant


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
    items: Sequence[Item], days: DateRange, zone: tzinfo, hours: WorkingHours, *, working_hours_only: bool
) -> tuple[DaySchedule, ...]:
    """Every day of the range, in order. With `working_hours_only` the rows cover the working window alone."""
    if days.first is None:
        return ()
    buckets = _buckets(items, days, zone)
    return tuple(
        _day(days.first + timedelta(days=number), bucket, zone, hours, working_hours_only)
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


def _day(day: date, items: Sequence[Item], zone: tzinfo, hours: WorkingHours, only: bool) -> DaySchedule:
    span = _span(day, zone)
    window = hours.on(day, zone)
    work = TimeSpan(window.start.astimezone(UTC), window.end.astimezone(UTC)) if window else None
    strip = tuple(item for item in items if item.event.all_day or item.momentary)
    timed = [item for item in items if not (item.event.all_day or item.momentary)]
    whole = strongest(item.event.status for item in strip if item.event.all_day)
    covered = work if only else span
    rows = _rows(timed, whole, covered, work) if covered else ()
    return DaySchedule(day, span, tuple(items), strip, rows, work is not None)


def _span(day: date, zone: tzinfo) -> TimeSpan:
    start, end = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return TimeSpan(start, end)


def _rows(timed: Sequence[Item], whole: BusyStatus, covered: TimeSpan, work: TimeSpan | None) -> tuple[Row, ...]:
    edges = {covered.start, covered.end}
    edges.update(edge for item in timed for edge in (item.start, item.end))
    edges.update((work.start, work.end) if work else ())
    cuts = sorted(edge for edge in edges if covered.start <= edge <= covered.end)
    rows: list[Row] = []
    for start, end in pairwise(cuts):
        row = _row(start, end, timed, whole, work)
        if rows and _same(rows[-1], row):
            previous = rows.pop()
            row = Row(previous.start, row.end, row.status, row.items, previous.working or row.working)
        rows.append(row)
    return tuple(rows)


def _row(start: datetime, end: datetime, timed: Sequence[Item], whole: BusyStatus, work: TimeSpan | None) -> Row:
    inside = tuple(item for item in timed if item.start < end and item.end > start)
    status = strongest([whole, *(item.event.status for item in inside)])
    return Row(start, end, status, inside, work is not None and work.start <= start and end <= work.end)


def _same(one: Row, other: Row) -> bool:
    """Whether two neighbours read alike and so are one row. Free time is cut where the working hours begin and end."""
    if one.status is not other.status:
        return False
    if not one.items and not other.items:
        return one.working == other.working or one.status is not BusyStatus.FREE
    return one.items == other.items or not any(item.event.title for item in (*one.items, *other.items))
