"""Calendars and events as the server sends them to one person."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.sandbox.graph import bodies, rights
from core.sandbox.graph.model import Calendar, Instance, Item, Mailbox
from core.sandbox.graph.odata import expanded
from core.sandbox.graph.times import offset, to_utc, wall_in, written, zone_called
from core.sandbox.graph.wire import Call, Json
from core.sandbox.people import Person


@dataclass(frozen=True)
class View:
    """Who looks at which calendar, and how they want it."""

    viewer: Person
    owner: Mailbox
    calendar: Calendar
    call: Call
    leak_private: bool = False

    @property
    def role(self) -> str:
        """What the viewer may do here."""
        return rights.role_of(self.viewer, self.owner, self.calendar)

    @property
    def zone(self) -> str:
        """The zone in which times are sent."""
        wanted = self.call.prefer.get("outlook.timezone", "UTC")
        zone_called(wanted)
        return wanted


def shown_calendar(view: View) -> Json:
    """A calendar."""
    calendar, role = view.calendar, view.role
    own = role == "owner"
    return {
        "@odata.etag": f'W/"{calendar.key}"',
        "id": calendar.id,
        "name": calendar.name if own or not calendar.default else view.owner.person.name,
        "color": calendar.colour,
        "hexColor": calendar.hex_colour,
        "changeKey": calendar.key,
        "canShare": own,
        "canViewPrivateItems": rights.sees_private(role),
        "canEdit": rights.rank(role) >= 4,
        "isDefaultCalendar": calendar.default and own,
        "isRemovable": own and not calendar.default,
        "isTallyingResponses": calendar.default,
        "allowedOnlineMeetingProviders": ["teamsForBusiness"] if own else [],
        "defaultOnlineMeetingProvider": "teamsForBusiness" if own else "unknown",
        "owner": {"name": view.owner.person.name, "address": view.owner.person.address},
    }


def shown(instance: Instance, view: View) -> Json:
    """An event, with what the viewer's role shows of it."""
    item, call = instance.item, view.call
    facts, whole = rights.facts_for(instance.facts, view.role, leak_private=view.leak_private)
    body = facts.get("body", {"contentType": "html", "content": ""})
    found = _head(instance) | _times(instance, view) | _texts(facts)
    found["hasAttachments"] = whole and bool(item.attachments)
    found["bodyPreview"] = bodies.preview(body)
    found["body"] = bodies.sent(body, call.prefer.get("outlook.body-content-type", "html"))
    people = facts.get("attendees", []) if whole else []
    found["attendees"] = people
    organizer = facts.get("organizer", _recipient(view.owner.person)) if whole else _recipient(view.owner.person)
    found["organizer"] = organizer
    found["isOrganizer"] = organizer["emailAddress"]["address"].lower() == view.owner.person.address.lower()
    found["responseStatus"] = facts.get("responseStatus", {"response": "organizer", "time": "0001-01-01T00:00:00Z"})
    if whole:
        _expand(found, instance, view)
    return found


def _recipient(person: Person) -> Json:
    return {"emailAddress": {"name": person.name, "address": person.address}}


def _head(instance: Instance) -> Json:
    item = instance.item
    return {
        "@odata.etag": f'W/"{item.key}"',
        "id": instance.id,
        "createdDateTime": offset(item.created),
        "lastModifiedDateTime": offset(item.modified),
        "changeKey": item.key,
        "transactionId": item.transaction or None,
        "iCalUId": item.uid,
        "seriesMasterId": item.id if instance.day else None,
        "type": instance.kind,
        "webLink": "https://outlook.example.org/",
    }


def _times(instance: Instance, view: View) -> Json:
    item = instance.item
    zone = view.zone
    if item.all_day:
        begin, end = written(instance.start, zone), written(instance.end, zone)
    else:
        begin = written(wall_in(instance.begin, zone), zone)
        end = written(wall_in(instance.finish, zone), zone)
    found: Json = {
        "start": begin,
        "end": end,
        "originalStartTimeZone": instance.zone,
        "originalEndTimeZone": item.facts.get("@endZone", instance.zone),
        "recurrence": item.recurrence if instance.kind == "seriesMaster" else None,
    }
    if instance.day:
        start = item.start.replace(year=instance.day.year, month=instance.day.month, day=instance.day.day)
        found["originalStart"] = offset(to_utc(start, "UTC" if item.all_day else item.zone))
    return found


def _texts(facts: Json) -> Json:
    return {
        "subject": facts.get("subject", ""),
        "importance": facts.get("importance", "normal"),
        "sensitivity": facts.get("sensitivity", "normal"),
        "showAs": facts.get("showAs", "busy"),
        "isAllDay": facts.get("isAllDay", False),
        "isCancelled": facts.get("isCancelled", False),
        "isDraft": False,
        "isReminderOn": facts.get("isReminderOn", False),
        "reminderMinutesBeforeStart": facts.get("reminderMinutesBeforeStart", 15),
        "responseRequested": facts.get("responseRequested", True),
        "allowNewTimeProposals": facts.get("allowNewTimeProposals", True),
        "hideAttendees": facts.get("hideAttendees", False),
        "isOnlineMeeting": facts.get("isOnlineMeeting", False),
        "onlineMeetingProvider": facts.get("onlineMeetingProvider", "unknown"),
        "onlineMeetingUrl": None,
        "onlineMeeting": None,
        "categories": facts.get("categories", []),
        "location": facts.get("location", {"displayName": "", "locationType": "default"}),
        "locations": [facts["location"]] if facts.get("location", {}).get("displayName") else [],
    }


def _expand(found: Json, instance: Instance, view: View) -> None:
    item, wanted = instance.item, expanded(view.call)
    if "singleValueExtendedProperties" in wanted:
        asked = set(re.findall(r"id eq '((?:[^']|'')*)'", view.call.query["$expand"]))
        pairs = [{"id": name, "value": value} for name, value in item.extended.items() if name in asked]
        if pairs:
            found["singleValueExtendedProperties"] = pairs
    found["@extended"] = item.extended  # for $filter only; `clean` takes it out
    if "attachments" in wanted:
        found["attachments"] = list(item.attachments.values())
    if instance.kind != "seriesMaster":
        return
    if "exceptionOccurrences" in wanted:
        found["exceptionOccurrences"] = [clean(shown(item.instance(day), view)) for day in sorted(item.exceptions)]
    if "cancelledOccurrences" in view.call.query.get("$select", ""):
        found["cancelledOccurrences"] = [_place(item, day) for day in sorted(item.cancelled)]


def _place(item: Item, day: object) -> str:
    return f"OID.{item.id}.{day}"


def clean(found: Json) -> Json:
    """Without what only this server's own filters look at."""
    return {name: value for name, value in found.items() if name != "@extended"}


def brief(found: Json) -> Json:
    """An occurrence in a delta answer: where it is, and of what."""
    keep = ("@odata.etag", "id", "seriesMasterId", "type", "start", "end")
    return {"@odata.type": "#microsoft.graph.event"} | {name: found[name] for name in keep}
