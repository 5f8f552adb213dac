"""The parts of a recurrence rule as text: enough to change one part and keep the others, without working it out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from core.calendar.event import Moment

DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""RFC 5545's weekdays; the position is Python's weekday number."""


def parts_of(rule: str) -> dict[str, str]:
    """`FREQ=DAILY;COUNT=3` as a table in the order of the text, names and values in capitals."""
    pieces = (piece.partition("=") for piece in rule.strip().upper().removeprefix("RRULE:").split(";"))
    return {name.strip(): value.strip() for name, _equals, value in pieces if name.strip()}


def joined(parts: dict[str, str]) -> str:
    """The table as the value of an RRULE; empty parts are left out."""
    return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def without_end(rule: str) -> dict[str, str]:
    """The parts of a rule but for COUNT and UNTIL."""
    parts = parts_of(rule)
    parts.pop("COUNT", None)
    parts.pop("UNTIL", None)
    return parts


def month_day_parts(day: int) -> dict[str, str]:
    """Each month on that day, on its last one where it is shorter: Outlook's way (RFC 5545 leaves such months out)."""
    if day <= 28:
        return {"BYMONTHDAY": str(day)}
    if day == 31:
        return {"BYMONTHDAY": "-1"}
    return {"BYMONTHDAY": ",".join(str(n) for n in range(28, day + 1)), "BYSETPOS": "-1"}


def wall(moment: Moment) -> datetime:
    """The wall-clock time of a moment, without its zone; midnight for a date."""
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None, fold=0)
    return datetime.combine(moment, time())


def zone_of(moment: Moment) -> tzinfo | None:
    """The zone of a moment; None for floating times and dates."""
    return moment.tzinfo if isinstance(moment, datetime) else None


def until_text(last: Moment) -> str:
    """The UNTIL that allows `last` and nothing after it, as RFC 5545 §3.3.10 wants it for such a moment."""
    if not isinstance(last, datetime):
        return f"{last:%Y%m%d}"
    if last.tzinfo is None:
        return f"{last:%Y%m%dT%H%M%S}"
    return f"{last.astimezone(UTC):%Y%m%dT%H%M%S}Z"


def until_on(day: date, start: Moment) -> str:
    """The UNTIL of a rule that ends with the instance of that day, for a series that starts at `start`."""
    if not isinstance(start, datetime):
        return until_text(day)
    return until_text(datetime.combine(day, start.timetz().replace(fold=0)))


def until_bound(rule: str, start: Moment) -> datetime | None:
    """The last wall-clock time that UNTIL allows, in the zone of `start`; None without a readable UNTIL."""
    until = parts_of(rule).get("UNTIL", "")
    try:
        if len(until) == 8:
            return datetime.combine(datetime.strptime(until, "%Y%m%d").date(), time.max)  # noqa: DTZ007 - a date
        bound = datetime.strptime(until.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone follows
    except ValueError:
        return None
    zone = zone_of(start)
    if until.endswith("Z") and zone is not None:
        return bound.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return bound


def last_day(rule: str, start: Moment) -> date | None:
    """The last day on which UNTIL allows an instance at the time of day of `start`; None without a readable UNTIL."""
    bound = until_bound(rule, start)
    if bound is None:
        return None
    on_time = not isinstance(start, datetime) or bound.time() >= start.time()
    return bound.date() if on_time else bound.date() - timedelta(days=1)
