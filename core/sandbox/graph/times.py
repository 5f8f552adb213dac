"""Graph's ways to write times: `dateTimeTimeZone` pairs, offsets, and zones by Windows or IANA names."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.calendar.zones import zone_for
from core.sandbox.graph.wire import Json, bad


def zone_called(name: str) -> ZoneInfo:
    """The zone of that Windows or IANA name. Raises 400 as Exchange does."""
    found = zone_for(name)
    if found is None:
        raise bad(f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'.",
                  "TimeZoneNotSupportedException")  # fmt: skip
    return found


def naive(text: str) -> datetime:
    """A `dateTime` without an offset, with up to seven digits after the second. Raises 400."""
    head, _dot, digits = text.partition(".")
    try:
        found = datetime.fromisoformat(head.removesuffix("Z"))
    except ValueError:
        raise bad(f"The value '{text}' is not a valid DateTime.", "ErrorInvalidArgument") from None
    if digits and not digits.rstrip("Z").isdecimal():
        raise bad(f"The value '{text}' is not a valid DateTime.", "ErrorInvalidArgument")
    return found.replace(tzinfo=None) if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def pair(value: object, what: str) -> tuple[datetime, str]:
    """Wall-clock time and zone name of a `dateTimeTimeZone`. Raises 400."""
    if not isinstance(value, dict) or not isinstance(value.get("dateTime"), str):
        raise bad(f"The property '{what}' is required when creating the entity.", "ErrorPropertyValidationFailure")
    zone = value.get("timeZone") or "UTC"
    zone_called(zone)
    return naive(value["dateTime"]), zone


def to_utc(wall: datetime, zone: str) -> datetime:
    """The instant, aware."""
    return wall.replace(tzinfo=zone_called(zone)).astimezone(UTC)


def wall_in(instant: datetime, zone: str) -> datetime:
    """Wall-clock time of an instant, naive."""
    return instant.astimezone(zone_called(zone)).replace(tzinfo=None)


def written(wall: datetime, zone: str) -> Json:
    """A `dateTimeTimeZone`."""
    return {"dateTime": f"{wall:%Y-%m-%dT%H:%M:%S}.{wall.microsecond:06}0", "timeZone": zone}


def offset(instant: datetime) -> str:
    """A `DateTimeOffset`."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def instant_of(text: str) -> datetime:
    """An instant from a query: with an offset, or UTC. Raises 400."""
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return naive(text).replace(tzinfo=UTC)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
