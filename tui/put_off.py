"""Pictures that nobody can look at, because the next key is there already."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.timer import Timer

    from tui.typed_ahead import TypedAhead

SOON = 0.1
"""Seconds for which a picture is put off at most while keys wait: who holds a key down sees where it leads."""


class PutOff:
    """What is shown when the last key that waited has done what it does, or after a moment."""

    def __init__(self, app: App[Any], typed: TypedAhead) -> None:
        self._app, self._typed = app, typed
        self._shows: dict[Callable[[], None], None] = {}
        self._timer: Timer | None = None

    @property
    def due(self) -> bool:
        """Whether to put pictures off now."""
        return self._typed.waiting

    def add(self, show: Callable[[], None]) -> None:
        """Call this once, soon."""
        self._shows[show] = None
        if self._timer is None:
            self._timer = self._app.set_timer(SOON, self.now)

    def drop(self, show: Callable[[], None]) -> None:
        """It was shown meanwhile."""
        self._shows.pop(show, None)

    def now(self) -> None:
        """Show everything that was put off, in the order in which it was."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        while self._shows:
            show = next(iter(self._shows))
            del self._shows[show]
            show()
