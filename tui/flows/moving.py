"""Marks; copying and moving to the calendar of the other pane; shifting and resizing by keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.calendar.entry import Entry
from core.calendar.event import Moment
from core.calendar.event_change import EventChange, Scope
from core.errors import Cancelled, UsageError
from core.language import _, ngettext
from core.ports.calendars import CalendarInfo
from core.services.edit_checks import Check, aware
from core.services.editing import Edit
from core.values import dataclass
from tui.flows.scoping import ask_scope, scoped
from tui.flows.showing import event_words, show_change, undo_hint
from tui.flows.telling import tell_people
from tui.screens.move_events import MoveEventsDialog, Transfer
from tui.widgets.dragging import later
from tui.widgets.free_band import Band

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen

# -- marks ------------------------------------------------------------------------------------------------------


async def mark(home: HomeScreen, _amount: int = 0) -> None:
    """Mark the chosen event, or take its mark away; at an empty time a span begins, or ends where one has begun."""
    pane, state = home.active, home.editing
    entry = pane.selected
    if entry is None or pane.grid.anchor is not None:
        pane.grid.anchor = pane.grid.place if pane.shows_hours and pane.grid.anchor is None else None
        key = home.partagenda.keymap.name_of
        said = _("Walk to the end of the time, then {form} for the form or {line} for one line.")
        said = said.format(form=key("event.new"), line=key("event.quick-add"))
        _show_marks(home, said if pane.grid.anchor else "")
        return
    if entry.id in state.marked:
        del state.marked[entry.id]
    else:
        state.marked[entry.id] = entry
    count = len(state.marked)
    _show_marks(home, ngettext("{count} event marked", "{count} events marked", count).format(count=count))


async def unmark(home: HomeScreen, _amount: int = 0) -> None:
    """Take all marks away."""
    home.editing.marked.clear()
    home.suggested = None
    for pane in home.panes:
        pane.let_go()
        pane.grid.anchor = None
        pane.suggest(Band(), None)
    _show_marks(home, "")


def _show_marks(home: HomeScreen, said: str) -> None:
    for pane in home.panes:
        pane.grid.marked = frozenset(home.editing.marked)
        pane.redraw()
    home.tell()
    home.status.say(said)


# -- to the other pane ------------------------------------------------------------------------------------------


async def copy_over(home: HomeScreen, _amount: int = 0) -> None:
    """Copy to the calendar of the other pane."""
    await _transfer(home, move=False)


async def move_over(home: HomeScreen, _amount: int = 0) -> None:
    """Move to the calendar of the other pane; from a calendar that cannot be changed it is a copy, and says so."""
    await _transfer(home, move=True)


@dataclass(slots=True)
class _Way:
    """One event on its way."""

    entry: Entry
    scope: Scope | None
    check: Check


async def _transfer(home: HomeScreen, *, move: bool) -> None:
    target = home.other.info
    assert target is not None  # the registry does not offer the command without one
    entries = list(home.editing.marked.values()) or ([home.active.selected] if home.active.selected else [])
    await carry_to(home, entries, target, move=move)


async def carry_to(home: HomeScreen, entries: Sequence[Entry], target: CalendarInfo, *, move: bool) -> None:
    """Copy or move events to a calendar; what is in the way is shown before. Raises UsageError, Cancelled."""
    entries = [entry for entry in entries if entry.calendar != target.id]
    if not entries:
        raise UsageError(_("It is in “{name}” already.").format(name=target.name), _("Choose another calendar."))
    ways = await _look(home, entries, target, move=move)
    if any(way.check.lines for way in ways) and not await _agreed(home, ways, target, move=move):
        raise Cancelled(_("Nothing was changed."))
    await _carry_over(home, [way for way in ways if way.check.possible], target, move=move)


async def _look(home: HomeScreen, entries: Sequence[Entry], target: CalendarInfo, *, move: bool) -> list[_Way]:
    """What is in the way of each; what repeats is asked about once for all of them."""
    editing = home.services.editing
    check = editing.check_move if move else editing.check_copy
    repeating = [entry for entry in entries if entry.recurring]
    scope = await ask_scope(home, repeating[0].title) if repeating else None
    ways = []
    for entry in entries:
        own = scope if entry.recurring else None
        ways.append(_Way(entry, own, await check(entry.id, target.id, own)))
    return ways


async def _agreed(home: HomeScreen, ways: Sequence[_Way], target: CalendarInfo, *, move: bool) -> bool:
    shown = [Transfer(event_words(way.entry), way.check) for way in ways]
    dialog = MoveEventsDialog(target.name, shown, move=move)
    answer = await home.app.push_screen_wait(dialog)
    return bool(answer)


async def _carry_over(home: HomeScreen, ways: Sequence[_Way], target: CalendarInfo, *, move: bool) -> None:
    editing, done, watched = home.services.editing, list[Edit](), []
    act = editing.move if move else editing.copy
    try:
        for way in ways:
            before = (await home.services.library.details(way.entry.id)).stored
            done.append(await act(way.entry.id, target.id, way.scope))
            home.editing.marked.pop(way.entry.id, None)
            if move:
                watched.append((target.id, before.object.uid, before.object))
    finally:
        await _say_carried(home, done, target, move=move)
    await tell_people(home, watched)


async def _say_carried(home: HomeScreen, done: Sequence[Edit], target: CalendarInfo, *, move: bool) -> None:
    for pane in home.panes:
        pane.grid.marked = frozenset(home.editing.marked)
    if not done:
        return
    count, notes = len(done), tuple(dict.fromkeys(note for edit in done for note in edit.notes))
    if move:
        text = ngettext("{count} event moved to “{name}”.", "{count} events moved to “{name}”.", count)
    else:
        text = ngettext("{count} event copied to “{name}”.", "{count} events copied to “{name}”.", count)
    said = " ".join([text.format(count=count, name=target.name), undo_hint(home)])
    await show_change(home, done[-1].entry, "  ".join([*notes, said]) if notes else said)


# -- by keys ----------------------------------------------------------------------------------------------------


async def shift(home: HomeScreen, minutes: int) -> None:
    """Earlier or later by so many minutes; an all-day event by as many days as that is."""
    if entry := home.active.selected:
        if not isinstance(entry.start, datetime):
            raise UsageError(_("It lasts all day."), _("Move it by days, or give it a time in the form."))
        by = timedelta(minutes=minutes)
        assert isinstance(entry.end, datetime)
        await change_times(home, entry, later(entry.start, by), later(entry.end, by))


async def shift_day(home: HomeScreen, days: int) -> None:
    """The same hours on another day."""
    if entry := home.active.selected:
        by = timedelta(days=days)
        await change_times(home, entry, entry.start + by, entry.end + by)


async def resize(home: HomeScreen, minutes: int) -> None:
    """Another end: by minutes, or by days for an all-day event."""
    if entry := home.active.selected:
        whole = not isinstance(entry.end, datetime)
        by = timedelta(days=1 if minutes > 0 else -1) if whole else timedelta(minutes=minutes)
        end = later(entry.end, by) if isinstance(entry.end, datetime) else entry.end + by
        if aware(end, UTC) <= aware(entry.start, UTC):
            raise UsageError(_("It cannot be shorter than that."))
        await change_times(home, entry, None, end)


async def change_times(home: HomeScreen, entry: Entry, start: Moment | None, end: Moment) -> None:
    """Another start (None: the same) and end; a series is asked about, people of a meeting are told."""
    details = await home.services.library.details(entry.id)
    own = details.occurrence
    change = EventChange(
        start=_in_its_zone(start, own.start) if start is not None else None, end=_in_its_zone(end, own.end)
    )
    known = home.editing.moving
    editing = home.services.editing

    def act(scope: Scope | None) -> Awaitable[Edit]:
        return editing.change(entry.id, change, scope, seen=details.stored)

    edit, scope = await _with_known_scope(home, entry, known[1] if known and known[0] == entry.id else None, act)
    home.editing.moving = (edit.entry.id, scope) if edit.entry and scope else None
    await show_change(home, edit.entry, event_words(edit.entry or entry), edit.notes)
    await tell_people(home, [(details.calendar.id, details.stored.object.uid, details.stored.object)])


async def _with_known_scope(
    home: HomeScreen, entry: Entry, known: Scope | None, act: Callable[[Scope | None], Awaitable[Edit]]
) -> tuple[Edit, Scope | None]:
    """The scope that was chosen for this event by the key before holds for this one too."""
    if known is not None:
        return await act(known), known
    return await scoped(home, entry.title, act)


def _in_its_zone(moment: Moment, own: Moment) -> Moment:
    """As the event itself writes its times: in its zone, or floating."""
    if not isinstance(moment, datetime) or not isinstance(own, datetime):
        return moment
    return moment.astimezone(own.tzinfo) if own.tzinfo is not None else moment.replace(tzinfo=None)
