"""VTIMEZONE: writing ones that Outlook can read, and reading ones that no IANA name stands for.

Outlook reads RRULE in a VTIMEZONE and no RDATE (traps.md 8), so the transitions of a zone are written as yearly
rules, one for each run of years in which they follow the same rule. Reading is bounded, as for any foreign rule.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from core.calendar.zones import zone_for
from core.ical.lines import LineError, escape, parse_line, unescape
from core.ical.rules import WEEKDAYS, Rule, RuleError, TooMuchWork
from core.ical.values import BadValue, moment, utc_offset
from core.values import dataclass

_HOUR = timedelta(hours=1)
_LOOK_AHEAD = 6
"""Years after the last one, to see whether a rule goes on."""
_MOST_OBSERVANCES = 1_000
_MOST_RULES = 64
_MOST_DATES = 2_000
_BUDGETS = {"YEARLY": 2_000, "MONTHLY": 2_000, "WEEKLY": 200, "DAILY": 200}
"""Steps for one rule and one year. No clock changes by the hour."""
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Transition:
    """A change of offset. `wall` is the local time before it, which is what DTSTART of an observance says."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str
    daylight: bool

    @property
    def kind(self) -> tuple[timedelta, timedelta, str, bool]:
        """What two transitions have in common that one yearly rule can describe."""
        return self.before, self.after, self.name, self.daylight


@dataclass(slots=True)
class _Run:
    """Transitions of the same kind, one a year, and the yearly rules that describe all of them."""

    transitions: list[_Transition]
    rules: set[str]

    @property
    def last(self) -> _Transition:
        """The latest one."""
        return self.transitions[-1]


@lru_cache(maxsize=64)
def _cached_lines(zone_name: str, first_year: int, last_year: int) -> tuple[str, ...]:
    zone = zone_for(zone_name)
    if zone is None:
        raise ValueError(zone_name)
    first_year, last_year = max(2, first_year), min(9990, max(first_year, last_year))
    found = _transitions(zone, first_year - 1, last_year + _LOOK_AHEAD)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{escape(zone_name)}"]
    lines += _base(zone, first_year, found)
    for run in _runs(found):
        if run.transitions[0].wall.year <= last_year:
            lines += _observance(run, last_year)
    return (*lines, "END:VTIMEZONE")


def vtimezone(zone_name: str, first_year: int, last_year: int) -> list[str]:
    """Content lines of a VTIMEZONE that is right from `first_year` on and, while the zone keeps its rules, for ever.

    Raises ValueError for a name that is no time zone.
    """
    return list(_cached_lines(zone_name, first_year, last_year))


def _facts(zone: tzinfo, instant: datetime) -> tuple[timedelta, str, bool]:
    local = instant.replace(tzinfo=UTC).astimezone(zone)
    return local.utcoffset() or _ZERO, local.tzname() or "", bool(local.dst())


def _transitions(zone: tzinfo, first_year: int, last_year: int) -> list[_Transition]:
    found = []
    instant, end = datetime(first_year, 1, 1), datetime(last_year, 12, 31)  # noqa: DTZ001 - UTC, kept naive
    facts = _facts(zone, instant)
    while instant < end:
        later = instant + timedelta(days=7)
        facts_then = _facts(zone, later)
        if facts_then != facts:
            at = _bisect(zone, instant, later, facts)
            offset, name, daylight = _facts(zone, at)
            found.append(_Transition(at + facts[0], facts[0], offset, name, daylight))
            later, facts_then = at, (offset, name, daylight)
        instant, facts = later, facts_then
    return found


def _bisect(zone: tzinfo, low: datetime, high: datetime, facts: tuple[timedelta, str, bool]) -> datetime:
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if _facts(zone, middle) == facts:
            low = middle
        else:
            high = middle
    return high


def _rules_of(day: date) -> set[str]:
    """The yearly rules that a day may follow: n-th weekday of its month from the start, or the last one."""
    weekday = WEEKDAYS[day.weekday()]
    nth = (day.day - 1) // 7 + 1
    rules = {f"BYMONTH={day.month};BYDAY={nth}{weekday}"} if nth < 5 else set()
    if (day + timedelta(days=7)).month != day.month:
        rules.add(f"BYMONTH={day.month};BYDAY=-1{weekday}")
    return rules


def _runs(transitions: Iterable[_Transition]) -> list[_Run]:
    finished: list[_Run] = []
    growing: dict[tuple[timedelta, timedelta, str, bool], _Run] = {}
    for found in transitions:
        run = growing.get(found.kind)
        common = run.rules & _rules_of(found.wall.date()) if run else set()
        if run and common and run.last.wall.time() == found.wall.time() and found.wall.year == run.last.wall.year + 1:
            run.transitions.append(found)
            run.rules = common
            continue
        growing[found.kind] = run = _Run([found], _rules_of(found.wall.date()))
        finished.append(run)
    return finished


def _offset(value: timedelta) -> str:
    seconds = int(abs(value).total_seconds())
    tail = f"{seconds % 60:02d}" if seconds % 60 else ""
    return f"{'-' if value < _ZERO else '+'}{seconds // 3600:02d}{seconds % 3600 // 60:02d}{tail}"


def _observance(run: _Run, last_year: int) -> list[str]:
    first, last = run.transitions[0], run.last
    rule = ""
    if len(run.transitions) > 1:
        rule = f"FREQ=YEARLY;{min(run.rules)}"
        if last.wall.year < last_year + _LOOK_AHEAD:
            rule += f";UNTIL={last.wall - last.before:%Y%m%dT%H%M%SZ}"
    return _lines(
        "DAYLIGHT" if first.daylight else "STANDARD", first.wall, (first.before, first.after), first.name, rule
    )


def _lines(kind: str, wall: datetime, offsets: tuple[timedelta, timedelta], name: str, rule: str = "") -> list[str]:
    lines = [f"BEGIN:{kind}", f"DTSTART:{wall.year:04d}{wall:%m%dT%H%M%S}"]
    if rule:
        lines.append(f"RRULE:{rule}")
    lines += [f"TZOFFSETFROM:{_offset(offsets[0])}", f"TZOFFSETTO:{_offset(offsets[1])}"]
    if name:
        lines.append(f"TZNAME:{escape(name)}")
    return [*lines, f"END:{kind}"]


def _base(zone: tzinfo, first_year: int, found: Sequence[_Transition]) -> list[str]:
    """What holds before the first transition; every VTIMEZONE needs one observance at least (RFC 5545 §3.6.5)."""
    start = datetime(first_year - 1, 1, 1)  # noqa: DTZ001 - a wall-clock time
    if found and found[0].wall - start < timedelta(days=366):
        return []
    offset, name, daylight = _facts(zone, start)
    return _lines("DAYLIGHT" if daylight else "STANDARD", start, (offset, offset), name)


@dataclass(slots=True)
class _Observance:
    """STANDARD or DAYLIGHT of a VTIMEZONE that is read."""

    start: datetime
    before: timedelta
    after: timedelta
    name: str = ""
    daylight: bool = False
    rule: Rule | None = None
    dates: list[datetime] = field(default_factory=list)

    def onsets(self, first: datetime, last: datetime) -> list[datetime]:
        """Local times (before the change) from `first` up to `last`, as far as the work allows."""
        found = [moment for moment in (self.start, *self.dates) if first <= moment < last]
        if self.rule is not None and self.start < last:
            with suppress(TooMuchWork):  # what was found so far is as good as it gets
                found.extend(
                    self.rule.times(self.start, first, last, _BUDGETS[self.rule.frequency], timezone(self.before))
                )
        return found


class RuleZone(tzinfo):
    """A zone that only its VTIMEZONE describes. `key` is its TZID; `lines` the text that describes it.

    Two are equal when their text is. Offsets before the first observance are its TZOFFSETFROM.
    """

    def __init__(self, key: str, lines: tuple[str, ...], observances: Sequence[_Observance]) -> None:
        self.key = key
        self.lines = lines
        self._observances = tuple(observances)
        self._years: dict[int, tuple[list[datetime], list[_Observance | None]]] = {}
        first = min(self._observances, key=lambda seen: _minus(seen.start, seen.before))
        self._earliest = first.before

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RuleZone) and self.lines == other.lines

    def __hash__(self) -> int:
        return hash(self.lines)

    def __repr__(self) -> str:
        return f"RuleZone({self.key!r})"

    def __reduce__(self) -> tuple[object, tuple[tuple[str, ...]]]:
        return zone_from_vtimezone, (self.lines,)

    def _year(self, year: int) -> tuple[list[datetime], list[_Observance | None]]:
        """Onsets in UTC that matter in a year (the one that holds at its beginning first), and what each brings."""
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._look(year)
        return known

    def _look(self, year: int) -> tuple[list[datetime], list[_Observance | None]]:
        low = datetime(max(1, year - 1), 1, 1)  # noqa: DTZ001 - wall-clock
        high = datetime(year + 1, 1, 3) if year < 9999 else datetime.max  # noqa: DTZ001, DTZ901
        events: list[tuple[datetime, _Observance | None]] = []
        for seen in self._observances:
            near = seen.onsets(low, high) or self._far(seen, low)
            events += [(_minus(onset, seen.before), seen) for onset in set(near)]
        events.sort(key=lambda event: event[0])
        return [at for at, _seen in events], [seen for _at, seen in events]

    @staticmethod
    def _far(seen: _Observance, low: datetime) -> list[datetime]:
        """The last onset before `low` of an observance whose rule has ended or never was."""
        if seen.start >= low:
            return []
        bound = seen.rule.bound(seen.start, timezone(seen.before)) if seen.rule else None
        if bound is not None and bound < low:
            ended = seen.onsets(max(seen.start, bound - timedelta(days=732)), bound + _HOUR)
            return [max(ended)] if ended else []
        if seen.rule is not None and seen.rule.count:
            return [max(seen.onsets(seen.start, low))]
        return [max(moment for moment in (seen.start, *seen.dates) if moment < low)]

    def _at(self, local: datetime) -> _Observance | None:
        """What holds at a local time: in a gap the offset before it, in an overlap the first unless `fold` is 1."""
        plain = local.replace(tzinfo=None, fold=0)
        onsets, observances = self._year(plain.year)
        held: _Observance | None = None
        for at, seen in zip(onsets, observances, strict=True):
            if seen is None:
                continue
            before = held.after if held else self._earliest
            shift = min(before, seen.after) if local.fold else max(before, seen.after)
            if plain < _plus(at, shift):
                break
            held = seen
        return held

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        """See datetime.tzinfo."""
        if when is None:
            return None
        held = self._at(when)
        return held.after if held else self._earliest

    def dst(self, when: datetime | None) -> timedelta | None:
        """See datetime.tzinfo."""
        held = self._at(when) if when is not None else None
        return held.after - held.before if held and held.daylight else _ZERO

    def tzname(self, when: datetime | None) -> str | None:
        """See datetime.tzinfo."""
        held = self._at(when) if when is not None else None
        return held.name if held and held.name else self.key

    def fromutc(self, when: datetime) -> datetime:
        """See datetime.tzinfo."""
        plain = when.replace(tzinfo=None)
        onsets, observances = self._year(plain.year)
        index = bisect_right(onsets, plain) - 1
        held = observances[index] if index >= 0 else None
        before = observances[index - 1] if index > 0 else None
        offset = held.after if held else self._earliest
        local = (plain + offset).replace(tzinfo=self)
        if held and index >= 0:
            earlier = before.after if before else self._earliest
            if earlier > offset and plain - onsets[index] < earlier - offset:
                return local.replace(fold=1)
        return local


def _minus(when: datetime, offset: timedelta) -> datetime:
    try:
        return when - offset
    except OverflowError:
        return when


def _plus(when: datetime, offset: timedelta) -> datetime:
    return _minus(when, -offset)


def zone_from_vtimezone(lines: Iterable[str]) -> tzinfo | None:
    """The zone that the lines of one VTIMEZONE (BEGIN to END, unfolded) describe; None if they describe none."""
    text = tuple(lines)
    key = ""
    observances: list[_Observance] = []
    current: dict[str, list[str]] | None = None
    kind = ""
    for line in text:
        try:
            name, _params, value = parse_line(line)
        except LineError:
            continue
        word = value.strip().upper()
        if name == "BEGIN" and word in ("STANDARD", "DAYLIGHT"):
            current, kind = {}, word
        elif name == "END" and word == kind and current is not None:
            seen = _read_observance(current, kind == "DAYLIGHT")
            if seen is not None and len(observances) < _MOST_OBSERVANCES:
                if sum(other.rule is not None for other in observances) >= _MOST_RULES:
                    seen.rule = None
                observances.append(seen)
            current = None
        elif current is not None:
            current.setdefault(name, []).append(value)
        elif name == "TZID":
            key = unescape(value).strip().strip('"')
    return RuleZone(key, text, observances) if observances else None


def _read_observance(found: dict[str, list[str]], daylight: bool) -> _Observance | None:
    try:
        before, after = (utc_offset(found[name][0]) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
        seen = _Observance(_wall(found["DTSTART"][0]), before, after, found.get("TZNAME", [""])[0], daylight)
        if "RRULE" in found:
            rule = Rule.parse(found["RRULE"][0])
            seen.rule = rule if rule.frequency in _BUDGETS else None
        for value in found.get("RDATE", ()):
            seen.dates += [_wall(piece) for piece in value.split(",")[: _MOST_DATES - len(seen.dates)]]
    except (BadValue, RuleError, KeyError, ValueError):
        return None
    return seen


def _wall(value: str) -> datetime:
    found, _exact = moment(value)
    if isinstance(found, datetime):
        return found.replace(tzinfo=None)
    return datetime(found.year, found.month, found.day)  # noqa: DTZ001 - a wall-clock time
