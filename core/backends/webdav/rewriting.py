"""Calendar servers (CalDAV) give a calendar back in words of their own: whether it still says the same.

They order, fold and group it anew, and leave out what describes the calendar as a whole. What counts is that each
component that others will read is there with each of its lines, and none beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from core.ical.lines import unfold

_Lines = tuple[str, ...]


def same_calendar(found: bytes, content: bytes) -> bool:
    """Whether both are calendars with the same events, line for line in any order."""
    if not (found[:15].upper() == content[:15].upper() == b"BEGIN:VCALENDAR"):
        return False
    ours = Counter(_events(content))
    return bool(ours) and ours == Counter(_events(found)) and b"END:VCALENDAR" in found[-64:].upper()


def _events(data: bytes) -> Iterator[_Lines]:
    lines: list[str] = []
    inside = False
    for _number, line in unfold(data):
        upper = line.upper()
        if upper == "BEGIN:VEVENT":
            inside, lines = True, []
        elif upper == "END:VEVENT":
            inside = False
            yield tuple(sorted(lines))
        elif inside:
            lines.append(line)
