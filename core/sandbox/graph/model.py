"""What a mailbox of the sandbox's Graph holds: calendars, events, permissions. Times are wall-clock times and zones."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import RLock
from typing import Any

from core.sandbox.graph.recurrence import days
from core.sandbox.graph.times import to_utc
from core.sandbox.graph.wire import Json, not_found
from core.sandbox.people import Person

_DAY = timedelta(days=1)
_NEVER = date(2300, 1, 1)
_INSTANCE = "AAkALgOCC"


def new_id(kind: str) -> str:
    """An id as opaque as Graph's; immutable, as clients ask for with `Prefer: IdType="ImmutableId"`."""
    return f"AAkALg{kind}{base64.urlsafe_b64encode(secrets.token_bytes(24)).decode()}="


def _coded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@dataclass(eq=False)
class Change:
    """What one instance of a series has of its own."""

    facts: Json
    start: datetime
    end: datetime
    zone: str


@dataclass(eq=False)
class Item:
    """A single event, or a series with the instances that differ. `facts` are its properties but times and rule."""

    id: str
    uid: str
    facts: Json
    start: datetime
    end: datetime
    zone: str
    recurrence: Json | None = None
    exceptions: dict[date, Change] = field(default_factory=dict)
    cancelled: set[date] = field(default_factory=set)
    attachments: dict[str, Json] = field(default_factory=dict)
    extended: dict[str, str] = field(default_factory=dict)
    transaction: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    version: int = 1

    def touch(self) -> None:
        """It has changed."""
        self.version += 1
        self.modified = datetime.now(UTC)

    @property
    def key(self) -> str:
        """The change key of its version."""
        return base64.b64encode(f"{self.id[-12:]}/{self.version}".encode()).decode()

    @property
    def all_day(self) -> bool:
        """Whether it covers whole days."""
        return bool(self.facts.get("isAllDay"))

    def instance(self, day: date) -> Instance:
        """The instance whose place in the series is that day."""
        change = self.exceptions.get(day)
        if change:
            facts = {**self.facts, **change.facts}
            return Instance(self, "exception", change.start, change.end, change.zone, facts, day)
        start = datetime.combine(day, self.start.time())
        return Instance(self, "occurrence", start, start + (self.end - self.start), self.zone, self.facts, day)

    def whole(self) -> Instance:
        """The item itself: a single event, or the master of its series."""
        kind = "seriesMaster" if self.recurrence else "singleInstance"
        return Instance(self, kind, self.start, self.end, self.zone, self.facts)

    def days(self, until: date) -> Iterator[date]:
        """The places of a series that are not cancelled."""
        assert self.recurrence is not None
        return (day for day in days(self.recurrence, until) if day not in self.cancelled)

    def instances(self, begin: datetime, end: datetime) -> list[Instance]:
        """The instances that touch the span of instants, exceptions where they were moved to."""
        if self.recurrence is None:
            only = self.whole()
            return [only] if only.touches(begin, end) else []
        found = [self.instance(day) for day in self.days(min(end.date() + _DAY * 2, _NEVER))]
        late = [self.instance(day) for day in self.exceptions if day > end.date() + _DAY * 2]
        return [one for one in (*found, *late) if one.touches(begin, end)]


@dataclass(frozen=True)
class Instance:
    """Something that can be shown: an item, or one instance of a series."""

    item: Item
    kind: str
    start: datetime
    end: datetime
    zone: str
    facts: Json
    day: date | None = None

    @property
    def id(self) -> str:
        """An instance's id stays when it becomes an exception."""
        return _INSTANCE + _coded(f"{self.item.id}.{self.day.isoformat()}") if self.day else self.item.id

    @property
    def occurrence_id(self) -> str:
        """Its place in the series, as `cancelledOccurrences` names it."""
        assert self.day is not None
        return f"OID.{self.item.id}.{self.day.isoformat()}"

    @property
    def begin(self) -> datetime:
        """The instant at which it starts; whole days are taken as UTC, as `calendarView` does."""
        return to_utc(self.start, "UTC" if self.item.all_day else self.zone)

    @property
    def finish(self) -> datetime:
        """The instant at which it ends."""
        return to_utc(self.end, "UTC" if self.item.all_day else self.zone)

    def touches(self, begin: datetime, end: datetime) -> bool:
        """Whether it lies in the span, or is an instant in it."""
        return self.begin < end and (self.finish > begin or self.begin == self.finish >= begin)


@dataclass(eq=False)
class Permission:
    """Who may do what with a calendar. No person: everybody in the organisation."""

    id: str
    role: str
    person: Person | None
    inside: bool
    removable: bool
    allowed: tuple[str, ...]


@dataclass(eq=False)
class Calendar:
    """One calendar of a mailbox."""

    id: str
    name: str
    default: bool = False
    colour: str = "auto"
    hex_colour: str = ""
    items: dict[str, Item] = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)
    version: int = 1

    @property
    def key(self) -> str:
        """Its change key."""
        return base64.b64encode(f"{self.id[-12:]}/{self.version}".encode()).decode()


@dataclass(eq=False)
class Mailbox:
    """All that one person has on the server."""

    person: Person
    calendars: dict[str, Calendar] = field(default_factory=dict)
    zone: str = "Romance Standard Time"
    drafts: dict[str, Any] = field(default_factory=dict)

    @property
    def default(self) -> Calendar:
        """The calendar that everybody has."""
        return next(calendar for calendar in self.calendars.values() if calendar.default)

    def find(self, event: str) -> tuple[Calendar, Item, date | None]:
        """An event by its id, or an instance by its own. Raises 404."""
        master, day = event, None
        if event.startswith(_INSTANCE):
            try:
                master, _dot, text = base64.urlsafe_b64decode(event.removeprefix(_INSTANCE)).decode().rpartition(".")
                day = date.fromisoformat(text)
            except ValueError:
                raise not_found() from None
        for calendar in self.calendars.values():
            if master in calendar.items:
                item = calendar.items[master]
                if day is not None and (item.recurrence is None or day not in set(item.days(day))):
                    raise not_found()
                return calendar, item, day
        raise not_found()


class Tenant:
    """The organisation: its mailboxes, by address, and the lock that guards them."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.mailboxes: dict[str, Mailbox] = {}
        self.zones: dict[str, str] = {}

    def mailbox(self, name: str) -> Mailbox:
        """The mailbox of an address, a user name or an id. Raises 404."""
        low = name.lower()
        for address, mailbox in self.mailboxes.items():
            if low in (address, mailbox.person.key, user_id(mailbox.person)):
                return mailbox
        from core.sandbox.graph.wire import GraphError

        raise GraphError(404, "ErrorInvalidUser", f"The requested user '{name}' is invalid.")


def user_id(person: Person) -> str:
    """A directory id: a GUID made from the key."""
    digits = person.key.encode().hex().ljust(32, "0")[:32]
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
