"""Times and time zones of EWS: xs:dateTime with and without an offset, Windows' zone names, durations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from core.calendar.zones import windows_name, windows_zones, zone_for
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.xml import Element, t

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(text: str, zone: tzinfo = UTC) -> datetime:
    """An instant, in UTC. Without an offset it is in `zone`. Raises EwsError."""
    try:
        found = datetime.fromisoformat(text.strip())
        aware = found if found.tzinfo is not None else found.replace(tzinfo=zone)
        return aware.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise EwsError("ErrorInvalidValueForProperty", f"{text[:40]} is not a time.") from error


def day(text: str) -> date:
    """An xs:date; an offset behind it says nothing about the day. Raises EwsError."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError as error:
        raise EwsError("ErrorInvalidValueForProperty", f"{text[:40]} is not a date.") from error


def zone_named(name: str) -> ZoneInfo:
    """The zone of a Windows name (or an IANA one). Raises EwsError: ErrorCalendarInvalidTimeZone."""
    found = zone_for(name)
    if found is None:
        raise EwsError("ErrorCalendarInvalidTimeZone")
    return found


def zone_of(element: Element | None) -> ZoneInfo | None:
    """The zone of a StartTimeZone, MeetingTimeZone or TimeZoneDefinition; None where it names none."""
    if element is None:
        return None
    name = element.get("Id") or element.get("TimeZoneName") or element.get("Name") or ""
    return zone_named(name) if name else None


@cache
def _labels() -> dict[str, str]:
    return {name: label for name, label, _iana in windows_zones()}


def windows_id(zone: tzinfo) -> str:
    """The Windows name of a zone; UTC where there is none."""
    return windows_name(str(zone)) or "UTC"


def label(name: str) -> str:
    """How Windows shows the zone of this name."""
    return _labels().get(name, f"(UTC) {name}")


def zone_element(tag: str, zone: tzinfo) -> Element:
    """A zone as an item's StartTimeZone."""
    name = windows_id(zone)
    return t(tag, Id=name, Name=label(name))


def duration(length: timedelta) -> str:
    """An xs:duration in days, hours and minutes."""
    minutes = int(length.total_seconds()) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"P{text or 'T0S'}"


def bias(offset: timedelta) -> str:
    """An offset from UTC as a period's Bias: what is added to local time to get UTC, so east is negative."""
    minutes = -int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    clock = (f"{hours}H" if hours else "") + (f"{rest}M" if rest else "") or "0H"
    return f"{'-' if minutes < 0 else ''}PT{clock}"
