"""A server of calendars in memory that passes the contract of `RemoteCalendars`, and breaks when a test says so.

A fault is put before or after an operation: before, nothing has happened there; after, it has, and the answer is lost.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.calendar.event import CalendarObject
from core.calendar.span import TimeSpan
from core.errors import Conflict, NotFound, PartagendaError, Refused
from core.ical.recurrence import expand
from core.ports.calendars import CalendarKind, Capabilities
from core.ports.servers import RemoteCalendar, RemoteChanges, RemoteItem, RemoteRef, ServerReport

ALL = Capabilities(write=True, rename=True, delete=True)
PAGE = 4


@dataclass
class Kept:
    """One object there."""

    object: CalendarObject
    version: int
    key: str = ""


@dataclass
class MemoryServer:
    """The server's side: shared by every session that a test opens."""

    calendars: dict[str, RemoteCalendar] = field(default_factory=dict)
    items: dict[str, dict[str, Kept]] = field(default_factory=lambda: defaultdict(dict))
    log: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    forgotten: bool = False
    """Old tokens are not known any more."""

    def add(self, calendar: RemoteCalendar) -> RemoteCalendar:
        self.calendars[calendar.id] = calendar
        return calendar

    def keep(self, calendar: str, thing: CalendarObject, identity: str = "", key: str = "") -> RemoteRef:
        identity = identity or f"item-{next(self.numbers)}"
        version = next(self.numbers)
        old = self.items[calendar].get(identity)
        self.items[calendar][identity] = Kept(thing, version, key or (old.key if old else ""))
        self.log[calendar].append(identity)
        return RemoteRef(identity, str(version))

    def drop(self, calendar: str, identity: str) -> None:
        del self.items[calendar][identity]
        self.log[calendar].append(identity)

    def titles(self, calendar: str = "main") -> list[str]:
        return sorted(kept.object.events[0].title for kept in self.items[calendar].values())


class MemoryRemote:
    """Implements `core.ports.RemoteCalendars`. `before` and `after` hold faults by the operation's name."""

    def __init__(self, server: MemoryServer | None = None, account: str = "office") -> None:
        self.server = server or MemoryServer()
        if not self.server.calendars:
            self.server.add(RemoteCalendar("main", "Calendar", can=replace(ALL, delete=False), default=True))
        self._account = account
        self.before: dict[str, list[PartagendaError]] = defaultdict(list)
        self.after: dict[str, list[PartagendaError]] = defaultdict(list)
        self.down: PartagendaError | None = None
        self.calls: list[str] = []

    @property
    def account(self) -> str:
        return self._account

    @property
    def kind(self) -> CalendarKind:
        return CalendarKind.EXCHANGE

    def _begin(self, name: str) -> None:
        self.calls.append(name)
        if self.down:
            raise self.down
        if self.before[name]:
            raise self.before[name].pop(0)

    def _end(self, name: str) -> None:
        if self.after[name]:
            raise self.after[name].pop(0)

    def _items(self, calendar: str) -> dict[str, Kept]:
        if calendar not in self.server.calendars:
            raise NotFound("There is no such calendar.")
        return self.server.items[calendar]

    def _item(self, calendar: str, identity: str) -> RemoteItem:
        kept = self._items(calendar)[identity]
        return RemoteItem(RemoteRef(identity, str(kept.version)), kept.object, kept.key)

    async def check(self) -> ServerReport:
        self._begin("check")
        return ServerReport("Memory 1.0", "alice@example.org")

    async def calendars(self, opened: Sequence[str] = ()) -> Sequence[RemoteCalendar]:
        self._begin("calendars")
        return [one for one in self.server.calendars.values() if not one.owner or one.id in opened]

    async def open_shared(self, owner: str) -> RemoteCalendar:
        self._begin("open_shared")
        for one in self.server.calendars.values():
            if one.owner == owner:
                return one
        raise NotFound("Nobody of that address shares a calendar with you.")

    async def window(self, calendar: str, span: TimeSpan) -> Sequence[RemoteItem]:
        self._begin("window")
        found = [
            self._item(calendar, identity)
            for identity, kept in self._items(calendar).items()
            if expand(kept.object, span, span.start.tzinfo).occurrences  # type: ignore[arg-type]
        ]
        self._end("window")
        return found

    async def changes(self, calendar: str, since: str) -> RemoteChanges:
        self._begin("changes")
        items, log = self._items(calendar), self.server.log[calendar]
        resync = bool(since) and self.server.forgotten
        self.server.forgotten = self.server.forgotten and not resync
        at = 0 if resync or not since else int(since)
        touched = list(dict.fromkeys(log[at : at + PAGE]))
        token, more = str(at + PAGE if at + PAGE < len(log) else len(log)), at + PAGE < len(log)
        changed = tuple(RemoteRef(one, str(items[one].version)) for one in touched if one in items)
        self._end("changes")
        gone = tuple(one for one in touched if one not in items)
        return RemoteChanges(changed, (), gone, token or "0", more, resync)

    async def fetch(self, calendar: str, ids: Sequence[str]) -> Sequence[RemoteItem]:
        self._begin("fetch")
        found = [self._item(calendar, one) for one in ids if one in self._items(calendar)]
        self._end("fetch")
        return found

    def vet(self, thing: CalendarObject, before: CalendarObject | None = None) -> None:
        if "BYSETPOS" in (thing.events[0].rrule if thing.events else ""):
            raise Refused("The server has no words for this repetition.")

    async def find(self, calendar: str, key: str) -> RemoteItem | None:
        self._begin("find")
        for identity, kept in self._items(calendar).items():
            if kept.key == key:
                return self._item(calendar, identity)
        return None

    async def create(self, calendar: str, thing: CalendarObject, key: str) -> RemoteRef:
        self._begin("create")
        self._items(calendar)
        ref = self.server.keep(calendar, thing, key=key)
        self._end("create")
        return ref

    async def update(
        self, calendar: str, ref: RemoteRef, before: CalendarObject, after: CalendarObject, key: str
    ) -> RemoteRef:
        self._begin("update")
        self._expect(calendar, ref)
        new = self.server.keep(calendar, after, ref.id, key)
        self._end("update")
        return new

    async def delete(self, calendar: str, ref: RemoteRef) -> None:
        self._begin("delete")
        self._expect(calendar, ref)
        self.server.drop(calendar, ref.id)
        self._end("delete")

    def _expect(self, calendar: str, ref: RemoteRef) -> None:
        kept = self._items(calendar).get(ref.id)
        if kept is None:
            raise NotFound("It is gone.")
        if str(kept.version) != ref.etag:
            raise Conflict("Somebody else changed it.")

    async def create_calendar(self, name: str) -> RemoteCalendar:
        self._begin("create_calendar")
        return self.server.add(RemoteCalendar(f"calendar-{next(self.server.numbers)}", name, can=ALL))

    async def rename_calendar(self, calendar: str, name: str) -> None:
        self._begin("rename_calendar")
        self.server.calendars[calendar] = replace(self.server.calendars[calendar], name=name)

    async def delete_calendar(self, calendar: str) -> None:
        self._begin("delete_calendar")
        del self.server.calendars[calendar]

    async def close(self) -> None:
        return
