"""Repetitions: RFC 5545's rules to Graph's `patternedRecurrence` and back, through the choices of Outlook's dialog.

Graph has words for nothing else, so a rule that the dialog does not have is refused before anything is written.
"""

from __future__ import annotations

from datetime import date

from core.backends.graph.wire import Json
from core.calendar.event import Moment
from core.calendar.patterns import Pattern, PatternKind, pattern_of, rule_of
from core.calendar.rule_text import parts_of, wall
from core.errors import Refused, UsageError
from core.language import _

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PLACES = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_TYPES = {
    PatternKind.DAILY: "daily",
    PatternKind.EVERY_WEEKDAY: "weekly",
    PatternKind.WEEKLY: "weekly",
    PatternKind.MONTHLY_DAY: "absoluteMonthly",
    PatternKind.MONTHLY_PLACE: "relativeMonthly",
    PatternKind.YEARLY_DAY: "absoluteYearly",
    PatternKind.YEARLY_PLACE: "relativeYearly",
}
_KINDS = {
    "daily": PatternKind.DAILY,
    "weekly": PatternKind.WEEKLY,
    "absoluteMonthly": PatternKind.MONTHLY_DAY,
    "relativeMonthly": PatternKind.MONTHLY_PLACE,
    "absoluteYearly": PatternKind.YEARLY_DAY,
    "relativeYearly": PatternKind.YEARLY_PLACE,
}


def recurrence_of(rule: str, start: Moment, zone: str) -> Json:
    """The rule of a series that starts then, in Graph's words. Raises Refused for what Graph has none for."""
    pattern = pattern_of(rule, start)
    if pattern is None:
        raise Refused(
            _("Microsoft 365 cannot hold this repetition: {rule}").format(rule=rule),
            _("Choose one that the Repetition dialog has, or keep the event in another calendar."),
        )
    if _leaves_months_out(rule, start):
        raise Refused(
            _("Microsoft 365 has no repetition that leaves out the months without a day {day}.").format(
                day=wall(start).day
            ),
            _("Choose the last day of the month, or a day that every month has."),
        )
    if not _begins_on_its_day(pattern, wall(start).date()):
        raise Refused(
            _("A series in Microsoft 365 begins on one of its own days, and this one does not."),
            _("Let it start on the first day on which it repeats."),
        )
    return {"pattern": _pattern(pattern), "range": _range(pattern, wall(start).date(), zone)}


def _pattern(pattern: Pattern) -> Json:
    found: Json = {"type": _TYPES[pattern.kind], "interval": pattern.interval}
    days = tuple(range(5)) if pattern.kind is PatternKind.EVERY_WEEKDAY else pattern.days
    match found["type"]:
        case "weekly":
            found |= {"daysOfWeek": [DAYS[day] for day in days], "firstDayOfWeek": DAYS[pattern.week_start]}
        case "absoluteMonthly" | "absoluteYearly":
            found["dayOfMonth"] = pattern.day
        case "relativeMonthly" | "relativeYearly":
            found |= {"daysOfWeek": [DAYS[day] for day in days], "index": _PLACES[pattern.place]}
    if found["type"].endswith("Yearly"):
        found["month"] = pattern.month
    return found


def _range(pattern: Pattern, first: date, zone: str) -> Json:
    found: Json = {"startDate": first.isoformat(), "recurrenceTimeZone": zone}
    if pattern.count is not None:
        return {**found, "type": "numbered", "numberOfOccurrences": pattern.count}
    if pattern.until is not None:
        return {**found, "type": "endDate", "endDate": pattern.until.isoformat()}
    return {**found, "type": "noEnd"}


def _leaves_months_out(rule: str, start: Moment) -> bool:
    """RFC 5545 leaves out a 31 June; Graph, as Outlook, takes the last day instead."""
    parts = parts_of(rule)
    day, first = parts.get("BYMONTHDAY", ""), wall(start)
    if "BYDAY" in parts or "BYSETPOS" in parts or day == "-1":
        return False
    number = int(day) if day.isdecimal() else first.day
    if parts.get("FREQ") == "MONTHLY":
        return number > 28
    month = int(parts.get("BYMONTH", "") or first.month)
    return parts.get("FREQ") == "YEARLY" and month == 2 and number > 28


def _begins_on_its_day(pattern: Pattern, first: date) -> bool:  # noqa: PLR0911 - a table of kinds
    match pattern.kind:
        case PatternKind.DAILY:
            return True
        case PatternKind.EVERY_WEEKDAY:
            return first.weekday() < 5
        case PatternKind.WEEKLY:
            return first.weekday() in pattern.days
        case PatternKind.MONTHLY_DAY:
            return _is_day(pattern.day, first)
        case PatternKind.YEARLY_DAY:
            return first.month == pattern.month and _is_day(pattern.day, first)
        case PatternKind.MONTHLY_PLACE:
            return _is_place(pattern, first)
        case PatternKind.YEARLY_PLACE:
            return first.month == pattern.month and _is_place(pattern, first)


def _is_day(day: int, first: date) -> bool:
    return first.day == min(day, _length(first))


def _length(day: date) -> int:
    from calendar import monthrange

    return monthrange(day.year, day.month)[1]


def _is_place(pattern: Pattern, first: date) -> bool:
    days = [n for n in range(1, _length(first) + 1) if first.replace(day=n).weekday() in pattern.days]
    index = pattern.place if pattern.place < 0 else pattern.place - 1
    return bool(days) and first.day == days[index]


def rule_from(recurrence: Json, start: Moment) -> str:
    """Graph's recurrence as a rule. Raises ValueError for what is none."""
    pattern, span = recurrence["pattern"], recurrence["range"]
    kind = _KINDS[pattern["type"]]
    until = date.fromisoformat(span["endDate"]) if span["type"] == "endDate" else None
    if until is not None and until < wall(start).date():
        until = wall(start).date()
    days = tuple(sorted(DAYS.index(name) for name in pattern.get("daysOfWeek") or ()))
    month = int(pattern.get("month") or 0) or wall(start).month
    day = int(pattern.get("dayOfMonth") or 0) or wall(start).day
    if kind is PatternKind.YEARLY_DAY:
        day = min(day, (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1])
    place = {name: number for number, name in _PLACES.items()}.get(pattern.get("index") or "first", 1)
    week = DAYS.index(pattern.get("firstDayOfWeek") or "sunday")
    try:
        found = Pattern(
            kind,
            interval=int(pattern.get("interval") or 1),
            days=days,
            day=day,
            place=place,
            month=month,
            week_start=week if kind is PatternKind.WEEKLY else 0,
            count=int(span["numberOfOccurrences"]) if span["type"] == "numbered" else None,
            until=until,
        )
        return rule_of(found, start)
    except UsageError as error:
        raise ValueError(error.message) from error
