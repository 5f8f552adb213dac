"""Days and hours for the reading commands: the C library's clock, which costs nothing to load."""

from __future__ import annotations

import time

from core.index import read
from core.index.database import DAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from core.index.read import Bounds, Row

EPOCH_DAY = 719_163
"""The ordinal of 1970-01-01."""


def days_of(text: str) -> tuple[int, int]:
    """First and last day of RANGE as ordinals; (0, 0) for the whole calendar."""
    now = time.localtime()
    today = _ordinal(now.tm_year, now.tm_mon, now.tm_mday)
    if text[:-1].isdigit() and text[-1] == "d" and text.isascii() and 0 < int(text[:-1]) < 10_000:
        return today, today + int(text[:-1]) - 1
    if text in ("today", "tomorrow"):
        return (today, today) if text == "today" else (today + 1, today + 1)
    from datetime import date

    from core.calendar.span import parse_range

    days = parse_range(text, date.fromordinal(today))
    return (days.first.toordinal(), days.last.toordinal()) if days.first and days.last else (0, 0)


def _ordinal(year: int, month: int, day: int) -> int:
    from datetime import date

    return date(year, month, day).toordinal()


def bounds_of(first: int, last: int) -> Bounds:
    """The span of days (ordinals, both included; 0 for all) as UTC and as wall-clock seconds."""
    if not first:
        low, high = -EPOCH_DAY * DAY + 2 * DAY, 2_932_895 * DAY
        return low, high, low, high
    begin, end = (first - EPOCH_DAY) * DAY, (last + 1 - EPOCH_DAY) * DAY
    return instant(begin), instant(end), begin, end


def instant(wall_clock: int) -> int:
    """Seconds since 1970 of a wall-clock moment here."""
    parts = time.gmtime(wall_clock)
    try:
        return int(time.mktime((*parts[:6], 0, 0, -1)))
    except OverflowError:
        return wall_clock


def offset(seconds: int) -> int:
    """The offset from UTC here at an instant, in seconds."""
    try:
        return time.localtime(seconds).tm_gmtoff or 0
    except (OverflowError, OSError, ValueError):
        return 0


def wall(row: Row, place: int) -> int:
    """The wall-clock second here of a row's start or end."""
    seconds: int = row[place]
    return seconds if row[read.LOCAL] else seconds + offset(seconds)


def refreshed(row: Sequence[Any]) -> int:
    """When the calendar was last looked at; a snapshot: when it came; a feed's and a server's: when it was read."""
    if row[4] not in ("snapshot", "feed", "exchange", "microsoft365") or not row[11]:
        return int(row[8])
    from datetime import datetime

    from core.json_text import read_json

    facts = read_json(row[11])
    known = {"snapshot": facts.get("received", ""), "feed": feed_of(facts).get("refreshed", "")}
    told = known.get(row[4], facts.get("refreshed", ""))
    try:
        return int(datetime.fromisoformat(told).timestamp())
    except (TypeError, ValueError):
        return 0


def problem_of(row: Sequence[Any]) -> str:
    """Why a calendar cannot be read, or why one from the internet is not refreshed; empty when all is well."""
    if row[12] or row[4] != "feed" or not row[11]:
        return str(row[12])
    from core.json_text import read_json

    return str(feed_of(read_json(row[11])).get("problem", ""))


def feed_of(facts: dict[str, Any]) -> dict[str, Any]:
    """What is remembered of a calendar from the internet."""
    found = facts.get("feed")
    return found if isinstance(found, dict) else {}
