"""A server account's calendars: read from their local copy, written to it and then to the server."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.backends.mirror.journal import AccountNote, MirroredCalendar, MirrorJournal, Write
from core.backends.mirror.lock import AccountLock, WritersMark
from core.backends.mirror.pieces import canonical, no_calendar, title_of, unpack
from core.backends.mirror.sync import Round
from core.backends.vdir import VdirStore
from core.calendar.busyness import Loads
from core.calendar.entry import Entry
from core.calendar.event import CalendarObject
from core.calendar.span import DateRange, TimeSpan
from core.config.roots import account_folder
from core.errors import Conflict, NotFound, PartagendaError, Refused, StorageError, TransportError
from core.language import _
from core.ports.calendars import CalendarInfo, Smaller, SnapshotFacts, StoredObject
from core.ports.servers import AccountState, PendingWrite, WriteState
from core.ports.world import Clock, Progress

if TYPE_CHECKING:
    from core.index.session import IndexSession
    from core.ports.servers import RemoteCalendars

PATIENCE = 60.0
"""Seconds that one waits for another process that speaks with the server."""
REST = timedelta(seconds=60)
"""After a server did not answer, reading does not ask it by itself for so long."""
AT_ONCE = 1.0
"""Seconds that reading waits for days that were never read; what comes later is shown when it is there."""
TOLD = 1.0
"""Seconds after which it is told that a write is not confirmed yet."""
CLOSING = 20.0
"""Seconds in which a program that ends still tries to bring its writes to the server."""


class MirrorStore:
    """Implements `core.ports.CalendarStore` over any `RemoteCalendars`.

    Writes are durable here before they are confirmed there, so everything works offline. `watch` tells when something
    new has arrived.
    """

    def __init__(self, remote: RemoteCalendars, index: IndexSession, clock: Clock, *, data: Path, state: Path) -> None:
        account = remote.account
        home = Path(account_folder(str(data), account))
        self.remote = remote
        self._clock = clock
        self._vdir = VdirStore(account, index, clock, home=home, data=data, state=state)
        self.journal = MirrorJournal(home.with_name(f"{home.name}.sqlite3"))
        self._lock = AccountLock(state / "locks" / f"account-{home.name}.lock")
        self._writers = WritersMark(state / "locks" / f"writers-{home.name}.lock")
        self._round = Round(
            remote, self._vdir, self.journal, clock, home=home, writers=self._writers, changed=self._changed
        )
        self._watchers: list[Callable[[], None]] = []
        self._syncing: asyncio.Task[None] | None = None
        self._pushing: asyncio.Task[None] | None = None
        self._looked: dict[str, list[TimeSpan]] = {}
        self._looking: set[asyncio.Task[None]] = set()
        self._progress: Progress | None = None

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._vdir.account

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher()` whenever the copy or its state changed; returns what stops that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def _changed(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()

    # reading ---------------------------------------------------------------------------------------------

    async def calendars(self) -> Sequence[CalendarInfo]:
        """The copies, and how old each is."""
        infos = await self._vdir.calendars()
        if not infos:
            return []
        note, mirrored, writes = await asyncio.to_thread(
            lambda: (self.journal.note(), {one.slug: one for one in self.journal.calendars()}, self.journal.writes())
        )
        return [await self._told(info, mirrored.get(_slug(info.id)), note, writes) for info in infos]

    async def _told(
        self, info: CalendarInfo, one: MirroredCalendar | None, note: AccountNote, writes: Sequence[Write]
    ) -> CalendarInfo:
        waiting = sum(write.slug == _slug(info.id) for write in writes)
        smaller = await self._round.puller.question(one) if one else None
        refreshed = one.refreshed if one else None
        return replace(info, refreshed=refreshed, offline=note.problem, waiting=waiting, smaller=smaller)

    async def state(self) -> AccountState:
        """How the account is doing."""
        note, writes = await asyncio.to_thread(lambda: (self.journal.note(), self.journal.writes()))
        conflicts = sum(write.state is WriteState.CONFLICT for write in writes)
        return AccountState(self.account, note.refreshed, note.problem, len(writes) - conflicts, conflicts)

    async def entries(self, calendars: Sequence[str], span: TimeSpan, zone: tzinfo) -> Sequence[Entry]:
        """From the copy. Where it is not read whole yet, this span is asked for first."""
        await self._look_first(calendars, span)
        return await self._vdir.entries(calendars, span, zone)

    async def touched(self, calendars: Sequence[str], days: DateRange, zone: tzinfo) -> frozenset[date]:
        """From the copy."""
        await self._look_first(calendars, days.span(zone))
        return await self._vdir.touched(calendars, days, zone)

    async def load(self, calendars: Sequence[str], days: DateRange, zone: tzinfo) -> Loads:
        """From the copy."""
        return await self._vdir.load(calendars, days, zone)

    async def search(self, words: Sequence[str], calendars: Sequence[str], zone: tzinfo) -> Sequence[Entry]:
        """In what is read."""
        return await self._vdir.search(words, calendars, zone)

    async def objects(self, calendar: str, span: TimeSpan | None = None) -> Sequence[StoredObject]:
        """Whole objects of the copy."""
        return await self._vdir.objects(calendar, span)

    async def reminding(self, calendar: str, near: TimeSpan, far: TimeSpan) -> Sequence[StoredObject]:
        """Objects of the copy with a reminder."""
        return await self._vdir.reminding(calendar, near, far)

    async def get(self, calendar: str, uid: str) -> StoredObject:
        """One object of the copy."""
        return await self._vdir.get(calendar, uid)

    async def locate(self, event_id: str) -> tuple[str, str] | None:
        """Calendar id and UID of the event behind an entry's id."""
        return await self._vdir.locate(event_id)

    async def uids(self, calendar: str) -> list[str]:
        """The UIDs of everything in a calendar's copy."""
        return await self._vdir.uids(calendar)

    async def facts(self, calendar: str) -> dict[str, Any]:
        """What is remembered of a calendar: its place on the server is `remote`."""
        return await self._vdir.facts(calendar)

    async def set_facts(self, calendar: str, facts: Mapping[str, Any]) -> CalendarInfo:
        """Remember more of a calendar."""
        return await self._vdir.set_facts(calendar, facts)

    async def _look_first(self, calendars: Sequence[str], span: TimeSpan) -> None:
        """Ask the server for a span of what is not read whole yet; after AT_ONCE seconds that goes on by itself.

        Not for more than two months, and not while the server is left in peace after a failure.
        """
        if span.end - span.start > timedelta(days=62):
            return
        note = await asyncio.to_thread(self.journal.note)
        if note.problem and note.tried and self._clock.now() - note.tried < REST:
            return
        for one in await asyncio.to_thread(self.journal.calendars):
            if one.whole or one.windowed or f"{self.account}/{one.slug}" not in calendars:
                continue
            looked = self._looked.setdefault(one.slug, [])
            if not any(seen.start <= span.start and span.end <= seen.end for seen in looked):
                looked.append(span)
                task = asyncio.get_running_loop().create_task(self._look(one, span), name=f"look-{self.account}")
                self._looking.add(task)
                task.add_done_callback(self._looking.discard)
                await asyncio.wait([task], timeout=AT_ONCE)

    async def _look(self, one: MirroredCalendar, span: TimeSpan) -> None:
        """What comes too late for the one who asked is told to the watchers."""
        try:
            await self._round.look(one, span)
        except PartagendaError:  # its reason is told by the round that reads the whole
            self._looked[one.slug].remove(span)

    # reading from the server -----------------------------------------------------------------------------

    async def refresh(self, progress: Progress | None = None) -> None:
        """Write what waits and read what is new. Several who ask at once wait for the same round.

        Raises TransportError; the copy stays as it is, and `state` says since when.
        """
        self._progress = progress or self._progress
        if self._syncing is None or self._syncing.done():
            self._syncing = asyncio.get_running_loop().create_task(self._sync(), name=f"sync-{self.account}")
            self._syncing.add_done_callback(_looked_at)
        await asyncio.shield(self._syncing)

    async def _sync(self) -> None:
        await self._vdir.refresh()
        async with self._lock.held(PATIENCE) as got:
            if not got:
                return  # another process does the same; its copy is ours
            try:
                await self._round.run(self._tell)
            except TransportError as error:
                await asyncio.to_thread(self.journal.failed, self._clock.now(), error.message, error.hint)
                self._changed()
                raise
            finally:
                self._progress = None

    def _tell(self, done: int, total: int, what: str) -> None:
        if self._progress is not None:
            self._progress(done, total, what)

    async def open_shared(self, owner: str, folder: str = "") -> CalendarInfo:
        """Somebody else's calendar, read beside one's own from now on. Raises NotFound, Refused, TransportError."""
        calendar = await (self.remote.open_shared(owner, folder) if folder else self.remote.open_shared(owner))
        async with self._lock.held(PATIENCE) as got:
            self._must(got)
            known = {one.remote: one for one in await asyncio.to_thread(self.journal.calendars)}
            slug = await self._round.take_in(calendar, known.get(calendar.id), opened=True)
        await self.refresh()
        return await self._info(slug)

    async def accept_shrink(self, calendar: str, agreed: int) -> Smaller | None:
        """Believe a server that suddenly shows much less, if it is no less than the `agreed` events.

        It is asked once more, so that the copy is then what the server has. Returns the new question when it has fewer
        still; then nothing was taken. Raises NotFound, StorageError, TransportError: then, too.
        """
        one = await self._mirrored(calendar)
        async with self._lock.held(PATIENCE) as got:
            self._must(got)
            await self._round.puller.accept_shrink(one.slug, one.remote, agreed)
        self._changed()
        return await self._round.puller.question(await self._mirrored(calendar))

    async def keep_mine(self, calendar: str) -> None:
        """The person's no to that: what is here stays, and the next round looks whether the server has it again."""
        one = await self._mirrored(calendar)
        await self._round.puller.keep_mine(one.slug)

    # one event -------------------------------------------------------------------------------------------

    async def put(self, calendar: str, thing: CalendarObject, *, expected_etag: str | None) -> str:
        """Store durably here, queue it for the server, and begin to send it. Raises Refused for what it cannot hold."""
        before = await self._expected(calendar, thing.uid, expected_etag)
        await asyncio.to_thread(self.remote.vet, thing, before)
        write = await asyncio.to_thread(_write_of, _slug(calendar), thing.uid, before, thing)
        etag = await self._queued(write, lambda: self._vdir.put(calendar, thing, expected_etag=expected_etag))
        return str(etag)

    async def delete(self, calendar: str, uid: str, *, expected_etag: str) -> None:
        """Take it away here, and queue that for the server."""
        before = await self._expected(calendar, uid, expected_etag)
        write = await asyncio.to_thread(_write_of, _slug(calendar), uid, before, None)
        await self._queued(write, lambda: self._vdir.delete(calendar, uid, expected_etag=expected_etag))

    async def _expected(self, calendar: str, uid: str, etag: str | None) -> CalendarObject | None:
        await self._mirrored(calendar)
        if etag is None:
            return None
        stored = await self._vdir.get(calendar, uid)
        if stored.etag != etag:
            raise Conflict(
                _("“{title}” was changed by another program since it was read.").format(title=title_of(stored.object)),
                _("Look at it again; nothing was overwritten."),
            )
        return stored.object

    async def _queued(self, write: Write, local: Callable[[], Any]) -> Any:  # noqa: ANN401 - what `local` gives
        """Noted, stored, due: in this order, so that a crash at any point is either nothing or the whole change."""

        async def both() -> Any:  # noqa: ANN401
            """Refused by `local`, the note is dropped again: the server is asked for nothing."""
            mark = await asyncio.to_thread(self._writers.begin)
            try:
                number = await asyncio.to_thread(self.journal.begin, write, self._clock.now())
                try:
                    result = await local()
                except (Conflict, NotFound, Refused):
                    await asyncio.to_thread(self.journal.drop, number)
                    raise
                await asyncio.to_thread(self.journal.prepared, number)
            finally:
                os.close(mark)
            return result

        task = asyncio.ensure_future(both())
        try:
            result = await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise
        self._push_soon()
        return result

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
        """Take (UID, bytes) into a calendar, each as a write of its own: how many were added, updated, unchanged."""
        from core.backends.mirror.merging import merge

        return await merge(self, calendar, events, replaces=replaces, gone=gone, progress=progress)

    # writing to the server -------------------------------------------------------------------------------

    def _push_soon(self) -> None:
        if self._pushing is None or self._pushing.done():
            self._pushing = asyncio.get_running_loop().create_task(self._push(), name=f"push-{self.account}")
            self._pushing.add_done_callback(_looked_at)
            asyncio.get_running_loop().call_later(TOLD, self._still_waits, self._pushing)

    def _still_waits(self, pushing: asyncio.Task[None]) -> None:
        """A server that takes its time: whoever watches shall see that a change waits."""
        if not pushing.done():
            self._changed()

    async def _push(self) -> None:
        """Until nothing is due any more: what is queued meanwhile goes along."""
        async with self._lock.held(PATIENCE) as got:
            if not got:
                return  # the process that holds it pushes ours with its own
            try:
                before = -1
                while due := [one.number for one in await asyncio.to_thread(self.journal.writes, _DUE)]:
                    if due[-1] == before:
                        break
                    before = due[-1]
                    await self._round.push()
            except TransportError as error:
                await asyncio.to_thread(self.journal.failed, self._clock.now(), error.message, error.hint)
                self._changed()

    async def pushed(self, limit: float) -> None:
        """Wait until what was written is confirmed, put off or refused; `limit` seconds at most."""
        if self._pushing is not None and not self._pushing.done():
            await asyncio.wait([self._pushing], timeout=limit)

    async def writes(self) -> list[PendingWrite]:
        """What the server has not confirmed, oldest first: waiting, refused, in conflict."""
        return await asyncio.to_thread(lambda: [self._pending(write) for write in self.journal.writes()])

    def _pending(self, write: Write) -> PendingWrite:
        mine, theirs = (unpack(data) if data is not None else None for data in (write.after, write.theirs))
        return PendingWrite(
            self.account,
            write.number,
            f"{self.account}/{write.slug}",
            write.uid,
            write.title,
            write.state,
            mine,
            theirs,
            write.reason,
            write.hint,
        )

    async def retry(self, number: int) -> None:
        """Try a refused write again."""
        await asyncio.to_thread(
            lambda: self.journal.put_off(number, WriteState.PREPARED, reason="", hint="", next_try=None)
        )
        self._push_soon()

    async def give_up(self, number: int) -> None:
        """Forget a write; the calendar shows what the server has. Raises TransportError when it cannot be asked."""
        write = await asyncio.to_thread(self.journal.write, number)
        if write is None:
            raise NotFound(_("This change is not waiting any more."))
        async with self._lock.held(PATIENCE) as got:
            self._must(got)
            await asyncio.to_thread(self.journal.drop, number)
            if write.state is not WriteState.CONFLICT:
                await self._as_on_server(write)

    async def _as_on_server(self, write: Write) -> None:
        one = await self._mirrored(f"{self.account}/{write.slug}")
        ref = await asyncio.to_thread(self.journal.ref, write.slug, write.uid)
        if ref is None:
            await self._round.show_theirs(replace(write, theirs=None))
        else:
            await self._round.puller.one(write.slug, one.remote, replace(ref, etag=""))

    # calendars -------------------------------------------------------------------------------------------

    async def create(self, name: str, *, colour: str = "", snapshot: SnapshotFacts | None = None) -> CalendarInfo:
        """A new, empty calendar on the server, with its copy here."""
        async with self._lock.held(PATIENCE) as got:
            self._must(got)
            made = await self.remote.create_calendar(name)
            slug = await self._round.take_in(replace(made, colour=colour), None, opened=False)
            await asyncio.to_thread(lambda: self.journal.stored(slug, {}, whole=True))
        return await self._info(slug)

    async def update(self, calendar: str, *, name: str | None = None, colour: str | None = None) -> CalendarInfo:
        """Another name, on the server and here; a colour is one's own affair."""
        one = await self._mirrored(calendar)
        if name is not None:
            await self.remote.rename_calendar(one.remote, name)
        await self._vdir.update(calendar, name=name, colour=colour)
        return await self._info(one.slug)

    async def remove(self, calendar: str) -> None:
        """Delete a calendar on the server, and then its copy; of somebody else's only the copy is taken away."""
        one = await self._mirrored(calendar)
        async with self._lock.held(PATIENCE) as got:
            self._must(got)
            if not one.opened:
                await self.remote.delete_calendar(one.remote)
            await self._round.remove(one.slug)

    async def close(self) -> None:
        """Give what was written a last chance, stop the rest, let go of the server."""
        await self.pushed(CLOSING)
        for task in (self._pushing, self._syncing, *self._looking):
            if task is not None and not task.done():
                task.cancel()
                await asyncio.wait([task])
        await self.remote.close()

    # helpers ---------------------------------------------------------------------------------------------

    async def _info(self, slug: str) -> CalendarInfo:
        """The lock is let go of: another process may have taken the calendar away. Raises NotFound."""
        identity = f"{self.account}/{slug}"
        for info in await self.calendars():
            if info.id == identity:
                return info
        raise no_calendar(identity)

    async def _mirrored(self, calendar: str) -> MirroredCalendar:
        for one in await asyncio.to_thread(self.journal.calendars):
            if f"{self.account}/{one.slug}" == calendar:
                return one
        raise no_calendar(calendar)

    def _must(self, got: bool) -> None:
        if not got:
            raise StorageError(
                _("Another Partagenda has been speaking with the server of “{account}” for a minute.").format(
                    account=self.account
                ),
                _("Wait for it to end, or stop it."),
            )


_DUE = (WriteState.WRITING, WriteState.PREPARED, WriteState.SENDING)


def _slug(calendar: str) -> str:
    return calendar.partition("/")[2]


def _write_of(slug: str, uid: str, before: CalendarObject | None, after: CalendarObject | None) -> Write:
    title = title_of(after or before)  # type: ignore[arg-type]
    old, new = (canonical(thing) if thing is not None else None for thing in (before, after))
    return Write(0, slug, uid, title, secrets.token_hex(16), WriteState.WRITING, old, new, None, 0, "", "", "")


def _looked_at(task: asyncio.Task[None]) -> None:
    """Whoever waits for it gets its error; where nobody does, it is in the account's state."""
    if not task.cancelled():
        task.exception()
