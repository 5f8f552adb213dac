"""What painters need to know of a person's settings, and the small things that all of them do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus, Moment
from core.calendar.span import WorkingHours
from core.language import _
from core.language.dates import time_of_day, uses_24h
from core.sharing.detail import status_word
from core.values import dataclass
from tui.text import cell_width, cells, clean
from tui.widgets.canvas import Ink
from tui.widgets.marks import UNICODE, Marks


@dataclass(frozen=True, slots=True)
class Look:
    """Marks of this terminal, colours of the calendars (by id), the person's working hours."""

    marks: Marks = UNICODE
    colours: Mapping[str, str] = field(default_factory=dict)
    hours: WorkingHours = field(default_factory=WorkingHours)
    numbers: Mapping[str, str] = field(default_factory=dict)
    """In overlay mode: a digit for each calendar (by id), so that colour alone never tells whose an event is."""
    weeks: bool = False
    """Whether weeks have their numbers: in the month, and in the title of a week."""

    def ink(self, role: str, entry: Entry) -> Ink:
        """The ink of an entry in its calendar's colour. Cancelled and free ones are told from the others."""
        if role.startswith("event") and not role.endswith((".selected", ".mark", ".solid")):
            role = "event.cancelled" if entry.cancelled else "event.free" if entry.status is BusyStatus.FREE else role
        return Ink(role, self.colours.get(entry.calendar, "1"))

    def number(self, entry: Entry) -> str:
        """The digit of the entry's calendar in overlay mode, else nothing."""
        return self.numbers.get(entry.calendar, "")


class Step(StrEnum):
    """A move of the cursor."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    NEXT_EVENT = "next"
    PREVIOUS_EVENT = "previous"
    PAGE_UP = "page-up"
    PAGE_DOWN = "page-down"
    HOME = "home"
    END = "end"


class Turn(StrEnum):
    """The cursor left the days that are shown."""

    BACK = "back"
    ON = "on"


Stop = TypeVar("Stop", bound=tuple[int, ...])


def stop_beyond(stops: Sequence[Stop], cursor: Stop, direction: int) -> Stop | None:
    """The first of the places (in reading order) that lies behind the cursor, or before it; None at the end."""
    if direction > 0:
        return next((stop for stop in stops if stop > cursor), None)
    return next((stop for stop in reversed(stops) if stop < cursor), None)


def title(entry: Entry) -> str:
    """The entry's title, clean; the status word where its calendar shows no titles."""
    return clean(entry.title) if entry.title.strip() else status_word(entry.status)


def times(entry: Entry) -> str:
    """When it is, without the day: 9:00 AM – 10:00 AM, or *All day*."""
    start, end = entry.start, entry.end
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return _("All day")
    return time_of_day(start) if start == end else f"{time_of_day(start)} – {time_of_day(end)}"


@lru_cache(1024)
def _own_start(start: datetime, zone: str) -> datetime | None:
    """The start in the event's own zone, where the clock differs there."""
    try:
        own = start.astimezone(ZoneInfo(zone))
    except (ValueError, OSError, KeyError):  # no zone of that name on this machine
        return None
    return own if own.utcoffset() != start.utcoffset() else None


def elsewhere(start: Moment, zone: str) -> str:
    """When it begins in its own zone, where the clock differs there: `3:00 AM New York`; else nothing.

    UTC is nobody's zone: programs write times in it that were meant for any place.
    """
    if not zone or zone in NOWHERE or not isinstance(start, datetime) or start.tzinfo is None:
        return ""
    own = _own_start(start, zone)
    return "" if own is None else f"{time_of_day(own)} {clean(zone.rpartition('/')[2].replace('_', ' '))}"


def short_time(moment: datetime) -> str:
    """When, in as few cells as it takes: 9a, 9:30a; 09:00."""
    if uses_24h():
        return time_of_day(moment)
    hour, minutes = (moment.hour + 11) % 12 + 1, f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes}{'a' if moment.hour < 12 else 'p'}"


NOWHERE = ("UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z")
CLIPPED = 12
"""Below so many cells a cut title keeps its last letter in place of `…`."""


def wrap(text: str, width: int, lines: int) -> list[str]:
    """At most `lines` lines of `width` cells, broken at spaces where that wastes little.

    The last one is cut, by `…` where that leaves enough to read.
    """
    result: list[str] = []
    rest = text
    while rest and width > 0 and len(result) < lines:
        if cell_width(rest) <= width or len(result) == lines - 1:
            fits = width >= CLIPPED or cell_width(rest) <= width
            result.append(cells(rest if fits else _clip(rest, width), width))
            break
        piece = _piece(rest, width)
        result.append(cells(piece, width))
        rest = rest[len(piece) :].lstrip()
    return result


def _clip(text: str, width: int) -> str:
    """As many characters as fit."""
    if text[: width + 1].isascii():  # with what comes after: a combining mark belongs to the letter before it
        return text[:width]
    end = used = 0
    for character in text:
        used += cell_width(character)
        if used > width:
            break
        end += 1
    return text[:end]


def _piece(text: str, width: int) -> str:
    """As much of the text as fits on one line: up to a space, else a word broken in two."""
    end = max(1, len(_clip(text, width)))
    if text[end : end + 1] == " ":
        return text[:end]
    space = text.rfind(" ", 0, end)
    return text[:space] if space > 0 else text[:end]
