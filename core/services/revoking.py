"""Taking back what one person has been given: what can be, is; what cannot, is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC
from enum import StrEnum
from typing import Protocol

from core.errors import NotFound, PartagendaError, StorageError
from core.language import _, ngettext
from core.ports.calendars import CalendarInfo
from core.ports.sharing import PermissionStore, SharingGateway
from core.ports.world import Clock
from core.services.ledger import Ledger, LedgerEntry, LedgerState
from core.services.outbox import Outbox
from core.services.permissions import PERMISSION
from core.services.share_calendar import ADDRESS, SHARED
from core.sharing.permissions import PermissionLevel
from core.values import dataclass


class What(StrEnum):
    """What somebody has."""

    PERMISSION = "permission"
    WAITING = "waiting"
    """A message to them that has not left."""
    COPY = "copy"
    """A snapshot that was e-mailed."""
    ADDRESS = "address"
    """An address at which a calendar is published."""


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that a person has of one calendar."""

    what: What
    calendar: str
    """The calendar's name."""
    text: str
    """In a line, for a person."""
    id: str = ""
    """The calendar's id, or the message's."""
    level: PermissionLevel | None = None

    @property
    def can_be_taken_back(self) -> bool:
        """A copy that is with somebody cannot; an address only for everybody at once."""
        return self.what in (What.PERMISSION, What.WAITING)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it for one thing."""

    held: Held
    done: bool
    reason: str = ""
    """Why not; or, where it is done, why the ledger does not say so."""

    @property
    def line(self) -> str:
        """In a line, for a person."""
        if self.done:
            return _("Taken back: {what}").format(what=f"{self.held.text} {self.reason}".rstrip())
        return _("Not taken back: {what} {reason}").format(what=self.held.text, reason=self.reason).rstrip()


class Servers(Protocol):
    """The servers on which calendars are shared."""

    def gateway(self, account: str) -> SharingGateway | None: ...

    def permissions(self, account: str) -> PermissionStore | None: ...

    async def remote(self, info: CalendarInfo) -> str: ...


class Calendars(Protocol):
    """The part of the library that is needed here."""

    async def calendars(self) -> list[CalendarInfo]: ...


class Revoking:
    """The service behind `revoke`."""

    def __init__(self, library: Calendars, servers: Servers, outbox: Outbox, ledger: Ledger, clock: Clock) -> None:
        self._library = library
        self._servers = servers
        self._outbox = outbox
        self._ledger = ledger
        self._clock = clock
        self.problems: list[PartagendaError] = []
        """Servers that could not be asked at the last look."""

    async def held(self, address: str) -> list[Held]:
        """Everything that is known of what this person has: permissions as the servers say, the rest by the ledger."""
        self.problems = []
        found = [*await self._permissions(address), *await self._waiting(address)]
        entries = [entry for entry in await self._ledger.entries(address) if entry.state in _WITH_THEM]
        copies: dict[str, int] = {}
        for entry in entries:
            if entry.how not in (PERMISSION, SHARED, ADDRESS):
                copies[entry.calendar] = copies.get(entry.calendar, 0) + 1
        for calendar, count in copies.items():
            words = ngettext(
                "{count} copy of “{calendar}” sent by e-mail.", "{count} copies of “{calendar}” sent by e-mail.", count
            )
            found.append(Held(What.COPY, calendar, words.format(count=count, calendar=calendar)))
        for calendar in dict.fromkeys(entry.calendar for entry in entries if entry.how == ADDRESS):
            words = _("The address at which “{calendar}” is published.")
            found.append(Held(What.ADDRESS, calendar, words.format(calendar=calendar)))
        return found

    async def _permissions(self, address: str) -> list[Held]:
        """On calendars of the person's own; one whose table cannot be read is among the `problems`."""
        found = []
        for info in await self._library.calendars():
            store = self._servers.permissions(info.account)
            if store is None or info.owner:
                continue
            try:
                table = (await store.permissions(await self._servers.remote(info))).table
            except PartagendaError as error:
                self.problems.append(error)
                continue
            row = table.get(address)
            if row is not None and row.level is not PermissionLevel.NONE:
                words = _("{level} on “{calendar}”.").format(level=row.level.label, calendar=info.name)
                found.append(Held(What.PERMISSION, info.name, words, info.id, row.level))
        return found

    async def _waiting(self, address: str) -> list[Held]:
        items = await self._outbox.items()
        mine = [item for item in items if [one.address.lower() for one in item.open_recipients] == [address.lower()]]
        return [
            Held(
                What.WAITING,
                item.facts.calendar,
                _("The message “{subject}”, which has not left.").format(subject=item.subject),
                item.id,
            )
            for item in mine
        ]

    async def revoke(
        self, address: str, held: Sequence[Held], progress: Callable[[Taken], None] | None = None
    ) -> list[Taken]:
        """Take back what can be taken back, one thing after the other; what fails stops none of the others."""
        done = []
        for one in held:
            taken = await self._take(address, one)
            done.append(taken)
            if progress:
                progress(taken)
        return done

    async def _take(self, address: str, one: Held) -> Taken:
        """Never raises errors of ours: what could not be taken back says why in its `reason`."""
        if not one.can_be_taken_back:
            return Taken(one, False, _why_not(one.what))
        try:
            if one.what is What.WAITING:
                await self._outbox.drop(one.id)
                return Taken(one, True)
            info = next((info for info in await self._library.calendars() if info.id == one.id), None)
            if info is None:
                raise NotFound(_("There is no calendar “{name}”.").format(name=one.calendar))
            gateway = self._servers.gateway(info.account)
            assert gateway is not None
            await gateway.revoke(await self._servers.remote(info), address)
        except PartagendaError as error:
            return Taken(one, False, f"{error.message} {error.hint}".rstrip())
        now = self._clock.now().astimezone(UTC)
        level = one.level.value if one.level else ""
        reference = f"revoke:{one.id}:{now.isoformat()}"
        entry = LedgerEntry(address, one.calendar, PERMISSION, level, "", now, LedgerState.REVOKED, reference)
        try:
            await self._ledger.record([entry])
        except StorageError as error:
            return Taken(one, True, f"{error.message} {error.hint}".rstrip())
        return Taken(one, True)


_WITH_THEM = (LedgerState.SENT, LedgerState.UNKNOWN, LedgerState.GIVEN)


def _why_not(what: What) -> str:
    if what is What.ADDRESS:
        return _("Whoever knows it can read on: unpublish the calendar, or publish it at a new address.")
    return _("It is with them: what was e-mailed cannot be called back.")
