"""A moment in which a dialog that opened by itself ignores keys.

Somebody who is typing when a dialog appears has not meant it: the next Enter or letter would answer a question that
was not yet read. (A habit learned from Charm's crush.)
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from textual import events

if TYPE_CHECKING:
    from textual.screen import Screen

    _Base = Screen[Any]
else:
    _Base = object  # a style sheet's type selectors follow the first base that is a screen: that must be the dialog

SECONDS = 0.35
"""About the time that one needs to see that something else is on the screen."""


class Grace(_Base):
    """Mix in before the screen's base: keys in the first `SECONDS` after it is shown go nowhere."""

    _shown_at: float | None = None

    def on_screen_resume(self) -> None:
        """The moment it can be seen; coming back from a dialog above is no surprise."""
        if self._shown_at is None:
            self._shown_at = monotonic()

    @property
    def in_grace(self) -> bool:
        """Whether keys are still ignored."""
        return self._shown_at is None or monotonic() - self._shown_at < SECONDS

    def _forward_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and self.in_grace:
            event.stop()
            event.prevent_default()
            return
        super()._forward_event(event)
