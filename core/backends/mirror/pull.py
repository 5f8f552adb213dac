"""Reading a server's calendars into their local folders: the weeks around today, then everything, then changes.

Files first, then what is known of them: a crash between the two means that a page is read once more, and no harm.
Whoever calls this holds the account's lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from core.backends.mirror.journal import MirroredCalendar, MirrorJournal
from core.backends.mirror.pieces import other_uid
from core.backends.vdir import VdirStore
from core.calendar.span import TimeSpan
from core.ports.calendars import Smaller
from core.ports.servers import RemoteChanges, RemoteItem, RemoteRef, WriteState
from core.ports.world import Clock

if TYPE_CHECKING:
    from core.ports.servers import RemoteCalendars
    from core.ports.world import Progress

FETCHED_AT_ONCE = 100
"""Whole objects in one question."""
_SUSPICIOUS = 5
"""From this many objects on, a listing that lacks more than half of them is not believed."""
_SMALLER = "smaller"
"""A calendar's problem in the journal: what the last listing did not name is kept until the person has said yes."""
_OURS = (WriteState.WRITING, WriteState.PREPARED, WriteState.SENDING, WriteState.FAILED)


class Puller:
    """Reads the calendars of one account."""

    def __init__(self, remote: RemoteCalendars, vdir: VdirStore, journal: MirrorJournal, clock: Clock) -> None:
        self._remote = remote
        self._vdir = vdir
        self._journal = journal
        self._clock = clock

    def _id(self, slug: str) -> str:
        return f"{self._vdir.account}/{slug}"

    async def window(self, slug: str, calendar: str, span: TimeSpan) -> None:
        """What lies in a span, before the whole is read."""
        await self._store(slug, await self._remote.window(calendar, span))

    async def replace(self, slug: str, calendar: str, span: TimeSpan) -> None:
        """A calendar of which the server shows a span only: what it shows now is all there is."""
        items = await self._remote.window(calendar, span)
        known = await asyncio.to_thread(self._journal.refs, slug)
        there = {item.ref.id for item in items}
        await self._store(slug, items, gone=[remote for remote in known if remote not in there])

    async def changes(self, slug: str, calendar: str, token: str, progress: Progress | None = None) -> bool:
        """Page by page; True when anything is another now. Raises NotFound when the calendar may not be seen."""
        listing, changed = await self._pages(slug, calendar, token, progress)
        one = await self._known(slug)
        if listing or (one is not None and not one.whole):
            changed |= await self._end_listing(slug)
        elif one is not None and one.problem:
            await self._still_smaller(slug)
        return changed

    async def _pages(self, slug: str, calendar: str, token: str, progress: Progress | None = None) -> tuple[bool, bool]:
        """To the last page: whether it became a listing of everything, and whether anything is another now."""
        listing, changed = not token, False
        if listing:
            await self._begin_listing(slug)
        while True:
            page = await self._remote.changes(calendar, token)
            if page.resync and not listing:
                listing = True
                await self._begin_listing(slug)
            changed |= await self._page(slug, calendar, page, progress)
            token = page.token
            if not page.more:
                return listing, changed

    async def _begin_listing(self, slug: str) -> None:
        await asyncio.to_thread(self._journal.begin_listing, slug)
        await asyncio.to_thread(lambda: self._journal.stored(slug, {}, whole=False))

    async def _known(self, slug: str) -> MirroredCalendar | None:
        calendars = await asyncio.to_thread(self._journal.calendars)
        return next((one for one in calendars if one.slug == slug), None)

    async def _page(self, slug: str, calendar: str, page: RemoteChanges, progress: Progress | None) -> bool:
        known = await asyncio.to_thread(self._journal.refs, slug)
        sent = {item.ref.id: item for item in page.items}
        wanted = [ref.id for ref in page.changed if known.get(ref.id, ("", ""))[1] != ref.etag]
        items = [sent[one] for one in wanted if one in sent]
        due = [one for one in wanted if one not in sent]
        gone = [one for one in page.gone if one in known]
        done = len(known)
        for start in range(0, len(due), FETCHED_AT_ONCE):
            if progress:
                progress(done + start, 0, self._vdir.account)
            items += await self._remote.fetch(calendar, due[start : start + FETCHED_AT_ONCE])
        await self._store(slug, items, gone=gone, seen=[ref.id for ref in page.changed], token=page.token)
        return bool(items or gone)

    async def _store(
        self,
        slug: str,
        items: Sequence[RemoteItem],
        *,
        gone: Iterable[str] = (),
        seen: Iterable[str] = (),
        token: str | None = None,
    ) -> None:
        """Into the folder, then into the journal. What the person changed and is still queued here stays as it is."""
        known = await asyncio.to_thread(self._journal.refs, slug)
        writes = await asyncio.to_thread(lambda: self._journal.writes(_OURS, slug))
        ours = {write.uid for write in writes}
        gone = [remote for remote in gone if known[remote][0] not in ours]
        named = _named(items, {remote: uid for remote, (uid, _etag) in known.items() if remote not in set(gone)})
        fresh = [item for item in named if item.object.uid not in ours]
        if fresh or gone:
            events = await asyncio.to_thread(self._encoded, fresh)
            replaced = {item.object.uid for item in fresh}
            uids = [known[remote][0] for remote in gone if known[remote][0] not in replaced]
            await self._vdir.merge(
                self._id(slug), events, replaces=lambda _stored, _incoming: True, gone=uids, facts={}
            )
        refs = {item.object.uid: item.ref for item in fresh}
        await asyncio.to_thread(lambda: self._journal.stored(slug, refs, gone, seen=seen, token=token))

    def _encoded(self, items: Sequence[RemoteItem]) -> list[tuple[str, bytes]]:
        from core.ical.encode import encode_object

        now = self._clock.now()
        return [(item.object.uid, encode_object(item.object, now=now)) for item in items]

    async def _end_listing(self, slug: str, *, agreed: int | None = None) -> bool:
        """What a listing of everything did not name is gone, unless that is too much to be believed (traps.md, 27).

        `agreed`: the person said yes to a calendar of so many events, or more.
        """
        unseen, total = await asyncio.to_thread(self._journal.unseen, slug)
        doubtful = len(unseen) == total or (len(unseen) >= _SUSPICIOUS and len(unseen) > total / 2)
        if unseen and doubtful and (agreed is None or total - len(unseen) < agreed):
            await asyncio.to_thread(self._journal.note_problem, slug, _SMALLER)
        else:
            await self._store(slug, (), gone=[remote for remote, _uid in unseen])
            await asyncio.to_thread(self._journal.note_problem, slug, "")
        await asyncio.to_thread(lambda: self._journal.stored(slug, {}, whole=True))
        return bool(unseen)

    async def _still_smaller(self, slug: str) -> None:
        """What was missing may have been named since: nothing is asked any more when all of it was."""
        unseen, _total = await asyncio.to_thread(self._journal.unseen, slug)
        if not unseen:
            await asyncio.to_thread(self._journal.note_problem, slug, "")

    async def question(self, one: MirroredCalendar) -> Smaller | None:
        """How much smaller a calendar is on its server than here, where the person has to decide about that."""
        if not one.problem:
            return None
        unseen, total = await asyncio.to_thread(self._journal.unseen, one.slug)
        return Smaller(total, total - len(unseen))

    async def accept_shrink(self, slug: str, calendar: str, agreed: int) -> None:
        """The person believes a server that has `agreed` events: everything is asked for once more, and taken.

        Where it has fewer still by now, the copy is kept, and there is a new question. Raises NotFound, TransportError.
        """
        await self._pages(slug, calendar, "")
        await self._end_listing(slug, agreed=agreed)

    async def keep_mine(self, slug: str) -> None:
        """The person's no: everything stays, and the next reading asks whether the server has all of it again."""
        await asyncio.to_thread(self._journal.stale, slug)

    async def one(self, slug: str, calendar: str, ref: RemoteRef) -> None:
        """One object as the server has it now, over what is here."""
        items = await self._remote.fetch(calendar, [ref.id])
        await self._store(slug, items, gone=[] if items else [ref.id])


def _named(items: Sequence[RemoteItem], owners: dict[str, str]) -> list[RemoteItem]:
    """Each under a UID that no other object of the calendar has. `owners`: UIDs by the server's ids."""
    from dataclasses import replace

    taken = {uid: remote for remote, uid in owners.items()}
    found = []
    for item in items:
        thing = item.object
        if taken.get(thing.uid, item.ref.id) != item.ref.id:
            thing = other_uid(thing, item.ref.id)
        taken[thing.uid] = item.ref.id
        found.append(replace(item, object=thing))
    return found
