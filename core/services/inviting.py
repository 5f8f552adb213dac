"""Inviting: who has to be told what about a meeting of one's own, and telling them.

What people were told last is remembered, so what is due is the difference between that and the calendar as it is,
whoever changed it (also an undo, or another program). Nothing is sent without being asked for by `send`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from core.calendar.event import TOLD_BY_SERVER, CalendarObject, Event, Response
from core.errors import Conflict
from core.language import _
from core.ports.calendars import CalendarInfo, StoredObject
from core.services.edit_writer import Planned, content
from core.services.history import Action, Facts
from core.services.meeting_desk import MeetingDesk, Written, place_of
from core.services.meeting_records import Told
from core.services.outbox import OutboxItem
from core.sharing.itip import Method, same_person
from core.sharing.itip_changes import Message, as_told, asks_again, due, mailbox, numbered, people_of
from core.sharing.wording import one_line
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Due:
    """What people have not been told yet of one meeting."""

    told: Told
    calendar: str
    """The calendar's name."""
    title: str
    messages: tuple[Message, ...]
    current: CalendarObject | None
    """The event with the numbers it is sent with; None when it is gone."""
    where: CalendarInfo | None = None
    stored: StoredObject | None = None
    unreachable: tuple[str, ...] = ()
    """People who have no mail address."""

    @property
    def uid(self) -> str:
        """Which meeting."""
        return self.told.uid

    @property
    def lines(self) -> tuple[str, ...]:
        """Who is told what, a line for each message."""
        lines = [_line(message) for message in self.messages]
        lines += [_("{who} has no mail address and is not told.").format(who=one_line(who)) for who in self.unreachable]
        return tuple(lines)


def _line(message: Message) -> str:
    match message.meeting.method:
        case Method.CANCEL if message.meeting.object.master is None:
            words = _("{who}: cancellation of single times")
        case Method.CANCEL:
            words = _("{who}: cancellation")
        case _ if message.update:
            words = _("{who}: update")
        case _:
            words = _("{who}: invitation")
    return words.format(who=str(message.recipient))


class Inviting(MeetingDesk):
    """The organizer's side."""

    async def watch(self, calendar: str, uid: str, before: CalendarObject | None) -> Due | None:
        """After a change of an event: what people have to be told now; None for nothing, or if it is not one's own.

        `before` is the event before the change: what people know if nothing else is remembered.
        """
        if self._me.address is None:
            return None
        current = await self._writer.stored(calendar, uid)
        now = current.object if current else None
        known = await asyncio.to_thread(self._records.told, uid)
        if known is None:
            if not any(one is not None and self._invites(one) for one in (before, now)):
                return None
            was = before if before is not None and self._invites(before) else None
            await asyncio.to_thread(self._records.watch, uid, calendar, was)
        elif known.calendar != calendar and now is not None:
            await asyncio.to_thread(self._records.watch, uid, calendar, None)
        return await self.due(uid)

    def _invites(self, thing: CalendarObject) -> bool:
        """Whether it is a meeting of one's own with other people in it, and nobody else writes to them."""
        if any(TOLD_BY_SERVER in event.extra for event in thing.events):
            return False
        me = self._organizer()
        organizers = [event.organizer for event in thing.events if event.organizer]
        mine = all(same_person(one.address, me.address) for one in organizers)
        return mine and bool(people_of(thing, me))

    async def due(self, uid: str) -> Due | None:
        """What people have to be told of one meeting; None for nothing."""
        told = await asyncio.to_thread(self._records.told, uid)
        if told is None:
            return None
        found = await self._due(told)
        return found if found.messages else None

    async def all_due(self) -> list[Due]:
        """Every meeting of which people do not know what is in the calendar."""
        found = [await self._due(told) for told in await asyncio.to_thread(self._records.all_told)]
        return [one for one in found if one.messages]

    async def _due(self, told: Told) -> Due:
        home = next((info for info in await self._library.calendars() if info.id == told.calendar), None)
        found = await self._find(told.uid, told.calendar)
        where, there = found or (None, None)
        current = numbered(told.content, there.object) if there is not None else None
        me = self._organizer()
        name = where.name if where else home.name if home else told.calendar
        if where is None and (home is None or home.problem):  # the calendar is out of reach, not the meeting cancelled
            return Due(told, name, "", (), None)
        messages = due(told.content, current, me, self._clock.now())
        title = next((one.events[0].title for one in (current, told.content) if one), "")
        people = people_of(current, me).values() if messages else ()
        silent = tuple(one.name or one.address for one in people if mailbox(one) is None)
        return Due(told, name, title, messages, current, where, there, silent)

    def preview(self, found: Due, note: str = "") -> tuple[Written, ...]:
        """The messages as they leave. Raises LeakFound, Refused, UsageError."""
        return tuple(self._written(found, message, note) for message in found.messages)

    def _written(self, found: Due, message: Message, note: str) -> Written:
        meeting = message.meeting
        data = content(replace(meeting.object, events=tuple(map(_unstamped, meeting.object.events))))
        seed = f"{found.uid}\0{message.recipient.key}\0{meeting.method}\0{found.told.revision}\0".encode() + data
        return self._letter(message.recipient, meeting, note, update=message.update, seed=seed)

    async def send(self, found: Due, note: str = "", account: str = "") -> list[OutboxItem]:
        """Tell people, each in a message of their own, through the outbox; then remember what they were told.

        Raises Conflict when the meeting changed since `found` was looked at; nothing is sent then. After a crash in
        the middle the same call sends what is missing and nothing twice.
        """
        now = await self.due(found.uid)
        if now is None or now.told.revision != found.told.revision or not _alike(now, found):
            raise Conflict(_("“{title}” changed meanwhile.").format(title=found.title), _("Look at it again."))
        letters = await asyncio.to_thread(self.preview, found, note)
        await self._ask_again(now)
        items = []
        for written in letters:
            items.append(await self._submit(written, found.calendar, account))
        await self._remember(found)
        return items

    async def _ask_again(self, found: Due) -> None:
        """Answers that no longer hold are taken out of the calendar, too; nothing is written where there are none."""
        if found.where is None or found.stored is None or found.current is None:
            return
        if _answers(found.stored.object) != _answers(found.current):
            facts = Facts(Action.CHANGE, found.title, found.where.name)
            await self._writer.carry_out(facts, [Planned(found.where.id, found.uid, found.stored, found.current)])

    async def keep_quiet(self, found: Due) -> None:
        """Send nothing: the person tells them otherwise. What is in the calendar counts as told."""
        await self._remember(found)

    async def _remember(self, found: Due) -> None:
        was = {place_of(event): event for event in found.told.content.events} if found.told.content else {}
        asked = [
            (event.recurrence_id, event.sequence)
            for event in (found.current.events if found.current else ())
            if asks_again(was.get(place_of(event)), event)
        ]
        known = as_told(found.current, found.messages) if found.current else None
        await asyncio.to_thread(self._records.tell, found.told, known, asked)


def _alike(one: Due, other: Due) -> bool:
    """Whether two looks at a meeting found the same to tell."""
    return [_said(message) for message in one.messages] == [_said(message) for message in other.messages]


def _said(message: Message) -> tuple[object, ...]:
    events = tuple(_unstamped(event) for event in message.meeting.object.events)
    return message.recipient.key, message.meeting.method, events


def _answers(thing: CalendarObject) -> list[list[Response]]:
    return [[one.response for one in event.attendees] for event in thing.events]


def _unstamped(event: Event) -> Event:
    return replace(event, stamp=None)
