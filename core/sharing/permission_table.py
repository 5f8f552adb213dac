"""The table of Calendar Permissions: its rows, and what differs between two of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from core.calendar.people import Address
from core.errors import Conflict, Refused, UsageError
from core.language import _
from core.sharing.permissions import PermissionLevel, Reach, Rights, level_of, rights_of
from core.values import dataclass


class Who(StrEnum):
    """Whom a row is about."""

    DEFAULT = "default"
    """Everybody in the organisation who has no row of their own."""
    ANONYMOUS = "anonymous"
    """People who have not signed in."""
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a permission is given to. `id` is the server's own mark where it needs one to find the row again."""

    who: Who
    address: str = ""
    name: str = ""
    id: str = ""

    @property
    def key(self) -> str:
        """Equal for two spellings of the same one; unique in a table."""
        if self.who is not Who.PERSON:
            return self.who.value
        return self.address.lower() or f"id:{self.id}"

    @property
    def label(self) -> str:
        """As the row says it."""
        match self.who:
            case Who.DEFAULT:
                return _("Default")
            case Who.ANONYMOUS:
                return _("Anonymous")
            case Who.PERSON:
                return self.name or self.address or self.id


DEFAULT = Principal(Who.DEFAULT)
ANONYMOUS = Principal(Who.ANONYMOUS)


def person(address: Address | str, name: str = "") -> Principal:
    """Somebody by mail address."""
    if isinstance(address, Address):
        return Principal(Who.PERSON, address.address, address.name)
    return Principal(Who.PERSON, address, name)


@dataclass(frozen=True, slots=True)
class Delegation:
    """What a delegate has beside the right to edit."""

    copies: bool = True
    """Receives copies of meeting messages."""
    private_items: bool = False
    """*Delegate can see my private items*."""


@dataclass(frozen=True, slots=True)
class PermissionEntry:
    """One row. `rights` are those of `level` unless it is Custom."""

    principal: Principal
    level: PermissionLevel
    rights: Rights
    delegation: Delegation | None = None

    @property
    def key(self) -> str:
        """Unique in a table."""
        return self.principal.key

    @property
    def may_be_delegate(self) -> bool:
        """Only somebody who can edit everything can be a delegate, and only a person."""
        enough = self.rights.edit is Reach.ALL and self.rights.create
        return enough and self.principal.who is Who.PERSON

    def with_level(self, level: PermissionLevel) -> PermissionEntry:
        """The row after another level was chosen; Custom keeps the rights that are there."""
        rights = self.rights if level is PermissionLevel.CUSTOM else rights_of(level)
        return self.with_rights(rights)

    def with_rights(self, rights: Rights) -> PermissionEntry:
        """The row after a box was ticked: the level becomes the matching one, or Custom.

        Who can no longer edit everything is no delegate any more.
        """
        changed = replace(self, level=level_of(rights), rights=rights)
        return changed if changed.may_be_delegate else replace(changed, delegation=None)

    def with_delegation(self, delegation: Delegation | None) -> PermissionEntry:
        """The row with another delegation. Raises Refused for somebody who cannot edit everything."""
        if delegation is not None and not self.may_be_delegate:
            raise Refused(_("Only somebody who can edit every item can be a delegate."), _("Choose Editor first."))
        return replace(self, delegation=delegation)


def entry(principal: Principal, level: PermissionLevel, delegation: Delegation | None = None) -> PermissionEntry:
    """A row with a named level."""
    return PermissionEntry(principal, level, rights_of(level), delegation)


def custom_entry(principal: Principal, rights: Rights, delegation: Delegation | None = None) -> PermissionEntry:
    """A row with these rights, whatever level they make."""
    return PermissionEntry(principal, level_of(rights), rights, delegation)


@dataclass(frozen=True, slots=True)
class PermissionTable:
    """All rows. Default and Anonymous come first and are always there; people follow in the server's order."""

    entries: tuple[PermissionEntry, ...]
    unknown: tuple[str, ...] = ()
    """Rows that the server keeps and that say nobody this program could name: shown, never written."""

    def __post_init__(self) -> None:
        keys = [each.key for each in self.entries]
        if len(set(keys)) != len(keys):
            raise ValueError(f"a person has two rows: {keys}")

    @property
    def people(self) -> tuple[PermissionEntry, ...]:
        """The rows of people."""
        return tuple(each for each in self.entries if each.principal.who is Who.PERSON)

    def get(self, key: str) -> PermissionEntry | None:
        """The row with this key (an address in any spelling, `default`, `anonymous`)."""
        wanted = key.strip().lower()
        return next((each for each in self.entries if each.key in (key, wanted)), None)

    def having(self, changed: PermissionEntry) -> PermissionTable:
        """The table with this row: in the place of the one with its key, or added at the end."""
        if self.get(changed.key) is None:
            return replace(self, entries=(*self.entries, changed))
        return replace(self, entries=tuple(changed if each.key == changed.key else each for each in self.entries))

    def without(self, key: str) -> PermissionTable:
        """The table without this person's row. Raises Refused for Default and Anonymous, UsageError for nobody."""
        found = self.get(key)
        if found is None:
            raise UsageError(_("{who} has no permission of their own here.").format(who=key))
        if found.principal.who is not Who.PERSON:
            raise Refused(
                _("“{who}” cannot be removed: a calendar always has it.").format(who=found.principal.label),
                _("Set it to None instead."),
            )
        return replace(self, entries=tuple(each for each in self.entries if each.key != found.key))

    def effective(self, address: str) -> PermissionEntry | None:
        """The row that counts for somebody in the organisation: their own, else Default."""
        return self.get(address) or self.get(DEFAULT.key)


def table(entries: Iterable[PermissionEntry], unknown: Iterable[str] = ()) -> PermissionTable:
    """A table in its proper order, with Default and Anonymous (None) where the server did not name them."""
    rows = {each.key: each for each in entries}
    fixed = [rows.pop(who.key, entry(who, PermissionLevel.NONE)) for who in (DEFAULT, ANONYMOUS)]
    return PermissionTable((*fixed, *rows.values()), tuple(unknown))


@dataclass(frozen=True, slots=True)
class PermissionChange:
    """What happens to one row: added without `before`, removed without `after`."""

    before: PermissionEntry | None
    after: PermissionEntry | None

    @property
    def principal(self) -> Principal:
        """Whose row it is, with the name that is known."""
        found = self.after or self.before
        assert found is not None
        return found.principal

    @property
    def key(self) -> str:
        """The row's key."""
        return self.principal.key

    @property
    def undone(self) -> PermissionChange:
        """The change that takes this one back."""
        return PermissionChange(self.after, self.before)


def _same(one: PermissionEntry | None, other: PermissionEntry | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.level, one.rights, one.delegation) == (other.level, other.rights, other.delegation)


def difference(before: PermissionTable, after: PermissionTable) -> tuple[PermissionChange, ...]:
    """What turns one table into the other, in the order of the rows; names and marks of a server do not count."""
    rows = [*before.entries, *(each for each in after.entries if before.get(each.key) is None)]
    pairs = ((before.get(each.key), after.get(each.key)) for each in rows)
    return tuple(PermissionChange(old, new) for old, new in pairs if not _same(old, new))


def apply_changes(now: PermissionTable, changes: Iterable[PermissionChange]) -> PermissionTable:
    """The table with the changes made, each to a row that is still as it was when the change was thought of.

    Raises Conflict, which names the row, where it is not; a change that is there already counts as made.
    """
    for change in changes:
        found = now.get(change.key)
        if _same(found, change.after):
            continue
        if not _same(found, change.before):
            raise Conflict(
                _("The permission of {who} was changed by somebody else meanwhile: now {level}.").format(
                    who=change.principal.label, level=found.level.label if found else _("no row")
                ),
                _("Look at the permissions again, then decide."),
            )
        if change.after is None:
            now = now.without(change.key)
        else:
            kept = found.principal if found else change.after.principal
            now = now.having(replace(change.after, principal=kept))
    return now
