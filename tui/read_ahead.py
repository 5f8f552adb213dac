"""What the next turn of the pages will show, read while nobody waits for anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from time import monotonic

from tui.widgets.calendar_pane import Shown
from tui.widgets.periods import ViewKind
from tui.workspace import Place

Wish = tuple[Place, tuple[str, ...]]
"""What a pane is meant to show, and the calendars in it."""

QUIET = 0.12
"""Seconds without another turn before the next one is read ahead."""
FRESH = 10.0
"""Seconds for which it counts: what is on the screen is compared with the files no more often than that."""
_FEW_DAYS = frozenset((ViewKind.DAY, ViewKind.WORK_WEEK, ViewKind.WEEK, ViewKind.NEXT_7_DAYS))
"""Views that are read ahead. A key that waits for the index waits for one of them at most."""


class ReadAhead:
    """Reads what panes show (`read`), some of it before it is asked for."""

    def __init__(self, read: Callable[[Place, tuple[str, ...]], Awaitable[Shown]]) -> None:
        self._read = read
        self._begun: dict[tuple[ViewKind, date, tuple[str, ...]], tuple[float, asyncio.Future[Shown]]] = {}
        self._last: asyncio.Future[Shown] | None = None

    async def shown(self, place: Place, calendars: tuple[str, ...]) -> Shown:
        """What a place shows. Raises what reading raises."""
        when, ahead = self._begun.pop((place.kind, place.anchor, calendars), (0.0, None))
        if ahead is not None and monotonic() - when < FRESH and not _failed(ahead):
            return await asyncio.shield(ahead)
        return await self._read(place, calendars)

    async def look(self, wishes: Sequence[Wish], seen: Callable[[int, Shown], None] | None = None) -> None:
        """After a moment of quiet: read what the next turn will ask for, in place of what was read ahead before.

        `seen` is told the number of each wish and what it shows.
        """
        await asyncio.sleep(QUIET)
        if self._last is not None:  # of an earlier look, which ended before it: one at a time
            await asyncio.wait((self._last,))
        self.forget()
        for number, (place, calendars) in enumerate(wishes):
            if place.kind in _FEW_DAYS:
                ahead = self._last = asyncio.ensure_future(self._read(place, calendars))
                self._begun[place.kind, place.anchor, calendars] = (monotonic(), ahead)
                ahead.add_done_callback(_heard)
                await asyncio.wait((ahead,))
                if seen is not None and not _failed(ahead):
                    seen(number, ahead.result())

    def forget(self) -> None:
        """Something changed."""
        self._begun.clear()


def _failed(ahead: asyncio.Future[Shown]) -> bool:
    """What went wrong while nobody waited may go right now."""
    return ahead.done() and (ahead.cancelled() or ahead.exception() is not None)


def _heard(ahead: asyncio.Future[Shown]) -> None:
    """Whoever waits for it is told what went wrong; where nobody waits it does not matter."""
    if not ahead.cancelled():
        ahead.exception()
