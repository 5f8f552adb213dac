"""Our events in Graph's words."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo

from core.backends.graph.rules import recurrence_of
from core.backends.graph.wire import Json
from core.calendar.event import BusyStatus, CalendarObject, Event, Moment, Sensitivity
from core.calendar.zones import windows_name, zone_for, zone_name
from core.errors import Refused
from core.language import _

_SHOW = {
    BusyStatus.FREE: "free",
    BusyStatus.TENTATIVE: "tentative",
    BusyStatus.BUSY: "busy",
    BusyStatus.OUT_OF_OFFICE: "oof",
    BusyStatus.WORKING_ELSEWHERE: "workingElsewhere",
}
_IMPORTANCE = {0: "low", 2: "high"}


def vet(thing: CalendarObject) -> None:
    """Raise Refused for what Graph has no words for."""
    master = thing.master
    if master is None:
        raise Refused(
            _("Microsoft 365 cannot hold single instances of a series that is not there."),
            _("Import the whole series, or keep it in another calendar."),
        )
    if master.rdates or any(one.rdates for one in thing.overrides):
        raise Refused(
            _("Microsoft 365 cannot hold additional dates of a series."), _("Make events of their own of them.")
        )
    if any(one.this_and_future for one in thing.overrides):
        raise Refused(
            _("Microsoft 365 cannot hold a change of “this and all following” inside one series."),
            _("Make two series of it."),
        )
    if master.rrule:
        recurrence_of(master.rrule, master.start, "UTC")


def facts_of(event: Event, zone: tzinfo) -> Json:
    """All that an event says but its repetition. `zone`: where floating times are meant."""
    minutes = _reminder(event)
    found: Json = {
        "subject": event.title,
        "body": _body(event),
        "start": moment(event.start, zone),
        "end": moment(event.end, zone),
        "isAllDay": event.all_day,
        "location": {"displayName": event.place},
        "showAs": _SHOW[event.status],
        "sensitivity": _sensitivity(event),
        "importance": _IMPORTANCE.get(event.importance if event.importance is not None else 1, "normal"),
        "categories": list(event.categories),
        "isReminderOn": minutes is not None,
    }
    if minutes is not None:
        found["reminderMinutesBeforeStart"] = minutes
    return found


def rule_facts(event: Event, zone: tzinfo) -> Json:
    """The repetition of a master; null takes it away."""
    if not event.rrule:
        return {"recurrence": None}
    name = moment(event.start, zone)["timeZone"]
    return {"recurrence": recurrence_of(event.rrule, event.start, name)}


def moment(value: Moment, zone: tzinfo) -> Json:
    """A `dateTimeTimeZone`, by the Windows name of the zone where it has one (Outlook knows no other)."""
    if not isinstance(value, datetime):
        return {"dateTime": f"{datetime.combine(value, time()):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
    own = value.tzinfo or zone
    name = zone_name(own)
    if zone_for(name) is None:  # an offset, or a zone of a file's own
        value, name = value.replace(tzinfo=own).astimezone(UTC), "UTC"
    return {"dateTime": f"{value:%Y-%m-%dT%H:%M:%S}", "timeZone": windows_name(name) or name}


def _sensitivity(event: Event) -> str:
    return "normal" if event.sensitivity in (None, Sensitivity.PUBLIC) else str(event.sensitivity)


def _body(event: Event) -> Json:
    if event.html:
        return {"contentType": "html", "content": event.html}
    return {"contentType": "text", "content": event.description}


def _reminder(event: Event) -> int | None:
    """Minutes before the start of the first alarm that shows something; Graph holds one."""
    for alarm in event.alarms:
        if isinstance(alarm.trigger, timedelta) and alarm.trigger <= timedelta() and alarm.action != "NONE":
            return int(-alarm.trigger.total_seconds() // 60)
    return None


def differences(before: Json, after: Json) -> Json:
    """What of `after` is not in `before`; times always travel in pairs."""
    found = {name: value for name, value in after.items() if before.get(name) != value}
    if {"start", "end", "isAllDay"} & set(found):
        found |= {name: after[name] for name in ("start", "end", "isAllDay")}
    return found
