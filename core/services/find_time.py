"""Finding a time that suits everybody (outlook.md §7): common free time, and how well it is known.

A source says from when it is. What lies outside of the days that a snapshot speaks for is unknown, and so is a person
of whom one has no calendar: unknown is never free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from core.calendar.freetime import (
    FreeTimeRules,
    ZonedHours,
    allowed,
    busy_spans,
    common,
    common_free_time,
    merge,
    next_time,
    previous_time,
    without,
)
from core.calendar.people import Address
from core.calendar.span import DateRange, TimeSpan, WorkingHours
from core.errors import NotFound, TransportError, UsageError
from core.language import _, ngettext
from core.language.dates import date_and_time, date_span, time_of_day
from core.ports.calendars import CalendarInfo, CalendarKind
from core.ports.servers import Availability, FreeBusySource
from core.ports.world import Clock
from core.values import dataclass

STALE = timedelta(days=1)
"""What is older than this is said to be old."""
_AROUND = timedelta(days=1)
"""Entries are read a day more at each end: all-day events begin at other instants in other zones."""


class Calendars(Protocol):
    """The part of the library that is needed here."""

    async def find(self, name_or_id: str) -> CalendarInfo: ...

    async def calendars(self) -> list[CalendarInfo]: ...

    async def entries(self, calendars: Sequence[str], span: TimeSpan, zone: tzinfo | None = None) -> list[Entry]: ...


class Freshness(StrEnum):
    """How much a source is to be believed."""

    LIVE = "live"
    """The calendar itself."""
    COPY = "copy"
    """A snapshot or a copy from a server, not older than a day."""
    OLD = "old"
    """A copy that is older."""
    UNKNOWN = "unknown"
    """Nobody has a calendar of this person."""


@dataclass(frozen=True, slots=True)
class TimeRequest:
    """What is looked for. `who` are names or ids of calendars, or addresses of people; at least one."""

    who: tuple[str, ...]
    days: DateRange
    duration: timedelta
    weekdays: frozenset[int] = frozenset()
    """Python weekday numbers in the person's own zone; empty for every day."""
    margin: timedelta = timedelta()
    working_hours: bool = False
    """Only inside one's own working hours, and in those of each person whose hours are configured."""
    tentative_is_free: bool = False


@dataclass(frozen=True, slots=True)
class TimeSource:
    """One calendar or person, and what is known of their time in the window; spans are UTC and merged."""

    who: str
    """As it was asked for."""
    name: str
    busy: tuple[TimeSpan, ...]
    unknown: tuple[TimeSpan, ...]
    freshness: Freshness
    as_of: datetime | None = None
    """When the copy was made; None for a live calendar."""
    hours: ZonedHours | None = None
    days: DateRange | None = None
    """The days for which a snapshot speaks."""
    problem: str = ""
    """Why its calendar cannot be read."""

    def words(self, now: datetime) -> str:
        """What a person should know of this source; empty for a live calendar that is known whole."""
        parts = [self._works(now)] if self.hours else []
        if self.problem:
            return _("“{calendar}” cannot be read: {reason}").format(calendar=self.name, reason=self.problem)
        if self.freshness is Freshness.UNKNOWN:
            return _("Nothing is known of the time of {name}; unknown is not free.").format(name=self.name)
        if self.freshness in (Freshness.OLD, Freshness.COPY) and self.as_of is not None:
            when = date_and_time(self.as_of.astimezone(now.tzinfo))
            age = (now - self.as_of).days
            text = _("{name} is a copy of {when}").format(name=self.name, when=when)
            if age > 0:
                text += ngettext(", {count} day old", ", {count} days old", age).format(count=age)
            parts.append(f"{text}.")
        if self.unknown and self.days is not None and self.days.first and self.days.last:
            span = date_span(self.days.first, self.days.last)
            parts.append(
                _("{name} says nothing outside of {days}; that is not free.").format(name=self.name, days=span)
            )
        return " ".join(parts)

    def _works(self, now: datetime) -> str:
        """Their working hours, and in which zone those are meant."""
        assert self.hours is not None
        at, zone = self.hours.hours, self.hours.zone
        if str(zone) == str(now.tzinfo):
            words = _("{name} works {start} – {end}.")
        else:
            words = _("{name} works {start} – {end} in {zone}.")
        start, end = time_of_day(at.start), time_of_day(at.end)
        return words.format(name=self.name, start=start, end=end, zone=zone)


@dataclass(frozen=True, slots=True)
class FreeTime:
    """What was found. `slots`: everybody is known and free, in order, in UTC, the longest there are.

    `perhaps`: those who are known are free, but of somebody nothing is known.
    """

    request: TimeRequest
    window: TimeSpan
    sources: tuple[TimeSource, ...]
    slots: tuple[TimeSpan, ...]
    perhaps: tuple[TimeSpan, ...]
    zone: tzinfo = field(repr=False)

    def next(self, after: datetime) -> TimeSpan | None:
        """The next suggestion that begins later (AutoPick's >>); None when there is none in the window."""
        return next_time(self.slots, self.request.duration, after, self.zone)

    def previous(self, before: datetime) -> TimeSpan | None:
        """The suggestion before (AutoPick's <<)."""
        return previous_time(self.slots, self.request.duration, before, self.zone)

    def notes(self, now: datetime) -> tuple[str, ...]:
        """What should be said of the sources, a line each."""
        return tuple(filter(None, (source.words(now) for source in self.sources)))


class FindTime:
    """The service behind `free` and the finder in the app. `people` are the hours of others by address."""

    def __init__(
        self,
        library: Calendars,
        address: Address | None,
        hours: WorkingHours,
        clock: Clock,
        people: Mapping[str, ZonedHours] | None = None,
        *,
        servers: Sequence[FreeBusySource] = (),
    ) -> None:
        self._library = library
        self._address = address
        self._hours = hours
        self._clock = clock
        self._people = dict(people or {})
        self._servers = tuple(servers)

    async def find(self, request: TimeRequest) -> FreeTime:
        """Common free time. Raises UsageError, and NotFound for a calendar that is not there.

        Servers are asked for the time of addresses; where none answers, a copy of their calendar has to do. An address
        of which nothing is known is a source that is unknown; nothing is free then.
        """
        zone = self._clock.zone
        if request.days.whole:
            raise UsageError(_("Free time needs a range with two ends."), _("Give --range, as 30d."))
        if not request.who:
            raise UsageError(_("Whose time is it about?"), _("Name calendars or addresses."))
        window = request.days.span(zone)
        asked = await self._ask(request, window)
        sources = [await self._known(who, asked.get(who), request, window) for who in dict.fromkeys(request.who)]
        rules = self._rules(request, sources)
        return await asyncio.to_thread(_found, request, window, sources, rules)

    def _rules(self, request: TimeRequest, sources: Sequence[TimeSource]) -> FreeTimeRules:
        others = tuple(source.hours for source in sources if source.hours) if request.working_hours else ()
        return FreeTimeRules(
            duration=request.duration,
            zone=self._clock.zone,
            days=request.weekdays,
            hours=self._hours if request.working_hours else None,
            margin=request.margin,
            tentative_is_free=request.tentative_is_free,
            others=others,
        )

    async def _ask(self, request: TimeRequest, window: TimeSpan) -> dict[str, Availability]:
        """What servers say of the addresses: the first that knows; one's own time is in one's own calendars."""
        own = self._address.key if self._address else ""
        addresses = [who for who in dict.fromkeys(request.who) if "@" in who and who.strip().lower() != own]
        found: dict[str, Availability] = {}
        for server in self._servers if addresses else ():
            open_ones = [who for who in addresses if who not in found or found[who].problem]
            if not open_ones:
                break
            span = TimeSpan(window.start - request.margin, window.end + request.margin)
            try:
                answers = await server.free_busy([who.strip() for who in open_ones], span)
            except TransportError as error:
                answers = [Availability(who, problem=error.message) for who in open_ones]
            found |= dict(zip(open_ones, answers, strict=True))
        return found

    async def _known(self, who: str, answer: Availability | None, request: TimeRequest, window: TimeSpan) -> TimeSource:
        if answer is not None and not answer.problem:
            return _of_server(who, answer, self._people.get(who.strip().lower()), request, window)
        source = await self._source(who, request, window)
        unknown = answer is not None and source.freshness is Freshness.UNKNOWN and not source.problem
        return replace(source, problem=answer.problem) if answer is not None and unknown else source

    async def _source(self, who: str, request: TimeRequest, window: TimeSpan) -> TimeSource:
        """When somebody is busy; days outside a snapshot, and all of a calendar that cannot be read, are unknown."""
        calendars = await self._calendars_of(who)
        owner = calendars[0].owner.lower() if calendars else who.strip().lower()
        hours = self._people.get(owner)
        readable = [info for info in calendars if not info.problem]
        if not readable:
            problem = calendars[0].problem if calendars else ""
            return TimeSource(who, who, (), tuple(merge([window])), Freshness.UNKNOWN, hours=hours, problem=problem)
        zone = hours.zone if hours else self._clock.zone
        reach = request.margin + _AROUND
        span = TimeSpan(window.start - reach, window.end + reach)
        entries = await self._library.entries([info.id for info in readable], span, zone)
        rules = FreeTimeRules(
            request.duration, zone, margin=request.margin, tentative_is_free=request.tentative_is_free
        )
        busy = common(await asyncio.to_thread(busy_spans, entries, rules), merge([window]))
        main = readable[0]
        freshness, as_of = self._freshness(main)
        days = main.snapshot.window if main.snapshot and not main.snapshot.window.whole else None
        unknown = without(merge([window]), merge([days.span(self._clock.zone)])) if days else []
        name = main.name if len(readable) == 1 else who
        return TimeSource(who, name, tuple(busy), tuple(unknown), freshness, as_of, hours, days)

    async def _calendars_of(self, who: str) -> list[CalendarInfo]:
        """The calendar of that name; for an address all calendars of this person, the freshest first."""
        try:
            return [await self._library.find(who)]
        except NotFound:
            if "@" not in who:
                raise
        wanted = who.strip().lower()
        known = await self._library.calendars()
        if self._address is not None and wanted == self._address.key:
            return [info for info in known if not info.owner and info.can.write]
        owned = [info for info in known if info.owner.lower() == wanted]
        return sorted(owned, key=lambda info: -_time_of(info).timestamp())

    def _freshness(self, info: CalendarInfo) -> tuple[Freshness, datetime | None]:
        if info.kind is CalendarKind.LOCAL:
            return Freshness.LIVE, None
        made = info.snapshot.received if info.snapshot else info.refreshed
        if made is None:
            return Freshness.OLD, None
        old = self._clock.now() - made > STALE
        return Freshness.OLD if old else Freshness.COPY, made


def _time_of(info: CalendarInfo) -> datetime:
    made = info.snapshot.received if info.snapshot else info.refreshed
    return made or datetime(1970, 1, 2, tzinfo=UTC)


def _of_server(
    who: str, answer: Availability, hours: ZonedHours | None, request: TimeRequest, window: TimeSpan
) -> TimeSource:
    """A server's answer is of this moment; hours that the person configured go before the server's."""
    busy = []
    for block in answer.blocks:
        tentative = block.status is BusyStatus.TENTATIVE and request.tentative_is_free
        if block.status not in (BusyStatus.FREE, BusyStatus.WORKING_ELSEWHERE) and not tentative:
            busy.append(TimeSpan(block.span.start - request.margin, block.span.end + request.margin))
    within = common(merge(busy), merge([window]))
    return TimeSource(who, who, tuple(within), (), Freshness.LIVE, hours=hours or answer.hours)


def _found(request: TimeRequest, window: TimeSpan, sources: Sequence[TimeSource], rules: FreeTimeRules) -> FreeTime:
    busy = [span for source in sources for span in source.busy]
    unknown = merge(span for source in sources for span in source.unknown)
    slots = common_free_time([*busy, *unknown], window, rules)
    known_free = without(allowed(window, rules), merge(busy))
    perhaps = [span for span in known_free if span.end - span.start >= rules.duration] if unknown else []
    open_ends = without(merge(perhaps), slots)
    return FreeTime(request, window, tuple(sources), tuple(slots), tuple(open_ends), rules.zone)
