"""Which days a view shows, and where *next* and *previous* lead. Pure; weeks begin as the language says."""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

from core.calendar.choosing import add_months
from core.language import N_, _
from core.language.dates import first_weekday, long_date, month_title, short_date_span, week_start

AGENDA_DAYS = 28
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""Calendars go on for ever, a screen does not need to."""


class ViewKind(StrEnum):
    """Outlook's *Arrange*, an agenda and a year, and the rolling seven days of its *Go To*."""

    DAY = "day"
    WORK_WEEK = "work-week"
    WEEK = "week"
    NEXT_7_DAYS = "next-7-days"
    MONTH = "month"
    AGENDA = "agenda"
    YEAR = "year"

    @property
    def label(self) -> str:
        """The name in the person's language."""
        return _(_LABELS[self])

    @property
    def has_hours(self) -> bool:
        """Whether it is a time grid."""
        return self not in (ViewKind.MONTH, ViewKind.AGENDA, ViewKind.YEAR)


_LABELS = {
    ViewKind.DAY: N_("Day"),
    ViewKind.WORK_WEEK: N_("Work Week"),
    ViewKind.WEEK: N_("Week"),
    ViewKind.NEXT_7_DAYS: N_("Next 7 Days"),
    ViewKind.MONTH: N_("Month"),
    ViewKind.AGENDA: N_("Agenda"),
    ViewKind.YEAR: N_("Year"),
}


def days_of(kind: ViewKind, anchor: date, working_days: Collection[int] = range(5)) -> tuple[date, ...]:
    """The days of the view in which `anchor` lies; `working_days` are Python weekday numbers."""
    match kind:
        case ViewKind.DAY:
            return (anchor,)
        case ViewKind.WORK_WEEK:
            week = _days(week_start(anchor), 7)
            return tuple(day for day in week if day.weekday() in working_days) or week
        case ViewKind.WEEK:
            return _days(week_start(anchor), 7)
        case ViewKind.NEXT_7_DAYS | ViewKind.AGENDA:
            return _days(anchor, AGENDA_DAYS if kind is ViewKind.AGENDA else 7)
        case ViewKind.MONTH:
            return _weeks_of(anchor)
        case ViewKind.YEAR:
            return _days(date(anchor.year, 1, 1), 366 if isleap(anchor.year) else 365)
    assert_never(kind)


def _weeks_of(day: date) -> tuple[date, ...]:
    """The whole weeks that the month of a day touches."""
    first = week_start(day.replace(day=1))
    last = day.replace(day=monthrange(day.year, day.month)[1])
    return _days(first, ((last - first).days // 7 + 1) * 7)


def _days(first: date, count: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=number) for number in range(count))


def turned(kind: ViewKind, anchor: date, steps: int) -> date:
    """The anchor of the view `steps` periods later (earlier when negative)."""
    if kind in (ViewKind.MONTH, ViewKind.YEAR):
        return clamp_day(add_months(anchor, steps * (12 if kind is ViewKind.YEAR else 1)))
    return clamp_day(anchor + timedelta(days=steps * _step(kind)))


def _step(kind: ViewKind) -> int:
    match kind:
        case ViewKind.DAY:
            return 1
        case ViewKind.AGENDA:
            return AGENDA_DAYS
        case _weeks:
            return 7


def clamp_day(day: date) -> date:
    """The day itself, or the nearest one that can be shown."""
    return min(max(day, FIRST), LAST)


def title_of(kind: ViewKind, days: tuple[date, ...]) -> str:
    """The days in words, as short as says it; a single day in full."""
    middle = days[len(days) // 2]
    match kind:
        case ViewKind.MONTH:
            return month_title(middle)
        case ViewKind.YEAR:
            return str(middle.year)
        case _days_shown:
            return long_date(days[0]) if len(days) == 1 else short_date_span(days[0], days[-1])


def week_number(day: date) -> int:
    """The week's number as Outlook counts by default: where weeks begin on Monday, ISO 8601; else from January 1 on."""
    if first_weekday() == 0:
        return day.isocalendar().week
    first = week_start(date(day.year, 1, 1))
    return (week_start(day) - first).days // 7 + 1
