"""The person's calendars: list, create, look, search, open, import, export, delete, restore."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.calendar.busyness import DayLoad, Loads
from core.calendar.entry import Entry
from core.calendar.event import Moment, Occurrence
from core.calendar.span import DateRange, TimeSpan
from core.errors import NotFound, PartagendaError, Refused, StorageError, TransportError, UsageError
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarKind, CalendarStore, SnapshotFacts, StoredObject
from core.ports.world import Clock, Consent, Progress
from core.services.state_file import read_state, write_state
from core.services.stores import Distant, Home, Locating, Merging, Reminding, Showing
from core.values import dataclass

if TYPE_CHECKING:  # reading needs nothing of it: loaded with the first import
    from core.services.history import Change, Facts
    from core.services.importing import Importer, ImportReport
    from core.services.sources import Piled, Source

__all__ = ["EventDetails", "ImportReport", "Library", "Source"]

_STATE = "library.json"


def __getattr__(name: str) -> type[Any]:
    if name == "ImportReport":
        from core.services.importing import ImportReport

        return ImportReport
    if name == "Source":
        from core.services.sources import Source

        return Source
    raise AttributeError(name)


@dataclass(frozen=True, slots=True)
class EventDetails:
    """One occurrence with everything that is known of it."""

    calendar: CalendarInfo
    stored: StoredObject
    occurrence: Occurrence


class Recorder(Protocol):
    """Writes what was done into the history."""

    async def __call__(self, facts: Facts, changes: Sequence[Change]) -> None: ...


class Library:
    """All stores as one. `state` is the folder in which the default calendar is remembered."""

    def __init__(
        self, stores: Sequence[CalendarStore], clock: Clock, state: Path, record: Recorder | None = None
    ) -> None:
        self._stores = tuple(stores)
        self._clock = clock
        self._state = state / _STATE
        self._record = record

    @property
    def stores(self) -> tuple[CalendarStore, ...]:
        """All of them, in the order of the screen."""
        return self._stores

    # looking ---------------------------------------------------------------------------------------------

    async def calendars(self) -> list[CalendarInfo]:
        """Every calendar, in the order of the screen: the built-in account, the others, files that are looked at."""
        found = [info for store in self._stores for info in await store.calendars()]
        default = await self._default(found)
        return [replace(info, default=info.id == default) for info in found]

    async def _default(self, known: Iterable[CalendarInfo]) -> str:
        chosen = (await asyncio.to_thread(read_state, self._state)).get("default", "")
        writable = [info.id for info in known if info.can.write]
        return chosen if chosen in writable else next(iter(writable), "")

    async def find(self, name_or_id: str, able: Callable[[CalendarInfo], bool] | None = None) -> CalendarInfo:
        """The calendar that a person means; of several of one name the only one that is `able` to what they want.

        Raises NotFound, which names the nearest one, or UsageError for two.
        """
        known = await self.calendars()
        folded = name_or_id.strip().casefold()
        for fits in (
            lambda info: info.id == name_or_id,
            lambda info: info.name == name_or_id,
            lambda info: folded in (info.name.casefold(), info.id.casefold()),
        ):
            hits = [info for info in known if fits(info)]
            if len(hits) > 1 and able is not None:
                hits = [info for info in hits if able(info)] or hits
            if len(hits) == 1:
                return hits[0]
            if hits:
                raise UsageError(
                    _("Several calendars are called “{name}”.").format(name=name_or_id),
                    _("Name one by its id: {ids}.").format(ids=", ".join(info.id for info in hits)),
                )
        raise not_found(name_or_id, known)

    async def refresh(self, progress: Progress | None = None, *, servers: bool = True) -> None:
        """Look at everything again: files, and what servers have. One that fails does not keep the others from it;
        the first failure is raised at the end.
        """
        failed: PartagendaError | None = None
        for store in self._stores:
            if isinstance(store, Distant) and not servers:
                continue
            try:
                await store.refresh(progress)
            except (TransportError, StorageError) as error:
                failed = failed or error
        if failed is not None:
            raise failed

    async def entries(self, calendars: Sequence[str], span: TimeSpan, zone: tzinfo | None = None) -> list[Entry]:
        """Occurrences of these calendars (ids) that touch the span, by start; times in `zone`, else the person's."""
        zone = zone or self._clock.zone
        found: list[Entry] = []
        stores = await self._by_store(calendars)
        for store, ids in stores:
            found += await store.entries(ids, span, zone)
        return found if len(stores) < 2 else sorted(found, key=lambda entry: _order(entry, zone))

    async def touched(self, calendars: Sequence[str], days: DateRange) -> frozenset[date]:
        """The days of a range (not of a whole calendar) on which something is in these calendars (ids)."""
        stores = await self._by_store(calendars)
        found = [await store.touched(ids, days, self._clock.zone) for store, ids in stores]
        return frozenset[date]().union(*found)

    async def load(self, calendars: Sequence[str], days: DateRange) -> Mapping[date, DayLoad]:
        """How busy the days of a range (not of a whole calendar) are in these calendars (ids) together."""
        assert days.first is not None and days.last is not None
        loads = Loads(days.first, days.last)
        for store, ids in await self._by_store(calendars):
            loads.take_in(await store.load(ids, days, self._clock.zone))
        return loads.result()

    async def search(self, words: Sequence[str], calendars: Sequence[str] | None = None) -> list[Entry]:
        """Events in which every word stands, each once, the one nearest to now first."""
        ids = [info.id for info in await self.calendars()] if calendars is None else list(calendars)
        found: list[Entry] = []
        stores = await self._by_store(ids)
        for store, its_ids in stores:
            found += await store.search(words, its_ids, self._clock.zone)
        now = self._clock.now()
        return found if len(stores) < 2 else sorted(found, key=lambda entry: abs(_aware(entry.start, now) - now))

    async def details(self, entry_id: str) -> EventDetails:
        """Everything about one entry. Raises NotFound when it is not there any more."""
        event, _at, original = entry_id.partition("@")
        for store in self._stores:
            if isinstance(store, Locating) and (place := await store.locate(event)):
                calendar, uid = place
                stored = await store.get(calendar, uid)
                occurrence = await asyncio.to_thread(self._occurrence, stored, original)
                return EventDetails(await self.find(calendar), stored, occurrence)
        raise NotFound(_("There is no event {id}.").format(id=entry_id), _("`partagenda agenda --json` shows the ids."))

    def _occurrence(self, stored: StoredObject, original: str) -> Occurrence:
        """`original` as entries have it, empty for the event itself; only days around it are read. Raises NotFound."""
        from core.ical.recurrence import expand
        from core.index.exact import rid_text

        for event in stored.object.events:
            if not original and event.recurrence_id is None:
                return Occurrence(event, event.start, event.end, None, event.private)
        try:
            middle = datetime.strptime(original[:8], "%Y%m%d").replace(tzinfo=UTC)
        except ValueError:
            raise NotFound(_("There is no instance {id}.").format(id=original)) from None
        moments = [middle, *(_aware(event.start, middle) for event in stored.object.overrides)]
        span = TimeSpan(min(moments) - timedelta(days=3), max(moments) + timedelta(days=3))
        for occurrence in expand(stored.object, span, self._clock.zone).occurrences:
            if rid_text(occurrence.recurrence_id) == original:
                return occurrence
        raise NotFound(_("There is no instance {id}.").format(id=original))

    async def objects(self, calendar: str, span: TimeSpan | None = None) -> list[StoredObject]:
        """Whole objects of a calendar (id) with an occurrence in the span; all without one."""
        return list(await (await self._store_of(calendar)).objects(calendar, span))

    async def reminding(self, calendar: str, near: TimeSpan, far: TimeSpan) -> list[StoredObject]:
        """Objects with a reminder for an occurrence in `near`; in `far` where it may ring long before or after."""
        store = await self._store_of(calendar)
        return list(await store.reminding(calendar, near, far)) if isinstance(store, Reminding) else []

    # calendars -------------------------------------------------------------------------------------------

    async def create(
        self, name: str, *, root: Path | None = None, colour: str = "", undoable: bool = True
    ) -> CalendarInfo:
        """A new, empty calendar; its folder in `root` if given. Raises Refused when the name is taken."""
        name = _calendar_name(name)
        if any(info.name.casefold() == name.casefold() for info in await self.calendars()):
            raise Refused(_("There is already a calendar “{name}”.").format(name=name), _("Choose another name."))
        home = self._home
        info = await home.adopt(root, name) if root else await home.create_filled(name, (), colour=colour)
        if root and colour:
            info = await (await self._store_of(info.id)).update(info.id, colour=colour)
        if undoable:
            await self._note("NEW_CALENDAR", None, info)
        return info

    async def rename(self, calendar: str, name: str) -> CalendarInfo:
        """Another name; other programs that use the folder see it too."""
        before = await self.find(calendar)
        after = await (await self._store_of(before.id)).update(before.id, name=_calendar_name(name))
        await self._note("RENAME", before, after)
        return after

    async def recolour(self, calendar: str, colour: str) -> CalendarInfo:
        """Another colour, `#rrggbb`."""
        before = await self.find(calendar)
        after = await (await self._store_of(before.id)).update(before.id, colour=colour)
        await self._note("RECOLOUR", before, after)
        return after

    async def _note(self, action: str, before: CalendarInfo | None, after: CalendarInfo | None) -> None:
        """Write a change of a calendar as a whole into the history, so that it can be undone."""
        same = before and after and (before.name, before.colour) == (after.name, after.colour)
        if self._record is not None and not same:
            from core.services.calendar_notes import whole_calendar

            await self._record(*whole_calendar(action, before, after))

    async def set_default(self, calendar: str) -> None:
        """The calendar that new events go to."""
        info = await self.find(calendar)
        await asyncio.to_thread(write_state, self._state, {"default": info.id})

    async def delete(self, calendar: str) -> None:
        """Take a calendar away; `restore` and undo bring it back."""
        before = await self.find(calendar)
        store = await self._store_of(before.id)
        await store.remove(before.id)
        if isinstance(store, Home):
            await self._note("DELETE_CALENDAR", before, None)

    async def deleted(self) -> list[str]:
        """Names of calendars that can be restored, the last deleted first."""
        return await self._home.deleted()

    async def restore(self, name: str) -> CalendarInfo:
        """Bring the last deleted calendar of that name back."""
        info = await self._home.restore(name)
        await self._note("RESTORE_CALENDAR", None, info)
        return info

    # taking in and giving out ----------------------------------------------------------------------------

    async def import_sources(
        self, sources: Sequence[Source], *, name: str = "", into: str = "", progress: Progress | None = None
    ) -> ImportReport:
        """Take in files, messages, folders or bytes; see `core.services.importing`. `into` is a name or an id."""
        target = await self.find(into) if into else None
        store = await self._store_of(target.id) if target else self._merging
        if not isinstance(store, Merging):
            raise _missing()
        return await self._importer(store).run(sources, name=name, into=target, progress=progress)

    async def export(self, calendar: str, days: DateRange) -> bytes:
        """Everything of a calendar (name or id), for oneself: nothing is left out. One .ics."""
        from core.ical.decode import CalendarHeader
        from core.ical.encode import encode_calendar

        info = await self.find(calendar)
        span = None if days.whole else days.span(self._clock.zone)
        things = [stored.object for stored in await self.objects(info.id, span)]
        header = CalendarHeader(name=info.name, colour=info.colour)
        return await asyncio.to_thread(encode_calendar, things, header, now=self._clock.now())

    async def look_at(self, found: Sequence[Path | Source]) -> list[CalendarInfo]:
        """Show files (.ics, .eml), folders or bytes without importing them; they are gone when the program ends."""
        from core.services.sources import read_path, read_source

        now = self._clock.now()
        return [
            await self._show(
                await asyncio.to_thread(read_path, one, now)
                if isinstance(one, Path)
                else await asyncio.to_thread(read_source, one, now)
            )
            for one in found
        ]

    async def _show(self, pile: Piled) -> CalendarInfo:
        from core.services.importing import facts_of

        facts = facts_of(pile, self._clock)
        name = await self.free_name(pile.name)
        colour = pile.colour
        return await self._showing.show(name, pile.events, facts=facts, colour=colour)

    async def open_snapshot(
        self, data: bytes, facts: SnapshotFacts, name: str, ask: Consent | None = None
    ) -> CalendarInfo:
        """A calendar that came by mail, as a snapshot beside one's own (outlook.md §1.8, *The same calendar again*).

        The same X-WR-RELCALID from the same sender refreshes the calendar; from another one `ask` decides, and
        without consent it opens as a calendar of its own.
        """
        importer = self._importer()
        return await importer.open_snapshot(data, facts, name, ask)

    async def keep(self, calendar: str) -> CalendarInfo:
        """A file that is looked at becomes a calendar: a snapshot if it is somebody's, else one's own."""
        showing = self._showing
        info = await self.find(calendar)
        if info.kind is not CalendarKind.FILE:
            raise Refused(_("“{name}” is a calendar already.").format(name=info.name))
        name = await self.free_name(info.name, besides=info.id)
        kept = await self._importer().keep(name, await showing.content(calendar), info)
        await (await self._store_of(calendar)).remove(calendar)
        return kept

    async def free_name(self, name: str, *, besides: str = "") -> str:
        """The name, or with a number behind it when it is taken; by the calendar `besides` (an id) it may be."""
        taken = {info.name.casefold() for info in await self.calendars() if info.id != besides}
        free, number = _calendar_name(name or _("Calendar")), 2
        base = free
        while free.casefold() in taken:
            free, number = f"{base} {number}", number + 1
        return free

    async def store_of(self, calendar: str) -> CalendarStore:
        """The store in which a calendar (id) is. Raises NotFound."""
        return await self._store_of(calendar)

    # stores ----------------------------------------------------------------------------------------------

    async def _by_store(self, calendars: Sequence[str]) -> list[tuple[CalendarStore, list[str]]]:
        """Each store with its calendars: an id begins with the account's name."""
        wanted = list(dict.fromkeys(calendars))
        found = [
            (store, ids)
            for store in self._stores
            if (ids := [calendar for calendar in wanted if calendar.startswith(f"{store.account}/")])
        ]
        if missing := set(wanted) - {calendar for _store, ids in found for calendar in ids}:
            raise not_found(min(missing), await self.calendars())
        return found

    async def _store_of(self, calendar: str) -> CalendarStore:
        return (await self._by_store([calendar]))[0][0]

    @property
    def own_home(self) -> Home:
        """Where calendars of our own are made: snapshots and subscriptions are kept there, too."""
        return self._home

    @property
    def _home(self) -> Home:
        for store in self._stores:
            if isinstance(store, Home):
                return store
        raise _missing()

    @property
    def _merging(self) -> Merging:
        for store in self._stores:
            if isinstance(store, Merging):
                return store
        raise _missing()

    @property
    def _showing(self) -> Showing:
        for store in self._stores:
            if isinstance(store, Showing):
                return store
        raise _missing()

    def _importer(self, store: Merging | None = None) -> Importer:
        from core.services.importing import Importer

        return Importer(self, self._home, store or self._merging, self._clock, self._record)


def _missing() -> Refused:
    return Refused(_("This cannot be done without a calendar folder of Partagenda's own."))


def not_found(name: str, known: Sequence[CalendarInfo]) -> NotFound:
    """There is no such calendar; with the nearest name as the hint."""
    from difflib import get_close_matches

    folded = {info.name.casefold(): info.name for info in known}
    close = get_close_matches(name.casefold(), folded, 1, 0.5)
    hint = _("Did you mean “{name}”?").format(name=folded[close[0]]) if close else ""
    return NotFound(
        _("There is no calendar “{name}”.").format(name=name), hint or _("`partagenda calendars` lists them.")
    )


def _calendar_name(name: str) -> str:
    from core.calendar.people import clean_name

    cleaned = clean_name(name)[:200]
    if not cleaned:
        raise UsageError(_("A calendar needs a name."))
    return cleaned


def _aware(moment: Moment, like: datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment if moment.tzinfo else moment.replace(tzinfo=like.tzinfo)
    return datetime(moment.year, moment.month, moment.day, tzinfo=like.tzinfo)


def _order(entry: Entry, zone: tzinfo) -> tuple[Any, ...]:
    start = entry.start
    if isinstance(start, datetime):
        return start.astimezone(zone).date().isoformat(), start.astimezone(UTC).isoformat(), entry.title
    return start.isoformat(), "", entry.title
