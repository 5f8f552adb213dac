"""Busy time merged, and what is left free for everybody (outlook.md §7).

Pure: intervals are pairs of aware datetimes, half-open; whatever zones they come in, they are compared and returned in
UTC, so that the hour that daylight saving time skips or repeats is counted as it really passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from core.calendar.span import TimeSpan, WorkingHours
from core.errors import UsageError
from core.language import _
from core.values import dataclass

STEP = timedelta(minutes=30)
"""Where suggested times begin: on the hour and the half hour."""


@dataclass(frozen=True, slots=True)
class ZonedHours:
    """When somebody works, and in which zone that is meant."""

    hours: WorkingHours
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class FreeTimeRules:
    """What counts as a common free time.

    `duration` is the least length; `margin` is kept free before and after what is busy; `days` are Python weekday
    numbers in `zone`, empty for every day; `hours` limits to somebody's working hours in `zone`, and `others` to
    those of more people, each in their own zone.
    """

    duration: timedelta
    zone: tzinfo
    days: frozenset[int] = frozenset()
    hours: WorkingHours | None = None
    margin: timedelta = timedelta()
    tentative_is_free: bool = False
    others: tuple[ZonedHours, ...] = ()

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


def common(one: Sequence[TimeSpan], other: Sequence[TimeSpan]) -> list[TimeSpan]:
    """What lies in both; each merged."""
    found: list[TimeSpan] = []
    at = place = 0
    while at < len(one) and place < len(other):
        start, end = max(one[at].start, other[place].start), min(one[at].end, other[place].end)
        if start < end:
            found.append(TimeSpan(start, end))
        if one[at].end <= other[place].end:
            at += 1
        else:
            place += 1
    return found


def allowed(window: TimeSpan, rules: FreeTimeRules) -> list[TimeSpan]:
    """The part of the window on the chosen days and inside everybody's working hours, in UTC, merged."""
    found = _on_days(window, rules) if rules.days or rules.hours is not None else merge([window])
    for other in rules.others:
        own = FreeTimeRules(rules.duration, other.zone, hours=other.hours)
        found = common(found, _on_days(window, own))
    return found


def _on_days(window: TimeSpan, rules: FreeTimeRules) -> list[TimeSpan]:
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


def next_time(
    slots: Sequence[TimeSpan], duration: timedelta, after: datetime, zone: tzinfo, step: timedelta = STEP
) -> TimeSpan | None:
    """AutoPick's >> (outlook.md §7): the first time of that length that begins later than `after`, in UTC.

    Times begin where a slot begins, and in it at each full `step` of the clock in `zone`.
    """
    after = after.astimezone(UTC)
    for slot in slots:
        start = slot.start if slot.start > after else _aligned(after + timedelta(microseconds=1), zone, step)
        if start + duration <= slot.end:
            return TimeSpan(start, start + duration)
    return None


def previous_time(
    slots: Sequence[TimeSpan], duration: timedelta, before: datetime, zone: tzinfo, step: timedelta = STEP
) -> TimeSpan | None:
    """AutoPick's <<: the last time of that length that begins earlier than `before`, in UTC."""
    latest = before.astimezone(UTC) - timedelta(microseconds=1)
    for slot in reversed(slots):
        if slot.start > latest or slot.start + duration > slot.end:
            continue
        bound = min(latest, slot.end - duration)
        up = _aligned(bound, zone, step)
        start = max(slot.start, up if up == bound else up - step)
        return TimeSpan(start, start + duration)
    return None


def _aligned(moment: datetime, zone: tzinfo, step: timedelta) -> datetime:
    """The first full step of the clock in `zone` that is not earlier."""
    local = moment.astimezone(zone).replace(tzinfo=None)
    over = (
        timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond) % step
    )
    return moment + (step - over if over else timedelta())
