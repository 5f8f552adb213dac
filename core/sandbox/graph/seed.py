"""The sandbox's people as mailboxes: what the sample year holds, in Graph's words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from core.calendar.event import BusyStatus, CalendarObject, Event, Moment, Sensitivity
from core.calendar.zones import windows_name
from core.sandbox.calendars import calendars_of
from core.sandbox.graph import bodies, permissions
from core.sandbox.graph.model import Calendar, Change, Item, Mailbox, Tenant, new_id
from core.sandbox.graph.recurrence import DAYS, checked
from core.sandbox.graph.wire import Json
from core.sandbox.people import ALICE, BRUNO, Person

MEMBERS = (ALICE, BRUNO)
"""Clara is outside."""
_SHOW = {
    BusyStatus.FREE: "free",
    BusyStatus.TENTATIVE: "tentative",
    BusyStatus.BUSY: "busy",
    BusyStatus.OUT_OF_OFFICE: "oof",
    BusyStatus.WORKING_ELSEWHERE: "workingElsewhere",
}
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def seeded(today: date, language: str = "en") -> Tenant:
    """The organisation example.org on that day."""
    tenant = Tenant()
    for person in MEMBERS:
        tenant.mailboxes[person.address] = mailbox_of(person, today, language)
    return tenant


def empty(*people: Person) -> Tenant:
    """An organisation whose calendars are empty."""
    tenant = Tenant()
    for person in people or MEMBERS:
        mailbox = Mailbox(person)
        _add(mailbox, Calendar(new_id("C"), "Calendar", default=True))
        tenant.mailboxes[person.address] = mailbox
    return tenant


def mailbox_of(person: Person, today: date, language: str) -> Mailbox:
    """One person's calendars; the first is the default one."""
    mailbox = Mailbox(person)
    for number, sample in enumerate(calendars_of(person, today, language)):
        calendar = Calendar(new_id("C"), sample.name, default=number == 0, hex_colour=sample.colour)
        _add(mailbox, calendar)
        for thing in sample.objects:
            item = item_of(thing)
            calendar.items[item.id] = item
    return mailbox


def _add(mailbox: Mailbox, calendar: Calendar) -> None:
    entry = permissions.organisation()
    if not calendar.default:
        entry.role = "none"
    calendar.permissions[entry.id] = entry
    mailbox.calendars[calendar.id] = calendar


def item_of(thing: CalendarObject) -> Item:
    """An object of the sample year as Exchange would hold it."""
    master = thing.master
    assert master is not None
    start, zone = _wall(master.start)
    item = Item(new_id("E"), thing.uid, _facts(master), start, _end(master, zone), zone)
    if master.rrule:
        item.recurrence = checked(_recurrence(master.rrule, start, zone), start.date(), zone)
    for moment in master.exdates:
        item.cancelled.add(_wall(moment)[0].date())
    for override in thing.overrides:
        assert override.recurrence_id is not None
        day = _wall(override.recurrence_id)[0].date()
        begins, own_zone = _wall(override.start)
        facts = {name: value for name, value in _facts(override).items() if item.facts.get(name) != value}
        item.exceptions[day] = Change(facts, begins, _end(override, own_zone), own_zone)
    item.created = item.modified = master.modified or datetime(2026, 1, 1, tzinfo=UTC)
    return item


def _wall(moment: Moment) -> tuple[datetime, str]:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time()), "UTC"
    name = getattr(moment.tzinfo, "key", "UTC")
    return moment.replace(tzinfo=None), windows_name(name) or name


def _end(event: Event, zone: str) -> datetime:
    from core.sandbox.graph.times import wall_in

    if not isinstance(event.end, datetime):
        return datetime.combine(event.end, time())
    return wall_in(event.end.astimezone(UTC), zone)


def _facts(event: Event) -> Json:
    sensitivity = (event.sensitivity or Sensitivity.PUBLIC).value
    found: Json = {
        "subject": event.title,
        "body": bodies.kept({"contentType": "text", "content": event.description}),
        "location": {"displayName": event.place, "locationType": "default"},
        "showAs": _SHOW[event.status],
        "sensitivity": "normal" if sensitivity == "public" else sensitivity,
        "isAllDay": event.all_day,
        "isCancelled": event.cancelled,
        "categories": list(event.categories),
    }
    if event.organizer:
        found["organizer"] = {"emailAddress": {"name": event.organizer.name, "address": event.organizer.address}}
        found["attendees"] = [
            {"type": "required", "status": {"response": "accepted", "time": "0001-01-01T00:00:00Z"},
             "emailAddress": {"name": one.name, "address": one.address}} for one in event.attendees]  # fmt: skip
    return found


def _recurrence(rule: str, start: datetime, zone: str) -> Json:
    """The few rules that the sample year has."""
    parts = dict(piece.split("=") for piece in rule.split(";"))
    names = [code[-2:] for code in parts.get("BYDAY", _CODES[start.weekday()]).split(",")]
    places = [DAYS[_CODES.index(code)] for code in names]
    pattern: Json = {"interval": int(parts.get("INTERVAL", "1"))}
    match parts["FREQ"]:
        case "DAILY":
            pattern |= {"type": "daily"}
        case "WEEKLY":
            pattern |= {"type": "weekly", "daysOfWeek": places, "firstDayOfWeek": "monday"}
        case "MONTHLY":
            number = int(parts["BYDAY"][:-2])
            index = "last" if number == -1 else ("first", "second", "third", "fourth")[number - 1]
            pattern |= {"type": "relativeMonthly", "daysOfWeek": places, "index": index}
        case _:
            pattern |= {"type": "absoluteYearly", "dayOfMonth": start.day, "month": start.month}
    return {"pattern": pattern, "range": {"type": "noEnd", "startDate": start.date().isoformat(),
                                          "recurrenceTimeZone": zone}}  # fmt: skip
