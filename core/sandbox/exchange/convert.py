"""Calendar items to events and back: for the sample calendars, and for the iCalendar text in MimeContent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from core.calendar.event import (
    Alarm,
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
from core.calendar.patterns import pattern_of, rule_of
from core.errors import PartagendaError
from core.ical.decode import decode
from core.ical.moments import to_utc
from core.sandbox.exchange.appointments import Thing, instance, series_at
from core.sandbox.exchange.bodies import body_as
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.model import ChangeKind, Folder, Item, Organisation
from core.sandbox.exchange.properties import complete_calendar_item, set_property
from core.sandbox.exchange.recurrence import recurrence_element
from core.sandbox.exchange.registry import Context
from core.sandbox.exchange.times import zone_element
from core.sandbox.exchange.xml import Element, children, m, t, text_of

STATUS = {
    BusyStatus.FREE: "Free",
    BusyStatus.TENTATIVE: "Tentative",
    BusyStatus.BUSY: "Busy",
    BusyStatus.OUT_OF_OFFICE: "OOF",
    BusyStatus.WORKING_ELSEWHERE: "WorkingElsewhere",
}
"""LegacyFreeBusyStatus."""
SENSITIVITY = {
    Sensitivity.PUBLIC: "Normal",
    Sensitivity.PERSONAL: "Personal",
    Sensitivity.PRIVATE: "Private",
    Sensitivity.CONFIDENTIAL: "Confidential",
}
RESPONSE = {
    Response.NEEDS_ACTION: "Unknown",
    Response.ACCEPTED: "Accept",
    Response.DECLINED: "Decline",
    Response.TENTATIVE: "Tentative",
    Response.DELEGATED: "Unknown",
}
_IMPORTANCE = ("Low", "Normal", "High")
_CANCELLED_STATE = "7"
"""AppointmentState: a meeting, received, cancelled."""


def store_object(organisation: Organisation, folder: Folder, thing: CalendarObject) -> Item:
    """Put an event, or a series with its exceptions, into a folder as its owner would. Raises EwsError."""
    context = Context(organisation, folder.mailbox, m("CreateItem"), zone=ZoneInfo(folder.mailbox.zone))
    item = organisation.add_item(folder, "CalendarItem", folder.mailbox)
    item.fields["ItemClass"] = t("ItemClass", "IPM.Appointment")
    fill(context, item, thing)
    organisation.note_item(item, ChangeKind.CREATED, folder.mailbox)
    return item


def fill(context: Context, item: Item, thing: CalendarObject) -> None:
    """Give a calendar item what an event says. Raises EwsError where it cannot be an appointment of Exchange's."""
    master = thing.master or thing.events[0]
    zone = _zone(master.start, context.zone)
    _set(context, item, master, zone)
    complete_calendar_item(context, item, zone)
    if "Recurrence" not in item.fields:
        return
    for moment in master.exdates:
        original = _original(item, moment, zone)
        item.deleted[original] = original
    for override in thing.overrides:
        assert override.recurrence_id is not None
        original = _original(item, override.recurrence_id, zone)
        changed = context.organisation.add_item(item.folder, "CalendarItem", context.who)
        changed.master, changed.original = item, original
        _set(context, changed, override, zone)
        item.exceptions[original] = changed
        item.deleted.pop(original, None)


def _set(context: Context, item: Item, event: Event, zone: tzinfo) -> None:
    for element in properties_of(event, zone, is_instance=item.master is not None):
        set_property(context, item, element, zone)
    if event.organizer is not None and item.master is None:
        item.fields["Organizer"] = t("Organizer", _address(event.organizer))
    if event.cancelled:
        item.fields["IsCancelled"] = t("IsCancelled", True)
        item.fields["AppointmentState"] = t("AppointmentState", _CANCELLED_STATE)


def _zone(start: Moment, default: tzinfo) -> tzinfo:
    return start.tzinfo if isinstance(start, datetime) and start.tzinfo is not None else default


def _original(item: Item, moment: Moment, zone: tzinfo) -> datetime:
    """The original start that a RECURRENCE-ID or an EXDATE means."""
    if isinstance(moment, datetime):
        return to_utc(moment, zone)
    first = series_at(item).first
    return to_utc(datetime.combine(moment, first.time()), zone)


def properties_of(event: Event, zone: tzinfo, *, is_instance: bool = False) -> list[Element]:
    """An event as the properties that a client would set. Raises EwsError for a rule that Exchange does not have."""
    found = [
        t("Subject", event.title),
        t("LegacyFreeBusyStatus", STATUS[event.status]),
        t("IsAllDayEvent", event.all_day),
        t("Start", to_utc(event.start, zone)),
        t("End", to_utc(event.end, zone)),
        t("Location", event.place),
        t("Importance", _IMPORTANCE[event.importance if event.importance in (0, 1, 2) else 1]),
    ]
    if event.sensitivity is not None:
        found.append(t("Sensitivity", SENSITIVITY[event.sensitivity]))
    if event.html or event.description:
        body = (event.html, "HTML") if event.html else (event.description, "Text")
        found.append(t("Body", body[0], BodyType=body[1]))
    if event.categories:
        found.append(t("Categories", [t("String", name) for name in event.categories]))
    found += _reminder(event)
    found += _people(event)
    return found if is_instance else [*found, *_of_a_series(event, zone)]


def _reminder(event: Event) -> list[Element]:
    before = next((alarm.trigger for alarm in event.alarms if isinstance(alarm.trigger, timedelta)), None)
    if before is None:
        return [t("ReminderIsSet", False)]
    minutes = max(0, -int(before.total_seconds()) // 60)
    return [t("ReminderIsSet", True), t("ReminderMinutesBeforeStart", minutes)]


def _people(event: Event) -> list[Element]:
    lists: dict[str, list[Attendee]] = {}
    for person in event.attendees:
        room = person.kind in (AttendeeKind.ROOM, AttendeeKind.RESOURCE)
        optional = person.role in (Role.OPTIONAL, Role.NON_PARTICIPANT)
        name = "Resources" if room else "OptionalAttendees" if optional else "RequiredAttendees"
        lists.setdefault(name, []).append(person)
    return [t(name, [_attendee(person) for person in people]) for name, people in lists.items()]


def _attendee(person: Attendee) -> Element:
    return t("Attendee", _address(person), t("ResponseType", RESPONSE[person.response]))


def _address(person: Attendee) -> Element:
    name, address = t("Name", person.name or person.address), t("EmailAddress", person.address)
    return t("Mailbox", name, address, t("RoutingType", "SMTP"))


def _of_a_series(event: Event, zone: tzinfo) -> list[Element]:
    found = [t("UID", event.uid), zone_element("StartTimeZone", zone)]
    end_zone = _zone(event.end, zone)
    if end_zone is not zone:
        found.append(zone_element("EndTimeZone", end_zone))
    if event.rdates:
        raise EwsError("ErrorUnsupportedRecurrence", "Additional dates cannot be stored.")
    if event.rrule:
        pattern = pattern_of(event.rrule, event.start)
        if pattern is None:
            raise EwsError("ErrorUnsupportedRecurrence", "The recurrence pattern cannot be stored.")
        begin = event.start.date() if isinstance(event.start, datetime) else event.start
        found.append(recurrence_element(pattern, begin))
    return found


# --- to iCalendar ----------------------------------------------------------------------------------------------------


def object_of(thing: Thing) -> CalendarObject:
    """An item as events."""
    event = event_of(thing)
    if not thing.is_master:
        return CalendarObject(event.uid, (event,))
    changed = [event_of(instance(thing.item, original)) for original in sorted(thing.item.exceptions)]
    return CalendarObject(event.uid, (event, *changed))


_STATUS_BACK = {name: status for status, name in STATUS.items()}
_SENSITIVITY_BACK = {name: mark for mark, name in SENSITIVITY.items()}
_RESPONSE_BACK = {"Accept": Response.ACCEPTED, "Decline": Response.DECLINED, "Tentative": Response.TENTATIVE}


def event_of(thing: Thing) -> Event:
    """An item, or an instance of a series, as an event."""
    times = thing.times
    moment = partial(_moment, zone=times.zone, all_day=times.all_day)
    body = thing.field("Body")
    kind = body.get("BodyType", "Text") if body is not None else "Text"
    cancelled = thing.text("IsCancelled") == "true"
    return Event(
        uid=thing.text("UID"),
        start=moment(times.start),
        end=moment(times.end),
        title=thing.text("Subject"),
        place=thing.text("Location"),
        description=body_as(body, "Text").text or "" if body is not None else "",
        html=(body.text or "") if body is not None and kind == "HTML" else "",
        status=_STATUS_BACK.get(thing.text("LegacyFreeBusyStatus"), BusyStatus.BUSY),
        sensitivity=_SENSITIVITY_BACK.get(thing.text("Sensitivity")),
        state=EventState.CANCELLED if cancelled else EventState.CONFIRMED,
        organizer=_organizer(thing),
        attendees=tuple(_attendees(thing)),
        categories=tuple(each.text or "" for each in children(thing.field("Categories"))),
        alarms=_alarms(thing),
        extra=tuple(_always(thing)),
        importance=_IMPORTANCE.index(thing.text("Importance")) if thing.text("Importance") in _IMPORTANCE else None,
        rrule=_rule(thing),
        exdates=tuple(moment(original) for original in sorted(thing.item.deleted)) if thing.is_master else (),
        recurrence_id=moment(thing.original) if thing.original is not None else None,
        sequence=int(thing.text("AppointmentSequenceNumber") or "0"),
        stamp=thing.stored.modified,
        created=thing.stored.created,
        modified=thing.stored.modified,
    )


def _moment(instant: datetime, *, zone: tzinfo, all_day: bool) -> Moment:
    local = instant.astimezone(zone)
    return local.date() if all_day else local


_BUSY_WORDS = {"Free": "FREE", "Tentative": "TENTATIVE", "OOF": "OOF", "WorkingElsewhere": "WORKINGELSEWHERE"}


def _always(thing: Thing) -> Iterator[str]:
    """Lines that Exchange writes of every appointment, and that other programs rely on ([MS-OXCICAL] 2.1.3.1.1.20)."""
    busy = _BUSY_WORDS.get(thing.text("LegacyFreeBusyStatus"), "BUSY")
    meant = _BUSY_WORDS.get(thing.text("IntendedFreeBusyStatus") or thing.text("LegacyFreeBusyStatus"), "BUSY")
    yield f"X-MICROSOFT-CDO-BUSYSTATUS:{busy}"
    yield f"X-MICROSOFT-CDO-INTENDEDSTATUS:{meant}"
    yield f"X-MICROSOFT-CDO-ALLDAYEVENT:{'TRUE' if thing.times.all_day else 'FALSE'}"
    yield f"X-MICROSOFT-CDO-INSTTYPE:{_INSTANCES[thing.type]}"
    yield "X-MICROSOFT-DISALLOW-COUNTER:FALSE"


_INSTANCES = {"Single": 0, "RecurringMaster": 1, "Occurrence": 2, "Exception": 3}


def _alarms(thing: Thing) -> tuple[Alarm, ...]:
    if thing.text("ReminderIsSet") != "true":
        return ()
    minutes = int(thing.text("ReminderMinutesBeforeStart") or "15")
    return (Alarm(timedelta(minutes=-minutes), description="REMINDER"),)


def _rule(thing: Thing) -> str:
    if not thing.is_master:
        return ""
    series = series_at(thing.item)
    start: Moment = series.first.date() if thing.times.all_day else series.first.replace(tzinfo=series.zone)
    return rule_of(series.pattern, start)


def _organizer(thing: Thing) -> Attendee | None:
    if not any(thing.field(name) is not None for name in _LISTS):
        return None
    address = text_of(thing.field("Organizer"), "Mailbox", "EmailAddress")
    return Attendee(address, text_of(thing.field("Organizer"), "Mailbox", "Name"), Role.CHAIR, Response.ACCEPTED)


_LISTS = {
    "RequiredAttendees": (Role.REQUIRED, AttendeeKind.INDIVIDUAL),
    "OptionalAttendees": (Role.OPTIONAL, AttendeeKind.INDIVIDUAL),
    "Resources": (Role.NON_PARTICIPANT, AttendeeKind.RESOURCE),
}


def _attendees(thing: Thing) -> list[Attendee]:
    found = []
    for name, (role, kind) in _LISTS.items():
        for each in children(thing.field(name)):
            response = _RESPONSE_BACK.get(text_of(each, "ResponseType"), Response.NEEDS_ACTION)
            address = text_of(each, "Mailbox", "EmailAddress")
            found.append(Attendee(address, text_of(each, "Mailbox", "Name"), role, response, kind))
    return found


def read_ics(context: Context, item: Item, content: bytes) -> None:
    """Give a calendar item what an iCalendar text says. Raises EwsError where it is none."""
    try:
        objects = decode(content, now=context.organisation.clock()).objects
    except PartagendaError as error:
        raise EwsError("ErrorMimeContentInvalid", "The MIME content is no calendar.") from error
    if not objects:
        raise EwsError("ErrorMimeContentInvalid", "The MIME content has no event.")
    fill(context, item, objects[0])
