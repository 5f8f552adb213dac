"""What a calendar says of itself: Outlook's properties of VCALENDAR ([MS-OXCICAL] 2.1.3.1.1, outlook.md §1.4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from core.calendar.people import Address, clean_name, parse_address
from core.calendar.zones import zone_for
from core.errors import UsageError
from core.ical import values
from core.ical.components import Component, Line
from core.ical.lines import unescape
from core.ical.moments import FIRST, LAST
from core.ical.values import BadValue
from core.ical.zonematch import Zones
from core.values import dataclass

_LONGEST_NAME = 200
_COLOUR = re.compile(r"#([0-9A-Fa-f]{6})(?:[0-9A-Fa-f]{2})?")


@dataclass(frozen=True, slots=True)
class CalendarHeader:
    """The calendar itself. Empty or None is what the file does not say.

    `clip` is the window for which the file speaks (X-CLIPSTART, X-CLIPEND), aware; `relation` X-WR-RELCALID, by
    which the same calendar is known again; `opens_single` says that it is one event to be added, not a calendar.
    """

    name: str = ""
    relation: str = ""
    owner: Address | None = None
    primary: bool = False
    clip: tuple[datetime, datetime] | None = None
    method: str = ""
    colour: str = ""
    time_zone: str = ""
    """An IANA name."""
    ttl: timedelta | None = None
    opens_single: bool = False


def read_header(calendar: Component, zones: Zones, *, single: bool) -> CalendarHeader:
    """The header of a VCALENDAR; `single`: it holds one event."""
    zone = zone_for(_text(calendar, "X-WR-TIMEZONE")) if _text(calendar, "X-WR-TIMEZONE") else None
    return CalendarHeader(
        name=clean_name(_text(calendar, "X-WR-CALNAME", "NAME"))[:_LONGEST_NAME],
        relation=clean_name(_text(calendar, "X-WR-RELCALID"))[:_LONGEST_NAME],
        owner=_owner(calendar.first("X-OWNER")),
        primary=_text(calendar, "X-PRIMARY-CALENDAR").upper() == "TRUE",
        clip=_clip(calendar, zones),
        method=clean_name(_text(calendar, "METHOD")).upper()[:40],
        colour=_colour(_text(calendar, "X-APPLE-CALENDAR-COLOR", "COLOR", "X-OUTLOOK-COLOR")),
        time_zone=zone.key if zone else "",
        ttl=_ttl(_text(calendar, "REFRESH-INTERVAL", "X-PUBLISHED-TTL")),
        opens_single=single and _text(calendar, "X-MS-OLK-FORCEINSPECTOROPEN").upper() == "TRUE",
    )


def _text(calendar: Component, *names: str) -> str:
    for name in names:
        line = calendar.first(name)
        if line is not None and line.value.strip():
            return unescape(line.value).strip()
    return ""


def _owner(line: Line | None) -> Address | None:
    if line is None:
        return None
    value = line.value.strip()
    try:
        found = parse_address(value[7:] if value[:7].lower() == "mailto:" else value)
    except UsageError:
        return None
    return Address(found.address, clean_name(line.param("CN")))


def _clip(calendar: Component, zones: Zones) -> tuple[datetime, datetime] | None:
    start, end = (_instant(calendar.first(name), zones) for name in ("X-CLIPSTART", "X-CLIPEND"))
    if start is None and end is None:
        return None
    window = (start or FIRST, end or LAST)
    return window if window[0] <= window[1] else None


def _instant(line: Line | None, zones: Zones) -> datetime | None:
    if line is None:
        return None
    try:
        found, _exact = values.moment(line.value.strip())
    except BadValue:
        return None
    if not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day)  # noqa: DTZ001 - gets its zone below
    if found.tzinfo is not None:
        return found
    tzid = line.param("TZID")
    return found.replace(tzinfo=(zones.find(tzid, line.number) if tzid else None) or UTC)


def _colour(text: str) -> str:
    match = _COLOUR.fullmatch(text)
    return f"#{match[1].lower()}" if match else ""


def _ttl(text: str) -> timedelta | None:
    try:
        found = values.duration(text).whole if text else None
    except BadValue:
        return None
    return found if found and found > timedelta(0) else None
