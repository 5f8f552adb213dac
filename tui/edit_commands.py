"""The commands that change calendars: new events, editing, copying and moving, undo. Part of `tui.commands`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.language import N_, _
from tui.command import Command, Group, Reason, Scope

if TYPE_CHECKING:
    from core.ports.calendars import CalendarInfo
    from tui.screens.home import HomeScreen


def refused(info: CalendarInfo | None) -> str:
    """Why nothing can be changed in a calendar."""
    if info is None:
        return _("There is no calendar in this pane: choose one in the list.")
    if info.can.write:
        return ""
    from core.services.edit_checks import read_only

    return next(iter(read_only(info)), "")


def _writable(home: HomeScreen) -> str:
    return refused(home.active.info)


def _changeable(home: HomeScreen) -> str:
    entry = home.active.selected
    if home.active.info is not None and entry is None:
        return _("No event is chosen here.")
    own = next((info for info in home.calendars if entry is not None and info.id == entry.calendar), home.active.info)
    return refused(own)


def _transferable(home: HomeScreen) -> str:
    """Copying needs an event here, and another calendar beside it that can be changed."""
    if not home.editing.marked and home.active.selected is None:
        return _("No event is chosen here.")
    if home.other.info is None:
        return _("There is no calendar in the other pane.")
    return refused(home.other.info)


def _shows_something(home: HomeScreen) -> str:
    return (
        "" if any(pane.info for pane in home.panes) else _("There is no calendar in this pane: choose one in the list.")
    )


def _edit(  # noqa: PLR0917 - a row of a table
    name: str,
    label: str,
    sentence: str,
    keys: tuple[str, ...],
    action: str,
    needs: Reason | None = _changeable,
    *,
    group: Group = Group.EDIT,
    weight: int = 0,
) -> Command:
    return Command(f"event.{name}", label, sentence, keys, group, f"edit({action})", weight=weight, needs=needs)


def _shift(name: str, label: str, sentence: str, key: str, action: str) -> Command:
    return _edit(name, label, sentence, (key,), action, group=Group.CHANGE)


def pointed_at(home: HomeScreen) -> CalendarInfo | None:
    """The calendar under the cursor of the list, else that of the active pane."""
    return home.list.info if home.focused is home.list else home.active.info


def _named(home: HomeScreen) -> str:
    info = pointed_at(home)
    if info is None:
        return _("There is no calendar in this pane: choose one in the list.")
    return "" if info.can.rename else _("“{name}” cannot be changed.").format(name=info.name)


def _deletable(home: HomeScreen) -> str:
    info = pointed_at(home)
    if info is None:
        return _("There is no calendar in this pane: choose one in the list.")
    return "" if info.can.delete else _("“{name}” cannot be deleted here.").format(name=info.name)


def _whole(name: str, label: str, sentence: str, key: str, needs: Reason | None, *, hint: str) -> Command:
    flow = f"flow('{name}_calendar')"
    return Command(f"calendar.{name}", label, sentence, (key,), Group.MANAGE, flow, hint=hint, needs=needs)


EDITING: tuple[Command, ...] = (
    _whole("new", N_("New Calendar…"), N_("Make an empty calendar."), "Q", None, hint=N_("New")),
    _whole(
        "properties",
        N_("Calendar Properties…"),
        N_("Give the calendar another name or colour, or let new events go to it."),
        "R",
        _named,
        hint=N_("Properties"),
    ),
    _whole(
        "delete",
        N_("Delete Calendar…"),
        N_("Take the calendar away; undo brings it back."),
        "Y",
        _deletable,
        hint=N_("Delete"),
    ),
    _edit(
        "quick-add",
        N_("Quick Add…"),
        N_("Add an event by one line of plain words, at the time under the cursor if you name none."),
        ("a",),
        "'quick_add'",
        _writable,
        group=Group.NEW,
        weight=9,
    ),
    _edit(
        "new",
        N_("New Appointment…"),
        N_("Fill in a form for a new event at the cursor, or for the time that you marked."),
        ("N",),
        "'new'",
        _writable,
        group=Group.NEW,
        weight=2,
    ),
    _edit(
        "find-time",
        N_("Find a Time…"),
        N_("Find a time at which several calendars and people are free."),
        ("F",),
        "'find_time'",
        None,
        group=Group.NEW,
        weight=3,
    ),
    _edit(
        "suggest-next",
        N_("Next Suggestion"),
        N_("Go to the next time at which everybody is free, in the calendars that are shown or those of Find a Time."),
        ("J",),
        "'suggest', 1",
        _shows_something,
        group=Group.CHANGE,
    ),
    _edit(
        "suggest-previous",
        N_("Suggestion Before"),
        N_("Go to the time before at which everybody is free."),
        ("I",),
        "'suggest', -1",
        _shows_something,
        group=Group.CHANGE,
    ),
    _edit("edit", N_("Edit…"), N_("Change the chosen event."), ("E",), "'change'", weight=4),
    _edit(
        "delete",
        N_("Delete"),
        N_("Delete the chosen event; undo brings it back."),
        ("d", "delete"),
        "'delete'",
        weight=3,
    ),
    _edit("undo", N_("Undo"), N_("Take back the last change of a calendar."), ("u",), "'undo'", None, weight=2),
    _edit("redo", N_("Redo"), N_("Do again what was undone."), ("U", "ctrl+r"), "'redo'", None),
    _edit(
        "copy-over",
        N_("Copy Over"),
        N_("Copy the marked events, or the chosen one, to the calendar of the other pane."),
        ("C",),
        "'copy_over'",
        _transferable,
        weight=1,
    ),
    _edit(
        "move-over",
        N_("Move Over"),
        N_("Move the marked events, or the chosen one, to the calendar of the other pane."),
        ("M",),
        "'move_over'",
        _transferable,
        weight=1,
    ),
    _edit("duplicate", N_("Duplicate"), N_("Make a copy of the chosen event beside it."), ("D",), "'duplicate'"),
    _edit("history", N_("History"), N_("Show what was changed, and undo it."), ("H",), "'history'", None),
    Command(
        "event.mark",
        N_("Mark"),
        N_("Mark the chosen event for copying and moving; at an empty time, mark a span for a new event."),
        ("space",),
        Group.CHANGE,
        "screen.edit('mark')",
        Scope.PANE,
    ),
    Command(
        "event.unmark",
        N_("Unmark All"),
        N_("Take all marks, and the free time that is shown, away."),
        ("escape",),
        Group.CHANGE,
        "screen.edit('unmark')",
        Scope.PANE,
    ),
    _shift("earlier", N_("15 Minutes Earlier"), N_("Move the event 15 minutes up."), "comma", "'shift', -15"),
    _shift("later", N_("15 Minutes Later"), N_("Move the event 15 minutes down."), "full_stop", "'shift', 15"),
    _shift("hour-earlier", N_("Hour Earlier"), N_("Move the event an hour up."), "left_square_bracket", "'shift', -60"),
    _shift("hour-later", N_("Hour Later"), N_("Move the event an hour down."), "right_square_bracket", "'shift', 60"),
    _shift(
        "day-earlier", N_("Day Earlier"), N_("Move the event to the day before."), "left_parenthesis", "'shift_day', -1"
    ),
    _shift("day-later", N_("Day Later"), N_("Move the event to the day after."), "right_parenthesis", "'shift_day', 1"),
    _shift(
        "shorter",
        N_("Shorter"),
        N_("Let the event end 15 minutes earlier, or a day earlier if it lasts all day."),
        "minus",
        "'resize', -15",
    ),
    _shift(
        "longer",
        N_("Longer"),
        N_("Let the event end 15 minutes later, or a day later if it lasts all day."),
        "plus",
        "'resize', 15",
    ),
    _shift("hour-shorter", N_("Hour Shorter"), N_("Let the event end an hour earlier."), "underscore", "'resize', -60"),
    _shift("hour-longer", N_("Hour Longer"), N_("Let the event end an hour later."), "asterisk", "'resize', 60"),
)
