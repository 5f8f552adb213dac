"""What is read out of the index: the same for folders and for files that are looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from datetime import date, tzinfo
from typing import TypeVar

from core.calendar.busyness import Loads
from core.calendar.entry import Entry
from core.calendar.span import DateRange, TimeSpan
from core.index import read
from core.index.entries import add_up, bounds_of, bounds_of_days, entry_of, in_order
from core.index.looking import days_touched, rows_in, times_in
from core.index.update import Index
from core.ports.world import Clock

T = TypeVar("T")


class Reading(ABC):
    """The part of `core.ports.CalendarStore` that the index answers."""

    _clock: Clock

    @abstractmethod
    async def _with_index(self, work: Callable[[Index], T]) -> T: ...

    @abstractmethod
    def _chosen(self, index: Index, calendars: Collection[str]) -> dict[int, str]:
        """Number and id of calendars, as they are now. Raises NotFound."""

    def _seconds(self) -> int:
        return int(self._clock.now().timestamp())

    async def entries(self, calendars: Sequence[str], span: TimeSpan, zone: tzinfo) -> Sequence[Entry]:
        """Occurrences that touch the span, by start."""

        def work(index: Index) -> list[Entry]:
            chosen = self._chosen(index, calendars)
            rows = rows_in(index, chosen, bounds_of(span, zone), self._seconds())
            return in_order([entry_of(row, chosen, zone) for row in rows], zone)

        return await self._with_index(work)

    async def touched(self, calendars: Sequence[str], days: DateRange, zone: tzinfo) -> frozenset[date]:
        """The days on which something is."""

        def work(index: Index) -> frozenset[date]:
            chosen = self._chosen(index, calendars)
            return days_touched(index, chosen, bounds_of_days(days, zone), self._seconds())

        return await self._with_index(work)

    async def load(self, calendars: Sequence[str], days: DateRange, zone: tzinfo) -> Loads:
        """How busy the days are."""

        def work(index: Index) -> Loads:
            chosen = self._chosen(index, calendars)
            times = times_in(index, chosen, bounds_of(days.span(zone), zone), self._seconds())
            return add_up(times, days, zone)

        return await self._with_index(work)

    async def search(self, words: Sequence[str], calendars: Sequence[str], zone: tzinfo) -> Sequence[Entry]:
        """Events in which every word stands, nearest occurrence first."""

        def work(index: Index) -> list[Entry]:
            chosen = self._chosen(index, calendars)
            return [entry_of(row, chosen, zone) for row in read.search(index.db, words, chosen, self._seconds())]

        return await self._with_index(work)
