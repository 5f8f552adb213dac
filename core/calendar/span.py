"""Ranges of days, spans of time, and working hours."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from core.errors import UsageError
from core.language import _
from core.values import dataclass

WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
"""As config.toml and `--days` write them; the position is Python's weekday number."""

_FIXED = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)
_ROLLING = re.compile(r"([+-]\d{1,5})d\.\.([+-]\d{1,5})d", re.ASCII)
_DAYS = re.compile(r"(\d{1,5})d", re.ASCII)


class Preset(StrEnum):
    """The choices of Outlook's *Date Range* drop-down, in its order."""

    TODAY = "today"
    TOMORROW = "tomorrow"
    NEXT_7_DAYS = "7d"
    NEXT_30_DAYS = "30d"
    WHOLE = "all"
    DATES = "dates"


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From `start` up to, but not including, `end`; both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a span of time needs aware datetimes")
        if self.end < self.start:
            raise ValueError("a span of time ends before it starts")

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether the half-open [start, end) touches this span; a moment without length counts at its place."""
        if start == end:
            return self.start <= start < self.end
        return start < self.end and end > self.start


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `first` to `last`, both included. Both None: the whole calendar."""

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if (self.first is None) != (self.last is None):
            raise ValueError("a range has both days or none")
        if self.first is not None and self.last is not None and self.last < self.first:
            raise UsageError(_("The range ends before it starts."), _("Choose an end that is not before the start."))

    @property
    def whole(self) -> bool:
        """Whether this is the whole calendar."""
        return self.first is None

    @property
    def days(self) -> int:
        """How many days; 0 for the whole calendar."""
        return 0 if self.first is None or self.last is None else (self.last - self.first).days + 1

    def span(self, zone: tzinfo) -> TimeSpan:
        """From the first local midnight to the one after the last day, in `zone` (a whole calendar: year 1 to 9999)."""
        if self.first is None or self.last is None:
            return TimeSpan(datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))
        end = self.last if self.last == date.max else self.last + timedelta(days=1)
        return TimeSpan(datetime.combine(self.first, time(), zone), datetime.combine(end, time(), zone))


WHOLE_CALENDAR = DateRange()


def days_from(first: date, count: int) -> DateRange:
    """`count` days beginning with `first`."""
    return DateRange(first, first + timedelta(days=count - 1))


def preset_range(preset: Preset, today: date) -> DateRange:
    """What a preset means today. `DATES` starts as today alone.

    "Next 7 days" counts today: seven in all, as `cli.md` says of `7d`.
    """
    match preset:
        case Preset.TODAY | Preset.DATES:
            return days_from(today, 1)
        case Preset.TOMORROW:
            return days_from(today + timedelta(days=1), 1)
        case Preset.NEXT_7_DAYS:
            return days_from(today, 7)
        case Preset.NEXT_30_DAYS:
            return days_from(today, 30)
        case Preset.WHOLE:
            return WHOLE_CALENDAR


def parse_range(text: str, today: date) -> DateRange:
    """Read RANGE of the command line: `today`, `tomorrow`, `7d`, `all`, `2026-11-22..2026-11-30`, `-30d..+60d`.

    Raises UsageError with the forms that are understood.
    """
    try:
        return _parse_range(text.strip().lower(), today)
    except (ValueError, OverflowError):
        raise UsageError(
            _("“{text}” is not a date range.").format(text=text),
            _("Write today, tomorrow, 7d, 30d, all, 2026-11-22..2026-11-30 or -30d..+60d."),
        ) from None


def _parse_range(text: str, today: date) -> DateRange:
    if text in ("today", "tomorrow", "all"):
        return preset_range(Preset(text), today)
    if (match := _DAYS.fullmatch(text)) and int(match[1]) > 0:
        return days_from(today, int(match[1]))
    if match := _FIXED.fullmatch(text):
        return DateRange(date.fromisoformat(match[1]), date.fromisoformat(match[2]))
    if match := _ROLLING.fullmatch(text):
        first, last = (today + timedelta(days=int(match[n])) for n in (1, 2))
        return DateRange(first, last)
    raise ValueError(text)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When a person works, in their own zone. Outlook's default is Monday to Friday, 8:00 to 17:00."""

    days: frozenset[int] = frozenset(range(5))
    """Python weekday numbers, Monday is 0."""
    start: time = time(8)
    end: time = time(17)

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise UsageError(
                _("Working hours end before they start."),
                _("Set start and end of one day, as 08:00 and 17:00."),
            )

    def on(self, day: date, zone: tzinfo) -> TimeSpan | None:
        """The working window of a day, None where nobody works."""
        if day.weekday() not in self.days:
            return None
        return TimeSpan(datetime.combine(day, self.start, zone), datetime.combine(day, self.end, zone))
