"""Accounts on servers: how they are doing, what waits for them, and what the person decides about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from core.errors import NotFound, PartagendaError
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarStore, Smaller
from core.ports.servers import AccountState, PendingWrite
from core.ports.world import Clock, Progress

if TYPE_CHECKING:
    from core.calendar.event import CalendarObject
    from core.ports.calendars import StoredObject


class Mirroring(CalendarStore, Protocol):
    """A store that is a copy of a server's calendars."""

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher()` whenever the copy or its state changed; returns what stops that."""
        ...

    async def state(self) -> AccountState: ...

    async def writes(self) -> list[PendingWrite]:
        """What the server has not confirmed, oldest first: waiting, refused, in conflict."""
        ...

    async def retry(self, number: int) -> None:
        """Try a refused write again; `number` is its PendingWrite's."""
        ...

    async def give_up(self, number: int) -> None:
        """Forget a write: the calendar shows what the server has. Raises NotFound, TransportError."""
        ...

    async def open_shared(self, owner: str) -> CalendarInfo:
        """Somebody else's calendar, read beside one's own from now on. Raises NotFound, Refused, TransportError."""
        ...

    async def accept_shrink(self, calendar: str, agreed: int) -> Smaller | None:
        """Believe a server that suddenly shows much less, if it is no less than the `agreed` events.

        The new question when it has fewer still; then nothing was taken. Raises NotFound, StorageError, TransportError.
        """
        ...

    async def keep_mine(self, calendar: str) -> None:
        """The person's no to that: what is here stays, and the next round looks again."""
        ...

    async def pushed(self, limit: float) -> None:
        """Wait until what was written is confirmed, put off or refused; `limit` seconds at most."""
        ...


class Keep(StrEnum):
    """Which version of a conflict stays."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


class Accounts:
    """The accounts on servers, as one."""

    def __init__(self, stores: Sequence[Mirroring], clock: Clock) -> None:
        self._stores = tuple(stores)
        self._clock = clock

    def __bool__(self) -> bool:
        return bool(self._stores)

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher()` whenever a copy changed, or what is known of its server."""
        for store in self._stores:
            store.watch(watcher)

    async def states(self) -> list[AccountState]:
        """How each account is doing, in the order of config.toml."""
        return [await store.state() for store in self._stores]

    async def refresh(
        self, progress: Progress | None = None, *, only: Collection[str] = ()
    ) -> list[tuple[str, PartagendaError]]:
        """Ask every server (or `only` these accounts') at once; which failed, and why. What others had is stored."""
        stores = [store for store in self._stores if not only or store.account in only]
        results = await asyncio.gather(*(self._refresh(store, progress) for store in stores))
        return [(store.account, error) for store, error in zip(stores, results, strict=True) if error]

    @staticmethod
    async def _refresh(store: Mirroring, progress: Progress | None) -> PartagendaError | None:
        try:
            await store.refresh(progress)
        except PartagendaError as error:
            return error
        return None

    async def writes(self) -> list[PendingWrite]:
        """What the servers have not confirmed: waiting, refused, in conflict."""
        return [write for store in self._stores for write in await store.writes()]

    async def retry(self, write: PendingWrite) -> None:
        """Try a refused one again."""
        await self._store(write.account).retry(write.number)

    async def give_up(self, write: PendingWrite) -> None:
        """Forget it: the calendar shows what the server has."""
        await self._store(write.account).give_up(write.number)

    async def pushed(self, limit: float) -> None:
        """Wait until what was written is confirmed or put off; `limit` seconds at most."""
        await asyncio.gather(*(store.pushed(limit) for store in self._stores))

    async def open_shared(self, account: str, owner: str) -> CalendarInfo:
        """Somebody else's calendar on the account's server, read beside one's own from now on."""
        return await self._store(account).open_shared(owner)

    async def smaller(self) -> list[CalendarInfo]:
        """The calendars of which the servers suddenly show much less; the copies are kept until the person decides."""
        return [info for store in self._stores for info in await store.calendars() if info.smaller]

    async def accept_shrink(self, calendar: CalendarInfo, question: Smaller) -> Smaller | None:
        """The person's yes to `question`: the copy becomes what the server has now.

        Where that is fewer events than the question said, nothing is taken, and the new question is returned. Raises
        NotFound, StorageError, TransportError; then nothing was taken either.
        """
        return await self._store(calendar.account).accept_shrink(calendar.id, question.now)

    async def keep_mine(self, calendar: CalendarInfo) -> None:
        """The person's no: the copy stays, and the server is asked for everything again the next time."""
        await self._store(calendar.account).keep_mine(calendar.id)

    async def settle(self, write: PendingWrite, keep: Keep) -> None:
        """End a conflict. Mine goes over theirs as a write of its own; both: mine gets a new UID."""
        from core.calendar.series import with_uid

        store = self._store(write.account)
        if keep is Keep.MINE:
            await self._put_mine(store, write)
        elif keep is Keep.BOTH and write.mine is not None:
            mine = with_uid(write.mine, str(uuid4()), self._clock.now())
            await store.put(write.calendar, mine, expected_etag=None)
        await store.give_up(write.number)

    @staticmethod
    async def _put_mine(store: Mirroring, write: PendingWrite) -> None:
        there = await _stored(store, write)
        if write.mine is not None:
            await store.put(write.calendar, write.mine, expected_etag=there.etag if there else None)
        elif there is not None:
            await store.delete(write.calendar, write.uid, expected_etag=there.etag)

    def _store(self, account: str) -> Mirroring:
        for store in self._stores:
            if store.account == account:
                return store
        raise NotFound(_("There is no account “{name}”.").format(name=account))


async def _stored(store: Mirroring, write: PendingWrite) -> StoredObject | None:
    try:
        return await store.get(write.calendar, write.uid)
    except NotFound:
        return None


def both_can_stay(write: PendingWrite) -> bool:
    """Whether there are two versions to keep beside each other."""
    mine: CalendarObject | None = write.mine
    return mine is not None and write.theirs is not None
