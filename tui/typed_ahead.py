"""Keys in the order in which they were typed, however fast: each counts once the one before has done what it does.

Textual gives a key to the queue of the widget with the focus, but runs priority bindings and moves the focus at once:
F9 overtakes the letters of a title that are still in the queue, and the first letters for a dialog that is about to
open are run as commands of the screen below it. So a key waits while

- the key before is still on its way: a message follows it through the same queues and comes back behind it;
- a command that opens a dialog has not opened it, or has not done yet what was said there;
- the screen on top has not given the focus to anything yet.

Nothing waits for ever: after `LOST` or `SLOW` seconds keys go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from textual.message import Message
from textual.worker import WorkerState

if TYPE_CHECKING:
    from textual.app import App
    from textual.events import Event
    from textual.screen import Screen
    from textual.timer import Timer
    from textual.widget import Widget
    from textual.worker import Worker

LOST = 2.0
"""Seconds after which a key that has not come to its end keeps no other waiting."""
SLOW = 10.0
"""Seconds in which a command has to open its dialog; what was typed for it is thrown away then, not run as commands."""
AFTERWARDS = 1.0
"""Seconds in which a command does what was said in its dialog before keys go on without it."""
UNFOCUSED = 0.5
"""Seconds in which a new screen gives the focus to something."""
_AGAIN = 0.01
_AT_ONCE = frozenset(("ctrl+c", "ctrl+q"))
"""Keys that end the program never wait."""


class TypedThrough(Message):
    """Follows a key through the queues of the widgets that may want it."""

    def __init__(self, number: int, turn: int) -> None:
        super().__init__()
        self.number, self.turn = number, turn


class TypedAhead:
    """Keeps what was typed until it may count. `pass_on` handles one key or paste as the app does."""

    def __init__(self, app: App[Any], pass_on: Callable[[Event], Awaitable[None]]) -> None:
        self._app, self._pass_on = app, pass_on
        self._kept: deque[Event] = deque()
        self._number = 0
        self._way: tuple[Widget, float] | None = None
        """Where the last key went, and when, until it has come to its end."""
        self._opening: tuple[Worker[Any], Screen[Any], float | None, bool] | None = None
        """The command, the screen below, since when that is waited for, and whether something was opened already."""
        self._new: tuple[Screen[Any], float] | None = None
        self._ready: WeakSet[Screen[Any]] = WeakSet()
        self._timer: Timer | None = None
        self._busy = False

    def opens(self, worker: Worker[Any], screen: Screen[Any]) -> None:
        """A command that opens something above this screen has begun: what comes now is typed for that."""
        self._opening = (worker, screen, monotonic(), False)

    async def take(self, event: Event) -> None:
        """Handle something typed, now or when it is its turn."""
        if getattr(event, "key", "") in _AT_ONCE or self._stops(event):
            await self._pass_on(event)
            return
        self._kept.append(event)
        await self.go_on()

    def _stops(self, event: Event) -> bool:
        """Esc ends at once what takes long."""
        bottom = self._app.screen_stack[0] if self._app.screen_stack else None
        return getattr(event, "key", "") == "escape" and getattr(bottom, "stopping", None) is not None

    async def came_through(self, message: TypedThrough) -> None:
        """A key was handled everywhere. What it set off goes through the same queues: a second turn waits for that."""
        if message.number != self._number or self._way is None:
            return
        if message.turn == 1:
            self._follow(2)
        else:
            self._way = None
            await self.go_on()

    async def go_on(self) -> None:
        """Handle what may count by now."""
        if self._busy:
            return
        self._busy = True
        try:
            while self._kept and self._app.screen_stack and self._free():
                self._number += 1
                event = self._kept.popleft()
                self._follow(1, await self._passed(event))
        finally:
            self._busy = False
        self._look_again()

    async def _passed(self, event: Event) -> Widget:
        target = self._app.focused or self._app.screen
        await self._pass_on(event)
        return target

    def _follow(self, turn: int, target: Widget | None = None) -> None:
        if not self._app.screen_stack:
            return
        target = target or self._app.focused or self._app.screen
        sent = target.post_message(TypedThrough(self._number, turn))
        self._way = (target, monotonic()) if sent else None

    def _look_again(self) -> None:
        """While something is kept, look whether what it waits for has gone without a word."""
        if self._kept and self._timer is None:
            self._timer = self._app.set_interval(_AGAIN, self.go_on)
        elif not self._kept and self._timer is not None:
            self._timer.stop()
            self._timer = None

    # -- what a key waits for

    def _free(self) -> bool:
        return not (self._under_way() or self._will_open() or self._without_focus())

    def _under_way(self) -> bool:
        if self._way is None:
            return False
        target, since = self._way
        there = target.is_attached and target.is_running and target.screen is self._app.screen
        if there and monotonic() - since < LOST:
            return True
        self._way = None
        return False

    def _will_open(self) -> bool:
        """Whether a command has still to open its dialog, or to do what was said there."""
        if self._opening is None:
            return False
        worker, below, since, opened = self._opening
        if worker.is_finished:
            self._opening = None
            if worker.state is not WorkerState.SUCCESS and not opened:
                self._kept.clear()
        elif self._app.screen is not below:
            self._opening = (worker, below, None, True)
        elif since is None:
            self._opening = (worker, below, monotonic(), True)
            return True
        elif monotonic() - since < (AFTERWARDS if opened else SLOW):
            return True
        else:
            self._opening = None
            if not opened:
                self._kept.clear()
        return False

    def _without_focus(self) -> bool:
        screen = self._app.screen
        if screen in self._ready:
            return False
        if self._new is None or self._new[0] is not screen:
            self._new = (screen, monotonic())
        empty = screen.is_mounted and not screen.focus_chain
        ignoring = getattr(screen, "_in_grace", False)
        if screen.focused is None and not (empty or ignoring) and monotonic() - self._new[1] < UNFOCUSED:
            return True
        self._new = None
        self._ready.add(screen)
        return False
