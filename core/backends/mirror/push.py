"""Bringing queued writes to the server: each once, whatever breaks in between.

Before a request leaves, the write is noted as `sending`. What is found so later was cut off, and nobody knows whether
it arrived: then one looks on the server first. Whoever calls this holds the account's lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from core.backends.mirror.journal import OPEN, MirrorJournal, Write
from core.backends.mirror.pieces import pack, same, unpack
from core.errors import Conflict, DeliveryUnknown, NotFound, PartagendaError, Refused, TransportError
from core.language import _
from core.ports.servers import RemoteItem, RemoteRef, WriteState
from core.ports.world import Clock

if TYPE_CHECKING:
    from core.ports.servers import RemoteCalendars

_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)


class Pusher:
    """Pushes the queue of one account. `settle(write)` is told of conflicts, so that the local copy follows."""

    def __init__(self, remote: RemoteCalendars, journal: MirrorJournal, clock: Clock) -> None:
        self._remote = remote
        self._journal = journal
        self._clock = clock

    async def push(self, settle: Callable[[Write], Awaitable[None]], *, due_only: bool = False) -> int:
        """Everything that is due, oldest first; how many were confirmed. Raises the first TransportError."""
        confirmed = 0
        held: set[tuple[str, str]] = set()
        remotes = {one.slug: one.remote for one in await asyncio.to_thread(self._journal.calendars)}
        now = self._clock.now().isoformat()
        for listed in await asyncio.to_thread(self._journal.writes, OPEN):
            if (listed.slug, listed.uid) in held:
                continue
            if (due_only and listed.next_try > now) or listed.slug not in remotes:
                held.add((listed.slug, listed.uid))
                continue
            write = await asyncio.to_thread(self._journal.sending, listed.number)
            if write is None:
                continue
            if await self._one(write, remotes[write.slug], settle):
                confirmed += 1
            else:
                held.add((write.slug, write.uid))
        return confirmed

    async def _one(self, write: Write, calendar: str, settle: Callable[[Write], Awaitable[None]]) -> bool:
        """Whether it arrived. False when the person has to decide (conflict, refused): later ones of the event wait.

        Raises TransportError, DeliveryUnknown, with the write put off: then no other is tried either.
        """
        cut_off = write.state is WriteState.SENDING
        try:
            ref = await self._carry_out(write, calendar, cut_off=cut_off)
        except (Conflict, NotFound) as error:
            await self._conflict(write, calendar, error)
            await settle(write)
            return False
        except DeliveryUnknown as error:
            await self._put_off(write, WriteState.SENDING, error)
            raise
        except TransportError as error:
            await self._put_off(write, WriteState.SENDING if cut_off else WriteState.PREPARED, error)
            raise
        except Refused as error:
            await self._put_off(write, WriteState.FAILED, error)
            return False
        await asyncio.to_thread(self._journal.confirmed, write, ref)
        return True

    async def _put_off(self, write: Write, state: WriteState, error: PartagendaError) -> None:
        pause = min(_FIRST * 2 ** min(write.attempts, 10), _LONGEST)
        next_try = None if state is WriteState.FAILED else self._clock.now() + pause
        await asyncio.to_thread(
            lambda: self._journal.put_off(write.number, state, reason=error.message, hint=error.hint, next_try=next_try)
        )

    # one write -------------------------------------------------------------------------------------------

    async def _carry_out(self, write: Write, calendar: str, *, cut_off: bool) -> RemoteRef | None:
        """The place and version that the object has on the server now; None where it shall be gone."""
        if write.before is None:
            return await self._create(write, calendar, cut_off=cut_off)
        ref = await asyncio.to_thread(self._journal.ref, write.slug, write.uid)
        if ref is None:
            raise NotFound(_("“{title}” is not on the server any more.").format(title=write.title))
        if write.after is None:
            await self._gone(calendar, ref)
            return None
        return await self._update(write, calendar, ref, cut_off=cut_off)

    async def _create(self, write: Write, calendar: str, *, cut_off: bool) -> RemoteRef | None:
        arrived = await self._remote.find(calendar, write.key) if cut_off else None
        if write.after is None:
            if arrived is not None:
                await self._gone(calendar, arrived.ref)
            return None
        after = await asyncio.to_thread(unpack, write.after)
        if arrived is None:
            return await self._remote.create(calendar, after, write.key)
        if arrived.unfinished:
            return await self._remote.update(calendar, arrived.ref, arrived.object, after, write.key)
        return arrived.ref

    async def _gone(self, calendar: str, ref: RemoteRef) -> None:
        """Gone already is as good as gone now."""
        try:
            await self._remote.delete(calendar, ref)
        except NotFound:
            return

    async def _update(self, write: Write, calendar: str, ref: RemoteRef, *, cut_off: bool) -> RemoteRef:
        before, after = await asyncio.to_thread(lambda: (unpack(write.before or b""), unpack(write.after or b"")))
        if cut_off:
            there = await self._there(calendar, ref)
            if there is None:
                raise NotFound(_("“{title}” is not on the server any more.").format(title=write.title))
            if there.key == write.key and not there.unfinished:
                return there.ref
            if there.key == write.key:
                return await self._remote.update(calendar, there.ref, there.object, after, write.key)
        return await self._remote.update(calendar, ref, before, after, write.key)

    async def _there(self, calendar: str, ref: RemoteRef) -> RemoteItem | None:
        return next(iter(await self._remote.fetch(calendar, [ref.id])), None)

    # conflicts -------------------------------------------------------------------------------------------

    async def _conflict(self, write: Write, calendar: str, error: PartagendaError) -> None:
        """Somebody changed or deleted it there: theirs is read and kept beside ours. The same change is none."""
        ref = await asyncio.to_thread(self._journal.ref, write.slug, write.uid)
        theirs = await self._there(calendar, ref) if ref is not None else None
        if theirs is None and write.after is None:
            await asyncio.to_thread(self._journal.confirmed, write, None)
            return
        if theirs is not None and write.after is not None:
            mine = await asyncio.to_thread(unpack, write.after)
            if await asyncio.to_thread(same, mine, theirs.object):
                await asyncio.to_thread(self._journal.confirmed, write, theirs.ref)
                return
        kept = await asyncio.to_thread(pack, theirs.object if theirs else None)
        await asyncio.to_thread(self._journal.conflict, write, kept, theirs.ref if theirs else None, error.message)
