"""Permissions on a calendar: the twelve levels, the single rights below them, and Custom. Source: outlook.md §4.1.

That is Microsoft's Table 2 of the EWS permission levels, the roles of Exchange's PowerShell, and the two free/busy
levels that only calendars have. Which rows a table has, and what differs between two tables, is in `permission_table`.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from enum import StrEnum

from core.errors import UsageError
from core.language import N_, _
from core.sharing.detail import DetailLevel
from core.values import dataclass


class ReadRight(StrEnum):
    """What may be read of the items, from least to most (EWS `ReadItems`)."""

    NONE = "none"
    TIME = "time"
    SUBJECT = "time-subject-location"
    FULL = "full"

    @property
    def label(self) -> str:
        """As Outlook's tab says it, in the person's language."""
        return _(_READ_LABELS[self])


class Reach(StrEnum):
    """Which items may be changed or deleted (EWS `EditItems`, `DeleteItems`)."""

    NONE = "none"
    OWN = "own"
    ALL = "all"

    @property
    def label(self) -> str:
        """As Outlook's tab says it."""
        return _(_REACH_LABELS[self])


_READ_LABELS = {
    ReadRight.NONE: N_("None"),
    ReadRight.TIME: N_("Free/Busy time"),
    ReadRight.SUBJECT: N_("Free/Busy time, subject, location"),
    ReadRight.FULL: N_("Full details"),
}
_REACH_LABELS = {Reach.NONE: N_("None"), Reach.OWN: N_("Own"), Reach.ALL: N_("All")}


@dataclass(frozen=True, slots=True)
class Rights:
    """The eight single rights. Changing or deleting says of whose items; the others are yes or no."""

    read: ReadRight = ReadRight.NONE
    create: bool = False
    create_subfolders: bool = False
    edit: Reach = Reach.NONE
    delete: Reach = Reach.NONE
    owner: bool = False
    """Folder owner: may change the folder and its permissions. It gives no right to read or write items."""
    contact: bool = False
    """Folder contact: is told when somebody asks for access."""
    visible: bool = False
    """Folder visible: the folder is seen in the list of folders."""


class PermissionLevel(StrEnum):
    """The levels of Outlook's drop-down, in its order from least to most, and Custom."""

    NONE = "none"
    FREE_BUSY = "free-busy-time"
    FREE_BUSY_DETAILED = "free-busy-time-subject-location"
    CONTRIBUTOR = "contributor"
    REVIEWER = "reviewer"
    NONEDITING_AUTHOR = "nonediting-author"
    AUTHOR = "author"
    PUBLISHING_AUTHOR = "publishing-author"
    EDITOR = "editor"
    PUBLISHING_EDITOR = "publishing-editor"
    OWNER = "owner"
    CUSTOM = "custom"

    @property
    def label(self) -> str:
        """As the drop-down says it, in the person's language."""
        return _(_LABELS[self])

    @property
    def rights(self) -> Rights:
        """The rights of the level. Raises ValueError for Custom, which has none of its own."""
        return rights_of(self)


_LABELS = {
    PermissionLevel.NONE: N_("None"),
    PermissionLevel.FREE_BUSY: N_("Free/Busy time"),
    PermissionLevel.FREE_BUSY_DETAILED: N_("Free/Busy time, subject, location"),
    PermissionLevel.CONTRIBUTOR: N_("Contributor"),
    PermissionLevel.REVIEWER: N_("Reviewer"),
    PermissionLevel.NONEDITING_AUTHOR: N_("Nonediting Author"),
    PermissionLevel.AUTHOR: N_("Author"),
    PermissionLevel.PUBLISHING_AUTHOR: N_("Publishing Author"),
    PermissionLevel.EDITOR: N_("Editor"),
    PermissionLevel.PUBLISHING_EDITOR: N_("Publishing Editor"),
    PermissionLevel.OWNER: N_("Owner"),
    PermissionLevel.CUSTOM: N_("Custom"),
}


def _reading(edit: Reach, delete: Reach, *, create: bool = False, subfolders: bool = False) -> Rights:
    return Rights(ReadRight.FULL, create, subfolders, edit, delete, visible=True)


MATRIX: dict[PermissionLevel, Rights] = {
    PermissionLevel.NONE: Rights(),
    PermissionLevel.FREE_BUSY: Rights(ReadRight.TIME),
    PermissionLevel.FREE_BUSY_DETAILED: Rights(ReadRight.SUBJECT),
    PermissionLevel.CONTRIBUTOR: Rights(create=True, visible=True),
    PermissionLevel.REVIEWER: _reading(Reach.NONE, Reach.NONE),
    PermissionLevel.NONEDITING_AUTHOR: _reading(Reach.NONE, Reach.OWN, create=True),
    PermissionLevel.AUTHOR: _reading(Reach.OWN, Reach.OWN, create=True),
    PermissionLevel.PUBLISHING_AUTHOR: _reading(Reach.OWN, Reach.OWN, create=True, subfolders=True),
    PermissionLevel.EDITOR: _reading(Reach.ALL, Reach.ALL, create=True),
    PermissionLevel.PUBLISHING_EDITOR: _reading(Reach.ALL, Reach.ALL, create=True, subfolders=True),
    PermissionLevel.OWNER: replace(
        _reading(Reach.ALL, Reach.ALL, create=True, subfolders=True), owner=True, contact=True
    ),
}
"""The rights of each named level; no two levels have the same."""
_BY_RIGHTS = {rights: level for level, rights in MATRIX.items()}
NAMED_LEVELS = tuple(MATRIX)
"""The levels that can be given by name, from least to most."""


def rights_of(level: PermissionLevel) -> Rights:
    """The rights of a named level. Raises ValueError for Custom."""
    if level is PermissionLevel.CUSTOM:
        raise ValueError("custom is any other combination: it has no rights of its own")
    return MATRIX[level]


def level_of(rights: Rights) -> PermissionLevel:
    """The level that has exactly these rights, else Custom: what the drop-down shows after a box was ticked."""
    return _BY_RIGHTS.get(rights, PermissionLevel.CUSTOM)


def parse_level(text: str) -> PermissionLevel:
    """Read a level as the command line names it. Raises UsageError with the nearest name; Custom is not a choice."""
    wanted = text.strip().lower().replace(" ", "-").replace("_", "-")
    known = {level.value: level for level in NAMED_LEVELS}
    if wanted in known:
        return known[wanted]
    close = next(iter(difflib.get_close_matches(wanted, known, 1, 0.6)), "")
    levels = _("The levels: {levels}").format(levels=" ".join(known))
    raise UsageError(
        _("There is no permission level “{text}”.").format(text=text),
        _("Did you mean “{name}”?").format(name=close) if close else levels,
    )


_OF_DETAIL = {
    DetailLevel.AVAILABILITY: PermissionLevel.FREE_BUSY,
    DetailLevel.LIMITED: PermissionLevel.FREE_BUSY_DETAILED,
    DetailLevel.FULL: PermissionLevel.REVIEWER,
}
_OF_READ = {
    ReadRight.TIME: DetailLevel.AVAILABILITY,
    ReadRight.SUBJECT: DetailLevel.LIMITED,
    ReadRight.FULL: DetailLevel.FULL,
}


def level_for(detail: DetailLevel) -> PermissionLevel:
    """The permission that *Details* of the Share Calendar message grants (outlook.md §2.2)."""
    return _OF_DETAIL[detail]


def detail_for(rights: Rights) -> DetailLevel | None:
    """How much somebody with these rights sees; None when nothing can be read."""
    return _OF_READ.get(rights.read)


def level_label(text: str) -> str:
    """The words for a level as ledgers and messages write it: of detail, of permission, or whatever it says."""
    if text in tuple(DetailLevel):
        return DetailLevel(text).label
    return PermissionLevel(text).label if text in tuple(PermissionLevel) else text


def at_most(level: PermissionLevel, most: DetailLevel | None) -> bool:
    """Whether the level only reads, and reads no more than `most`: what a policy for outside people lets through."""
    if level is PermissionLevel.NONE:
        return True
    if most is None or level not in _OF_DETAIL.values():
        return False
    order = tuple(_OF_DETAIL)
    return order.index(_OF_READ[rights_of(level).read]) <= order.index(most)


def meaning_of(level: PermissionLevel) -> str:
    """One sentence for a person: what the level lets somebody do."""
    return _(_MEANINGS[level])


_MEANINGS = {
    PermissionLevel.NONE: N_("Sees nothing."),
    PermissionLevel.FREE_BUSY: N_("Sees when you are free or busy."),
    PermissionLevel.FREE_BUSY_DETAILED: N_("Sees when you are free or busy, with subjects and places."),
    PermissionLevel.CONTRIBUTOR: N_("Can add items, and sees none."),
    PermissionLevel.REVIEWER: N_("Sees all details, and changes nothing."),
    PermissionLevel.NONEDITING_AUTHOR: N_("Sees all details, can add items and delete their own."),
    PermissionLevel.AUTHOR: N_("Sees all details, can add items, change and delete their own."),
    PermissionLevel.PUBLISHING_AUTHOR: N_("As Author, and can create subfolders."),
    PermissionLevel.EDITOR: N_("Sees all details, can add, change and delete every item."),
    PermissionLevel.PUBLISHING_EDITOR: N_("As Editor, and can create subfolders."),
    PermissionLevel.OWNER: N_("Can do everything, also change these permissions."),
    PermissionLevel.CUSTOM: N_("A combination of rights that has no name."),
}
