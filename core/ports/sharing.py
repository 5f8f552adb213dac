"""Servers on which a calendar is shared: its permissions, what the organisation allows, calendars of other people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Protocol

from core.calendar.people import Address
from core.sharing.permission_table import PermissionChange, PermissionEntry, PermissionTable, Principal
from core.sharing.permissions import NAMED_LEVELS, PermissionLevel
from core.sharing.policy import SharingPolicy
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Offered:
    """What the server offers for a table: screens show the rest as not to be chosen, with `reason`."""

    levels: tuple[PermissionLevel, ...] = NAMED_LEVELS
    """For Default, for somebody new and for everybody who is not in `by_row`."""
    by_row: Mapping[str, tuple[PermissionLevel, ...]] = field(default_factory=dict)
    """By the row's key, where it differs."""
    custom: bool = True
    """Whether single rights can be set."""
    delegates: bool = True
    """Whether somebody can be made a delegate."""
    announces: bool = False
    """Whether the server itself writes to a person who is added."""
    fixed: frozenset[str] = frozenset()
    """Keys of rows that cannot be removed, Default and Anonymous among them or not."""
    reason: str = ""
    """Why not everything is offered, for a person."""

    def levels_for(self, principal: Principal) -> tuple[PermissionLevel, ...]:
        """The levels that can be chosen for this row, from least to most."""
        return self.by_row.get(principal.key, self.levels)


@dataclass(frozen=True, slots=True)
class StoredPermissions:
    """A table as the server has it. `mark` differs whenever anything in it differs."""

    calendar: str
    table: PermissionTable
    mark: str
    offered: Offered = Offered()


@dataclass(frozen=True, slots=True)
class RefusedChange:
    """A row that the server did not change, and why."""

    change: PermissionChange
    reason: str
    allowed: tuple[PermissionLevel, ...] = ()
    """What it would take instead; empty when nothing is known."""


@dataclass(frozen=True, slots=True)
class WrittenPermissions:
    """What a write came to: the table as it was read back, and what the server refused (all else was made)."""

    stored: StoredPermissions
    refused: tuple[RefusedChange, ...] = ()


class PermissionStore(Protocol):
    """Reads and writes the permissions of the calendars of one account. Calendars are named as the server names them
    (`RemoteCalendar.id`).

    Raises NotFound for a calendar that is not there, Refused where the person may not (only an owner may),
    TransportError when the server fails.
    """

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        ...

    async def permissions(self, calendar: str) -> StoredPermissions:
        """The table as it is on the server now, never from a cache."""
        ...

    async def write_permissions(
        self, calendar: str, changes: Sequence[PermissionChange], *, expected: str
    ) -> WrittenPermissions:
        """Read the table again, make the changes in it, write it, read it back.

        `expected` is the mark of the table that the person looked at. Raises Conflict when the table is another one by
        now: nothing was written. Rows that no change names stay as they are, those that this program cannot name too.
        Raises Unreachable when nothing was handed over, DeliveryUnknown when the line broke after that: nobody knows
        then which of the two tables is there.
        """
        ...


class Place(StrEnum):
    """Where somebody is, as the server sees them."""

    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be given to one person, asked before anything is sent."""

    address: Address
    """As the server knows them: their true address, and the name in its directory."""
    place: Place
    levels: tuple[PermissionLevel, ...]
    """What may be given, from least to most; empty: nothing."""
    reason: str = ""
    """Why no more than that, for a person; empty inside, where everything may be given."""


@dataclass(frozen=True, slots=True)
class SharingLinks:
    """Addresses of a calendar that the server publishes for one person."""

    page: str
    ics: str


@dataclass(frozen=True, slots=True)
class Granted:
    """What came of sharing with one person. `level` None: refused, nothing of theirs was changed."""

    address: Address
    level: PermissionLevel | None
    reason: str = ""
    allowed: tuple[PermissionLevel, ...] = ()
    """What might be given instead."""
    invited: bool = False
    """The server wrote to them itself: no second invitation."""
    before: PermissionEntry | None = None
    """The row they had before, to be put back when the invitation cannot be sent."""
    links: SharingLinks | None = None
    """Where an outside person reads the calendar, when the server made addresses for them. Secret, like a password."""
    sealed: str = ""
    """What an invitation to a partner organisation carries: EncryptedSharedFolderData as XML, for their server."""


@dataclass(frozen=True, slots=True)
class FolderReference:
    """A calendar as an internal invitation names it: EntryIDs in hex ([MS-OXSHARE])."""

    folder: str
    mailbox: str
    name: str
    default: bool
    """It is the mailbox's own Calendar."""


class SharingGateway(Protocol):
    """Shares calendars of one account with people.

    Raises as PermissionStore does.
    """

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        ...

    @property
    def invites(self) -> bool:
        """Whether the server sends the invitation itself (Microsoft 365), or we do (Exchange Server)."""
        ...

    async def policy(self) -> SharingPolicy | None:
        """The organisation's sharing policy for this mailbox; None where the server does not tell it."""
        ...

    async def standing(self, calendar: str, people: Sequence[Address]) -> Sequence[Standing]:
        """What may be given to each, in their order. Changes nothing."""
        ...

    async def grant(
        self, calendar: str, people: Sequence[Address], level: PermissionLevel, message: str = ""
    ) -> Sequence[Granted]:
        """Give each of them this permission; the answer has each once, in their order.

        `message` are the person's own words, for a server that invites by itself. Raises only when nothing was changed
        for anybody, or DeliveryUnknown when nobody can know.
        """
        ...

    async def revoke(self, calendar: str, address: str) -> bool:
        """Take away what one person has of this calendar; False when they had nothing of their own."""
        ...

    async def reference(self, calendar: str) -> FolderReference:
        """What an invitation says so that the other side finds the calendar. Raises Refused where there is none."""
        ...


def offered_for(standing: Standing) -> Offered:
    """The levels for a person, as the permissions screen asks for them."""
    return Offered(levels=standing.levels, custom=standing.place is Place.INSIDE, reason=standing.reason)
