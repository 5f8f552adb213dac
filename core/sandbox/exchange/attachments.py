"""Attachments of items: GetAttachment, CreateAttachment, DeleteAttachment ([MS-OXWSATT])."""

from __future__ import annotations

import base64
import binascii
from copy import deepcopy

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.ids import EwsId, IdKind
from core.sandbox.exchange.model import Attachment, ChangeKind, Item
from core.sandbox.exchange.registry import Context, operation, respond, success
from core.sandbox.exchange.rights import detail, require_edit
from core.sandbox.exchange.xml import Element, child, children, m, name_of, t, text_of, truth
from core.sharing.permissions import ReadRight

LARGEST = 35 * 1024 * 1024
"""Bytes; Exchange's own limit for a request."""
_INNER = ("Item", "Message", "CalendarItem", "Contact", "MeetingMessage", "MeetingRequest", "MeetingResponse",
          "MeetingCancellation", "Task", "PostItem")  # fmt: skip


def attachments_element(item: Item) -> Element | None:
    """`t:Attachments` of an item as GetItem answers it: names and sizes, no content."""
    if not item.attachments:
        return None
    return t("Attachments", [_shown(item, each, content=False) for each in item.attachments])


def attachment_id(item: Item, attachment: Attachment) -> EwsId:
    """Its id, from which the item is found again."""
    root = item.master or item
    return EwsId(root.id.mailbox, IdKind.ATTACHMENT, root.id.number, attachment.number)


@operation("GetAttachment")
def get_attachment(context: Context) -> Element:
    """Attachments with their content."""
    with_mime = truth(text_of(context.request, "AttachmentShape", "IncludeMimeContent"))

    def one(reference: Element) -> Element:
        item, attachment = _found(context, reference.get("Id", ""))
        if detail(context.who, item) is not ReadRight.FULL:
            raise EwsError("ErrorAccessDenied")
        shown = _shown(item, attachment, content=True, mime=with_mime)
        return success("GetAttachment", m("Attachments", shown))

    return respond("GetAttachment", children(context.request, "AttachmentIds"), one)


@operation("CreateAttachment")
def create_attachment(context: Context) -> Element:
    """New attachments of an item; its change key changes with each."""
    parent = child(context.request, "ParentItemId")

    def one(wanted: Element) -> Element:
        item = _item(context, parent.get("Id", "") if parent is not None else "")
        require_edit(context.who, item)
        attachment = read_attachment(wanted, context.organisation.number())
        item.attachments.append(attachment)
        _changed(context, item)
        return success("CreateAttachment", m("Attachments", _shown(item, attachment, content=False, root=True)))

    return respond("CreateAttachment", children(context.request, "Attachments"), one)


@operation("DeleteAttachment")
def delete_attachment(context: Context) -> Element:
    """Attachments off their items."""

    def one(reference: Element) -> Element:
        item, attachment = _found(context, reference.get("Id", ""))
        require_edit(context.who, item)
        item.attachments.remove(attachment)
        _changed(context, item)
        root = item.master or item
        return success("DeleteAttachment", m("RootItemId", RootItemId=root.id, RootItemChangeKey=root.change_key))

    return respond("DeleteAttachment", children(context.request, "AttachmentIds"), one)


def read_attachment(wanted: Element, number: int) -> Attachment:
    """An attachment as a request writes it. Raises EwsError."""
    name, kind = text_of(wanted, "Name"), text_of(wanted, "ContentType")
    inline = truth(text_of(wanted, "IsInline") or "false")
    if name_of(wanted) == "ItemAttachment":
        inner = next((each for each in wanted if name_of(each) in _INNER), None)
        if inner is None:
            raise EwsError("ErrorMissingItemForCreateItemAttachment", "An item attachment needs an item.")
        return Attachment(number, name or text_of(inner, "Subject"), kind, b"", element=deepcopy(inner))
    try:
        content = base64.b64decode(text_of(wanted, "Content"))
    except (binascii.Error, ValueError) as error:
        raise EwsError("ErrorInvalidRequest", "The attachment's content is no base64.") from error
    if len(content) > LARGEST:
        raise EwsError("ErrorAttachmentSizeLimitExceeded", "The attachment is too large.")
    return Attachment(number, name, kind, content, text_of(wanted, "ContentId"), inline)


def _item(context: Context, text: str) -> Item:
    number = EwsId.parse(text)
    if number.kind is IdKind.OCCURRENCE:
        return context.organisation.item(number).exceptions[number.original]
    if number.kind is not IdKind.ITEM:
        raise EwsError("ErrorCannotUseFolderIdForItemId", "Id must be an item's.")
    return context.organisation.item(number)


def _found(context: Context, text: str) -> tuple[Item, Attachment]:
    number = EwsId.parse(text)
    if number.kind is not IdKind.ATTACHMENT:
        raise EwsError("ErrorInvalidAttachmentId", "Id must be an attachment's.")
    root = context.organisation.item(number)
    for item in (root, *root.exceptions.values()):
        for attachment in item.attachments:
            if attachment.number == number.extra:
                return item, attachment
    raise EwsError("ErrorInvalidAttachmentId", "The attachment is not there.")


def _changed(context: Context, item: Item) -> None:
    item.mime = b""
    context.organisation.note_item(item.master or item, ChangeKind.MODIFIED, context.who)


def _shown(item: Item, attachment: Attachment, *, content: bool, mime: bool = False, root: bool = False) -> Element:
    whole = attachment.message or attachment.element is not None
    more: dict[str, object] = {}
    if root:
        owner = item.master or item
        more = {"RootItemId": owner.id, "RootItemChangeKey": owner.change_key}
    parts = [
        t("AttachmentId", Id=attachment_id(item, attachment), **more),
        t("Name", attachment.name),
        t("ContentType", attachment.content_type) if attachment.content_type else None,
        t("ContentId", attachment.content_id) if attachment.content_id else None,
    ]
    if not root:
        parts += [
            t("Size", len(attachment.content)),
            t("LastModifiedTime", attachment.modified),
            t("IsInline", attachment.inline),
        ]
    if content:
        parts.append(_inner(attachment, mime=mime) if whole else t("Content", _coded(attachment.content)))
    return t("ItemAttachment" if whole else "FileAttachment", [part for part in parts if part is not None])


def _inner(attachment: Attachment, *, mime: bool) -> Element:
    """The attached item."""
    if attachment.element is not None:
        return deepcopy(attachment.element)
    from core.sandbox.exchange.fields import order_of
    from core.sandbox.exchange.mime import fields_of

    fields = fields_of(attachment.content)
    shown = [fields[name] for name in order_of("Message") if name in fields]
    coded = t("MimeContent", _coded(attachment.content), CharacterSet="UTF-8") if mime else None
    return t("Message", coded, shown)


def _coded(content: bytes) -> str:
    return base64.b64encode(content).decode()
