"""GetFolder and FindFolder ([MS-OXWSFOLD], [MS-OXWSSRCH])."""

from __future__ import annotations

from core.sandbox.exchange.folder_view import named_folder, show_folder
from core.sandbox.exchange.model import Folder
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.rights import require_visible, rights_of
from core.sandbox.exchange.shapes import shape_of
from core.sandbox.exchange.xml import Element, child, children, m, t


@operation("GetFolder")
def get_folder(context: Context) -> Element:
    """Folders by id or distinguished name."""
    shape = shape_of(context.request, "FolderShape")

    def one(reference: Element) -> Element:
        folder = named_folder(context, reference)
        require_visible(context.who, folder)
        return success("GetFolder", m("Folders", show_folder(context, folder, shape)))

    return respond("GetFolder", children(context.request, "FolderIds"), one)


@operation("FindFolder")
def find_folder(context: Context) -> Element:
    """The folders in folders, one level or all."""
    shape = shape_of(context.request, "FolderShape")
    deep = context.request.get("Traversal") == "Deep"

    def one(reference: Element) -> Element:
        parent = named_folder(context, reference)
        require_visible(context.who, parent)
        found = [folder for folder in _below(parent, deep) if _seen(context, folder)]
        shown = t("Folders", [show_folder(context, folder, shape) for folder in found])
        attributes = {"TotalItemsInView": len(found), "IncludesLastItemInRange": True}
        if child(context.request, "IndexedPageFolderView") is not None:
            attributes["IndexedPagingOffset"] = len(found)
        return success("FindFolder", m("RootFolder", shown, **attributes))

    return respond("FindFolder", children(context.request, "ParentFolderIds"), one)


def _below(parent: Folder, deep: bool) -> list[Folder]:
    found = []
    for folder in parent.mailbox.children(parent):
        found.append(folder)
        if deep:
            found += _below(folder, deep)
    return found


def _seen(context: Context, folder: Folder) -> bool:
    rights = rights_of(context.who, folder)
    return rights.visible or rights.owner
