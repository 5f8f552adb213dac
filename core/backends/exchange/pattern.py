"""Outlook's recurrence patterns between a rule of iCalendar and Exchange ([MS-OXWSCDATA], RecurrenceType).

Exchange has the patterns of Outlook's dialog, as `core.calendar.patterns`, and a few limits of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from exchangelib import recurrence as ews
from exchangelib.ewsdatetime import EWSDate

from core.calendar.event import Moment
from core.calendar.patterns import EVERY_DAY, WEEKDAYS, WEEKEND, Pattern, PatternKind, pattern_of, rule_of
from core.calendar.rule_text import wall
from core.errors import Refused, UsageError
from core.language import _

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SETS = {EVERY_DAY: "Day", WEEKDAYS: "Weekday", WEEKEND: "WeekendDay"}
_PLACES = {1: "First", 2: "Second", 3: "Third", 4: "Fourth", -1: "Last"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LONGEST = 99
"""Of an interval; of days 999, and of a count."""


def to_exchange(rule: str, start: Moment) -> ews.Recurrence:
    """The rule of a series that starts then. Raises Refused where Exchange has no words for it."""
    pattern = pattern_of(rule, start)
    made = _pattern(pattern) if pattern is not None else None
    if pattern is None or made is None or (pattern.count or 0) > 999:
        raise Refused(
            _("Exchange has no words for this repetition: {rule}").format(rule=rule),
            _("Choose one of the patterns of the dialog, or keep the event in a local calendar."),
        )
    first = EWSDate.from_date(wall(start).date())
    if pattern.count is not None:
        return ews.Recurrence(pattern=made, boundary=ews.NumberedPattern(start=first, number=pattern.count))
    if pattern.until is not None:
        end = EWSDate.from_date(max(pattern.until, wall(start).date()))
        return ews.Recurrence(pattern=made, boundary=ews.EndDatePattern(start=first, end=end))
    return ews.Recurrence(pattern=made, boundary=ews.NoEndPattern(start=first))


def _pattern(pattern: Pattern) -> ews.Pattern | None:  # noqa: PLR0911 - one line a kind
    """None where EWS has no words: an interval above 999 days or 99 weeks or months, or days that are no set of its."""
    kind, interval = pattern.kind, pattern.interval
    if kind in (PatternKind.YEARLY_DAY, PatternKind.YEARLY_PLACE) and interval > 1:
        return _in_months(pattern)
    if interval > (999 if kind is PatternKind.DAILY else _LONGEST):
        return None
    match kind:
        case PatternKind.DAILY:
            return ews.DailyPattern(interval=interval)
        case PatternKind.EVERY_WEEKDAY | PatternKind.WEEKLY:
            days = WEEKDAYS if kind is PatternKind.EVERY_WEEKDAY else pattern.days
            return ews.WeeklyPattern(
                interval=interval,
                weekdays=[_DAYS[day] for day in days],
                first_day_of_week=_DAYS[pattern.week_start or 0],
            )
        case PatternKind.MONTHLY_DAY:
            return ews.AbsoluteMonthlyPattern(interval=interval, day_of_month=pattern.day)
        case PatternKind.YEARLY_DAY:
            return ews.AbsoluteYearlyPattern(day_of_month=pattern.day, month=_MONTHS[pattern.month - 1])
        case PatternKind.MONTHLY_PLACE | PatternKind.YEARLY_PLACE:
            return _placed(pattern)


def _placed(pattern: Pattern) -> ews.Pattern | None:
    day = _DAYS[pattern.days[0]] if len(pattern.days) == 1 else _SETS.get(tuple(pattern.days))
    place = _PLACES.get(pattern.place)
    if day is None or place is None:
        return None
    if pattern.kind is PatternKind.MONTHLY_PLACE:
        return ews.RelativeMonthlyPattern(interval=pattern.interval, weekday=day, week_number=place)
    return ews.RelativeYearlyPattern(weekday=day, week_number=place, month=_MONTHS[pattern.month - 1])


def _in_months(pattern: Pattern) -> ews.Pattern | None:
    """Every few years: Exchange counts only single ones, so it is said in months."""
    kinds = {
        PatternKind.YEARLY_DAY: PatternKind.MONTHLY_DAY,
        PatternKind.YEARLY_PLACE: PatternKind.MONTHLY_PLACE,
    }
    return _pattern(replace(pattern, kind=kinds[pattern.kind], interval=12 * pattern.interval))


def from_exchange(found: ews.Recurrence, start: Moment) -> str:
    """The rule of a series from `start`; empty for what is no pattern of a calendar."""
    pattern = _read(found.pattern)
    if pattern is None:
        return ""
    boundary = found.boundary
    if isinstance(boundary, ews.NumberedPattern):
        pattern = replace(pattern, count=boundary.number)
    elif isinstance(boundary, ews.EndDatePattern):
        pattern = replace(pattern, until=date(boundary.end.year, boundary.end.month, boundary.end.day))
    try:
        return rule_of(pattern, start)
    except UsageError:  # it ends before it starts
        return rule_of(replace(pattern, until=None, count=1), start)


def _read(found: ews.Pattern) -> Pattern | None:  # noqa: PLR0911 - one line a kind
    """None for a kind that only tasks have (regenerating ones)."""
    match found:
        case ews.DailyPattern():
            return Pattern(PatternKind.DAILY, found.interval)
        case ews.WeeklyPattern():
            days = tuple(sorted(_number(day) for day in found.weekdays))
            first = _number(found.first_day_of_week)
            if days == WEEKDAYS and found.interval == 1:
                return Pattern(PatternKind.EVERY_WEEKDAY)
            return Pattern(PatternKind.WEEKLY, found.interval, days, week_start=first)
        case ews.AbsoluteMonthlyPattern():
            return Pattern(PatternKind.MONTHLY_DAY, found.interval, day=found.day_of_month)
        case ews.AbsoluteYearlyPattern():
            return Pattern(PatternKind.YEARLY_DAY, day=found.day_of_month, month=_month(found.month))
        case ews.RelativeMonthlyPattern():
            days, place = _days(found.weekday), _place(found.week_number)
            return Pattern(PatternKind.MONTHLY_PLACE, found.interval, days, place=place)
        case ews.RelativeYearlyPattern():
            days, place, month = _days(found.weekday), _place(found.week_number), _month(found.month)
            return Pattern(PatternKind.YEARLY_PLACE, days=days, place=place, month=month)
    return None


def _number(day: str | int) -> int:
    return day - 1 if isinstance(day, int) else _DAYS.index(day)


def _days(word: str | int) -> tuple[int, ...]:
    sets = {name: days for days, name in _SETS.items()}
    if isinstance(word, int):
        return (word - 1,) if word <= 7 else (EVERY_DAY, WEEKDAYS, WEEKEND)[word - 8]
    return sets.get(word) or (_number(word),)


def _place(word: str | int) -> int:
    places = {name: place for place, name in _PLACES.items()}
    number = word if isinstance(word, int) else places[word]
    return -1 if number in (-1, 5) else number


def _month(word: str | int) -> int:
    return word if isinstance(word, int) else _MONTHS.index(word) + 1
