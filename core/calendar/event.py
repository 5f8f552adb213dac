"""Events, their instances, and what others may see of them.

Times follow RFC 5545: `end` is exclusive; an all-day event has dates; a datetime without tzinfo is floating
(the same wall-clock time wherever one is).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from core.values import dataclass

Moment = datetime | date
"""A date (all-day), an aware datetime, or a naive one (floating)."""


class BusyStatus(StrEnum):
    """Outlook's five, in the order of its drop-down (`PidLidBusyStatus` 0 to 4, see [MS-OXOCAL])."""

    FREE = "free"
    TENTATIVE = "tentative"
    BUSY = "busy"
    OUT_OF_OFFICE = "out-of-office"
    WORKING_ELSEWHERE = "working-elsewhere"


class Sensitivity(StrEnum):
    """CLASS of RFC 5545; PERSONAL exists in Outlook only and is written as PRIVATE is not."""

    PUBLIC = "public"
    PERSONAL = "personal"
    PRIVATE = "private"
    CONFIDENTIAL = "confidential"

    @property
    def hides(self) -> bool:
        """Whether others see only a block of time (outlook.md §1.8: PRIVATE and CONFIDENTIAL)."""
        return self in (Sensitivity.PRIVATE, Sensitivity.CONFIDENTIAL)


class EventState(StrEnum):
    """STATUS of RFC 5545."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class Role(StrEnum):
    """ROLE of RFC 5545."""

    CHAIR = "chair"
    REQUIRED = "required"
    OPTIONAL = "optional"
    NON_PARTICIPANT = "non-participant"


class Response(StrEnum):
    """PARTSTAT of RFC 5545."""

    NEEDS_ACTION = "needs-action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    DELEGATED = "delegated"


class AttendeeKind(StrEnum):
    """CUTYPE of RFC 5545."""

    INDIVIDUAL = "individual"
    GROUP = "group"
    RESOURCE = "resource"
    ROOM = "room"
    UNKNOWN = "unknown"


TOLD_BY_SERVER = "X-PARTAGENDA-TOLD-BY:SERVER"
"""A line among `extra`: the calendar's server itself writes to the people of this event when it changes."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody at an event, or its organiser. `address` has no `mailto:`; it may be any URI."""

    address: str
    name: str = ""
    role: Role = Role.REQUIRED
    response: Response = Response.NEEDS_ACTION
    kind: AttendeeKind = AttendeeKind.INDIVIDUAL
    rsvp: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the event (`content`) or a link to one (`url`); never both."""

    name: str = ""
    media_type: str = "application/octet-stream"
    content: bytes | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A reminder. `trigger` is relative to the start (negative: before) or an absolute time."""

    trigger: timedelta | datetime
    action: str = "DISPLAY"
    description: str = ""
    extra: tuple[str, ...] = ()
    """Content lines of the VALARM that are not understood, unfolded."""


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT: a single event, the master of a series, or the override of one instance.

    `recurrence_id` names the instance that an override replaces; with `this_and_future` it and all after it.
    `extra` keeps the content lines that are not understood, unfolded, so that they survive a round trip.
    """

    uid: str
    start: Moment
    end: Moment
    title: str = ""
    place: str = ""
    description: str = ""
    html: str = ""
    """The notes as HTML (X-ALT-DESC), as they came: not clean."""
    status: BusyStatus = BusyStatus.BUSY
    sensitivity: Sensitivity | None = None
    """None: not said; an override then takes its master's, any other event is public."""
    state: EventState = EventState.CONFIRMED
    organizer: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
    categories: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    url: str = ""
    priority: int = 0
    importance: int | None = None
    """X-MICROSOFT-CDO-IMPORTANCE: 0 low, 1 normal, 2 high."""
    rrule: str = ""
    rdates: tuple[Moment, ...] = ()
    exdates: tuple[Moment, ...] = ()
    recurrence_id: Moment | None = None
    this_and_future: bool = False
    sequence: int = 0
    stamp: datetime | None = None
    created: datetime | None = None
    modified: datetime | None = None
    extra: tuple[str, ...] = ()

    @property
    def all_day(self) -> bool:
        """Whether the event covers whole days."""
        return not isinstance(self.start, datetime)

    @property
    def recurring(self) -> bool:
        """Whether this is the master of a series."""
        return bool(self.rrule or self.rdates)

    @property
    def private(self) -> bool:
        """Whether its own CLASS hides it."""
        return self.sensitivity is not None and self.sensitivity.hides

    @property
    def cancelled(self) -> bool:
        """Cancelled events are never shared and never busy."""
        return self.state is EventState.CANCELLED


@dataclass(frozen=True, slots=True)
class CalendarObject:
    """All components that share a UID: the unit that is stored, copied and moved (RFC 4791 §4.1).

    `events` has the master first where there is one, then the overrides by recurrence id.
    `zones` keeps VTIMEZONEs that no IANA zone stands for, as text, keyed by TZID.
    """

    uid: str
    events: tuple[Event, ...]
    zones: tuple[tuple[str, str], ...] = ()

    @property
    def master(self) -> Event | None:
        """The event without a recurrence id, if the object holds it."""
        return next((event for event in self.events if event.recurrence_id is None), None)

    @property
    def overrides(self) -> tuple[Event, ...]:
        """The instances that differ from the series."""
        return tuple(event for event in self.events if event.recurrence_id is not None)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One instance of an event: `event` is the component that describes it (master or override), with its own
    series' rule still in it; `start` and `end` are this instance's; `recurrence_id` is None for a single event.
    `private` is resolved: an instance of a private series is private unless it says otherwise itself.
    """

    event: Event
    start: Moment
    end: Moment
    recurrence_id: Moment | None = None
    private: bool = False

    @property
    def all_day(self) -> bool:
        """Whether the instance covers whole days."""
        return not isinstance(self.start, datetime)


@dataclass(frozen=True, slots=True)
class SharedEvent:
    """What another person may see. Made by `core.sharing.redaction` only; the only thing that is encoded for others.

    A field that the level hides holds its default, so that nothing is there to leak. `uid` is new for each share.
    Times of instances are UTC (or dates at Full and Limited for all-day events).
    """

    uid: str
    start: Moment
    end: Moment
    status: BusyStatus
    stamp: datetime
    title: str | None = None
    """None: the level shows the status word only."""
    private: bool = False
    place: str = ""
    description: str = ""
    html: str = ""
    categories: tuple[str, ...] = ()
    state: EventState = EventState.CONFIRMED
    priority: int = 0
    importance: int | None = None
    url: str = ""
    organizer: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    sequence: int = 0
    rrule: str = ""
    rdates: tuple[Moment, ...] = ()
    exdates: tuple[Moment, ...] = ()
    recurrence_id: Moment | None = None

    @property
    def all_day(self) -> bool:
        """Whether it covers whole days."""
        return not isinstance(self.start, datetime)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in foreign bytes that was repaired or refused. `line` counts from 1; 0 is the whole file."""

    what: str
    line: int = 0
    uid: str = ""
    repaired: bool = True
    """False: the component was left out."""
