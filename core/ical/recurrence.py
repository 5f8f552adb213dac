"""Which instances of a series fall into a span (RFC 5545 §3.8.5): bounded in steps and in results.

A series that asks for too much shows its first instance and says so; it never takes others with it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import field
from datetime import date, datetime, time, timedelta, tzinfo

from core.calendar.event import CalendarObject, Event, Moment, Occurrence, Problem
from core.calendar.span import TimeSpan
from core.ical.moments import day_of, length, plus, settle, to_utc, to_zone
from core.ical.rules import BUDGET, Rule, RuleError, TooMuchWork
from core.language import _
from core.values import dataclass

_DAY = timedelta(days=1)
_SLACK = timedelta(days=2)
"""More than any difference between two zones, or than a clock change makes."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """Occurrences by start (cancelled ones too: `event.cancelled`), and what could not be expanded."""

    occurrences: tuple[Occurrence, ...]
    problems: tuple[Problem, ...] = ()


def expand(thing: CalendarObject, span: TimeSpan, zone: tzinfo, limit: int = 10_000) -> Expansion:
    """Instances of an object that touch the span. All-day and floating ones are taken in `zone`.

    Overrides are shown where they are, wherever the instance was; EXDATE takes an instance and its override away.
    At most `limit` occurrences; a Problem says when there are more.
    """
    problems: list[Problem] = []
    master = thing.master
    if master is None:
        found = [_single(event, event.recurrence_id, (), zone) for event in thing.overrides]
    elif not master.recurring and not thing.overrides:
        found = [_single(master, None, (), zone)]
    else:
        found = _Series(thing, master, span, zone, problems).occurrences(limit)
    inside = sorted((item for item in found if _touches(item, span)), key=lambda item: (item.begin, item.end))
    if len(inside) > limit:
        problems.append(_problem(_("the series has more than {count} instances here").format(count=limit), thing))
    return Expansion(tuple(item.occurrence for item in inside[:limit]), tuple(problems))


def instance_end(event: Event, start: Moment) -> Moment:
    """When an instance of `event` that starts at `start` ends: days stay days, hours stay hours over a clock change."""
    days, exact = length(event.start, event.end)
    return plus(start, days, exact)


@dataclass(frozen=True, slots=True)
class _Found:
    """An occurrence and its instants."""

    occurrence: Occurrence
    begin: datetime
    end: datetime


def _touches(item: _Found, span: TimeSpan) -> bool:
    return span.overlaps(item.begin, max(item.begin, item.end))


def _problem(what: str, thing: CalendarObject) -> Problem:
    return Problem(what, 0, thing.uid, True)


def _private(event: Event, voices: Sequence[Event] = ()) -> bool:
    """An instance of a private series is private unless it says otherwise itself (outlook.md §1.8).

    `voices`: the series, and the last THISANDFUTURE change before that speaks of privacy. An instance that is silent
    is private when either of them is: making a part of a private series public opens what says so, and nothing else.
    """
    return event.private if event.sensitivity is not None else any(voice.private for voice in voices)


def _found(event: Event, start: Moment, end: Moment, zone: tzinfo, facts: tuple[Moment | None, bool]) -> _Found:
    begin, finish = to_utc(start, zone), to_utc(end, zone)
    if isinstance(start, datetime):
        start = settle(start)
    if isinstance(end, datetime):
        end = settle(end)
    return _Found(Occurrence(event, start, end, facts[0], facts[1]), begin, finish)


def _single(event: Event, recurrence_id: Moment | None, voices: Sequence[Event], zone: tzinfo) -> _Found:
    return _found(event, event.start, event.end, zone, (recurrence_id, _private(event, voices)))


@dataclass(slots=True)
class _Changes:
    """What overrides and exceptions do, by the key of the instance that they speak of."""

    single: dict[Moment, Event] = field(default_factory=dict)
    onward: list[tuple[datetime, Event]] = field(default_factory=list)
    gone: set[Moment] = field(default_factory=set)
    gone_days: set[date] = field(default_factory=set)


class _Series:
    """A master with a rule or dates, its exceptions and its overrides, seen through one span."""

    def __init__(
        self, thing: CalendarObject, master: Event, span: TimeSpan, zone: tzinfo, problems: list[Problem]
    ) -> None:
        self.thing = thing
        self.master = master
        self.span = span
        self.zone = zone
        self.problems = problems
        start = master.start
        self.own_zone = start.tzinfo if isinstance(start, datetime) else None
        self.changes = self._read_changes()

    def _key(self, moment: Moment) -> Moment:
        """Equal for two spellings of one instance: a day, an instant, or a floating time, as the master has it."""
        start = self.master.start
        if not isinstance(start, datetime):
            return day_of(moment)
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, start.time(), start.tzinfo)
        if start.tzinfo is None:
            return to_zone(moment, self.zone).replace(tzinfo=None) if moment.tzinfo is not None else moment
        return to_utc(moment, start.tzinfo)

    def _read_changes(self) -> _Changes:
        changes = _Changes()
        for moment in self.master.exdates:
            if isinstance(self.master.start, datetime) and not isinstance(moment, datetime):
                changes.gone_days.add(moment)  # a date takes away what starts on that day
            else:
                changes.gone.add(self._key(moment))
        for event in self.thing.overrides:
            if event.recurrence_id is None:
                continue
            if event.this_and_future:
                changes.onward.append((self._instant(event.recurrence_id), event))
            else:
                changes.single[self._key(event.recurrence_id)] = event
        changes.onward.sort(key=lambda change: change[0])
        return changes

    def _instant(self, moment: Moment) -> datetime:
        key = self._key(moment)
        return to_utc(key, self.own_zone or self.zone)

    def _is_gone(self, start: Moment) -> bool:
        return self._key(start) in self.changes.gone or (
            bool(self.changes.gone_days) and day_of(start) in self.changes.gone_days
        )

    def _overridden_away(self, event: Event) -> bool:
        return event.recurrence_id is not None and self._is_gone(event.recurrence_id)

    def occurrences(self, limit: int) -> list[_Found]:
        """Changed instances, and those of the rule: one more than `limit` says that more follow."""
        found = [self._override(event) for event in self.changes.single.values() if not self._overridden_away(event)]
        seen: set[Moment] = set(self.changes.single)
        for start in self._starts(limit):
            key = self._key(start)
            if key in seen or self._is_gone(start):
                continue
            seen.add(key)
            item = self._instance(start)
            if _touches(item, self.span):
                found.append(item)
                if len(found) > limit + len(self.changes.single):
                    break
        return found

    def _override(self, event: Event) -> _Found:
        assert event.recurrence_id is not None
        voices = self._voices(self._changes_until(event.recurrence_id))
        return _single(event, event.recurrence_id, voices, self.zone)

    def _changes_until(self, moment: Moment) -> int:
        """How many THISANDFUTURE changes have begun when the instance of this moment comes."""
        return bisect_right(self.changes.onward, self._instant(moment), key=lambda change: change[0])

    def _voices(self, count: int) -> Sequence[Event]:
        """Who says how private a silent instance is after `count` changes: the series, and the last that speaks."""
        spoken = [event for _at, event in self.changes.onward[:count] if event.sensitivity is not None]
        return (self.master, *spoken[-1:])

    def _instance(self, start: Moment) -> _Found:
        count = self._changes_until(start) if self.changes.onward else 0
        if not count:
            end = instance_end(self.master, start)
            return _found(self.master, start, end, self.zone, (start, _private(self.master)))
        event = self.changes.onward[count - 1][1]
        moved = self._shifted(start, event)
        facts = (start, _private(event, self._voices(count - 1)))
        return _found(event, moved, instance_end(event, moved), self.zone, facts)

    def _shifted(self, start: Moment, event: Event) -> Moment:
        """RFC 5545 §3.2.13: a THISANDFUTURE change moves each later instance by what it moved the first one."""
        assert event.recurrence_id is not None
        if not isinstance(start, datetime) or not isinstance(event.start, datetime):
            days = day_of(event.start) - day_of(event.recurrence_id)
            moved = plus(day_of(start), days.days)
            if isinstance(event.start, datetime):
                return datetime.combine(moved, event.start.time(), event.start.tzinfo)
            return moved
        origin = event.recurrence_id
        if not isinstance(origin, datetime):
            origin = datetime.combine(origin, start.time())
        zone = event.start.tzinfo or self.own_zone
        gap = _wall(event.start, zone) - _wall(origin, zone)
        try:
            return (_wall(start, zone) + gap).replace(tzinfo=event.start.tzinfo)
        except OverflowError:
            return start

    def _reach(self) -> tuple[timedelta, timedelta]:
        """How long before the span an instance may begin, and how far a THISANDFUTURE change may move one."""
        longest, shift = timedelta(0), timedelta(0)
        for event in (self.master, *(event for _at, event in self.changes.onward)):
            longest = max(longest, to_utc(event.end, self.zone) - to_utc(event.start, self.zone))
            if event.recurrence_id is not None:
                shift = max(shift, abs(to_utc(event.start, self.zone) - to_utc(event.recurrence_id, self.zone)))
        return longest, shift

    def _starts(self, limit: int) -> Iterator[Moment]:
        """Starts of the rule and the dates near the span, before exceptions."""
        longest, shift = self._reach()
        zone = self.own_zone or self.zone
        first = _back(_wall(to_zone(self.span.start, zone), zone), longest + shift + _SLACK)
        last = _back(_wall(to_zone(self.span.end, zone), zone), -(shift + _SLACK))
        for moment in self.master.rdates:
            if first <= _wall(moment, zone) < last:
                yield to_zone(moment, zone) if isinstance(moment, datetime) and self.own_zone else moment
        yield from self._rule_starts(first, last, max(BUDGET, limit))

    def _rule_starts(self, first: datetime, last: datetime, budget: int) -> list[Moment]:
        """What the rule gives; only the first instance where it cannot be read or asks for too much."""
        try:
            return list(self._by_rule(first, last, budget))
        except RuleError as error:
            what = _("{reason}; only the first instance is shown").format(reason=error)
        except TooMuchWork:
            what = _("the series repeats too often; only its first instance is shown")
        self.problems.append(_problem(what, self.thing))
        return [self.master.start]

    def _by_rule(self, first: datetime, last: datetime, budget: int) -> Iterator[Moment]:
        if not self.master.rrule:
            yield self.master.start
            return
        rule, start = Rule.parse(self.master.rrule), self.master.start
        if isinstance(start, datetime):
            for wall in rule.times(start, first, last, budget, self.own_zone or self.zone):
                yield wall.replace(tzinfo=self.own_zone)
        else:
            yield from rule.instants(start, first, last, budget, self.zone)


def _wall(moment: Moment, zone: tzinfo | None) -> datetime:
    """The clock in `zone`."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min)
    if moment.tzinfo is not None and zone is not None:
        moment = to_zone(moment, zone)
    return moment.replace(tzinfo=None)


def _back(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment - by
    except OverflowError:
        return datetime(1, 1, 1) if by > timedelta(0) else datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001
