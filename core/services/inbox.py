"""What came by mail: calendars to open beside one's own, meetings, invitations, requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Container, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import blake2s
from typing import Protocol

from core.calendar.people import Address
from core.calendar.span import WHOLE_CALENDAR, DateRange
from core.errors import NotFound, PartagendaError, Refused
from core.language import _
from core.ports.calendars import CalendarInfo, SnapshotFacts
from core.ports.mail import MessageRef, MessageSource
from core.ports.world import Clock, Consent, Progress
from core.sharing.detail import DetailLevel
from core.sharing.incoming import CalendarPart, IncomingMessage, MessageKind, level_of, read_message
from core.sharing.permissions import level_for
from core.values import dataclass

__all__ = ["Inbox", "InboxItem", "InboxMessage"]


_EARLIEST, _LATEST = 1900, 2200
"""Years in which a snapshot's days may lie."""


class SnapshotOpener(Protocol):
    """The part of the library that the inbox needs."""

    async def open_snapshot(
        self, data: bytes, facts: SnapshotFacts, name: str, ask: Consent | None = None
    ) -> CalendarInfo: ...


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One line of the inbox. `id` is the same as long as the message is there, in whichever account."""

    id: str
    kind: MessageKind
    sender: Address
    """The true address; empty when the message names none."""
    subject: str
    calendar: str
    level: str
    """A DetailLevel, or the permission that somebody says they gave; empty when nothing tells."""
    received: datetime
    account: str


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """One message for reading: text only."""

    item: InboxItem
    text: str
    calendars: tuple[str, ...]
    """The names of the calendars in it."""
    can_open: bool
    explanation: str
    """What the kind means and, where it cannot be opened, why."""


@dataclass(frozen=True, slots=True)
class _Known:
    item: InboxItem
    ref: MessageRef
    source: MessageSource


class Inbox:
    """Lists and opens what the sources hold. It changes no message and fetches nothing."""

    def __init__(self, sources: Sequence[MessageSource], library: SnapshotOpener, clock: Clock) -> None:
        self._sources = tuple(sources)
        self._library = library
        self._clock = clock
        self._items: dict[tuple[str, str], InboxItem | None] = {}
        self.problems: tuple[PartagendaError, ...] = ()
        """Accounts that could not be read at the last look."""

    async def items(self, progress: Progress | None = None) -> list[InboxItem]:
        """Everything, oldest first; a message that two accounts hold is there once.

        Raises the error of an account only if no account could be read; else it is in `problems`.
        """
        return [known.item for known in await self._look(progress)]

    async def show(self, id: str) -> InboxMessage:  # noqa: A002
        """One message for reading. Raises NotFound."""
        known, message = await self._message(id)
        can_open = message.kind is MessageKind.SNAPSHOT
        names = tuple(part.title for part in message.calendars)
        return InboxMessage(known.item, message.text, names, can_open, explanation(message.kind))

    async def read(self, id: str) -> tuple[InboxItem, IncomingMessage]:  # noqa: A002
        """One message in full, for what works with it further. Raises NotFound."""
        known, message = await self._message(id)
        return known.item, message

    async def each(
        self, kind: MessageKind, skip: Container[str] = (), progress: Progress | None = None
    ) -> AsyncIterator[tuple[InboxItem, IncomingMessage]]:
        """Messages of one kind in full, oldest first, but for those with an id in `skip`; listed once."""
        for known in await self._look(progress):
            if known.item.kind is not kind or known.item.id in skip:
                continue
            try:
                data = await known.source.read(known.ref.id)
            except NotFound:  # gone since it was listed
                continue
            yield known.item, await asyncio.to_thread(read_message, data)

    async def open(self, id: str, ask: Consent | None = None) -> CalendarInfo:  # noqa: A002
        """Open the message's calendar beside one's own.

        `ask` is asked when the same calendar came from somebody else before. Raises NotFound, Refused for a message
        that is no calendar, Unreadable for a broken one.
        """
        known, message = await self._message(id)
        if message.kind is not MessageKind.SNAPSHOT:
            raise Refused(_("This message holds no calendar that can be opened."), explanation(message.kind))
        part = next(part for part in message.calendars if part.method in ("", "PUBLISH"))
        facts = await asyncio.to_thread(self._facts, part, known.item)
        return await self._library.open_snapshot(part.data, facts, _name(part, message), ask)

    async def _look(self, progress: Progress | None = None) -> list[_Known]:
        found: dict[str, _Known] = {}
        problems: list[PartagendaError] = []
        for source in self._sources:
            try:
                for ref in await source.messages(progress):
                    item = await self._item(source, ref)
                    if item is not None:
                        found.setdefault(item.id, _Known(item, ref, source))
            except PartagendaError as error:
                problems.append(error)
        self.problems = tuple(problems)
        if problems and len(problems) == len(self._sources):
            raise problems[0]
        return sorted(found.values(), key=lambda known: (known.item.received, known.item.id))

    async def _item(self, source: MessageSource, ref: MessageRef) -> InboxItem | None:
        key = (ref.account, ref.id)
        if key not in self._items:
            try:
                data = await source.read(ref.id)
            except NotFound:  # gone since it was listed
                return None
            self._items[key] = await asyncio.to_thread(_item_of, data, ref)
        return self._items[key]

    async def _message(self, id: str) -> tuple[_Known, IncomingMessage]:  # noqa: A002
        known = find_item([*await self._look()], id)
        data = await known.source.read(known.ref.id)
        return known, await asyncio.to_thread(read_message, data)

    def _facts(self, part: CalendarPart, item: InboxItem) -> SnapshotFacts:
        from core.ical.decode import decode

        header = decode(part.data, now=self._clock.now()).header
        window = days_of(header.clip, self._clock.zone) if header.clip else WHOLE_CALENDAR
        return SnapshotFacts(window, item.received, item.sender.address, header.relation)


def explanation(kind: MessageKind) -> str:
    """What a message of this kind is, and what can be done with it."""
    match kind:
        case MessageKind.SNAPSHOT:
            return _("A copy of a calendar. It opens beside yours, and it does not change by itself.")
        case MessageKind.MEETING:
            return _("It is about one meeting. An invitation can be accepted, accepted tentatively or declined.")
        case MessageKind.INVITATION:
            return _("An invitation to a shared calendar. Opened, it stands in your list and is kept up to date.")
        case MessageKind.REQUEST:
            return _("Somebody asks to see your calendar. Allow it at a level that you choose, or decline.")
        case MessageKind.RESPONSE:
            return _("An answer to a sharing request: it was declined.")
        case MessageKind.OTHER:
            return _("An ordinary message.")


def days_of(clip: tuple[datetime, datetime], zone: tzinfo) -> DateRange:
    """The days between two midnights of the sender (X-CLIPSTART, X-CLIPEND, exclusive), seen from `zone`.

    The sender's zone is not said there, so each instant counts as the nearest midnight. Instants that make no sense
    are as good as none: the whole calendar.
    """
    if not _EARLIEST <= clip[0].year <= clip[1].year <= _LATEST or clip[1] < clip[0]:
        return WHOLE_CALENDAR
    first, behind = ((moment.astimezone(zone) + timedelta(hours=12)).date() for moment in clip)
    return DateRange(first, max(first, behind - timedelta(days=1)))


def find_item(items: Sequence[_Known], id: str) -> _Known:  # noqa: A002
    """The message of that id, or the only one that begins with it. Raises NotFound."""
    found = [known for known in items if id and known.item.id.startswith(id)]
    if len(found) != 1:
        raise NotFound(
            _("There is no message {id} in the inbox.").format(id=id), _("“partagenda inbox” lists what is there.")
        )
    return found[0]


def _item_of(data: bytes, ref: MessageRef) -> InboxItem | None:
    """None for an ordinary message. The id is made of the Message-ID: it is the same in every run and mailbox."""
    message = read_message(data)
    if message.kind is MessageKind.OTHER:
        return None
    mark = message.message_id.encode() or data
    part = message.calendars[0] if message.calendars else None
    level = level_of(part.data) if part and message.kind is MessageKind.SNAPSHOT else None
    name = _name(part, message) if part and message.kind is MessageKind.SNAPSHOT else message.shared_name
    return InboxItem(
        id=blake2s(mark, digest_size=5).hexdigest(),
        kind=message.kind,
        sender=message.sender or Address(""),
        subject=message.subject,
        calendar=name,
        level=level.value if level else _shared_level(message),
        received=ref.received.astimezone(UTC),
        account=ref.account,
    )


def _shared_level(message: IncomingMessage) -> str:
    """What the sender of an invitation says that they gave: a DetailLevel where one may only read."""
    level = message.sharing.level if message.sharing else None
    if level is None:
        return ""
    return next((detail.value for detail in DetailLevel if level_for(detail) is level), level.value)


def _name(part: CalendarPart, message: IncomingMessage) -> str:
    if part.title and part.title.lower() != "calendar":
        return part.title
    who = message.sender.name or message.sender.address if message.sender else ""
    return _("{name} – Calendar").format(name=who) if who else part.title
