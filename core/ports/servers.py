"""Accounts on a server that keeps calendars: Exchange Server, Microsoft 365.

A backend says here what its server offers, and no more; that a person may read offline, that a write is made once and
only once, that both versions of a conflict stay: `core.backends.mirror` does that for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.calendar.event import BusyStatus, CalendarObject, Problem
from core.calendar.freetime import ZonedHours
from core.calendar.span import TimeSpan
from core.ports.calendars import CalendarKind, Capabilities
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class RemoteCalendar:
    """What a server says of one of the calendars that a person may open there."""

    id: str
    """The server's own name for it: opaque, stable, never shown."""
    name: str
    owner: str = ""
    """An address; empty for the person's own."""
    owner_name: str = ""
    level: str = "full"
    """The DetailLevel at which the server shows it to this person."""
    can: Capabilities = field(default_factory=Capabilities)
    default: bool = False
    colour: str = ""
    """`#rrggbb` or empty."""
    windowed: bool = False
    """The server answers for a span only (somebody's free/busy): there are no `changes`, `window` is all there is."""


@dataclass(frozen=True, slots=True)
class RemoteRef:
    """One object on the server, in one version. `etag` (Exchange: the change key) changes with every version."""

    id: str
    etag: str


@dataclass(frozen=True, slots=True)
class RemoteItem:
    """One object with all that shares its UID: a single event, or a series with the instances that differ."""

    ref: RemoteRef
    object: CalendarObject
    key: str = ""
    """The key of the last write of ours that went into it; others may have changed it since."""
    unfinished: bool = False
    """That write is only partly in it (a series takes several requests): it is to be gone on with from here."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteChanges:
    """What happened in a calendar since a token: one page of it."""

    changed: tuple[RemoteRef, ...] = ()
    """New and changed objects (never single instances: of a series its master is named)."""
    items: tuple[RemoteItem, ...] = ()
    """Those among `changed` that the server sent along whole; the others are to be fetched."""
    gone: tuple[str, ...] = ()
    """Ids of objects that are there no more."""
    token: str = ""
    """What to ask with the next time. Keep it only after what this page says has been stored."""
    more: bool = False
    """Ask again at once with the new token."""
    resync: bool = False
    """The server no longer knows the old token: these are the first page of everything, and what is not named by
    the end of all pages is gone."""


@dataclass(frozen=True, slots=True)
class ServerReport:
    """What was found when somebody signed in."""

    server: str
    """Product and version, as the server says it."""
    mailbox: str
    """Whose mailbox it is: an address."""
    abilities: tuple[str, ...] = ()
    """What it can do, each in a few words in the person's language."""

    @property
    def text(self) -> str:
        """All of it in a line."""
        return " · ".join(part for part in (self.server, self.mailbox, ", ".join(self.abilities)) if part)


class RemoteCalendars(Protocol):
    """The calendars of one account on its server. Nothing is kept here; every call asks the server.

    Every method has a total time limit and raises TransportError (its kinds tell whether the sign-in was refused, the
    certificate is wrong, nothing was reached, or nobody can know whether a write arrived: DeliveryUnknown), NotFound
    for a calendar or object that is not there or may not be seen (any more), Refused for what the server forbids.
    An answer that is none (HTML, half a page, an error inside) raises; it is never "nothing there".
    """

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        ...

    @property
    def kind(self) -> CalendarKind:
        """What all calendars of this account are: EXCHANGE or MICROSOFT365."""
        ...

    async def check(self) -> ServerReport:
        """Sign in and say what this server and mailbox can do."""
        ...

    async def calendars(self, opened: Sequence[str] = ()) -> Sequence[RemoteCalendar]:
        """The person's calendars there, the default one first; then those of others that `open_shared` gave.

        `opened` are the ids of the latter. One that may not be seen any more is left out.
        """
        ...

    async def open_shared(self, owner: str, folder: str = "") -> RemoteCalendar:
        """Somebody else's calendar, at the level at which the server shows it. Raises NotFound, Refused.

        The default one, or that of `folder` (an EntryID in hex, as invitations name it).
        """
        ...

    async def window(self, calendar: str, span: TimeSpan) -> Sequence[RemoteItem]:
        """Whole objects with an occurrence in the span, in few requests: the week that somebody waits for."""
        ...

    async def changes(self, calendar: str, since: str) -> RemoteChanges:
        """One page of what changed since the token; `""` asks for everything."""
        ...

    async def fetch(self, calendar: str, ids: Sequence[str]) -> Sequence[RemoteItem]:
        """These objects whole, in few requests; one that is gone meanwhile is left out."""
        ...

    def vet(self, thing: CalendarObject, before: CalendarObject | None = None) -> None:
        """Raise Refused, with what to do instead, for what this server cannot hold (a rule that it has no words for).

        Asks nobody: it is called before the change is kept here, so that nothing is queued that can never arrive.
        """
        ...

    async def find(self, calendar: str, key: str) -> RemoteItem | None:
        """The object that `create` made with this key; None when it never arrived."""
        ...

    async def create(self, calendar: str, thing: CalendarObject, key: str) -> RemoteRef:
        """Store a new object. `key` is kept with it, so that after a cut connection `find` tells whether it arrived.

        Nobody is invited by it: messages to attendees are the services' affair.
        """
        ...

    async def update(
        self, calendar: str, ref: RemoteRef, before: CalendarObject, after: CalendarObject, key: str
    ) -> RemoteRef:
        """Bring an object from `before` (what it is in the version of `ref`) to `after`, and leave `key` with it.

        Raises Conflict when the server has another version; then nothing was changed. Where it takes several requests
        the first leaves the key marked as unfinished, the last as done: `fetch` tells after a cut connection.
        """
        ...

    async def delete(self, calendar: str, ref: RemoteRef) -> None:
        """Take an object away. Raises Conflict as `update`, NotFound when it is gone already."""
        ...

    async def create_calendar(self, name: str) -> RemoteCalendar:
        """A new, empty calendar of the person's own, beside the default one."""
        ...

    async def rename_calendar(self, calendar: str, name: str) -> None:
        """Another name on the server. Raises Refused for a calendar of somebody else's."""
        ...

    async def delete_calendar(self, calendar: str) -> None:
        """Take a calendar with all that is in it away; where the server has a bin for it, into that."""
        ...

    async def close(self) -> None:
        """Let go of connections. It may be used again afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class BusyBlock:
    """A stretch of somebody's time, half-open, in aware datetimes; `title` and `place` only where one may see them."""

    span: TimeSpan
    status: BusyStatus
    title: str = ""
    place: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Availability:
    """What a server says of one address. With a `problem` nothing is known, and that is not free."""

    address: str
    blocks: tuple[BusyBlock, ...] = ()
    hours: ZonedHours | None = None
    """When that person works, if the server says it."""
    problem: str = ""
    """Why nothing is known, in words; empty when the blocks are the whole truth of the span."""


class FreeBusySource(Protocol):
    """A server that answers for people's time."""

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        ...

    async def free_busy(self, addresses: Sequence[str], span: TimeSpan) -> Sequence[Availability]:
        """One answer for each address, in order. Raises TransportError when the server answers for nobody."""
        ...


@dataclass(frozen=True, slots=True)
class AccountState:
    """How a server account is doing: what pane and list say of it in still text."""

    account: str
    refreshed: datetime | None = None
    """When its server last answered."""
    problem: str = ""
    """Why it did not the last time; empty when it did."""
    waiting: int = 0
    """Writes that the server has not confirmed yet."""
    conflicts: int = 0
    """Changes of the person's that the server's newer version kept out; both are kept."""


class WriteState(StrEnum):
    """How far a queued write is; a confirmed one is queued no more."""

    WRITING = "writing"
    """Noted before the local copy is touched; a crash leaves it so, and the copy tells which way it went."""
    PREPARED = "prepared"
    SENDING = "sending"
    """Handed over, or about to be; found so by somebody else, nobody knows whether it arrived."""
    FAILED = "failed"
    """The server refuses it for good; the person decides."""
    CONFLICT = "conflict"
    """The server has a newer version of somebody else's; both are kept, the person decides."""


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """A change that its server has not confirmed. `mine` and `theirs` are None where it is deleted."""

    account: str
    number: int
    calendar: str
    uid: str
    title: str
    state: WriteState
    mine: CalendarObject | None
    theirs: CalendarObject | None = None
    """What the server has, in a conflict."""
    reason: str = ""
    hint: str = ""
