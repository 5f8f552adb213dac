"""GetItem, CreateItem, DeleteItem, MoveItem and CopyItem ([MS-OXWSCORE], [MS-OXWSMTGS])."""

from __future__ import annotations

from copy import deepcopy

from core.sandbox.exchange.appointments import Thing, thing_of
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.folder_view import named_folder
from core.sandbox.exchange.hooks import ATTACH, CREATORS, Wish, Written, tell
from core.sandbox.exchange.item_view import item_id, show_item
from core.sandbox.exchange.model import ChangeKind, Folder, Item
from core.sandbox.exchange.properties import complete_calendar_item, set_property, zone_in
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.rights import require_create, require_delete, require_read, require_text
from core.sandbox.exchange.shapes import shape_of
from core.sandbox.exchange.xml import Element, child, children, m, name_of, t
from core.sharing.permissions import ReadRight

_HOMES = {
    "CalendarItem": "calendar",
    "Contact": "contacts",
    "DistributionList": "contacts",
    "Task": "tasks",
    "Message": "drafts",
}
"""Where a new item goes that is not said to go anywhere."""
_CLASSES = {
    "CalendarItem": "IPM.Appointment",
    "Message": "IPM.Note",
    "Contact": "IPM.Contact",
    "DistributionList": "IPM.DistList",
    "Task": "IPM.Task",
    "PostItem": "IPM.Post",
    "MeetingRequest": "IPM.Schedule.Meeting.Request",
    "MeetingCancellation": "IPM.Schedule.Meeting.Canceled",
}


@operation("GetItem")
def get_item(context: Context) -> Element:
    """Items, series and instances by id."""
    shape = shape_of(context.request, "ItemShape")

    def one(reference: Element) -> Element:
        thing, _key = thing_of(context.organisation, reference)
        require_read(context.who, thing.item.folder, ReadRight.TIME)
        return success("GetItem", m("Items", show_item(context, thing, shape)))

    return respond("GetItem", children(context.request, "ItemIds"), one)


# --- creating --------------------------------------------------------------------------------------------------------


@operation("CreateItem")
def create_item(context: Context) -> Element:
    """New items: calendar items and contacts here, messages and answers by the modules that know them."""
    request = context.request

    def one(element: Element) -> Element:
        saved = child(request, "SavedItemFolderId")
        folder = named_folder(context, saved) if saved is not None else None
        wish = Wish(request.get("MessageDisposition", ""), request.get("SendMeetingInvitations", ""), folder)
        made = CREATORS.get(name_of(element), _create)(context, element, wish)
        return success("CreateItem", m("Items", made))

    return respond("CreateItem", children(request, "Items"), one)


def _create(context: Context, element: Element, wish: Wish) -> list[Element]:
    kind = name_of(element)
    if kind == "CalendarItem" and not wish.telling:
        raise EwsError("ErrorSendMeetingInvitationsRequired", "SendMeetingInvitations attribute is required.")
    if kind == "Message" and not wish.disposition:
        raise EwsError("ErrorMessageDispositionRequired", "MessageDisposition attribute is required.")
    folder = wish.folder or context.who.distinguished[_HOMES.get(kind, "drafts")]
    item = new_item(context, folder, kind, list(element))
    return [shown_id(item)]


def new_item(context: Context, folder: Folder, kind: str, properties: list[Element], wish: Wish | None = None) -> Item:
    """Make an item of these properties in a folder, for the one who asks. Raises EwsError, and then nothing is made."""
    require_create(context.who, folder)
    if kind == "CalendarItem" and folder.kind != "CalendarFolder":
        raise EwsError("ErrorCannotCreateCalendarItemInNonCalendarFolder")
    item = context.organisation.add_item(folder, kind, context.who)
    zone = zone_in(context, properties)
    item.fields["ItemClass"] = t("ItemClass", _CLASSES.get(kind, "IPM.Note"))
    for element in properties:
        if name_of(element) == "Attachments":
            for attach in ATTACH:
                attach(context, item, element)
        else:
            set_property(context, item, element, zone)
    if kind == "CalendarItem":
        complete_calendar_item(context, item, zone)
    context.organisation.note_item(item, ChangeKind.CREATED, context.who)
    try:
        tell(context, Thing(item), Written.CREATED, wish or _wish_of(context, folder))
    except EwsError:
        context.organisation.remove_item(item)
        raise
    return item


def _wish_of(context: Context, folder: Folder) -> Wish:
    request = context.request
    return Wish(request.get("MessageDisposition", ""), request.get("SendMeetingInvitations", ""), folder)


def shown_id(item: Item) -> Element:
    """The item with its id alone, as CreateItem answers."""
    return t(item.kind, item_id(Thing(item)))


# --- deleting --------------------------------------------------------------------------------------------------------


@operation("DeleteItem")
def delete_item(context: Context) -> Element:
    """Items, series, or single instances: gone, or moved to Deleted Items."""
    request = context.request

    def one(reference: Element) -> Element:
        thing, _key = thing_of(context.organisation, reference)
        require_delete(context.who, thing.item)
        require_text(context.who, thing.stored)
        telling = request.get("SendMeetingCancellations", "")
        if thing.item.kind == "CalendarItem" and not telling:
            raise EwsError("ErrorSendMeetingCancellationsRequired", "SendMeetingCancellations attribute is required.")
        if thing.item.kind == "Task" and not request.get("AffectedTaskOccurrences"):
            raise EwsError("ErrorAffectedTaskOccurrencesRequired", "AffectedTaskOccurrences attribute is required.")
        tell(context, thing, Written.DELETED, Wish(telling=telling))
        remove(context, thing, request.get("DeleteType", "HardDelete"))
        return success("DeleteItem")

    return respond("DeleteItem", children(request, "ItemIds"), one)


def remove(context: Context, thing: Thing, how: str = "HardDelete") -> None:
    """Delete an item or an instance as DeleteType says."""
    item = thing.item
    if thing.original is not None:
        item.deleted[thing.original] = thing.times.start
        item.exceptions.pop(thing.original, None)
        context.organisation.note_item(item, ChangeKind.MODIFIED, context.who)
        return
    trash = item.folder.mailbox.distinguished["deleteditems"]
    if how == "MoveToDeletedItems" and item.folder is not trash:
        move(context, item, trash)
    else:
        context.organisation.remove_item(item)


# --- moving and copying ----------------------------------------------------------------------------------------------


@operation("MoveItem")
def move_item(context: Context) -> Element:
    """Items into another folder; their ids change."""
    return _transfer(context, "MoveItem")


@operation("CopyItem")
def copy_item(context: Context) -> Element:
    """Items into another folder, once more."""
    return _transfer(context, "CopyItem")


def _transfer(context: Context, name: str) -> Element:
    """MoveItem or CopyItem, as `name` says; an occurrence cannot be taken out of its series."""
    target = child(context.request, "ToFolderId")

    def one(reference: Element) -> Element:
        thing, _key = thing_of(context.organisation, reference)
        if target is None:
            raise EwsError("ErrorToFolderNotFound", "The destination folder could not be found.")
        folder = named_folder(context, target)
        require_read(context.who, thing.item.folder)
        require_text(context.who, thing.item, *thing.item.exceptions.values())
        require_create(context.who, folder)
        if thing.original is not None:
            raise EwsError("ErrorCalendarCannotMoveOrCopyOccurrence", "An occurrence can not be moved or copied.")
        if name == "MoveItem":
            require_delete(context.who, thing.item)
            made = move(context, thing.item, folder)
        else:
            made = copy(context, thing.item, folder)
        return success(name, m("Items", shown_id(made)))

    return respond(name, children(context.request, "ItemIds"), one)


def copy(context: Context, item: Item, folder: Folder) -> Item:
    """The same item in another folder, with a new id."""
    made = context.organisation.add_item(folder, item.kind, context.who)
    made.fields = {name: deepcopy(field) for name, field in item.fields.items()}
    made.extended = {name: deepcopy(field) for name, field in item.extended.items()}
    made.mime, made.attachments, made.deleted = item.mime, list(item.attachments), dict(item.deleted)
    for original, changed in item.exceptions.items():
        twin = context.organisation.add_item(folder, changed.kind, context.who)
        twin.fields = {name: deepcopy(field) for name, field in changed.fields.items()}
        twin.extended = {name: deepcopy(field) for name, field in changed.extended.items()}
        twin.attachments = list(changed.attachments)
        twin.master, twin.original = made, original
        made.exceptions[original] = twin
    made.created = item.created
    context.organisation.note_item(made, ChangeKind.CREATED, context.who)
    return made


def move(context: Context, item: Item, folder: Folder) -> Item:
    """The item in another folder, and no longer in its own."""
    made = copy(context, item, folder)
    made.creator = item.creator
    context.organisation.remove_item(item)
    return made
