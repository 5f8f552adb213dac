"""An event while its lines are read, and which properties have a place in Event."""

from __future__ import annotations

from dataclasses import field

from core.ical import values
from core.ical.components import Component, Line, Problems
from core.ical.lines import unescape
from core.ical.values import BadValue
from core.ical.zonematch import Zones
from core.language import _
from core.values import dataclass

FILE_NAMES = ("FILENAME", "X-FILENAME", "X-APPLE-FILENAME", "X-EVOLUTION-CALDAV-ATTACHMENT-NAME", "X-LABEL")

MODELLED = {
    "UID": frozenset[str](),
    "DTSTART": frozenset({"TZID", "VALUE"}),
    "DTEND": frozenset({"TZID", "VALUE"}),
    "DURATION": frozenset[str](),
    "RECURRENCE-ID": frozenset({"TZID", "VALUE", "RANGE"}),
    "RDATE": frozenset({"TZID", "VALUE"}),
    "EXDATE": frozenset({"TZID", "VALUE"}),
    "RRULE": frozenset[str](),
    "DTSTAMP": frozenset({"VALUE"}),
    "CREATED": frozenset({"VALUE"}),
    "LAST-MODIFIED": frozenset({"VALUE"}),
    "SEQUENCE": frozenset[str](),
    "SUMMARY": frozenset[str](),
    "LOCATION": frozenset[str](),
    "DESCRIPTION": frozenset[str](),
    "X-ALT-DESC": frozenset({"FMTTYPE"}),
    "CATEGORIES": frozenset[str](),
    "CLASS": frozenset[str](),
    "STATUS": frozenset[str](),
    "TRANSP": frozenset[str](),
    "PRIORITY": frozenset[str](),
    "URL": frozenset({"VALUE"}),
    "ORGANIZER": frozenset({"CN"}),
    "ATTENDEE": frozenset({"CN", "ROLE", "PARTSTAT", "CUTYPE", "RSVP"}),
    "ATTACH": frozenset({"VALUE", "ENCODING", "FMTTYPE", *FILE_NAMES}),
    "X-MICROSOFT-CDO-BUSYSTATUS": frozenset[str](),
    "X-MICROSOFT-MSNCALENDAR-BUSYSTATUS": frozenset[str](),
    "X-MICROSOFT-CDO-IMPORTANCE": frozenset[str](),
}
"""Properties that have a place in Event, and the parameters that have one too. A line with any other parameter is
kept beside its value, so that the encoder can write it again as long as the value is the same."""

ONCE = frozenset(MODELLED) - {"RDATE", "EXDATE", "CATEGORIES", "ATTENDEE", "ATTACH", "RRULE"}


class Unusable(Exception):
    """An event that cannot be shown at all; the text says why, for a person."""


@dataclass(slots=True)
class Draft:
    """An event while its lines are read."""

    component: Component
    zones: Zones
    problems: Problems
    uid: str = ""
    found: dict[str, list[Line]] = field(default_factory=dict)
    extra: dict[str, None] = field(default_factory=dict)
    """Lines that are kept as they came, in order, each once."""
    blocks: list[str] = field(default_factory=list)
    """Lines of components inside the event, which may well be equal."""

    def line(self, name: str) -> Line | None:
        """The first line of a property."""
        lines = self.found.get(name)
        return lines[0] if lines else None

    def text(self, name: str) -> str:
        """A TEXT value without its escapes and without line breaks around it."""
        line = self.line(name)
        return unescape(line.value).strip("\r\n") if line else ""

    def word(self, name: str) -> str:
        """A value that is one word, in upper case."""
        line = self.line(name)
        return line.value.strip().upper() if line else ""

    def note(self, what: str, line: Line | None = None) -> None:
        """A repair, at a line or at the whole event."""
        self.problems.add(what, line.number if line else self.component.number, self.uid)

    def number(self, name: str, low: int, high: int) -> int | None:
        """An INTEGER, moved into its range."""
        line = self.line(name)
        if line is None:
            return None
        try:
            return min(high, max(low, values.integer(line.value)))
        except BadValue:
            self.note(_("{name} is no number; it was left out").format(name=name), line)
            return None

    def keep(self, line: Line) -> None:
        """Keep a line as it came, beside what was made of it."""
        self.extra[line.text] = None

    def keep_unknown(self, name: str) -> None:
        """Keep the line of a property whose value is not known, and say so."""
        line = self.line(name)
        if line is not None:
            self.keep(line)
            self.note(_("{name} has an unknown value: {value}").format(name=name, value=line.value[:40]), line)
