"""Making, changing and taking away events, with Exchange's rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

from core.sandbox.graph import bodies
from core.sandbox.graph.model import Calendar, Change, Item, new_id
from core.sandbox.graph.recurrence import checked
from core.sandbox.graph.times import pair, to_utc
from core.sandbox.graph.wire import GraphError, Json, bad

SETTABLE = frozenset(
    (
        *("subject", "body", "start", "end", "location", "locations", "attendees", "isAllDay", "showAs", "sensitivity"),
        *("importance", "categories", "recurrence", "reminderMinutesBeforeStart", "isReminderOn", "responseRequested"),
        *("allowNewTimeProposals", "hideAttendees", "isOnlineMeeting", "onlineMeetingProvider", "transactionId"),
        *("singleValueExtendedProperties", "originalStartTimeZone"),
    )
)
_NOT_FACTS = ("start", "end", "recurrence", "transactionId", "singleValueExtendedProperties", "originalStartTimeZone")
_SHOW = ("free", "tentative", "busy", "oof", "workingElsewhere", "unknown")
_SENSITIVE = ("normal", "personal", "private", "confidential")
_FLAGS = ("isAllDay", "isReminderOn", "responseRequested", "allowNewTimeProposals", "hideAttendees", "isOnlineMeeting")
_DAY = timedelta(days=1)


def make(calendar: Calendar, body: Json) -> tuple[Item, bool]:
    """A new event, and whether it is new: the same transactionId again is the event that is there."""
    _known(body)
    transaction = str(body.get("transactionId") or "")
    if transaction:
        for item in calendar.items.values():
            if item.transaction == transaction:
                return item, False
    start, zone = pair(body.get("start"), "start")
    end, end_zone = pair(body.get("end"), "end")
    facts = _facts(body, {})
    _in_order(start, zone, end, end_zone, bool(facts.get("isAllDay")))
    if end_zone != zone:
        facts["@endZone"] = end_zone
    item = Item(new_id("E"), "", facts, start, _end_in(end, end_zone, zone), zone, transaction=transaction)
    item.uid = f"040000008200E00074C5B7101A82E008{item.id[-24:-1].encode().hex().upper()}"
    if body.get("recurrence"):
        item.recurrence = checked(body["recurrence"], start.date(), zone)
        _not_too_long(item)
    item.extended = _extended(body)
    calendar.items[item.id] = item
    return item, True


def _end_in(end: datetime, end_zone: str, zone: str) -> datetime:
    """The end on the wall clock of the start's zone."""
    from core.sandbox.graph.times import wall_in

    return end if end_zone == zone else wall_in(to_utc(end, end_zone), zone)


def _known(body: Json) -> None:
    unknown = [name for name in body if name not in SETTABLE and not name.startswith("@odata")]
    if unknown:
        raise bad(f"The property '{unknown[0]}' does not exist on type 'microsoft.graph.event' or cannot be set.",
                  "RequestBodyRead")  # fmt: skip


def _facts(body: Json, old: Json) -> Json:
    facts = {**old, **{name: value for name, value in body.items() if name in SETTABLE and name not in _NOT_FACTS}}
    if "body" in body:
        facts["body"] = bodies.kept(body["body"])
    if "locations" in body and "location" not in body:
        facts["location"] = (body["locations"] or [{"displayName": ""}])[0]
    facts.pop("locations", None)
    if "location" in body:
        facts["location"] = {"displayName": "", "locationType": "default", **(body["location"] or {})}
    for name in _FLAGS:
        if facts.get(name) in ("true", "false"):  # Graph is as lenient, and clients rely on it
            facts[name] = facts[name] == "true"
    for name, allowed in (("showAs", _SHOW), ("sensitivity", _SENSITIVE), ("importance", ("low", "normal", "high"))):
        if facts.get(name, allowed[0]) not in allowed:
            raise bad(f"The value of '{name}' is not valid.", "ErrorPropertyValidationFailure")
    if len(str(facts.get("subject", ""))) > 255 * 4:
        raise bad("The subject is too long.", "ErrorPropertyValidationFailure")
    return facts


def _in_order(start: datetime, zone: str, end: datetime, end_zone: str, all_day: bool) -> None:
    if to_utc(end, end_zone) < to_utc(start, zone):
        raise bad("The end of the event is earlier than its start.", "ErrorCalendarEndDateIsEarlierThanStartDate")
    midnight = start.time() == end.time() == datetime.min.time()
    if all_day and (not midnight or end - start < _DAY):
        raise bad("The Event.Start property for an all-day event needs to be set to midnight.",
                  "ErrorPropertyValidationFailure")  # fmt: skip
    if end - start > timedelta(days=1825):
        raise bad("The event is longer than five years.", "ErrorCalendarDurationIsTooLong")


def _not_too_long(item: Item) -> None:
    places = [day for day, _n in zip(item.days(date(4500, 1, 1)), range(3), strict=False)]
    if not places:
        raise bad("The recurrence has no occurrence.", "ErrorRecurrenceHasNoOccurrence")
    gaps = [later - sooner for sooner, later in pairwise(places)]
    if gaps and item.end - item.start > min(gaps):
        raise bad("The occurrence is longer than the time to the next one.", "ErrorOccurrenceTimeSpanTooBig")


def _extended(body: Json) -> dict[str, str]:
    found = body.get("singleValueExtendedProperties") or []
    if not all(isinstance(one, dict) and one.get("id") and isinstance(one.get("value"), str) for one in found):
        raise bad("An extended property needs an id and a value.", "ErrorInvalidArgument")
    return {one["id"]: one["value"] for one in found}


def unchanged(item: Item, wanted: str) -> None:
    """Raise 412 when `If-Match` names another version."""
    keys = [piece.strip().removeprefix("W/").strip('"') for piece in wanted.split(",")] if wanted else ["*"]
    if "*" not in keys and item.key not in keys:
        raise GraphError(412, "ErrorIrresolvableConflict",
                         "The send or update operation could not be performed because the change key passed in the"
                         " request does not match the current change key for the item.")  # fmt: skip


def change(item: Item, day: date | None, body: Json) -> bool:
    """Change an event or one instance; whether people who are invited must hear of it."""
    _known(body)
    if day is not None:
        return _change_instance(item, day, body)
    start, zone = pair(body["start"], "start") if "start" in body else (item.start, item.zone)
    end, end_zone = pair(body["end"], "end") if "end" in body else (item.end, item.zone)
    facts = _facts(body, item.facts)
    _in_order(start, zone, end, end_zone, bool(facts.get("isAllDay")))
    recurrence = item.recurrence
    if "recurrence" in body:
        recurrence = checked(body["recurrence"], start.date(), zone) if body["recurrence"] else None
    elif recurrence and start.date() != item.start.date():
        recurrence = checked({**recurrence, "range": {**recurrence["range"], "startDate": start.date().isoformat()}},
                             start.date(), zone)  # fmt: skip
    moved = (start, zone, _end_in(end, end_zone, zone), recurrence) != (
        item.start, item.zone, item.end, item.recurrence)  # fmt: skip
    item.start, item.zone, item.end = start, zone, _end_in(end, end_zone, zone)
    item.recurrence, item.facts = recurrence, facts
    if end_zone != zone and "end" in body:
        item.facts["@endZone"] = end_zone
    if moved:  # Exchange forgets what the instances had of their own
        item.exceptions.clear()
        item.cancelled.clear()
    item.extended |= _extended(body)
    item.touch()
    return moved or "location" in body or "attendees" in body


def _change_instance(item: Item, day: date, body: Json) -> bool:
    if "recurrence" in body:
        raise bad("An occurrence has no recurrence of its own.", "ErrorOccurrenceCannotBeRecurring")
    now = item.instance(day)
    start, zone = pair(body["start"], "start") if "start" in body else (now.start, now.zone)
    end, end_zone = pair(body["end"], "end") if "end" in body else (now.end, now.zone)
    own = item.exceptions[day].facts if day in item.exceptions else {}
    facts = _facts(body, {**item.facts, **own})
    _in_order(start, zone, end, end_zone, bool(facts.get("isAllDay")))
    _between_neighbours(item, day, start.date())
    different = {name: value for name, value in facts.items() if name in body or name in own}
    if "locations" in body:
        different["location"] = facts["location"]
    item.exceptions[day] = Change(different, start, _end_in(end, end_zone, zone), zone)
    item.extended |= _extended(body)
    item.touch()
    return "start" in body or "end" in body or "location" in body


def _between_neighbours(item: Item, day: date, wanted: date) -> None:
    """An instance stays between those before and after it (ErrorOccurrenceCrossingBoundary)."""
    before = after = None
    for place in item.days(day + timedelta(days=3700)):
        where = item.exceptions[place].start.date() if place in item.exceptions else place
        if place < day:
            before = where
        elif place > day:
            after = where
            break
    if (before and wanted <= before) or (after and wanted >= after):
        raise bad("Modified occurrence is crossing or overlapping adjacent occurrence.",
                  "ErrorOccurrenceCrossingBoundary")  # fmt: skip


def remove(calendar: Calendar, item: Item, day: date | None) -> None:
    """Take an event away, or one instance out of its series."""
    if day is None:
        del calendar.items[item.id]
        return
    item.exceptions.pop(day, None)
    item.cancelled.add(day)
    item.touch()
