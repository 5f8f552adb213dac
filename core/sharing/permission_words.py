"""A change of permissions in words, as a person reads it before saying OK; and rows as plain data. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from core.language import N_, _
from core.sharing.permission_table import (
    Delegation,
    PermissionChange,
    PermissionEntry,
    PermissionTable,
    Principal,
    Who,
)
from core.sharing.permissions import PermissionLevel, Reach, ReadRight, Rights

_RIGHT_LABELS = {
    "read": N_("Read"),
    "create": N_("Create items"),
    "create_subfolders": N_("Create subfolders"),
    "edit": N_("Edit"),
    "delete": N_("Delete items"),
    "owner": N_("Folder owner"),
    "contact": N_("Folder contact"),
    "visible": N_("Folder visible"),
}
_ORDER = tuple(ReadRight)


def right_label(name: str) -> str:
    """What Outlook's tab calls a right of `Rights`."""
    return _(_RIGHT_LABELS[name])


def right_value(value: ReadRight | Reach | bool) -> str:
    """The value of a right, in the person's language."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value.label


def change_lines(change: PermissionChange, after: PermissionTable | None = None) -> tuple[str, ...]:
    """What a change does, the row first, then single rights where a level's name does not say it all.

    `after` is the whole table as it will be: who loses their row falls back to its Default.
    """
    return tuple(_lines(change, after))


def _lines(change: PermissionChange, table: PermissionTable | None) -> Iterator[str]:
    who, old, new = change.principal.label, change.before, change.after
    if new is None:
        assert old is not None
        yield _("{who}: loses {level}").format(who=who, level=old.level.label)
        if table is not None and (rest := table.get("default")) is not None:
            yield "  " + _("from then on as Default: {level}").format(level=rest.level.label)
        return
    if old is None:
        yield _("{who}: gets {level}").format(who=who, level=new.level.label)
    elif old.level is not new.level:
        yield _("{who}: {what}").format(who=who, what=f"{old.level.label} → {new.level.label}")
    else:
        yield _("{who}: {what}").format(who=who, what=new.level.label)
    if PermissionLevel.CUSTOM in (new.level, old.level if old else new.level):
        yield from _rights(old.rights if old else Rights(), new.rights)
    yield from _delegation(old.delegation if old else None, new.delegation)


def _rights(old: Rights, new: Rights) -> Iterator[str]:
    for each in fields(Rights):
        was, now = getattr(old, each.name), getattr(new, each.name)
        if was != now:
            what = f"{right_value(was)} → {right_value(now)}"
            yield "  " + _("{who}: {what}").format(who=right_label(each.name), what=what)


def _delegation(old: Delegation | None, new: Delegation | None) -> Iterator[str]:
    if (old is None) != (new is None):
        yield "  " + (_("becomes a delegate") if new else _("is no delegate any more"))
    was, now = old or Delegation(copies=False), new or Delegation(copies=False)
    if was.copies != now.copies:
        yield "  " + (_("gets copies of meeting messages") if now.copies else _("gets no copies of meeting messages"))
    if was.private_items != now.private_items:
        yield "  " + (_("can see private items") if now.private_items else _("can no longer see private items"))


def warnings(changes: Iterable[PermissionChange]) -> tuple[str, ...]:
    """What somebody should think about twice."""
    return tuple(line for change in changes if change.after for line in _warnings(change.after))


def _warnings(entry: PermissionEntry) -> Iterator[str]:
    much = _ORDER.index(entry.rights.read) >= _ORDER.index(ReadRight.SUBJECT)
    writes = entry.rights.create or entry.rights.edit is not Reach.NONE or entry.rights.delete is not Reach.NONE
    match entry.principal.who:
        case Who.DEFAULT if writes:
            yield _("Everybody in the organisation will be able to change this calendar.")
        case Who.DEFAULT if much:
            yield _("Everybody in the organisation will see what your events are about.")
        case Who.ANONYMOUS if much or writes or entry.rights.read is not ReadRight.NONE:
            yield _("People who have not signed in will see this calendar.")
    if entry.rights.owner and entry.principal.who is Who.PERSON:
        yield _("{who} will be able to change these permissions, yours too.").format(who=entry.principal.label)


def rights_data(rights: Rights) -> dict[str, str | bool]:
    """The eight rights as plain values (cli.md)."""
    return {
        each.name: value if isinstance(value := getattr(rights, each.name), bool) else str(value)
        for each in fields(Rights)
    }


def entry_data(entry: PermissionEntry | None) -> dict[str, Any] | None:
    """A row as plain values, for a journal."""
    if entry is None:
        return None
    who, given = entry.principal, entry.delegation
    return {
        "who": who.who.value,
        "address": who.address,
        "name": who.name,
        "id": who.id,
        "level": entry.level.value,
        "rights": rights_data(entry.rights),
        "delegation": {"copies": given.copies, "private_items": given.private_items} if given else None,
    }


def entry_from(data: Mapping[str, Any] | None) -> PermissionEntry | None:
    """The row that `entry_data` wrote. Raises KeyError, ValueError or TypeError for what it did not write."""
    if data is None:
        return None
    rights = dict(data["rights"])
    rights["read"] = ReadRight(rights["read"])
    rights["edit"], rights["delete"] = Reach(rights["edit"]), Reach(rights["delete"])
    return PermissionEntry(
        Principal(Who(data["who"]), data["address"], data["name"], data["id"]),
        PermissionLevel(data["level"]),
        Rights(**rights),
        Delegation(**data["delegation"]) if data["delegation"] else None,
    )
