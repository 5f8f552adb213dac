"""Dragging with the mouse: what is shown on the way, and what happens where the button is let go.

Within a pane an event gets another time, or another end; over another pane it goes to that pane's calendar and keeps
its time, by the same questions as the keys for it ask.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.calendar.entry import Entry
from core.errors import Refused
from core.language import _
from core.ports.calendars import CalendarInfo
from tui.edit_commands import refused
from tui.flows.moving import carry_to, change_times
from tui.screens.home_text import SEPARATOR, describe_times
from tui.text import clean
from tui.widgets.calendar_pane import CalendarPane
from tui.widgets.dragging import Drag, Grip
from tui.widgets.look import title

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen


def over(home: HomeScreen, pane: CalendarPane, at: tuple[int, int]) -> CalendarPane:
    """The pane under the mouse; where it is over none, the one that it came from."""
    return next((one for one in home.on_screen if one.region.contains(*at)), pane)


def show(home: HomeScreen, pane: CalendarPane, drag: Drag, at: tuple[int, int]) -> None:
    """Where it would be, drawn there; and what letting go would do."""
    if drag.grip is Grip.SPAN:
        _mark_span(pane, drag)
        return
    target, entry = over(home, pane, at), drag.entry
    assert entry is not None
    ghosts: dict[CalendarPane, Entry] = {}
    if target is not pane:
        ghosts[target] = entry
        said = _words_over(target, entry)
    elif drag.times is not None:
        ghosts[pane] = replace(entry, start=drag.times[0], end=drag.times[1])
        said = SEPARATOR.join([title(entry), describe_times(ghosts[pane])])
    else:
        said = title(entry)
    if pane.shows_whole_days and drag.here is not None:
        pane.go_to(drag.here.day)
    show_ghosts(home, ghosts)
    home.status.say(said)


def _words_over(target: CalendarPane, entry: Entry) -> str:
    if target.info is None:
        return _("There is no calendar in this pane.")
    if target.info.id == entry.calendar:
        return _("It is in “{name}” already.").format(name=clean(target.info.name))
    name = clean(target.info.name)
    return _("Move “{title}” to “{name}”; with Ctrl it is copied. Esc stops.").format(title=title(entry), name=name)


def _mark_span(pane: CalendarPane, drag: Drag) -> None:
    """Free time under a pressed button is marked for a new event."""
    if drag.here is not None:
        pane.grid.anchor = drag.start
        pane.go_to(drag.here.day, drag.here.minute)


def show_ghosts(home: HomeScreen, ghosts: dict[CalendarPane, Entry]) -> None:
    """Draw events that are not there (yet) in these panes, and in no other."""
    for pane in home.panes:
        ghost = ghosts.get(pane)
        if pane.grid.ghost != ghost:
            pane.grid.ghost = ghost
            pane.redraw()


def drop(
    home: HomeScreen, pane: CalendarPane, drag: Drag, at: tuple[int, int], *, copies: bool
) -> Callable[[], Awaitable[None]] | None:
    """What is to be done now that the button is let go; None for nothing."""
    show_ghosts(home, {})
    home.status.say("")
    if drag.grip is Grip.SPAN:
        _mark_span(pane, drag)
        key = home.partagenda.keymap.name_of
        said = _("Time marked: {form} for the form, {line} for one line.")
        home.status.say(said.format(form=key("event.new"), line=key("event.quick-add")))
        return None
    target, entry = over(home, pane, at), drag.entry
    assert entry is not None
    if target is not pane:
        return lambda: _to_other(home, target, entry, copies=copies)
    times = drag.times
    if times is None:
        return None
    start = None if drag.grip is Grip.END else times[0]

    async def change() -> None:
        _possible(refused(_own(home, entry)))
        await change_times(home, entry, start, times[1])

    return change


async def _to_other(home: HomeScreen, target: CalendarPane, entry: Entry, *, copies: bool) -> None:
    _possible(refused(target.info))
    assert target.info is not None
    marked = home.editing.marked
    entries = list(marked.values()) if entry.id in marked else [entry]
    await carry_to(home, entries, target.info, move=not copies)


def _own(home: HomeScreen, entry: Entry) -> CalendarInfo | None:
    return next((info for info in home.calendars if info.id == entry.calendar), home.active.info)


def _possible(reason: str) -> None:
    if reason:
        raise Refused(reason)
