"""A server that shares calendars, on paper: tables of permissions, a policy, and faults at every step.

For the fault matrices of the services, which need a server that breaks at a chosen moment. What a real one answers is
tested in tests/core/backends against the sandbox's; this one passes the same contract suites.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from core.calendar.people import Address
from core.errors import Conflict, DeliveryUnknown, NotFound, Unreachable
from core.ports.calendars import CalendarInfo, CalendarKind, Capabilities
from core.ports.sharing import (
    FolderReference,
    Granted,
    Offered,
    Place,
    RefusedChange,
    SharingLinks,
    Standing,
    StoredPermissions,
    WrittenPermissions,
)
from core.sharing.permission_table import (
    DEFAULT,
    PermissionChange,
    PermissionTable,
    apply_changes,
    entry,
    person,
    table,
)
from core.sharing.permission_words import entry_data
from core.sharing.permissions import NAMED_LEVELS, PermissionLevel
from core.sharing.policy import parse_policy

CALENDAR = CalendarInfo(
    "office/calendar",
    "Calendar",
    "office",
    CalendarKind.EXCHANGE,
    can=Capabilities(write=True, share=True, permissions=True),
    default=True,
)
FIRST = table([entry(DEFAULT, PermissionLevel.FREE_BUSY)])
BEFORE, AFTER, SILENT = "before", "after", "silent"
"""Faults of a write: nothing was handed over; the line broke after it was done; it broke and was not done."""


class PaperServer:
    """Everything of one account, and the calendars beside it. `faults`: by operation, consumed one at a time."""

    account = "office"

    def __init__(self, policy: Sequence[str] = ("*:CalendarSharingFreeBusySimple",), *, invites: bool = False) -> None:
        self.tables: dict[str, PermissionTable] = {CALENDAR.id: FIRST}
        self.rules = parse_policy(policy)
        self.invites = invites
        self.links = False
        self.faults: dict[str, list[object]] = {}

    async def find(self, name_or_id: str, able: object = None) -> CalendarInfo:
        if name_or_id not in (CALENDAR.id, CALENDAR.name):
            raise NotFound(f"There is no calendar {name_or_id}.")
        return CALENDAR

    # PermissionStore -----------------------------------------------------------------------------------------

    async def permissions(self, calendar: str) -> StoredPermissions:
        self._break("read")
        if calendar not in self.tables:
            raise NotFound(f"There is no calendar {calendar}.")
        return StoredPermissions(calendar, self.tables[calendar], self._mark(calendar), Offered())

    async def write_permissions(
        self, calendar: str, changes: Sequence[PermissionChange], *, expected: str
    ) -> WrittenPermissions:
        stored = await self.permissions(calendar)
        if stored.mark != expected:
            raise Conflict("The permissions were changed by somebody else meanwhile.")
        fault = self._take("write")
        if fault == BEFORE:
            raise Unreachable("The server does not answer.")
        refused = [change for change in changes if not self._lets(change)]
        done = [change for change in changes if change not in refused]
        if fault != SILENT:
            self.tables[calendar] = apply_changes(stored.table, done)
        if fault in (AFTER, SILENT):
            raise DeliveryUnknown("The line broke.")
        if isinstance(fault, BaseException):
            raise fault
        after = await self.permissions(calendar)
        reasons = [(change, self.rules.decide(change.principal.address)) for change in refused]
        return WrittenPermissions(after, tuple(RefusedChange(one, why.reason, why.levels) for one, why in reasons))

    def _lets(self, change: PermissionChange) -> bool:
        if change.after is None or not change.principal.address or self._inside(change.principal.address):
            return True
        return self.rules.decide(change.principal.address).allows(change.after.level)

    def _mark(self, calendar: str) -> str:
        rows = [entry_data(row) for row in self.tables[calendar].entries]
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    # SharingGateway ------------------------------------------------------------------------------------------

    async def policy(self):
        return self.rules

    async def standing(self, calendar: str, people: Sequence[Address]) -> list[Standing]:
        self._break("standing")
        return [self._standing(one) for one in people]

    def _standing(self, one: Address) -> Standing:
        if self._inside(one.address):
            return Standing(one, Place.INSIDE, NAMED_LEVELS)
        decision = self.rules.decide(one.address)
        return Standing(one, Place.OUTSIDE, decision.levels, decision.reason)

    def _inside(self, address: str) -> bool:
        return address.lower().endswith("@example.org")

    async def grant(
        self, calendar: str, people: Sequence[Address], level: PermissionLevel, message: str = ""
    ) -> list[Granted]:
        fault = self._take("grant")
        if isinstance(fault, BaseException):
            raise fault
        if fault == BEFORE:
            raise Unreachable("The server does not answer.")
        granted = []
        for one in people:
            standing, before = self._standing(one), self.tables[calendar].get(one.key)
            if level not in standing.levels:
                granted.append(Granted(one, None, standing.reason, standing.levels))
                continue
            if fault != SILENT:
                self.tables[calendar] = self.tables[calendar].having(entry(person(one), level))
            links = SharingLinks("https://mail.example.org/x/reachcalendar.html", "https://mail.example.org/x/r.ics")
            outside = standing.place is Place.OUTSIDE
            granted.append(
                Granted(
                    one, level, invited=self.invites, before=before, links=links if outside and self.links else None
                )
            )
        if fault in (AFTER, SILENT):
            raise DeliveryUnknown("The line broke.")
        return granted

    async def revoke(self, calendar: str, address: str) -> bool:
        if self.tables[calendar].get(address) is None:
            return False
        self.tables[calendar] = self.tables[calendar].without(address)
        return True

    async def reference(self, calendar: str) -> FolderReference:
        self._break("reference")
        return FolderReference("00AABBCC" * 10, "00112233" * 10, "Calendar", default=True)

    # faults --------------------------------------------------------------------------------------------------

    def _take(self, operation: str) -> object:
        waiting = self.faults.get(operation, [])
        return waiting.pop(0) if waiting else None

    def _break(self, operation: str) -> None:
        fault = self._take(operation)
        if isinstance(fault, BaseException):
            raise fault

    def somebody_else_sets(self, address: str, level: PermissionLevel) -> None:
        """A foreign change."""
        self.tables[CALENDAR.id] = self.tables[CALENDAR.id].having(entry(person(address), level))

    def level_of(self, address: str) -> PermissionLevel | None:
        row = self.tables[CALENDAR.id].get(address)
        return row.level if row else None


class Servers:
    """What services get: both halves of one server."""

    def __init__(self, server: PaperServer) -> None:
        self.server = server

    def gateway(self, account: str) -> PaperServer | None:
        return self.server if account == self.server.account else None

    permissions = gateway

    async def remote(self, info: CalendarInfo) -> str:
        return info.id
