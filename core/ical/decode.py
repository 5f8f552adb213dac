"""Bytes to calendar objects: tolerant, each event on its own, each repair and refusal a Problem with its line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime

from core.calendar.event import CalendarObject, Event, Problem
from core.errors import Unreadable
from core.ical.components import TOP, Component, Problems, read_components
from core.ical.draft import Unusable
from core.ical.header import CalendarHeader, read_header
from core.ical.moments import order
from core.ical.properties import content_uid, read_event
from core.ical.values import BadValue
from core.ical.vtimezone import RuleZone
from core.ical.zonematch import Zones
from core.language import _, ngettext
from core.values import dataclass

__all__ = ["CalendarHeader", "Decoded", "decode"]

_OTHER = TOP - {"VEVENT", "VTIMEZONE"}
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a file holds: objects in the order of their first line, what it says of itself, and what was wrong."""

    objects: tuple[CalendarObject, ...]
    header: CalendarHeader
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Group:
    """All components with one UID."""

    uid: str
    events: list[tuple[Event, Component]] = field(default_factory=list)


def decode(data: bytes, *, now: datetime) -> Decoded:
    """Read an .ics file of any program. `now` (aware) only helps to recognise time zones by their present rules.

    A calendar without events is a calendar: tasks and the like are left out and named. Raises Unreadable only when
    there is no calendar in the bytes at all. Nothing is fetched, no file is opened.
    """
    problems = Problems()
    roots = read_components(data, problems)
    calendars = [root for root in roots if root.name == "VCALENDAR"]
    bare = [root for root in roots if root.name in TOP]
    if not calendars and not bare:
        raise Unreadable(_no_calendar(data), _("Choose an .ics file; a web page or a text is not one."))
    if bare:
        problems.add(_("this stands outside of any VCALENDAR; it was read all the same"), bare[0].number)
    components = [child for calendar in calendars for child in calendar.children] + bare
    zones = Zones((child for child in components if child.name == "VTIMEZONE"), problems, now)
    objects = _objects(components, zones, problems)
    _name_others(components, problems)
    head = calendars[0] if calendars else Component("VCALENDAR", 0)
    header = read_header(head, zones, single=sum(len(thing.events) for thing in objects) == 1)
    return Decoded(objects, header, problems.all())


def _no_calendar(data: bytes) -> str:
    if not data.strip():
        return _("The file is empty.")
    if b"<html" in data[:2000].lower() or b"<!doctype" in data[:2000].lower():
        return _("This is a web page, not a calendar.")
    return _("There is no calendar in it.")


def _objects(components: Iterable[Component], zones: Zones, problems: Problems) -> tuple[CalendarObject, ...]:
    groups: dict[str, _Group] = {}
    for component in components:
        if component.name == "VEVENT":
            for event in _events(component, zones, problems):
                groups.setdefault(event.uid, _Group(event.uid)).events.append((event, component))
    found: list[CalendarObject] = []
    for group in groups.values():
        found.extend(_together(group, problems))
    return tuple(found)


def _events(component: Component, zones: Zones, problems: Problems) -> Sequence[Event]:
    """The event, or none and the reason; whatever is wrong in it stays in it."""
    try:
        event, periods = read_event(component, zones, problems)
    except Unusable as reason:
        problems.add(_("an event was left out: {reason}").format(reason=reason), component.number, repaired=False)
        return ()
    except (BadValue, ArithmeticError, LookupError, ValueError, TypeError, AttributeError, OSError) as error:
        what = _("an event was left out; it could not be read ({reason})")
        problems.add(what.format(reason=type(error).__name__), component.number, repaired=False)
        return ()
    return (event, *periods)


def _name_others(components: Iterable[Component], problems: Problems) -> None:
    seen: dict[str, list[int]] = {}
    for component in components:
        if component.name in _OTHER:
            seen.setdefault(component.name, []).append(component.number)
    for name, lines in seen.items():
        what = ngettext(
            "{count} {name} was left out; only events are read",
            "{count} {name} were left out; only events are read",
            len(lines),
        )
        problems.add(what.format(count=len(lines), name=name), lines[0], repaired=False)


def _together(group: _Group, problems: Problems) -> Iterable[CalendarObject]:
    """One object for a UID: a master and one override for each instance. Strangers under one UID are parted."""
    masters = [pair for pair in group.events if pair[0].recurrence_id is None]
    overrides = [pair for pair in group.events if pair[0].recurrence_id is not None]
    strangers: list[tuple[Event, Component]] = []
    master: tuple[Event, Component] | None = None
    for pair in masters:
        if master is None:
            master = pair
        elif _same_event(master[0], pair[0]):
            problems.add(_("the event stands there twice; the newer one counts"), pair[1].number, group.uid)
            master = max(pair, master, key=lambda each: _age(each[0]))
        else:
            strangers.append(pair)
    chosen = [master[0]] if master else []
    yield _object(group.uid, [*chosen, *_latest(overrides, problems)])
    for event, component in strangers:
        uid = f"{group.uid}-{content_uid(component)[:12]}"
        problems.add(_("another event has the same UID; this one got a new one"), component.number, group.uid)
        yield _object(uid, [replace(event, uid=uid)])


def _same_event(one: Event, other: Event) -> bool:
    """Two versions of one event, or one event twice; not two events whose UID somebody copied."""
    if one.sequence != other.sequence or one.start == other.start:
        return True
    return one.title == other.title and one.recurring and other.recurring


def _age(event: Event) -> tuple[int, datetime, datetime]:
    return event.sequence, event.modified or _NEVER, event.stamp or _NEVER


def _latest(pairs: Iterable[tuple[Event, Component]], problems: Problems) -> list[Event]:
    """Each instance once: a written override wins over one made from a period, a newer one over an older one."""
    chosen: dict[tuple[datetime, bool], tuple[Event, Component]] = {}
    for pair in pairs:
        event, component = pair
        assert event.recurrence_id is not None
        key = order(event.recurrence_id), event.this_and_future
        known = chosen.get(key)
        if known is not None and _written(known) and _written(pair):
            problems.add(_("the instance is changed twice; the newer change counts"), component.number, event.uid)
        if known is None or (_written(pair), _age(event)) >= (_written(known), _age(known[0])):
            chosen[key] = pair
    return [event for _key, (event, _component) in sorted(chosen.items(), key=lambda item: item[0])]


def _written(pair: tuple[Event, Component]) -> bool:
    """Whether the override stands in the file, and was not made from a period of its master."""
    return pair[1].first("RECURRENCE-ID") is not None


def _object(uid: str, events: Sequence[Event]) -> CalendarObject:
    used: dict[str, str] = {}
    for event in events:
        for moment in (event.start, event.end, event.recurrence_id, *event.rdates, *event.exdates):
            zone = moment.tzinfo if isinstance(moment, datetime) else None
            if isinstance(zone, RuleZone):
                used[zone.key] = "\n".join(zone.lines)
    return CalendarObject(uid, tuple(events), tuple(used.items()))
