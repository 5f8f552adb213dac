"""The one door to icalendar's value parsers. Whatever they raise on bad bytes comes out as BadValue (traps.md 5).

Time zones are not icalendar's business here: it would take an unknown TZID for floating time and open files for
others. Values are parsed without a zone, and `core.calendar.zones` says which one they are in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from core.values import dataclass

_T = TypeVar("_T")
_DATE = re.compile(r"\d{8}")
_TIME = re.compile(r"\d{8}T\d{6}Z?")
_ODD_TIME = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")
_LONGEST_DURATION = timedelta(days=366 * 400)


class BadValue(ValueError):
    """A value that cannot be read; the text is the value's beginning."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A DURATION: days by the calendar, and exact time (RFC 5545 §3.3.6)."""

    days: int
    exact: timedelta

    @property
    def whole(self) -> timedelta:
        """Both together, as if every day had 24 hours."""
        return timedelta(days=self.days) + self.exact


@cache
def _icalendar() -> Any:  # noqa: ANN401 - a module
    """icalendar's values; loading them costs 30 ms, which a file of usual events does not need."""
    from icalendar import prop

    return prop


def _guard(parse: Callable[[str], _T], value: str) -> _T:
    try:
        return parse(value)
    except Exception as error:  # what icalendar raises has no common base: ValueError, TypeError, AttributeError, …
        raise BadValue(value[:60]) from error


def moment(value: str) -> tuple[date, bool]:
    """A DATE or DATE-TIME (naive, or UTC where it ends in Z), and whether it is written as RFC 5545 wants."""
    if _TIME.fullmatch(value):
        return _guard(_datetime, value), True
    if _DATE.fullmatch(value):
        return _guard(_date, value), True
    text = value.strip().strip('"').upper()
    if _TIME.fullmatch(text) or _DATE.fullmatch(text):
        return moment(text)[0], False
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return _guard(_date, text.replace("-", "")), False
    match = _ODD_TIME.fullmatch(text)
    if not match:
        raise BadValue(value[:60])
    year, month, day, hour, minute, second, zone = match.groups()
    found = _guard(_datetime, f"{year}{month}{day}T{hour}{minute}{second or '00'}")
    if not zone:
        return found, False
    offset = timedelta(0) if zone == "Z" else utc_offset(zone.replace(":", ""))
    return _guard(lambda _text: found.replace(tzinfo=UTC) - offset, text), False


def _date(value: str) -> date:
    parse: Callable[[str], date] = _icalendar().vDate.from_ical
    found = parse(value)
    return date(found.year, found.month, found.day)


def _datetime(value: str) -> datetime:
    parse: Callable[[str], datetime] = _icalendar().vDatetime.from_ical
    found = parse(value[:15])
    return datetime(
        found.year,
        found.month,
        found.day,
        found.hour,
        found.minute,
        found.second,
        tzinfo=UTC if value.endswith("Z") else None,
    )


def duration(value: str) -> Duration:
    """A DURATION; more than 400 years is no duration of an event."""
    text = value.strip().upper().replace(" ", "")
    if not any(sign.isdigit() for sign in text):
        raise BadValue(value[:60])
    before, _t, _after = text.partition("T")
    whole: timedelta = _guard(_icalendar().vDuration.from_ical, text)
    nominal: timedelta = _guard(_icalendar().vDuration.from_ical, before) if before.strip("+-P") else timedelta(0)
    if abs(whole) > _LONGEST_DURATION:
        raise BadValue(value[:60])
    return Duration(nominal.days, whole - nominal)


def utc_offset(value: str) -> timedelta:
    """A UTC-OFFSET, less than a day."""
    found: timedelta = _guard(_icalendar().vUTCOffset.from_ical, value.strip())
    if abs(found) >= timedelta(days=1):
        raise BadValue(value[:60])
    return found


def integer(value: str) -> int:
    """An INTEGER of 32 bits (RFC 5545 §3.3.8)."""
    found = int(_guard(_icalendar().vInt.from_ical, value.strip()[:20]))
    if not -(2**31) <= found < 2**31:
        raise BadValue(value[:60])
    return found


def binary(value: str) -> bytes:
    """The bytes of a BASE64 value."""
    return bytes(_guard(_icalendar().vBinary.from_ical, "".join(value.split())))
