"""CreateFolder, UpdateFolder, MoveFolder, EmptyFolder and DeleteFolder ([MS-OXWSFOLD])."""

from __future__ import annotations

from copy import deepcopy

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.folder_view import folder_id, named_folder
from core.sandbox.exchange.items import move
from core.sandbox.exchange.model import ChangeKind, Folder
from core.sandbox.exchange.permissions import replace_permissions
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.rights import require_create_folder, require_delete, require_owner
from core.sandbox.exchange.shapes import extended_key
from core.sandbox.exchange.update import read_updates
from core.sandbox.exchange.xml import Element, child, children, m, name_of, t, text_of, truth

_CLASSES = {
    "CalendarFolder": "IPF.Appointment",
    "ContactsFolder": "IPF.Contact",
    "TasksFolder": "IPF.Task",
    "Folder": "IPF.Note",
}


def _shown(folder: Folder) -> Element:
    return m("Folders", t(folder.kind, folder_id(folder)))


def _check_name(parent: Folder, name: str, but: Folder | None = None) -> None:
    if not name.strip():
        raise EwsError("ErrorFolderSavePropertyError", "A folder needs a name.")
    taken = (each.name.lower() for each in parent.mailbox.children(parent) if each is not but)
    if name.lower() in taken:
        raise EwsError("ErrorFolderExists")


@operation("CreateFolder")
def create_folder(context: Context) -> Element:
    """New folders in a folder; they begin with the permissions of the one that they lie in."""
    reference = child(context.request, "ParentFolderId")

    def one(element: Element) -> Element:
        """A folder whose class or properties are refused is taken away again: nothing half made stays."""
        if reference is None:
            raise EwsError("ErrorParentFolderIdRequired", "The parent folder is missing.")
        parent = named_folder(context, reference)
        require_create_folder(context.who, parent)
        if name_of(element) not in _CLASSES:
            raise EwsError("ErrorInvalidFolderTypeForOperation", "Search folders cannot be made here.")
        name, klass = text_of(element, "DisplayName"), text_of(element, "FolderClass")
        _check_name(parent, name)
        folder = context.organisation.add_folder(parent.mailbox, parent, name, klass or _CLASSES[name_of(element)])
        if name_of(element) not in ("Folder", folder.kind):  # a plain Folder takes any class
            context.organisation.remove_folder(folder)
            raise EwsError("ErrorNoFolderClassOverride", "The class does not fit the folder.")
        try:
            for part in element:
                if name_of(part) not in ("DisplayName", "FolderClass"):
                    _set(context, folder, part)
        except EwsError:
            context.organisation.remove_folder(folder)
            raise
        return success("CreateFolder", _shown(folder))

    return respond("CreateFolder", children(context.request, "Folders"), one)


def _set(context: Context, folder: Folder, element: Element) -> None:
    match name_of(element):
        case "DisplayName":
            if folder.distinguished in ("root", "msgfolderroot"):
                raise EwsError("ErrorFolderSavePropertyError", "This folder cannot be renamed.")
            _check_name(folder.parent or folder, element.text or "", but=folder)
            folder.name = element.text or ""
        case "PermissionSet":
            replace_permissions(folder, element, context.organisation)
        case "ExtendedProperty":
            folder.extended[extended_key(element[0])] = deepcopy(element)
        case name:
            raise EwsError("ErrorInvalidPropertySet", f"Set action is invalid for property {name}.")


@operation("UpdateFolder")
def update_folder(context: Context) -> Element:
    """Names, permissions (the whole set at once) and extended properties, for owners of the folder."""

    def one(change: Element) -> Element:
        folder = named_folder(context, change[0])
        require_owner(context.who, folder)
        for update in read_updates(change):
            if update.action == "SetFolderField" and update.element is not None:
                _set(context, folder, update.element)
            elif update.action == "DeleteFolderField" and name_of(update.path) == "ExtendedFieldURI":
                folder.extended.pop(update.name, None)
            else:
                raise EwsError("ErrorInvalidPropertyDelete", f"Property {update.name} can not be deleted.")
        context.organisation.note_folder(folder, ChangeKind.MODIFIED)
        return success("UpdateFolder", _shown(folder))

    return respond("UpdateFolder", children(context.request, "FolderChanges"), one)


@operation("MoveFolder")
def move_folder(context: Context) -> Element:
    """Folders into another one; they keep their ids."""
    target = child(context.request, "ToFolderId")

    def one(reference: Element) -> Element:
        """Raises EwsError for a distinguished folder, and for a way into itself or into another mailbox."""
        folder = named_folder(context, reference)
        if target is None:
            raise EwsError("ErrorToFolderNotFound", "The destination folder could not be found.")
        parent = named_folder(context, target)
        require_owner(context.who, folder)
        require_create_folder(context.who, parent)
        if folder.distinguished:
            raise EwsError("ErrorMoveDistinguishedFolder", "Distinguished folders cannot be moved.")
        if folder in parent.path or parent.mailbox is not folder.mailbox:
            raise EwsError("ErrorMoveCopyFailed", "The folder cannot be moved there.")
        _check_name(parent, folder.name, but=folder)
        folder.parent = parent
        context.organisation.note_folder(folder, ChangeKind.MODIFIED)
        return success("MoveFolder", _shown(folder))

    return respond("MoveFolder", children(context.request, "FolderIds"), one)


@operation("DeleteFolder")
def delete_folder(context: Context) -> Element:
    """Folders with all that is in them: gone, or moved to Deleted Items."""
    how = context.request.get("DeleteType", "HardDelete")

    def one(reference: Element) -> Element:
        """What lies in Deleted Items already is gone for good, whatever the request says."""
        folder = named_folder(context, reference)
        require_owner(context.who, folder)
        if folder.distinguished:
            raise EwsError("ErrorDeleteDistinguishedFolder")
        trash = folder.mailbox.distinguished["deleteditems"]
        if how == "MoveToDeletedItems" and trash not in folder.path:
            folder.parent = trash
            folder.name = _free_name(trash, folder)
            context.organisation.note_folder(folder, ChangeKind.MODIFIED)
        else:
            context.organisation.remove_folder(folder)
        return success("DeleteFolder")

    return respond("DeleteFolder", children(context.request, "FolderIds"), one)


def _free_name(parent: Folder, folder: Folder) -> str:
    taken = {each.name.lower() for each in parent.mailbox.children(parent) if each is not folder}
    names = (folder.name, *(f"{folder.name}{number}" for number in range(1, len(taken) + 2)))
    return next(name for name in names if name.lower() not in taken)


@operation("EmptyFolder")
def empty_folder(context: Context) -> Element:
    """The items of folders, and the folders in them where the request says so."""
    request = context.request
    how, deep = request.get("DeleteType", "HardDelete"), truth(request.get("DeleteSubFolders", "false"))

    def one(reference: Element) -> Element:
        """All rights are looked at before the first item goes: it is emptied or left as it is."""
        folder = named_folder(context, reference)
        require_owner(context.who, folder)
        if folder.kind != "Folder":
            raise EwsError("ErrorCannotEmptyFolder", "This folder can not be emptied.")
        for item in list(folder.items.values()):
            require_delete(context.who, item)
        trash = folder.mailbox.distinguished["deleteditems"]
        for item in list(folder.items.values()):
            if how == "MoveToDeletedItems" and folder is not trash:
                move(context, item, trash)
            else:
                context.organisation.remove_item(item)
        for inner in list(folder.mailbox.children(folder)) if deep else ():
            context.organisation.remove_folder(inner)
        return success("EmptyFolder")

    return respond("EmptyFolder", children(request, "FolderIds"), one)
