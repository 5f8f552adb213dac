"""Changing calendars: create, change, delete, copy, move; undo and redo across restarts.

Everything goes through `edit_writer`: journalled with the bytes before and after, then done whole or not at all.
A series needs a `Scope`; an event is named by the id of one of its entries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from core.calendar.entry import Entry
from core.calendar.event import CalendarObject, Event, Moment, Occurrence
from core.calendar.event_change import EventChange, Scope, checked, end_after, length_of
from core.calendar.series import (
    Edited,
    alike,
    delete_only,
    edit_all,
    edit_only,
    end_before,
    key,
    settled,
    single_from,
    split,
    with_uid,
)
from core.calendar.span import TimeSpan
from core.errors import Conflict, NotFound, Refused, UsageError
from core.language import _
from core.ports.calendars import CalendarInfo, StoredObject
from core.ports.world import Clock
from core.services.edit_checks import (
    Check,
    aware,
    lost_in_copy,
    lost_instances,
    overlapping,
    read_only,
    window_of,
)
from core.services.edit_series import checked_rule, fits, has_instances, split_facts
from core.services.edit_writer import EditConflict, Planned, Writer
from core.services.history import Action, Doing, Facts, History, HistoryEntry, State
from core.services.library import EventDetails, Library
from core.values import dataclass

__all__ = ["Check", "Choice", "Edit", "EditConflict", "Editing", "HistoryEntry", "ScopeNeeded"]


class ScopeNeeded(UsageError):
    """The event repeats: the person has to say which of its instances are meant."""

    def __init__(self, title: str) -> None:
        super().__init__(
            _("“{title}” repeats.").format(title=title),
            _("Say --only for this instance, --following for this and those after it, --all for the whole series."),
        )


class Choice(StrEnum):
    """What to do when somebody else changed since what is to be undone."""

    ASK = "ask"
    """Raise EditConflict."""
    MINE = "mine"
    """Put the earlier version over theirs; theirs is kept in the history, and undo brings it back."""
    THEIRS = "theirs"
    """Leave theirs, and go on with what was done before it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What was done: the event as it is listed now (None: it is gone), its calendar, and what should be said."""

    entry: Entry | None
    calendar: CalendarInfo
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a change means for the stored objects, and where the person's event is afterwards."""

    facts: Facts
    planned: tuple[Planned, ...]
    shown: tuple[str, str, Moment] | None = None
    """Calendar, UID and start of the occurrence to show."""
    notes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class Editing:
    """The person's hand in their calendars. `history` is the journal's file."""

    def __init__(
        self, library: Library, history: Path, clock: Clock, new_uid: Callable[[], str] = lambda: str(uuid4())
    ) -> None:
        self._library = library
        self._clock = clock
        self._new_uid = new_uid
        self._writer = Writer(library, History(history), clock)

    # doing -----------------------------------------------------------------------------------------------

    async def create(self, calendar: str, draft: Event) -> Edit:
        """A new event in a calendar (id). The draft's UID is ignored. Raises UsageError, Refused."""
        info = await self._writable(calendar)
        thing = self._drafted(draft)
        title = thing.events[0].title
        planned = Planned(info.id, thing.uid, None, thing)
        shown = (info.id, thing.uid, thing.events[0].start)
        return await self._carry_out(_Plan(Facts(Action.ADD, title, info.name), (planned,), shown))

    def _drafted(self, draft: Event) -> CalendarObject:
        now = self._clock.now()
        checked(draft.start, draft.end)
        uid = self._new_uid()
        event = replace(
            draft, uid=uid, rrule=checked_rule(draft.rrule), created=now, modified=now, stamp=now, sequence=0
        )
        return CalendarObject(uid, (event,))

    async def change(
        self, entry_id: str, change: EventChange, scope: Scope | None = None, *, seen: StoredObject | None = None
    ) -> Edit:
        """Change an event, or instances of a series. `seen` is what the person looked at while choosing.

        Raises ScopeNeeded for a series without a scope, EditConflict when `seen` is not what is stored any more.
        """
        details = await self._library.details(entry_id)
        if seen is not None and seen.etag != details.stored.etag:
            raise self._meanwhile(details, seen, change, scope)
        return await self._carry_out(await self._plan_change(details, change, scope))

    async def _plan_change(self, details: EventDetails, change: EventChange, scope: Scope | None) -> _Plan:
        _refuse(read_only(details.calendar))
        if change.rrule is not None:
            change = replace(change, rrule=checked_rule(change.rrule))
        chosen = self._scope(details, scope)
        stored, info = details.stored, details.calendar
        thing, rest, lost, start = await asyncio.to_thread(self._changed_all, details, change, chosen)
        planned = [Planned(info.id, stored.object.uid, stored, thing)]
        if rest is not None:
            planned.append(Planned(info.id, rest.uid, None, rest))
        facts = Facts(Action.CHANGE, details.occurrence.event.title, info.name, scope=chosen or "")
        uid = rest.uid if rest is not None else thing.uid
        return _Plan(facts, tuple(planned), (info.id, uid, start), lost_instances(lost), lost_instances(lost))

    def _meanwhile(
        self, details: EventDetails, seen: StoredObject, change: EventChange, scope: Scope | None
    ) -> EditConflict:
        """The conflict of one who changed what is not stored any more: theirs, and what it would have become."""
        was = replace(details, stored=seen, occurrence=_as_it_was(seen.object, details.occurrence))
        mine = self._changed_all(was, change, self._scope(was, scope))[0]
        hint = _("Save yours over theirs, keep theirs, or keep both.")
        return EditConflict(details.occurrence.event.title, details.stored, mine, hint)

    def _changed_all(
        self, details: EventDetails, change: EventChange, scope: Scope | None
    ) -> tuple[CalendarObject, CalendarObject | None, int, Moment]:
        """The object afterwards, the new series where it was split, how many overrides were lost, the new start."""
        now, thing, at = self._clock.now(), self._thing(details), self._at(details)
        start = at.start if change.start is None else change.start
        if scope is Scope.ONLY or scope is None:
            return edit_only(thing, at, change, now), None, 0, start
        if scope is Scope.FOLLOWING and (halves := self._halves(thing, at)):
            left, right = halves
            edited = self._edited_all(right, _same_instance(right, at), change, now)
            return left, edited.object, len(edited.lost), start
        edited = self._edited_all(thing, at, change, now)
        return edited.object, None, len(edited.lost), start

    def _edited_all(self, thing: CalendarObject, at: Occurrence, change: EventChange, now: datetime) -> Edited:
        zone = self._clock.zone
        return edit_all(thing, at, change, now, lambda master, moment: fits(master, moment, zone))

    async def delete(self, entry_id: str, scope: Scope | None = None) -> Edit:
        """Delete an event, one instance (EXDATE), or an instance and all after it (UNTIL)."""
        details = await self._library.details(entry_id)
        _refuse(read_only(details.calendar))
        chosen = self._scope(details, scope)
        left = await asyncio.to_thread(self._without, details, chosen)
        stored, info = details.stored, details.calendar
        facts = Facts(Action.DELETE, details.occurrence.event.title, info.name, scope=chosen or "")
        return await self._carry_out(_Plan(facts, (Planned(info.id, stored.object.uid, stored, left),)))

    def _without(self, details: EventDetails, scope: Scope | None) -> CalendarObject | None:
        """What stays of the object without the instances that are meant; None for nothing."""
        thing, at, now = self._thing(details), self._at(details), self._clock.now()
        left: CalendarObject | None = None
        if scope is Scope.ONLY:
            left = delete_only(thing, at, now)
        elif scope is Scope.FOLLOWING and thing.master is not None and at.recurrence_id is not None:
            facts = split_facts(thing.master, at.recurrence_id, self._clock.zone)
            left = end_before(thing, at, facts, now) if facts.last is not None else None
        elif scope is Scope.FOLLOWING and at.recurrence_id is not None:
            first = key(at.recurrence_id)
            kept = tuple(event for event in thing.events if key(event.recurrence_id or event.start) < first)
            left = replace(thing, events=kept) if kept else None
        return left if left is not None and has_instances(left, self._clock.zone) else None

    async def copy(self, entry_id: str, calendar: str, scope: Scope | None = None) -> Edit:
        """Copy an event, or instances of a series, to a calendar (id); the copy has a new UID."""
        details = await self._library.details(entry_id)
        return await self._carry_out(await self._plan_copy(details, calendar, scope, ()))

    async def duplicate(self, entry_id: str, scope: Scope | None = None) -> Edit:
        """A copy beside the event, in the same calendar."""
        details = await self._library.details(entry_id)
        return await self._carry_out(await self._plan_copy(details, details.calendar.id, scope, ()))

    async def _plan_copy(
        self, details: EventDetails, calendar: str, scope: Scope | None, notes: tuple[str, ...]
    ) -> _Plan:
        target = await self._writable(calendar)
        chosen = self._scope(details, scope)
        thing = await asyncio.to_thread(self._taken, details, chosen, keep_uid=False)
        title = details.occurrence.event.title
        facts = Facts(Action.COPY, title, details.calendar.name, target.name, chosen or "")
        shown = (target.id, thing.uid, details.occurrence.start)
        lost = lost_in_copy(details.calendar)
        return _Plan(facts, (Planned(target.id, thing.uid, None, thing),), shown, (*notes, *lost), lost)

    def _taken(self, details: EventDetails, scope: Scope | None, *, keep_uid: bool) -> CalendarObject:
        """The instances that are meant, as an object for another place."""
        now, thing, at = self._clock.now(), self._thing(details), self._at(details)
        if scope is Scope.ONLY:
            return single_from(thing, at, self._new_uid(), now)
        if scope is Scope.FOLLOWING and (halves := self._halves(thing, at)):
            return halves[1]
        return thing if keep_uid else with_uid(thing, self._new_uid(), now)

    def _halves(self, thing: CalendarObject, at: Occurrence) -> tuple[CalendarObject, CalendarObject] | None:
        """The series split at an instance; None when nothing comes before it."""
        if thing.master is None or at.recurrence_id is None:
            return None
        facts = split_facts(thing.master, at.recurrence_id, self._clock.zone)
        if facts.last is None:
            return None
        return split(thing, at, facts, self._new_uid(), self._clock.now())

    async def move(self, entry_id: str, calendar: str, scope: Scope | None = None) -> Edit:
        """Move an event to another calendar (id): copied, read back and compared, then deleted; it keeps its UID.

        One instance of a series becomes an event of its own there. From a calendar that cannot be changed it is a
        copy, and the answer says so. Raises Conflict when the same event is there already.
        """
        details = await self._library.details(entry_id)
        return await self._carry_out(await self._plan_move(details, calendar, scope))

    async def _plan_move(self, details: EventDetails, calendar: str, scope: Scope | None) -> _Plan:
        """Out of a calendar that cannot be changed it becomes a copy, and the plan says so."""
        source, stored = details.calendar, details.stored
        target = await self._writable(calendar)
        if target.id == source.id:
            raise UsageError(_("It is in “{name}” already.").format(name=target.name), _("Name another calendar."))
        if reasons := read_only(source):
            note = _("It was copied, not moved: {reason}").format(reason=reasons[0])
            return await self._plan_copy(details, calendar, scope, (note,))
        chosen = self._scope(details, scope)
        thing = await asyncio.to_thread(self._taken, details, chosen, keep_uid=True)
        if await self._writer.stored(target.id, thing.uid) is not None:
            raise _same_there(target, details.occurrence.event.title)
        whole = thing.uid == stored.object.uid
        left = None if whole else await asyncio.to_thread(self._without, details, chosen)
        planned = Planned(target.id, thing.uid, None, thing), Planned(source.id, stored.object.uid, stored, left)
        facts = Facts(Action.MOVE, details.occurrence.event.title, source.name, target.name, chosen or "")
        return _Plan(facts, planned, (target.id, thing.uid, details.occurrence.start))

    async def keep_both(self, calendar: str, conflict: EditConflict) -> Edit:
        """After an EditConflict: theirs stays, the person's version becomes an event of its own beside it."""
        info = await self._writable(calendar)
        if conflict.mine is None:
            raise UsageError(_("There is no version of yours to keep."))
        thing = with_uid(conflict.mine, self._new_uid(), self._clock.now())
        facts = Facts(Action.ADD, thing.events[0].title, info.name)
        shown = (info.id, thing.uid, thing.events[0].start)
        return await self._carry_out(_Plan(facts, (Planned(info.id, thing.uid, None, thing),), shown))

    # looking before ----------------------------------------------------------------------------------------

    async def check_new(self, calendar: str, draft: Event) -> Check:
        """What is in the way of a new event."""
        info = await self._library.find(calendar)
        thing = self._drafted(draft)
        return Check(read_only(info), await self._overlaps(info.id, (thing,)))

    async def check_change(self, entry_id: str, change: EventChange, scope: Scope | None = None) -> Check:
        """What is in the way of a change, and what it would cost."""
        details = await self._library.details(entry_id)
        if refusals := read_only(details.calendar):
            return Check(refusals)
        plan = await self._plan_change(details, change, scope)
        return Check((), await self._planned_overlaps(plan, details.stored.object.uid), plan.lost)

    async def check_copy(self, entry_id: str, calendar: str, scope: Scope | None = None) -> Check:
        """What is in the way of a copy."""
        return await self._check_to(entry_id, calendar, scope, move=False)

    async def check_move(self, entry_id: str, calendar: str, scope: Scope | None = None) -> Check:
        """What is in the way of a move; a note when it would be a copy."""
        return await self._check_to(entry_id, calendar, scope, move=True)

    async def _check_to(self, entry_id: str, calendar: str, scope: Scope | None, *, move: bool) -> Check:
        details = await self._library.details(entry_id)
        target = await self._library.find(calendar)
        if refusals := read_only(target):
            return Check(refusals)
        try:
            plan = await (self._plan_move if move else self._copy_plan)(details, target.id, scope)
        except Conflict as error:
            return Check((error.message,))
        notes = tuple(note for note in plan.notes if note not in plan.lost)
        return Check((), await self._planned_overlaps(plan), plan.lost, notes)

    async def _copy_plan(self, details: EventDetails, calendar: str, scope: Scope | None) -> _Plan:
        return await self._plan_copy(details, calendar, scope, ())

    async def _planned_overlaps(self, plan: _Plan, *ignored: str) -> tuple[Entry, ...]:
        assert plan.shown is not None
        things = [one.after for one in plan.planned if one.after is not None and one.uid == plan.shown[1]]
        return await self._overlaps(plan.shown[0], things, ignored)

    async def _overlaps(
        self, calendar: str, things: Sequence[CalendarObject], ignored: Sequence[str] = ()
    ) -> tuple[Entry, ...]:
        zone = self._clock.zone
        found: list[Entry] = []
        for thing in things:
            there = await self._library.entries([calendar], window_of(thing, zone), zone)
            found += await asyncio.to_thread(overlapping, thing, there, zone, (*ignored, thing.uid))
        return tuple(found)

    # undo --------------------------------------------------------------------------------------------------

    async def undo(self, choice: Choice = Choice.ASK) -> HistoryEntry:
        """Take back the last change. Raises NotFound when there is none, EditConflict as `choice` says."""
        return await self._writer.alone(lambda: self._undo(choice))

    async def _undo(self, choice: Choice) -> HistoryEntry:
        """Raises EditConflict with ASK when the event was changed since; with MINE it is put back all the same."""
        history = self._writer.history
        entry = await asyncio.to_thread(history.last_done)
        if entry is None:
            raise NotFound(_("There is nothing to undo."))
        try:
            await self._writer.turn(entry, Doing.UNDO)
        except EditConflict as conflict:
            if choice is Choice.MINE:
                await self._put_back(entry)
            if choice is not Choice.ASK:
                await asyncio.to_thread(history.settle, entry.number, State.LEFT)
                return entry
            hint = _("“partagenda undo --mine” puts your earlier version back, “undo --theirs” leaves this one.")
            raise EditConflict(entry.facts.title, conflict.theirs, conflict.mine, hint) from conflict
        return entry

    async def _put_back(self, entry: HistoryEntry) -> None:
        """The state before an entry, over whatever is there now; that goes into the history."""
        from core.services.edit_writer import object_of

        planned = []
        for change in entry.changes:
            before = object_of(change.before) if change.before is not None else None
            now = await self._writer.stored(change.calendar, change.uid)
            if now is not None or before is not None:
                planned.append(Planned(change.calendar, change.uid, now, before))
        facts = replace(entry.facts, action=Action.PUT_BACK)
        await self._writer.write(facts, planned)

    async def redo(self) -> HistoryEntry:
        """Do again what was undone last. Raises NotFound when there is nothing, EditConflict."""
        return await self._writer.alone(self._redo)

    async def _redo(self) -> HistoryEntry:
        entry = await asyncio.to_thread(self._writer.history.next_undone)
        if entry is None:
            raise NotFound(_("There is nothing to do again."))
        await self._writer.turn(entry, Doing.REDO)
        return entry

    async def history(self, limit: int = 100) -> list[HistoryEntry]:
        """What was done, the last first."""
        return await asyncio.to_thread(self._writer.history.entries, limit)

    async def heal(self) -> int:
        """At the start: make whole what a crash cut in two. How many changes that were."""
        if not await asyncio.to_thread(self._writer.history.cut_off):
            return 0
        async with self._writer.history.alone():
            return await self._writer.heal()

    # helpers -------------------------------------------------------------------------------------------------

    def _scope(self, details: EventDetails, scope: Scope | None) -> Scope | None:
        """The scope that holds: None for a single event. Raises ScopeNeeded, UsageError."""
        thing = details.stored.object
        if details.occurrence.recurrence_id is None and not any(event.recurring for event in thing.events):
            return None
        if scope is None:
            raise ScopeNeeded(details.occurrence.event.title)
        if scope is not Scope.ALL and details.occurrence.recurrence_id is None:
            raise UsageError(
                _("“{title}” repeats, and this id names the whole series.").format(
                    title=details.occurrence.event.title
                ),
                _("Name the instance by its own id, which has its date after an @."),
            )
        return scope

    def _thing(self, details: EventDetails) -> CalendarObject:
        return settled(details.stored.object, self._clock.zone)

    @staticmethod
    def _at(details: EventDetails) -> Occurrence:
        """The instance that is meant; for a series as a whole, its first."""
        at, master = details.occurrence, details.stored.object.master
        if at.recurrence_id is None and master is not None and master.recurring:
            return replace(at, recurrence_id=master.start)
        return at

    async def _writable(self, calendar: str) -> CalendarInfo:
        info = await self._library.find(calendar)
        _refuse(read_only(info))
        return info

    async def _carry_out(self, plan: _Plan) -> Edit:
        await self._writer.carry_out(plan.facts, plan.planned)
        calendar = await self._library.find(plan.shown[0] if plan.shown else plan.planned[0].calendar)
        entry = await self._entry(*plan.shown) if plan.shown else None
        return Edit(entry, calendar, plan.notes)

    async def _entry(self, calendar: str, uid: str, start: Moment) -> Entry | None:
        """The event as lists show it: its occurrence at that start, else the nearest one."""
        zone = self._clock.zone
        moment = aware(start, zone)
        for reach in (timedelta(days=2), timedelta(days=400)):
            span = TimeSpan(moment - reach, moment + reach)
            found = [one for one in await self._library.entries([calendar], span, zone) if one.uid == uid]
            if found:
                return min(found, key=lambda one: abs(aware(one.start, zone) - moment))
        return None


def _same_instance(right: CalendarObject, at: Occurrence) -> Occurrence:
    """The instance at which a series was split, as it is in the second half: its first, but for an additional date."""
    master = right.master
    assert master is not None and at.recurrence_id is not None
    additional = any(key(moment) == key(at.recurrence_id) for moment in master.rdates)
    rid = at.recurrence_id if additional else master.start
    own = next((e for e in right.overrides if e.recurrence_id and key(e.recurrence_id) == key(rid)), None)
    return Occurrence(own or master, at.start, at.end, rid)


def _as_it_was(thing: CalendarObject, at: Occurrence) -> Occurrence:
    """The same instance in another version of its object."""
    master, rid = thing.master, at.recurrence_id
    own = next((e for e in thing.overrides if rid and e.recurrence_id and key(e.recurrence_id) == key(rid)), None)
    if own is not None:
        return Occurrence(own, own.start, own.end, rid)
    if master is None or rid is None:
        event = master or thing.events[0]
        return Occurrence(event, event.start, event.end, event.recurrence_id)
    start = alike(rid, master.start)
    return Occurrence(master, start, end_after(start, length_of(master.start, master.end), master.end), rid)


def _refuse(reasons: Sequence[str]) -> None:
    if reasons:
        raise Refused(reasons[0], _("Copy the event to a calendar of yours."))


def _same_there(target: CalendarInfo, title: str) -> Conflict:
    return Conflict(
        _("“{title}” is in “{name}” already.").format(title=title, name=target.name),
        _("Copy it (the copy is an event of its own), or delete one of the two."),
    )
