"""Progress of long work on the command line: still lines on a terminal's standard error, no animation.

A line is written only where a second has passed since the last one, so that short work says nothing; a terminal over
SSH gets a line a second at the most.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from core.errors import Cancelled
from core.language import _
from tui.text import clean


class StillProgress:
    """A `core.ports.Progress` that writes lines."""

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic, every: float = 1.0
    ) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._every = every
        self._last = clock()
        self._shown = self._stream.isatty()
        self._stopped = False

    def stop(self) -> None:
        """Ctrl-C: the next report raises Cancelled, which ends work that runs in a thread."""
        self._stopped = True

    def __call__(self, done: int, total: int, what: str) -> None:
        """Write how far it is, if it is time to. Raises Cancelled after `stop`."""
        if self._stopped:
            raise Cancelled(_("Stopped; nothing half done."))
        now = self._clock()
        if not self._shown or now - self._last < self._every:
            return
        self._last = now
        if total:
            text = _("{what}: {done} of {total}").format(what=what, done=done, total=total)
        else:
            text = _("{what}: {done}").format(what=what, done=done)
        self._stream.write(clean(text) + "\n")
        self._stream.flush()
