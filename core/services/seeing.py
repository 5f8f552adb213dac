"""View as a person: what their right on the server gives them of a calendar, item by item."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Protocol

from core.calendar.entry import Entry
from core.calendar.people import Address
from core.calendar.span import DateRange, TimeSpan
from core.ports.calendars import CalendarInfo
from core.ports.sharing import Place
from core.ports.world import Clock
from core.services.permissions import Permissions, Sheet
from core.services.share_plan import PersonPlan, SharePlan
from core.sharing.permission_table import PermissionEntry
from core.sharing.seen_by import as_seen, explained
from core.values import dataclass


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
    who: str
    """The person's name, else their address."""
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

    async def planned(self, plan: SharePlan, one: PersonPlan, days: DateRange) -> Seen:
        """What this person would see once the plan is carried out; whom it refuses sees what they see now."""
        row = one.after
        if row is None:
            table = (await self._permissions.open(plan.info.id)).table
            row = table.get("anonymous") if one.standing.place is Place.OUTSIDE else table.effective(one.address.key)
        return await self._seen(plan.info, one.address, row, days)

    async def with_row(self, sheet: Sheet, who: Address, row: PermissionEntry | None, days: DateRange) -> Seen:
        """What they see with the rights of a row."""
        return await self._seen(sheet.info, who, row, days)

    async def _seen(self, info: CalendarInfo, who: Address, row: PermissionEntry | None, days: DateRange) -> Seen:
        found = await self._library.entries([info.id], days.span(self._clock.zone))
        name = row.principal.label if row is not None and row.key == who.key else who.name or who.address
        return Seen(info, row, tuple(as_seen(found, row)), name, explained(row, name))
