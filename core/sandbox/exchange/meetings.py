"""Meetings: requests go out, people answer, the organizer cancels ([MS-OXWSMTGS]).

What comes in is in `meeting_mail`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.calendar.event import Attendee, Response
from core.sandbox.exchange.appointments import Thing, thing_of
from core.sandbox.exchange.convert import object_of
from core.sandbox.exchange.delivery import post, put
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.hooks import AFTER, Wish, Written, creating
from core.sandbox.exchange.item_view import computed, item_id
from core.sandbox.exchange.items import move, remove
from core.sandbox.exchange.letters import Letter, write
from core.sandbox.exchange.meeting_mail import MEETING_KINDS, PEOPLE, RESPONSE_CLASSES
from core.sandbox.exchange.model import ChangeKind, Item, Mailbox
from core.sandbox.exchange.registry import Context
from core.sandbox.exchange.rights import require_edit, require_read
from core.sandbox.exchange.shapes import Shape
from core.sandbox.exchange.xml import Element, child, children, t, text_of
from core.sharing.itip import Meeting, Method, cancellation, encode, invitation, reply

_ANSWERS = {
    "AcceptItem": Response.ACCEPTED,
    "TentativelyAcceptItem": Response.TENTATIVE,
    "DeclineItem": Response.DECLINED,
}
_VERBS = {Response.ACCEPTED: "Accept", Response.TENTATIVE: "Tentative", Response.DECLINED: "Decline"}
_PREFIX = {Response.ACCEPTED: "Accepted", Response.TENTATIVE: "Tentative", Response.DECLINED: "Declined"}


# --- out: the organizer's -------------------------------------------------------------------------------------------


def _told(context: Context, thing: Thing, written: Written, wish: Wish) -> None:
    """Tell the people of a meeting, where the request wants it and the calendar is the organizer's."""
    item = thing.item
    if item.kind != "CalendarItem" or wish.telling in ("", "SendToNone") or not (_people(thing) or item.told):
        return
    if thing.text("MyResponseType") not in ("", "Organizer") or item.folder.kind != "CalendarFolder":
        return
    owner = item.folder.mailbox
    if context.who is not owner and context.who.address.lower() not in owner.delegates:
        raise EwsError("ErrorSendAsDenied", "Only a delegate sends meeting requests for somebody else.")
    if written is Written.DELETED:
        _send(context, thing, owner, _cancelled(context, thing), wish)
        return
    if written is Written.UPDATED:
        _next_version(thing)
    thing.stored.fields["MeetingRequestWasSent"] = t("MeetingRequestWasSent", True)
    before = item.told
    item.told = before if thing.original is not None else _everybody(thing)
    gone = [one for one in before if one not in item.told]
    for one in gone:
        _send(context, thing, owner, _cancelled(context, thing, one), wish, to=[one])
    new = [one for one in item.told if one not in before]
    if "Changed" not in wish.telling:
        _send(context, thing, owner, _invited(context, thing), wish)
    elif new:
        _send(context, thing, owner, _invited(context, thing), wish, to=new)


def _people(thing: Thing) -> list[str]:
    """Addresses of everybody invited."""
    return [address for _name, address in _everybody(thing)]


def _everybody(thing: Thing) -> tuple[tuple[str, str], ...]:
    """Names and addresses of everybody invited."""
    return tuple(one for name in PEOPLE for one in _named(thing, name))


def _next_version(thing: Thing) -> None:
    number = int(thing.text("AppointmentSequenceNumber") or "0") + 1
    thing.stored.fields["AppointmentSequenceNumber"] = t("AppointmentSequenceNumber", number)


def _organizer(owner: Mailbox) -> Attendee:
    return Attendee(owner.address, owner.name)


def _invited(context: Context, thing: Thing) -> Meeting:
    whole = object_of(thing)
    owner = thing.item.folder.mailbox
    return invitation(whole, whole.events, _organizer(owner), context.organisation.clock())


def _cancelled(context: Context, thing: Thing, whom: tuple[str, str] = ("", "")) -> Meeting:
    """A cancellation, for somebody who is invited no more or for everybody."""
    whole = object_of(thing)
    main = whole.events[0]
    owner = thing.item.folder.mailbox
    person = Attendee(whom[1], whom[0]) if whom[1] or not main.attendees else main.attendees[0]
    return cancellation([main], person, _organizer(owner), context.organisation.clock())


def _send(
    context: Context, thing: Thing, owner: Mailbox, meeting: Meeting, wish: Wish, *, to: Sequence[tuple[str, str]] = ()
) -> None:
    """To everybody who is invited, or to some alone."""
    now = context.organisation.clock()
    subject = thing.text("Subject")
    title = f"Canceled: {subject}" if meeting.method is Method.CANCEL else subject
    people = {name: _named(thing, name) for name in PEOPLE}
    required, optional = people["RequiredAttendees"] + people["Resources"], people["OptionalAttendees"]
    if not to and not required and not optional:
        return
    content = write(
        Letter(
            (owner.name, owner.address),
            (to, ()) if to else (required, optional),
            title,
            encode(meeting, now),
            meeting.method.value,
        )
    )
    sent = post(context.organisation, owner, content)
    if "SaveCopy" in wish.telling:
        _keep_copy(context, owner, sent, meeting.method.value)


def _keep_copy(context: Context, owner: Mailbox, sent: bytes, method: str) -> None:
    kept = put(context.organisation, owner.distinguished["sentitems"], sent, context.who, MEETING_KINDS[method])
    kept.fields["IsRead"] = t("IsRead", True)


def _named(thing: Thing, name: str) -> list[tuple[str, str]]:
    found = ((text_of(each, "Mailbox", "Name"), text_of(each, "Mailbox", "EmailAddress"))
             for each in children(thing.field(name)))  # fmt: skip
    return [(shown, address) for shown, address in found if address]


AFTER.append(_told)


# --- answers --------------------------------------------------------------------------------------------------------


@creating("AcceptItem", "TentativelyAcceptItem", "DeclineItem")
def answer_item(context: Context, element: Element, wish: Wish) -> Iterable[Element]:
    """Answer a meeting request, or the appointment that it made."""
    name = element.tag.rpartition("}")[2]
    response = _ANSWERS[name]
    asked = _reference(context, element)
    calendar_item = _meeting_of(context, asked, name)
    require_edit(context.who, calendar_item)
    _check_answer(calendar_item, response)
    now = context.organisation.clock()
    if wish.disposition != "SaveOnly":
        _answer(context, calendar_item, response, element, wish)
    calendar_item.fields["MyResponseType"] = t("MyResponseType", _VERBS[response])
    calendar_item.fields["AppointmentReplyTime"] = t("AppointmentReplyTime", now)
    status = calendar_item.text("IntendedFreeBusyStatus") if response is Response.ACCEPTED else "Tentative"
    calendar_item.fields["LegacyFreeBusyStatus"] = t("LegacyFreeBusyStatus", status or "Busy")
    if asked.kind == "MeetingRequest":
        move(context, asked, asked.folder.mailbox.distinguished["deleteditems"])
    if response is Response.DECLINED:
        calendar_item = move(context, calendar_item, calendar_item.folder.mailbox.distinguished["deleteditems"])
    else:
        context.organisation.note_item(calendar_item, ChangeKind.MODIFIED, context.who)
    return [t("CalendarItem", item_id(Thing(calendar_item)))]


def _reference(context: Context, element: Element) -> Item:
    reference = child(element, "ReferenceItemId")
    if reference is None or not reference.get("ChangeKey"):
        code = "ErrorMissingInformationReferenceItemId" if reference is None else "ErrorChangeKeyRequired"
        raise EwsError(code, "The response object needs the item that it is about.")
    thing, _key = thing_of(context.organisation, t("ItemId", Id=reference.get("Id", "")))
    if thing.item.kind != "CalendarItem":
        require_read(context.who, thing.item.folder)
    return thing.exception or thing.item


def _meeting_of(context: Context, asked: Item, name: str) -> Item:
    """The appointment that an answer is about. Raises EwsError."""
    if asked.kind == "CalendarItem":
        return asked.master or asked
    if asked.kind not in ("MeetingRequest", "MeetingCancellation"):
        raise EwsError(f"ErrorInvalidItemForOperation{name}", "This item cannot be answered.")
    reference = asked.fields.get("AssociatedCalendarItemId")
    if reference is None:
        raise EwsError("ErrorItemNotFound")
    return thing_of(context.organisation, t("ItemId", Id=reference.get("Id", "")))[0].item


def _check_answer(item: Item, response: Response) -> None:
    verb = _VERBS[response]
    if item.text("MyResponseType") == "Organizer":
        raise EwsError(f"ErrorCalendarIsOrganizerFor{verb}", "The organizer cannot answer their own meeting.")
    if item.text("IsCancelled") == "true":
        raise EwsError(f"ErrorCalendarIsCancelledFor{verb}", "The meeting was canceled.")


def _answer(context: Context, item: Item, response: Response, element: Element, wish: Wish) -> None:
    """Send the reply to the organizer, in the name of the calendar's owner."""
    owner = item.folder.mailbox
    now = context.organisation.clock()
    whole = object_of(Thing(item))
    line = Attendee(owner.address, owner.name, response=response)
    said = reply(Meeting(Method.REQUEST, whole), line, now)
    organizer = item.fields.get("Organizer")
    address = text_of(organizer, "Mailbox", "EmailAddress")
    content = write(
        Letter(
            (owner.name, owner.address),
            ([(text_of(organizer, "Mailbox", "Name"), address)], []),
            f"{_PREFIX[response]}: {item.text('Subject')}",
            encode(said, now),
            "REPLY",
            text_of(element, "Body"),
        )
    )
    sent = post(context.organisation, owner, content)
    if wish.disposition == "SendAndSaveCopy":
        kept = put(context.organisation, owner.distinguished["sentitems"], sent, context.who, "MeetingResponse")
        kept.fields["IsRead"] = t("IsRead", True)
        kept.fields["ItemClass"] = t("ItemClass", RESPONSE_CLASSES[response])


@creating("CancelCalendarItem")
def cancel_item(context: Context, element: Element, wish: Wish) -> Iterable[Element]:
    """The organizer cancels a meeting: everybody is told, and it goes to Deleted Items."""
    reference = child(element, "ReferenceItemId")
    thing, _key = thing_of(
        context.organisation, t("ItemId", Id=reference.get("Id", "") if reference is not None else "")
    )
    item = thing.item
    if item.kind != "CalendarItem":
        raise EwsError("ErrorInvalidItemForOperationCancelItem", "This item is no meeting.")
    if item.text("MyResponseType") != "Organizer" or not _people(thing):
        raise EwsError("ErrorCalendarIsNotOrganizer", "Only the organizer cancels a meeting.")
    require_edit(context.who, item)
    telling = "SendToNone" if wish.disposition == "SaveOnly" else "SendToAllAndSaveCopy"
    _told(context, thing, Written.DELETED, Wish(telling=telling))
    remove(context, thing, "MoveToDeletedItems")
    return []


@creating("RemoveItem")
def remove_item(context: Context, element: Element, _wish: Wish) -> Iterable[Element]:
    """Take a canceled meeting out of the calendar, by its cancellation."""
    asked = _reference(context, element)
    if asked.kind != "MeetingCancellation":
        raise EwsError("ErrorInvalidItemForOperationRemoveItem", "This item is no cancellation.")
    item = _meeting_of(context, asked, "RemoveItem")
    gone = move(context, item, item.folder.mailbox.distinguished["deleteditems"])
    move(context, asked, asked.folder.mailbox.distinguished["deleteditems"])
    return [t("CalendarItem", item_id(Thing(gone)))]


# --- what can be answered -------------------------------------------------------------------------------------------


@computed("ResponseObjects")
def _response_objects(_context: Context, thing: Thing, _shape: Shape) -> Element | None:
    names = list(_possible(thing))
    return t("ResponseObjects", [t(name) for name in names]) if names else None


_REPLIES = ("ReplyToItem", "ForwardItem")
_POSSIBLE = {
    "MeetingRequest": (*_ANSWERS, *_REPLIES),
    "MeetingCancellation": ("RemoveItem",),
    "Message": ("ReplyToItem", "ReplyAllToItem", "ForwardItem"),
}


def _possible(thing: Thing) -> Sequence[str]:
    item = thing.item
    if item.text("ItemClass").startswith("IPM.Sharing"):
        return ("AcceptSharingInvitation", *_REPLIES)
    if item.kind != "CalendarItem":
        return _POSSIBLE.get(item.kind, ())
    if not _people(thing):
        return ("ForwardItem",)
    mine = thing.text("MyResponseType") == "Organizer"
    return ("CancelCalendarItem", "ForwardItem") if mine else (*_ANSWERS, *_REPLIES)
