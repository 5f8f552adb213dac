"""The servers on which calendars are shared, found by the account of a calendar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from core.errors import NotFound
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarStore
from core.ports.sharing import PermissionStore, SharingGateway
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class SharingServer:
    """One account that shares: both of its halves."""

    permissions: PermissionStore
    gateway: SharingGateway


@runtime_checkable
class Mirroring(Protocol):
    """A store of a server's calendars: it knows the server's names, and opens what others share."""

    async def facts(self, calendar: str) -> dict[str, Any]: ...

    async def open_shared(self, owner: str, folder: str = "") -> CalendarInfo: ...


class Stores(Protocol):
    """The part of the library that is needed here."""

    async def store_of(self, calendar: str) -> CalendarStore: ...


class SharingServers:
    """`make` gives the server of an account, None where it has none; it is asked once for each account."""

    def __init__(self, library: Stores, make: Callable[[str], SharingServer | None]) -> None:
        self._library = library
        self._make = make
        self._made: dict[str, SharingServer | None] = {}

    def _of(self, account: str) -> SharingServer | None:
        if account not in self._made:
            self._made[account] = self._make(account)
        return self._made[account]

    def permissions(self, account: str) -> PermissionStore | None:
        """Where the permissions of an account's calendars are kept."""
        found = self._of(account)
        return found.permissions if found else None

    def gateway(self, account: str) -> SharingGateway | None:
        """What shares an account's calendars."""
        found = self._of(account)
        return found.gateway if found else None

    async def remote(self, info: CalendarInfo) -> str:
        """The server's own name for a calendar. Raises NotFound for one that is on no server."""
        store = await self._library.store_of(info.id)
        if isinstance(store, Mirroring):
            remote = (await store.facts(info.id)).get("remote", "")
            if remote:
                return str(remote)
        raise NotFound(_("“{name}” is on no server.").format(name=info.name))
