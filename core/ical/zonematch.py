"""The zones of one file: each TZID is looked up once (traps.md 9), by its name first, then by its rules.

A VTIMEZONE whose name says nothing is compared with the IANA zones over the years around today; if none follows the
same rules, the VTIMEZONE itself becomes the zone and its text is kept with the event.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from core.calendar.zones import primary_zones, zone_for
from core.ical.components import Component, Problems
from core.ical.lines import unescape
from core.ical.vtimezone import RuleZone, zone_from_vtimezone
from core.language import _

_NAME_HINTS = ("X-LIC-LOCATION", "TZID-ALIAS-OF")
_YEARS = 3
_MOST_COMPARED = 20
"""Zones of a file that are compared with all others; a real file has one or two."""


class Zones:
    """What the TZIDs of a file stand for."""

    def __init__(self, components: Iterable[Component], problems: Problems, now: datetime) -> None:
        self.problems = problems
        self.now = now
        self.compared = 0
        self.described: dict[str, Component] = {}
        self.known: dict[str, tzinfo | None] = {"UTC": UTC}
        for component in components:
            line = component.first("TZID")
            if line is not None:
                self.described.setdefault(_key(line.value), component)

    def find(self, tzid: str, line: int) -> tzinfo | None:
        """The zone, None where nobody can know (a Problem says so once for each name)."""
        key = _key(tzid)
        if key not in self.known:
            self.known[key] = self._look(key, line)
        return self.known[key]

    def _look(self, key: str, line: int) -> tzinfo | None:
        """The zone of that name; else one that the VTIMEZONE hints at; else one of the same rules; else those rules.

        None, with the times taken as local, where nothing describes it.
        """
        named = zone_for(key)
        if named is not None:
            return named
        component = self.described.get(key)
        read = zone_from_vtimezone(component.texts()) if component is not None else None
        if component is None or not isinstance(read, RuleZone):
            what = _("the time zone “{name}” is not known; its times are taken as local ones")
            self.problems.add(what.format(name=key[:60]), line)
            return None
        hints = [hint for name in _NAME_HINTS if (hint := component.first(name)) is not None]
        matched = next((zone for hint in hints if (zone := zone_for(hint.value)) is not None), None)
        if matched is None and self.compared < _MOST_COMPARED:
            self.compared += 1
            matched = same_rules(read, self.now)
        if matched is None:
            what = _("the time zone “{name}” is like no zone that has a name; its own rules are used")
        else:
            what = _("the time zone “{name}” was read as {zone}, which has the same rules")
        self.problems.add(what.format(name=key[:60], zone=matched), component.number)
        return matched or read


def _key(tzid: str) -> str:
    return unescape(tzid).strip().strip('"').strip()


def same_rules(zone: RuleZone, now: datetime) -> ZoneInfo | None:
    """An IANA zone with the same offsets at every hour that matters, from a year before `now` to two after it."""
    start = datetime(min(9900, max(2, now.year - 1)), 1, 1, tzinfo=UTC)
    instants = [start + timedelta(days=7 * week, hours=3) for week in range(53 * _YEARS)]
    wanted = [zone.fromutc(at.replace(tzinfo=zone)).utcoffset() for at in instants]
    changes = [index for index in range(1, len(wanted)) if wanted[index] != wanted[index - 1]]
    for name in primary_zones():
        candidate = zone_for(name)
        if candidate is not None and _alike(zone, candidate, instants, wanted, changes):
            return candidate
    return None


def _alike(
    zone: RuleZone,
    candidate: ZoneInfo,
    instants: list[datetime],
    wanted: list[timedelta | None],
    changes: list[int],
) -> bool:
    if any(at.astimezone(candidate).utcoffset() != offset for at, offset in zip(instants, wanted, strict=True)):
        return False
    for index in changes:  # the weeks in which the clocks change, hour by hour
        for hour in range(24 * 7):
            at = instants[index - 1] + timedelta(hours=hour)
            if at.astimezone(candidate).utcoffset() != at.astimezone(zone).utcoffset():
                return False
    return True
