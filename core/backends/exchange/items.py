"""A calendar item of Exchange as an event, and what is asked of the server for it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from exchangelib import CalendarItem, ExtendedProperty, HTMLBody
from exchangelib.fields import FieldPath

from core.backends.exchange.pattern import from_exchange as rule_from
from core.backends.exchange.zones import day_after, from_exchange, local_zone
from core.calendar.event import (
    Alarm,
    Attachment,
    Attendee,
    AttendeeKind,
    BusyStatus,
    CalendarObject,
    Event,
    EventState,
    Moment,
    Response,
    Role,
    Sensitivity,
)

KEY_FIELD, REST_FIELD = "partagenda_key", "partagenda_rest"
UNFINISHED = "…"
"""Behind the key of a write that takes several requests, until the last one."""


class WriteKey(ExtendedProperty):  # type: ignore[misc]
    """The key of our last write (`core.ports.RemoteItem.key`)."""

    distinguished_property_set_id = "PublicStrings"
    property_name = "partagenda-key"
    property_type = "String"


class Rest(ExtendedProperty):  # type: ignore[misc]
    """The event as iCalendar, where Exchange has no field for all of it."""

    distinguished_property_set_id = "PublicStrings"
    property_name = "partagenda-event"
    property_type = "String"


def register() -> None:
    """Make our two properties known to the library; again changes nothing."""
    for name, kind in ((KEY_FIELD, WriteKey), (REST_FIELD, Rest)):
        if not any(field.name == name for field in CalendarItem.FIELDS):
            CalendarItem.register(name, kind)


register()

_NAMES = (
    "subject",
    "sensitivity",
    "body",
    "text_body",
    "attachments",
    "categories",
    "importance",
    "reminder_is_set",
    "reminder_minutes_before_start",
    "uid",
    "start",
    "end",
    "is_all_day",
    "legacy_free_busy_status",
    "location",
    "is_meeting",
    "is_cancelled",
    "type",
    "my_response_type",
    "organizer",
    "required_attendees",
    "optional_attendees",
    "resources",
    "recurrence",
    "modified_occurrences",
    "deleted_occurrences",
    "_start_timezone",
    "_end_timezone",
    "datetime_created",
    "last_modified_time",
    "appointment_sequence_number",
    "original_start",
    "has_attachments",
)


def paths(*names: str) -> set[FieldPath]:
    """What is asked of the server by the names that the library has."""
    return {FieldPath(field=CalendarItem.get_field_by_fieldname(name)) for name in names}


def whole() -> set[FieldPath]:
    """All that an event is made of."""
    return paths(*_NAMES, KEY_FIELD, REST_FIELD)


STATUS = {
    "Free": BusyStatus.FREE,
    "Tentative": BusyStatus.TENTATIVE,
    "Busy": BusyStatus.BUSY,
    "OOF": BusyStatus.OUT_OF_OFFICE,
    "WorkingElsewhere": BusyStatus.WORKING_ELSEWHERE,
}
SENSITIVITY = {
    "Personal": Sensitivity.PERSONAL,
    "Private": Sensitivity.PRIVATE,
    "Confidential": Sensitivity.CONFIDENTIAL,
}
_RESPONSES = {
    "Organizer": Response.ACCEPTED,
    "Tentative": Response.TENTATIVE,
    "Accept": Response.ACCEPTED,
    "Decline": Response.DECLINED,
}
_IMPORTANCE = {"Low": 0, "High": 2}


def event_of(item: CalendarItem, here: tzinfo, attachments: Mapping[str, bytes] | None = None) -> Event:
    """One item: a single appointment, a master without its exceptions, or an exception (its recurrence id is set).

    `attachments` are contents by the attachments' ids. `here` is the zone where Exchange names none that is known.
    """
    zone = local_zone(item._start_timezone, UTC if item._start_timezone is None and not item.is_all_day else here)
    start, end = _times(item, zone, here)
    html = str(item.body) if isinstance(item.body, HTMLBody) else ""
    text = item.text_body if html else item.body
    people = _people(item)
    return Event(
        uid=item.uid or "",
        start=start,
        end=end,
        title=item.subject or "",
        place=item.location or "",
        description=_lines(str(text or "")) or (_plain(html) if html else ""),
        html=_lines(html),
        status=STATUS.get(item.legacy_free_busy_status or "", BusyStatus.BUSY),
        sensitivity=SENSITIVITY.get(item.sensitivity or ""),
        state=EventState.CANCELLED if item.is_cancelled else EventState.CONFIRMED,
        organizer=_organizer(item) if people or item.is_meeting else None,
        attendees=people,
        categories=tuple(item.categories or ()),
        attachments=_attachments(item, attachments or {}),
        alarms=_alarms(item),
        importance=_IMPORTANCE.get(item.importance or ""),
        rrule=rule_from(item.recurrence, start) if item.recurrence else "",
        sequence=item.appointment_sequence_number or 0,
        created=_instant(item.datetime_created),
        modified=_instant(item.last_modified_time),
        stamp=_instant(item.last_modified_time),
    )


def _times(item: CalendarItem, zone: tzinfo, here: tzinfo) -> tuple[Moment, Moment]:
    if item.is_all_day and not isinstance(item.start, datetime):
        return from_exchange(item.start, zone), day_after(item.end)
    end_zone = local_zone(item._end_timezone, zone)
    start, end = from_exchange(item.start, zone), from_exchange(item.end, end_zone)
    if item.is_all_day and isinstance(start, datetime) and isinstance(end, datetime):
        first, last = start.astimezone(here), end.astimezone(here)
        return first.date(), max(last.date(), first.date() + timedelta(days=1))
    return start, end


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def _plain(html: str) -> str:
    """The words of a body whose text the server did not send."""
    import nh3

    return " ".join(nh3.clean(html, tags=set()).split())


def _instant(moment: Any) -> datetime | None:  # noqa: ANN401 - the library's
    found = from_exchange(moment, UTC) if moment is not None else None
    return found if isinstance(found, datetime) else None


def _organizer(item: CalendarItem) -> Attendee | None:
    box = item.organizer
    return Attendee(box.email_address, box.name or "") if box is not None and box.email_address else None


def _people(item: CalendarItem) -> tuple[Attendee, ...]:
    groups = (
        (item.required_attendees, Role.REQUIRED, AttendeeKind.INDIVIDUAL),
        (item.optional_attendees, Role.OPTIONAL, AttendeeKind.INDIVIDUAL),
        (item.resources, Role.NON_PARTICIPANT, AttendeeKind.RESOURCE),
    )
    return tuple(
        Attendee(
            each.mailbox.email_address,
            each.mailbox.name or "",
            role,
            _RESPONSES.get(each.response_type or "", Response.NEEDS_ACTION),
            kind,
            rsvp=True,
        )
        for group, role, kind in groups
        for each in group or ()
        if each.mailbox and each.mailbox.email_address
    )


def _alarms(item: CalendarItem) -> tuple[Alarm, ...]:
    if not item.reminder_is_set:
        return ()
    before = timedelta(minutes=item.reminder_minutes_before_start or 0)
    return (Alarm(-before, description=item.subject or ""),)


def _attachments(item: CalendarItem, contents: Mapping[str, bytes]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(each.name or "", each.content_type or "application/octet-stream", contents[each.attachment_id.id])
        for each in item.attachments or ()
        if each.attachment_id is not None and each.attachment_id.id in contents
    )


def object_of(
    master: CalendarItem, exceptions: Sequence[CalendarItem], here: tzinfo, contents: Mapping[str, bytes]
) -> CalendarObject:
    """A whole object: the item, and for a series what was taken out of it and what differs."""
    event = event_of(master, here, contents)
    if not event.rrule:
        return CalendarObject(event.uid, (event,))
    gone = tuple(
        sorted((_original(each.start, event) for each in master.deleted_occurrences or ()), key=lambda m: m.isoformat())
    )
    event = replace(event, exdates=gone)
    overrides = [_override(each, event, here, contents) for each in exceptions]
    kept = sorted((one for one in overrides if one is not None), key=lambda one: one.recurrence_id.isoformat())  # type: ignore[union-attr]
    return CalendarObject(event.uid, (event, *kept))


def _original(moment: Any, master: Event) -> Moment:  # noqa: ANN401 - the library's
    """An instance's own time, in the kind and zone that its series has."""
    if isinstance(master.start, datetime):
        return from_exchange(moment, master.start.tzinfo or UTC)
    found = from_exchange(moment, UTC)
    if not isinstance(found, datetime):
        return found
    return (found + timedelta(hours=12)).date() if found.hour >= 12 else found.date()


def _override(item: CalendarItem, master: Event, here: tzinfo, contents: Mapping[str, bytes]) -> Event | None:
    if item.original_start is None:
        return None
    event = event_of(item, here, contents)
    rid = _original(item.original_start, master)
    sensitivity = event.sensitivity
    if sensitivity is None and master.private:
        sensitivity = Sensitivity.PUBLIC  # Exchange says it of each instance; unsaid it would be its series'
    elif sensitivity is master.sensitivity:
        sensitivity = None
    made = replace(event, uid=master.uid, recurrence_id=rid, rrule="", exdates=(), sensitivity=sensitivity)
    if isinstance(master.start, datetime) and isinstance(made.start, datetime) and isinstance(made.end, datetime):
        zone = master.start.tzinfo
        made = replace(made, start=made.start.astimezone(zone), end=made.end.astimezone(zone))
    return None if _unchanged(made, master) else made


def _unchanged(made: Event, master: Event) -> bool:
    """An exception that says nothing of its own: Exchange keeps those that were changed back."""
    assert made.recurrence_id is not None
    length = master.end - master.start  # type: ignore[operator]
    as_series = replace(
        master,
        start=made.recurrence_id,
        end=made.recurrence_id + length,
        rrule="",
        exdates=(),
        recurrence_id=made.recurrence_id,
        sensitivity=made.sensitivity,
        created=made.created,
        modified=made.modified,
        stamp=made.stamp,
        sequence=made.sequence,
    )
    return made == as_series


def hidden(thing: CalendarObject) -> CalendarObject:
    """What one may see of a colleague's object where it is private: its times (traps.md, 16)."""
    master = thing.master
    series_private = master is not None and master.private

    def seen(event: Event) -> Event:
        """An event that does not say itself how private it is follows its series."""
        private = event.private if event.sensitivity is not None else series_private
        if not private:
            return event
        return Event(
            uid=event.uid,
            start=event.start,
            end=event.end,
            status=event.status,
            sensitivity=Sensitivity.PRIVATE,
            state=event.state,
            rrule=event.rrule,
            exdates=event.exdates,
            recurrence_id=event.recurrence_id,
            sequence=event.sequence,
            stamp=event.stamp,
        )

    return replace(thing, events=tuple(seen(event) for event in thing.events))


def quiet_zones() -> None:
    """A zone that Windows does not know is no reason to write to the terminal."""
    warnings.filterwarnings("ignore", message="(?s).*unknown timezone ID.*")
