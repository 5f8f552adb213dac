"""Index rows as the values that lists and grids show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

from core.calendar.busyness import TAKES_TIME, Loads
from core.calendar.entry import Entry
from core.calendar.event import Attendee, BusyStatus, Moment, Response, Role
from core.calendar.span import DateRange, TimeSpan
from core.index import read
from core.index.database import ALL_DAY, CANCELLED, DAY, PRIVATE, RECURRING
from core.index.scan import FIELD, PERSON, STATUSES

if TYPE_CHECKING:
    from core.index.read import Bounds, Row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_BUSY = tuple(BusyStatus(word) for word in STATUSES)


def bounds_of(span: TimeSpan, zone: tzinfo) -> Bounds:
    """The span for `read.occurrences`: in UTC and on the wall of `zone`, outwards to whole seconds."""
    low, high = (span.start - _EPOCH) // _SECOND, -((_EPOCH - span.end) // _SECOND)
    wall = [moment.astimezone(zone).replace(tzinfo=UTC) - _EPOCH for moment in (span.start, span.end)]
    return low, high, wall[0] // _SECOND, -(-wall[1] // _SECOND)


def bounds_of_days(days: DateRange, zone: tzinfo) -> list[tuple[date, Bounds]]:
    """Each day of a range (not a whole calendar) with its bounds in `zone`, for `looking.days_touched`."""
    assert days.first is not None
    dates = [days.first + timedelta(days=number) for number in range(days.days)]
    return [(day, bounds_of(DateRange(day, day).span(zone), zone)) for day in dates]


def add_up(times: Iterable[tuple[int, int, int, int, int]], days: DateRange, zone: tzinfo) -> Loads:
    """How busy days are, of `looking.times_in`; what `core.calendar.busyness` says of the same entries in `zone`."""
    assert days.first is not None and days.last is not None
    loads, offset = Loads(days.first, days.last), _offsets(zone)
    takes = frozenset(number for number, status in enumerate(_BUSY) if status in TAKES_TIME)
    for start, end, local, status, flags in times:
        if not local:
            start, end = start + offset(start), end + offset(end)  # noqa: PLW2901 - from here on by the wall clock
        loads.add(start, end, status in takes and not flags & CANCELLED)
    return loads


def _offsets(zone: tzinfo) -> Callable[[int], int]:
    """The seconds between UTC and the wall clock of a zone: looked for once a day, but where the clocks change."""
    known: dict[int, int | None] = {}

    def exactly(seconds: int) -> int:
        offset = datetime.fromtimestamp(seconds, UTC).astimezone(zone).utcoffset()
        assert offset is not None
        return offset // _SECOND

    def offset(seconds: int) -> int:
        day = seconds // DAY
        if day not in known:
            first = exactly(day * DAY)
            known[day] = first if first == exactly((day + 1) * DAY) else None
        found = known[day]
        return exactly(seconds) if found is None else found

    return offset


def entry_of(row: Row, calendars: Mapping[int, str], zone: tzinfo) -> Entry:
    """One occurrence; `calendars` maps the index's numbers to ids."""
    flags, rid = row[read.FLAGS], row[read.RID]
    all_day = bool(flags & ALL_DAY)
    return Entry(
        id=f"{row[read.EID]}@{rid}" if rid else row[read.EID],
        uid=row[read.UID],
        calendar=calendars[row[read.CALENDAR]],
        title=row[read.TITLE],
        start=_moment(row[read.START], row[read.LOCAL], all_day, zone),
        end=_moment(row[read.END], row[read.LOCAL], all_day, zone),
        status=_BUSY[row[read.STATUS]],
        all_day=all_day,
        time_zone=row[read.ZONE],
        private=bool(flags & PRIVATE),
        place=row[read.PLACE],
        recurring=bool(flags & RECURRING),
        cancelled=bool(flags & CANCELLED),
        organizer=_person(row[read.ORGANIZER]) if row[read.ORGANIZER] else None,
        attendees=tuple(map(_person, row[read.ATTENDEES].split(PERSON))) if row[read.ATTENDEES] else (),
    )


def in_order(entries: list[Entry], zone: tzinfo) -> list[Entry]:
    """By day and time of the start; all-day entries first on their day."""
    return sorted(entries, key=lambda entry: (*_place(entry.start, zone), entry.title, entry.id))


def _place(start: Moment, zone: tzinfo) -> tuple[int, float]:
    if not isinstance(start, datetime):
        return start.toordinal(), -inf
    local = start if start.tzinfo is zone else start.astimezone(zone)
    return local.toordinal(), start.timestamp()


def _moment(seconds: int, local: int, all_day: bool, zone: tzinfo) -> Moment:
    if all_day:
        return datetime.fromtimestamp(seconds, UTC).date()
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=zone) if local else datetime.fromtimestamp(seconds, zone)


@lru_cache(4096)
def _person(text: str) -> Attendee:
    address, name, role, response = text.split(FIELD)
    return Attendee(address, name, Role(role), Response(response))
