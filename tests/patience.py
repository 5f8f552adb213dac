"""How long something takes at best, on a machine that does other things too.

What others do on it only ever adds to a time, so the shortest of a few attempts is the nearest to what the program
needs, and the one that a promise is held against.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

CANCEL = 0.3
"""Seconds in which whoever cancels something has his keys back."""


async def cancelled_within(
    begin: Callable[[], Awaitable[object]],
    settle: float = 0.1,
    seconds: float = CANCEL,
    attempts: int = 5,
) -> BaseException | None:
    """Begin it, cancel it after `settle` seconds; fails if none of the attempts is over in time.

    Gives what the last attempt ended with: CancelledError, or an error of ours.
    """
    times: list[float] = []
    for _attempt in range(attempts):
        task = asyncio.ensure_future(begin())
        await asyncio.sleep(settle)
        assert not task.done(), "it was over before it could be cancelled"
        before = time.monotonic()
        task.cancel()
        await asyncio.wait([task])
        times.append(time.monotonic() - before)
        ended = asyncio.CancelledError() if task.cancelled() else task.exception()
        if times[-1] < seconds:
            return ended
    raise AssertionError(f"cancelled after {[round(one, 2) for one in times]} seconds")
