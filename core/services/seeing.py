"""View as a person: what their right on the server gives them of a calendar, item by item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from core.calendar.entry import Entry
from core.calendar.people import Address
from core.calendar.span import DateRange, TimeSpan
from core.ports import CalendarInfo, Clock
from core.services.permissions import Permissions, Sheet
from core.sharing.permission_table import PermissionEntry, entry, person
from core.sharing.permissions import PermissionLevel
from core.sharing.seen_by import as_seen, explained


class Calendars(Protocol):
    """The part of the library that is needed here."""

    async def find(self, name_or_id: str) -> CalendarInfo: ...

    async def entries(self, calendars: Sequence[str], span: TimeSpan, zone: tzinfo | None = None) -> list[Entry]: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody sees."""

    info: CalendarInfo
    row: PermissionEntry | None
    entries: tuple[Entry, ...]
    explanation: str


class Seeing:
    """The service behind *View as* a person for calendars on servers."""

    def __init__(self, library: Calendars, permissions: Permissions, clock: Clock) -> None:
        self._library = library
        self._permissions = permissions
        self._clock = clock

    async def view_as(self, calendar: str, who: Address, days: DateRange) -> Seen:
        """What this person sees now, by the server's table. Raises Refused for calendars without permissions."""
        sheet = await self._permissions.open(calendar)
        return await self.with_row(sheet, who, sheet.table.effective(who.key), days)

    async def at_level(self, calendar: str, who: Address, level: PermissionLevel, days: DateRange) -> Seen:
        """What they would see with this level. Asks no server."""
        info = await self._library.find(calendar)
        row = entry(person(who), level)
        return await self._seen(info, who, row, days)

    async def with_row(self, sheet: Sheet, who: Address, row: PermissionEntry | None, days: DateRange) -> Seen:
        """What they see with the rights of a row."""
        return await self._seen(sheet.info, who, row, days)

    async def _seen(self, info: CalendarInfo, who: Address, row: PermissionEntry | None, days: DateRange) -> Seen:
        found = await self._library.entries([info.id], days.span(self._clock.zone))
        name = row.principal.label if row is not None and row.key == who.key else who.name or who.address
        return Seen(info, row, tuple(as_seen(found, row)), explained(row, name))
