"""A series: `t:Recurrence` to Outlook's pattern and back, and its instances ([MS-OXWSMTGS], [MS-OXOCAL] 2.2.1.44).

All is worked out in the wall-clock time of the series' zone, by the same arithmetic on days as everywhere else.
"""

# ruff: noqa: DTZ001 - wall-clock times of the series
from __future__ import annotations

from calendar import month_name, monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice

from core.calendar.patterns import EVERY_DAY, WEEKDAYS, WEEKEND, Pattern, PatternKind, rule_of
from core.errors import UsageError
from core.ical.moments import to_utc
from core.ical.rules import Rule, TooMuchWork
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.times import day
from core.sandbox.exchange.xml import Element, name_of, t, text_of
from core.values import dataclass

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_GROUPS = {"Day": EVERY_DAY, "Weekday": WEEKDAYS, "WeekendDay": WEEKEND}
_PLACES = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Last": -1}
_MONTHS = tuple(month_name[1:])
_LAST = datetime(9999, 12, 31)
_DAY = timedelta(days=1)
_STEPS = {
    PatternKind.DAILY: 1,
    PatternKind.EVERY_WEEKDAY: 7,
    PatternKind.WEEKLY: 7,
    PatternKind.MONTHLY_DAY: 31,
    PatternKind.MONTHLY_PLACE: 31,
    PatternKind.YEARLY_DAY: 366,
    PatternKind.YEARLY_PLACE: 366,
}
"""The most days between two instances with an interval of one."""
MOST_INSTANCES = 999
"""As many as Exchange lets a numbered series have."""


@dataclass(frozen=True, slots=True)
class Series:
    """When a series takes place. `first` is its first instance's wall-clock start; `days` (all-day) or `exact` is how
    long each instance lasts."""

    pattern: Pattern
    first: datetime
    zone: tzinfo
    days: int
    exact: timedelta

    def starts(self, low: datetime, high: datetime) -> Iterator[datetime]:
        """Original starts (UTC) of the instances that may touch `low` to `high` (UTC), in order."""
        early = _wall(low, self.zone) - max(self.exact, timedelta(days=self.days)) - _DAY
        return (self.instant(wall) for wall in self._walls(early, _wall(high, self.zone) + _DAY))

    def instant(self, wall: datetime) -> datetime:
        """A wall-clock time of the series as an instant."""
        return to_utc(wall, self.zone)

    def end(self, start: datetime) -> datetime:
        """When an instance ends that starts then: days stay days over a clock change, hours stay hours."""
        if not self.days:
            return start + self.exact
        return to_utc(_wall(start, self.zone) + timedelta(days=self.days), self.zone)

    def nth(self, index: int) -> datetime | None:
        """The original start of the instance with this number, from 1; None where the series has fewer."""
        if index < 1:
            return None
        found = next(islice(self._walls(self.first, _LAST), index - 1, None), None)
        return None if found is None else self.instant(found)

    def has(self, original: datetime) -> bool:
        """Whether an instance starts then."""
        wall = _wall(original, self.zone)
        return any(self.instant(each) == original for each in self._walls(wall - _DAY, wall + _DAY))

    def last(self) -> datetime | None:
        """The original start of the last instance; None without an end."""
        if self.pattern.count is None and self.pattern.until is None:
            return None
        found = None
        for found in self._walls(self.first, _LAST):  # noqa: B007 - the last one counts
            pass
        return None if found is None else self.instant(found)

    def around(self, original: datetime) -> tuple[datetime | None, datetime | None]:
        """The original starts before and after that one."""
        wall = _wall(original, self.zone)
        before = after = None
        reach = timedelta(days=_STEPS[self.pattern.kind] * (self.pattern.interval + 1))
        for each in self._walls(wall - reach, wall + reach):
            instant = self.instant(each)
            if instant < original:
                before = instant
            elif instant > original:
                after = instant
                break
        return before, after

    def _walls(self, low: datetime, high: datetime) -> Iterator[datetime]:
        rule = Rule.parse(rule_of(self.pattern, self.first))
        try:
            yield from rule.times(self.first, low, high)
        except TooMuchWork:
            return


def _wall(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def series_of(recurrence: Element, start: datetime, end: datetime, zone: tzinfo, *, all_day: bool) -> Series:
    """The series of a `t:Recurrence` for an item of these times. Its StartDate, not the item's day, says where it
    begins; where that day does not fit the pattern, it begins at the next that does. Raises EwsError."""
    pattern, begin = read_pattern(recurrence)
    wall = datetime.combine(begin, time() if all_day else _wall(start, zone).time())
    first = first_instance(pattern, wall)
    days = max(1, (_wall(end, zone) - _wall(start, zone)).days) if all_day else 0
    return Series(pattern, first, zone, days, timedelta(0) if all_day else end - start)


def first_instance(pattern: Pattern, wall: datetime) -> datetime:
    """The first time at or after `wall` that fits the pattern. Raises EwsError: ErrorRecurrenceHasNoOccurrence."""
    if _fits(pattern, wall.date()):
        return wall
    endless = replace(pattern, count=None, until=None)
    starts = Rule.parse(rule_of(endless, wall)).times(wall, wall + _DAY, _LAST)
    found = next(starts, None)
    if found is None or (pattern.until is not None and found.date() > pattern.until):
        raise EwsError("ErrorRecurrenceHasNoOccurrence", "The recurrence has no occurrence.")
    return found


def _fits(pattern: Pattern, at: date) -> bool:
    kind = pattern.kind
    if kind in (PatternKind.YEARLY_DAY, PatternKind.YEARLY_PLACE) and at.month != pattern.month:
        return False
    if kind in (PatternKind.EVERY_WEEKDAY, PatternKind.WEEKLY):
        return at.weekday() in (pattern.days or WEEKDAYS)
    if kind in (PatternKind.MONTHLY_DAY, PatternKind.YEARLY_DAY):
        return at.day == min(pattern.day, monthrange(at.year, at.month)[1])
    return kind is PatternKind.DAILY or at == _placed(pattern, at)


def _placed(pattern: Pattern, at: date) -> date:
    count = monthrange(at.year, at.month)[1]
    fitting = [n for n in range(1, count + 1) if at.replace(day=n).weekday() in pattern.days]
    return at.replace(day=fitting[pattern.place - 1 if pattern.place > 0 else -1])


# from XML --------------------------------------------------------------------------------------------------


def read_pattern(recurrence: Element) -> tuple[Pattern, date]:
    """Outlook's pattern and the StartDate. Raises EwsError: ErrorCalendarInvalidRecurrence and the like."""
    rule, reach = _two(recurrence)
    count = until = None
    try:
        if name_of(reach) == "NumberedRecurrence":
            count = int(text_of(reach, "NumberOfOccurrences"))
            if not 1 <= count <= MOST_INSTANCES:
                raise EwsError("ErrorCalendarInvalidRecurrence", "A recurrence has 1 to 999 occurrences.")
        elif name_of(reach) == "EndDateRecurrence":
            until = day(text_of(reach, "EndDate"))
        begin = day(text_of(reach, "StartDate"))
        if until is not None and until < begin:
            raise EwsError("ErrorRecurrenceHasNoOccurrence", "The recurrence ends before it begins.")
        return replace(_read_rule(rule), count=count, until=until), begin
    except (ValueError, KeyError, UsageError) as error:
        raise EwsError("ErrorCalendarInvalidRecurrence") from error


def _two(recurrence: Element) -> tuple[Element, Element]:
    if len(recurrence) != 2:
        raise EwsError("ErrorCalendarInvalidRecurrence")
    return recurrence[0], recurrence[1]


def _read_rule(rule: Element) -> Pattern:
    interval = int(text_of(rule, "Interval") or "1")
    days = _read_days(text_of(rule, "DaysOfWeek"))
    match name_of(rule):
        case "DailyRecurrence":
            return Pattern(PatternKind.DAILY, interval)
        case "WeeklyRecurrence":
            start = text_of(rule, "FirstDayOfWeek")
            return Pattern(PatternKind.WEEKLY, interval, days, week_start=_DAYS.index(start) if start in _DAYS else 6)
        case "AbsoluteMonthlyRecurrence":
            return Pattern(PatternKind.MONTHLY_DAY, interval, day=int(text_of(rule, "DayOfMonth")))
        case "RelativeMonthlyRecurrence":
            place = _PLACES[text_of(rule, "DayOfWeekIndex")]
            return Pattern(PatternKind.MONTHLY_PLACE, interval, days, place=place)
        case "AbsoluteYearlyRecurrence":
            month = _MONTHS.index(text_of(rule, "Month")) + 1
            return Pattern(PatternKind.YEARLY_DAY, day=int(text_of(rule, "DayOfMonth")), month=month)
        case "RelativeYearlyRecurrence":
            month = _MONTHS.index(text_of(rule, "Month")) + 1
            place = _PLACES[text_of(rule, "DayOfWeekIndex")]
            return Pattern(PatternKind.YEARLY_PLACE, days=days, place=place, month=month)
        case _:  # regenerating patterns are for tasks
            raise EwsError("ErrorCalendarInvalidRecurrence")


def _read_days(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for word in text.split():
        found |= set(_GROUPS[word]) if word in _GROUPS else {_DAYS.index(word)}
    return tuple(sorted(found))


# to XML ----------------------------------------------------------------------------------------------------


def recurrence_element(pattern: Pattern, begin: date) -> Element:
    """The pattern as a `t:Recurrence` that starts on that day."""
    return t("Recurrence", _rule_element(pattern), _range_element(pattern, begin))


def _rule_element(pattern: Pattern) -> Element:
    interval = t("Interval", pattern.interval)
    match pattern.kind:
        case PatternKind.DAILY:
            return t("DailyRecurrence", interval)
        case PatternKind.WEEKLY | PatternKind.EVERY_WEEKDAY:
            days = WEEKDAYS if pattern.kind is PatternKind.EVERY_WEEKDAY else pattern.days
            names = t("DaysOfWeek", " ".join(_DAYS[n] for n in days))
            return t("WeeklyRecurrence", interval, names, t("FirstDayOfWeek", _DAYS[pattern.week_start]))
        case PatternKind.MONTHLY_DAY:
            return t("AbsoluteMonthlyRecurrence", interval, t("DayOfMonth", pattern.day))
        case PatternKind.MONTHLY_PLACE:
            return t("RelativeMonthlyRecurrence", interval, *_place_elements(pattern))
        case PatternKind.YEARLY_DAY:
            return t("AbsoluteYearlyRecurrence", t("DayOfMonth", pattern.day), _month(pattern))
        case PatternKind.YEARLY_PLACE:
            return t("RelativeYearlyRecurrence", *_place_elements(pattern), _month(pattern))


def _place_elements(pattern: Pattern) -> tuple[Element, Element]:
    group = next((name for name, days in _GROUPS.items() if pattern.days == days), None)
    place = next(name for name, number in _PLACES.items() if number == pattern.place)
    return t("DaysOfWeek", group or _DAYS[pattern.days[0]]), t("DayOfWeekIndex", place)


def _month(pattern: Pattern) -> Element:
    return t("Month", _MONTHS[pattern.month - 1])


def _range_element(pattern: Pattern, begin: date) -> Element:
    start = t("StartDate", begin.isoformat())
    if pattern.count is not None:
        return t("NumberedRecurrence", start, t("NumberOfOccurrences", pattern.count))
    if pattern.until is not None:
        return t("EndDateRecurrence", start, t("EndDate", pattern.until.isoformat()))
    return t("NoEndRecurrence", start)


def utc_midnight(at: date, zone: tzinfo) -> datetime:
    """The instant at which a day begins."""
    return to_utc(datetime.combine(at, time()), zone).astimezone(UTC)
