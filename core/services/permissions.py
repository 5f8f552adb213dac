"""Calendar Permissions: the table is read, changed, shown as a difference, and written as one act.

A change is never replayed: taking one back reads the table anew and changes the rows that are still as they were left.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from core.errors import Conflict, DeliveryUnknown, NotFound, PartagendaError, Refused
from core.json_text import read_json
from core.language import _
from core.ports.calendars import CalendarInfo
from core.ports.sharing import PermissionStore, RefusedChange, StoredPermissions
from core.ports.world import Clock
from core.services.ledger import Ledger, LedgerEntry, LedgerState
from core.services.private_database import PrivateDatabase
from core.sharing.permission_table import (
    PermissionChange,
    PermissionEntry,
    PermissionTable,
    Who,
    apply_changes,
    difference,
)
from core.sharing.permission_words import change_lines, entry_data, entry_from, warnings
from core.values import dataclass

PERMISSION = "permission"
"""What the ledger calls it when somebody was given a permission without an invitation."""
_SCHEMA = """
CREATE TABLE changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    calendar TEXT NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    changes TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0
)
"""


class SharedServers(Protocol):
    """Where permissions of a calendar are kept. Accounts without a server have none."""

    def permissions(self, account: str) -> PermissionStore | None: ...

    async def remote(self, info: CalendarInfo) -> str:
        """The server's own name for a calendar."""
        ...


class Calendars(Protocol):
    """The part of the library that is needed here."""

    async def find(self, name_or_id: str, able: Callable[[CalendarInfo], bool] | None = None) -> CalendarInfo: ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """The permissions of a calendar as they were read."""

    info: CalendarInfo
    stored: StoredPermissions

    @property
    def table(self) -> PermissionTable:
        """The rows."""
        return self.stored.table


@dataclass(frozen=True, slots=True)
class Proposed:
    """What OK would do."""

    sheet: Sheet
    changes: tuple[PermissionChange, ...]
    lines: tuple[str, ...]
    """The difference, a line each."""
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it: the table as it is on the server now."""

    sheet: Sheet
    made: tuple[PermissionChange, ...]
    refused: tuple[RefusedChange, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What was done and what was refused, for a person."""
        done = [line for change in self.made for line in change_lines(change, self.sheet.table)]
        return (*done, *(refusal_line(one) for one in self.refused))


def refusal_line(refused: RefusedChange) -> str:
    """What the server did not do, why, and what it would take."""
    line = _("{who}: refused. {reason}").format(who=refused.change.principal.label, reason=refused.reason)
    if refused.allowed:
        levels = ", ".join(level.label for level in refused.allowed)
        line += " " + _("Allowed: {levels}.").format(levels=levels)
    return line


class Permissions:
    """The service behind *Calendar Permissions* and `permissions`. `journal` is an SQLite file of its own."""

    def __init__(self, library: Calendars, servers: SharedServers, ledger: Ledger, clock: Clock, journal: Path) -> None:
        self._library = library
        self._servers = servers
        self._ledger = ledger
        self._clock = clock
        self._journal = PrivateDatabase(journal, _SCHEMA)

    async def open(self, calendar: str) -> Sheet:
        """The table as it is on the server now. Raises NotFound, Refused for calendars without permissions."""
        info = await self._library.find(calendar, _has_permissions)
        return await self._read(info)

    async def _read(self, info: CalendarInfo) -> Sheet:
        return Sheet(info, await self._store(info).permissions(await self._servers.remote(info)))

    def _store(self, info: CalendarInfo) -> PermissionStore:
        store = self._servers.permissions(info.account)
        if store is None:
            raise Refused(
                _("“{name}” has no permissions: it is not on a server that knows people.").format(name=info.name),
                _("Share it by e-mail (send) or by publishing it."),
            )
        if info.owner and not info.can.permissions:
            raise Refused(
                _("“{name}” belongs to {owner}: only an owner can see and change its permissions.").format(
                    name=info.name, owner=info.owner
                )
            )
        return store

    def propose(self, sheet: Sheet, wanted: PermissionTable) -> Proposed:
        """What OK would do, in words; nothing is asked of the server."""
        changes = difference(sheet.table, wanted)
        lines = [line for change in changes for line in change_lines(change, wanted)]
        return Proposed(sheet, changes, tuple(lines), warnings(changes))

    async def save(self, proposed: Proposed, *, undoing: bool = False) -> Saved:
        """Write it as one read-modify-write, and note it so that it can be taken back (unless it does that itself).

        Raises Conflict when somebody changed the table since it was read: then nothing was written. When the line
        broke and nobody can know, it is looked at again; only if that fails, too, DeliveryUnknown is raised.
        """
        sheet = proposed.sheet
        if not proposed.changes:
            return Saved(sheet, ())
        store, remote = self._store(sheet.info), sheet.stored.calendar
        number = await asyncio.to_thread(self._intend, sheet.info, proposed.changes)
        try:
            written = await store.write_permissions(remote, proposed.changes, expected=sheet.stored.mark)
            stored, refused = written.stored, written.refused
        except DeliveryUnknown as error:
            stored, refused = await self._look_again(store, remote, proposed, error)
        except PartagendaError:
            await asyncio.to_thread(self._settle, number, ())
            raise
        done = {one.change.key for one in refused}
        made = tuple(change for change in proposed.changes if change.key not in done)
        await asyncio.to_thread(self._settle, number, made)
        if undoing:
            await asyncio.to_thread(self._forget, sheet.info.id, number)
        await self._note(sheet.info, made)
        return Saved(Sheet(sheet.info, stored), made, refused)

    async def _look_again(
        self, store: PermissionStore, remote: str, proposed: Proposed, error: DeliveryUnknown
    ) -> tuple[StoredPermissions, tuple[RefusedChange, ...]]:
        """The line broke: the table decides. Raises DeliveryUnknown unless it shows at least a part of the changes."""
        try:
            stored = await store.permissions(remote)
        except PartagendaError:
            raise DeliveryUnknown(
                _("The line broke: nobody knows whether the permissions were changed."),
                _("Look at the permissions again before anything else."),
            ) from error
        if difference(stored.table, proposed.sheet.table) == ():
            raise DeliveryUnknown(
                _("The line broke, and the permissions are as they were: nothing was changed."),
                _("Try again."),
            ) from error
        open_ = {change.key for change in _not_made(stored.table, proposed.changes)}
        reason = _("The line broke before this was done.")
        return stored, tuple(RefusedChange(change, reason) for change in proposed.changes if change.key in open_)

    async def set_level(self, calendar: str, entry: PermissionEntry) -> Proposed:
        """What giving one row this level would do, on the table as it is now."""
        sheet = await self.open(calendar)
        offered = sheet.stored.offered.levels_for(entry.principal)
        if entry.level not in offered:
            raise Refused(
                sheet.stored.offered.reason
                or _("The server does not offer “{level}” here.").format(level=entry.level.label),
                _("It offers: {levels}").format(levels=" ".join(level.value for level in offered)),
            )
        known = sheet.table.get(entry.key)
        changed = known.with_level(entry.level) if known else entry
        return self.propose(sheet, sheet.table.having(changed))

    async def remove(self, calendar: str, key: str) -> Proposed:
        """What taking one row out would do."""
        sheet = await self.open(calendar)
        return self.propose(sheet, sheet.table.without(key))

    # taking back ---------------------------------------------------------------------------------------------

    async def undo(self, calendar: str) -> Proposed:
        """What taking back the last change of this calendar would do, on the table as it is now.

        Raises NotFound when there is none, Conflict when somebody changed the same rows meanwhile.
        """
        info = await self._library.find(calendar, _has_permissions)
        last = await asyncio.to_thread(self._last, info.id)
        if last is None:
            raise NotFound(_("Nothing of these permissions was changed here that could be taken back."))
        sheet = await self._read(info)
        return self.propose(sheet, apply_changes(sheet.table, [change.undone for change in last[1]]))

    def _intend(self, info: CalendarInfo, changes: Sequence[PermissionChange]) -> int:
        """Note a change before it is made: `undone` 2 until it is known whether it was."""
        data = json.dumps([[entry_data(one.before), entry_data(one.after)] for one in changes])
        with self._journal.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO changes (calendar, name, at, changes, undone) VALUES (?, ?, ?, ?, 2)",
                (info.id, info.name, self._now().isoformat(), data),
            )
            return cursor.lastrowid or 0

    def _settle(self, number: int, made: Sequence[PermissionChange]) -> None:
        data = json.dumps([[entry_data(one.before), entry_data(one.after)] for one in made])
        with self._journal.transaction() as connection:
            connection.execute("UPDATE changes SET changes = ?, undone = 0 WHERE number = ?", (data, number))
            connection.execute("DELETE FROM changes WHERE number = ? AND changes = '[]'", (number,))

    def _last(self, calendar: str) -> tuple[int, tuple[PermissionChange, ...]] | None:
        with self._journal.reading() as connection:
            if connection is None:
                return None
            row = connection.execute(
                "SELECT number, changes FROM changes WHERE calendar = ? AND undone <> 1 ORDER BY number DESC LIMIT 1",
                (calendar,),
            ).fetchone()
            if row is None:
                return None
            pairs = read_json(row["changes"])
            return row["number"], tuple(PermissionChange(entry_from(old), entry_from(new)) for old, new in pairs)

    def _forget(self, calendar: str, number: int) -> None:
        """The change that took one back, and the one that was taken back, are no longer to be undone."""
        with self._journal.transaction() as connection:
            connection.execute("UPDATE changes SET undone = 1 WHERE number = ?", (number,))
        if (last := self._last(calendar)) is not None:
            with self._journal.transaction() as connection:
                connection.execute("UPDATE changes SET undone = 1 WHERE number = ?", (last[0],))

    async def _note(self, info: CalendarInfo, made: Sequence[PermissionChange]) -> None:
        now = self._now()
        people = [change for change in made if change.principal.who is Who.PERSON and change.principal.address]
        await self._ledger.record(
            [
                LedgerEntry(
                    person=change.principal.address,
                    calendar=info.name,
                    how=PERMISSION,
                    level=change.after.level.value if change.after else "",
                    range="",
                    when=now,
                    state=LedgerState.GIVEN if change.after else LedgerState.REVOKED,
                    reference=f"permission:{info.id}:{now.isoformat()}",
                )
                for change in people
            ]
        )

    def _now(self) -> datetime:
        return self._clock.now().astimezone(UTC)


def _has_permissions(info: CalendarInfo) -> bool:
    return info.can.permissions


def _not_made(table: PermissionTable, changes: Sequence[PermissionChange]) -> list[PermissionChange]:
    """Those that are not in the table."""
    missing = []
    for change in changes:
        try:
            if apply_changes(table, [change]) != table:
                missing.append(change)
        except Conflict:
            missing.append(change)
    return missing
