"""Homes of calendars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Protocol

from core.calendar.busyness import Loads
from core.calendar.entry import Entry
from core.calendar.event import CalendarObject, Problem
from core.calendar.span import DateRange, TimeSpan
from core.ports.world import Progress
from core.values import dataclass


class CalendarKind(StrEnum):
    """Where a calendar's events live, and so what can be done with it."""

    LOCAL = "local"
    SNAPSHOT = "snapshot"
    """A copy of somebody's calendar that came by mail or as a file: read-only, never refreshed by itself."""
    FEED = "feed"
    FILE = "file"
    """A file that is looked at, not imported; gone when the program ends."""
    EXCHANGE = "exchange"
    MICROSOFT365 = "microsoft365"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can be done with a calendar (or a backend's calendars). Screens ask here, not for the kind."""

    write: bool = False
    rename: bool = False
    delete: bool = False
    share: bool = False
    permissions: bool = False
    publish_on_server: bool = False


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """What is known about a calendar that was opened from a message or a file."""

    window: DateRange
    """The days for which it speaks (X-CLIPSTART, X-CLIPEND); whole when it does not say."""
    received: datetime
    sender: str = ""
    relation: str = ""
    """X-WR-RELCALID: the same value from the same sender refreshes the calendar."""


@dataclass(frozen=True, slots=True)
class Smaller:
    """A question: where the calendar comes from it has only `now` events, and it had `before`; the copy is kept."""

    before: int
    now: int

    @property
    def words(self) -> str:
        """The question as a person reads it."""
        from core.language import _, ngettext

        had = ngettext("{count} event", "{count} events", self.before).format(count=self.before)
        has = ngettext("{count} event", "{count} events", self.now).format(count=self.now)
        return _("It had {before}, and now has {now}. Take that?").format(before=had, now=has)

    @property
    def told(self) -> str:
        """What happened, with the question."""
        from core.language import _

        return _("What came is much smaller than your copy: {question}").format(question=self.words)


@dataclass(frozen=True, slots=True)
class CalendarInfo:
    """One calendar in the list. `id` is stable; `name` is what the person sees and types."""

    id: str
    name: str
    account: str
    kind: CalendarKind
    owner: str = ""
    """An address; empty for the person's own."""
    colour: str = ""
    """`#rrggbb` or empty."""
    events: int = 0
    level: str = "full"
    """The level at which it is seen: a DetailLevel."""
    refreshed: datetime | None = None
    can: Capabilities = Capabilities()
    default: bool = False
    snapshot: SnapshotFacts | None = None
    problem: str = ""
    """Why it cannot be read at the moment, empty if it can."""
    offline: str = ""
    """Why what is shown is a copy from earlier (`refreshed`): its server did not answer; empty when it did."""
    waiting: int = 0
    """Changes of the person's that the server has not confirmed yet."""
    smaller: Smaller | None = None
    """What came is much smaller than this copy, which stays until the person says yes."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A calendar object as a store has it. `etag` changes whenever the stored bytes change."""

    calendar: str
    object: CalendarObject
    etag: str
    problems: tuple[Problem, ...] = ()


class CalendarStore(Protocol):
    """A home of calendars. Reads come from what is stored; `refresh` looks at the world again.

    Calendars are named by their id. Every method raises NotFound for what is not there, StorageError or
    TransportError when the world fails.
    """

    @property
    def account(self) -> str:
        """The account's name in config.toml; `local` for the built-in one."""
        ...

    async def calendars(self) -> Sequence[CalendarInfo]:
        """In the order of the screen; one that cannot be read is there too, with its `problem`."""
        ...

    async def refresh(self, progress: Progress | None = None) -> None:
        """Notice what changed since the last look."""
        ...

    async def entries(self, calendars: Sequence[str], span: TimeSpan, zone: tzinfo) -> Sequence[Entry]:
        """Occurrences that touch the span, by start; times in `zone`, all-day and floating ones taken as local."""
        ...

    async def touched(self, calendars: Sequence[str], days: DateRange, zone: tzinfo) -> frozenset[date]:
        """The days of a range (not of a whole calendar) on which something is: the quick answer for a small month."""
        ...

    async def load(self, calendars: Sequence[str], days: DateRange, zone: tzinfo) -> Loads:
        """How busy the days of a range (not of a whole calendar) are; days without anything are left out."""
        ...

    async def search(self, words: Sequence[str], calendars: Sequence[str], zone: tzinfo) -> Sequence[Entry]:
        """Events in which every word stands (title, place, people, text), nearest occurrence first."""
        ...

    async def objects(self, calendar: str, span: TimeSpan | None = None) -> Sequence[StoredObject]:
        """Whole objects with an occurrence in the span; all without one."""
        ...

    async def get(self, calendar: str, uid: str) -> StoredObject:
        """The object as it is stored now, with the etag that `put` and `delete` want."""
        ...

    async def put(self, calendar: str, thing: CalendarObject, *, expected_etag: str | None) -> str:
        """Store durably and return the new etag. `expected_etag` None: it must be new.

        Raises Conflict when what is stored is not what was read; then nothing was changed.
        """
        ...

    async def delete(self, calendar: str, uid: str, *, expected_etag: str) -> None:
        """Take an event away with all its instances. Raises Conflict when another version is stored; then it stays."""
        ...

    async def create(self, name: str, *, colour: str = "", snapshot: SnapshotFacts | None = None) -> CalendarInfo:
        """A new, empty calendar; what is known of a `snapshot` is kept with it."""
        ...

    async def update(self, calendar: str, *, name: str | None = None, colour: str | None = None) -> CalendarInfo:
        """Change what is not None: the name, or the colour as `#rrggbb`."""
        ...

    async def remove(self, calendar: str) -> None:
        """Take the whole calendar away; it can be restored."""
        ...
