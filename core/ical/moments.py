"""Arithmetic on moments: dates, floating times and times in a zone, as RFC 5545 means it.

A local time that a zone leaves out is read with the offset before the gap, one that it shows twice is the first
(RFC 5545 §3.3.5). Nothing here raises at the ends of the calendar (years 1 and 9999): it stops there.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from core.calendar.event import Moment

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def to_utc(moment: Moment, zone: tzinfo) -> datetime:
    """The instant; dates begin at midnight, and they and floating times are taken in `zone`."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return FIRST if moment.year < 5000 else LAST


def to_zone(instant: datetime, zone: tzinfo) -> datetime:
    """An instant as local time."""
    try:
        return instant.astimezone(zone)
    except (OverflowError, ValueError):
        return instant.replace(tzinfo=zone)


def settle(moment: datetime) -> datetime:
    """The same instant as a local time that exists."""
    if moment.tzinfo is None or moment.tzinfo is UTC:
        return moment
    return to_zone(to_utc(moment, moment.tzinfo), moment.tzinfo)


def plus(moment: Moment, days: int, exact: timedelta = timedelta(0)) -> Moment:
    """Days later by the calendar, then an exact time later (RFC 5545 §3.3.6)."""
    try:
        moved = moment + timedelta(days=days)
        if not isinstance(moved, datetime) or not exact:
            return moved
        if moved.tzinfo is None or moved.tzinfo is UTC:
            return moved + exact
        return to_zone(to_utc(moved, moved.tzinfo) + exact, moved.tzinfo)
    except OverflowError:
        return moment


def day_of(moment: Moment) -> date:
    """The day that is written in a moment."""
    return moment.date() if isinstance(moment, datetime) else moment


def length(start: Moment, end: Moment) -> tuple[int, timedelta]:
    """How long an event is, so that it can be added to another start: days by the calendar, and exact time.

    Midnight to midnight (or any hour to the same one of another day) are days, whatever the clocks do meanwhile;
    everything else keeps its exact time (RFC 5545 §3.8.5.3).
    """
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return (day_of(end) - day_of(start)).days, timedelta(0)
    if start.tzinfo is None or end.tzinfo is None:
        wall = end.replace(tzinfo=None) - start.replace(tzinfo=None)
        return 0, max(wall, timedelta(0))
    local = to_zone(end, start.tzinfo).replace(tzinfo=None) - start.replace(tzinfo=None)
    if local > timedelta(0) and not local % timedelta(days=1):
        return local.days, timedelta(0)
    return 0, max(to_utc(end, UTC) - to_utc(start, UTC), timedelta(0))


def order(moment: Moment) -> datetime:
    """A key to sort moments of all kinds by."""
    return to_utc(moment, UTC)
