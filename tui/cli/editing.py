"""`add`, `edit`, `delete`, `copy`, `move`, `undo`, `redo`, `history`."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from core.calendar.durations import parse_duration
from core.calendar.event import Alarm, Attendee, Event, Moment, Response, Role, Sensitivity
from core.calendar.event_change import EventChange, Scope
from core.calendar.people import parse_address
from core.calendar.quick_add import read_quick
from core.calendar.zones import zone_for
from core.errors import UsageError
from core.language import N_, _
from core.language.dates import date_and_time, short_date
from core.services.edit_checks import Check, overlap_words
from core.services.editing import Choice, Edit
from core.services.history import HistoryEntry
from core.services.library import EventDetails
from tui.cli.context import Context
from tui.cli.edit_values import parse_moment, parse_status
from tui.cli.grammar import YES, Command, Given, Option, Word
from tui.cli.meetings import after_edit
from tui.cli.shapes import moment, occurrence

_HALF_AN_HOUR = timedelta(minutes=30)


# add ---------------------------------------------------------------------------------------------------------


async def _add(context: Context, given: Given) -> int:
    info = await context.services.library.find(given.text("calendar"))
    draft = _quick(context, given) if given.has("quick") else _draft(context, given)
    check = await context.services.editing.check_new(info.id, draft) if info.can.write else None
    edit = await context.services.editing.create(info.id, draft)
    _note_overlaps(context, check)
    if edit.entry is not None:
        await after_edit(context, info.id, edit.entry.uid, None)
    return _show(context, edit, _("Added to “{calendar}”: {event}"))


def _quick(context: Context, given: Given) -> Event:
    quick = read_quick(given.text("quick"), context.clock.now())
    context.out.note(quick.words)
    event = quick.event()
    people = [Attendee(address) for address in quick.addresses]
    return _with_people(context, event, tuple(people)) if people else event


def _draft(context: Context, given: Given) -> Event:
    if not given.has("title") or not given.has("start"):
        raise UsageError(
            _("An event needs a title and a start."),
            _("Give --title and --start, or --quick “lunch tomorrow 12:30”."),
        )
    zone = _zone(context, given)
    start = parse_moment(given.text("start"), zone)
    if given.has("all-day"):
        start = _day(start)
    change = _fields(context, given)
    event = Event("", start, _end(given, start, zone) or _default_end(start), given.text("title"))
    values = {name: value for name, value in change.fields.items() if name not in ("title", "attendees")}
    event = replace(event, **values, rrule=change.rrule or "")
    return _with_people(context, event, change.attendees) if change.attendees else event


def _with_people(context: Context, event: Event, people: tuple[Attendee, ...]) -> Event:
    me = context.settings.me
    organizer = Attendee(me.address.address, me.name, Role.CHAIR, Response.ACCEPTED) if me.address else None
    return replace(event, attendees=people, organizer=organizer)


def _default_end(start: Moment) -> Moment:
    return start + (_HALF_AN_HOUR if isinstance(start, datetime) else timedelta(days=1))


# edit --------------------------------------------------------------------------------------------------------


async def _edit(context: Context, given: Given) -> int:
    details = await context.services.library.details(given.text("id"))
    change = _change(context, given, details)
    if change.empty:
        raise UsageError(_("What shall be changed?"), _("Give new values, as --title or --start."))
    edit = await context.services.editing.change(given.text("id"), change, _scope(given))
    before = details.stored.object
    await after_edit(context, details.calendar.id, before.uid, before)
    if edit.entry is not None and edit.entry.uid != before.uid:  # the rest of a series that was split
        await after_edit(context, details.calendar.id, edit.entry.uid, None)
    return _show(context, edit, _("Changed in “{calendar}”: {event}"))


def _change(context: Context, given: Given, details: EventDetails) -> EventChange:
    at = details.occurrence
    zone = _zone(context, given, at.start)
    start = parse_moment(given.text("start"), zone) if given.has("start") else None
    if given.has("all-day"):
        start = _day(start if start is not None else at.start)
    if start is None and given.has("time-zone") and isinstance(at.start, datetime):
        start = at.start.replace(tzinfo=at.start.tzinfo or context.zone).astimezone(zone)
    end = _end(given, start if start is not None else at.start, zone)
    return replace(_fields(context, given), start=start, end=end)


def _fields(context: Context, given: Given) -> EventChange:
    """What the options say, but for the times."""

    def text(name: str) -> str | None:
        return given.text(name) if given.has(name) else None

    rule = text("repeat")
    sensitivity = Sensitivity.PRIVATE if given.has("private") else Sensitivity.PUBLIC if given.has("public") else None
    return EventChange(
        title=text("title"),
        place=text("place"),
        description=_notes(given),
        rrule="" if rule is not None and rule.lower() in ("", "none", "never") else rule,
        status=parse_status(given.text("status")) if given.has("status") else None,
        sensitivity=sensitivity,
        alarms=_reminder(given, given.text("title")),
        attendees=tuple(_attendee(one) for one in given.all("people")) if given.has("people") else None,
    )


def _notes(given: Given) -> str | None:
    if not given.has("notes"):
        return None
    return sys.stdin.read() if given.text("notes") == "-" else given.text("notes")


def _reminder(given: Given, title: str) -> tuple[Alarm, ...] | None:
    if not given.has("reminder"):
        return None
    if given.text("reminder").lower() in ("", "none"):
        return ()
    return (Alarm(-parse_duration(given.text("reminder")), description=title or _("Reminder")),)


def _attendee(text: str) -> Attendee:
    address = parse_address(text)
    return Attendee(address.address, address.name, rsvp=True)


def _zone(context: Context, given: Given, start: Moment | None = None) -> tzinfo:
    """The zone in which times without an offset are meant: the one that is named, the event's, the person's."""
    if given.has("time-zone"):
        zone = zone_for(given.text("time-zone"))
        if zone is None:
            raise UsageError(
                _("There is no time zone “{name}”.").format(name=given.text("time-zone")),
                _("Write it as Europe/Paris or UTC."),
            )
        return zone
    own = start.tzinfo if isinstance(start, datetime) else None
    return own or context.zone


def _day(start: Moment) -> date:
    return start.date() if isinstance(start, datetime) else start


def _end(given: Given, start: Moment, zone: tzinfo) -> Moment | None:
    if given.has("end") and given.has("duration"):
        raise UsageError(_("An event has an end or a duration, not both."))
    if given.has("duration"):
        length = parse_duration(given.text("duration"))
        if not isinstance(start, datetime):
            if length % timedelta(days=1):
                raise UsageError(_("An all-day event lasts whole days."), _("Give --duration 1d or more."))
            return start + length
        return (start.astimezone(UTC) + length).astimezone(start.tzinfo) if start.tzinfo else start + length
    if not given.has("end"):
        return None
    end = parse_moment(given.text("end"), zone, _day(start))
    if not isinstance(start, datetime):
        return max(_day(end), start + timedelta(days=1)) if _day(end) >= start else _day(end)
    if not isinstance(end, datetime):
        return datetime.combine(end, time(), start.tzinfo)
    return end


# the others --------------------------------------------------------------------------------------------------


async def _delete(context: Context, given: Given) -> int:
    services, scope = context.services, _scope(given)
    details = await services.library.details(given.text("id"))
    title = details.occurrence.event.title
    if scope is Scope.ALL:
        question = _("Delete every instance of “{title}” from “{calendar}”?")
        context.agree(question.format(title=title, calendar=details.calendar.name), given)
    edit = await services.editing.delete(given.text("id"), scope)
    await after_edit(context, details.calendar.id, details.stored.object.uid, details.stored.object)
    context.out.value({"id": given.text("id"), "title": title, "calendar": edit.calendar.name, "deleted": True})
    context.out.line(_("Deleted “{title}”; “partagenda undo” brings it back.").format(title=title))
    return 0


async def _copy(context: Context, given: Given) -> int:
    target = await context.services.library.find(given.text("calendar"))
    check = await context.services.editing.check_copy(given.text("id"), target.id, _scope(given))
    edit = await context.services.editing.copy(given.text("id"), target.id, _scope(given))
    _note_overlaps(context, check)
    return _show(context, edit, _("Copied to “{calendar}”: {event}"))


async def _move(context: Context, given: Given) -> int:
    target = await context.services.library.find(given.text("calendar"))
    check = await context.services.editing.check_move(given.text("id"), target.id, _scope(given))
    edit = await context.services.editing.move(given.text("id"), target.id, _scope(given))
    _note_overlaps(context, check)
    return _show(context, edit, _("Now in “{calendar}”: {event}"))


def _note_overlaps(context: Context, check: Check | None) -> None:
    """Other events at that time: it was done all the same, and is said."""
    for entry in check.overlaps if check else ():
        context.out.note(overlap_words(entry))


async def _undo(context: Context, given: Given) -> int:
    if given.has("mine") and given.has("theirs"):
        raise UsageError(_("Choose --mine or --theirs, not both."))
    choice = Choice.MINE if given.has("mine") else Choice.THEIRS if given.has("theirs") else Choice.ASK
    entry = await context.services.editing.undo(choice)
    return _told(context, entry, _("Left as it is: {what}") if choice is Choice.THEIRS else _("Undone: {what}"))


async def _redo(context: Context, _given: Given) -> int:
    return _told(context, await context.services.editing.redo(), _("Done again: {what}"))


async def _history(context: Context, _given: Given) -> int:
    entries = await context.services.editing.history()
    context.out.value([_history_shape(context, entry) for entry in entries])
    for entry in entries:
        mark = {"undone": _("(undone)"), "left": _("(cannot be undone)")}.get(entry.state.value, "")
        when = date_and_time(entry.when.astimezone(context.zone))
        context.out.line(f"{when}  {entry.words} {mark}".rstrip())
    if not entries:
        context.out.line(_("Nothing has been changed yet."))
    return 0


def _told(context: Context, entry: HistoryEntry, line: str) -> int:
    context.out.value(_history_shape(context, entry))
    context.out.line(line.format(what=entry.words))
    return 0


def _history_shape(context: Context, entry: HistoryEntry) -> dict[str, object]:
    facts = entry.facts
    return {
        "id": entry.number,
        "when": moment(entry.when.astimezone(context.zone)),
        "action": facts.action.value,
        "title": facts.title,
        "calendar": facts.calendar,
        "to": facts.other,
        "scope": facts.scope,
        "state": entry.state.value,
        "what": entry.words,
    }


def _scope(given: Given) -> Scope | None:
    chosen = [scope for scope in Scope if given.has(scope.value)]
    if len(chosen) > 1:
        raise UsageError(_("Choose one of --only, --following and --all."))
    return next(iter(chosen), None)


def _show(context: Context, edit: Edit, line: str) -> int:
    for note in edit.notes:
        context.out.note(note)
    if edit.entry is None:
        context.out.value(None)
        return 0
    start = edit.entry.start
    when = date_and_time(start) if isinstance(start, datetime) else short_date(start)
    context.out.value(occurrence(edit.entry, edit.calendar.name))
    context.out.line(line.format(calendar=edit.calendar.name, event=f"{edit.entry.title}, {when}"))
    return 0


_ID = Word("id", N_("ID"))
_CALENDAR = Word("calendar", N_("CALENDAR"))
_SCOPES = (
    Option("only", N_("Only this instance of a series.")),
    Option("following", N_("This instance and those after it.")),
    Option("all", N_("The whole series.")),
)
_VALUES = (
    Option("title", N_("What it is called."), N_("TITLE")),
    Option("start", N_("2027-02-01T09:00 in your zone, or with an offset; a date alone is all-day."), N_("START")),
    Option("end", N_("When it ends; for an all-day event the day after its last."), N_("END")),
    Option("duration", N_("How long it is, as 30m, 2h or 1d."), N_("DURATION")),
    Option("place", N_("Where it is."), N_("PLACE")),
    Option("all-day", N_("It covers whole days.")),
    Option("time-zone", N_("The zone of its times, as Europe/Paris."), N_("ZONE")),
    Option("repeat", N_("A rule, as FREQ=WEEKLY;BYDAY=MO,TH; none to end the repetition."), N_("RRULE")),
    Option("status", N_("free, tentative, busy, out-of-office or working-elsewhere."), N_("STATUS")),
    Option("private", N_("Others see a block of time only.")),
    Option("reminder", N_("How long before, as 15m; none for no reminder."), N_("DURATION")),
    Option("people", N_("Who takes part."), N_("ADDRESS"), many=True),
    Option("notes", N_("Text, or - for standard input."), N_("TEXT")),
)
COMMANDS = {
    "add": {
        "": Command(
            "add",
            N_("Add an event."),
            _add,
            (_CALENDAR,),
            (*_VALUES, Option("quick", N_("All in one line, as “lunch tomorrow 12:30 @ canteen”."), N_("TEXT"))),
        )
    },
    "edit": {
        "": Command(
            "edit",
            N_("Change an event."),
            _edit,
            (_ID,),
            (*_VALUES, Option("public", N_("It is no longer private.")), *_SCOPES),
        )
    },
    "delete": {"": Command("delete", N_("Delete an event."), _delete, (_ID,), (*_SCOPES, YES))},
    "copy": {"": Command("copy", N_("Copy an event to another calendar."), _copy, (_ID, _CALENDAR), _SCOPES)},
    "move": {"": Command("move", N_("Move an event to another calendar."), _move, (_ID, _CALENDAR), _SCOPES)},
    "undo": {
        "": Command(
            "undo",
            N_("Take back the last change."),
            _undo,
            (),
            (
                Option("mine", N_("Put your earlier version back, over what somebody else changed since.")),
                Option("theirs", N_("Leave what somebody else changed since, and go on.")),
            ),
        )
    },
    "redo": {"": Command("redo", N_("Do again what was undone."), _redo)},
    "history": {"": Command("history", N_("List what was changed."), _history)},
}
