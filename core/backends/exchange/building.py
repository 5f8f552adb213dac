"""An event as a calendar item of Exchange, and what of it Exchange cannot say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from exchangelib import Attendee as ExchangeAttendee
from exchangelib import Body, CalendarItem, HTMLBody, Mailbox

from core.backends.exchange.items import (
    KEY_FIELD,
    REST_FIELD,
    SENSITIVITY,
    STATUS,
    UNFINISHED,
)
from core.backends.exchange.pattern import from_exchange as rule_from
from core.backends.exchange.pattern import to_exchange as rule_to
from core.backends.exchange.zones import known, to_exchange
from core.calendar.event import (
    Alarm,
    Attendee,
    AttendeeKind,
    BusyStatus,
    CalendarObject,
    Event,
    Role,
    Sensitivity,
)
from core.errors import Refused
from core.language import _

LONGEST_TITLE = 255
LONGEST_REST = 28_000
"""Characters: Exchange keeps a named string of up to 32 KB."""
_STATUS = {ours: theirs for theirs, ours in STATUS.items()}
_SENSITIVITY = {ours: theirs for theirs, ours in SENSITIVITY.items()}
_IMPORTANCE = {0: "Low", 2: "High"}
_ROLES = (Role.REQUIRED, Role.OPTIONAL, Role.NON_PARTICIPANT)
"""In the order in which Exchange has them."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def vet(thing: CalendarObject, here: tzinfo) -> None:
    """Raise Refused, with what to do instead, for what Exchange cannot hold."""
    for event in thing.events:
        if len(event.title) > LONGEST_TITLE:
            raise Refused(
                _("Exchange allows {count} characters in a subject.").format(count=LONGEST_TITLE),
                _("Shorten it, and put the rest into the notes."),
            )
        if event.rdates or event.this_and_future:
            raise Refused(
                _("Exchange has no words for this repetition: {rule}").format(rule=_("dates of its own")),
                _("Choose one of the patterns of the dialog, or keep the event in a local calendar."),
            )
        if event.rrule:
            rule_to(event.rrule, event.start)
            zone = event.start.tzinfo if isinstance(event.start, datetime) else None
            if zone is not None and not known(zone):
                raise Refused(
                    _("Exchange does not know the time zone {zone}.").format(zone=zone),
                    _("Choose another one for the series."),
                )
    if thing.master is None and len(thing.events) > 1:
        raise Refused(_("Exchange keeps no instances without their series."), _("Copy them one by one."))


def fields_of(event: Event, mailbox: str, here: tzinfo) -> dict[str, Any]:
    """The fields of a CalendarItem for an event, each with a value or None for nothing."""
    invited = _people(event) if _ours(event, mailbox) else ()
    alarm = reminder(event)
    return {
        "subject": event.title or None,
        "sensitivity": _SENSITIVITY.get(event.sensitivity or Sensitivity.PUBLIC, "Normal"),
        "body": HTMLBody(event.html) if event.html else Body(event.description) if event.description else None,
        "categories": list(event.categories) or None,
        "importance": _IMPORTANCE.get(event.importance if event.importance is not None else 1, "Normal"),
        "reminder_is_set": alarm is not None,
        "reminder_minutes_before_start": alarm or 0,
        "start": to_exchange(event.start, here),
        "end": _end(event, here),
        "is_all_day": event.all_day,
        "legacy_free_busy_status": _STATUS[event.status],
        "location": event.place or None,
        "required_attendees": _invited(invited, Role.REQUIRED),
        "optional_attendees": _invited(invited, Role.OPTIONAL),
        "resources": _invited(invited, Role.NON_PARTICIPANT),
        "recurrence": rule_to(event.rrule, event.start) if event.rrule else None,
        REST_FIELD: rest_of(event, mailbox, here),
    }


def key_text(key: str, *, unfinished: bool = False) -> str:
    """What the key's property says."""
    return key + UNFINISHED if unfinished else key


def new_item(event: Event, mailbox: str, here: tzinfo, key: str) -> CalendarItem:
    """An item to be created; its UID is the event's."""
    given = {name: value for name, value in fields_of(event, mailbox, here).items() if value is not None}
    return CalendarItem(uid=event.uid, **given, **{KEY_FIELD: key})


def reminder(event: Event) -> int | None:
    """Minutes before the start, of the one reminder that Exchange keeps; None for none."""
    for alarm in event.alarms:
        if isinstance(alarm.trigger, timedelta) and alarm.trigger <= timedelta():
            return round(-alarm.trigger.total_seconds() / 60)
    return None


def _end(event: Event, here: tzinfo) -> Any:  # noqa: ANN401 - the library's
    """The last day of an all-day event, as the library wants it; the end of any other."""
    if isinstance(event.end, datetime):
        return to_exchange(event.end, here)
    return to_exchange(max(event.end - timedelta(days=1), event.start), here)


def _ours(event: Event, mailbox: str) -> bool:
    """Whether the mailbox may have the people in its own fields: whoever has them there is the meeting's organiser."""
    return event.organizer is None or event.organizer.address.casefold() == mailbox.casefold()


def _people(event: Event) -> tuple[Attendee, ...]:
    return tuple(person for person in event.attendees if "@" in person.address)


def _invited(people: tuple[Attendee, ...], role: Role) -> list[ExchangeAttendee] | None:
    wanted = (Role.REQUIRED, Role.CHAIR) if role is Role.REQUIRED else (role,)
    found = [
        ExchangeAttendee(mailbox=Mailbox(email_address=one.address, name=one.name or None), response_type="Unknown")
        for one in people
        if one.role in wanted
    ]
    return found or None


# what Exchange has no field for ----------------------------------------------------------------------------


def as_kept(event: Event, mailbox: str, here: tzinfo) -> Event:
    """What would come back of an event: the same where Exchange has a field for everything in it."""
    alarm = reminder(event)
    rule = rule_from(rule_to(event.rrule, event.start), event.start) if event.rrule else ""
    status = event.status if event.status in _STATUS else BusyStatus.BUSY
    people = _people(event) if _ours(event, mailbox) else ()
    return replace(
        _plain(event),
        status=status,
        sensitivity=None if event.sensitivity is Sensitivity.PUBLIC else event.sensitivity,
        start=_moment(event.start, here),
        end=_moment(event.end, here),
        organizer=event.organizer if people else None,
        attendees=tuple(sorted((_kept_person(one) for one in people), key=lambda one: _ROLES.index(one.role))),
        alarms=(Alarm(timedelta(minutes=-alarm), description=event.title),) if alarm is not None else (),
        importance=event.importance if event.importance in _IMPORTANCE else None,
        attachments=tuple(one for one in event.attachments if one.content is not None),
        rrule=rule,
        url="",
        priority=0,
        extra=(),
        recurrence_id=None,
    )


def _kept_person(person: Attendee) -> Attendee:
    kind = AttendeeKind.RESOURCE if person.role is Role.NON_PARTICIPANT else AttendeeKind.INDIVIDUAL
    role = Role.REQUIRED if person.role is Role.CHAIR else person.role
    return Attendee(person.address, person.name, role, kind=kind, rsvp=True)


def _moment(moment: Any, here: tzinfo) -> Any:  # noqa: ANN401 - the same kind comes out
    if not isinstance(moment, datetime):
        return moment
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=here)
    return aware if aware.tzinfo is not None and known(aware.tzinfo) else aware.astimezone(UTC)


def _plain(event: Event) -> Event:
    """Without what says nothing to a person: stamps, and the exceptions that are kept beside it."""
    return replace(
        event,
        description=event.description.rstrip("\n") if not event.html else "",
        sequence=0,
        stamp=None,
        created=None,
        modified=None,
        exdates=(),
        rdates=(),
    )


def rest_of(event: Event, mailbox: str, here: tzinfo) -> str | None:
    """The event as iCalendar where Exchange would keep less of it; None where it keeps all."""
    if as_kept(event, mailbox, here) == replace(_plain(event), sensitivity=_said(event)):
        return None
    from core.ical.encode import encode_object

    light = replace(event, attachments=(), exdates=(), rdates=())
    text = encode_object(CalendarObject(event.uid, (light,)), now=_EPOCH).decode()
    return text if len(text) <= LONGEST_REST else None


def _said(event: Event) -> Sensitivity | None:
    return None if event.sensitivity is Sensitivity.PUBLIC else event.sensitivity


def with_rest(found: Event, rest: str | None, mailbox: str, here: tzinfo) -> Event:
    """The event with what Exchange had no field for, if it is still the one that it was kept for.

    What somebody changed in Outlook meanwhile counts; what has no field there stays.
    """
    kept = _decoded(rest) if rest else None
    if kept is None:
        return found
    same = _core(as_kept(kept, mailbox, here)) == _core(_plain(found))
    if same:
        return replace(
            kept,
            uid=found.uid,
            description=kept.description if found.html else found.description,  # a body keeps each line's end
            attachments=found.attachments,
            exdates=found.exdates,
            stamp=found.stamp,
            created=found.created,
            modified=found.modified,
            rrule=found.rrule and kept.rrule,
        )
    people = {} if found.attendees else {"organizer": kept.organizer, "attendees": kept.attendees}
    return replace(found, url=kept.url, priority=kept.priority, extra=kept.extra, **people)  # type: ignore[arg-type]


def _core(event: Event) -> tuple[object, ...]:
    """What a person sees of it, for comparing."""
    instants = tuple(
        moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else moment
        for moment in (event.start, event.end)
    )
    people = tuple(sorted(one.address.casefold() for one in event.attendees))
    return (
        instants,
        " ".join(event.title.split()),
        " ".join(event.place.split()),
        " ".join(event.description.split()) if not event.html else "",
        event.status,
        event.sensitivity,
        event.categories,
        event.importance,
        event.rrule,
        people,
    )


def _decoded(text: str) -> Event | None:
    from core.errors import Unreadable
    from core.ical.decode import decode

    try:
        found = decode(text.encode(), now=_EPOCH).objects
    except Unreadable:
        return None
    return found[0].events[0] if found and found[0].events else None
