"""Recurrence rules of RFC 5545 §3.3.10 as arithmetic on days: fast, bounded, standard library only, light to import.

The index runs this for every series of a calendar, so the usual rules (each n days, weeks, months, years) have
short ways, and a rule without COUNT begins at the span that is looked at, however old it is. All work is in the
event's own wall-clock time; zones, exceptions and overrides are `recurrence.expand`'s.
"""

# ruff: noqa: DTZ001 - wall-clock times of the event: the zone is the caller's
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from core.ical.periods import DAY, FIXED, Periods, Search, TooMuchWork, clock_instants, stepped, weekly
from core.language import _

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BUDGET", "Rule", "RuleError", "TooMuchWork", "parse_until"]

BUDGET = 100_000
"""Steps that one call may take; a step is a period that is looked at, or an instant."""

FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_INSTANT = timedelta(microseconds=1)
_END = datetime(9999, 12, 31, 23, 59, 59)
_LISTS = {
    "BYSECOND": ("by_second", 0, 60, False),
    "BYMINUTE": ("by_minute", 0, 59, False),
    "BYHOUR": ("by_hour", 0, 23, False),
    "BYMONTHDAY": ("by_month_day", 1, 31, True),
    "BYYEARDAY": ("by_year_day", 1, 366, True),
    "BYWEEKNO": ("by_week", 1, 53, True),
    "BYMONTH": ("by_month", 1, 12, False),
    "BYSETPOS": ("by_set_pos", 1, 366, True),
}


class RuleError(ValueError):
    """A rule that cannot be understood; the text is for a person."""


class Rule:
    """One RRULE. All parts are public and never changed; a part that is not in the text is empty, 1 or None.

    `by_day` holds (n, weekday) with n = 0 for every such day, and Monday = 0; `until` is a date, a naive datetime,
    or an aware one in UTC.
    """

    __slots__ = (
        "by_day",
        "by_hour",
        "by_minute",
        "by_month",
        "by_month_day",
        "by_second",
        "by_set_pos",
        "by_week",
        "by_year_day",
        "count",
        "frequency",
        "interval",
        "text",
        "until",
        "week_start",
    )

    def __init__(self, frequency: str, text: str = "") -> None:
        self.frequency = frequency
        self.text = text
        self.interval = 1
        self.count: int | None = None
        self.until: date | datetime | None = None
        self.by_second: tuple[int, ...] = ()
        self.by_minute: tuple[int, ...] = ()
        self.by_hour: tuple[int, ...] = ()
        self.by_day: tuple[tuple[int, int], ...] = ()
        self.by_month_day: tuple[int, ...] = ()
        self.by_year_day: tuple[int, ...] = ()
        self.by_week: tuple[int, ...] = ()
        self.by_month: tuple[int, ...] = ()
        self.by_set_pos: tuple[int, ...] = ()
        self.week_start = 0

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read the value of an RRULE. Raises RuleError, in words for a person."""
        parts: dict[str, str] = {}
        for piece in text.strip().upper().removeprefix("RRULE:").split(";"):
            if piece.strip():
                name, _equals, value = piece.partition("=")
                parts[name.strip()] = value.strip()
        frequency = parts.pop("FREQ", "")
        if frequency not in FREQUENCIES:
            raise RuleError(_("the repetition has no known frequency"))
        rule = cls(frequency, text)
        for name, value in parts.items():
            rule._take(name, value)
        return rule

    def _take(self, name: str, value: str) -> None:
        if name in _LISTS:
            attribute, low, high, negative = _LISTS[name]
            setattr(self, attribute, _numbers(name, value, low, high, negative))
        elif name == "BYDAY":
            self.by_day = _weekdays(value)
        elif name == "INTERVAL":
            self.interval = _number(name, value)
        elif name == "COUNT":
            self.count = _number(name, value)
        elif name == "UNTIL":
            self.until = parse_until(value)
        elif name == "WKST":
            self.week_start = _weekday(value)
        elif (name, value) not in (("RSCALE", "GREGORIAN"), ("SKIP", "OMIT")) and not name.startswith("X-"):
            raise RuleError(_("the repetition has a part that is not known: {part}").format(part=name[:40]))

    @property
    def simple(self) -> bool:
        """Whether frequency and interval say everything (but for COUNT, UNTIL and, in a weekly rule, BYDAY)."""
        return not (
            self.by_second
            or self.by_minute
            or self.by_hour
            or self.by_month_day
            or self.by_year_day
            or self.by_week
            or self.by_month
            or self.by_set_pos
            or (self.by_day and self.frequency != "WEEKLY")
        )

    def bound(self, start: date, zone: tzinfo | None = None) -> datetime | None:
        """The last wall-clock moment that UNTIL allows, None without UNTIL.

        A DATE keeps the whole day though the start has a time; UTC is turned into `zone` for a timed start. For an
        all-day start only the day as it is written counts.
        """
        until = self.until
        if until is None:
            return None
        if not isinstance(until, datetime):
            return datetime(until.year, until.month, until.day, 23, 59, 59, 999999)
        if not isinstance(start, datetime):
            return datetime(until.year, until.month, until.day, 23, 59, 59, 999999)
        if until.tzinfo is None:
            return until
        try:
            return (until.astimezone(zone) if zone is not None else until).replace(tzinfo=None)
        except OverflowError:
            return until.replace(tzinfo=None)

    def instants(
        self,
        start: date,
        first: date,
        last: date,
        budget: int = BUDGET,
        zone: tzinfo | None = None,
    ) -> Iterator[datetime] | Iterator[date]:
        """Starts of instances that are `>= first` and `< last`, in order, none twice.

        All are wall-clock times of the event (a zone on them is ignored), dates where `start` is a date. `start`
        is always the first instance and counts for COUNT, whether it fits the rule or not (RFC 5545 §3.8.5.3).
        `zone` is what a UNTIL in UTC is turned into. Raises TooMuchWork while being read.
        """
        if isinstance(start, datetime):
            return self.times(start, first, last, budget, zone)
        return (instant.date() for instant in self._run(start, first, last, budget, None))

    def times(
        self, start: datetime, first: date, last: date, budget: int = BUDGET, zone: tzinfo | None = None
    ) -> Iterator[datetime]:
        """`instants` of a start that has a time."""
        return self._run(start, first, last, budget, zone)

    def _run(self, start: date, first: date, last: date, budget: int, zone: tzinfo | None) -> Iterator[datetime]:
        begin, low, high = _plain(start), _plain(first), _plain(last)
        bound = self.bound(start, zone)
        if bound is not None and bound < high:
            high = bound + _INSTANT if bound < _END else bound
        if low <= begin < high:
            yield begin
        rest = None if self.count is None else self.count - 1
        low = max(low, begin + _INSTANT)
        if low < high and (rest is None or rest > 0):
            yield from self._later(begin, Search(low, high, rest, budget), timed=isinstance(start, datetime))

    def _later(self, begin: datetime, search: Search, *, timed: bool) -> Iterator[datetime]:
        """Instants after `begin`."""
        if self.frequency in FIXED and not timed and self.frequency != "DAILY":
            return iter(())  # RFC 5545 §3.3.10: an all-day event does not repeat by the hour
        if self.simple and self.frequency in FIXED:
            return stepped(begin, FIXED[self.frequency] * self.interval, search)
        if self.simple and self.frequency == "WEEKLY":
            return weekly(self, begin, search)
        if self.frequency in FIXED and FIXED[self.frequency] < DAY:
            return clock_instants(self, begin, search)
        return Periods(self, begin, timed).instants(search)


def _plain(moment: date) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime(moment.year, moment.month, moment.day)


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 9 or int(value) < 1:
        raise RuleError(_("the repetition has an impossible {part}: {value}").format(part=name, value=value[:20]))
    return int(value)


def _numbers(name: str, value: str, low: int, high: int, negative: bool) -> tuple[int, ...]:
    found = set()
    for piece in value.split(","):
        digits = piece.strip().removeprefix("+")
        unsigned = digits.removeprefix("-") if negative else digits
        if not (unsigned.isascii() and unsigned.isdigit()) or len(unsigned) > 4 or not low <= int(unsigned) <= high:
            raise RuleError(_("the repetition has an impossible {part}: {value}").format(part=name, value=piece[:20]))
        found.add(int(digits))
    return tuple(sorted(found))


def _weekday(value: str) -> int:
    if value not in WEEKDAYS:
        raise RuleError(_("the repetition has an unknown day of the week: {value}").format(value=value[:20]))
    return WEEKDAYS.index(value)


def _weekdays(value: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for piece in value.split(","):
        word = piece.strip()
        number = word[:-2]
        nth = _numbers("BYDAY", number, 1, 53, True)[0] if number else 0
        found.add((nth, _weekday(word[-2:])))
    return tuple(sorted(found))


def parse_until(value: str) -> date | datetime:
    """The value of UNTIL: a date, a naive datetime, or an aware one in UTC. Raises RuleError."""
    digits = value.removesuffix("Z").replace("-", "").replace(":", "")
    try:
        if not digits.replace("T", "").isdigit() or not digits.isascii():
            raise ValueError(value)
        if len(digits) == 8:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        moment = datetime.fromisoformat(digits)
    except ValueError:
        raise RuleError(_("the repetition has an impossible end: {value}").format(value=value[:40])) from None
    if value.endswith("Z"):
        return moment.replace(tzinfo=UTC)
    return moment
