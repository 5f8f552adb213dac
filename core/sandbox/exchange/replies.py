"""Replies and forwards: ReplyToItem, ReplyAllToItem, ForwardItem ([MS-OXWSMSG] 2.2.4)."""

from __future__ import annotations

from collections.abc import Iterable

from core.sandbox.exchange.appointments import Thing, thing_of
from core.sandbox.exchange.bodies import body_as
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.hooks import Wish, creating
from core.sandbox.exchange.messages import create_message
from core.sandbox.exchange.mime import recipients
from core.sandbox.exchange.registry import Context
from core.sandbox.exchange.rights import require_read, require_text
from core.sandbox.exchange.xml import Element, child, children, name_of, t, text_of

_PEOPLE = ("ToRecipients", "CcRecipients", "BccRecipients")


@creating("ReplyToItem", "ReplyAllToItem", "ForwardItem")
def reply(context: Context, element: Element, wish: Wish) -> Iterable[Element]:
    """A message about another one: its text below the new one, its sender (and everybody) as receivers."""
    reference = child(element, "ReferenceItemId")
    if reference is None:
        raise EwsError("ErrorMissingInformationReferenceItemId", "The response object needs an item.")
    asked, _key = thing_of(context.organisation, t("ItemId", Id=reference.get("Id", "")))
    require_read(context.who, asked.item.folder)
    require_text(context.who, asked.stored)
    kind = name_of(element)
    new = child(element, "NewBodyContent")
    old = asked.field("Body")
    quoted = (body_as(old, "Text").text or "") if old is not None else ""
    text = (body_as(new, "Text").text or "") if new is not None else ""
    prefix = "FW: " if kind == "ForwardItem" else "RE: "
    subject = text_of(element, "Subject") or prefix + asked.text("Subject").removeprefix(prefix)
    given = {name: list(children(element, name)) for name in _PEOPLE}
    if not given["ToRecipients"]:
        given["ToRecipients"] = _receivers(context, asked, kind)
    people = [t(name, boxes) for name, boxes in given.items() if boxes]
    body = t("Body", f"{text}\n\n-----Original Message-----\n{quoted}", BodyType="Text")
    return create_message(context, t("Message", t("Subject", subject), body, people), wish)


def _receivers(context: Context, asked: Thing, kind: str) -> list[Element]:
    """To whom a reply goes when the request does not say; a forward goes to nobody by itself."""
    if kind == "ForwardItem":
        return []
    found = list(children(asked.field("From") if asked.field("From") is not None else asked.field("Organizer")))
    if kind == "ReplyAllToItem":
        found += [each for name in ("ToRecipients", "CcRecipients") for each in children(asked.field(name))]
    people = [(text_of(each, "Name"), text_of(each, "EmailAddress")) for each in found]
    mine = context.who.address.lower()
    return list(recipients("ToRecipients", [one for one in people if one[1].lower() != mine]))
