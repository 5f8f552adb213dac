"""What other people may see, as an .ics file with Outlook's calendar properties (outlook.md §1.4, [MS-OXCICAL]).

Only `SharedEvent` is written here, and only the fields that are set: at Availability only these are exactly the eight
properties of Outlook's own files, at Limited the same (and CLASS:PRIVATE where the owner chose to include private
items), at Full the allow-list of outlook.md §1.8. Files and their names, which Full may include, need parameters that
the list does not name: ENCODING, VALUE, FMTTYPE and Outlook's X-FILENAME; ATTACH has them and nothing else has.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from core.calendar.event import Attachment, Attendee, BusyStatus, EventState, Moment, SharedEvent
from core.calendar.people import Address
from core.calendar.span import WEEKDAYS, WorkingHours
from core.calendar.status import status_word
from core.ical.lines import escape, fold, parameter
from core.values import dataclass

PRODID = "-//Partagenda//Calendar//EN"

_STATUS = {
    BusyStatus.FREE: "FREE",
    BusyStatus.TENTATIVE: "TENTATIVE",
    BusyStatus.BUSY: "BUSY",
    BusyStatus.OUT_OF_OFFICE: "OOF",
    BusyStatus.WORKING_ELSEWHERE: "WORKINGELSEWHERE",
}
_ROLES = {
    "chair": "CHAIR",
    "required": "REQ-PARTICIPANT",
    "optional": "OPT-PARTICIPANT",
    "non-participant": "NON-PARTICIPANT",
}
_UTC_NAMES = frozenset(("UTC", "UCT", "Zulu", "Universal", "GMT", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "Etc/Universal"))


@dataclass(frozen=True, slots=True)
class SharedHeader:
    """What the file says of the calendar as a whole."""

    name: str
    relation: str
    """X-WR-RELCALID without braces: stable for a calendar, so that a later snapshot can take this one's place."""
    owner: Address | None
    primary: bool
    """Owner, working hours and X-PRIMARY-CALENDAR are written for the person's main calendar only."""
    zone: tzinfo
    language: str
    now: datetime
    first_midnight: datetime | None = None
    """X-CLIPSTART, the first local midnight of the window; None for the whole calendar."""
    last_midnight: datetime | None = None
    """X-CLIPEND, the local midnight after its last day."""
    working_hours: WorkingHours | None = None
    every: timedelta | None = None
    """How often it is published anew; None for what is sent once."""


def encode_shared(head: SharedHeader, events: Sequence[SharedEvent]) -> bytes:
    """The file. METHOD is PUBLISH, so that Outlook opens it as a calendar of its own (traps.md 10)."""
    lines = ["BEGIN:VCALENDAR", f"PRODID:{PRODID}", "VERSION:2.0", "METHOD:PUBLISH"]
    lines += _bounds(head, events)
    lines += _identity(head)
    for zone, first, last in _zones(head, events):
        lines += _vtimezone(zone, first, last)
    data = [fold(line) for line in lines]
    language = re.sub(r"[^A-Za-z-]", "", head.language) or "en"
    for event in events:
        data.append(_component(event, language))
    data.append(b"END:VCALENDAR\r\n")
    return b"".join(data)


def _component(event: SharedEvent, language: str) -> bytes:
    return b"BEGIN:VEVENT\r\n" + b"".join(map(fold, sorted(_properties(event, language)))) + b"END:VEVENT\r\n"


def _bounds(head: SharedHeader, events: Sequence[SharedEvent]) -> Iterator[str]:
    """First start and last end of what is in the file, and the window that it speaks for."""
    if events:
        yield f"X-CALSTART:{_utc(min(_instant(event.start, head.zone) for event in events))}"
        if not any(event.rrule for event in events):
            yield f"X-CALEND:{_utc(max(_instant(event.end, head.zone) for event in events))}"
    if head.first_midnight is not None and head.last_midnight is not None:
        yield f"X-CLIPSTART:{_utc(head.first_midnight)}"
        yield f"X-CLIPEND:{_utc(head.last_midnight)}"


def _identity(head: SharedHeader) -> Iterator[str]:
    yield "X-WR-RELCALID:{" + re.sub(r"[^0-9A-Za-z-]", "", head.relation).upper() + "}"
    yield f"X-WR-CALNAME:{escape(_flat(head.name))}"
    if head.every is not None:
        often = f"PT{max(1, round(head.every.total_seconds() / 60))}M"
        yield f"X-PUBLISHED-TTL:{often}"  # [MS-OXCICAL] 2.1.3.1.1.15, in whole minutes
        yield f"REFRESH-INTERVAL;VALUE=DURATION:{often}"  # RFC 7986 §5.7, for everybody else
    if not head.primary:
        return
    yield "X-PRIMARY-CALENDAR:TRUE"
    if head.owner is not None:
        yield f"X-OWNER;CN={_quoted(head.owner.name or head.owner.address)}:{_mailto(head.owner.address)}"
    if head.working_hours is not None:
        yield from _working_hours(head.working_hours, head.zone)


def _working_hours(hours: WorkingHours, zone: tzinfo) -> Iterator[str]:
    key = _key(zone)
    place = f";TZID={_quoted(key)}" if key else ""
    yield f"X-MS-OLK-WKHRSTART{place}:{hours.start:%H%M%S}"
    yield f"X-MS-OLK-WKHREND{place}:{hours.end:%H%M%S}"
    sunday_first = sorted(hours.days, key=lambda day: (day + 1) % 7)
    yield "X-MS-OLK-WKHRDAYS:" + ",".join(WEEKDAYS[day].upper() for day in sunday_first)


def _properties(event: SharedEvent, language: str) -> Iterator[str]:
    yield f"UID:{escape(event.uid)}"
    yield f"DTSTAMP:{_utc(event.stamp)}"
    yield _moment("DTSTART", event.start)
    yield _moment("DTEND", event.end)
    yield f"SEQUENCE:{event.sequence}"
    title = status_word(event.status) if event.title is None else event.title
    yield f"SUMMARY;LANGUAGE={language}:{escape(_flat(title))}"
    yield f"TRANSP:{'TRANSPARENT' if event.status is BusyStatus.FREE else 'OPAQUE'}"
    yield f"X-MICROSOFT-CDO-BUSYSTATUS:{_STATUS[event.status]}"
    if event.private:
        yield "CLASS:PRIVATE"
    yield from _repetition(event)
    yield from _texts(event)
    yield from _marks(event)
    yield from _people(event)
    yield from (_attachment(one) for one in event.attachments)


def _texts(event: SharedEvent) -> Iterator[str]:
    if event.place:
        yield f"LOCATION:{escape(_flat(event.place))}"
    if event.description:
        yield f"DESCRIPTION:{escape(event.description)}"
    if event.html:
        yield f"X-ALT-DESC;FMTTYPE=text/html:{escape(event.html)}"
    if event.categories:
        yield "CATEGORIES:" + ",".join(escape(_flat(one)) for one in event.categories)
    if event.url:
        yield f"URL:{_uri(event.url)}"


def _marks(event: SharedEvent) -> Iterator[str]:
    if event.state is EventState.TENTATIVE:
        yield "STATUS:TENTATIVE"
    if event.priority:
        yield f"PRIORITY:{event.priority}"
    if event.importance is not None:
        yield f"X-MICROSOFT-CDO-IMPORTANCE:{event.importance}"


def _people(event: SharedEvent) -> Iterator[str]:
    if event.organizer is not None:
        name = f";CN={_quoted(event.organizer.name)}" if event.organizer.name else ""
        yield f"ORGANIZER{name}:{_mailto(event.organizer.address)}"
    for person in event.attendees:
        yield _attendee(person)


def _attendee(person: Attendee) -> str:
    name = f";CN={_quoted(person.name)}" if person.name else ""
    kind, role = person.kind.value.upper(), _ROLES[person.role.value]
    head = f"ATTENDEE{name};CUTYPE={kind};PARTSTAT={person.response.value.upper()};ROLE={role}"
    return f"{head}:{_mailto(person.address)}"


def _attachment(one: Attachment) -> str:
    head = f"ATTACH;FMTTYPE={parameter(_flat(one.media_type))}"
    if one.content is None:
        return f"{head}:{_uri(one.url)}"
    name = f";X-FILENAME={_quoted(one.name)}" if one.name else ""
    return f"{head};ENCODING=BASE64;VALUE=BINARY{name}:{b64encode(one.content).decode('ascii')}"


def _repetition(event: SharedEvent) -> Iterator[str]:
    if event.rrule:
        yield f"RRULE:{_flat(event.rrule)}"
    for moment in event.exdates:
        yield _moment("EXDATE", moment)
    for moment in event.rdates:
        yield _moment("RDATE", moment)
    if event.recurrence_id is not None:
        yield _moment("RECURRENCE-ID", event.recurrence_id)


def _moment(name: str, moment: Moment) -> str:
    if not isinstance(moment, datetime):
        return f"{name};VALUE=DATE:{_day(moment)}"
    key = _key(moment.tzinfo)
    if key:
        return f"{name};TZID={parameter(key)}:{_digits(moment)}"
    return f"{name}:{_utc(moment)}"


def _key(zone: tzinfo | None) -> str:
    """The IANA name of a zone that needs one; empty for UTC and for zones without a name."""
    return zone.key if isinstance(zone, ZoneInfo) and zone.key and zone.key not in _UTC_NAMES else ""


def _instant(moment: Moment, zone: tzinfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), zone)
    return moment.astimezone(UTC)


def _utc(moment: datetime) -> str:
    return _digits(moment.astimezone(UTC)) + "Z"


def _digits(moment: datetime) -> str:
    return f"{_day(moment)}T{moment:%H%M%S}"


def _day(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _zones(head: SharedHeader, events: Iterable[SharedEvent]) -> list[tuple[str, int, int]]:
    """Each zone that a TZID names, with the first and the last year in which it is needed."""
    needed: dict[str, tuple[int, int]] = {}
    named = head.working_hours if head.primary else None
    moments: list[tuple[datetime, int]] = []
    if named is not None:
        moments.append((head.now.astimezone(head.zone), head.now.year))
    for event in events:
        reach = head.now.year + 10 if event.rrule else 0
        for moment in (event.start, event.end, event.recurrence_id, *event.exdates, *event.rdates):
            if isinstance(moment, datetime):
                moments.append((moment, max(moment.year, reach)))
    for moment, last in moments:
        key = _key(moment.tzinfo)
        if key:
            first, end = needed.get(key, (moment.year, last))
            needed[key] = (min(first, moment.year), max(end, last))
    return [(key, first, last) for key, (first, last) in sorted(needed.items())]


def _vtimezone(zone: str, first: int, last: int) -> list[str]:
    from core.ical.vtimezone import vtimezone  # reads the zone's transitions: only where a rule or TZID needs it

    return vtimezone(zone, first, last)


def _flat(text: str) -> str:
    return " ".join(text.split()) if any(sign in text for sign in "\r\n\t\0") else text


def _quoted(value: str) -> str:
    text = parameter(_flat(value))
    return text if text.startswith('"') else f'"{text}"'


def _mailto(address: str) -> str:
    return f"mailto:{_uri(address)}" if address else "invalid:nomail"


def _uri(text: str) -> str:
    """An address on one line: what cannot stand in a URI would begin something else."""
    return re.sub(r"[\x00-\x20\x7f\"<>]", "", text)
