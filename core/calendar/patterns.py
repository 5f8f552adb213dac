"""Outlook's *Appointment Recurrence* dialog as a value: its patterns, to and from the text of a rule, and in words.

Daily: every n days, or every weekday. Weekly: every n weeks on some days. Monthly and yearly: on a day of the month,
or on the first to fourth or last day, weekday, weekend day or Monday to Sunday. Range: no end, after n, or by a date.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum

from core.calendar.event import Moment
from core.calendar.rule_text import DAY_CODES, joined, last_day, month_day_parts, parts_of, until_on, wall
from core.errors import UsageError
from core.language import N_, _, ngettext
from core.language.dates import day_name, month_name, short_date, week_days
from core.values import dataclass

WEEKDAYS = tuple(range(5))
WEEKEND = (5, 6)
EVERY_DAY = tuple(range(7))
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
PLACES = (1, 2, 3, 4, -1)
"""First, second, third, fourth, last."""


class PatternKind(StrEnum):
    """The choices of the dialog."""

    DAILY = "daily"
    EVERY_WEEKDAY = "every-weekday"
    WEEKLY = "weekly"
    MONTHLY_DAY = "monthly-day"
    MONTHLY_PLACE = "monthly-place"
    YEARLY_DAY = "yearly-day"
    YEARLY_PLACE = "yearly-place"


_FREQUENCY = {
    PatternKind.DAILY: "DAILY",
    PatternKind.EVERY_WEEKDAY: "WEEKLY",
    PatternKind.WEEKLY: "WEEKLY",
    PatternKind.MONTHLY_DAY: "MONTHLY",
    PatternKind.MONTHLY_PLACE: "MONTHLY",
    PatternKind.YEARLY_DAY: "YEARLY",
    PatternKind.YEARLY_PLACE: "YEARLY",
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """One choice of the dialog. Fields that the kind does not use hold their default.

    `days` are Python weekday numbers: those of a week, or what `place` counts (all seven: any day; Monday to Friday:
    weekdays). Neither `count` nor `until`: no end. `until` is the last day, included.
    """

    kind: PatternKind
    interval: int = 1
    days: tuple[int, ...] = ()
    day: int = 1
    place: int = 1
    month: int = 1
    week_start: int = 0
    count: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.interval <= 999:
            raise UsageError(_("A repetition comes every 1 to 999 times."))
        if self.count is not None and not 1 <= self.count <= 9999:
            raise UsageError(_("A repetition ends after 1 to 9999 times."))
        if self.count is not None and self.until is not None:
            raise UsageError(_("A repetition ends after a number of times, or by a date, not both."))
        placed = self.kind in (PatternKind.MONTHLY_PLACE, PatternKind.YEARLY_PLACE)
        if (placed or self.kind is PatternKind.WEEKLY) and not self.days:
            raise UsageError(_("Choose at least one day of the week."))
        if placed and self.place not in PLACES:
            raise UsageError(_("Choose the first, second, third, fourth or last one."))
        if not 1 <= self.day <= 31 or not 1 <= self.month <= 12:
            raise UsageError(_("There is no such day."))


def suggested(kind: PatternKind, start: Moment) -> Pattern:
    """What the dialog shows first for an event that starts then."""
    day = wall(start).date()
    place = (day.day - 1) // 7 + 1
    return Pattern(
        kind, days=(day.weekday(),), day=day.day, place=-1 if place == 5 else place, month=day.month, week_start=0
    )


# to a rule -------------------------------------------------------------------------------------------------


def rule_of(pattern: Pattern, start: Moment) -> str:
    """The pattern as the value of an RRULE, for a series that starts at `start` (whose kind UNTIL must have)."""
    parts = {"FREQ": _FREQUENCY[pattern.kind]}
    if pattern.interval > 1 and pattern.kind is not PatternKind.EVERY_WEEKDAY:
        parts["INTERVAL"] = str(pattern.interval)
    parts |= _by_parts(pattern)
    if pattern.count is not None:
        parts["COUNT"] = str(pattern.count)
    elif pattern.until is not None:
        if pattern.until < wall(start).date():
            raise UsageError(_("The repetition ends before it starts."), _("Give a later date."))
        parts["UNTIL"] = until_on(pattern.until, start)
    return joined(parts)


def _by_parts(pattern: Pattern) -> dict[str, str]:
    if pattern.kind in (PatternKind.MONTHLY_PLACE, PatternKind.YEARLY_PLACE):
        parts = _placed(pattern)
    elif pattern.kind is PatternKind.MONTHLY_DAY or (pattern.kind is PatternKind.YEARLY_DAY and pattern.month == 2):
        parts = month_day_parts(pattern.day)
    elif pattern.kind is PatternKind.YEARLY_DAY:
        parts = {"BYMONTHDAY": str(pattern.day)}
    else:
        parts = _weekly_parts(pattern)
    return {"BYMONTH": str(pattern.month), **parts} if _FREQUENCY[pattern.kind] == "YEARLY" else parts


def _weekly_parts(pattern: Pattern) -> dict[str, str]:
    if pattern.kind is PatternKind.DAILY:
        return {}
    if pattern.kind is PatternKind.EVERY_WEEKDAY:
        return {"BYDAY": _codes(WEEKDAYS)}
    week = {"WKST": DAY_CODES[pattern.week_start]} if pattern.interval > 1 and pattern.week_start else {}
    return {"BYDAY": _codes(pattern.days), **week}


def _placed(pattern: Pattern) -> dict[str, str]:
    if len(pattern.days) == 1:
        return {"BYDAY": f"{pattern.place}{DAY_CODES[pattern.days[0]]}"}
    return {"BYDAY": _codes(pattern.days), "BYSETPOS": str(pattern.place)}


def _codes(days: tuple[int, ...]) -> str:
    return ",".join(DAY_CODES[day] for day in sorted(set(days)))


# from a rule -----------------------------------------------------------------------------------------------


def pattern_of(rule: str, start: Moment) -> Pattern | None:
    """The choice of the dialog that gives this rule for a series from `start`; None where it has none for it."""
    parts = parts_of(rule)
    try:
        found = _kind_of(parts, start)
        if found is None or set(parts) - {"FREQ"}:
            return None
        return found
    except (ValueError, UsageError):
        return None


def _kind_of(parts: dict[str, str], start: Moment) -> Pattern | None:
    frequency = parts.get("FREQ", "")
    interval = int(parts.pop("INTERVAL", "1"))
    week_start = DAY_CODES.index(parts.pop("WKST", "MO"))
    count = int(parts.pop("COUNT")) if "COUNT" in parts else None
    until = last_day(f"UNTIL={parts.pop('UNTIL')}", start) if "UNTIL" in parts else None
    reader = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}.get(frequency)
    found = reader(parts, wall(start).date()) if reader else None
    if found is None or (found.kind is PatternKind.EVERY_WEEKDAY and interval != 1 and frequency == "DAILY"):
        return None
    if found.kind is PatternKind.EVERY_WEEKDAY and interval != 1:
        found = replace(found, kind=PatternKind.WEEKLY, days=WEEKDAYS)
    return replace(found, interval=interval, count=count, until=until, week_start=week_start)


def _daily(parts: dict[str, str], _start: date) -> Pattern | None:
    if "BYDAY" not in parts:
        return Pattern(PatternKind.DAILY)
    return Pattern(PatternKind.EVERY_WEEKDAY) if _days(parts.pop("BYDAY")) == WEEKDAYS else None


def _weekly(parts: dict[str, str], start: date) -> Pattern | None:
    days = _days(parts.pop("BYDAY")) if "BYDAY" in parts else (start.weekday(),)
    return Pattern(PatternKind.EVERY_WEEKDAY) if days == WEEKDAYS else Pattern(PatternKind.WEEKLY, days=days)


def _monthly(parts: dict[str, str], start: date) -> Pattern | None:
    if "BYDAY" in parts:
        days, place = _place(parts)
        return Pattern(PatternKind.MONTHLY_PLACE, days=days, place=place)
    return Pattern(PatternKind.MONTHLY_DAY, day=_day(parts, start))


def _yearly(parts: dict[str, str], start: date) -> Pattern | None:
    month = int(parts.pop("BYMONTH")) if "BYMONTH" in parts else None
    if "BYDAY" in parts:
        if month is None:
            return None
        days, place = _place(parts)
        return Pattern(PatternKind.YEARLY_PLACE, days=days, place=place, month=month)
    month = month or start.month
    day = _day(parts, start)
    return Pattern(PatternKind.YEARLY_DAY, day=min(day, _LONGEST[month - 1]), month=month)


def _day(parts: dict[str, str], start: date) -> int:
    if "BYMONTHDAY" not in parts:
        return start.day
    text = parts.pop("BYMONTHDAY")
    if text == "-1":
        return 31
    for day in (29, 30):
        if parts.get("BYSETPOS") == "-1" and text == month_day_parts(day)["BYMONTHDAY"]:
            parts.pop("BYSETPOS")
            return day
    return int(text)


def _place(parts: dict[str, str]) -> tuple[tuple[int, ...], int]:
    text = parts.pop("BYDAY")
    if "BYSETPOS" in parts:
        days, place = _days(text), int(parts.pop("BYSETPOS"))
        if len(days) == 1 or days in (WEEKDAYS, WEEKEND, EVERY_DAY):
            return days, place
        raise ValueError(text)
    place = int(text[:-2])
    return (DAY_CODES.index(text[-2:]),), place


def _days(text: str) -> tuple[int, ...]:
    return tuple(sorted({DAY_CODES.index(code) for code in text.split(",")}))


# in words --------------------------------------------------------------------------------------------------

_DAY_PLACES = {
    1: N_("the first {day}"),
    2: N_("the second {day}"),
    3: N_("the third {day}"),
    4: N_("the fourth {day}"),
    -1: N_("the last {day}"),
}


def rule_words(rule: str, start: Moment) -> str:
    """A rule as a sentence; one that the dialog does not have is shown as it is written."""
    pattern = pattern_of(rule, start)
    return pattern_words(pattern) if pattern else _("by the rule {rule}").format(rule=rule)


def pattern_words(pattern: Pattern) -> str:
    """`every 2 weeks on Monday and Thursday, until Dec 24, 2026`."""
    return _often(pattern) + _ends(pattern)


def _often(pattern: Pattern) -> str:
    n = pattern.interval
    match _FREQUENCY[pattern.kind]:
        case "DAILY":
            return ngettext("every day", "every {count} days", n).format(count=n)
        case "WEEKLY":
            return _in_weeks(pattern)
        case "MONTHLY":
            placed = pattern.kind is PatternKind.MONTHLY_PLACE
            return _in_months(pattern, _on_place(pattern) if placed else _on_day(pattern.day))
        case _:
            return _in_years(pattern)


def _in_weeks(pattern: Pattern) -> str:
    if pattern.kind is PatternKind.EVERY_WEEKDAY:
        return _("every weekday (Monday to Friday)")
    shown = ngettext("every week on {days}", "every {count} weeks on {days}", pattern.interval)
    names = [day_name(day) for day in week_days() if day in pattern.days]
    return shown.format(count=pattern.interval, days=_list(names))


def _in_months(pattern: Pattern, when: str) -> str:
    n = pattern.interval
    return ngettext("every month {when}", "every {count} months {when}", n).format(count=n, when=when)


def _in_years(pattern: Pattern) -> str:
    n, month = pattern.interval, month_name(pattern.month)
    if pattern.kind is PatternKind.YEARLY_PLACE:
        when = _("{place} of {month}").format(place=_on_place(pattern), month=month)
    else:
        when = _("on {month} {day}").format(month=month, day=pattern.day)
    return ngettext("every year {when}", "every {count} years {when}", n).format(count=n, when=when)


def _on_day(day: int) -> str:
    return _("on the last day") if day == 31 else _("on day {day}").format(day=day)


def _on_place(pattern: Pattern) -> str:
    place = _(_DAY_PLACES[pattern.place]).format(day=_counted(pattern.days))
    return _("on {place}").format(place=place)


def _counted(days: tuple[int, ...]) -> str:
    match days:
        case (one,):
            return day_name(one)
        case _ if days == WEEKDAYS:
            return _("weekday")
        case _ if days == WEEKEND:
            return _("weekend day")
        case _:
            return _("day")


def _list(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("{some} and {last}").format(some=", ".join(names[:-1]), last=names[-1])


def _ends(pattern: Pattern) -> str:
    if pattern.count is not None:
        return ngettext(", once", ", {count} times", pattern.count).format(count=pattern.count)
    if pattern.until is not None:
        return _(", until {day}").format(day=short_date(pattern.until))
    return ""
