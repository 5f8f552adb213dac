"""SyncFolderItems and SyncFolderHierarchy: what changed since a state ([MS-OXWSSYNC]).

A state is a place in a journal. Each item is told once for each page, as it is now: as new where the client cannot know
it yet, as changed where it can, as gone where it is. What is made and gone again in between is not told at all.
"""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Callable, Sequence

from core.sandbox.exchange.appointments import Thing
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.folder_view import named_folder, show_folder
from core.sandbox.exchange.ids import EwsId
from core.sandbox.exchange.item_view import item_id, show_item
from core.sandbox.exchange.model import Change, ChangeKind, Folder, Mailbox
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.rights import is_visible, require_read, require_visible
from core.sandbox.exchange.shapes import shape_of
from core.sandbox.exchange.xml import Element, child, children, m, t, text_of, truth
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """What a client has to do about one thing. `known`: it was told of it before."""

    subject: str
    known: bool
    only_read: bool


def write_state(what: str, place: int) -> str:
    """A state as the client keeps it."""
    return base64.b64encode(json.dumps({"of": what, "at": place}).encode()).decode()


def read_state(text: str, what: str) -> int:
    """The place in the journal; 0 for no state. Raises EwsError: ErrorInvalidSyncStateData."""
    if not text:
        return 0
    try:
        found = json.loads(base64.b64decode(text, validate=True))
        if found["of"] != what:
            raise EwsError("ErrorInvalidSyncStateData")
        return int(found["at"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise EwsError("ErrorInvalidSyncStateData") from error


def steps_since(
    journal: Sequence[Change], place: int, subject: Callable[[Change], str], most: int
) -> tuple[list[Step], int, bool]:
    """The steps after a place in a journal, the place that they lead to, and whether that is its end."""
    first = bisect_right(journal, place, key=lambda change: change.number)
    born = {subject(change) for change in journal[:first] if change.kind is ChangeKind.CREATED}
    kinds: dict[str, set[ChangeKind]] = {}
    for change in journal[first:]:
        kinds.setdefault(subject(change), set()).add(change.kind)
    steps: list[Step] = []
    told: set[str] = set()
    for change in journal[first:]:
        name = subject(change)
        if name not in told and (name in born or ChangeKind.DELETED not in kinds[name]):
            if len(steps) == most:
                return steps, place, False
            told.add(name)
            steps.append(Step(name, name in born, kinds[name] == {ChangeKind.READ}))
        place = change.number
    return steps, place, True


# --- items -----------------------------------------------------------------------------------------------------------


@operation("SyncFolderItems")
def sync_folder_items(context: Context) -> Element:
    """The changes of a folder's items since a state, page by page."""

    def one(request: Element) -> Element:
        """Items that the client says it knows (Ignore) are left out, and the state goes past them all the same."""
        reference = child(request, "SyncFolderId")
        if reference is None:
            raise EwsError("ErrorSyncFolderNotFound", "The folder to synchronise could not be found.")
        folder = named_folder(context, reference)
        require_read(context.who, folder)
        place = read_state(text_of(request, "SyncState"), str(folder.id))
        most = min(int(text_of(request, "MaxChangesReturned")), context.options.sync_page)
        steps, place, done = steps_since(folder.journal, place, lambda change: change.item or "", most)
        ignored = {each.get("Id", "") for each in children(request, "Ignore")}
        told = [_item_step(context, folder, step) for step in steps if step.subject not in ignored]
        return success(
            "SyncFolderItems",
            m("SyncState", write_state(str(folder.id), place)),
            m("IncludesLastItemInRange", done),
            m("Changes", told),
        )

    return respond("SyncFolderItems", [context.request], one)


def _item_step(context: Context, folder: Folder, step: Step) -> Element:
    item = folder.items.get(EwsId.parse(step.subject))
    if item is None:
        return t("Delete", t("ItemId", Id=step.subject))
    thing = Thing(item)
    if step.only_read and step.known:
        return t("ReadFlagChange", item_id(thing), t("IsRead", truth(item.text("IsRead"))))
    shown = show_item(context, thing, shape_of(context.request, "ItemShape"), found=True)
    return t("Update" if step.known else "Create", shown)


# --- folders ---------------------------------------------------------------------------------------------------------


@operation("SyncFolderHierarchy")
def sync_folder_hierarchy(context: Context) -> Element:
    """The changes of the folders below one, since a state."""

    def one(request: Element) -> Element:
        reference = child(request, "SyncFolderId")
        top = named_folder(context, reference) if reference is not None else context.who.distinguished["msgfolderroot"]
        require_visible(context.who, top)
        name = f"folders of {top.id}"
        place = read_state(text_of(request, "SyncState"), name)
        journal = top.mailbox.journal
        steps, place, done = steps_since(journal, place, lambda change: change.folder, len(journal) + 1)
        told = [made for step in steps if (made := _folder_step(context, top, step)) is not None]
        return success(
            "SyncFolderHierarchy",
            m("SyncState", write_state(name, place)),
            m("IncludesLastFolderInRange", done),
            m("Changes", told),
        )

    return respond("SyncFolderHierarchy", [context.request], one)


def _folder_step(context: Context, top: Folder, step: Step) -> Element | None:
    folder = _folder(top.mailbox, step.subject)
    if folder is None:
        return t("Delete", t("FolderId", Id=step.subject))
    if top not in folder.path[:-1] or not is_visible(context.who, folder):
        return None
    shown = show_folder(context, folder, shape_of(context.request, "FolderShape"))
    return t("Update" if step.known else "Create", shown)


def _folder(mailbox: Mailbox, number: str) -> Folder | None:
    return mailbox.folders.get(EwsId.parse(number))
