"""Graph's `patternedRecurrence`: checked as Exchange checks it, and its days counted one by one."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

from core.sandbox.graph.times import zone_called
from core.sandbox.graph.wire import Json, bad

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = ("first", "second", "third", "fourth")
_NEEDS = {
    "daily": (),
    "weekly": ("daysOfWeek",),
    "absoluteMonthly": ("dayOfMonth",),
    "relativeMonthly": ("daysOfWeek",),
    "absoluteYearly": ("dayOfMonth", "month"),
    "relativeYearly": ("daysOfWeek", "month"),
}
_DEFAULTS = {"interval": 1, "month": 0, "dayOfMonth": 0, "firstDayOfWeek": "sunday", "index": "first"}
_RANGE_DEFAULTS = {"recurrenceTimeZone": "", "numberOfOccurrences": 0}
LAST_DAY = date(4500, 12, 31)


def checked(value: Json, first: date, zone: str) -> Json:
    """The recurrence with the server's defaults filled in. Raises 400."""
    pattern, span = value.get("pattern") or {}, value.get("range") or {}
    kind = pattern.get("type")
    if kind not in _NEEDS:
        raise bad("The recurrence pattern is missing or not valid.", "ErrorPropertyValidationFailure")
    missing = [name for name in _NEEDS[kind] if not pattern.get(name)]
    if missing or int(pattern.get("interval", 0)) < 1:
        raise bad(f"The recurrence pattern needs {missing or ['interval']}.", "ErrorPropertyValidationFailure")
    ends = span.get("type")
    if ends not in ("endDate", "noEnd", "numbered") or not span.get("startDate"):
        raise bad("The recurrence range is missing or not valid.", "ErrorPropertyValidationFailure")
    if span["startDate"] != first.isoformat():
        raise bad("The recurrence range must start on the day of the event.", "ErrorInvalidRecurrence")
    if ends == "endDate" and str(span.get("endDate", "")) < span["startDate"]:
        raise bad("The end date is earlier than the start date.", "ErrorRecurrenceEndDateTooEarly")
    if ends == "numbered" and int(span.get("numberOfOccurrences", 0)) < 1:
        raise bad("A numbered recurrence needs occurrences.", "ErrorRecurrenceHasNoOccurrence")
    zone_called(span.get("recurrenceTimeZone") or zone)
    full = {**_DEFAULTS, **pattern}
    span = {**_RANGE_DEFAULTS, **span}
    if ends != "endDate":
        span["endDate"] = "0001-01-01"
    return {"pattern": full, "range": {**span, "recurrenceTimeZone": span["recurrenceTimeZone"] or zone}}


def days(recurrence: Json, until: date) -> Iterator[date]:
    """The days of the series in order, none after `until`."""
    span = recurrence["range"]
    first = date.fromisoformat(span["startDate"])
    last = date.fromisoformat(span["endDate"]) if span["type"] == "endDate" else LAST_DAY
    left = int(span["numberOfOccurrences"]) if span["type"] == "numbered" else -1
    for day in _candidates(recurrence["pattern"], first, min(last, until)):
        if day < first:
            continue
        if day > min(last, until) or left == 0:
            return
        left -= 1
        yield day


def _candidates(pattern: Json, first: date, last: date) -> Iterator[date]:
    step = int(pattern["interval"])
    match pattern["type"]:
        case "daily":
            day = first
            while day <= last:
                yield day
                day += timedelta(days=step)
        case "weekly":
            yield from _weeks(pattern, first, last, step)
        case "absoluteMonthly" | "relativeMonthly":
            for turn in count():
                month = first.year * 12 + first.month - 1 + turn * step
                if date(month // 12, month % 12 + 1, 1) > last:
                    return
                yield from _in_month(pattern, month // 12, month % 12 + 1)
        case _:
            for year in range(first.year, last.year + 1, step):
                yield from _in_month(pattern, year, int(pattern["month"]))


def _weeks(pattern: Json, first: date, last: date, step: int) -> Iterator[date]:
    begins = DAYS.index(pattern["firstDayOfWeek"])
    week = first - timedelta(days=(first.weekday() - begins) % 7)
    wanted = sorted((DAYS.index(name) - begins) % 7 for name in pattern["daysOfWeek"])
    while week <= last:
        yield from (week + timedelta(days=number) for number in wanted)
        week += timedelta(weeks=step)


def _in_month(pattern: Json, year: int, month: int) -> Iterator[date]:
    length = monthrange(year, month)[1]
    if pattern["type"].startswith("absolute"):
        yield date(year, month, min(int(pattern["dayOfMonth"]), length))
        return
    wanted = {DAYS.index(name) for name in pattern["daysOfWeek"]}
    found = [day for n in range(1, length + 1) if (day := date(year, month, n)).weekday() in wanted]
    place = pattern["index"]
    yield found[-1] if place == "last" else found[_WEEK.index(place)]
