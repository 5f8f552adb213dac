"""Meeting messages (iTIP, RFC 5546) to bytes and back: REQUEST, REPLY and CANCEL about one meeting.

What leaves is an allow-list of its own for each method: reminders, unknown properties, attachments, creation dates
and everything else that an event may hold stay at home. The finished bytes are read again and held to that list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from core.calendar.event import Attendee, CalendarObject, Event, EventState, Response
from core.errors import LeakFound, PartagendaError, Unreadable
from core.ical.decode import decode
from core.ical.encode import encode_calendar
from core.ical.header import CalendarHeader
from core.ical.lines import LineError, fold, parse_line, unfold
from core.language import _
from core.sharing.wording import one_line, paragraphs
from core.values import dataclass


class Method(StrEnum):
    """METHOD of RFC 5546 §1.4, as far as this program sends and understands it."""

    REQUEST = "REQUEST"
    """The organizer invites, or says what changed."""
    REPLY = "REPLY"
    """One attendee answers."""
    CANCEL = "CANCEL"
    """The organizer cancels the meeting, some instances of it, or somebody's part in it."""


_WHAT = frozenset(
    {"UID", "DTSTAMP", "DTSTART", "DTEND", "RECURRENCE-ID", "SEQUENCE", "SUMMARY", "ORGANIZER", "ATTENDEE"}
)
_MORE = frozenset(
    {
        "LOCATION",
        "DESCRIPTION",
        "RRULE",
        "EXDATE",
        "RDATE",
        "STATUS",
        "CLASS",
        "PRIORITY",
        "URL",
        "CATEGORIES",
        "TRANSP",
    }
    | {"X-MICROSOFT-CDO-BUSYSTATUS"}
)
ALLOWED: dict[Method, frozenset[str]] = {
    Method.REQUEST: _WHAT | _MORE,
    Method.REPLY: _WHAT,
    Method.CANCEL: _WHAT | {"STATUS"},
}
"""Properties of a VEVENT that may leave with each method."""
_PARAMETERS = frozenset({"TZID", "VALUE", "RANGE", "CN", "ROLE", "PARTSTAT", "CUTYPE", "RSVP"})
_CALENDAR = frozenset({"VERSION", "PRODID", "CALSCALE", "METHOD"})
_ZONE = frozenset({"TZID", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE", "TZNAME"})
_ZONES = ("VTIMEZONE", "STANDARD", "DAYLIGHT")


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a message says of one meeting: the series, instances of it, or both."""

    method: Method
    object: CalendarObject

    @property
    def main(self) -> Event:
        """The event that stands for the message: the master, else the first instance."""
        return self.object.master or self.object.events[0]

    @property
    def organizer(self) -> Attendee | None:
        """Who the message says the organizer is."""
        return next((event.organizer for event in self.object.events if event.organizer), None)


def same_person(one: str, other: str) -> bool:
    """Whether two calendar addresses name one mailbox."""
    return bool(one) and one.strip().lower() == other.strip().lower()


# building ----------------------------------------------------------------------------------------------------


def shown(event: Event, organizer: Attendee, now: datetime) -> Event:
    """An event with nothing but what an invitation says; DTSTAMP is the message's time (RFC 5545 §3.8.7.2)."""
    return Event(
        uid=event.uid,
        start=event.start,
        end=event.end,
        title=one_line(event.title),
        place=one_line(event.place),
        description=paragraphs(event.description),
        status=event.status,
        sensitivity=event.sensitivity,
        state=event.state,
        organizer=Attendee(organizer.address, one_line(organizer.name)),
        attendees=tuple(replace(one, name=one_line(one.name)) for one in event.attendees),
        categories=tuple(map(one_line, event.categories)),
        url=one_line(event.url),
        priority=event.priority,
        rrule=event.rrule,
        rdates=event.rdates,
        exdates=event.exdates,
        recurrence_id=event.recurrence_id,
        this_and_future=event.this_and_future,
        sequence=event.sequence,
        stamp=now,
    )


def invitation(thing: CalendarObject, events: Sequence[Event], organizer: Attendee, now: datetime) -> Meeting:
    """REQUEST with these events of an object; people who have not answered are asked to (RSVP)."""
    asked = tuple(
        replace(event, attendees=tuple(_asked(one) for one in event.attendees))
        for event in (shown(event, organizer, now) for event in events)
    )
    return Meeting(Method.REQUEST, CalendarObject(thing.uid, asked))


def _asked(one: Attendee) -> Attendee:
    return replace(one, rsvp=one.response is Response.NEEDS_ACTION)


def cancellation(events: Sequence[Event], person: Attendee, organizer: Attendee, now: datetime) -> Meeting:
    """CANCEL to one attendee for these events: the whole meeting, or instances with their RECURRENCE-ID."""
    gone = tuple(
        replace(
            _bare(event, organizer, now),
            attendees=(Attendee(person.address, one_line(person.name), person.role, kind=person.kind),),
            state=EventState.CANCELLED,
        )
        for event in events
    )
    return Meeting(Method.CANCEL, CalendarObject(events[0].uid, gone))


def reply(asked: Meeting, me: Attendee, now: datetime) -> Meeting:
    """REPLY to a REQUEST, with nobody's line but one's own (RFC 5546 §3.2.3); `me` holds the answer."""
    organizer = asked.organizer or Attendee("")
    events = (asked.object.master,) if asked.object.master else asked.object.overrides
    line = Attendee(me.address, one_line(me.name), response=me.response)
    answered = tuple(replace(_bare(event, organizer, now), attendees=(line,)) for event in events if event)
    return Meeting(Method.REPLY, CalendarObject(asked.object.uid, answered))


def _bare(event: Event, organizer: Attendee, now: datetime) -> Event:
    """What names an event and its version, and no more."""
    return Event(
        uid=event.uid,
        start=event.start,
        end=event.end,
        title=one_line(event.title),
        organizer=Attendee(organizer.address, one_line(organizer.name)),
        recurrence_id=event.recurrence_id,
        this_and_future=event.this_and_future,
        sequence=event.sequence,
        stamp=now,
    )


# to bytes ----------------------------------------------------------------------------------------------------


def encode(meeting: Meeting, now: datetime) -> bytes:
    """The file of a message, proved against what may leave. Raises LeakFound."""
    data = encode_calendar([meeting.object], CalendarHeader(method=meeting.method.value), now=now)
    lines = (text for _number, text in unfold(data))
    finished = b"".join(fold(line) for line in _kept(lines, ALLOWED[meeting.method]))
    prove(finished, meeting, now)
    return finished


def _kept(lines: Iterable[str], allowed: frozenset[str]) -> Iterator[str]:
    """The lines that may leave: those of the calendar, its time zones, and each event's allow-list."""
    stack: list[str] = []
    for line in lines:
        head, _colon, value = line.partition(":")
        if head == "BEGIN":
            stack.append(value)
        if not _strange(stack):
            names = _CALENDAR if len(stack) == 1 else _ZONE if stack[-1] in _ZONES else allowed
            if head in ("BEGIN", "END") or head.partition(";")[0].upper() in names:
                yield line
        if head == "END" and stack:
            stack.pop()


def _strange(stack: Sequence[str]) -> bool:
    return stack[:1] != ["VCALENDAR"] or any(name not in ("VEVENT", *_ZONES) for name in stack[1:])


def prove(data: bytes, meeting: Meeting, now: datetime) -> None:
    """Read finished bytes again: nothing but the allow-list, and the same meeting. Raises LeakFound."""
    allowed = ALLOWED[meeting.method]
    stack: list[str] = []
    for _number, text in unfold(data):
        name, params, value = _line(text)
        if name == "BEGIN":
            stack.append(value)
        elif name == "END":
            stack.pop()
        elif not _belongs(stack, name, params, allowed):
            raise _leak(name)
        if _strange(stack) and stack:
            raise _leak(stack[-1])
    _same_meeting(decode(data, now=now).objects, meeting)


def _belongs(stack: Sequence[str], name: str, params: dict[str, list[str]], allowed: frozenset[str]) -> bool:
    if stack[-1:] == ["VEVENT"]:
        return name in allowed and params.keys() <= _PARAMETERS
    return name in (_CALENDAR if stack == ["VCALENDAR"] else _ZONE)


def _line(text: str) -> tuple[str, dict[str, list[str]], str]:
    try:
        return parse_line(text)
    except LineError:
        raise _leak(text[:20]) from None


def _same_meeting(found: Sequence[CalendarObject], meeting: Meeting) -> None:
    """One object with the same UID, times, title and people."""
    if len(found) != 1 or found[0].uid != meeting.object.uid or len(found[0].events) != len(meeting.object.events):
        raise _leak("VEVENT")
    read = sorted(map(_gist, found[0].events))
    if read != sorted(map(_gist, meeting.object.events)):
        raise _leak("VEVENT")


def _gist(event: Event) -> tuple[str, ...]:
    people = sorted(f"{one.address.lower()} {one.response}" for one in event.attendees)
    organizer = event.organizer.address if event.organizer else ""
    return (str(event.recurrence_id), str(event.start), event.title.strip(), organizer, str(event.sequence), *people)


def _leak(name: str) -> LeakFound:
    return LeakFound(
        _("The finished message holds {name}, which does not belong there. Nothing was sent.").format(
            name=one_line(name)[:40]
        )
    )


# from bytes --------------------------------------------------------------------------------------------------


def read(data: bytes, method: str, now: datetime) -> Meeting:
    """A message's calendar part. Raises Unreadable, in plain words, for what is no message about one meeting."""
    try:
        found = Method((method or decode(data, now=now).header.method).upper())
    except ValueError:
        raise Unreadable(
            _("This version does not understand meeting messages of the kind “{method}”.").format(
                method=one_line(method)[:40]
            ),
            _("Read the message’s text, and answer it by mail."),
        ) from None
    objects = _objects(data, now)
    if not objects:
        raise Unreadable(_("The message speaks of a meeting, but there is none in it that could be read."))
    if len(objects) > 1:
        raise Unreadable(_("The message speaks of several meetings at once. Nothing was changed."))
    return Meeting(found, objects[0])


def _objects(data: bytes, now: datetime) -> tuple[CalendarObject, ...]:
    try:
        return decode(data, now=now).objects
    except Unreadable as error:
        raise Unreadable(_("The message’s calendar cannot be read: {reason}").format(reason=error.message)) from error
    except PartagendaError as error:
        raise Unreadable(error.message) from error
