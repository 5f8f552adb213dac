"""What somebody with certain rights on a server sees of a calendar that is kept there. Pure.

On Exchange and Microsoft 365 the server's own rule holds, not that of the files that we write: *Free/Busy time,
subject, location* shows places too, and private items show their time alone to all but delegates who were given more
(outlook.md §1.6, §1.8).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from core.language import _
from core.sharing.permission_table import PermissionEntry
from core.sharing.permissions import ReadRight, meaning_of


def as_seen(entries: Iterable[Entry], row: PermissionEntry | None) -> list[Entry]:
    """The entries as the person of this row sees them; nothing without a right to read."""
    if row is None or row.rights.read is ReadRight.NONE:
        return []
    read, sees_private = row.rights.read, row.delegation is not None and row.delegation.private_items
    there = (entry for entry in entries if read is ReadRight.FULL or not _left_out(entry, read))
    return [_seen(entry, read, sees_private) for entry in there]


def _left_out(entry: Entry, read: ReadRight) -> bool:
    """Free/busy has no cancelled items, and where it tells times alone, free ones are as good as none."""
    return entry.cancelled or (read is ReadRight.TIME and entry.status is BusyStatus.FREE)


def _seen(entry: Entry, read: ReadRight, sees_private: bool) -> Entry:
    if entry.private and not sees_private:
        read = ReadRight.TIME
    match read:
        case ReadRight.FULL:
            return entry
        case ReadRight.SUBJECT:
            return replace(entry, organizer=None, attendees=())
        case _:
            return replace(entry, title="", place="", organizer=None, attendees=(), private=False)


def explained(row: PermissionEntry | None, name: str) -> str:
    """Whose right it is and what it gives, in a sentence."""
    if row is None:
        return _("{who} has no permission here.").format(who=name)
    if name in (row.principal.label, row.principal.address):
        return _("{who}: {what}").format(who=name, what=f"{row.level.label}. {meaning_of(row.level)}")
    return _("{who} has no row of their own; {row} counts: {level}. {meaning}").format(
        who=name, row=row.principal.label, level=row.level.label, meaning=meaning_of(row.level)
    )
