"""A calendar's snapshot as services take it: read, redacted, and described for the person before it leaves."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import field
from datetime import timedelta, tzinfo
from typing import Protocol
from uuid import UUID, uuid5

from core.calendar.entry import Entry
from core.calendar.event import CalendarObject, SharedEvent
from core.calendar.people import Address
from core.calendar.span import DateRange, TimeSpan, WorkingHours
from core.errors import UsageError
from core.ical.shared import SharedHeader
from core.language import _, language, ngettext
from core.language.dates import long_date, time_of_day
from core.ports.calendars import CalendarInfo, StoredObject
from core.ports.world import Clock
from core.sharing import page_parts, pages
from core.sharing.leakcheck import Allowed
from core.sharing.snapshot import Snapshot, SnapshotOptions, take_snapshot
from core.sharing.wording import one_line
from core.values import dataclass

_NAMESPACE = UUID("6f1c2a4e-3b0d-4c57-9c5e-2d8f0a7b9e11")
_JOIN = re.compile(
    r"(?i)\b(?:https?://\S*(?:meet|zoom|teams|webex|jitsi|whereby|bbb|conference|join)\S*|pass(?:word|code|phrase)\b"
    r"|mot de passe|code (?:d[’']acc[èe]s|de r[ée]union|secret)|\bpin\b|meeting id|access code|dial[- ]?in)"
)


class Calendars(Protocol):
    """The part of the library that is needed here."""

    async def find(self, name_or_id: str) -> CalendarInfo: ...

    async def objects(self, calendar: str, span: TimeSpan | None = None) -> list[StoredObject]: ...


@dataclass(frozen=True, slots=True)
class Owner:
    """The person who shares. `address` None: they have not said it yet, and nothing can be sent."""

    name: str
    address: Address | None
    zone: tzinfo
    hours: WorkingHours = field(default_factory=WorkingHours)


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """What the dialog asks for. `time_zone`: an IANA name, empty for the person's own zone."""

    calendar: str
    options: SnapshotOptions
    time_zone: str = ""


def new_uid() -> str:
    """A UID that says nothing: 16 random bytes in base64, as Outlook writes them at Availability only."""
    return b64encode(secrets.token_bytes(16)).decode("ascii")


def relation_of(owner: str, calendar: str) -> str:
    """X-WR-RELCALID of a person's calendar: the same at every sending, another for every calendar and person."""
    return str(uuid5(_NAMESPACE, f"{owner.lower()}\0{calendar}")).upper()


class SnapshotTaker:
    """Reads a calendar of the library and takes snapshots of it in the person's name."""

    def __init__(self, library: Calendars, me: Owner, clock: Clock) -> None:
        self._library = library
        self._me = me
        self._clock = clock

    def address(self) -> Address:
        """The person’s own name and address. Raises UsageError where they have not said it."""
        if self._me.address is None:
            raise UsageError(
                _("Partagenda does not know your e-mail address."),
                _("Write it into config.toml: [me] with name = … and address = …"),
            )
        return Address(self._me.address.address, self._me.name or self._me.address.name)

    async def read(self, request: SnapshotRequest) -> tuple[CalendarInfo, list[CalendarObject]]:
        """The calendar, and the objects that touch the asked days. Raises NotFound."""
        info = await self._library.find(request.calendar)
        days = request.options.days
        span = None if days.whole else days.span(self.zone(request))
        return info, [stored.object for stored in await self._library.objects(info.id, span)]

    def zone(self, request: SnapshotRequest) -> tzinfo:
        """The zone in which days begin. Raises UsageError for an unknown one."""
        if not request.time_zone:
            return self._me.zone
        from core.calendar.zones import zone_for

        zone = zone_for(request.time_zone)
        if zone is None:
            raise UsageError(
                _("There is no time zone “{name}”.").format(name=one_line(request.time_zone)),
                _("Write it as Europe/Paris or America/New_York."),
            )
        return zone

    def take(
        self,
        request: SnapshotRequest,
        info: CalendarInfo,
        objects: Sequence[CalendarObject],
        owner: Address | None = None,
        shown: DateRange | None = None,
    ) -> Snapshot:
        """The redacted snapshot. `owner`: if not the person; `shown`: the days of a page, if not of a message."""
        owner = owner or self.address()
        return take_snapshot(
            objects,
            request.options,
            calendar_name=info.name,
            owner=owner,
            zone=self.zone(request),
            hours=self._me.hours,
            now=self._clock.now(),
            relation=relation_of(owner.address, info.id),
            primary=info.default and not info.owner,
            new_uid=new_uid,
            hours_zone=self._me.zone,
            shown=shown,
        )


def header_of(snapshot: Snapshot, every: timedelta | None = None) -> SharedHeader:
    """What the .ics says of the calendar as a whole. `every`: how often it is published anew."""
    window = snapshot.window
    return SharedHeader(
        name=f"{snapshot.owner_name} – {snapshot.calendar_name}",
        relation=snapshot.relation,
        owner=snapshot.owner,
        primary=snapshot.primary,
        zone=snapshot.zone,
        language=language(),
        now=snapshot.now,
        first_midnight=window.start if window else None,
        last_midnight=window.end if window else None,
        working_hours=None if snapshot.hours_elsewhere else snapshot.hours,
        every=every,
    )


def allowed_in(snapshot: Snapshot, blank: Snapshot, more: tuple[str, ...] = ()) -> Allowed:
    """What may be there whatever the events say; `blank` is the same snapshot of no events, `more` further texts."""
    own = (snapshot.owner_name, snapshot.owner.name, snapshot.owner.address, snapshot.calendar_name)
    return Allowed(
        level=snapshot.options.level,
        zone=snapshot.zone,
        window=snapshot.window,
        include_private=snapshot.options.include_private,
        include_attachments=snapshot.options.include_attachments,
        by_right=(*own, *page_parts.vocabulary(), *page_parts.remarks(snapshot), pages.text(blank), *more),
    )


def range_text(days: DateRange) -> str:
    """RANGE as the command line writes it: `2026-11-22..2026-11-28` or `all`."""
    return "all" if days.first is None or days.last is None else f"{days.first}..{days.last}"


def entry_of(event: SharedEvent, calendar: str, zone: tzinfo) -> Entry:
    """A shared event as the panes show one."""
    start, end = event.start, event.end
    return Entry(
        id=event.uid,
        uid=event.uid,
        calendar=calendar,
        title=event.title or "",
        start=start.astimezone(zone) if hasattr(start, "astimezone") else start,
        end=end.astimezone(zone) if hasattr(end, "astimezone") else end,
        status=event.status,
        all_day=event.all_day,
        private=event.private,
        place=event.place,
        organizer=event.organizer,
        attendees=event.attendees,
    )


def what_leaves(snapshot: Snapshot) -> Iterator[str]:
    """What leaves the machine, from the shared events themselves."""
    events = snapshot.events
    blocks = [event for event in events if event.title is None]
    named = len(events) - len(blocks)
    if blocks or not named:
        yield ngettext(
            "{count} block of time with its status", "{count} blocks of time with their status", len(blocks)
        ).format(count=len(blocks))
    if named:
        yield ngettext(
            "time, status and subject of {count} item", "times, status and subjects of {count} items", named
        ).format(count=named)
    if snapshot.hidden:
        yield ngettext(
            "{count} private item as a plain block", "{count} private items as plain blocks", snapshot.hidden
        ).format(count=snapshot.hidden)
    yield from _details_that_leave(events)
    yield from _always_leaves(snapshot)


def _details_that_leave(events: Sequence[SharedEvent]) -> Iterator[str]:
    private = sum(event.private for event in events)
    if private:
        yield ngettext("among them {count} private item", "among them {count} private items", private).format(
            count=private
        )
    series = sum(bool(event.rrule or event.rdates) for event in events)
    if series:
        yield ngettext("{count} series with its rule", "{count} series with their rules", series).format(count=series)
    places = sum(bool(event.place) for event in events)
    if places:
        yield ngettext("the place of {count} item", "the places of {count} items", places).format(count=places)
    noted = sum(bool(event.description or event.html) for event in events)
    if noted:
        yield ngettext("the notes of {count} item", "the notes of {count} items", noted).format(count=noted)
    people = {p.address or p.name for event in events for p in (event.organizer, *event.attendees) if p is not None}
    if people:
        yield ngettext(
            "name, address and answer of {count} person", "names, addresses and answers of {count} people", len(people)
        ).format(count=len(people))
    files = sum(len(event.attachments) for event in events)
    if files:
        yield ngettext("{count} attachment", "{count} attachments", files).format(count=files)
    others = sum(bool(event.categories or event.url or event.priority) for event in events)
    if others:
        yield ngettext(
            "categories, link or priority of {count} item", "categories, links or priority of {count} items", others
        ).format(count=others)


def _always_leaves(snapshot: Snapshot) -> Iterator[str]:
    yield _("your name and address, and the calendar’s name: {name} <{address}>, {calendar}").format(
        name=snapshot.owner_name, address=snapshot.owner.address, calendar=snapshot.calendar_name
    )
    if snapshot.options.days.whole:
        yield _("the whole calendar, past and future")
    else:
        yield _("the days: {days}").format(days=page_parts.range_line(snapshot))
    yield page_parts.zone_line(snapshot)
    if snapshot.primary or snapshot.options.working_hours_only or not snapshot.options.days.whole:
        yield _("your working hours: {start} – {end}").format(
            start=time_of_day(snapshot.hours.start), end=time_of_day(snapshot.hours.end)
        )


def warnings_of(snapshot: Snapshot, info: CalendarInfo) -> Iterator[str]:
    """What the person should know before it leaves."""
    if snapshot.empty:
        yield _("Nothing is in this range: the receiver will see an empty calendar.")
    if info.owner and info.owner.lower() != snapshot.owner.key:
        yield _("This is a calendar of {owner}. Ask before you pass it on.").format(owner=one_line(info.owner))
    joining = sum(bool(_JOIN.search(f"{e.description}\n{e.html}\n{e.place}\n{e.url}")) for e in snapshot.events)
    if joining:
        yield ngettext(
            "{count} item holds a link or a password for joining a meeting.",
            "{count} items hold links or passwords for joining a meeting.",
            joining,
        ).format(count=joining)
    if any(event.private for event in snapshot.events):
        yield _("Private items are sent with their details.")
    if snapshot.horizon is not None:
        yield _("Repeating items are written out up to {day}.").format(day=long_date(snapshot.horizon))
    yield from (problem.what for problem in snapshot.problems)
