"""E-mail Calendar: a snapshot is prepared and looked at, a message is written around it, and it leaves.

Everything that leaves has passed the leak check twice: the parts when they are prepared, the finished bytes when the
message is written. Nothing here knows how mail travels: that is the outbox's affair.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Protocol
from uuid import UUID, uuid5

from core.calendar.entry import Entry
from core.calendar.event import CalendarObject, SharedEvent
from core.calendar.people import Address, unique
from core.calendar.span import DateRange, TimeSpan, WorkingHours
from core.errors import UsageError
from core.ical.shared import SharedHeader, encode_shared
from core.language import _, language, ngettext
from core.language.dates import long_date, time_of_day
from core.ports import CalendarInfo, Clock, Envelope, StoredObject
from core.services.outbox import Outbox, OutboxItem, OutboxState, ShareFacts
from core.sharing import page_parts, pages
from core.sharing.detail import DetailLevel
from core.sharing.leakcheck import Allowed, LeakCheck
from core.sharing.message import Letter, file_name, wire_address, write
from core.sharing.message_check import verify
from core.sharing.snapshot import Snapshot, SnapshotOptions, take_snapshot
from core.sharing.wording import header_line, one_line, paragraphs

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


@dataclass(frozen=True, slots=True)
class Prepared:
    """A snapshot, ready to be looked at: exactly what the receiver will get."""

    request: SnapshotRequest
    snapshot: Snapshot
    ics: bytes
    html: str
    text: str
    filename: str
    leaves: tuple[str, ...]
    """What leaves the machine, a line each."""
    warnings: tuple[str, ...]
    empty: bool
    check: LeakCheck = field(repr=False)
    """The leak check for these events, used again on the finished message."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The message around the snapshot, as it was typed."""

    request: SnapshotRequest
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    message: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """The finished message. `warnings` are for the person to read before they say yes."""

    envelope: Envelope
    message: bytes
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What became of it."""

    item: OutboxItem

    @property
    def state(self) -> str:
        """`sent`, `queued`, `partly`, `refused` (cli.md), or `unknown`: it may have been sent."""
        match self.item.state:
            case OutboxState.SENT | OutboxState.PARTLY | OutboxState.UNKNOWN:
                return self.item.state.value
            case OutboxState.FAILED:
                return "refused"
            case _:
                return "queued"


def new_uid() -> str:
    """A UID that says nothing: 16 random bytes in base64, as Outlook writes them at Availability only."""
    return b64encode(secrets.token_bytes(16)).decode("ascii")


def relation_of(owner: str, calendar: str) -> str:
    """X-WR-RELCALID of a person's calendar: the same at every sending, another for every calendar and person."""
    return str(uuid5(_NAMESPACE, f"{owner.lower()}\0{calendar}")).upper()


class EmailCalendar:
    """The service behind *E-mail Calendar*, `send` and `view-as`."""

    def __init__(self, library: Calendars, outbox: Outbox, me: Owner, clock: Clock) -> None:
        self._library = library
        self._outbox = outbox
        self._me = me
        self._clock = clock

    async def prepare(self, request: SnapshotRequest) -> Prepared:
        """Take the snapshot and write its parts. Raises LeakFound, NotFound, UsageError."""
        info, objects = await self._read(request)
        return await asyncio.to_thread(self._prepare, request, info, objects)

    async def view_as(self, level: DetailLevel, calendar: str, days: DateRange) -> list[Entry]:
        """What somebody with this level would see in what we write, as entries. Needs no address of one's own."""
        request = SnapshotRequest(calendar, SnapshotOptions(days, level))
        info, objects = await self._read(request)
        owner = self._me.address or Address("nobody@localhost")
        snapshot = await asyncio.to_thread(self._snapshot, request, info, objects, owner)
        return [_entry(item.event, info.id, snapshot.zone) for item in snapshot.items]

    def default_subject(self, prepared: Prepared | None = None) -> str:
        """“<Owner name> Calendar”."""
        name = prepared.snapshot.owner_name if prepared else self._me.name or self._address().address.partition("@")[0]
        return _("{name} Calendar").format(name=one_line(name))

    def compose(self, prepared: Prepared, draft: Draft) -> Composed:
        """Write the message and prove it: what was asked, to whom it was asked, and no leak in the finished bytes.

        Raises UsageError without recipients, Refused and LeakFound when the proof fails.
        """
        recipients = unique((*draft.to, *draft.cc, *draft.bcc))
        if not recipients:
            raise UsageError(_("There is nobody to send it to."), _("Give at least one address."))
        letter = self._letter(prepared, draft)
        data = write(letter)
        verify(data, letter)
        prepared.check.message(data, own=_own_words(letter, draft, self.default_subject(prepared)))
        wire = tuple(wire_address(one.address) for one in recipients)
        envelope = Envelope(letter.message_id, wire_address(letter.sender.address), wire, data)
        return Composed(envelope, data, tuple(_own_warnings(prepared, draft, self.default_subject(prepared))))

    async def send(self, composed: Composed, draft: Draft, prepared: Prepared) -> SendOutcome:
        """Hand the message to the outbox, which journals it, sends it and tells the ledger."""
        snapshot = prepared.snapshot
        facts = ShareFacts(
            calendar=snapshot.calendar_name,
            level=snapshot.options.level.value,
            range_text=range_text(snapshot.options.days),
            how="e-mail",
        )
        subject = header_line(draft.subject) or self.default_subject(prepared)
        return SendOutcome(await self._outbox.submit(composed.envelope, facts, subject=subject, account=draft.account))

    def _address(self) -> Address:
        if self._me.address is None:
            raise UsageError(
                _("Partagenda does not know your e-mail address."),
                _("Write it into config.toml: [me] with name = … and address = …"),
            )
        return Address(self._me.address.address, self._me.name or self._me.address.name)

    async def _read(self, request: SnapshotRequest) -> tuple[CalendarInfo, list[CalendarObject]]:
        info = await self._library.find(request.calendar)
        days = request.options.days
        span = None if days.whole else days.span(self._zone(request))
        return info, [stored.object for stored in await self._library.objects(info.id, span)]

    def _zone(self, request: SnapshotRequest) -> tzinfo:
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

    def _snapshot(
        self,
        request: SnapshotRequest,
        info: CalendarInfo,
        objects: Sequence[CalendarObject],
        owner: Address | None = None,
    ) -> Snapshot:
        owner = owner or self._address()
        return take_snapshot(
            objects,
            request.options,
            calendar_name=info.name,
            owner=owner,
            zone=self._zone(request),
            hours=self._me.hours,
            now=self._clock.now(),
            relation=relation_of(owner.address, info.id),
            primary=info.default and not info.owner,
            new_uid=new_uid,
            hours_zone=self._me.zone,
        )

    def _prepare(self, request: SnapshotRequest, info: CalendarInfo, objects: Sequence[CalendarObject]) -> Prepared:
        snapshot = self._snapshot(request, info, objects)
        prepared = Prepared(
            request=request,
            snapshot=snapshot,
            ics=encode_shared(_head(snapshot), snapshot.events),
            html=pages.html(snapshot),
            text=pages.text(snapshot),
            filename=file_name(self.default_subject()),
            leaves=tuple(_leaves(snapshot)),
            warnings=tuple(_warnings(snapshot, info)),
            empty=snapshot.empty,
            check=LeakCheck(objects, _allowed(snapshot, self._snapshot(request, info, ()))),
        )
        prepared.check.calendar(prepared.ics)
        prepared.check.page(prepared.html)
        prepared.check.text(prepared.text)
        prepared.check.file_name(prepared.filename)
        return prepared

    def _letter(self, prepared: Prepared, draft: Draft) -> Letter:
        message = paragraphs(draft.message)
        return Letter(
            sender=self._address(),
            to=unique(draft.to),
            cc=_without(draft.cc, draft.to),
            subject=header_line(draft.subject) or self.default_subject(prepared),
            text=pages.text(prepared.snapshot, message),
            html=pages.html(prepared.snapshot, message),
            ics=prepared.ics,
            filename=prepared.filename,
            date=self._clock.now().astimezone(prepared.snapshot.zone).replace(microsecond=0),
            token=secrets.token_hex(16),
        )


def _without(addresses: Sequence[Address], others: Sequence[Address]) -> tuple[Address, ...]:
    known = {one.key for one in others}
    return tuple(one for one in unique(addresses) if one.key not in known)


def _head(snapshot: Snapshot) -> SharedHeader:
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
    )


def _allowed(snapshot: Snapshot, blank: Snapshot) -> Allowed:
    """What may be there whatever the events say; `blank` is the same snapshot of no events."""
    own = (snapshot.owner_name, snapshot.owner.name, snapshot.owner.address, snapshot.calendar_name)
    return Allowed(
        level=snapshot.options.level,
        zone=snapshot.zone,
        window=snapshot.window,
        include_private=snapshot.options.include_private,
        include_attachments=snapshot.options.include_attachments,
        by_right=(*own, *page_parts.vocabulary(), *page_parts.remarks(snapshot), pages.text(blank)),
    )


def _own_words(letter: Letter, draft: Draft, usual_subject: str) -> dict[str, tuple[str, ...]]:
    """What the person gave for this message: their subject and text, and the people it goes to."""
    people = [header_line(text) for one in (letter.sender, *letter.to, *letter.cc) for text in (one.address, one.name)]
    wires = [wire_address(one.address) for one in (letter.sender, *letter.to, *letter.cc)]
    return {
        "subject": (letter.subject,) if letter.subject != usual_subject else (),
        "message": (paragraphs(draft.message),),
        "addresses": tuple(filter(None, [*people, *wires])),
    }


def _own_warnings(prepared: Prepared, draft: Draft, usual_subject: str) -> Iterator[str]:
    level = prepared.snapshot.options.level.label
    if draft.subject != usual_subject and prepared.check.mentions(draft.subject):
        yield _("Your subject names something that “{level}” does not show.").format(level=level)
    if prepared.check.mentions(draft.message):
        yield _("Your message names something that “{level}” does not show.").format(level=level)


def range_text(days: DateRange) -> str:
    """RANGE as the command line writes it: `2026-11-22..2026-11-28` or `all`."""
    return "all" if days.first is None or days.last is None else f"{days.first}..{days.last}"


def _entry(event: SharedEvent, calendar: str, zone: tzinfo) -> Entry:
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


def _leaves(snapshot: Snapshot) -> Iterator[str]:
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


def _warnings(snapshot: Snapshot, info: CalendarInfo) -> Iterator[str]:
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
