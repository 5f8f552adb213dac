"""Which days a view shows, and where *next* and *previous* lead. Pure; weeks begin as the language says."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never

from core.language import N_, _
from core.language.dates import long_date, short_date_span, week_start

AGENDA_DAYS = 28
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""Calendars go on for ever, a screen does not need to."""


class ViewKind(StrEnum):
    """Outlook's *Arrange*, as far as it is built, and the rolling seven days of its *Go To*."""

    DAY = "day"
    WORK_WEEK = "work-week"
    WEEK = "week"
    NEXT_7_DAYS = "next-7-days"
    AGENDA = "agenda"

    @property
    def label(self) -> str:
        """The name in the person's language."""
        return _(_LABELS[self])


_LABELS = {
    ViewKind.DAY: N_("Day"),
    ViewKind.WORK_WEEK: N_("Work Week"),
    ViewKind.WEEK: N_("Week"),
    ViewKind.NEXT_7_DAYS: N_("Next 7 Days"),
    ViewKind.AGENDA: N_("Agenda"),
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
        case ViewKind.NEXT_7_DAYS:
            return _days(anchor, 7)
        case ViewKind.AGENDA:
            return _days(anchor, AGENDA_DAYS)
    assert_never(kind)


def _days(first: date, count: int) -> tuple[date, ...]:
    return tuple(first + timedelta(days=number) for number in range(count))


def turned(kind: ViewKind, anchor: date, steps: int) -> date:
    """The anchor of the view `steps` periods later (earlier when negative)."""
    return clamp_day(anchor + timedelta(days=steps * _step(kind)))


def _step(kind: ViewKind) -> int:
    match kind:
        case ViewKind.DAY:
            return 1
        case ViewKind.AGENDA:
            return AGENDA_DAYS
        case ViewKind.WORK_WEEK | ViewKind.WEEK | ViewKind.NEXT_7_DAYS:
            return 7
    assert_never(kind)


def clamp_day(day: date) -> date:
    """The day itself, or the nearest one that can be shown."""
    return min(max(day, FIRST), LAST)


def title_of(days: tuple[date, ...]) -> str:
    """The days in words, as short as says it; a single day in full."""
    return long_date(days[0]) if len(days) == 1 else short_date_span(days[0], days[-1])
