"""Importing: new calendars, merging into one that is there, and the same thing coming again.

The same again changes nothing: a source is known by its path (or message) and the name it was given, a calendar with
an X-WR-RELCALID by that and its sender (outlook.md §1.8). An event that was changed here since keeps the change,
unless the incoming one is newer (SEQUENCE, then LAST-MODIFIED).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from core.calendar.span import WHOLE_CALENDAR, DateRange
from core.errors import NotFound, PartagendaError, Refused, StorageError, Unreadable
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarKind, SnapshotFacts
from core.ports.world import Clock, Consent, Progress
from core.services.pieces import differs, replaces
from core.services.sources import Piled, Source, SourceProblem, Told, cut_named, read_source
from core.services.stores import Home, Merging
from core.values import dataclass

if TYPE_CHECKING:
    from core.services.library import Recorder


class Names(Protocol):
    """The part of the library that importing needs."""

    async def calendars(self) -> list[CalendarInfo]: ...

    async def find(self, name_or_id: str) -> CalendarInfo: ...

    async def free_name(self, name: str) -> str: ...


@dataclass(slots=True)
class ImportReport:
    """What an import did. `problems` with `refused` were left out; `failed` are sources that could not be read."""

    calendars: list[str] = field(default_factory=list)
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[SourceProblem] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def count(self, numbers: tuple[int, int, int]) -> None:
        """Add what one merge did."""
        self.added += numbers[0]
        self.updated += numbers[1]
        self.unchanged += numbers[2]


class Importer:
    """One import. Nothing of a new calendar stays when it is stopped or fails."""

    def __init__(self, names: Names, home: Home, store: Merging, clock: Clock, record: Recorder | None = None) -> None:
        self._names = names
        self._home = home
        self._store = store
        self._clock = clock
        self._record = record

    async def run(
        self, sources: Sequence[Source], *, name: str = "", into: CalendarInfo | None = None, progress: Progress | None
    ) -> ImportReport:
        """Import all sources. One that cannot be read is a problem; when all are, its error is raised."""
        report = ImportReport()
        last: PartagendaError | None = None
        for source in sources:
            try:
                pile = await asyncio.to_thread(read_source, source, self._clock.now(), _telling(progress, source))
            except (Unreadable, NotFound, StorageError, Refused) as error:
                last = error
                report.failed.append(source.label)
                report.problems.append(SourceProblem(source.label, 0, error.message, True))
                continue
            report.problems += pile.problems
            taken = await self._take(pile, name, into, report, progress)
            if taken not in report.calendars:
                report.calendars.append(taken)
            if name and into is None:
                into = await self._names.find(taken)  # the other sources of one --as join the first
        if last is not None and not report.calendars:
            raise last
        return report

    async def _take(
        self, pile: Piled, name: str, into: CalendarInfo | None, report: ImportReport, progress: Progress | None
    ) -> str:
        """The name of the calendar that they went to: `into`, the one that this source made before, or a new one."""
        if into is not None:
            if not into.can.write:
                raise Refused(
                    _("“{name}” cannot be changed.").format(name=into.name), _("Import it as a calendar of its own.")
                )
            report.count(await self._merge(into, pile, progress))
            return into.name
        known = await self._same(pile, name)
        if known is not None:
            report.count(await self._again(known, pile, progress))
            return known.name
        facts = {"import": _origin(pile, name)}
        free = await self._names.free_name(name or pile.name)
        info = await self._home.create_filled(free, pile.events, colour=pile.colour, facts=facts, progress=progress)
        report.added += len(pile.events)
        await self._made(info, pile.name)
        return info.name

    async def _made(self, info: CalendarInfo, title: str, action: str = "IMPORT") -> None:
        """A calendar is new: undo takes it away."""
        if self._record is not None:
            from core.services.calendar_notes import whole_calendar

            await self._record(*whole_calendar(action, None, info, title))

    async def _merge(
        self,
        known: CalendarInfo,
        pile: Piled,
        progress: Progress | None,
        gone: Collection[str] = (),
        facts: Mapping[str, Any] | None = None,
    ) -> tuple[int, int, int]:
        """Take the events in; what that changed goes into the history."""
        uids = {uid for uid, _data in pile.events} | set(gone)
        noted = self._record is not None and known.can.write
        before = await self._store.contents(known.id, uids) if noted else {}
        numbers = await self._store.merge(
            known.id, pile.events, replaces=replaces, gone=gone, facts=facts, progress=progress
        )
        if self._record is not None and noted:
            from core.services.calendar_notes import imported

            if found := imported(known, pile.name, before, await self._store.contents(known.id, uids)):
                await self._record(*found)
        return numbers

    async def _same(self, pile: Piled, name: str) -> CalendarInfo | None:
        """The calendar that this source made before, under this name."""
        wanted = _origin(pile, name)
        for info in await self._own():
            origin = (await self._store.facts(info.id)).get("import")
            if isinstance(origin, dict) and _is_same(origin, wanted):
                return info
        return None

    async def _own(self) -> list[CalendarInfo]:
        kinds = (CalendarKind.LOCAL, CalendarKind.SNAPSHOT)
        return [info for info in await self._names.calendars() if info.can.delete and info.kind in kinds]

    async def _again(self, known: CalendarInfo, pile: Piled, progress: Progress | None) -> tuple[int, int, int]:
        """Refresh a calendar. With a relation, what the last one brought and this one lacks is taken away."""
        facts = await self._store.facts(known.id)
        origin = facts.get("import")
        before = set(origin.get("uids", ())) if isinstance(origin, dict) else set()
        gone = before - {uid for uid, _data in pile.events} if pile.events else set()
        now = _origin(pile, str(origin.get("as", "")) if isinstance(origin, dict) else "")
        changed = {"import": now} if now != origin else None
        return await self._merge(known, pile, progress, gone, changed)

    # snapshots -------------------------------------------------------------------------------------------

    async def open_snapshot(self, data: bytes, facts: SnapshotFacts, name: str, ask: Consent | None) -> CalendarInfo:
        """See `Library.open_snapshot`."""
        pieces = await asyncio.to_thread(cut_named, data, name or _("the calendar"), self._clock.now())
        known = await self._snapshot_of(facts, ask)
        kept = {**_written(facts), "level": await asyncio.to_thread(_level, data)}
        if known is None:
            free = await self._names.free_name(name or pieces.header.name)
            made = await self._home.create_filled(free, pieces.events, colour=pieces.header.colour, facts=kept)
            await self._made(made, made.name)
            return made
        uids = {uid for uid, _data in pieces.events}
        before = set(await self._store.uids(known.id))
        await self._store.merge(known.id, pieces.events, replaces=differs, gone=before - uids, facts=kept)
        return await self._names.find(known.id)

    async def _snapshot_of(self, facts: SnapshotFacts, ask: Consent | None) -> CalendarInfo | None:
        """The calendar that this one refreshes: same relation and same sender, or another sender with consent."""
        if not facts.relation:
            return None
        related = [
            info for info in await self._own() if info.snapshot is not None and info.snapshot.relation == facts.relation
        ]
        for info in related:
            # two messages that name no sender may come from anybody: those are asked about
            if info.snapshot is not None and facts.sender and info.snapshot.sender.lower() == facts.sender.lower():
                return info
        for info in related:
            question = _("“{name}” came from {old} before; this one is from {new}. Replace it?").format(
                name=info.name, old=info.owner or "?", new=facts.sender or "?"
            )
            if ask is not None and ask(question):
                return info
        return None

    async def keep(self, name: str, events: Sequence[tuple[str, bytes]], info: CalendarInfo) -> CalendarInfo:
        """A calendar of what was looked at."""
        facts = _written(info.snapshot) if info.snapshot else {}
        made = await self._home.create_filled(name, events, colour=info.colour, facts=facts)
        await self._made(made, made.name, "NEW_CALENDAR")
        return made


def facts_of(pile: Piled, clock: Clock) -> SnapshotFacts | None:
    """What a file says as somebody's snapshot (it was published, and by another person); None for any other."""
    header = pile.header
    if header is None or header.method != "PUBLISH" or not (pile.sender or header.clip):
        return None
    window = WHOLE_CALENDAR
    if header.clip is not None:
        zone = clock.zone
        first, behind = (moment.astimezone(zone) + timedelta(hours=12) for moment in header.clip)
        last = max(first.date(), behind.date() - timedelta(days=1))
        window = DateRange(first.date(), last)
    return SnapshotFacts(window, pile.received or clock.now(), pile.sender, header.relation)


def _written(facts: SnapshotFacts) -> dict[str, Any]:
    return {
        "kind": CalendarKind.SNAPSHOT.value,
        "owner": facts.sender,
        "sender": facts.sender,
        "relation": facts.relation,
        "first": facts.window.first.isoformat() if facts.window.first else "",
        "last": facts.window.last.isoformat() if facts.window.last else "",
        "received": facts.received.astimezone(UTC).isoformat(timespec="seconds"),
    }


def _level(data: bytes) -> str:
    from core.sharing.incoming import level_of

    level = level_of(data)
    return level.value if level else "full"


def _origin(pile: Piled, name: str) -> dict[str, Any]:
    origin: dict[str, Any] = {"source": pile.key, "as": name, "relation": pile.relation, "sender": pile.sender.lower()}
    if pile.relation:
        origin["uids"] = sorted(uid for uid, _data in pile.events)
    elif not pile.key:
        origin["source"] = _digest(pile)
    return origin


def _digest(pile: Piled) -> str:
    from hashlib import sha256

    total = sha256()
    for uid, data in sorted(pile.events):
        total.update(uid.encode("utf-8", "replace") + b"\0" + data)
    return total.hexdigest()


def _is_same(origin: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if origin.get("as") != wanted["as"]:
        return False
    if wanted["relation"] or origin.get("relation"):
        return (origin.get("relation"), origin.get("sender")) == (wanted["relation"], wanted["sender"])
    return bool(wanted["source"]) and origin.get("source") == wanted["source"]


def _telling(progress: Progress | None, source: Source) -> Told | None:
    if progress is None:
        return None
    return lambda done, total: progress(done, total, source.label)
