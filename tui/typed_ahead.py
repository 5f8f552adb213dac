"""Keys in the order in which they were typed, however fast: each counts once the one before has done what it does.

Textual gives a key to the queue of the widget with the focus, but runs priority bindings and moves the focus at once:
F9 overtakes the letters of a title that are still in the queue, and the first letters for a dialog that is about to
open are run as commands of the screen below it. So a key waits while

- the key before is still on its way: a message follows it through the same queues and comes back behind it;
- a command that opens a dialog has not opened it, or has not done yet what was said there;
- a command that asks only sometimes is under way: it may still ask;
- a form is being saved;
- the screen on top has not given the focus to anything yet.

A question that nobody has asked for takes none of the keys that were typed before it stood there, unless it is one
that comes before anything is done and the key is an answer: they count once it is answered. Where nothing came of what
they were typed for, they are thrown away, and the person is told.

Nothing waits for ever: after `LOST` or `SLOW` seconds keys go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

from textual.message import Message
from textual.worker import WorkerState

from core.language import _
from core.values import dataclass
from tui.reporting import show_notice

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
"""Seconds in which a new screen gives the focus to something once it stands: a busy machine may take long for that."""
_AGAIN = 0.01
_PUT_OFF = 0.1
"""Seconds between two looks whether a question is answered, while only keys wait that were typed before it."""
_AT_ONCE = frozenset(("ctrl+c", "ctrl+q"))
"""Keys that end the program never wait."""


class TypedThrough(Message):
    """Follows a key through the queues of the widgets that may want it."""

    def __init__(self, number: int, turn: int) -> None:
        super().__init__()
        self.number, self.turn = number, turn


class Typed(NamedTuple):
    """A key or a paste, and the screen that the person had before them."""

    event: Event
    screen: Screen[Any]


@dataclass(slots=True)
class _Command:
    """A command that opens something above a screen (`sure`), or does so only where it has to ask."""

    worker: Worker[Any]
    below: Screen[Any]
    sure: bool
    since: float | None
    """Since when it is waited for; None while what it opened is on top."""
    first: Screen[Any] | None = None
    """What it opened first."""

    @property
    def limit(self) -> float:
        """Seconds for which it is waited for."""
        return AFTERWARDS if self.first is not None and self.sure else SLOW


class TypedAhead:
    """Keeps what was typed until it may count. `pass_on` handles one key or paste as the app does."""

    def __init__(self, app: App[Any], pass_on: Callable[[Event], Awaitable[None]]) -> None:
        self._app, self._pass_on = app, pass_on
        self._kept: deque[Typed] = deque()
        self._put_off: deque[Typed] = deque()
        """What was typed before a question that came by itself: for what lies below it."""
        self._question: Screen[Any] | None = None
        self._number = 0
        self._way: tuple[Widget, float] | None = None
        """Where the last key went, and when, until it has come to its end."""
        self._command: _Command | None = None
        self._new: tuple[Screen[Any], bool, float] | None = None
        """A screen that has not given the focus to anything, whether it stands, and since when that is so."""
        self._ready: WeakSet[Screen[Any]] = WeakSet()
        self._timer: Timer | None = None
        self._often = False
        self._busy = False

    @property
    def waiting(self) -> bool:
        """Whether more was typed than has been handled yet."""
        return bool(self._kept)

    @property
    def busy(self) -> bool:
        """Whether a key waits or is on its way."""
        return bool(self._kept) or self._way is not None

    def opens(self, worker: Worker[Any], screen: Screen[Any], *, sure: bool = True) -> None:
        """A command that opens something above this screen has begun: what comes now is typed for that.

        One that is not `sure` to do so is waited for as well; what is typed meanwhile is for the screen, and for the
        question only where it is an answer to it.
        """
        self._command = _Command(worker, screen, sure, monotonic())

    def given_up(self) -> None:
        """What keys were typed behind was not done after all: those that wait for it are thrown away."""
        self._throw_away(self._put_off)

    def not_saved(self) -> None:
        """A form stays where it was to be saved and gone: nothing that was typed meanwhile is for its fields."""
        self._throw_away(self._put_off, self._kept)

    def _throw_away(self, *typed: deque[Typed]) -> None:
        if any(typed):
            show_notice(self._app, _("What you typed meanwhile was not used."), severity="warning")
        for each in typed:
            each.clear()

    async def take(self, event: Event) -> None:
        """Handle something typed, now or when it is its turn."""
        if getattr(event, "key", "") in _AT_ONCE or self._stops(event):
            await self._pass_on(event)
            return
        if not self._app.screen_stack or getattr(self._app.screen, "refuses_keys", False):
            return
        self._kept.append(Typed(event, self._app.screen))
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
            while (self._kept or self._put_off) and self._app.screen_stack and self._free():
                self._take_up()
                if not self._kept:
                    break
                typed = self._kept.popleft()
                if self._for_below(typed):
                    self._put_off.append(typed)
                    self._question = self._app.screen
                    continue
                self._number += 1
                self._follow(1, await self._passed(typed.event))
        finally:
            self._busy = False
        self._look_again()

    def _take_up(self) -> None:
        """The question is answered: what was typed before it comes first."""
        if self._put_off and self._app.screen is not self._question:
            self._kept.extendleft(reversed(self._put_off))
            self._put_off.clear()

    def _for_below(self, typed: Typed) -> bool:
        """Whether a question came by itself, after this was typed, which has to wait until it is answered."""
        command, screen = self._command, self._app.screen
        if command is None or screen is command.below or typed.screen is screen:
            return False
        if command.sure and screen is command.first:
            return False
        if hasattr(screen, "_in_grace"):
            return True
        takes = getattr(screen, "takes", None)
        return not command.sure and takes is not None and not takes(typed.event)

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
        often = bool(self._kept)
        if self._timer is not None and (often != self._often or not (self._kept or self._put_off)):
            self._timer.stop()
            self._timer = None
        if self._timer is None and (self._kept or self._put_off):
            self._often = often
            self._timer = self._app.set_interval(_AGAIN if often else _PUT_OFF, self.go_on)

    # -- what a key waits for

    def _free(self) -> bool:
        return not (self._under_way() or self._will_open() or self._saving() or self._without_focus())

    def _saving(self) -> bool:
        return bool(getattr(self._app.screen, "acting", False))

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
        command = self._command
        if command is None:
            return False
        if command.worker.is_finished:
            self._command = None
            if command.worker.state is not WorkerState.SUCCESS and command.first is None:
                self._throw_away(self._kept)
        elif self._app.screen is not command.below:
            command.first, command.since = command.first or self._app.screen, None
        elif command.since is None:
            command.since = monotonic()
            return True
        elif monotonic() - command.since < command.limit:
            return True
        else:
            self._command = None
            if command.sure and command.first is None:
                self._throw_away(self._kept)
        return False

    def _without_focus(self) -> bool:
        screen = self._app.screen
        if screen in self._ready:
            return False
        if self._new is None or self._new[0] is not screen or self._new[1] != screen.is_mounted:
            self._new = (screen, screen.is_mounted, monotonic())
        bound = UNFOCUSED if screen.is_mounted else SLOW
        empty = screen.is_mounted and not screen.focus_chain
        ignoring = getattr(screen, "_in_grace", False)
        if screen.focused is None and not (empty or ignoring) and monotonic() - self._new[2] < bound:
            return True
        self._new = None
        self._ready.add(screen)
        return False
