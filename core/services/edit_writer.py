"""Carrying changes out: journalled first, verified by reading back, whole or not at all, healed after a crash."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from core.calendar.event import CalendarObject
from core.errors import Conflict, NotFound, PartagendaError, Refused, StorageError
from core.language import _
from core.ports.calendars import CalendarStore, StoredObject
from core.ports.world import Clock
from core.services.history import (
    Change,
    Doing,
    Facts,
    History,
    HistoryEntry,
    State,
    calendar_state,
    state_of_calendar,
)
from core.services.stores import Home
from core.values import dataclass

if TYPE_CHECKING:
    from core.services.library import Library

T = TypeVar("T")

log = logging.getLogger("partagenda.history")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for DTSTAMP where an event has none, so that the same event always gives the same bytes."""


def content(thing: CalendarObject) -> bytes:
    """What an object says, as bytes that are the same for the same object, read back or not."""
    from core.ical.encode import encode_object

    return encode_object(object_of(encode_object(thing, now=_EPOCH)), now=_EPOCH)


def object_of(data: bytes) -> CalendarObject:
    """The object in the bytes of `content`."""
    from core.ical.decode import decode

    return decode(data, now=_EPOCH).objects[0]


@dataclass(frozen=True, slots=True)
class Planned:
    """One object to be changed: as it was read (None: it must be new), and as it shall be (None: gone)."""

    calendar: str
    uid: str
    before: StoredObject | None
    after: CalendarObject | None

    @property
    def change(self) -> Change:
        """As the journal has it."""
        before = content(self.before.object) if self.before else None
        return Change(self.calendar, self.uid, before, content(self.after) if self.after else None)


class EditConflict(Conflict):
    """Somebody else changed an event since; nothing was overwritten, both versions are here and kept.

    `theirs` is what stands in the calendar (None: deleted), `mine` what the person has or had (None: deleted).
    """

    def __init__(self, title: str, theirs: StoredObject | None, mine: CalendarObject | None, hint: str = "") -> None:
        message = _("“{title}” was changed by another program meanwhile; both versions are kept.")
        super().__init__(message.format(title=title), hint)
        self.theirs = theirs
        self.mine = mine


class HalfDone(StorageError):
    """Neither could it be finished nor taken back just now; it is made whole before the next change."""


class _Is(StrEnum):
    """Which version of an object is stored."""

    NEW = "new"
    OLD = "old"
    FOREIGN = "foreign"


class Writer:
    """Changes calendars by the journal's rules, one change at a time (the history's lock)."""

    def __init__(self, library: Library, history: History, clock: Clock) -> None:
        self._library = library
        self.history = history
        self._clock = clock

    async def carry_out(self, facts: Facts, planned: Sequence[Planned]) -> None:
        """Do all of it or nothing. Raises Conflict, Refused, StorageError, NotFound."""
        await self.alone(lambda: self.write(facts, planned))

    async def alone(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something under the history's lock, after what a crash left is healed; never cut in two by cancelling."""

        async def locked() -> T:
            async with self.history.alone():
                await self.heal()
                return await work()

        task = asyncio.ensure_future(locked())
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise

    async def record(self, facts: Facts, changes: Sequence[Change]) -> None:
        """Write down what was done already. That it is done counts: a journal that fails is logged and no more."""

        async def note() -> None:
            await asyncio.to_thread(self.history.record, facts, changes, self._clock.now())

        try:
            await self.alone(note)
        except StorageError:
            log.exception("a change could not be written into the history")

    async def write(self, facts: Facts, planned: Sequence[Planned]) -> int:
        """`carry_out` inside of `alone`; the number in the history."""
        for one in planned:
            await self._still(one)
        changes = await asyncio.to_thread(lambda: [one.change for one in _in_order(planned)])
        number = await asyncio.to_thread(self.history.begin, facts, changes, self._clock.now())
        try:
            await self.apply(changes)
        except HalfDone:
            raise  # the entry stays open, and is healed before the next change
        except PartagendaError:
            await asyncio.to_thread(self.history.forget, number)
            raise
        await asyncio.to_thread(self.history.complete, number)
        return number

    async def _still(self, planned: Planned) -> None:
        """Refuse before anything is written when what was read is not what is stored."""
        now = await self.stored(planned.calendar, planned.uid)
        was = planned.before.etag if planned.before else None
        if (now.etag if now else None) != was:
            title = _title(planned.before.object if planned.before else planned.after)
            raise EditConflict(title, now, planned.after, _("Look at it again, then change it."))

    async def apply(self, changes: Sequence[Change]) -> None:
        """Bring each object from `before` to `after`. When one fails, those that were done are taken back."""
        done: list[Change] = []
        try:
            for change in changes:
                done.append(change)
                await self._apply_one(change)
        except PartagendaError as error:
            await self._take_back(done, error)
            raise

    async def _take_back(self, done: Sequence[Change], error: PartagendaError) -> None:
        try:
            for change in reversed(done):
                if await self._which(change) is _Is.NEW:
                    await self._apply_one(change.reversed)
        except PartagendaError as second:
            raise HalfDone(error.message, error.hint) from second

    async def _apply_one(self, change: Change) -> None:
        """Raises EditConflict, with nothing changed, when what is stored is not what the change begins with."""
        if change.whole_calendar:
            await self._apply_calendar(change)
            return
        store = await self._store(change.calendar)
        now = await self.stored(change.calendar, change.uid)
        if not await self._is(now, change.before):
            mine = object_of(change.after) if change.after else None
            raise EditConflict(_title_of(change), now, mine)
        if change.after is None:
            if now is not None:
                await store.delete(change.calendar, change.uid, expected_etag=now.etag)
            return
        thing = await asyncio.to_thread(object_of, change.after)
        await store.put(change.calendar, thing, expected_etag=now.etag if now else None)
        await self._verify(change)

    async def _apply_calendar(self, change: Change) -> None:
        """Make, take away or rename a calendar as a whole; what is taken away stays in the trash with its events."""
        store = await self._store(change.calendar)
        if await self._calendar(change.calendar) != change.before:
            raise _calendar_changed(change)
        if change.after is None:
            await store.remove(change.calendar)
            return
        if change.before is None:
            if not isinstance(store, Home):
                raise Refused(_("This cannot be done without a calendar folder of Partagenda's own."))
            await store.bring_back(change.calendar)
        name, colour = state_of_calendar(change.after)
        now = await self._calendar(change.calendar)
        if now != change.after:
            was = state_of_calendar(now)[1] if now else ""
            await store.update(change.calendar, name=name, colour=colour if colour != was else None)

    async def _calendar(self, calendar: str) -> bytes | None:
        """A calendar as the journal has it; None where there is none."""
        try:
            info = await self._library.find(calendar)
        except NotFound:
            return None
        return calendar_state(info.name, info.colour) if info.id == calendar else None

    async def _verify(self, change: Change) -> None:
        """Read back what was written; a move deletes only after this."""
        if not await self._is(await self.stored(change.calendar, change.uid), change.after):
            raise StorageError(_("“{title}” was not stored as it was written.").format(title=_title_of(change)))

    async def stored(self, calendar: str, uid: str) -> StoredObject | None:
        """What is stored now; None for nothing, also where the calendar is gone."""
        try:
            return await (await self._store(calendar)).get(calendar, uid)
        except NotFound:
            return None

    @staticmethod
    async def _version(stored: StoredObject | None) -> bytes | None:
        return None if stored is None else await asyncio.to_thread(content, stored.object)

    async def _is(self, stored: StoredObject | None, wanted: bytes | None) -> bool:
        """Whether that version is stored. What was imported is in the journal as its file was."""
        version = await self._version(stored)
        if version == wanted or version is None or wanted is None:
            return version == wanted
        return version == await asyncio.to_thread(lambda: content(object_of(wanted)))

    async def _store(self, calendar: str) -> CalendarStore:
        return await self._library.store_of(calendar)

    # undo, redo --------------------------------------------------------------------------------------------

    async def turn(self, entry: HistoryEntry, doing: Doing) -> None:
        """Undo an entry or do it again; the caller holds the lock. Raises EditConflict where somebody changed it."""
        changes = way_of(entry, doing)
        for change in changes:
            await self._ready(change, entry)
        await asyncio.to_thread(self.history.mark, entry.number, doing)
        try:
            await self.apply(changes)
        except HalfDone:
            raise
        except PartagendaError:
            await asyncio.to_thread(self.history.settle, entry.number, entry.state)
            raise
        await asyncio.to_thread(self.history.settle, entry.number, _target(doing))

    async def _ready(self, change: Change, entry: HistoryEntry) -> None:
        """Raises where something else stands there than what was left."""
        if change.whole_calendar:
            if await self._calendar(change.calendar) != change.before:
                await asyncio.to_thread(self.history.settle, entry.number, State.LEFT)
                raise _calendar_changed(change)
            return
        now = await self.stored(change.calendar, change.uid)
        if not await self._is(now, change.before):
            raise EditConflict(_title_of(change), now, object_of(change.after) if change.after else None)

    # after a crash -----------------------------------------------------------------------------------------

    async def heal(self) -> int:
        """Make whole what a crash cut in two; the caller holds the lock. How many entries that were."""
        entries = await asyncio.to_thread(self.history.cut_off)
        for entry in entries:
            await self._heal(entry)
        return len(entries)

    async def _heal(self, entry: HistoryEntry) -> None:
        try:
            await self._make_whole(entry)
        except (Conflict, Refused, NotFound):  # somebody else is at it, or the calendar is gone: theirs stays
            await asyncio.to_thread(self.history.settle, entry.number, State.LEFT)

    async def _make_whole(self, entry: HistoryEntry) -> None:
        """Finish what a killed process began; take it back where somebody else has changed a part of it since."""
        changes = way_of(entry, entry.doing)
        found = [await self._which(change) for change in changes]
        begun = any(one is not _Is.OLD for one in found)
        blocked = any(_in_the_way(change, one) for change, one in zip(changes, found, strict=True))
        forward = begun and not blocked
        left = _Is.OLD if forward else _Is.NEW
        due = [change for change, one in zip(changes, found, strict=True) if one is left]
        await self.apply(due if forward else [change.reversed for change in reversed(due)])
        if forward and entry.doing is Doing.DO:
            await asyncio.to_thread(self.history.complete, entry.number)
        elif forward:
            await asyncio.to_thread(self.history.settle, entry.number, _target(entry.doing))
        elif entry.doing is Doing.DO:
            await asyncio.to_thread(self.history.forget, entry.number)
        else:
            await asyncio.to_thread(self.history.settle, entry.number, entry.state)

    async def _which(self, change: Change) -> _Is:
        if change.whole_calendar:
            state = await self._calendar(change.calendar)
            return _Is.NEW if state == change.after else _Is.OLD if state == change.before else _Is.FOREIGN
        stored = await self.stored(change.calendar, change.uid)
        if await self._is(stored, change.after):
            return _Is.NEW
        return _Is.OLD if await self._is(stored, change.before) else _Is.FOREIGN


def _in_the_way(change: Change, found: _Is) -> bool:
    """Whether somebody else's version keeps a change from being finished.

    One that stands where we put something new was made from ours: what remains to be done can still be done.
    """
    return found is _Is.FOREIGN and change.before is not None


def way_of(entry: HistoryEntry, doing: Doing) -> list[Change]:
    """The changes in the order in which they are safe: nothing is taken away before it is somewhere else."""
    changes = [change.reversed for change in entry.changes] if doing is Doing.UNDO else list(entry.changes)
    return sorted(changes, key=lambda change: (change.after is None, change.before is not None))


def _in_order(planned: Sequence[Planned]) -> list[Planned]:
    return sorted(planned, key=lambda one: (one.after is None, one.before is not None))


def _target(doing: Doing) -> State:
    return State.UNDONE if doing is Doing.UNDO else State.DONE


def _calendar_changed(change: Change) -> Conflict:
    data = change.before if change.before is not None else change.after
    name = state_of_calendar(data)[0] if data is not None else change.calendar
    return Conflict(
        _("The calendar “{name}” was changed since; it stays as it is.").format(name=name),
        _("Undo goes on with what was done before."),
    )


def _title(thing: CalendarObject | None) -> str:
    return thing.events[0].title if thing and thing.events else ""


def _title_of(change: Change) -> str:
    data = change.after if change.after is not None else change.before
    return _title(object_of(data)) if data is not None else ""
