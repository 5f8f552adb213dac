"""What somebody may do in a folder: the one place that says so, for every operation.

The owner of a mailbox may do everything in it. What others may do is in the folder's permissions (outlook.md §4.1);
an entry of one's own wins over Default, however little it gives.
"""

from __future__ import annotations

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.model import DEFAULT, Entry, Folder, Item, Mailbox
from core.sandbox.exchange.xml import Element, t
from core.sharing.permissions import MATRIX, PermissionLevel, Reach, ReadRight, Rights

EVERYTHING = MATRIX[PermissionLevel.OWNER]
NOTHING = MATRIX[PermissionLevel.NONE]
_ORDER = tuple(ReadRight)
_TIMES = frozenset(("ItemId", "ItemClass", "Start", "End", "IsAllDayEvent", "LegacyFreeBusyStatus", "CalendarItemType"))
_SHOWN = {ReadRight.NONE: frozenset[str](), ReadRight.TIME: _TIMES, ReadRight.SUBJECT: _TIMES | {"Subject", "Location"}}


def rights_of(who: Mailbox, folder: Folder) -> Rights:
    """What `who` may do in `folder`."""
    if who is folder.mailbox:
        return EVERYTHING
    table = {entry.user: entry.rights for entry in folder.permissions}
    return table.get(who.address.lower(), table.get(DEFAULT, NOTHING))


def sees_private(who: Mailbox, folder: Folder) -> bool:
    """Whether private items are sent with their text: to the owner, and to delegates who were given it."""
    delegate = folder.mailbox.delegates.get(who.address.lower())
    return who is folder.mailbox or (delegate is not None and delegate.view_private)


def is_visible(who: Mailbox, folder: Folder) -> bool:
    """Whether `who` may know that the folder is there. Free/busy readers open it, though it is in no list of theirs."""
    rights = rights_of(who, folder)
    return rights.visible or rights.owner or rights.read is not ReadRight.NONE


def detail(who: Mailbox, item: Item) -> ReadRight:
    """How much of an item `who` is sent; of a private one only what free/busy tells."""
    read = rights_of(who, item.folder).read
    if is_private(item) and not sees_private(who, item.folder):
        return min(read, ReadRight.TIME, key=_ORDER.index)
    return read


def shown_names(level: ReadRight) -> frozenset[str]:
    """The properties of an appointment that a free/busy reader is sent, by what they may read."""
    return _SHOWN[level]


def require_visible(who: Mailbox, folder: Folder) -> Rights:
    """Raises EwsError (ErrorAccessDenied) where somebody may not even open the folder."""
    if not is_visible(who, folder) and not rights_of(who, folder).create:
        raise EwsError("ErrorAccessDenied")
    return rights_of(who, folder)


def require_read(who: Mailbox, folder: Folder, least: ReadRight = ReadRight.FULL) -> Rights:
    """Raises EwsError where somebody may not read at least so much of the folder's items."""
    rights = rights_of(who, folder)
    if _ORDER.index(rights.read) < _ORDER.index(least):
        raise EwsError("ErrorAccessDenied")
    return rights


def require_create(who: Mailbox, folder: Folder) -> None:
    """Raises EwsError where somebody may not put items into the folder."""
    if not rights_of(who, folder).create:
        raise EwsError("ErrorCreateItemAccessDenied", "You do not have permission to create items in this folder.")


def require_create_folder(who: Mailbox, folder: Folder) -> None:
    """Raises EwsError where somebody may not make folders in the folder."""
    if not rights_of(who, folder).create_subfolders:
        raise EwsError("ErrorCreateSubfolderAccessDenied", "You do not have permission to create subfolders here.")


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
    return sees_private(who, item.folder) or not is_private(item)


def require_text(who: Mailbox, *items: Item) -> None:
    """Raises EwsError where one is private and `who` sees its time only: what one cannot read is not one's to take."""
    if not all(shows_text(who, item) for item in items):
        raise EwsError("ErrorAccessDenied")


def effective_rights(who: Mailbox, folder: Folder) -> Element:
    """`EffectiveRights` of a folder for the one who asks."""
    rights = rights_of(who, folder)
    return _effective(rights, rights.owner, rights.owner, is_visible(who, folder), sees_private(who, folder))


def effective_item_rights(who: Mailbox, item: Item) -> Element:
    """`EffectiveRights` of an item for the one who asks; nothing can be created in it."""
    reads = detail(who, item) is ReadRight.FULL
    private = sees_private(who, item.folder)
    return _effective(NOTHING, may_delete(who, item), may_edit(who, item), reads, private)


def entry_for(folder: Folder, user: str) -> Entry | None:
    """The folder's entry for exactly this user."""
    return next((entry for entry in folder.permissions if entry.user == user), None)


def _effective(rights: Rights, delete: bool, modify: bool, read: bool, private: bool) -> Element:
    """Element by element in the order of EffectiveRightsType."""
    return t(
        "EffectiveRights",
        [
            t("CreateAssociated", rights.owner),
            t("CreateContents", rights.create),
            t("CreateHierarchy", rights.create_subfolders),
            t("Delete", delete),
            t("Modify", modify),
            t("Read", read),
            t("ViewPrivateItems", private),
        ],
    )


def _reaches(reach: Reach, who: Mailbox, item: Item) -> bool:
    """A private item that one may not read is not one's to change either."""
    if not shows_text(who, item):
        return False
    return reach is Reach.ALL or (reach is Reach.OWN and item.creator.lower() == who.address.lower())
