"""What inviting and answering have in common: who one is, a finished letter, and where an event is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container
from datetime import datetime
from hashlib import blake2s
from typing import Protocol

from core.calendar.event import Attendee, Event
from core.calendar.people import Address
from core.calendar.series import key
from core.errors import UsageError
from core.language import _
from core.ports.calendars import CalendarInfo, StoredObject
from core.ports.mail import Envelope
from core.ports.world import Clock, Progress
from core.services.edit_writer import Writer
from core.services.email_calendar import Owner
from core.services.inbox import InboxItem
from core.services.meeting_records import MeetingRecords
from core.services.outbox import Outbox, OutboxItem, ShareFacts
from core.services.outbox_store import MEETING
from core.sharing import itip_text
from core.sharing.incoming import IncomingMessage, MessageKind
from core.sharing.itip import Meeting, encode
from core.sharing.itip_mail import MeetingLetter, write
from core.values import dataclass


class Calendars(Protocol):
    """The part of the library that is needed here."""

    async def calendars(self) -> list[CalendarInfo]: ...


class Mailbox(Protocol):
    """The part of the inbox that is needed here."""

    def each(
        self, kind: MessageKind, skip: Container[str] = (), progress: Progress | None = None
    ) -> AsyncIterator[tuple[InboxItem, IncomingMessage]]: ...

    async def read(self, id: str) -> tuple[InboxItem, IncomingMessage]: ...  # noqa: A002


@dataclass(frozen=True, slots=True)
class Written:
    """A finished message: exactly what leaves."""

    envelope: Envelope
    subject: str
    text: str
    ics: bytes


class MeetingDesk:
    """Where meeting messages are written and meetings are looked up. `records` remembers what was said."""

    def __init__(
        self,
        *,
        library: Calendars,
        inbox: Mailbox,
        outbox: Outbox,
        writer: Writer,
        me: Owner,
        clock: Clock,
        records: MeetingRecords,
    ) -> None:
        self._library = library
        self._inbox = inbox
        self._outbox = outbox
        self._writer = writer
        self._me = me
        self._clock = clock
        self._records = records

    def _organizer(self) -> Attendee:
        address = self._address()
        return Attendee(address.address, address.name)

    def _address(self) -> Address:
        if self._me.address is None:
            raise UsageError(
                _("Partagenda does not know your e-mail address."),
                _("Write it into config.toml: [me] with name = … and address = …"),
            )
        return Address(self._me.address.address, self._me.name or self._me.address.name)

    def _letter(self, to: Address, meeting: Meeting, note: str, *, update: bool, seed: bytes) -> Written:
        now = self._clock.now()
        letter = MeetingLetter(
            sender=self._address(),
            to=to,
            subject=itip_text.subject(meeting, update=update),
            text=itip_text.text(meeting, self._me.zone, note, update=update),
            ics=encode(meeting, now),
            method=meeting.method,
            date=now.replace(microsecond=0),
            token=blake2s(seed, digest_size=16).hexdigest(),
        )
        data = write(letter)
        envelope = Envelope(letter.message_id, letter.sender.address, (to.address,), data)
        return Written(envelope, letter.subject, letter.text, letter.ics)

    async def _submit(self, written: Written, calendar: str, account: str) -> OutboxItem:
        facts = ShareFacts(calendar, "", "", MEETING)
        return await self._outbox.submit(written.envelope, facts, subject=written.subject, account=account)

    async def _find(self, uid: str, first: str = "") -> tuple[CalendarInfo, StoredObject] | None:
        """Where an event is, in the calendars that can be changed: the named one first, then the default."""
        known = [info for info in await self._library.calendars() if info.can.write and not info.problem]
        for info in sorted(known, key=lambda one: (one.id != first, not one.default)):
            if (stored := await self._writer.stored(info.id, uid)) is not None:
                return info, stored
        return None


def place_of(event: Event) -> tuple[int, datetime] | None:
    """What names an instance, however it is spelt; None for the series or a single event."""
    return key(event.recurrence_id) if event.recurrence_id is not None else None
