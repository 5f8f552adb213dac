"""A folder as it is answered, and the folders that a request names."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.fields import order_of
from core.sandbox.exchange.model import Folder, Mailbox
from core.sandbox.exchange.permissions import permission_set
from core.sandbox.exchange.registry import Context
from core.sandbox.exchange.rights import effective_rights, require_owner, rights_of
from core.sandbox.exchange.shapes import Shape
from core.sandbox.exchange.xml import Element, child, name_of, t, text_of
from core.sharing.permissions import ReadRight

_DEFAULT = frozenset(("FolderId", "DisplayName", "TotalCount", "ChildFolderCount", "UnreadCount", "FolderClass"))
_NOT_IN_ALL = frozenset(("PermissionSet", "ReplicaList", "ManagedFolderInformation", "PolicyTag", "ArchiveTag"))


def named_folder(context: Context, reference: Element) -> Folder:
    """The folder of a FolderId, a DistinguishedFolderId, or an element around one. Raises EwsError."""
    match name_of(reference):
        case "FolderId":
            return context.organisation.folder(reference.get("Id", ""))
        case "DistinguishedFolderId":
            return _distinguished(context, reference)
        case _ if len(reference):
            return named_folder(context, reference[0])
        case _:
            raise EwsError("ErrorInvalidIdEmpty")


def _distinguished(context: Context, reference: Element) -> Folder:
    mailbox = addressed_mailbox(context, child(reference, "Mailbox"))
    name = reference.get("Id", "")
    found = mailbox.distinguished.get(name)
    if found is None:
        raise EwsError("ErrorFolderNotFound")
    return found


def addressed_mailbox(context: Context, reference: Element | None) -> Mailbox:
    """The mailbox of a `t:Mailbox` with an address, else the caller's own."""
    address = text_of(reference, "EmailAddress")
    return context.organisation.mailbox_at(address) if address else context.who


def folder_id(folder: Folder, tag: str = "FolderId") -> Element:
    """Its id and change key."""
    return t(tag, Id=folder.id, ChangeKey=folder.change_key)


def show_folder(context: Context, folder: Folder, shape: Shape) -> Element:
    """The folder with the properties that were asked for, in the schema's order."""
    made = t(folder.kind)
    for name in order_of(folder.kind):
        if name == "ExtendedProperty":
            found = (_extended(folder, key) for key in shape.extended)
            made.extend(each for each in found if each is not None)
        elif _wanted(name, shape):
            content = _property(context, folder, name)
            if content is not None:
                made.append(content)
    return made


def folder_value(context: Context, folder: Folder, name: str) -> Element | None:
    """A property by name or extended key: what restrictions look at."""
    return _extended(folder, name) if ":" in name else _property(context, folder, name)


FOLDER_EXTENDED: dict[str, Callable[[Folder], Element]] = {}
"""Extended properties that every folder has, by key."""


def _extended(folder: Folder, key: str) -> Element | None:
    if key in folder.extended:
        return deepcopy(folder.extended[key])
    return FOLDER_EXTENDED[key](folder) if key in FOLDER_EXTENDED else None


def _wanted(name: str, shape: Shape) -> bool:
    if name == "FolderId" or name in shape.names:
        return True
    if shape.everything:
        return name not in _NOT_IN_ALL
    return shape.base == "Default" and name in _DEFAULT


def _property(context: Context, folder: Folder, name: str) -> Element | None:  # noqa: PLR0911 - a table
    match name:
        case "FolderId":
            return folder_id(folder)
        case "ParentFolderId":
            return folder_id(folder.parent or folder, "ParentFolderId")
        case "FolderClass":
            return t(name, folder.klass) if folder.klass else None
        case "DisplayName":
            return t(name, folder.name)
        case "TotalCount":
            return t(name, len(folder.items))
        case "ChildFolderCount":
            return t(name, sum(1 for _each in folder.mailbox.children(folder)))
        case "UnreadCount":
            return t(name, sum(1 for item in folder.items.values() if item.text("IsRead") == "false"))
        case "DistinguishedFolderId":
            return t(name, folder.distinguished) if folder.distinguished else None
        case "EffectiveRights":
            return effective_rights(context.who, folder)
        case "SharingEffectiveRights":
            return _sharing_rights(context, folder)
        case "PermissionSet":
            require_owner(context.who, folder)
            return permission_set(folder, context.organisation)
        case _:
            return None


_SHARING = {
    ReadRight.NONE: "None",
    ReadRight.TIME: "TimeOnly",
    ReadRight.SUBJECT: "TimeAndSubjectAndLocation",
    ReadRight.FULL: "FullDetails",
}


def _sharing_rights(context: Context, folder: Folder) -> Element | None:
    if context.who is folder.mailbox:
        return None  # only of somebody else's folder
    return t("SharingEffectiveRights", _SHARING[rights_of(context.who, folder).read])
