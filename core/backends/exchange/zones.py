"""Time zones between IANA and Exchange's Windows names, and moments between Python and exchangelib."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from exchangelib import EWSDate, EWSDateTime, EWSTimeZone
from exchangelib.errors import UnknownTimeZone

from core.calendar.event import Moment
from core.calendar.zones import windows_name, zone_for, zone_name

_UTC = EWSTimeZone("UTC")


@lru_cache(maxsize=512)
def exchange_zone(name: str) -> EWSTimeZone | None:
    """Exchange's zone for an IANA name; None where Windows has none."""
    try:
        return EWSTimeZone(name)
    except (UnknownTimeZone, ValueError):
        pass
    try:
        return EWSTimeZone.from_ms_id(windows_name(name) or "")
    except (UnknownTimeZone, ValueError):
        return None


def known(zone: tzinfo) -> bool:
    """Whether Exchange can say this zone."""
    return zone is UTC or exchange_zone(zone_name(zone)) is not None


def local_zone(found: EWSTimeZone | None, fallback: tzinfo) -> tzinfo:
    """Ours for one of Exchange's; `fallback` where it named none that is known."""
    if found is None:
        return fallback
    return zone_for(found.ms_id) or zone_for(found.key) or fallback


def to_exchange(moment: Moment, here: tzinfo) -> EWSDate | EWSDateTime:
    """For a field of an item. A floating time is taken in `here`: Exchange knows none."""
    if not isinstance(moment, datetime):
        return EWSDate(moment.year, moment.month, moment.day)
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=here)
    zone = exchange_zone(zone_name(aware.tzinfo or UTC)) or _UTC
    there = aware.astimezone(zone)
    return there if isinstance(there, EWSDateTime) else EWSDateTime.from_datetime(there)


def from_exchange(moment: EWSDate | EWSDateTime, zone: tzinfo) -> Moment:
    """A plain moment in `zone`, or a plain date."""
    if not isinstance(moment, datetime):
        return date(moment.year, moment.month, moment.day)
    return plain(moment).astimezone(zone)


def plain(moment: EWSDateTime) -> datetime:
    """The same instant in UTC as Python's own value: the library's takes no zone but its own."""
    offset = moment.utcoffset() or timedelta()
    parts = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond)
    return datetime(*parts, tzinfo=timezone(offset)).astimezone(UTC)


def day_after(moment: EWSDate) -> date:
    """exchangelib's last day of an all-day item, as our end, which is not included."""
    return date(moment.year, moment.month, moment.day) + timedelta(days=1)
