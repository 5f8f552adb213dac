"""The fields of an event's form as text, read into an event; and what was changed between two versions of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from core.calendar.event import Alarm, Attendee, BusyStatus, Event, Moment, Response, Role, Sensitivity
from core.calendar.event_change import EventChange, checked
from core.calendar.people import Address
from core.calendar.zones import zone_for, zone_name
from core.errors import UsageError
from core.language import _
from core.language.dates import short_date, time_of_day
from core.language.typed_date import read_date
from core.language.typed_time import read_time
from core.values import dataclass

_COMPARED = (
    *("title", "place", "description", "status", "sensitivity", "attendees", "organizer", "categories"),
    *("alarms", "url", "rrule", "attachments"),
)
Trigger = timedelta | datetime | None
"""When to remind: before the start (negative), at a time, or never."""

REMINDERS: tuple[Trigger, ...] = (
    None,
    *(timedelta(minutes=-minutes) for minutes in (0, 5, 10, 15, 30, 60, 120, 240, 720, 1440, 2880, 10080)),
)
"""Outlook's usual ones."""


@dataclass(frozen=True, slots=True)
class TimeFields:
    """What stands in the fields of start and end. `end_day` is the last day of an all-day event, included.

    `zone` is the name of a time zone; empty for a time that is the same on every clock.
    """

    start_day: str
    start_time: str
    end_day: str
    end_time: str
    all_day: bool
    zone: str

    def read(self, today: date) -> tuple[Moment, Moment]:
        """Start and end. Raises UsageError for the first thing that cannot be meant."""
        first, last = read_date(self.start_day, today), read_date(self.end_day, today)
        if self.all_day:
            return checked(first, last + timedelta(days=1))
        zone = read_zone(self.zone)
        start = datetime.combine(first, read_time(self.start_time), zone)
        end = datetime.combine(last, read_time(self.end_time), zone)
        return checked(start, end)


def read_zone(name: str) -> tzinfo | None:
    """The zone of that name (IANA or Outlook's); None for none. Raises UsageError."""
    if not name.strip():
        return None
    zone = zone_for(name.strip())
    if zone is None:
        raise UsageError(
            _("There is no time zone “{name}”.").format(name=name.strip()[:40]), _("Write it as Europe/Paris or UTC.")
        )
    return zone


def time_fields(start: Moment, end: Moment, zone: tzinfo) -> TimeFields:
    """The fields of an event; an all-day one gets the person's zone for when it becomes a timed one."""
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        last = _day(end) - timedelta(days=1)
        return TimeFields(short_date(start), time_of_day(time(8)), short_date(last), time_of_day(time(8, 30)), True,
                          zone_name(zone))  # fmt: skip
    name = zone_name(start.tzinfo) if start.tzinfo else ""
    end = end.astimezone(start.tzinfo) if start.tzinfo and end.tzinfo else end
    return TimeFields(short_date(start), time_of_day(start), short_date(end), time_of_day(end), False, name)


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def same_length(before: tuple[Moment, Moment], start: Moment) -> Moment:
    """The end of an event whose start moves; between all-day and timed, half an hour or a day."""
    if isinstance(start, datetime) != isinstance(before[0], datetime):
        return start + (timedelta(minutes=30) if isinstance(start, datetime) else timedelta(days=1))
    if isinstance(start, datetime) and isinstance(before[0], datetime) and isinstance(before[1], datetime):
        if start.tzinfo and before[0].tzinfo and before[1].tzinfo:
            length = before[1].astimezone(UTC) - before[0].astimezone(UTC)
            return (start.astimezone(UTC) + length).astimezone(start.tzinfo)
        return start + (before[1].replace(tzinfo=None) - before[0].replace(tzinfo=None))
    return start + (_day(before[1]) - _day(before[0]))


def categories_of(text: str) -> tuple[str, ...]:
    """Categories separated by commas, each once."""
    return tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))


def trigger_of(event: Event) -> Trigger:
    """The first reminder."""
    return event.alarms[0].trigger if event.alarms else None


def alarms_for(trigger: Trigger, event: Event, title: str) -> tuple[Alarm, ...]:
    """The reminders after the choice: those that were there if it is the same, else the one that was chosen."""
    if trigger == trigger_of(event):
        return event.alarms
    return () if trigger is None else (Alarm(trigger, description=title or _("Reminder")),)


def invited(people: Sequence[Address], event: Event) -> tuple[Attendee, ...]:
    """Attendees for these addresses; those who were there keep their role and answer, those without an address stay."""
    known = {one.address.lower(): one for one in event.attendees}
    unreachable = tuple(one for one in event.attendees if "@" not in one.address)
    named = (
        known.get(address.address.lower()) or Attendee(address.address, address.name, rsvp=True) for address in people
    )
    return (*named, *unreachable)


def organized(event: Event, me: Address | None) -> Event:
    """An event with other people in it, and nobody's yet, is organized by the person."""
    if not event.attendees or event.organizer is not None or me is None:
        return event
    return replace(event, organizer=Attendee(me.address, me.name, Role.CHAIR, Response.ACCEPTED))


def sensitivity_for(private: bool, event: Event) -> Sensitivity | None:
    """What the box says; CONFIDENTIAL and PERSONAL stay where the box was not touched."""
    if private == event.private:
        return event.sensitivity
    return Sensitivity.PRIVATE if private else Sensitivity.PUBLIC


def default_status(start: Moment) -> BusyStatus:
    """Outlook shows all-day events as free."""
    return BusyStatus.BUSY if isinstance(start, datetime) else BusyStatus.FREE


def change_between(before: Event, after: Event) -> EventChange:
    """What a person changed in the form: only fields that differ; the repetition is empty where it was ended."""
    values = {name: getattr(after, name) for name in _COMPARED if getattr(after, name) != getattr(before, name)}
    if not _same(before.start, after.start) or not _same(before.end, after.end):
        values |= {"start": after.start, "end": after.end}
    return EventChange(**values)


def _same(one: Moment, other: Moment) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        zones = [zone_name(moment.tzinfo) if moment.tzinfo else "" for moment in (one, other)]
        return zones[0] == zones[1] and one == other
    return type(one) is type(other) and one == other
