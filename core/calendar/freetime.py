"""Busy time merged, and what is left free for everybody (outlook.md §7).

Pure: intervals are pairs of aware datetimes, half-open; whatever zones they come in, they are compared and returned in
UTC, so that the hour that daylight saving time skips or repeats is counted as it really passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from core.calendar.span import TimeSpan, WorkingHours
from core.errors import UsageError
from core.language import _


@dataclass(frozen=True, slots=True)
class FreeTimeRules:
    """What counts as a common free time.

    `duration` is the least length; `margin` is kept free before and after what is busy; `days` are Python weekday
    numbers in `zone`, empty for every day; `hours` limits to somebody's working hours in `zone`.
    """

    duration: timedelta
    zone: tzinfo
    days: frozenset[int] = frozenset()
    hours: WorkingHours | None = None
    margin: timedelta = timedelta()
    tentative_is_free: bool = False

    def __post_init__(self) -> None:
        if self.duration <= timedelta():
            raise UsageError(_("The duration must be longer than nothing."), _("Write it as 30m, 2h or 1d."))
        if self.margin < timedelta():
            raise UsageError(_("The margin cannot be negative."), _("Write it as 15m."))


def is_busy(entry: Entry, *, tentative_is_free: bool = False) -> bool:
    """Whether an occurrence keeps somebody from a meeting. Working elsewhere does not; tentative does unless said."""
    if entry.cancelled or entry.status in (BusyStatus.FREE, BusyStatus.WORKING_ELSEWHERE):
        return False
    return not (entry.status is BusyStatus.TENTATIVE and tentative_is_free)


def busy_spans(entries: Iterable[Entry], rules: FreeTimeRules) -> list[TimeSpan]:
    """The busy ones among the entries with their margins, in UTC, merged. All-day ones last from midnight in `zone`."""
    spans = []
    for entry in entries:
        if is_busy(entry, tentative_is_free=rules.tentative_is_free):
            start, end = _instant(entry.start, rules.zone), _instant(entry.end, rules.zone)
            if end > start:
                spans.append(TimeSpan(start - rules.margin, end + rules.margin))
    return merge(spans)


def _instant(moment: datetime | date, zone: tzinfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), zone)
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def merge(spans: Iterable[TimeSpan]) -> list[TimeSpan]:
    """The same time as few spans as possible, in order and in UTC; touching ones become one."""
    merged: list[TimeSpan] = []
    for start, end in sorted((span.start.astimezone(UTC), span.end.astimezone(UTC)) for span in spans):
        if merged and start <= merged[-1].end:
            merged[-1] = TimeSpan(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(TimeSpan(start, end))
    return merged


def without(spans: Sequence[TimeSpan], taken: Sequence[TimeSpan]) -> list[TimeSpan]:
    """What of `spans` is left when `taken` is cut out; both merged."""
    left: list[TimeSpan] = []
    place = 0
    for span in spans:
        start = span.start
        while place < len(taken) and taken[place].end <= start:
            place += 1
        at = place
        while at < len(taken) and taken[at].start < span.end:
            if taken[at].start > start:
                left.append(TimeSpan(start, taken[at].start))
            start = max(start, taken[at].end)
            at += 1
        if start < span.end:
            left.append(TimeSpan(start, span.end))
    return left


def allowed(window: TimeSpan, rules: FreeTimeRules) -> list[TimeSpan]:
    """The part of the window on the chosen days and inside the working hours, in UTC, merged."""
    if not rules.days and rules.hours is None:
        return merge([window])
    spans = []
    day = window.start.astimezone(rules.zone).date()
    last = window.end.astimezone(rules.zone).date()
    while day <= last:
        if part := _of_day(day, rules):
            start, end = max(part.start, window.start.astimezone(UTC)), min(part.end, window.end.astimezone(UTC))
            if start < end:
                spans.append(TimeSpan(start, end))
        day += timedelta(days=1)
    return merge(spans)


def _of_day(day: date, rules: FreeTimeRules) -> TimeSpan | None:
    if rules.days and day.weekday() not in rules.days:
        return None
    if rules.hours is None:
        whole = (datetime.combine(d, time(), rules.zone) for d in (day, day + timedelta(days=1)))
        return TimeSpan(*(moment.astimezone(UTC) for moment in whole))
    part = rules.hours.on(day, rules.zone)
    return TimeSpan(part.start.astimezone(UTC), part.end.astimezone(UTC)) if part else None


def common_free_time(busy: Iterable[TimeSpan], window: TimeSpan, rules: FreeTimeRules) -> list[TimeSpan]:
    """The longest spans of the window that are free for everybody and at least `duration` long, in order, in UTC."""
    free = without(allowed(window, rules), merge(busy))
    return [span for span in free if span.end - span.start >= rules.duration]
