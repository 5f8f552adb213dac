"""Common free time along the days of a time grid, as Find a Time leaves it there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime, time, timedelta, tzinfo

from core.calendar.span import TimeSpan
from core.values import dataclass
from tui.widgets.grid_layout import DAY_MINUTES

Part = tuple[int, int, bool]
"""First minute of a day, the one after its last, and whether everybody is known to be free."""


@dataclass(frozen=True, slots=True)
class Band:
    """What is free, by day and wall-clock minute."""

    days: Mapping[date, tuple[Part, ...]] = field(default_factory=dict)

    def kind(self, day: date, minute: int, minutes: int) -> str:
        """The ink's role of a row: `band`, `band.perhaps` where of somebody nothing is known, or nothing.

        A row that is free in part only is not free.
        """
        for first, end, sure in self.days.get(day, ()):
            if first <= minute and minute + minutes <= end:
                return "band" if sure else "band.perhaps"
        return ""


def band_of(sure: Iterable[TimeSpan], perhaps: Iterable[TimeSpan], zone: tzinfo) -> Band:
    """The band of these spans, in the hours of a zone."""
    days: dict[date, list[Part]] = {}
    for spans, known in ((sure, True), (perhaps, False)):
        for span in spans:
            for day, first, end in _parts(span.start.astimezone(zone), span.end.astimezone(zone)):
                days.setdefault(day, []).append((first, end, known))
    return Band({day: tuple(parts) for day, parts in days.items()})


def _parts(start: datetime, end: datetime) -> Iterable[tuple[date, int, int]]:
    day = start.date()
    while datetime.combine(day, time()) < end.replace(tzinfo=None):
        first = start.hour * 60 + start.minute if day == start.date() else 0
        last = end.hour * 60 + end.minute if day == end.date() else DAY_MINUTES
        yield day, first, last
        day += timedelta(days=1)
