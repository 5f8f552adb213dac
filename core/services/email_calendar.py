"""E-mail Calendar: a snapshot is prepared and looked at, a message is written around it, and it leaves.

Everything that leaves has passed the leak check twice: the parts when they are prepared, the finished bytes when the
message is written. Nothing here knows how mail travels: that is the outbox's affair.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import field

from core.calendar.entry import Entry
from core.calendar.event import CalendarObject
from core.calendar.people import Address, unique
from core.calendar.span import DateRange
from core.errors import UsageError
from core.ical.shared import encode_shared
from core.language import _
from core.language.elision import calendar_of
from core.ports.calendars import CalendarInfo
from core.ports.mail import Envelope
from core.ports.world import Clock
from core.services.outbox import Outbox, OutboxItem, OutboxState, ShareFacts
from core.services.snapshots import (
    Calendars,
    Owner,
    SnapshotRequest,
    SnapshotTaker,
    allowed_in,
    entry_of,
    header_of,
    range_text,
    warnings_of,
    what_leaves,
)
from core.sharing import pages
from core.sharing.detail import DetailLevel
from core.sharing.leakcheck import LeakCheck
from core.sharing.message import Letter, file_name, wire_address, write
from core.sharing.message_check import verify
from core.sharing.snapshot import Snapshot, SnapshotOptions
from core.sharing.wording import header_line, one_line, paragraphs
from core.values import dataclass

__all__ = ["Composed", "Draft", "EmailCalendar", "Owner", "Prepared", "SendOutcome", "SnapshotRequest"]


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


class EmailCalendar:
    """The service behind *E-mail Calendar*, `send` and `view-as`."""

    def __init__(self, library: Calendars, outbox: Outbox, me: Owner, clock: Clock) -> None:
        self._taker = SnapshotTaker(library, me, clock)
        self._outbox = outbox
        self._me = me
        self._clock = clock

    async def prepare(self, request: SnapshotRequest) -> Prepared:
        """Take the snapshot and write its parts. Raises LeakFound, NotFound, UsageError."""
        info, objects = await self._taker.read(request)
        return await asyncio.to_thread(self._prepare, request, info, objects)

    async def view_as(self, level: DetailLevel, calendar: str, days: DateRange) -> list[Entry]:
        """What somebody with this level would see in what we write, as entries. Needs no address of one's own."""
        request = SnapshotRequest(calendar, SnapshotOptions(days, level))
        info, objects = await self._taker.read(request)
        owner = self._me.address or Address("nobody@localhost")
        snapshot = await asyncio.to_thread(self._taker.take, request, info, objects, owner)
        return [entry_of(item.event, info.id, snapshot.zone) for item in snapshot.items]

    def default_subject(self, prepared: Prepared | None = None) -> str:
        """“<Owner name> Calendar”."""
        if prepared is not None:
            name = prepared.snapshot.owner_name
        else:
            name = self._me.name or self._taker.address().address.partition("@")[0]
        return calendar_of(one_line(name))

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

    def _prepare(self, request: SnapshotRequest, info: CalendarInfo, objects: Sequence[CalendarObject]) -> Prepared:
        """Each output is read again before anybody sees it. Raises LeakFound."""
        snapshot = self._taker.take(request, info, objects)
        prepared = Prepared(
            request=request,
            snapshot=snapshot,
            ics=encode_shared(header_of(snapshot), snapshot.events),
            html=pages.html(snapshot),
            text=pages.text(snapshot),
            filename=file_name(self.default_subject()),
            leaves=tuple(what_leaves(snapshot)),
            warnings=tuple(warnings_of(snapshot, info)),
            empty=snapshot.empty,
            check=LeakCheck(objects, allowed_in(snapshot, self._taker.take(request, info, ()))),
        )
        prepared.check.calendar(prepared.ics)
        prepared.check.page(prepared.html)
        prepared.check.text(prepared.text)
        prepared.check.file_name(prepared.filename)
        return prepared

    def _letter(self, prepared: Prepared, draft: Draft) -> Letter:
        message = paragraphs(draft.message)
        return Letter(
            sender=self._taker.address(),
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
