"""GetFolder and FindFolder ([MS-OXWSFOLD], [MS-OXWSSRCH])."""

from __future__ import annotations

from functools import partial

from core.sandbox.exchange.folder_view import folder_value, named_folder, show_folder
from core.sandbox.exchange.model import Folder
from core.sandbox.exchange.paging import page_of
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.restriction import matches
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
        found = [folder for folder in _below(parent, deep) if _found(context, folder)]
        page = page_of(child(context.request, "IndexedPageFolderView"), len(found), context.options.page)
        shown = t("Folders", [show_folder(context, folder, shape) for folder in found[page.first : page.last]])
        return success("FindFolder", m("RootFolder", shown, TotalItemsInView=len(found), **page.attributes))

    return respond("FindFolder", children(context.request, "ParentFolderIds"), one)


def _below(parent: Folder, deep: bool) -> list[Folder]:
    found = []
    for folder in parent.mailbox.children(parent):
        found.append(folder)
        if deep:
            found += _below(folder, deep)
    return found


def _found(context: Context, folder: Folder) -> bool:
    """Whether it is in the caller's lists, and fits the request's restriction."""
    rights = rights_of(context.who, folder)
    restriction = child(context.request, "Restriction")
    seen = rights.visible or rights.owner
    return seen and matches(restriction, partial(folder_value, context, folder))
