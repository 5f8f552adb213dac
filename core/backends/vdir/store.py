"""The calendars of one account as folders of .ics files: implements `core.ports.CalendarStore`."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from core.backends.vdir import bulk, files
from core.backends.vdir.conflicts import ConflictKeeper
from core.backends.vdir.deleting import Deleting
from core.backends.vdir.once import Once, files_are_changed
from core.backends.vdir.reading import Reading
from core.backends.vdir.rows import (
    CalendarRow,
    calendar_rows,
    facts_of_snapshot,
    info_of,
    must_be_readable,
    must_be_writable,
    no_calendar,
    no_event,
    slug_of,
)
from core.backends.vdir.trash import Trash
from core.calendar.event import CalendarObject
from core.calendar.span import TimeSpan
from core.errors import Conflict, Refused, Unreadable
from core.index import folder as folders
from core.index import read
from core.index.database import REMINDS, REMINDS_FAR
from core.index.entries import bounds_of
from core.index.looking import rows_in
from core.index.session import IndexSession
from core.index.update import Index
from core.language import _
from core.ports.calendars import CalendarInfo, SnapshotFacts, StoredObject
from core.ports.world import Clock, Progress

T = TypeVar("T")
Saved = Sequence[tuple[str, bytes, os.stat_result]]


class VdirStore(Reading, Deleting):
    """Calendars below the folders of one account. All accounts share one index.

    `home` is the folder in which new calendars are made; an account whose calendars other programs manage has none
    of its own, and a new calendar is then refused.
    """

    def __init__(
        self, account: str, index: IndexSession, clock: Clock, *, home: Path | None, data: Path, state: Path
    ) -> None:
        self._account = account
        self._index = index
        self._clock = clock
        self._home = home
        self._locks = state / "locks"
        self.conflicts = ConflictKeeper(state / "conflicts")
        self.trash = Trash(data / "deleted", account)
        self._swept: set[str] = set()

    @property
    def account(self) -> str:
        """The account's name in config.toml; `local` for the built-in one."""
        return self._account

    # reading ---------------------------------------------------------------------------------------------

    async def calendars(self) -> Sequence[CalendarInfo]:
        """The account's calendars in the order of the screen."""
        return await self._with_index(self._calendars)

    def _calendars(self, index: Index) -> list[CalendarInfo]:
        index.look(account=self._account)
        return [info_of(row, self._home is not None) for row in calendar_rows(index.db, self._account)]

    async def refresh(self, progress: Progress | None = None) -> None:
        """Compare every file with what is known of it; sweeps what a killed process left, too."""

        def work(index: Index) -> None:
            index.look(full=True, progress=progress, account=self._account)
            for row in calendar_rows(index.db, self._account):
                self._sweep(row.path)
            if self._home is not None and self._home.is_dir():
                with files.locked(self._locks, str(self._home)):
                    bulk.sweep_staging(self._home)

        await self._with_index(work)

    def _sweep(self, path: str) -> None:
        if path not in self._swept and os.access(path, os.W_OK):
            with files.locked(self._locks, path):
                files.sweep(path)
            self._swept.add(path)

    def _chosen(self, index: Index, calendars: Collection[str]) -> dict[int, str]:
        """Number and id of the calendars, each looked at now. Raises NotFound."""
        chosen = {self._row(index, calendar).n: calendar for calendar in calendars}
        for calendar in chosen.values():
            index.look(only=calendar)
        return chosen

    async def objects(self, calendar: str, span: TimeSpan | None = None) -> Sequence[StoredObject]:
        """Whole objects with an occurrence in the span; all without one. Files that cannot be read are left out."""
        hrefs, row = await self._with_index(lambda index: self._hrefs(index, calendar, span))
        return await asyncio.to_thread(self._read_all, row, hrefs)

    def _hrefs(self, index: Index, calendar: str, span: TimeSpan | None) -> tuple[list[tuple[str, str]], CalendarRow]:
        row = self._row(index, calendar)
        index.look(only=calendar)
        if span is None:
            query = "SELECT href, uid FROM object WHERE cal=? AND uid<>'' ORDER BY n"
            return index.db.execute(query, (row.n,)).fetchall(), row
        rows = rows_in(index, {row.n}, bounds_of(span, self._clock.zone), int(self._clock.now().timestamp()))
        numbers = sorted({found[read.OBJECT] for found in rows})
        return [(file[1], file[6]) for file in read.files_of(index.db, numbers)], row

    async def reminding(self, calendar: str, near: TimeSpan, far: TimeSpan) -> Sequence[StoredObject]:
        """Whole objects with a reminder that may ring for an occurrence in `near`; those of which one rings at another
        time than the day before, for an occurrence in `far`. The index knows which: no other file is read.
        """

        def work(index: Index) -> tuple[list[tuple[str, str]], CalendarRow]:
            row = self._row(index, calendar)
            index.look(only=calendar)
            shown = rows_in(index, {row.n}, bounds_of(near, self._clock.zone), int(self._clock.now().timestamp()))
            numbers = {found[read.OBJECT] for found in shown if found[read.FLAGS] & REMINDS}
            numbers |= read.objects_flagged(index.db, {row.n}, bounds_of(far, self._clock.zone), REMINDS_FAR)
            return [(file[1], file[6]) for file in read.files_of(index.db, sorted(numbers))], row

        hrefs, row = await self._with_index(work)
        return await asyncio.to_thread(self._read_all, row, hrefs)

    def _read_all(self, row: CalendarRow, hrefs: Sequence[tuple[str, str]]) -> list[StoredObject]:
        found: dict[tuple[str, str], StoredObject] = {}
        for href in dict.fromkeys(href for href, _uid in hrefs):
            for stored in self._read_file(row, href):
                found[href, stored.object.uid] = stored
        return [found[key] for key in hrefs if key in found]

    def _read_file(self, row: CalendarRow, href: str) -> list[StoredObject]:
        """None of a file that is gone or cannot be read; problems that name no event belong to each of its objects."""
        from core.ical.decode import decode

        current = files.read_current(row.path, href)
        if current is None:
            return []
        try:
            decoded = decode(current[0], now=self._clock.now())
        except Unreadable:
            return []
        return [
            StoredObject(
                row.id, thing, current[1], tuple(p for p in decoded.problems if not p.uid or p.uid == thing.uid)
            )
            for thing in decoded.objects
        ]

    async def get(self, calendar: str, uid: str) -> StoredObject:
        """One object as it is on disk now."""

        def work(index: Index) -> tuple[CalendarRow, str]:
            row = self._row(index, calendar)
            index.look(only=calendar)
            return row, self._href(index, row, uid)

        row, href = await self._with_index(work)
        for stored in await asyncio.to_thread(self._read_file, row, href):
            if stored.object.uid == uid:
                return stored
        raise no_event(uid)

    async def locate(self, event_id: str) -> tuple[str, str] | None:
        """Calendar id and UID of the event behind (the first part of) an entry's id; None if it is not ours."""

        def work(index: Index) -> tuple[str, str] | None:
            index.look()
            found = read.object_by_id(index.db, event_id)
            ids = {row.n: row.id for row in calendar_rows(index.db, self._account)}
            return (ids[found[1]], found[2]) if found is not None and found[1] in ids else None

        return await self._with_index(work)

    # one event -------------------------------------------------------------------------------------------

    async def put(self, calendar: str, thing: CalendarObject, *, expected_etag: str | None) -> str:
        """Store durably and return the new etag; see the port."""
        from core.ical.encode import encode_object

        data = encode_object(thing, now=self._clock.now())
        return await self._with_index(lambda index: self._put(index, calendar, thing.uid, data, expected_etag))

    def _put(self, index: Index, calendar: str, uid: str, data: bytes, expected: str | None) -> str:
        row = self._writable(index, calendar)
        with files.locked(self._locks, row.path):
            index.look(only=calendar)
            if expected is None:
                href = self._free_name(index, row, uid)
                stat = files.save_new(row.path, href, data)
            else:
                href = self._sole_href(index, row, uid)
                stat = files.replace(row.path, href, data, expected, self._keeper(row))
            self._indexed(index, row, [(href, data, stat)])
        return files.etag_of(stat)

    def _free_name(self, index: Index, row: CalendarRow, uid: str) -> str:
        if index.db.execute("SELECT 1 FROM object WHERE cal=? AND uid=?", (row.n, uid)).fetchone():
            raise Conflict(
                _("The calendar “{name}” already has this event.").format(name=row.name),
                _("Change the one that is there."),
            )
        href = files.file_name(uid)
        if files.stat_of(os.path.join(row.path, href)) is None:
            return href
        return files.file_name(f"/{uid}")  # the name is taken by another event: the hash of something no UID file has

    def _sole_href(self, index: Index, row: CalendarRow, uid: str) -> str:
        href = self._href(index, row, uid)
        query = "SELECT COUNT(*) FROM object WHERE cal=? AND href=?"
        if index.db.execute(query, (row.n, href)).fetchone()[0] > 1:
            raise Refused(
                _("“{file}” holds several events; a calendar's folder should have one file for each.").format(
                    file=href
                ),
                _("Import it as a calendar of its own, then change it there."),
            )
        return href

    async def delete(self, calendar: str, uid: str, *, expected_etag: str) -> None:
        """Take an event away if it is still the version that was read."""

        def work(index: Index) -> None:
            row = self._writable(index, calendar)
            with files.locked(self._locks, row.path):
                index.look(only=calendar)
                href = self._sole_href(index, row, uid)
                files.remove(row.path, href, expected_etag)
                with files_are_changed(index):
                    index.db.execute("BEGIN IMMEDIATE")
                    index.drop(row.n, href)
                    index.db.execute("COMMIT")

        await self._with_index(work)

    def _indexed(self, index: Index, row: CalendarRow, saved: Saved) -> dict[str, tuple[int, int, int]]:
        """Tell the index of these files; what it knows of each then, nothing where it could not be told."""
        told = [(href, data, (stat.st_mtime_ns, stat.st_size, stat.st_ino)) for href, data, stat in saved]
        with files_are_changed(index):
            index.take_in(row.n, row.id, told)
            return {href: stat for href, _data, stat in told}
        return {}

    # many events -----------------------------------------------------------------------------------------

    async def create_filled(
        self,
        name: str,
        events: Sequence[tuple[str, bytes]],
        *,
        colour: str = "",
        facts: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
    ) -> CalendarInfo:
        """A new calendar with these (UID, bytes) in it: all of it, or, when stopped or refused, nothing of it."""
        home = self._own_home()
        told = bulk.telling(progress, len(events), name)
        once = Once[tuple[str, bulk.Saved]]()

        def work(index: Index) -> CalendarInfo:
            with files.locked(self._locks, str(home)):
                known = self._facts(facts)
                path, saved = once(
                    lambda: bulk.create_filled(
                        home, slug_of(name, home), events, name=name, colour=colour, facts=known, told=told
                    )
                )
            index.discover(path)
            row = next(row for row in calendar_rows(index.db, self._account) if row.path == path)
            index.made(row.n, self._indexed(index, row, saved))
            return info_of(self._row(index, row.id), True)

        return await self._with_index(work)

    async def merge(
        self,
        calendar: str,
        events: Sequence[tuple[str, bytes]],
        *,
        replaces: Callable[[bytes, bytes], bool],
        gone: Collection[str] = (),
        facts: Mapping[str, Any] | None = None,
        progress: Progress | None = None,
    ) -> tuple[int, int, int]:
        """Take (UID, bytes) into a calendar: how many were added, updated, unchanged.

        `replaces(stored, incoming)` decides for an event that is there already; `gone` are UIDs to take away.
        """

        once = Once[tuple[bulk.Merger, Saved]]()

        def work(index: Index) -> tuple[int, int, int]:
            row = self._row(index, calendar)
            must_be_writable(row, facts is not None)
            with files.locked(self._locks, row.path):
                index.look(only=calendar)
                merger, saved = once(lambda: merged(index, row))
                self._indexed(index, row, saved)
                index.look(only=calendar)
            return merger.added, merger.updated, merger.unchanged

        def merged(index: Index, row: CalendarRow) -> tuple[bulk.Merger, Saved]:
            """What is done to the files: once, though the index may be made anew and `work` run again."""
            known = dict(index.db.execute("SELECT uid, href FROM object WHERE cal=?", (row.n,)).fetchall())
            merger = bulk.Merger(row.path, known, replaces, self._keeper(row))
            merger.plan(events, bulk.telling(progress, len(events), row.name))
            saved = merger.write(bulk.telling(progress, len(merger.due), row.name))
            merger.remove([uid for uid in gone if uid in known])
            if facts is not None:
                self._write_facts(row.path, {**folders.facts(row.path), **facts})
            return merger, saved

        return await self._with_index(work)

    # calendars -------------------------------------------------------------------------------------------

    async def create(self, name: str, *, colour: str = "", snapshot: SnapshotFacts | None = None) -> CalendarInfo:
        """A new, empty calendar."""
        return await self.create_filled(name, (), colour=colour, facts=facts_of_snapshot(snapshot))

    async def adopt(self, root: Path, name: str) -> CalendarInfo:
        """A new, empty calendar in a folder elsewhere; our own folder gets a link to it."""
        home, once = self._own_home(), Once[str]()

        def linked() -> str:
            folder = os.path.realpath(root / slug_of(name, root))
            files.make_folder(folder)
            files.write_small(folder, folders.NAME_FILE, f"{name}\n")
            link = home / slug_of(name, home)
            files.make_folder(home)
            try:
                os.symlink(folder, link)
                files.sync_folder(str(home))
            except OSError as error:
                raise files.storage_error(error, link) from error
            return str(link)

        def work(index: Index) -> CalendarInfo:
            with files.locked(self._locks, str(home)):
                link = once(linked)
            index.discover(link)
            index.look()
            row = next(row for row in calendar_rows(index.db, self._account) if row.path == link)
            return info_of(row, True)

        return await self._with_index(work)

    async def update(self, calendar: str, *, name: str | None = None, colour: str | None = None) -> CalendarInfo:
        """Another name (khal's `displayname`) or colour (khal's `color`, `#rrggbb`)."""

        def work(index: Index) -> CalendarInfo:
            row = self._row(index, calendar)
            with files.locked(self._locks, row.path):
                if name is not None:
                    files.write_small(row.path, folders.NAME_FILE, f"{' '.join(name.split())}\n")
                if colour is not None:
                    files.write_small(row.path, folders.COLOUR_FILE, f"{colour}\n")
            index.look(only=calendar)
            return info_of(self._row(index, calendar), self._home is not None)

        return await self._with_index(work)

    async def set_facts(self, calendar: str, facts: Mapping[str, Any]) -> CalendarInfo:
        """Remember more of a calendar than its events say (kind, owner, level, where it came from)."""

        def work(index: Index) -> CalendarInfo:
            row = self._row(index, calendar)
            with files.locked(self._locks, row.path):
                self._write_facts(row.path, {**folders.facts(row.path), **facts})
            index.look(only=calendar)
            return info_of(self._row(index, calendar), self._home is not None)

        return await self._with_index(work)

    async def names_elsewhere(self) -> set[str]:
        """What calendars of other accounts are called, in small letters."""

        def work(index: Index) -> set[str]:
            index.discover()
            return {row[2].casefold() for row in read.calendars(index.db) if row[3] != self._account}

        return await self._with_index(work)

    async def uids(self, calendar: str) -> list[str]:
        """The UIDs of everything in a calendar."""

        def work(index: Index) -> list[str]:
            row = self._row(index, calendar)
            index.look(only=calendar)
            query = "SELECT uid FROM object WHERE cal=? AND uid<>'' ORDER BY n"
            return [uid for (uid,) in index.db.execute(query, (row.n,))]

        return await self._with_index(work)

    async def contents(self, calendar: str, uids: Collection[str]) -> dict[str, bytes]:
        """The files of these UIDs, where they are there and hold nothing else."""

        def work(index: Index) -> dict[str, bytes]:
            row = self._row(index, calendar)
            index.look(only=calendar)
            query = "SELECT href, uid, COUNT(*) FROM object WHERE cal=? GROUP BY href"
            return bulk.contents(row.path, index.db.execute(query, (row.n,)), uids)

        return await self._with_index(work)

    async def facts(self, calendar: str) -> dict[str, Any]:
        """What is remembered of a calendar. Raises StorageError where it cannot be read."""
        return await self._with_index(lambda index: folders.facts(self._row(index, calendar).path))

    # helpers ---------------------------------------------------------------------------------------------

    async def _with_index(self, work: Callable[[Index], T]) -> T:
        try:
            return await asyncio.to_thread(self._index.run, work)
        except OSError as error:
            raise files.storage_error(error, error.filename or self._account) from error

    def _row(self, index: Index, calendar: str) -> CalendarRow:
        for attempt in (0, 1):
            for row in calendar_rows(index.db, self._account):
                if row.id == calendar:
                    return row
            if not attempt:
                index.look()
        raise no_calendar(calendar)

    def _href(self, index: Index, row: CalendarRow, uid: str) -> str:
        found = index.db.execute("SELECT href FROM object WHERE cal=? AND uid=?", (row.n, uid)).fetchone()
        if found is None:
            must_be_readable(index.db, row, files.file_name(uid))
            raise no_event(uid)
        return str(found[0])

    def _writable(self, index: Index, calendar: str) -> CalendarRow:
        row = self._row(index, calendar)
        must_be_writable(row, False)
        return row

    def _own_home(self) -> Path:
        if self._home is None:
            raise Refused(
                _("New calendars are not made in the account “{account}”.").format(account=self._account),
                _("Make a folder there, or create the calendar in the built-in account."),
            )
        files.make_folder(self._home)
        return self._home

    def _keeper(self, row: CalendarRow) -> Callable[[str, str], None]:
        return lambda href, path: self.conflicts.keep(row.id, href, path)

    def _facts(self, facts: Mapping[str, Any] | None) -> dict[str, Any]:
        return {"created": datetime.now(UTC).timestamp(), **(facts or {})}

    @staticmethod
    def _write_facts(path: str, facts: Mapping[str, Any]) -> None:
        files.write_small(path, folders.FACTS, json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
