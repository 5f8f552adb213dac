"""Messages that are made, kept as drafts and sent: CreateItem of a Message, SendItem ([MS-OXWSMSG])."""

from __future__ import annotations

from collections.abc import Iterable

from core.sandbox.exchange import mime
from core.sandbox.exchange.appointments import Thing, thing_of
from core.sandbox.exchange.attachments import attachments_element, read_attachment
from core.sandbox.exchange.delivery import fill_message, post, put
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.folder_view import named_folder
from core.sandbox.exchange.hooks import AFTER, ATTACH, Wish, Written, creating
from core.sandbox.exchange.item_view import computed, item_id
from core.sandbox.exchange.items import move
from core.sandbox.exchange.model import ChangeKind, Folder, Item, Mailbox
from core.sandbox.exchange.properties import set_property
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.rights import require_create, require_delete, require_edit
from core.sandbox.exchange.shapes import Shape
from core.sandbox.exchange.xml import Element, child, children, name_of, t, text_of, truth

DISPOSITIONS = ("SaveOnly", "SendOnly", "SendAndSaveCopy")


@creating("Message")
def create_message(context: Context, element: Element, wish: Wish) -> Iterable[Element]:
    """A draft, or a message that is sent; a sent one has no id in the answer."""
    if wish.disposition not in DISPOSITIONS:
        raise EwsError("ErrorMessageDispositionRequired", "MessageDisposition attribute is required.")
    folder = wish.folder or context.who.distinguished["drafts" if wish.disposition == "SaveOnly" else "sentitems"]
    if wish.disposition != "SendOnly":
        require_create(context.who, folder)
    item = context.organisation.add_item(folder, "Message", context.who)
    _take(context, item, element)
    if wish.disposition == "SaveOnly":
        _keep_draft(context, item)
        return [t("Message", item_id(Thing(item)))]
    send(context, item, folder if wish.disposition == "SendAndSaveCopy" else None)
    return []


def _take(context: Context, item: Item, element: Element) -> None:
    """Properties of a request into a new message: MIME first, then what is said beside it."""
    item.fields["ItemClass"] = t("ItemClass", "IPM.Note")
    content = child(element, "MimeContent")
    if content is not None:
        set_property(context, item, content, context.zone)
        fill_message(context.organisation, item, item.mime)
    kept, others = item.mime, [each for each in element if name_of(each) not in ("MimeContent", "Attachments")]
    for each in others:
        set_property(context, item, each, context.zone)
    for each in children(element, "Attachments"):
        item.attachments.append(read_attachment(each, context.organisation.number()))
        kept = b""
    said = {name_of(each) for each in others} & set(_IN_THE_BYTES)
    if kept and said and said <= set(_RECIPIENTS):
        item.mime = mime.readdressed(kept, item)  # the message stays what it is, to these people
    else:
        item.mime = b"" if said else kept


_RECIPIENTS = ("ToRecipients", "CcRecipients", "BccRecipients")
_IN_THE_BYTES = ("Subject", "Body", "ToRecipients", "CcRecipients", "BccRecipients", "From", "Sender")


def _keep_draft(context: Context, item: Item) -> None:
    item.fields.setdefault("IsDraft", t("IsDraft", True))
    item.fields.setdefault("IsRead", t("IsRead", True))
    item.fields.setdefault("From", t("From", mime.mailbox_of(context.who.name, context.who.address)))
    context.organisation.note_item(item, ChangeKind.CREATED, context.who)


def send(context: Context, item: Item, copy_to: Folder | None) -> Item | None:
    """Send a message, and keep a copy in the folder. Raises EwsError; then nothing was sent."""
    sender = _sender(context, item)
    content = mime.mime_of(item, sender)
    if not mime.finished(content, sender, context.organisation.clock())[1]:
        raise EwsError("ErrorInvalidRecipients", "At least one recipient is needed.")
    sent = post(context.organisation, sender, content)
    if copy_to is None:
        return None
    kept = put(context.organisation, copy_to, sent, context.who)
    for name in ("BccRecipients", "ItemClass"):
        if name in item.fields:
            kept.fields[name] = item.fields[name]
    kept.fields["IsRead"] = t("IsRead", True)
    kept.fields["IsSubmitted"] = t("IsSubmitted", True)
    return kept


def _sender(context: Context, item: Item) -> Mailbox:
    """Who the message is from: the caller, or the owner for whom a delegate writes. Raises EwsError."""
    named = text_of(item.fields.get("From"), "Mailbox", "EmailAddress").lower()
    if not named or named == context.who.address.lower():
        return context.who
    owner = context.organisation.mailboxes.get(named)
    if owner is None or context.who.address.lower() not in owner.delegates:
        raise EwsError("ErrorSendAsDenied", "You have no right to send for this sender.")
    return owner


@operation("SendItem")
def send_item(context: Context) -> Element:
    """Drafts, sent; each is kept where SavedItemFolderId says, in Sent Items without one."""
    request = context.request
    saved = child(request, "SavedItemFolderId")
    save = truth(request.get("SaveItemToFolder", "false"))
    if saved is not None and not save:
        raise EwsError("ErrorInvalidSendItemSaveSettings", "A folder was given, but no copy is wanted.")
    target = named_folder(context, saved) if saved is not None else context.who.distinguished["sentitems"]

    def one(reference: Element) -> Element:
        """Raises EwsError: ErrorChangeKeyRequired without the version that was read, as Exchange does."""
        thing, key = thing_of(context.organisation, reference)
        item = thing.item
        if item.kind != "Message":
            raise EwsError("ErrorInvalidItemForOperationSendItem", "This item cannot be sent.")
        if not key:
            raise EwsError("ErrorChangeKeyRequired")
        require_delete(context.who, item)
        require_edit(context.who, item)
        send(context, item, None)
        _after_sending(context, item, target if save else None)
        return success("SendItem")

    return respond("SendItem", children(request, "ItemIds"), one)


def _after_sending(context: Context, item: Item, target: Folder | None) -> None:
    if target is None:
        context.organisation.remove_item(item)
        return
    kept = move(context, item, target)
    kept.mime = mime.finished(mime.mime_of(item, context.who), context.who, context.organisation.clock())[0]
    now = context.organisation.clock()
    for name, value in (("IsDraft", False), ("IsSubmitted", True), ("DateTimeSent", now), ("DateTimeReceived", now)):
        kept.fields[name] = t(name, value)


# --- properties that only messages have ------------------------------------------------------------------------------


@computed("Attachments")
def _attachments(_context: Context, thing: Thing, _shape: Shape) -> Element | None:
    return attachments_element(thing.stored)


def _stored_or(name: str, default: bool) -> None:
    def compute(_context: Context, thing: Thing, _shape: Shape) -> Element | None:
        stored = thing.field(name)
        if stored is not None:
            return t(name, stored.text or "")
        return t(name, default) if thing.item.kind.startswith(("Message", "Meeting")) else None

    computed(name)(compute)


for _name in ("IsDraft", "IsSubmitted", "IsRead"):
    _stored_or(_name, False)


@computed("IsFromMe")
def _is_from_me(context: Context, thing: Thing, _shape: Shape) -> Element | None:
    if not thing.item.kind.startswith(("Message", "Meeting")):
        return None
    sender = text_of(thing.field("From"), "Mailbox", "EmailAddress").lower()
    return t("IsFromMe", sender == context.who.address.lower())


def _attach(context: Context, item: Item, element: Element) -> None:
    for each in element:
        item.attachments.append(read_attachment(each, context.organisation.number()))


def _draft_changed(_context: Context, thing: Thing, written: Written, _wish: Wish) -> None:
    """The bytes of a draft are made anew from its properties."""
    if written is Written.UPDATED and thing.item.kind == "Message" and thing.text("IsDraft") == "true":
        thing.item.mime = b""


ATTACH.append(_attach)
AFTER.append(_draft_changed)
