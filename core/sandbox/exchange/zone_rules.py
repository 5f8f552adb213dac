"""When a zone changes its clocks, as EWS writes and reads it: definitions with transitions, and bias with two rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.times import bias
from core.sandbox.exchange.xml import Element, child, t, text_of
from core.values import dataclass

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of the clocks. `wall` is the time that they show before it."""

    wall: datetime
    before: timedelta
    after: timedelta

    @property
    def week(self) -> int:
        """Which of its weekday in the month, -1 for the last."""
        last = (self.wall.date() + timedelta(days=7)).month != self.wall.month
        return -1 if last else (self.wall.day - 1) // 7 + 1


@lru_cache(maxsize=1024)
def turns(zone: tzinfo, year: int) -> tuple[Turn, ...]:
    """The changes of the clocks in a year."""
    found = []
    for month in range(1, 13):
        low = datetime(year, month, 1, tzinfo=UTC)
        high = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        before, after = _offset(zone, low), _offset(zone, high)
        if before != after:
            at = _bisect(zone, low, high, before)
            found.append(Turn((at + before).replace(tzinfo=None), before, after))
    return tuple(found)


def _bisect(zone: tzinfo, low: datetime, high: datetime, before: timedelta) -> datetime:
    while high - low > timedelta(minutes=1):
        middle = (low + (high - low) / 2).replace(second=0, microsecond=0)
        if middle == low:
            break
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _offset(zone: tzinfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or _ZERO


def standard_offset(zone: tzinfo, year: int) -> timedelta:
    """The smaller offset of the year: standard time."""
    return min(_offset(zone, datetime(year, month, 1, tzinfo=UTC)) for month in (1, 7))


# --- definitions -----------------------------------------------------------------------------------------------------


def definition(name: str, label: str, zone: tzinfo, year: int, *, full: bool = True) -> Element:
    """A `t:TimeZoneDefinition` with the rules of that year."""
    made = t("TimeZoneDefinition", Id=name, Name=label)
    if not full:
        return made
    changes = turns(zone, year)
    standard = standard_offset(zone, year)
    offsets = sorted({standard, *(turn.after for turn in changes), *(turn.before for turn in changes)})
    made.append(t("Periods", [_period(name, offset, standard) for offset in offsets]))
    target = [_transition(name, turn, standard) for turn in changes]
    always = t("Transition", t("To", _period_id(name, standard, standard), Kind="Period"))
    made.append(t("TransitionsGroups", t("TransitionsGroup", target or [always], Id="0")))
    made.append(t("Transitions", t("Transition", t("To", "0", Kind="Group"))))
    return made


def _period(name: str, offset: timedelta, standard: timedelta) -> Element:
    title = "Standard" if offset == standard else "Daylight"
    return t("Period", Bias=bias(offset), Name=title, Id=_period_id(name, offset, standard))


def _period_id(name: str, offset: timedelta, standard: timedelta) -> str:
    return f"trule:Microsoft/Registry/{name}/2006-{'Standard' if offset == standard else 'Daylight'}"


def _transition(name: str, turn: Turn, standard: timedelta) -> Element:
    to = t("To", _period_id(name, turn.after, standard), Kind="Period")
    clock = timedelta(hours=turn.wall.hour, minutes=turn.wall.minute)
    return t(
        "RecurringDayTransition",
        to,
        t("TimeOffset", bias(-clock)),
        t("Month", turn.wall.month),
        t("DayOfWeek", _DAYS[turn.wall.weekday()]),
        t("Occurrence", turn.week),
    )


# --- bias and two rules ----------------------------------------------------------------------------------------------


def serializable(zone: tzinfo, year: int, tag: str = "TimeZone") -> Element:
    """A zone as GetUserAvailability writes it."""
    standard = standard_offset(zone, year)
    rules = {turn.after == standard: turn for turn in turns(zone, year)}
    return t(
        tag,
        t("Bias", -int(standard.total_seconds()) // 60),
        _rule("StandardTime", rules.get(True), standard),
        _rule("DaylightTime", rules.get(False), standard),
    )


def _rule(tag: str, turn: Turn | None, standard: timedelta) -> Element:
    if turn is None:
        parts = ("0", "00:00:00", "0", "0", "Sunday")
    else:
        order = 5 if turn.week == -1 else turn.week
        more = -int((turn.after - standard).total_seconds()) // 60
        parts = (str(more), f"{turn.wall:%H:%M:%S}", str(order), str(turn.wall.month), _DAYS[turn.wall.weekday()])
    names = ("Bias", "Time", "DayOrder", "Month", "DayOfWeek")
    return t(tag, [t(name, part) for name, part in zip(names, parts, strict=True)])


@dataclass(frozen=True, slots=True)
class _Rule:
    """When one of the two times of a year begins, and its offset."""

    offset: timedelta
    month: int
    order: int
    day: int
    clock: timedelta

    def begins(self, year: int) -> datetime:
        """On the wall clock of the other time."""
        first = date(year, self.month, 1)
        at = first + timedelta(days=(self.day - first.weekday()) % 7 + 7 * (self.order - 1))
        while at.month != self.month:
            at -= timedelta(days=7)
        return datetime(at.year, at.month, at.day) + self.clock  # noqa: DTZ001 - a wall clock


class RuledZone(tzinfo):
    """The zone of a request that says bias and rules instead of a name."""

    def __init__(self, element: Element) -> None:
        try:
            base = timedelta(minutes=-int(text_of(element, "Bias") or "0"))
            self._standard = _read_rule(child(element, "StandardTime"), base)
            self._daylight = _read_rule(child(element, "DaylightTime"), base)
        except ValueError as error:
            raise EwsError("ErrorTimeZone", "The time zone is invalid.") from error
        self._base = base

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """The offset at a wall-clock time."""
        if moment is None or self._standard is None or self._daylight is None:
            return self._standard.offset if self._standard else self._base
        wall = moment.replace(tzinfo=None)
        summer, winter = self._daylight.begins(wall.year), self._standard.begins(wall.year)
        inside = summer <= wall < winter if summer < winter else not winter <= wall < summer
        return self._daylight.offset if inside else self._standard.offset

    def dst(self, moment: datetime | None) -> timedelta:
        """How far the clocks are put forward."""
        return self.utcoffset(moment) - (self._standard.offset if self._standard else self._base)

    def tzname(self, moment: datetime | None) -> str:
        """Its offset: it has no name."""
        return f"UTC{self.utcoffset(moment)}"

    def local(self, instant: datetime) -> datetime:
        """The wall clock at an instant."""
        for offset in {self.utcoffset((instant + self._base).replace(tzinfo=None)), self._base}:
            wall = (instant + offset).replace(tzinfo=None)
            if self.utcoffset(wall) == offset:
                return wall
        return (instant + self._base).replace(tzinfo=None)


def _read_rule(element: Element | None, base: timedelta) -> _Rule | None:
    month = int(text_of(element, "Month") or "0")
    if not month:
        return None
    hours, minutes, seconds = (int(part) for part in text_of(element, "Time").split(":"))
    return _Rule(
        base - timedelta(minutes=int(text_of(element, "Bias") or "0")),
        month,
        int(text_of(element, "DayOrder")),
        _DAYS.index(text_of(element, "DayOfWeek")),
        timedelta(hours=hours, minutes=minutes, seconds=seconds),
    )
