"""The rules of picking a range of days: whatever one changes, the start never comes after the end."""

from __future__ import annotations

from datetime import date, timedelta

from core.calendar.span import DateRange


def with_first(days: DateRange, first: date) -> DateRange:
    """The range with another start. Past the end, the end moves along and the length stays (as in Outlook)."""
    if days.last is None:
        return DateRange(first, first)
    if first <= days.last:
        return DateRange(first, days.last)
    return DateRange(first, add_days(first, days.days - 1))


def with_last(days: DateRange, last: date) -> DateRange:
    """The range with another end. Before the start, the start comes along: that one day remains."""
    if days.first is None or last < days.first:
        return DateRange(last, last)
    return DateRange(days.first, last)


def between(one: date, other: date) -> DateRange:
    """The range from one day to another, in whichever order they were marked."""
    return DateRange(min(one, other), max(one, other))


def add_days(day: date, count: int) -> date:
    """`count` days later (or earlier), stopping at the first and the last day there is."""
    ordinal = min(max(day.toordinal() + count, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(ordinal)


def add_months(day: date, count: int) -> date:
    """The same day `count` months later (or earlier); the month's last day where it is too short."""
    months = min(max(day.year * 12 + day.month - 1 + count, 12), 9999 * 12 + 11)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, _last_of_month(year, month + 1)))


def _last_of_month(year: int, month: int) -> int:
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - timedelta(days=1)).day


def grid_start(day: date, first_weekday: int) -> date:
    """The day in the top left corner of the grid of that month: the last `first_weekday` on or before the 1st."""
    first = day.replace(day=1)
    return add_days(first, -((first.weekday() - first_weekday) % 7))
