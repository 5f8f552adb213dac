"""Files that are looked at, not imported: calendars in memory that end with the program."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TypeVar

from core.backends.vdir.reading import Reading
from core.backends.vdir.rows import CalendarRow, calendar_rows, info_of
from core.calendar.event import CalendarObject
from core.calendar.span import TimeSpan
from core.errors import NotFound, Refused
from core.index import read
from core.index.entries import bounds_of
from core.index.looking import rows_in
from core.index.session import IndexSession
from core.index.update import Index
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarKind, Capabilities, SnapshotFacts, StoredObject
from core.ports.world import Clock, Progress

T = TypeVar("T")
ACCOUNT = "file"


class LookedAtStore(Reading):
    """Implements `core.ports.CalendarStore` for files in memory; nothing can be changed in them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._files: dict[tuple[str, str], bytes] = {}
        self._facts: dict[str, SnapshotFacts | None] = {}
        self._index = IndexSession(":memory:", fetch=self._fetch)

    @property
    def account(self) -> str:
        """What stands in the place of an account's name."""
        return ACCOUNT

    def _fetch(self, place: str, href: str) -> tuple[bytes, os.stat_result]:
        try:
            data = self._files[place, href]
        except KeyError:
            raise FileNotFoundError(href) from None
        return data, os.stat_result((0, 0, 0, 0, 0, 0, len(data), 0, 0, 0))

    async def show(
        self, name: str, events: Sequence[tuple[str, bytes]], *, facts: SnapshotFacts | None = None, colour: str = ""
    ) -> CalendarInfo:
        """A calendar of these (UID, bytes); `facts` where the file says that it is somebody's snapshot."""

        def work(index: Index) -> CalendarInfo:
            number = 1 + len(self._facts)
            place = f"{ACCOUNT}/{number}"
            self._facts[place] = facts
            index.db.execute("BEGIN IMMEDIATE")
            n = index.add_calendar(ACCOUNT, place, place)
            index.db.execute(
                "UPDATE calendar SET name=?, kind=?, owner=?, colour=? WHERE n=?",
                (name, CalendarKind.FILE.value, facts.sender if facts else "", colour, n),
            )
            index.db.execute("COMMIT")
            files = []
            for serial, (_uid, data) in enumerate(events, 1):
                href = f"{serial}.ics"
                self._files[place, href] = data
                files.append((href, data, (0, len(data), serial)))
            index.take_in(n, place, files)
            return self._info(self._row(index, place))

        return await self._with_index(work)

    async def close_file(self, calendar: str) -> None:
        """Stop looking at a file."""

        def work(index: Index) -> None:
            row = self._row(index, calendar)
            index.db.execute("BEGIN IMMEDIATE")
            index.forget_calendar(row.n)
            index.db.execute("COMMIT")
            for key in [key for key in self._files if key[0] == row.path]:
                del self._files[key]

        await self._with_index(work)

    async def content(self, calendar: str) -> list[tuple[str, bytes]]:
        """The (UID, bytes) that the calendar was made of: for keeping it."""

        def work(index: Index) -> list[tuple[str, bytes]]:
            row = self._row(index, calendar)
            query = "SELECT DISTINCT uid, href FROM object WHERE cal=? AND uid<>'' ORDER BY n"
            return [(uid, self._files[row.path, href]) for uid, href in index.db.execute(query, (row.n,))]

        return await self._with_index(work)

    async def calendars(self) -> Sequence[CalendarInfo]:
        """The files that are looked at."""
        if not self._facts:
            return []  # no index is made for nothing
        return await self._with_index(
            lambda index: [self._info(row) for row in calendar_rows(index.db, ACCOUNT)],
        )

    async def refresh(self, progress: Progress | None = None) -> None:
        """Nothing: what is looked at stays as it was opened."""

    def _chosen(self, index: Index, calendars: Collection[str]) -> dict[int, str]:
        return {self._row(index, calendar).n: calendar for calendar in calendars}

    async def objects(self, calendar: str, span: TimeSpan | None = None) -> Sequence[StoredObject]:
        """Whole objects with an occurrence in the span; all without one."""

        def work(index: Index) -> list[tuple[str, str]]:
            row = self._row(index, calendar)
            if span is None:
                query = "SELECT href, uid FROM object WHERE cal=? AND uid<>'' ORDER BY n"
                return index.db.execute(query, (row.n,)).fetchall()
            rows = rows_in(index, {row.n}, bounds_of(span, self._clock.zone), int(self._clock.now().timestamp()))
            numbers = sorted({found[read.OBJECT] for found in rows})
            return [(file[1], file[6]) for file in read.files_of(index.db, numbers)]

        hrefs = await self._with_index(work)
        return await asyncio.to_thread(self._decoded, calendar, hrefs)

    def _decoded(self, calendar: str, hrefs: Sequence[tuple[str, str]]) -> list[StoredObject]:
        from core.ical.decode import decode

        found = []
        for href, uid in hrefs:
            data = self._files[calendar, href]
            decoded = decode(data, now=self._clock.now())
            for thing in decoded.objects:
                if thing.uid == uid:
                    found.append(StoredObject(calendar, thing, str(len(data)), decoded.problems))
        return found

    async def get(self, calendar: str, uid: str) -> StoredObject:
        """One object."""

        def work(index: Index) -> list[tuple[str, str]]:
            query = "SELECT href, uid FROM object WHERE cal=? AND uid=?"
            return index.db.execute(query, (self._row(index, calendar).n, uid)).fetchall()

        found = await asyncio.to_thread(self._decoded, calendar, await self._with_index(work))
        if not found:
            raise NotFound(_("There is no event with the UID “{uid}”.").format(uid=uid))
        return found[0]

    async def locate(self, event_id: str) -> tuple[str, str] | None:
        """Calendar id and UID of the event behind an entry's id; None if it is not ours."""

        def work(index: Index) -> tuple[str, str] | None:
            found = read.object_by_id(index.db, event_id)
            ids = {row.n: row.id for row in calendar_rows(index.db, ACCOUNT)}
            return (ids[found[1]], found[2]) if found is not None else None

        return await self._with_index(work)

    async def put(self, calendar: str, thing: CalendarObject, *, expected_etag: str | None) -> str:
        """Refused."""
        raise self._refused()

    async def delete(self, calendar: str, uid: str, *, expected_etag: str) -> None:
        """Refused."""
        raise self._refused()

    async def create(self, name: str, *, colour: str = "", snapshot: SnapshotFacts | None = None) -> CalendarInfo:
        """An empty calendar that is gone when the program ends."""
        return await self.show(name, (), facts=snapshot, colour=colour)

    async def update(self, calendar: str, *, name: str | None = None, colour: str | None = None) -> CalendarInfo:
        """Another name or colour, for as long as the program runs."""

        def work(index: Index) -> CalendarInfo:
            row = self._row(index, calendar)
            values = (row.name if name is None else name, row.colour if colour is None else colour, row.n)
            index.db.execute("UPDATE calendar SET name=?, colour=? WHERE n=?", values)
            return self._info(self._row(index, calendar))

        return await self._with_index(work)

    async def remove(self, calendar: str) -> None:
        """Stop looking at it; the file on disk is not touched."""
        await self.close_file(calendar)

    def _row(self, index: Index, calendar: str) -> CalendarRow:
        for row in calendar_rows(index.db, ACCOUNT):
            if row.id == calendar:
                return row
        raise NotFound(_("There is no calendar “{name}”.").format(name=calendar))

    def _info(self, row: CalendarRow) -> CalendarInfo:
        can = Capabilities(rename=True, delete=True)
        return replace(info_of(row, True), can=can, snapshot=self._facts.get(row.path))

    async def _with_index(self, work: Callable[[Index], T]) -> T:
        return await asyncio.to_thread(self._index.run, work)

    @staticmethod
    def _refused() -> Refused:
        return Refused(
            _("This file is looked at; it is not a calendar of yours yet."),
            _("Keep it as a calendar, then change it there."),
        )
