"""Meeting mail that comes into a mailbox: into the inbox, and at once into the calendar, tentatively.

So does Exchange's own assistant ([MS-OXOCAL]): a request makes or changes the appointment, an answer is noted at the
organizer's, a cancellation marks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from core.calendar.event import Attendee, CalendarObject, Event, Response
from core.errors import PartagendaError
from core.ical.decode import decode
from core.ical.moments import to_utc
from core.sandbox.exchange import mime
from core.sandbox.exchange.appointments import Thing, times_of
from core.sandbox.exchange.convert import RESPONSE, fill, properties_of
from core.sandbox.exchange.delivery import fill_message
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.item_view import item_id
from core.sandbox.exchange.model import ChangeKind, Folder, Item, Mailbox, Organisation
from core.sandbox.exchange.properties import set_property
from core.sandbox.exchange.registry import Context
from core.sandbox.exchange.xml import child, children, t, text_of
from core.values import dataclass

PEOPLE = ("RequiredAttendees", "OptionalAttendees", "Resources")
MEETING_KINDS = {"REQUEST": "MeetingRequest", "CANCEL": "MeetingCancellation", "REPLY": "MeetingResponse"}
RESPONSE_CLASSES = {
    Response.ACCEPTED: "IPM.Schedule.Meeting.Resp.Pos",
    Response.TENTATIVE: "IPM.Schedule.Meeting.Resp.Tent",
    Response.DECLINED: "IPM.Schedule.Meeting.Resp.Neg",
}
_SHOWN = (
    "Start", "End", "Location", "IsAllDayEvent", "LegacyFreeBusyStatus", "Organizer", "Recurrence", "UID",
    "AppointmentSequenceNumber", "AppointmentState", *PEOPLE,
)  # fmt: skip
_CANCELLED = 7
"""AppointmentState: a meeting, received, cancelled."""


def take_in(organisation: Organisation, mailbox: Mailbox, content: bytes) -> Item | None:
    """Meeting mail into inbox and calendar; None for any other message, or one that cannot be read."""
    message = mime.parsed(content)
    method, part = mime.meeting_method(message), mime.calendar_part(message)
    if method not in MEETING_KINDS or part is None:
        return None
    context = Context(organisation, mailbox, t("Delivered"))
    try:
        thing = _read(part.get_payload(decode=True), context)
        sender = mime.addresses(message, "From")
        known = _known(mailbox, thing.uid)
        calendar_item = _TAKERS[method](context, known, thing, sender[0][1] if sender else "")
    except (EwsError, PartagendaError):
        return None
    came = _Arrived(content, method, thing, calendar_item)
    made = [_letter_in(context, folder, came) for folder in _inboxes(organisation, mailbox)]
    return made[0]


def _read(content: object, context: Context) -> CalendarObject:
    """The meeting of a calendar part. Raises EwsError where there is none."""
    found = decode(content, now=context.organisation.clock()).objects if isinstance(content, bytes) else ()
    if not found:
        raise EwsError("ErrorMimeContentInvalid", "The message holds no meeting.")
    return found[0]


def _inboxes(organisation: Organisation, mailbox: Mailbox) -> Iterator[Folder]:
    """Where meeting mail goes: to the owner, to delegates who get copies, or to these alone."""
    copies = [each.user for each in mailbox.delegates.values() if each.meeting_copies]
    how = mailbox.deliver_meeting_requests
    if not copies or how != "DelegatesOnly":
        yield mailbox.distinguished["inbox"]
    if how != "NoForward":
        for user in copies:
            yield organisation.mailboxes[user].distinguished["inbox"]


def _known(mailbox: Mailbox, uid: str) -> Item | None:
    items = mailbox.distinguished["calendar"].items.values()
    return next((item for item in items if item.kind == "CalendarItem" and item.text("UID") == uid), None)


def _take_request(context: Context, known: Item | None, thing: CalendarObject, _sender: str) -> Item | None:
    main = thing.master or thing.events[0]
    if known is None:
        item = context.organisation.add_item(context.who.distinguished["calendar"], "CalendarItem", context.who)
        item.fields["ItemClass"] = t("ItemClass", "IPM.Appointment")
        _take_version(context, item, thing)
        item.creator = main.organizer.address if main.organizer else item.creator
        context.organisation.note_item(item, ChangeKind.CREATED)
        return item
    if known.text("MyResponseType") == "Organizer":
        return known
    if thing.master is None:
        for event in thing.overrides:
            take_exception(context, known, event)
    elif main.sequence >= int(known.text("AppointmentSequenceNumber") or "0"):
        _take_version(context, known, thing)
    context.organisation.note_item(known, ChangeKind.MODIFIED)
    return known


def _take_version(context: Context, item: Item, thing: CalendarObject) -> None:
    before = times_of(item) if "Start" in item.fields else None
    answered = item.text("MyResponseType")
    _take_object(context, item, thing)
    meant = item.text("LegacyFreeBusyStatus")
    item.fields["IntendedFreeBusyStatus"] = t("IntendedFreeBusyStatus", meant)
    item.fields["IsMeeting"] = t("IsMeeting", True)
    if before is not None and (before.start, before.end) == (times_of(item).start, times_of(item).end) and answered:
        item.fields["MyResponseType"] = t("MyResponseType", answered)
        return
    item.fields["MyResponseType"] = t("MyResponseType", "NoResponseReceived")
    item.fields["LegacyFreeBusyStatus"] = t("LegacyFreeBusyStatus", "Tentative" if meant != "Free" else "Free")


def _take_object(context: Context, item: Item, thing: CalendarObject) -> None:
    """Give the appointment what the organizer says, and nothing of what it was."""
    for name in ("Recurrence", "Body", "Categories", *PEOPLE):
        item.fields.pop(name, None)
    item.exceptions.clear()
    item.deleted.clear()
    fill(context, item, thing)
    main = thing.master or thing.events[0]
    item.fields["AppointmentSequenceNumber"] = t("AppointmentSequenceNumber", main.sequence)
    item.cache.clear()


def take_exception(context: Context, item: Item, event: Event) -> Item:
    """One changed instance of a series, in the place of what it was."""
    assert event.recurrence_id is not None
    zone = times_of(item).zone
    original = to_utc(event.recurrence_id, zone).replace(microsecond=0)
    made = context.organisation.add_item(item.folder, item.kind, context.who)
    made.master, made.original = item, original
    for element in properties_of(event, zone, is_instance=True):
        set_property(context, made, element, zone)
    item.deleted.pop(original, None)
    item.exceptions[original] = made
    item.cache.clear()
    return made


def _take_cancellation(context: Context, known: Item | None, thing: CalendarObject, _sender: str) -> Item | None:
    if known is None or known.text("MyResponseType") == "Organizer":
        return known
    if thing.master is None:
        for event in thing.overrides:
            _cancel(take_exception(context, known, event), event)
    else:
        _cancel(known, thing.master)
    context.organisation.note_item(known, ChangeKind.MODIFIED)
    return known


def _cancel(item: Item, event: Event) -> None:
    title = item.text("Subject") or event.title
    item.fields["Subject"] = t("Subject", title if title.startswith("Canceled: ") else f"Canceled: {title}")
    item.fields["IsCancelled"] = t("IsCancelled", True)
    item.fields["LegacyFreeBusyStatus"] = t("LegacyFreeBusyStatus", "Free")
    item.fields["AppointmentState"] = t("AppointmentState", _CANCELLED)


def _take_reply(context: Context, known: Item | None, thing: CalendarObject, sender: str) -> Item | None:
    if known is None:
        return None
    event = thing.master or thing.events[0]
    answer = next((one for one in event.attendees if one.address.lower() == sender.lower()), None)
    if answer is None:
        return known
    target = known
    if event.recurrence_id is not None:
        original = to_utc(event.recurrence_id, times_of(known).zone).replace(microsecond=0)
        target = known.exceptions.get(original, known)
    _note_answer(context, target, answer)
    context.organisation.note_item(known, ChangeKind.MODIFIED)
    return known


def _note_answer(context: Context, item: Item, answer: Attendee) -> None:
    for name in PEOPLE:
        stored = item.fields.get(name)
        for each in children(stored):
            if text_of(each, "Mailbox", "EmailAddress").lower() == answer.address.lower():
                mailbox = child(each, "Mailbox")
                each[:] = [] if mailbox is None else [mailbox]
                each.append(t("ResponseType", RESPONSE[answer.response]))
                each.append(t("LastResponseTime", context.organisation.clock()))


_TAKERS = {"REQUEST": _take_request, "CANCEL": _take_cancellation, "REPLY": _take_reply}


@dataclass(frozen=True, slots=True)
class _Arrived:
    """Meeting mail, and what it did to the calendar."""

    content: bytes
    method: str
    thing: CalendarObject
    calendar_item: Item | None


def _letter_in(context: Context, folder: Folder, came: _Arrived) -> Item:
    """The message in an inbox, with what it says of the meeting."""
    method, thing, calendar_item = came.method, came.thing, came.calendar_item
    delegated = folder.mailbox is not context.who
    organisation = context.organisation
    item = organisation.add_item(folder, MEETING_KINDS[method], context.who)
    fill_message(organisation, item, came.content)
    mime.received(item, organisation.clock())
    if calendar_item is not None:
        for name in _SHOWN:
            if name in calendar_item.fields:
                item.fields[name] = deepcopy(calendar_item.fields[name])
        item.fields["AssociatedCalendarItemId"] = item_id(Thing(calendar_item), "AssociatedCalendarItemId")
    event = thing.master or thing.events[0]
    item.fields["UID"] = t("UID", thing.uid)
    item.fields["IsDelegated"] = t("IsDelegated", delegated)
    item.fields["IsOutOfDate"] = t("IsOutOfDate", False)
    item.fields["HasBeenProcessed"] = t("HasBeenProcessed", calendar_item is not None)
    if method == "REQUEST":
        _describe_request(item, event, calendar_item)
    elif method == "REPLY":
        _describe_answer(item, event)
    organisation.note_item(item, ChangeKind.CREATED)
    return item


def _describe_request(item: Item, event: Event, calendar_item: Item | None) -> None:
    kind = "NewMeetingRequest" if event.sequence == 0 else "FullUpdate"
    item.fields["MeetingRequestType"] = t("MeetingRequestType", kind)
    meant = calendar_item.text("IntendedFreeBusyStatus") if calendar_item else "Busy"
    item.fields["IntendedFreeBusyStatus"] = t("IntendedFreeBusyStatus", meant or "Busy")
    item.fields["ResponseType"] = t("ResponseType", "NoResponseReceived")
    item.fields["MyResponseType"] = t("MyResponseType", "NoResponseReceived")
    item.fields["IsMeeting"] = t("IsMeeting", True)
    item.fields["IsResponseRequested"] = t("IsResponseRequested", True)


def _describe_answer(item: Item, event: Event) -> None:
    response = event.attendees[0].response if event.attendees else Response.NEEDS_ACTION
    item.fields["ResponseType"] = t("ResponseType", RESPONSE[response])
    item.fields["ItemClass"] = t("ItemClass", RESPONSE_CLASSES.get(response, "IPM.Schedule.Meeting.Resp"))
