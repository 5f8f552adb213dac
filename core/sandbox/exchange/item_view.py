"""Items as they are answered: the properties that were asked for, stored ones and those that are worked out."""

from __future__ import annotations

import base64
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime

from core.sandbox.exchange.appointments import Thing, instance, series_at
from core.sandbox.exchange.bodies import body_as
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.fields import order_of, words
from core.sandbox.exchange.folder_view import folder_id
from core.sandbox.exchange.registry import Context
from core.sandbox.exchange.rights import detail, effective_item_rights, rights_of, shown_names, shows_text
from core.sandbox.exchange.shapes import Shape
from core.sandbox.exchange.times import duration, label, windows_id, zone_element
from core.sandbox.exchange.xml import Element, children, t, text_of
from core.sharing.permissions import ReadRight

_DEFAULTS = {
    "CalendarItem": "Subject HasAttachments Start End LegacyFreeBusyStatus Location CalendarItemType Organizer "
    "IsAllDayEvent IsRecurring IsMeeting IsCancelled MyResponseType",
    "Contact": "FileAs DisplayName CompanyName EmailAddresses PhoneNumbers",
    "Task": "Subject DueDate PercentComplete StartDate Status",
}
_DEFAULT_OTHERS = "Subject Sensitivity DateTimeSent Size HasAttachments From IsRead IsReadReceiptRequested"
_COMPLEX = frozenset(
    words(
        "MimeContent Body Attachments InternetMessageHeaders UniqueBody TextBody NormalizedBody ToRecipients",
        "CcRecipients BccRecipients ReplyTo RequiredAttendees OptionalAttendees Resources Recurrence FirstOccurrence",
        "LastOccurrence ModifiedOccurrences DeletedOccurrences ConflictingMeetings AdjacentMeetings ResponseObjects",
    )
)
"""What FindItem does not give: properties that are not kept in a folder's table."""
_REFUSED_BY_FIND = frozenset(("Body", "MimeContent", "Attachments"))
_ONLY_ON_REQUEST = frozenset(
    ("MimeContent", "UniqueBody", "TextBody", "NormalizedBody", "Preview", "StoreEntryId", "SearchKey", "Flag")
)
_TIME_ONLY = frozenset(
    words(
        "ItemId ParentFolderId ItemClass Subject Sensitivity Start End OriginalStart IsAllDayEvent",
        "LegacyFreeBusyStatus IsRecurring CalendarItemType Duration TimeZone UID RecurrenceId StartTimeZone",
        "EndTimeZone EffectiveRights IsMeeting IsCancelled MeetingTimeZone Recurrence FirstOccurrence LastOccurrence",
        "ModifiedOccurrences DeletedOccurrences StartTimeZoneId EndTimeZoneId HasAttachments",
    )
)
PRIVATE_SUBJECT = "Private Appointment"
"""What others see instead of a private item's subject."""

Compute = Callable[[Context, Thing, Shape], Element | None]
COMPUTED: dict[str, Compute] = {}
"""Properties that are worked out, by name; a module may add its own (Attachments, ResponseObjects)."""


def computed(*names: str) -> Callable[[Compute], Compute]:
    """The function works out these properties; None leaves one out."""

    def register(function: Compute) -> Compute:
        COMPUTED.update(dict.fromkeys(names, function))
        return function

    return register


def show_item(context: Context, thing: Thing, shape: Shape, *, found: bool = False) -> Element:
    """The item, in the schema's order. `found`: for FindItem, which gives less. Raises EwsError."""
    if found and shape.names & _REFUSED_BY_FIND:
        raise EwsError("ErrorInvalidPropertyRequest", "The property can not be used with a request of this type.")
    allowed = _allowed(context, thing)
    made = t(thing.item.kind)
    for name in order_of(thing.item.kind):
        if allowed is not None and name not in allowed:
            continue
        if name == "ExtendedProperty":
            made.extend(_extended(thing, shape))
        elif _wanted(name, shape, thing.item.kind, found):
            part = _seen(context, thing, name, shape)
            if part is not None:
                made.append(part)
    return made


def _allowed(context: Context, thing: Thing) -> frozenset[str] | None:
    """The properties that the caller may see; None is all of them."""
    if rights_of(context.who, thing.item.folder).read is not ReadRight.FULL:
        return shown_names(detail(context.who, thing.stored))
    return _TIME_ONLY if is_hidden(context, thing) else None


def _seen(context: Context, thing: Thing, name: str, shape: Shape) -> Element | None:
    """A property that the caller may see, as they see it."""
    if name == "CalendarItemType" and rights_of(context.who, thing.item.folder).read is not ReadRight.FULL:
        return t(name, "Single")  # free/busy has no series
    if name == "Subject" and is_hidden(context, thing):
        return t(name, PRIVATE_SUBJECT)
    return _property(context, thing, name, shape)


def is_hidden(context: Context, thing: Thing) -> bool:
    """Whether the item is private and the caller, who may read the folder, is not to see its text."""
    return not context.options.private_text and not shows_text(context.who, thing.stored)


def seen_value(context: Context, thing: Thing, name: str) -> Element | None:
    """A property by name or extended key, as the caller may see it: what restrictions and orders look at."""
    allowed = _allowed(context, thing)
    if allowed is not None and name not in allowed:
        return None
    if ":" in name:
        return extended_value(thing, name)
    return _seen(context, thing, name, Shape())


def item_id(thing: Thing, tag: str = "ItemId") -> Element:
    """Its id and change key."""
    return t(tag, Id=thing.id, ChangeKey=thing.change_key)


def _wanted(name: str, shape: Shape, kind: str, found: bool) -> bool:
    if found and name in _COMPLEX:
        return False
    if name == "ItemId" or name in shape.names:
        return True
    if name == "MimeContent":
        return shape.mime
    if shape.everything:
        return name not in _ONLY_ON_REQUEST
    return shape.base == "Default" and name in _DEFAULTS.get(kind, _DEFAULT_OTHERS).split()


def _property(context: Context, thing: Thing, name: str, shape: Shape) -> Element | None:
    if name in COMPUTED:
        return COMPUTED[name](context, thing, shape)
    stored = thing.field(name)
    return None if stored is None else deepcopy(stored)


def _extended(thing: Thing, shape: Shape) -> list[Element]:
    found = []
    for key in shape.extended:
        stored = extended_value(thing, key)
        if stored is not None:
            found.append(deepcopy(stored))
    return found


ITEM_EXTENDED: dict[str, Callable[[Thing], Element | None]] = {}
"""Extended properties that are worked out, by key."""


def extended_value(thing: Thing, key: str) -> Element | None:
    """An extended property: an instance's own, its series', or one that is worked out."""
    if key in ITEM_EXTENDED:
        return ITEM_EXTENDED[key](thing)
    return thing.stored.extended.get(key, thing.item.extended.get(key))


# --- every item ------------------------------------------------------------------------------------------------------


@computed("ItemId")
def _item_id(_context: Context, thing: Thing, _shape: Shape) -> Element:
    return item_id(thing)


@computed("ParentFolderId")
def _parent(_context: Context, thing: Thing, _shape: Shape) -> Element:
    return folder_id(thing.item.folder, "ParentFolderId")


@computed("Body")
def _body(_context: Context, thing: Thing, shape: Shape) -> Element | None:
    stored = thing.field("Body")
    return None if stored is None else body_as(stored, shape.body)


COMPUTED["TextBody"] = lambda _context, thing, _shape: _as(thing, "TextBody", "Text")
COMPUTED["UniqueBody"] = lambda _context, thing, shape: _as(thing, "UniqueBody", shape.body)
COMPUTED["NormalizedBody"] = lambda _context, thing, shape: _as(thing, "NormalizedBody", shape.body)


def _as(thing: Thing, tag: str, wanted: str) -> Element | None:
    stored = thing.field("Body")
    return None if stored is None else body_as(stored, wanted, tag)


@computed("Preview")
def _preview(_context: Context, thing: Thing, _shape: Shape) -> Element | None:
    shown = _as(thing, "Body", "Text")
    return None if shown is None else t("Preview", " ".join((shown.text or "").split())[:255])


@computed("Size")
def _size(_context: Context, thing: Thing, _shape: Shape) -> Element:
    texts = sum(len(part.text or "") for field in thing.stored.fields.values() for part in field.iter())
    return t("Size", 512 + texts + len(thing.stored.mime))


@computed("DateTimeCreated")
def _created(_context: Context, thing: Thing, _shape: Shape) -> Element:
    return t("DateTimeCreated", thing.stored.created)


@computed("LastModifiedTime")
def _modified(_context: Context, thing: Thing, _shape: Shape) -> Element:
    return t("LastModifiedTime", thing.stored.modified)


@computed("LastModifiedName")
def _modifier(_context: Context, thing: Thing, _shape: Shape) -> Element | None:
    return t("LastModifiedName", thing.stored.modifier) if thing.stored.modifier else None


@computed("HasAttachments")
def _has_attachments(_context: Context, thing: Thing, _shape: Shape) -> Element:
    return t("HasAttachments", bool(thing.stored.attachments))


@computed("EffectiveRights")
def _rights(context: Context, thing: Thing, _shape: Shape) -> Element:
    return effective_item_rights(context.who, thing.stored)


def _names(thing: Thing, tag: str, *lists: str) -> Element | None:
    if thing.item.kind in ("Contact", "DistributionList", "Task", "PostItem"):
        return None
    people = [part for name in lists for part in children(thing.field(name))]
    shown = [text_of(part, "Name") or text_of(part, "Mailbox", "Name") for part in people]
    return t(tag, "; ".join(name for name in shown if name))


COMPUTED["DisplayTo"] = lambda _context, thing, _shape: _names(thing, "DisplayTo", "RequiredAttendees", "ToRecipients")
COMPUTED["DisplayCc"] = lambda _context, thing, _shape: _names(thing, "DisplayCc", "OptionalAttendees", "CcRecipients")
COMPUTED["DisplayBcc"] = lambda _context, thing, _shape: _names(thing, "DisplayBcc", "Resources", "BccRecipients")


# --- calendar items --------------------------------------------------------------------------------------------------


def _calendar(name: str) -> Callable[[Callable[[Thing], Element | None]], Callable[[Thing], Element | None]]:
    """A property that calendar items have worked out; others (meeting messages) as it is stored."""

    def register(function: Callable[[Thing], Element | None]) -> Callable[[Thing], Element | None]:
        """Puts it into COMPUTED; the function itself stays as it was written."""

        def compute(_context: Context, thing: Thing, _shape: Shape) -> Element | None:
            if thing.item.kind == "CalendarItem":
                return function(thing)
            stored = thing.field(name)
            return None if stored is None else deepcopy(stored)

        COMPUTED[name] = compute
        return function

    return register


@_calendar("Start")
def _start(thing: Thing) -> Element:
    return t("Start", thing.times.start)


@_calendar("End")
def _end(thing: Thing) -> Element:
    return t("End", thing.times.end)


@_calendar("OriginalStart")
def _original_start(thing: Thing) -> Element | None:
    return t("OriginalStart", thing.original) if thing.original is not None else None


@_calendar("RecurrenceId")
def _recurrence_id(thing: Thing) -> Element | None:
    return t("RecurrenceId", thing.original) if thing.original is not None else None


@_calendar("CalendarItemType")
def _type(thing: Thing) -> Element:
    return t("CalendarItemType", thing.type)


@_calendar("IsRecurring")
def _is_recurring(thing: Thing) -> Element:
    return t("IsRecurring", thing.original is not None)


@_calendar("Duration")
def _duration(thing: Thing) -> Element:
    times = thing.times
    return t("Duration", duration(times.end - times.start))


@_calendar("TimeZone")
def _time_zone(thing: Thing) -> Element:
    return t("TimeZone", label(windows_id(thing.times.zone)))


@_calendar("StartTimeZone")
def _start_zone(thing: Thing) -> Element:
    return zone_element("StartTimeZone", thing.times.zone)


@_calendar("EndTimeZone")
def _end_zone(thing: Thing) -> Element:
    stored = thing.field("EndTimeZone")
    return deepcopy(stored) if stored is not None else zone_element("EndTimeZone", thing.times.zone)


@_calendar("MeetingTimeZone")
def _meeting_zone(thing: Thing) -> Element | None:
    return t("MeetingTimeZone", TimeZoneName=windows_id(thing.times.zone)) if thing.is_master else None


@_calendar("StartTimeZoneId")
def _start_zone_id(thing: Thing) -> Element:
    return t("StartTimeZoneId", windows_id(thing.times.zone))


@_calendar("EndTimeZoneId")
def _end_zone_id(thing: Thing) -> Element:
    stored = thing.field("EndTimeZone")
    return t("EndTimeZoneId", stored.get("Id", "UTC") if stored is not None else windows_id(thing.times.zone))


@_calendar("IsMeeting")
def _is_meeting(thing: Thing) -> Element:
    return t("IsMeeting", is_meeting(thing))


def is_meeting(thing: Thing) -> bool:
    """Whether people are invited, or it came as an invitation."""
    lists = ("RequiredAttendees", "OptionalAttendees", "Resources")
    return thing.text("IsMeeting") == "true" or any(thing.field(name) is not None for name in lists)


@_calendar("Recurrence")
def _recurrence(thing: Thing) -> Element | None:
    return deepcopy(thing.item.fields["Recurrence"]) if thing.is_master else None


@_calendar("FirstOccurrence")
def _first(thing: Thing) -> Element | None:
    if not thing.is_master:
        return None
    series = series_at(thing.item)
    return _occurrence_info(thing, "FirstOccurrence", series.instant(series.first))


@_calendar("LastOccurrence")
def _last(thing: Thing) -> Element | None:
    last = series_at(thing.item).last() if thing.is_master else None
    return None if last is None else _occurrence_info(thing, "LastOccurrence", last)


def _occurrence_info(thing: Thing, tag: str, original: datetime) -> Element:
    """An OccurrenceInfo; that of a deleted instance says what it was."""
    if original in thing.item.deleted:
        times = Thing(thing.item, original).times
        number = thing.item.id.occurrence(original)
        found = t("ItemId", Id=number, ChangeKey=thing.item.change_key)
    else:
        shown = instance(thing.item, original)
        times, found = shown.times, item_id(shown)
    return t(tag, found, t("Start", times.start), t("End", times.end), t("OriginalStart", original))


@_calendar("ModifiedOccurrences")
def _changed(thing: Thing) -> Element | None:
    if not thing.is_master or not thing.item.exceptions:
        return None
    return t(
        "ModifiedOccurrences",
        [_occurrence_info(thing, "Occurrence", original) for original in sorted(thing.item.exceptions)],
    )


@_calendar("DeletedOccurrences")
def _deleted(thing: Thing) -> Element | None:
    if not thing.is_master or not thing.item.deleted:
        return None
    starts = sorted(thing.item.deleted)
    return t("DeletedOccurrences", [t("DeletedOccurrence", t("Start", start)) for start in starts])


@computed("ConversationId")
def _conversation(_context: Context, thing: Thing, _shape: Shape) -> Element | None:
    if thing.item.kind in ("Contact", "DistributionList", "Task", "PostItem"):
        return None
    return t("ConversationId", Id=base64.b64encode(f"conversation {thing.item.id.number}".encode()).decode())
