"""How busy days are: the minutes that events take, whatever overlaps counted once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import NamedTuple

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus

TAKES_TIME = frozenset({BusyStatus.BUSY, BusyStatus.TENTATIVE, BusyStatus.OUT_OF_OFFICE})
"""Working elsewhere is working: it blocks nothing (`core.calendar.freetime`)."""
MINUTE, DAY = 60, 86_400
_DAY_MINUTES = 1440
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock
_FIRST = date(1970, 1, 1).toordinal()


class DayLoad(NamedTuple):
    """A day: minutes taken by events that take a part of it, whether one takes all of it, how many events touch it."""

    minutes: int = 0
    whole: bool = False
    events: int = 0


class Loads:
    """Adds up events, told by their seconds since 1970 on the wall clock, over the days from `first` to `last`."""

    def __init__(self, first: date, last: date) -> None:
        self._first, self._last = first.toordinal() - _FIRST, last.toordinal() - _FIRST
        self._taken: dict[int, int] = {}
        """A bit for each minute of a day: a hundred thousand events need no more room than ten."""
        self._whole: set[int] = set()
        self._events: dict[int, int] = {}

    def add(self, start: int, end: int, takes_time: bool) -> None:
        """An event on each day that it touches; midnight at its end belongs to the day before."""
        begun = start // DAY
        day = max(begun, self._first)
        while day <= self._last:
            midnight = day * DAY
            begin, finish = max(start, midnight), min(end, midnight + DAY)
            if finish < begin or (finish == begin and (start != begin or day > begun)):
                return
            self._events[day] = self._events.get(day, 0) + 1
            if takes_time:
                first, behind = (begin - midnight) // MINUTE, (finish - midnight) // MINUTE
                if behind - first >= _DAY_MINUTES:
                    self._whole.add(day)
                else:
                    self._taken[day] = self._taken.get(day, 0) | ((1 << (behind - first)) - 1) << first
            day += 1

    def take_in(self, others: Loads) -> None:
        """Add what others added up over the same days."""
        self._whole |= others._whole
        for day, taken in others._taken.items():
            self._taken[day] = self._taken.get(day, 0) | taken
        for day, events in others._events.items():
            self._events[day] = self._events.get(day, 0) + events

    def result(self) -> dict[date, DayLoad]:
        """The days on which something is."""
        return {
            date.fromordinal(day + _FIRST): DayLoad(self._taken.get(day, 0).bit_count(), day in self._whole, events)
            for day, events in self._events.items()
        }


def loads_of(entries: Iterable[Entry], first: date, last: date) -> Mapping[date, DayLoad]:
    """The days from `first` to `last` on which entries are, as their clocks say."""
    loads = Loads(first, last)
    for entry in entries:
        loads.add(_wall(entry.start), _wall(entry.end), entry.status in TAKES_TIME and not entry.cancelled)
    return loads.result()


def _wall(moment: date) -> int:
    naive = moment.replace(tzinfo=None) if isinstance(moment, datetime) else datetime.combine(moment, time())
    since = naive - _EPOCH
    return since.days * DAY + since.seconds
