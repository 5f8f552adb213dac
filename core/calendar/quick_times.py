"""Times of day and durations in a typed line: `12:30-13:30`, `14h-15h30`, `9-10am`, `à 14 h`, `noon`, `for 45m`."""

from __future__ import annotations

import re
from datetime import timedelta

from core.calendar.quick_line import NUMBER, TAKEN, Line, number
from core.errors import UsageError
from core.language import _, language
from core.values import dataclass

_NAMED = {"noon": 12, "midday": 12, "midi": 12, "midnight": 24, "minuit": 24}
_MARKED = r"\d{1,2}(?::\d{2}(?: ?[ap]\.?m\.?)?| ?h ?\d{2}| ?(?:heures?|h)| ?[ap]\.?m\.?)"
_BARE = r"\d{1,2}"
_TIME = rf"(?:{_MARKED}|{'|'.join(_NAMED)})"
_ANY = rf"(?:{_TIME}|{_BARE})"
_FROM = r"(?:from |de |d'|between |entre )"
_BETWEEN = r"(?: ?- ?| to | till | until | a | jusqu'a )"
_PARTS = re.compile(r"(\d{1,2})(?::(\d{2})|( ?h(?:eures?)?) ?(\d{2})?)? ?([ap])?")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time as it was typed. `sure`: nobody could mean the other half of the day."""

    hour: int
    minute: int
    half: str = ""
    sure: bool = True

    @property
    def minutes(self) -> int:
        """Since midnight, as it was typed."""
        hour = self.hour
        if self.half:
            hour = hour % 12 + (12 if self.half == "p" else 0)
        return hour * 60 + self.minute


@dataclass(frozen=True, slots=True)
class Times:
    """Start and end in minutes since midnight (the end may be on the next day); `guessed` when it was a bare 1 to 6."""

    start: int
    end: int | None
    guessed: bool = False


def take_duration(line: Line) -> timedelta | None:
    """`for 45m`, `pendant 1h30`, `for 2 hours`, `45 min`."""
    unit = r"(?:minutes?|mins?|mn|m|hours?|heures?|hrs?|h|days?|jours?|d|j|weeks?|semaines?)"
    rest = r"(?: ?(?:and |et )?\d{1,2} ?(?:minutes?|mins?|m)?)?"
    amount = rf"(?:half an hour|une demi-heure|{NUMBER}(?:[.,]\d)? ?{unit}{rest})"
    match = line.find(rf"(?:for|pendant|durant|duree) (?:the )?({amount})") or line.find(
        r"(\d{1,3} ?(?:minutes?|mins?|mn|m))"
    )
    if match is None:
        return None
    text = match[1]
    line.take(match)
    return _duration(text)


def _duration(text: str) -> timedelta:
    if text in ("half an hour", "une demi-heure"):
        return timedelta(minutes=30)
    match = re.match(rf"({NUMBER})(?:[.,](\d))? ?([a-z]+)(?: ?(?:and |et )?(\d{{1,2}}))?", text)
    assert match is not None
    amount = number(match[1]) + (int(match[2]) / 10 if match[2] else 0)
    unit = match[3][0] if match[3] not in ("mn",) else "m"
    size = {"m": 1, "h": 60, "d": 1440, "j": 1440, "w": 10080, "s": 10080}[unit]
    return timedelta(minutes=round(amount * size) + int(match[4] or 0))


def take_times(line: Line, half: str = "") -> Times | None:
    """The time or the span of times in the line; `half` (a or p) is what a part of the day says of bare hours."""
    match = line.find(rf"(?:{_FROM})?({_ANY}){_BETWEEN}({_ANY})") or line.find(
        rf"(?:between|entre) ({_ANY}) (?:and|et) ({_ANY})"
    )
    while match is not None and not _is_span(line, match):
        rest = re.compile(r"(?<![\w.@/-])(?:" + rf"(?:{_FROM})?({_ANY}){_BETWEEN}({_ANY})" + r")(?![\w@])")
        match = rest.search(line.plain, match.start() + 1)
    if match is not None:
        first, last = _clock(match[1]), _clock(match[2])
        line.take(match)
        return _span(first, last, half)
    single = line.find(
        rf"(?:at|@|a|vers|des|around|from|de) ?(?<![a-z@])({_ANY})(?![./]\d)"
        rf"|(?:at|a|vers|@) ({_ANY})(?![./]\d)|({_TIME})"
    )
    if single is None:
        single = re.search(rf"{TAKEN}(?: |,)*(?:at |a )?()()({_BARE})(?![\w:/.@-])", line.plain)
    if single is None:
        return None
    clock = _clock(next(group for group in single.groups() if group))
    line.take(single)
    start, guessed = _resolved(clock, half)
    return Times(start, None, guessed)


def _is_span(line: Line, match: re.Match[str]) -> bool:
    """Not a date such as 24-12-2026, nor numbers that are no hours."""
    if re.match(r"[./-]\d", line.plain[match.end() :]):
        return False
    try:
        _clock(match[1]), _clock(match[2])
    except UsageError:
        return False
    bare = match[1].isdigit() and match[2].isdigit()
    return not (bare and " to " in match[0] and "from" not in match[0] and int(match[2]) > 24)


def _clock(text: str) -> Clock:
    if text in _NAMED:
        return Clock(_NAMED[text], 0)
    match = _PARTS.match(text)
    assert match is not None
    hour, minute, half = int(match[1]), int(match[2] or match[4] or 0), match[5] or ""
    if hour > 24 or minute > 59 or (hour == 24 and minute) or (half and not 1 <= hour <= 12):
        raise UsageError(_("“{text}” is no time of day.").format(text=text), _("Write it as 14:30, 14h30 or 2:30 pm."))
    sure = bool(match[3]) or bool(half) or hour > 12 or hour == 0 or match[1].startswith("0") or language() == "fr"
    return Clock(hour, minute, half, sure)


def _resolved(clock: Clock, half: str) -> tuple[int, bool]:
    """Minutes since midnight, and whether the afternoon was guessed: a bare 1 to 6 is rarely in the night."""
    if not clock.half and clock.hour < 12 and half:
        return clock.minutes + (720 if half == "p" else 0), False
    guess = not clock.sure and 1 <= clock.hour <= 6
    return clock.minutes + (720 if guess else 0), guess


def _span(first: Clock, last: Clock, half: str) -> Times:
    if last.half and not first.half and 1 <= first.hour <= 12:
        same = Clock(first.hour, first.minute, last.half).minutes
        other = Clock(first.hour, first.minute, "a" if last.half == "p" else "p").minutes
        begin = same if same < last.minutes else other
        return Times(begin, _after(begin, last.minutes))
    start, guessed = _resolved(first, half)
    end, _guess = _resolved(last, half)
    if end <= start < end + 720 and not last.half and last.hour <= 12 and not last.sure:
        end += 720
    return Times(start, _after(start, end), guessed)


def _after(start: int, end: int) -> int:
    return end if end > start else end + 1440
