"""What an event has and Graph has no property for, kept with it in an extended property of our own.

Among it are its UID and its people: with `attendees` Graph would write to them by itself, and inviting is the services'
affair. Other programs neither show nor change it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from core.backends.graph.wire import Json
from core.calendar.event import (
    TOLD_BY_SERVER,
    Alarm,
    Attachment,
    Attendee,
    AttendeeKind,
    CalendarObject,
    Event,
    EventState,
    Moment,
    Response,
    Role,
)
from core.calendar.zones import zone_name
from core.json_text import read_json

_SET = "String {c9d0d7ac-0a6b-4f27-8d4b-37a1a6f0a6de} Name"
KEY = f"{_SET} PartagendaKey"
FACTS = f"{_SET} PartagendaFacts"
UNFINISHED = "…"
"""Stands behind the key while a write is only partly in the event."""
EXPAND = f"singleValueExtendedProperties($filter=id eq '{KEY}' or id eq '{FACTS}')"
_MOST = 16_000
"""Characters; what does not fit of other programs' own properties is left out."""


def properties(thing: CalendarObject, key: str, *, unfinished: bool = False) -> list[Json]:
    """Both properties as they are written."""
    mark = UNFINISHED if unfinished else ""
    return [{"id": KEY, "value": key + mark}, {"id": FACTS, "value": json.dumps(_facts(thing), ensure_ascii=False)}]


def found_in(event: Json) -> tuple[str, bool, dict[str, Any]]:
    """Key, whether its write is unfinished, and the facts."""
    values = {one.get("id"): str(one.get("value", "")) for one in event.get("singleValueExtendedProperties") or []}
    key = values.get(KEY, "")
    try:
        facts = read_json(values.get(FACTS, "") or "{}")
    except ValueError:
        facts = {}
    return key.removesuffix(UNFINISHED), key.endswith(UNFINISHED), facts if isinstance(facts, dict) else {}


def instance_key(moment: Moment) -> str:
    """How the facts name an instance."""
    return f"{moment:%Y-%m-%d}"


def _facts(thing: CalendarObject) -> dict[str, Any]:
    found: dict[str, Any] = {"uid": thing.uid}
    if thing.master is not None and (own := _of(thing.master)):
        found["own"] = own
    instances = {instance_key(one.recurrence_id): _of(one) for one in thing.overrides if one.recurrence_id is not None}
    if any(instances.values()):
        found["instances"] = instances
    if len(json.dumps(found)) > _MOST:
        for facts in (found.get("own", {}), *instances.values()):
            facts.pop("extra", None)
    return found


def _of(event: Event) -> dict[str, Any]:
    """What Graph has no field for; what is empty or as it usually is is left out."""
    zone = getattr(event.start, "tzinfo", None)
    every = {
        "url": event.url,
        "priority": event.priority,
        "state": "" if event.state is EventState.CONFIRMED else event.state.value,
        "sensitivity": event.sensitivity.value if event.sensitivity else "",
        "people": [_person(one) for one in event.attendees],
        "organizer": _person(event.organizer) if event.organizer else [],
        "alarms": [[int(one.trigger.total_seconds()), one.action, one.description]
                   for one in event.alarms if isinstance(one.trigger, timedelta)],
        "links": [[one.name, one.url] for one in event.attachments if one.url],
        "zone": zone_name(zone) if zone is not None else "",
        "floating": not event.all_day and zone is None,
        "sequence": event.sequence,
        "extra": [line for line in event.extra if len(line) < 1000 and line != TOLD_BY_SERVER],
    }  # fmt: skip
    return {name: value for name, value in every.items() if value}


def _person(one: Attendee) -> list[Any]:
    return [one.address, one.name, one.role.value, one.response.value, one.kind.value, one.rsvp]


def with_facts(event: Event, facts: Mapping[str, Any]) -> Event:
    """The event as it was written, where Graph does not say otherwise; what is not as we write it is passed over."""
    try:
        return _with(event, facts)
    except (ValueError, TypeError, KeyError, IndexError):
        return event


def _with(event: Event, facts: Mapping[str, Any]) -> Event:
    """What Graph says itself of people and organizer goes before what was kept."""
    people = event.attendees or tuple(_attendee(one) for one in facts.get("people", ()))
    organizer = event.organizer or (_attendee(facts["organizer"]) if facts.get("organizer") else None)
    links = tuple(Attachment(name=str(name), url=str(url)) for name, url in facts.get("links", ()))
    state = event.state if event.cancelled else EventState(facts.get("state") or event.state)
    return replace(
        event,
        url=str(facts.get("url", "")),
        priority=int(facts.get("priority", 0)),
        state=state,
        attendees=people,
        organizer=organizer,
        alarms=_alarms(event, facts),
        attachments=(*event.attachments, *links),
        sequence=int(facts.get("sequence", 0)),
        extra=(*event.extra, *(str(line) for line in facts.get("extra", ()))),
    )


def _alarms(event: Event, facts: Mapping[str, Any]) -> tuple[Alarm, ...]:
    """Ours, as long as the reminder that Graph has is one of them."""
    ours = tuple(Alarm(timedelta(seconds=int(s)), str(a), str(d)) for s, a, d in facts.get("alarms", ()))
    told = {one.trigger for one in event.alarms}
    return ours if ours and (told & {one.trigger for one in ours}) else event.alarms


def _attendee(given: list[Any]) -> Attendee:
    address, name, role, response, kind, rsvp = given
    return Attendee(str(address), str(name), Role(role), Response(response), AttendeeKind(kind), bool(rsvp))
