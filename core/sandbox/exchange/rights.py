"""What somebody may do in a folder: the one place that says so, for every operation.

The owner of a mailbox may do everything in it. What others may do is in the folder's permissions (outlook.md §4.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.model import Folder, Item, Mailbox


class Reading(IntEnum):
    """How much of a folder's items somebody sees (`ReadItems` of a calendar's permission); they are ordered."""

    NONE = 0
    TIME = 1
    """Free/busy only."""
    SUBJECT = 2
    """Free/busy, subject and place."""
    FULL = 3


class Reach(IntEnum):
    """Which items somebody may edit or delete."""

    NONE = 0
    OWN = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do in one folder."""

    read: Reading = Reading.NONE
    create: bool = False
    create_subfolders: bool = False
    edit: Reach = Reach.NONE
    delete: Reach = Reach.NONE
    owner: bool = False
    contact: bool = False
    visible: bool = False
    private: bool = False
    """Whether private items are shown with their text (owners, and delegates who were given it)."""


EVERYTHING = Rights(Reading.FULL, True, True, Reach.ALL, Reach.ALL, True, True, True, True)
NOTHING = Rights()


def rights_of(who: Mailbox, folder: Folder) -> Rights:
    """What `who` may do in `folder`."""
    return EVERYTHING if who is folder.mailbox else NOTHING


def require_visible(who: Mailbox, folder: Folder) -> Rights:
    """Raises EwsError (ErrorAccessDenied) where somebody may not even open the folder."""
    rights = rights_of(who, folder)
    if not (rights.visible or rights.read or rights.create or rights.owner):
        raise EwsError("ErrorAccessDenied")
    return rights


def require_read(who: Mailbox, folder: Folder) -> Rights:
    """Raises EwsError where somebody may not read items: less than full details is free/busy's to give."""
    rights = rights_of(who, folder)
    if rights.read is not Reading.FULL:
        raise EwsError("ErrorAccessDenied")
    return rights


def require_create(who: Mailbox, folder: Folder) -> None:
    """Raises EwsError where somebody may not put items into the folder."""
    if not rights_of(who, folder).create:
        raise EwsError("ErrorCreateItemAccessDenied", "You do not have permission to create items in this folder.")


def require_create_folder(who: Mailbox, folder: Folder) -> None:
    """Raises EwsError where somebody may not make folders in the folder."""
    if not rights_of(who, folder).create_subfolders:
        raise EwsError("ErrorAccessDenied")


def require_owner(who: Mailbox, folder: Folder) -> None:
    """Raises EwsError where somebody may not rename or delete the folder, or change its permissions."""
    if not rights_of(who, folder).owner:
        raise EwsError("ErrorAccessDenied")


def may_edit(who: Mailbox, item: Item) -> bool:
    """Whether `who` may change the item."""
    return _reaches(rights_of(who, item.folder).edit, who, item)


def may_delete(who: Mailbox, item: Item) -> bool:
    """Whether `who` may delete the item."""
    return _reaches(rights_of(who, item.folder).delete, who, item)


def require_edit(who: Mailbox, item: Item) -> None:
    """Raises EwsError where `who` may not change the item."""
    if not may_edit(who, item):
        raise EwsError("ErrorAccessDenied")


def require_delete(who: Mailbox, item: Item) -> None:
    """Raises EwsError where `who` may not delete the item."""
    if not may_delete(who, item):
        raise EwsError("ErrorAccessDenied")


def is_private(item: Item) -> bool:
    """Whether the item is marked private or confidential; an exception takes its series' mark where it has none."""
    mark = item.fields.get("Sensitivity")
    if mark is None and item.master is not None:
        return is_private(item.master)
    return mark is not None and (mark.text or "") in ("Private", "Confidential")


def shows_text(who: Mailbox, item: Item) -> bool:
    """Whether `who`, who may read the folder, sees more of the item than its time."""
    return rights_of(who, item.folder).private or not is_private(item)


def _reaches(reach: Reach, who: Mailbox, item: Item) -> bool:
    return reach is Reach.ALL or (reach is Reach.OWN and item.creator.lower() == who.address.lower())
