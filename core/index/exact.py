"""The same rows as `scan.py`, from the tolerant codec: for files that the scanner does not take, and as its judge."""

# ruff: noqa: DTZ001 - wall-clock times are meant

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from core.calendar.event import Alarm, Attendee, CalendarObject, Event, Moment, Occurrence
from core.calendar.span import TimeSpan
from core.index.database import (
    ALL_DAY,
    CANCELLED,
    DAY,
    ENDLESS,
    PRIVATE,
    RECURRING,
    REMINDS,
    REMINDS_FAR,
    kind_of,
)
from core.index.scan import LIMIT, PERSON, STATUSES, person_text, rid_of, searchable, zone_label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from core.index.scan import Item, Own, Span, Thing

_NOW = datetime(2000, 1, 1, tzinfo=UTC)  # what an event lacks (DTSTAMP) is not in the index
_FIRST, _LAST = -62_135_510_400, 253_402_041_600
_EPOCH = datetime(1970, 1, 1)
_FROM_START = tuple(
    f"TRIGGER;{said}:" for said in ("RELATED=START", "VALUE=DURATION;RELATED=START", "RELATED=START;VALUE=DURATION")
)


def things(data: bytes, low: int, high: int) -> list[Thing]:
    """The events of any file, with occurrences in [low, high) seconds. Raises Unreadable when it is no calendar."""
    from core.ical.decode import decode

    return [thing(found, low, high) for found in decode(data, now=_NOW).objects]


def thing(found: CalendarObject, low: int, high: int) -> Thing:
    """One object's rows."""
    from core.ical.recurrence import expand

    span = TimeSpan(_moment(low - DAY), _moment(high + DAY))
    expansion = expand(found, span, UTC, LIMIT)
    spans: dict[int, list[Span]] = {id(event): [] for event in found.events}
    shown = {id(event): event for event in found.events}
    private: dict[int, bool] = {}
    for occurrence in expansion.occurrences:
        key = id(occurrence.event)
        shown[key] = occurrence.event
        spans.setdefault(key, []).append(_span(occurrence))
        private[key] = occurrence.private
    series = (found.master is not None and found.master.recurring) or bool(found.overrides)
    first, last = _bounds(found) if found.master is not None and found.master.recurring else (None, None)
    flags = (RECURRING if series else 0) | (ENDLESS if first is not None and last is None else 0)
    items = [
        _item(
            event,
            flags if event.recurrence_id is None else RECURRING,
            private.get(key, _hides(event, found)),
            spans[key],
        )
        for key, event in shown.items()
    ]
    return found.uid, items, first, last, "; ".join(problem.what for problem in expansion.problems)


def _hides(event: Event, found: CalendarObject) -> bool:
    """Of an event that no occurrence speaks for (it lies outside the horizon): silent, it is as its series is."""
    master = found.master
    return master.private if master is not None and event.sensitivity is None else event.private


def _moment(seconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(max(seconds, _FIRST), _LAST))


def seconds_of(moment: Moment) -> tuple[int, bool]:
    """Seconds as the index keeps them, and whether they are local ones (all-day or floating)."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return int(moment.timestamp() // 1), False
    if not isinstance(moment, datetime):
        return (moment - date(1970, 1, 1)).days * DAY, True
    since = moment - _EPOCH
    return since.days * DAY + since.seconds, True


def rid_text(moment: Moment | None) -> str:
    """The original local start as it stands in an entry's id."""
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return rid_of(moment, dated=False)
    return rid_of(datetime(moment.year, moment.month, moment.day), dated=True)


def _span(occurrence: Occurrence) -> Span:
    (first, local), (last, _local) = seconds_of(occurrence.start), seconds_of(occurrence.end)
    return kind_of(last - first, local), first, rid_text(occurrence.recurrence_id), last


def _own(event: Event) -> Own:
    (first, local), (last, _local) = seconds_of(event.start), seconds_of(event.end)
    rid = event.recurrence_id if event.recurrence_id is not None else event.start if event.recurring else None
    return kind_of(last - first, local), first, last, rid_text(rid)


def _item(event: Event, flags: int, private: bool, spans: list[Span]) -> Item:
    flags |= ALL_DAY if event.all_day else 0
    flags |= CANCELLED if event.cancelled else 0
    flags |= PRIVATE if private else 0
    flags |= REMINDS if event.alarms else 0
    flags |= 0 if all(map(_is_near, event.alarms)) else REMINDS_FAR
    organizer = _person(event.organizer) if event.organizer else ""
    attendees = PERSON.join(map(_person, event.attendees))
    zone = event.start.tzinfo if isinstance(event.start, datetime) else None
    return (
        event.title,
        event.place,
        searchable(organizer, attendees),
        event.description,
        STATUSES.index(event.status),
        flags,
        zone_label(zone) if zone is not None else "",
        organizer,
        attendees,
        _own(event),
        spans,
    )


def _is_near(alarm: Alarm) -> bool:
    """Whether it rings once, at the start of its event or in the day before, and says so in the plain way."""
    names = {
        line.partition(":")[0].partition(";")[0].upper() for line in alarm.extra if not line.startswith(_FROM_START)
    }
    plain = isinstance(alarm.trigger, timedelta) and not names & {"TRIGGER", "REPEAT", "BEGIN"}
    return plain and timedelta(days=-1) <= alarm.trigger <= timedelta()  # type: ignore[operator]


def _person(person: Attendee) -> str:
    return person_text(person.address, person.name, person.role.value, person.response.value)


def _bounds(found: CalendarObject) -> tuple[int, int | None]:
    """First and last second that the series can touch; None when a rule has no end or cannot be read."""
    from core.ical.rules import Rule, RuleError

    master = found.master
    assert master is not None
    first, _local = seconds_of(master.start)
    last, _local = seconds_of(master.end)
    length = last - first
    moments = [seconds_of(moment)[0] for moment in master.rdates]
    if not master.rrule:
        return min([first, *moments]), max([last, *(moment + length for moment in moments)]) + DAY
    try:
        rule = Rule.parse(master.rrule)
        until = rule.bound(master.start)
    except (RuleError, OverflowError):
        return first, last
    if until is not None:
        return min([first, *moments]), max(seconds_of(until)[0], *moments, first) + length + 2 * DAY
    return min([first, *moments]), None if rule.count is None else 1 << 40
