"""The busy days of the months below the list of calendars: read once, the months around them when nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

from tui.widgets.periods import ViewKind, turned

Shown = tuple[str, ...]
"""The calendars whose events count, sorted."""
Read = Callable[[date, Shown], Awaitable[frozenset[date]]]

KEPT = 40
"""Months that are remembered."""
QUIET = 0.12
"""Seconds without another month before those around it are read."""


class BusyMonths:
    """Days by month and calendars, until something changes."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: dict[tuple[date, Shown], frozenset[date]] = {}
        self._round = 0

    def forget(self) -> None:
        """Something changed: what is being read now does not count either."""
        self._known.clear()
        self._round += 1

    def known(self, month: date, calendars: Shown) -> frozenset[date] | None:
        """The busy days, if they were read."""
        return self._known.get((month, calendars))

    async def days(self, month: date, calendars: Shown) -> frozenset[date]:
        """The busy days of a month (its first day), read where they are not known."""
        key, begun = (month, calendars), self._round
        found = self._known.get(key)
        if found is None:
            found = await self._read(month, calendars)
            if begun == self._round:
                while len(self._known) >= KEPT:
                    del self._known[next(iter(self._known))]
                self._known[key] = found
        return found

    async def read_around(self, month: date, calendars: Shown) -> None:
        """After a moment of quiet: the months that the next key may lead to."""
        await asyncio.sleep(QUIET)
        for steps in (1, -1):
            await self.days(turned(ViewKind.MONTH, month, steps), calendars)
