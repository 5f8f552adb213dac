"""One round with an account's server: write what waits, list the calendars, read the days around today, the rest."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.backends.mirror.journal import MirroredCalendar, MirrorJournal, Write
from core.backends.mirror.lock import WritersMark
from core.backends.mirror.pieces import canonical, differs, display_name, facts_of
from core.backends.mirror.pull import Puller
from core.backends.mirror.push import Pusher
from core.backends.vdir import VdirStore
from core.calendar.span import TimeSpan
from core.errors import NotFound
from core.ports.calendars import CalendarInfo
from core.ports.servers import RemoteCalendar, WriteState
from core.ports.world import Clock, Progress

if TYPE_CHECKING:
    from core.ports.servers import RemoteCalendars

BACK, AHEAD = timedelta(days=7), timedelta(days=14)
"""Around today: what is read of every calendar before any is read whole."""
WINDOW_BACK, WINDOW_AHEAD = timedelta(days=31), timedelta(days=92)
"""Of a calendar that the server shows by spans only."""


class Round:
    """Talks with the server for one account. Its caller holds the account's lock."""

    def __init__(
        self,
        remote: RemoteCalendars,
        vdir: VdirStore,
        journal: MirrorJournal,
        clock: Clock,
        *,
        home: Path,
        writers: WritersMark,
        changed: Callable[[], None],
    ) -> None:
        self._remote = remote
        self._vdir = vdir
        self._journal = journal
        self._clock = clock
        self._home = home
        self._writers = writers
        self._changed = changed
        self.puller = Puller(remote, vdir, journal, clock)
        self.pusher = Pusher(remote, journal, clock)

    async def run(self, progress: Progress | None = None) -> None:
        """All of it. Raises TransportError; what was stored until then stays."""
        await self.heal()
        await self.pusher.push(self.settle)
        await self._list()
        mirrored = await asyncio.to_thread(self._journal.calendars)
        await self._first_look([one for one in mirrored if not one.whole])
        for one in mirrored:
            if progress:
                progress(0, 0, self._vdir.account)
            await self._read(one, progress)
        now = self._clock.now()
        await asyncio.to_thread(self._journal.answered, now)
        self._changed()

    async def push(self) -> None:
        """Write what waits, and no more."""
        await self.heal()
        if await self.pusher.push(self.settle):
            await asyncio.to_thread(self._journal.answered, self._clock.now())
        self._changed()

    # calendars -------------------------------------------------------------------------------------------

    async def _list(self) -> None:
        known = {one.remote: one for one in await asyncio.to_thread(self._journal.calendars)}
        opened = [one.remote for one in known.values() if one.opened]
        found = await self._remote.calendars(opened)
        for calendar in found:
            await self.take_in(calendar, known.get(calendar.id), opened=calendar.id in opened)
        named = {calendar.id for calendar in found}
        for one in known.values():
            if one.remote not in named:
                await self._missing(one)

    async def take_in(self, calendar: RemoteCalendar, known: MirroredCalendar | None, *, opened: bool) -> str:
        """Give a calendar its folder, or bring what is said of it up to date; the folder's name."""
        facts = facts_of(calendar, self._remote.kind)
        if known is not None and known.windowed != calendar.windowed:  # another right now: nothing of the old one stays
            await self.remove(known.slug)
            known = None
        name = await self._name(calendar)
        infos = {info.id: info for info in await self._vdir.calendars()}
        info = infos.get(f"{self._vdir.account}/{known.slug}") if known else None
        if info is None:
            return await self._make(calendar, known, name, opened=opened)
        if info.name != name:
            await self._vdir.update(info.id, name=name)
        if differs(await self._vdir.facts(info.id), facts):
            await self._vdir.set_facts(info.id, facts)
        slug = _slug(info)
        await asyncio.to_thread(
            lambda: self._journal.add_calendar(slug, calendar.id, windowed=calendar.windowed, opened=opened)
        )
        return slug

    async def _name(self, calendar: RemoteCalendar) -> str:
        """As the list calls it; where another account has a calendar of that name, with this account's behind it."""
        name = display_name(calendar)
        taken = name.casefold() in await self._vdir.names_elsewhere()
        return f"{name} – {self._vdir.account}" if taken else name

    async def _make(self, calendar: RemoteCalendar, known: MirroredCalendar | None, name: str, *, opened: bool) -> str:
        if known is not None:  # its folder went away: read it again from nothing
            await asyncio.to_thread(self._journal.forget_calendar, known.slug)
        facts = facts_of(calendar, self._remote.kind)
        info = await self._vdir.create_filled(name, (), colour=calendar.colour, facts=facts)
        slug = _slug(info)
        await asyncio.to_thread(
            lambda: self._journal.add_calendar(slug, calendar.id, windowed=calendar.windowed, opened=opened)
        )
        self._changed()
        return slug

    async def _missing(self, one: MirroredCalendar) -> None:
        """A calendar that the list does not name any more is gone only if the server says so when it is asked for."""
        try:
            if one.windowed:
                await self._remote.window(one.remote, self._wide())
            else:
                await self._remote.changes(one.remote, one.token)
        except NotFound:
            await self.remove(one.slug)

    async def remove(self, slug: str) -> None:
        """Take a calendar's copy away for good: it is deleted there, or one may not see it any more."""
        for write in await asyncio.to_thread(self._journal.forget_calendar, slug):
            await asyncio.to_thread(self._keep, write)
        await asyncio.to_thread(shutil.rmtree, self._home / slug, True)
        self._changed()

    def _keep(self, write: Write) -> None:
        """What the person wrote and nobody has got is not lost with the calendar."""
        if write.after is not None:
            self._vdir.conflicts.keep_bytes(f"{self._vdir.account}/{write.slug}", write.uid, write.after)

    # events ----------------------------------------------------------------------------------------------

    def _wide(self) -> TimeSpan:
        now = self._clock.now()
        return TimeSpan(now - WINDOW_BACK, now + WINDOW_AHEAD)

    async def _first_look(self, fresh: Sequence[MirroredCalendar]) -> None:
        """The weeks around today of every calendar that is not read whole yet."""
        today = self._clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        for one in fresh:
            if not one.windowed:
                await self._or_gone(one, lambda one=one: self.look(one, TimeSpan(today - BACK, today + AHEAD)))  # type: ignore[misc]

    async def look(self, one: MirroredCalendar, span: TimeSpan) -> None:
        """One span of one calendar that is not read whole yet."""
        await self.puller.window(one.slug, one.remote, span)
        self._changed()

    async def _read(self, one: MirroredCalendar, progress: Progress | None) -> None:
        async def read() -> None:
            if one.windowed:
                await self.puller.replace(one.slug, one.remote, self._wide())
            else:
                await self.puller.changes(one.slug, one.remote, one.token, progress)
            now = self._clock.now()
            await asyncio.to_thread(self._journal.refreshed, [one.slug], now)
            await self._vdir.set_facts(f"{self._vdir.account}/{one.slug}", {"refreshed": now.isoformat()})

        await self._or_gone(one, read)
        self._changed()

    async def _or_gone(self, one: MirroredCalendar, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except NotFound:
            await self.remove(one.slug)

    # the queue -------------------------------------------------------------------------------------------

    async def heal(self) -> None:
        """Writes whose local half a crash cut off: the file tells whether they took place. Not while one is stored."""
        if not await asyncio.to_thread(self._halves):
            return
        mark = await asyncio.to_thread(self._writers.alone)
        if mark is None:
            return
        try:
            await self._heal()
        finally:
            os.close(mark)

    def _halves(self) -> bool:
        return bool(self._journal.writes((WriteState.WRITING,)))

    async def _heal(self) -> None:
        for write in await asyncio.to_thread(self._journal.writes, (WriteState.WRITING,)):
            if await self._stored(write) == write.after:
                await asyncio.to_thread(self._journal.prepared, write.number)
            else:
                await asyncio.to_thread(self._journal.drop, write.number)

    async def _stored(self, write: Write) -> bytes | None:
        try:
            stored = await self._vdir.get(f"{self._vdir.account}/{write.slug}", write.uid)
        except NotFound:
            return None
        return await asyncio.to_thread(canonical, stored.object)

    async def settle(self, write: Write) -> None:
        """After a conflict the calendar shows theirs, as the server does; ours is kept as a file, too."""
        now = await asyncio.to_thread(self._journal.write, write.number)
        if now is None or now.state is not WriteState.CONFLICT:
            return
        await asyncio.to_thread(self._keep, now)
        await self.show_theirs(now)

    async def show_theirs(self, write: Write) -> None:
        """The local file becomes what the server has."""
        identity = f"{self._vdir.account}/{write.slug}"
        events = [(write.uid, write.theirs)] if write.theirs is not None else []
        gone = [] if events else [write.uid]
        await self._vdir.merge(identity, events, replaces=lambda _old, _new: True, gone=gone, facts={})


def _slug(info: CalendarInfo) -> str:
    return info.id.partition("/")[2]
