"""Writing properties: which may be set, in what form they are kept, and what follows from one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import UTC, datetime, time, timedelta, tzinfo
from uuid import uuid4

from core.ical.moments import to_utc
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.fields import order_of, words
from core.sandbox.exchange.model import Item
from core.sandbox.exchange.recurrence import read_pattern, recurrence_element, series_of
from core.sandbox.exchange.registry import Context
from core.sandbox.exchange.shapes import extended_key
from core.sandbox.exchange.times import moment, zone_element, zone_of
from core.sandbox.exchange.xml import Element, child, children, name_of, stamp, t, text_of, truth

READ_ONLY = frozenset(
    words(
        "ItemId ParentFolderId DateTimeReceived Size IsSubmitted IsDraft IsFromMe IsResend IsUnmodified DateTimeSent",
        "DateTimeCreated ResponseObjects ReminderNextTime DisplayCc DisplayTo DisplayBcc HasAttachments",
        "EffectiveRights LastModifiedName LastModifiedTime ConversationId UniqueBody TextBody NormalizedBody Preview",
        "RecurrenceId DateTimeStamp OriginalStart When IsMeeting IsCancelled IsRecurring MeetingRequestWasSent",
        "CalendarItemType MyResponseType ConflictingMeetingCount AdjacentMeetingCount ConflictingMeetings",
        "AdjacentMeetings Duration TimeZone AppointmentReplyTime AppointmentSequenceNumber AppointmentState",
        "FirstOccurrence LastOccurrence ModifiedOccurrences DeletedOccurrences StartTimeZoneId EndTimeZoneId",
        "StartWallClock EndWallClock IsOrganizer InstanceKey Organizer",
    )
)
"""What the server says, not the client."""
_TIMES = frozenset(words("Start End ReminderDueBy DueDate StartDate CompleteDate Birthday WeddingAnniversary"))
_TRUTHS = frozenset(
    words(
        "IsAllDayEvent ReminderIsSet IsResponseRequested AllowNewTimeProposal IsOnlineMeeting IsRead IsAssociated",
        "IsReadReceiptRequested IsDeliveryReceiptRequested DoNotForwardMeeting",
    )
)
_PEOPLE = frozenset(
    words("RequiredAttendees OptionalAttendees Resources ToRecipients CcRecipients BccRecipients ReplyTo")
)
_SINGLE_PERSON = frozenset(words("Organizer From Sender ReceivedBy ReceivedRepresenting"))
_APPENDABLE = frozenset(("Body", *_PEOPLE))
_EXCHANGE_UID = bytes.fromhex("040000008200E00074C5B7101A82E008")
_LONGEST = timedelta(days=5 * 366)
_EMPTY_CALENDAR = {
    "Subject": "",
    "Sensitivity": "Normal",
    "Importance": "Normal",
    "IsAllDayEvent": "false",
    "Location": "",
    "IsResponseRequested": "true",
    "MyResponseType": "Organizer",
    "AppointmentSequenceNumber": "0",
    "AppointmentState": "0",
    "ConferenceType": "0",
    "AllowNewTimeProposal": "true",
    "IsOnlineMeeting": "false",
    "IsCancelled": "false",
    "MeetingRequestWasSent": "false",
    "ReminderIsSet": "true",
    "ReminderMinutesBeforeStart": "15",
}


def zone_in(context: Context, elements: Iterable[Element], item: Item | None = None) -> tzinfo:
    """The zone that times without an offset are in: the item's own as it is set now, as it was, else the request's."""
    by_name = {name_of(each): each for each in elements}
    for source in (by_name, item.fields if item else {}):
        for name in ("StartTimeZone", "MeetingTimeZone"):
            found = zone_of(source.get(name))
            if found is not None:
                return found
    return context.zone


def set_property(context: Context, item: Item, element: Element, zone: tzinfo) -> None:
    """Store one property as it is in a request. Raises EwsError where it cannot be set."""
    name = name_of(element)
    if name == "ExtendedProperty":
        path = child(element, "ExtendedFieldURI")
        if path is None:
            raise EwsError("ErrorInvalidExtendedProperty")
        key = extended_key(path)
        item.extended[key] = deepcopy(element)
        if key in EXTENDED_SETTERS:
            EXTENDED_SETTERS[key](context, item, text_of(element, "Value"))
        return
    if name not in order_of(item.kind) or name in READ_ONLY:
        raise EwsError("ErrorInvalidPropertySet", f"Set action is invalid for property {name}.")
    if name in SETTERS:
        SETTERS[name](context, item, element)
    else:
        item.fields[name] = _kept(context, element, name, zone)


EXTENDED_SETTERS: dict[str, Callable[[Context, Item, str], None]] = {}
"""Extended properties that are another name for one of EWS' own, by key."""
EXTENDED_NAMES: dict[str, str] = {}
"""What they are called there."""
SETTERS: dict[str, Callable[[Context, Item, Element], None]] = {}
"""Properties that are more than a stored element; a module may add its own."""


def _kept(context: Context, element: Element, name: str, zone: tzinfo) -> Element:
    if name in _TIMES:
        return t(name, stamp(moment(element.text or "", zone)))
    if name in _TRUTHS:
        return t(name, truth(element.text or ""))
    if name in _PEOPLE:
        return t(name, [_person(context, each) for each in element])
    if name in _SINGLE_PERSON:
        return t(name, [_mailbox(context, each) for each in element])
    return deepcopy(element)


def _person(context: Context, element: Element) -> Element:
    if name_of(element) != "Attendee":
        return _mailbox(context, element)
    response = t("ResponseType", text_of(element, "ResponseType") or "Unknown")
    return t("Attendee", _mailbox(context, child(element, "Mailbox")), response)


def _mailbox(context: Context, element: Element | None) -> Element:
    """An address as it is kept: the name from the directory, where it is somebody of the organisation."""
    address = text_of(element, "EmailAddress")
    known = context.organisation.mailboxes.get(address.lower())
    name = known.name if known else text_of(element, "Name") or address
    kind = "Mailbox" if known else "OneOff"
    parts = [t("Name", name), t("EmailAddress", address), t("RoutingType", "SMTP"), t("MailboxType", kind)]
    return t("Mailbox", parts)


def _set_recurrence(_context: Context, item: Item, element: Element) -> None:
    pattern, begin = read_pattern(element)
    item.fields["Recurrence"] = recurrence_element(pattern, begin)


def _set_zone(_context: Context, item: Item, element: Element) -> None:
    zone = zone_of(element)
    if zone is None:
        raise EwsError("ErrorCalendarInvalidTimeZone")
    name = "EndTimeZone" if name_of(element) == "EndTimeZone" else "StartTimeZone"
    item.fields[name] = zone_element(name, zone)


def _set_location(_context: Context, item: Item, element: Element) -> None:
    item.fields["Location"] = t("Location", element.text or "")
    item.fields.pop("EnhancedLocation", None)


def _set_enhanced_location(_context: Context, item: Item, element: Element) -> None:
    item.fields["EnhancedLocation"] = deepcopy(element)
    item.fields["Location"] = t("Location", text_of(element, "DisplayName"))


def _set_body(_context: Context, item: Item, element: Element) -> None:
    item.fields["Body"] = t("Body", element.text or "", BodyType=element.get("BodyType", "Text"))


def _set_mime(_context: Context, item: Item, element: Element) -> None:
    try:
        item.mime = base64.b64decode("".join((element.text or "").split()), validate=True)
    except binascii.Error as error:
        raise EwsError("ErrorMimeContentInvalidBase64String", "The MIME content is no base64.") from error


def _set_categories(_context: Context, item: Item, element: Element) -> None:
    names = dict.fromkeys(text for text in (each.text or "" for each in element) if text)
    item.fields["Categories"] = t("Categories", [t("String", name) for name in names])


SETTERS.update(
    {
        "Recurrence": _set_recurrence,
        "StartTimeZone": _set_zone,
        "EndTimeZone": _set_zone,
        "MeetingTimeZone": _set_zone,
        "Location": _set_location,
        "EnhancedLocation": _set_enhanced_location,
        "Body": _set_body,
        "MimeContent": _set_mime,
        "Categories": _set_categories,
    }
)


def append_property(context: Context, item: Item, element: Element) -> None:
    """Add to a body or to a list of people. Raises EwsError for all others."""
    name = name_of(element)
    if name not in _APPENDABLE:
        raise EwsError("ErrorInvalidPropertyAppend", f"Append action is invalid for property {name}.")
    stored = item.fields.get(name)
    if stored is None:
        set_property(context, item, element, UTC)
    elif name == "Body":
        item.fields[name] = t(name, (stored.text or "") + (element.text or ""), BodyType=stored.get("BodyType", "Text"))
    else:
        item.fields[name] = t(name, [*children(stored), *(_person(context, each) for each in element)])


def delete_property(item: Item, path: Element) -> str:
    """Take a property away; gives its name. Raises EwsError where it must be there."""
    if name_of(path) == "ExtendedFieldURI":
        key = extended_key(path)
        item.extended.pop(key, None)
        if key in EXTENDED_NAMES:
            item.fields.pop(EXTENDED_NAMES[key], None)
        return EXTENDED_NAMES.get(key, key)
    name = path.get("FieldURI", "").rpartition(":")[2]
    if name in READ_ONLY or name in ("Start", "End", "ItemClass", "UID") or name not in order_of(item.kind):
        raise EwsError("ErrorInvalidPropertyDelete", f"Property {name} can not be deleted.")
    item.fields.pop(name, None)
    if name == "Location":
        item.fields.pop("EnhancedLocation", None)
    if name == "Recurrence":
        item.exceptions.clear()
        item.deleted.clear()
    return name


# --- what follows ----------------------------------------------------------------------------------------------------


_EMPTY_FIELDS = {name: t(name, value) for name, value in _EMPTY_CALENDAR.items()}
"""Shared by all items: a stored element is replaced, never changed."""


def complete_calendar_item(context: Context, item: Item, zone: tzinfo) -> None:
    """Give a new calendar item what the server gives, and hold it to the rules. Raises EwsError."""
    item.fields = _EMPTY_FIELDS | item.fields
    now = context.organisation.clock()
    all_day = item.text("IsAllDayEvent") == "true"
    makers: dict[str, Callable[[], Element]] = {
        "LegacyFreeBusyStatus": lambda: t("LegacyFreeBusyStatus", "Free" if all_day else "Busy"),
        "StartTimeZone": lambda: zone_element("StartTimeZone", zone),
        "EndTimeZone": lambda: t("EndTimeZone", **item.fields["StartTimeZone"].attrib),
        "UID": lambda: t("UID", new_uid()),
        "DateTimeStamp": lambda: t("DateTimeStamp", now),
        "Organizer": lambda: t("Organizer", _mailbox(context, t("Mailbox", t("EmailAddress", _owner(item))))),
        "Start": lambda: t("Start", now.replace(minute=0, second=0, microsecond=0)),
        "End": lambda: t("End", moment(item.text("Start")) + timedelta(minutes=30)),
    }
    for name, make in makers.items():
        if name not in item.fields:
            item.fields[name] = make()
    settle_times(item)


def _owner(item: Item) -> str:
    return item.folder.mailbox.address


def new_uid() -> str:
    """A global object id as Exchange makes one ([MS-OXOCAL] 2.2.1.27), in hexadecimal."""
    ticks = int((datetime.now(UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10_000_000)
    middle = bytes(4) + ticks.to_bytes(8, "little") + bytes(8) + (16).to_bytes(4, "little")
    return (_EXCHANGE_UID + middle + uuid4().bytes).hex().upper()


def settle_times(item: Item) -> None:
    """Hold the times to the rules: an end after the start, whole days for all-day items, a series that happens.

    Raises EwsError.
    """
    start, end = moment(item.text("Start")), moment(item.text("End"))
    if end < start:
        raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate")
    if end - start > _LONGEST:
        raise EwsError("ErrorCalendarDurationIsTooLong")
    zone = zone_of(item.fields.get("StartTimeZone")) or UTC
    all_day = item.text("IsAllDayEvent") == "true"
    if all_day:
        start, end = whole_days(start, end, zone)
    if "Recurrence" in item.fields and item.master is None:
        series = series_of(item.fields["Recurrence"], start, end, zone, all_day=all_day)
        start = series.instant(series.first)
        end = series.end(start)
        item.fields["Recurrence"] = recurrence_element(series.pattern, series.first.date())
    item.fields["Start"], item.fields["End"] = t("Start", start), t("End", end)
    item.cache.clear()


def whole_days(start: datetime, end: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """From midnight to midnight in the item's zone, one day at least."""
    first = start.astimezone(zone).date()
    last = end.astimezone(zone)
    until = last.date() if last.time() == time() else last.date() + timedelta(days=1)
    until = max(until, first + timedelta(days=1))
    return to_utc(datetime.combine(first, time()), zone), to_utc(datetime.combine(until, time()), zone)


def same_series(before: dict[str, Element], item: Item) -> bool:
    """Whether the item still repeats as it did: where it does not, its exceptions are gone."""
    return all(_spelled(before.get(name)) == _spelled(item.fields.get(name)) for name in _SHAPING)


_SHAPING = ("Recurrence", "Start", "End", "IsAllDayEvent", "StartTimeZone")


def _spelled(element: Element | None) -> list[tuple[str, str, str]]:
    parts = element.iter() if element is not None else ()
    return [(each.tag, each.text or "", str(sorted(each.attrib.items()))) for each in parts]
