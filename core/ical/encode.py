"""Calendar objects to bytes: for oneself, with everything that came in. What others get is `shared.py`'s.

A property whose value is still what it was is written as the line that came, with the parameters that we do not
know; a changed one is written anew.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, tzinfo

from core.calendar.event import (
    Alarm,
    Attachment,
    BusyStatus,
    CalendarObject,
    Event,
    EventState,
    Moment,
    Sensitivity,
)
from core.calendar.zones import zone_name
from core.ical.components import Line
from core.ical.draft import MODELLED
from core.ical.header import CalendarHeader
from core.ical.lines import LineError, escape, fold, parameter, parse_line, unescape
from core.ical.moments import plus
from core.ical.people import attendee_line, organizer_line, person
from core.ical.properties import busy_from
from core.ical.values import BadValue, duration
from core.ical.vtimezone import RuleZone, vtimezone

PRODID = "-//Partagenda//Partagenda//EN"
_BUSY = {
    BusyStatus.FREE: "FREE",
    BusyStatus.TENTATIVE: "TENTATIVE",
    BusyStatus.BUSY: "BUSY",
    BusyStatus.OUT_OF_OFFICE: "OOF",
    BusyStatus.WORKING_ELSEWHERE: "WORKINGELSEWHERE",
}
_DEFAULTS = {"CLASS": Sensitivity.PRIVATE.value.upper(), "STATUS": EventState.CONFIRMED.value.upper()}
_KNOWN_WORDS = frozenset([*(word.value for word in Sensitivity), *(word.value for word in EventState), "canceled"])
_MOST_SPELLINGS = 20
"""Lines of one property that may say the same value in another spelling."""
_UTC_NAMES = ("UTC", "Etc/UTC", "Etc/UCT", "Zulu", "Universal")


def encode_object(thing: CalendarObject, *, now: datetime) -> bytes:
    """One file of a vdir. `now` (aware) becomes DTSTAMP where an event has none."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}"]
    lines += _zone_lines([thing])
    for event in thing.events:
        lines += event_lines(event, now, status=False)
    lines.append("END:VCALENDAR")
    return b"".join(map(fold, lines))


def encode_calendar(things: Sequence[CalendarObject], header: CalendarHeader, *, now: datetime) -> bytes:
    """A whole calendar in one file, for oneself: everything, private items and reminders too."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}", "CALSCALE:GREGORIAN", *_header_lines(header)]
    lines += _zone_lines(things)
    for thing in things:
        for event in thing.events:
            lines += event_lines(event, now, status=True)
    lines.append("END:VCALENDAR")
    return b"".join(map(fold, lines))


def _header_lines(header: CalendarHeader) -> Iterator[str]:
    if header.method:
        yield f"METHOD:{escape(header.method)}"
    if header.clip is not None:
        yield f"X-CLIPSTART:{utc_text(header.clip[0])}"
        yield f"X-CLIPEND:{utc_text(header.clip[1])}"
    if header.relation:
        yield f"X-WR-RELCALID:{escape(header.relation)}"
    if header.name:
        yield f"X-WR-CALNAME:{escape(header.name)}"
    if header.primary:
        yield "X-PRIMARY-CALENDAR:TRUE"
    if header.owner is not None:
        name = f";CN={parameter(header.owner.name)}" if header.owner.name else ""
        yield f"X-OWNER{name}:mailto:{header.owner.address}"
    if header.colour:
        yield f"X-APPLE-CALENDAR-COLOR:{header.colour}"
    if header.time_zone:
        yield f"X-WR-TIMEZONE:{escape(header.time_zone)}"
    if header.ttl is not None:
        yield f"X-PUBLISHED-TTL:{duration_text(header.ttl)}"


def _moments(event: Event) -> Iterator[Moment]:
    yield event.start
    yield event.end
    if event.recurrence_id is not None:
        yield event.recurrence_id
    yield from event.rdates
    yield from event.exdates


def _zone_lines(things: Iterable[CalendarObject]) -> list[str]:
    """A VTIMEZONE for each zone that an event names: IANA's written by us, an unknown one as it came."""
    years: dict[str, tuple[int, int]] = {}
    kept: dict[str, str] = {}
    for thing in things:
        kept.update(thing.zones)
        for moment in (moment for event in thing.events for moment in _moments(event)):
            zone = moment.tzinfo if isinstance(moment, datetime) else None
            if zone is None or zone is UTC or zone_name(zone) in _UTC_NAMES or isinstance(zone, RuleZone):
                if isinstance(zone, RuleZone):
                    kept.setdefault(zone.key, "\n".join(zone.lines))
                continue
            low, high = years.get(zone_name(zone), (moment.year, moment.year))
            years[zone_name(zone)] = (min(low, moment.year), max(high, moment.year))
    lines: list[str] = []
    for name, (low, high) in sorted(years.items()):
        lines += _written_zone(name, low, high)
    for _name, text in sorted(kept.items()):
        lines += text.split("\n")
    return lines


def _written_zone(name: str, low: int, high: int) -> list[str]:
    low, high = max(1900, low), min(2100, max(high, 1900))
    try:
        return vtimezone(name, low - low % 10, high + 9 - high % 10)  # whole decades: few texts for many events
    except ValueError:  # a fixed offset from somewhere else: its times are written in UTC
        return []


def event_lines(event: Event, now: datetime, *, status: bool) -> list[str]:
    """The content lines of a VEVENT. `status`: write Outlook's busy status even where TRANSP and STATUS say it."""
    kept = _Kept(event.extra)
    lines = ["BEGIN:VEVENT", *kept.match(f"UID:{escape(event.uid)}")]
    lines += kept.match(moment_line("DTSTART", event.start)) + kept.match_end(event)
    for line in _time_lines(event, now):
        lines += kept.match(line)
    for line in _text_lines(event, status):
        lines += kept.match(line)
    if event.organizer is not None:
        lines += kept.match_person(organizer_line(event.organizer), "ORGANIZER")
    for attendee in event.attendees:
        lines += kept.match_person(attendee_line(attendee), "ATTENDEE")
    for attachment in event.attachments:
        lines += kept.match(_attachment_line(attachment))
    lines += kept.rest()
    for alarm in event.alarms:
        lines += _alarm_lines(alarm)
    lines.append("END:VEVENT")
    return lines


def _time_lines(event: Event, now: datetime) -> Iterator[str]:
    if event.recurrence_id is not None:
        more = ";RANGE=THISANDFUTURE" if event.this_and_future else ""
        yield moment_line("RECURRENCE-ID", event.recurrence_id, more)
    if event.rrule:
        yield f"RRULE:{event.rrule}"
    yield from (moment_line("RDATE", moment) for moment in event.rdates)
    yield from (moment_line("EXDATE", moment) for moment in event.exdates)
    yield f"DTSTAMP:{utc_text(event.stamp or now)}"
    if event.created is not None:
        yield f"CREATED:{utc_text(event.created)}"
    if event.modified is not None:
        yield f"LAST-MODIFIED:{utc_text(event.modified)}"
    yield f"SEQUENCE:{event.sequence}"


def _text_lines(event: Event, status: bool) -> Iterator[str]:
    """X-MICROSOFT-CDO-BUSYSTATUS only where TRANSP and STATUS do not say the same, or `status` asks for it."""
    for name, text in (("SUMMARY", event.title), ("LOCATION", event.place), ("DESCRIPTION", event.description)):
        if text:
            yield f"{name}:{escape(text)}"
    if event.html:
        yield f"X-ALT-DESC;FMTTYPE=text/html:{escape(event.html)}"
    if event.categories:
        yield "CATEGORIES:" + ",".join(map(escape, event.categories))
    if event.sensitivity is not None:
        yield f"CLASS:{event.sensitivity.value.upper()}"
    yield f"STATUS:{event.state.value.upper()}"
    transparent = event.status is BusyStatus.FREE
    yield f"TRANSP:{'TRANSPARENT' if transparent else 'OPAQUE'}"
    if status or busy_from(transparent, event.state) is not event.status:
        yield f"X-MICROSOFT-CDO-BUSYSTATUS:{_BUSY[event.status]}"
    if event.importance is not None:
        yield f"X-MICROSOFT-CDO-IMPORTANCE:{event.importance}"
    if event.priority:
        yield f"PRIORITY:{event.priority}"
    if event.url:
        yield f"URL:{event.url}"


def _attachment_line(attachment: Attachment) -> str:
    quoted = parameter(attachment.name)
    name = f";FILENAME={quoted};X-FILENAME={quoted}" if attachment.name else ""  # RFC 8607, and Outlook
    media = attachment.media_type
    kind = f";FMTTYPE={parameter(media)}" if media and media != "application/octet-stream" else ""
    if attachment.content is None:
        return f"ATTACH{kind}{name}:{attachment.url}"
    content = base64.b64encode(attachment.content).decode("ascii")
    return f"ATTACH{kind};ENCODING=BASE64;VALUE=BINARY{name}:{content}"


def _alarm_lines(alarm: Alarm) -> Iterator[str]:
    yield "BEGIN:VALARM"
    written = {line.partition(":")[0].partition(";")[0].upper() for line in alarm.extra}
    if "TRIGGER" not in written:
        yield _trigger_line(alarm.trigger)
    if "ACTION" not in written:
        yield f"ACTION:{escape(alarm.action)}"
    if "DESCRIPTION" not in written and (alarm.description or alarm.action == "DISPLAY"):
        yield f"DESCRIPTION:{escape(alarm.description)}"
    yield from alarm.extra
    yield "END:VALARM"


def _trigger_line(trigger: timedelta | datetime) -> str:
    if isinstance(trigger, datetime):
        return f"TRIGGER;VALUE=DATE-TIME:{utc_text(trigger)}"
    return f"TRIGGER:{duration_text(trigger)}"


class _Kept:
    """Lines that came with parameters we do not know, beside those of properties we do not know at all."""

    def __init__(self, extra: Sequence[str]) -> None:
        self.others: list[str] = []
        self.written: set[str] = set()
        self.known: dict[str, list[Line]] = {}
        self.by_value: dict[tuple[str, str], list[Line]] = {}
        depth = 0
        for text in extra:
            head = text[:6].upper()
            depth += head == "BEGIN:"
            line = _parsed(text) if not depth else None
            if line is not None and line.name in MODELLED:
                self.known.setdefault(line.name, []).append(line)
                self.by_value.setdefault(_same_value(line), []).append(line)
            else:
                self.others.append(text)
            depth -= head[:4] == "END:"

    def match(self, text: str) -> list[str]:
        """The line that came, if it says the same as ours; else ours."""
        line = _parsed(text)
        if line is None or not self.known:
            return [text]
        for old in (*self.by_value.get(_same_value(line), ()), *self.known.get(line.name, ())[:_MOST_SPELLINGS]):
            if _says_the_same(old, line):
                self.written.add(old.text)
                return [old.text]
        return [text]

    def match_end(self, event: Event) -> list[str]:
        """DTEND, unless a DURATION came that had parameters and still says the same."""
        for old in self.known.get("DURATION", ()):
            with suppress(BadValue):
                found = duration(old.value)
                if plus(event.start, found.days, found.exact) == event.end:
                    return [old.text]
        return self.match(moment_line("DTEND", event.end))

    def match_person(self, text: str, name: str) -> list[str]:
        """As `match`, for somebody whose answer or name may have changed: the unknown parameters stay."""
        line = _parsed(text)
        if line is None:
            return [text]
        for old in self.by_value.get((name, line.value.strip().lower()), ()):
            if person(old)[0] == person(line)[0]:
                return [old.text]
            more = {key: values for key, values in old.params.items() if key not in MODELLED[name]}
            unknown = "".join(f";{key}={','.join(map(parameter, values))}" for key, values in more.items())
            return [f"{text[: len(text) - len(line.value) - 1]}{unknown}:{line.value}"]
        return [text]

    def rest(self) -> list[str]:
        """Everything that stands for itself; of a known property only a second RRULE and what could not be read."""
        rules = [line.text for line in self.known.get("RRULE", ()) if line.text not in self.written]
        return [*self.others, *rules]


def _same_value(line: Line) -> tuple[str, str]:
    return line.name, line.value.strip().lower()


def _parsed(text: str) -> Line | None:
    try:
        return Line(0, text, *parse_line(text))
    except LineError:
        return None


def _says_the_same(old: Line, new: Line) -> bool:
    if old.name == "ATTACH":
        return "".join(old.value.split()) == new.value and old.param("VALUE") == new.param("VALUE")
    if old.value == new.value:
        return all(old.param(key) == value[0] for key, value in new.params.items() if key not in ("VALUE", "FMTTYPE"))
    if old.name in _DEFAULTS:  # an unknown word is kept as long as what it was taken for still holds
        return old.value.strip().lower() not in _KNOWN_WORDS and new.value == _DEFAULTS[old.name]
    texts = old.name in ("SUMMARY", "LOCATION", "DESCRIPTION", "X-ALT-DESC", "UID", "CATEGORIES")
    return texts and unescape(old.value).strip("\r\n") == unescape(new.value)


def utc_text(moment: datetime) -> str:
    """An instant as 20261122T090000Z."""
    moment = moment.astimezone(UTC) if moment.tzinfo is not None else moment
    return f"{_digits(moment)}Z"


def _digits(moment: datetime) -> str:
    return f"{moment.year:04d}{moment:%m%dT%H%M%S}"  # %Y has no leading zeros everywhere


def _date_digits(day: date) -> str:
    return f"{day.year:04d}{day:%m%d}"


def moment_line(name: str, moment: Moment, more: str = "") -> str:
    """A property with a date, a floating time, a UTC time or a time in a zone."""
    if not isinstance(moment, datetime):
        return f"{name}{more};VALUE=DATE:{_date_digits(moment)}"
    if moment.tzinfo is None:
        return f"{name}{more}:{_digits(moment)}"
    tzid = _tzid(moment.tzinfo)
    if tzid is None:
        return f"{name}{more}:{utc_text(moment)}"
    return f"{name}{more};TZID={parameter(tzid)}:{_digits(moment)}"


def _tzid(zone: tzinfo) -> str | None:
    """What a zone is called in the file, None where only UTC can be written."""
    key = getattr(zone, "key", None)
    if not isinstance(key, str) or key in _UTC_NAMES:
        return None
    return key


def duration_text(length: timedelta) -> str:
    """A DURATION: -PT15M, P1D, PT1H30M."""
    seconds = int(length.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    days, seconds = divmod(seconds, 86_400)
    parts = [(seconds // 3600, "H"), (seconds % 3600 // 60, "M"), (seconds % 60, "S")]
    clock = "".join(f"{number}{unit}" for number, unit in parts if number)
    day = f"{days}D" if days else ""
    if not day and not clock:
        return f"{sign}PT0S"
    return f"{sign}P{day}{'T' if clock else ''}{clock}"
