"""New events, changing, deleting, duplicating, undo and redo: from a key of the home screen to the calendar."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.calendar.entry import Entry
from core.calendar.event import Alarm, Attendee, CalendarObject, Event, Moment
from core.calendar.event_change import EventChange, Scope
from core.calendar.event_form import change_between, default_status, organized
from core.calendar.people import Address
from core.calendar.quick_add import QuickEvent
from core.errors import Cancelled
from core.language import _
from core.ports.calendars import CalendarInfo, StoredObject
from core.services.edit_checks import overlap_words
from core.services.editing import Choice, Edit, EditConflict
from core.services.history import Action, HistoryEntry
from core.services.library import EventDetails
from tui.editor import edit_text
from tui.flows.scoping import ask_scope, scoped
from tui.flows.showing import event_words, show_change, undo_hint
from tui.flows.telling import Watched, tell_people
from tui.screens.conflict import ConflictDialog, Settle
from tui.screens.event_form import EventForm, FormFacts
from tui.screens.quick_add import QuickAddDialog, QuickAdded

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen

Flow = Callable[["HomeScreen", int], Awaitable[None]]
_HALF_AN_HOUR = timedelta(minutes=30)
_REMINDER = timedelta(minutes=-15)
"""Outlook's default."""


async def carry_out(home: HomeScreen, name: str, amount: int) -> None:
    """Run one command of `tui.edit_commands`."""
    await one_by_one(home, lambda: _flows()[name](home, amount))


async def one_by_one(home: HomeScreen, change: Callable[[], Awaitable[None]]) -> None:
    """Do something that changes a calendar; the next such thing waits until it is done."""
    async with home.editing.busy:
        try:
            await change()
        except Cancelled:
            home.status.say(_("Nothing was changed."))
            home.partagenda.typed_ahead.given_up()


def _flows() -> Mapping[str, Flow]:
    from tui.flows import finding, moving

    return {
        "quick_add": quick_add,
        "new": new,
        "change": change,
        "delete": delete,
        "duplicate": duplicate,
        "undo": undo,
        "redo": redo,
        "history": history,
        "mark": moving.mark,
        "unmark": moving.unmark,
        "copy_over": moving.copy_over,
        "move_over": moving.move_over,
        "shift": moving.shift,
        "shift_day": moving.shift_day,
        "resize": moving.resize,
        "find_time": finding.find_time,
        "suggest": finding.suggest,
        "take_suggestion": finding.take_suggestion,
    }


# -- new events -------------------------------------------------------------------------------------------------


def pointed_at(home: HomeScreen) -> tuple[Moment, Moment]:
    """The time that is marked, else the slot under the cursor: half an hour, or the day in the all-day strip."""
    pane = home.active
    if not pane.shows_hours:
        start: Moment = datetime.combine(pane.moment.date(), home.services.settings.working_hours.start)
        end: Moment = start + _HALF_AN_HOUR
    elif pane.grid.span is not None:
        start, end = pane.grid.span
    elif pane.grid.place.minute is None:
        start, end = pane.moment.date(), pane.moment.date() + timedelta(days=1)
    else:
        start, end = pane.moment, pane.moment + _HALF_AN_HOUR
    return _here(home, start), _here(home, end)


def _here(home: HomeScreen, moment: Moment) -> Moment:
    return moment.replace(tzinfo=home.services.clock.zone) if isinstance(moment, datetime) else moment


async def quick_add(home: HomeScreen, _amount: int = 0) -> None:
    """One line of plain words; F2 goes on in the form."""
    info, at = _target(home), pointed_at(home)
    done: list[Edit] = []

    async def act(added: QuickAdded) -> bool:
        assert added.event is not None
        done.append(await home.services.editing.create(info.id, _quick_event(home, added.event)))
        return True

    dialog = QuickAddDialog(info.name, home.services.clock.now(), at, act)
    added = await home.app.push_screen_wait(dialog)
    if added is None:
        return
    if added.form:
        await _new(home, info, _quick_event(home, added.event) if added.event else _blank(at, added.text))
    else:
        await _added(home, done[0])


async def new(home: HomeScreen, _amount: int = 0) -> None:
    """The form, for the time that is pointed at."""
    await _new(home, _target(home), _blank(pointed_at(home)))


async def new_meeting(home: HomeScreen, start: datetime, end: datetime, people: tuple[Address, ...]) -> bool:
    """The form for a time that was found, with the people it was found for; whether a meeting was made."""
    attendees = tuple(Attendee(one.address, one.name, rsvp=True) for one in people)
    return await _new(home, await _default(home), replace(_blank((start, end)), attendees=attendees))


async def _default(home: HomeScreen) -> CalendarInfo:
    """The calendar of the active pane if it can be changed, else the default one."""
    info = home.active.info
    if info is not None and info.can.write:
        return info
    return next(one for one in await home.services.library.calendars() if one.default)


def _target(home: HomeScreen) -> CalendarInfo:
    info = home.active.info
    assert info is not None  # the registry does not offer the command without one
    return info


def _blank(at: tuple[Moment, Moment], title: str = "") -> Event:
    start, end = at
    alarms = (Alarm(_REMINDER, description=title or _("Reminder")),) if isinstance(start, datetime) else ()
    return Event("", start, end, title, status=default_status(start), alarms=alarms)


def _quick_event(home: HomeScreen, quick: QuickEvent) -> Event:
    people = tuple(Attendee(address, rsvp=True) for address in quick.addresses)
    return organized(replace(quick.event(), attendees=people), _me(home))


def _me(home: HomeScreen) -> Address | None:
    me = home.services.settings.me
    return Address(me.address.address, me.name or me.address.name) if me.address else None


def _facts(home: HomeScreen, title: str, *, repeats: bool = True) -> FormFacts:
    services = home.services
    folder = services.paths.state / "editor"
    return FormFacts(
        title,
        services.clock,
        _me(home),
        services.people.complete,
        lambda text: edit_text(home.app, text, folder),
        repeats,
    )


async def _new(home: HomeScreen, info: CalendarInfo, draft: Event) -> bool:
    done: list[Edit] = []

    async def act(event: Event) -> bool:
        done.append(await home.services.editing.create(info.id, event))
        return True

    title = _("New Appointment in “{calendar}”").format(calendar=info.name)
    if await home.app.push_screen_wait(EventForm(draft, _facts(home, title), act)) is not None:
        await _added(home, done[0])
    return bool(done)


async def _added(home: HomeScreen, edit: Edit) -> None:
    home.active.grid.anchor = None
    entry = edit.entry
    words = event_words(entry) if entry else edit.calendar.name
    said = _("Added to “{calendar}”: {event}.").format(calendar=edit.calendar.name, event=words)
    await show_change(home, entry, said, await _also_there(home, entry))
    if entry is not None:
        await tell_people(home, [(entry.calendar, entry.uid, None)])


async def _also_there(home: HomeScreen, entry: Entry | None) -> tuple[str, ...]:
    """The first other event at that time."""
    if entry is None:
        return ()
    check = await home.services.editing.check_change(entry.id, EventChange(), Scope.ONLY if entry.recurring else None)
    return tuple(overlap_words(other) for other in check.overlaps[:1])


# -- changing ---------------------------------------------------------------------------------------------------


async def change(home: HomeScreen, _amount: int = 0) -> None:
    """The form for the chosen event; a recurring one asks first which of its dates are meant."""
    if entry := home.active.selected:
        await change_entry(home, entry)


async def change_entry(home: HomeScreen, entry: Entry) -> None:
    """The same for any event. Nothing is shown as changed where the person kept somebody else's version."""
    details = await home.services.library.details(entry.id)
    scope = await ask_scope(home, details.occurrence.event.title) if _repeats(details) else None
    shown = _shown(details)
    title = _("Change “{title}”").format(title=shown.title or _("(no title)"))
    done: list[Edit] = []

    async def act(event: Event) -> bool:
        """False keeps the form open: the person has not settled a conflict yet."""
        wanted = change_between(shown, event)

        async def save() -> Edit:
            return await home.services.editing.change(entry.id, wanted, scope)

        if wanted.empty:
            return True
        try:
            done.append(await home.services.editing.change(entry.id, wanted, scope, seen=details.stored))
        except EditConflict as conflict:
            return await _settle(home, conflict, save, done)
        return True

    form = EventForm(shown, _facts(home, title, repeats=scope is not Scope.ONLY), act)
    if await home.app.push_screen_wait(form) is not None and done:
        said = _("Changed: {event}.").format(event=event_words(done[0].entry or entry))
        await show_change(home, done[0].entry, said, done[0].notes)
        await tell_people(home, watched_of(done[0], details.stored))


def watched_of(edit: Edit, before: StoredObject) -> list[Watched]:
    """The meetings that a change touched: the event, and the new series where one was split."""
    found: list[Watched] = [(before.calendar, before.object.uid, before.object)]
    if edit.entry is not None and edit.entry.uid != before.object.uid:
        found.append((edit.entry.calendar, edit.entry.uid, None))
    return found


def _repeats(details: EventDetails) -> bool:
    return details.occurrence.recurrence_id is not None or any(
        event.recurring for event in details.stored.object.events
    )


def _shown(details: EventDetails) -> Event:
    """The instance as the form shows it: its own times, with its series' repetition."""
    at, master = details.occurrence, details.stored.object.master
    private = at.event.sensitivity if at.event.sensitivity is not None else master.sensitivity if master else None
    rule = master.rrule if master else ""
    return replace(at.event, start=at.start, end=at.end, rrule=rule, sensitivity=private)


async def _settle(
    home: HomeScreen, conflict: EditConflict, save: Callable[[], Awaitable[Edit]], done: list[Edit]
) -> bool:
    """Somebody else changed the event meanwhile: the person chooses. False: back to the form."""
    match await _choose(home, conflict, both=True):
        case Settle.MINE:
            done.append(await save())
        case Settle.BOTH:
            assert conflict.theirs is not None
            done.append(await home.services.editing.keep_both(conflict.theirs.calendar, conflict))
        case Settle.THEIRS:
            pass
        case None:
            return False
    return True


async def _choose(home: HomeScreen, conflict: EditConflict, *, both: bool) -> Settle | None:
    theirs: CalendarObject | None = conflict.theirs.object if conflict.theirs else None
    zone = home.services.clock.zone
    dialog = ConflictDialog(conflict.message, conflict.mine, theirs, zone, both=both)
    return await home.app.push_screen_wait(dialog)


# -- deleting, duplicating --------------------------------------------------------------------------------------


async def delete(home: HomeScreen, _amount: int = 0) -> None:
    """Delete the chosen event; there is no question where undo brings everything back."""
    entry = home.active.selected
    if entry is None:
        return
    before = (await home.services.library.details(entry.id)).stored
    await scoped(home, entry.title, lambda scope: home.services.editing.delete(entry.id, scope))
    home.editing.marked.pop(entry.id, None)
    said = _("Deleted {event}.").format(event=event_words(entry))
    await show_change(home, None, said, (undo_hint(home),))
    await tell_people(home, [(before.calendar, before.object.uid, before.object)])


async def duplicate(home: HomeScreen, _amount: int = 0) -> None:
    """A copy in the same calendar; the cursor is on it."""
    if entry := home.active.selected:
        edit, _scope = await scoped(home, entry.title, lambda scope: home.services.editing.duplicate(entry.id, scope))
        said = _("Duplicated: {event}. The copy is chosen.").format(event=event_words(edit.entry or entry))
        await show_change(home, edit.entry, said)


# -- undo -------------------------------------------------------------------------------------------------------


async def undo(home: HomeScreen, _amount: int = 0) -> None:
    """Take back the last change; where somebody else changed since, the person chooses."""
    editing = home.services.editing
    said = _("Undone: {what}")
    try:
        entry = await editing.undo()
    except EditConflict as conflict:
        match await _choose(home, conflict, both=False):
            case Settle.MINE:
                entry = await editing.undo(Choice.MINE)
            case Settle.THEIRS:
                entry, said = await editing.undo(Choice.THEIRS), _("Left as it is: {what}")
            case _:
                raise Cancelled(_("Nothing was changed.")) from conflict
    await _turned(home, entry, said)


async def redo(home: HomeScreen, _amount: int = 0) -> None:
    """Do again what was undone."""
    await _turned(home, await home.services.editing.redo(), _("Done again: {what}"))


async def _turned(home: HomeScreen, entry: HistoryEntry, said: str) -> None:
    home.editing.moving = None
    if any(one.whole_calendar for one in entry.changes):
        await home.reload(None)
    await show_change(home, None, said.format(what=entry.words))
    if entry.facts.action is not Action.IMPORT:
        await tell_people(home, [(one.calendar, one.uid, None) for one in entry.changes if not one.whole_calendar])


async def history(home: HomeScreen, _amount: int = 0) -> None:
    """What was changed, with undo and redo."""
    from tui.screens.history import HistoryScreen

    screen = HistoryScreen(home.services, lambda: undo(home), lambda: redo(home))
    await home.app.push_screen_wait(screen)
    await home.show_all()
