"""A moment in which a dialog that opened by itself ignores keys.

Somebody who is typing when a dialog appears has not meant it: the next Enter or letter would answer a question that
was not yet read. (A habit learned from Charm's crush.)
"""

from __future__ import annotations

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
    """Mix in before the screen's base: keys in the first `SECONDS` after it is shown go nowhere.

    Until then nothing has the focus, so that keys reach the screen, which drops them.
    """

    _in_grace = False
    _wanted_focus: str | None = None
    _seen = False

    def on_screen_resume(self) -> None:
        """The moment it can be seen; coming back from a dialog above is no surprise."""
        if self._seen or SECONDS <= 0:
            return
        self._seen = self._in_grace = True
        self._wanted_focus = self.AUTO_FOCUS
        self.AUTO_FOCUS = ""  # type: ignore[misc]
        self.set_focus(None)
        self.set_timer(SECONDS, self.end_grace)

    def end_grace(self) -> None:
        """From now on keys count, and what should have the focus gets it."""
        if not self._in_grace:
            return
        self._in_grace = False
        self.AUTO_FOCUS = self._wanted_focus  # type: ignore[misc]
        if self.focused is None:
            focusable = (widget for widget in self.query(self.AUTO_FOCUS or "*") if widget.focusable)
            self.set_focus(next(focusable, None))

    def _forward_event(self, event: events.Event) -> None:
        if self._in_grace and isinstance(event, events.Key):
            event.stop()
            event.prevent_default()
            return
        super()._forward_event(event)
