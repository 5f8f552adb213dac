"""Graph's eight roles and Outlook's twelve levels (outlook.md §4.4): which become which, and which cannot be set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.backends.graph.wire import Json
from core.language import _
from core.sharing.permission_table import (
    DEFAULT,
    Delegation,
    PermissionEntry,
    Principal,
    Who,
    entry,
    table,
)
from core.sharing.permission_table import PermissionTable as Table
from core.sharing.permissions import NAMED_LEVELS, PermissionLevel, ReadRight, Rights

_LEVELS = {
    "none": PermissionLevel.NONE,
    "freeBusyRead": PermissionLevel.FREE_BUSY,
    "limitedRead": PermissionLevel.FREE_BUSY_DETAILED,
    "read": PermissionLevel.REVIEWER,
    "write": PermissionLevel.EDITOR,
}
_ROLES = {level: role for role, level in _LEVELS.items()}
_DELEGATES = {"delegateWithoutPrivateEventAccess": False, "delegateWithPrivateEventAccess": True}
PERSON_LEVELS = tuple(level for level in _LEVELS.values() if level is not PermissionLevel.NONE)
"""What somebody in the organisation may be given; nothing at all is given by taking the row away."""
CANNOT = tuple(level for level in NAMED_LEVELS if level not in _ROLES)
"""What Outlook has and Graph cannot set."""


def role_of(row: PermissionEntry) -> str | None:
    """The role that gives this row; None where there is none."""
    if row.delegation is not None:
        return next(role for role, private in _DELEGATES.items() if private is row.delegation.private_items)
    return _ROLES.get(row.level)


def entry_of(data: Json) -> PermissionEntry:
    """A row. `custom` stands for every level that Graph has no role for: what it allows is not told."""
    role, principal = str(data.get("role") or "none"), principal_of(data)
    if role in _LEVELS:
        return entry(principal, _LEVELS[role])
    if role in _DELEGATES:
        return entry(principal, PermissionLevel.EDITOR, Delegation(private_items=_DELEGATES[role]))
    return PermissionEntry(principal, PermissionLevel.CUSTOM, Rights(ReadRight.FULL, visible=True))


def principal_of(data: Json) -> Principal:
    """Whom the row is about: “My Organization” is Outlook's Default."""
    address = data.get("emailAddress") or {}
    if not address.get("address"):
        return replace(DEFAULT, id=str(data.get("id") or ""))
    return Principal(Who.PERSON, str(address["address"]), str(address.get("name") or ""), str(data.get("id") or ""))


def table_of(rows: Iterable[Json]) -> Table:
    """The whole table; a second row of the same person is passed over."""
    found: dict[str, PermissionEntry] = {}
    for data in rows:
        row = entry_of(data)
        found.setdefault(row.key, row)
    return table(found.values())


def levels_of(roles: Iterable[str]) -> tuple[PermissionLevel, ...]:
    """The levels that these roles give, from least to most."""
    wanted = {_LEVELS[role] for role in roles if role in _LEVELS}
    return tuple(level for level in NAMED_LEVELS if level in wanted)


def may_delegate(rows: Iterable[Json]) -> bool:
    """Whether somebody can be a delegate here (the default calendar only)."""
    people = [data for data in rows if principal_of(data).who is Who.PERSON]
    return not people or any(role in _DELEGATES for data in people for role in data.get("allowedRoles") or ())


def why_not_all() -> str:
    """Which levels cannot be set, and who can."""
    names = ", ".join(level.label for level in (*CANNOT, PermissionLevel.CUSTOM))
    return _("Set in Outlook or by an administrator only: {levels}").format(levels=names)
