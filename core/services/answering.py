"""Answering: what a meeting message that came does, and one's own answer to an invitation.

`core.sharing.itip_incoming` judges; changes go through the journal of edits, so that they can be undone. An answer
once sent is not called back by an undo. Declining what is in no calendar puts nothing there.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from core.calendar.event import Attendee, CalendarObject, Moment, Response
from core.calendar.people import Address
from core.errors import Refused, Unreadable, UsageError
from core.language import _
from core.ports.calendars import CalendarInfo, StoredObject
from core.ports.world import Progress
from core.services.edit_writer import Planned, content
from core.services.history import Action, Facts
from core.services.inbox import InboxItem
from core.services.meeting_desk import MeetingDesk, Written, place_of
from core.services.outbox import OutboxItem
from core.sharing.incoming import IncomingMessage, MessageKind
from core.sharing.itip import Meeting, Method, read, reply
from core.sharing.itip_changes import mailbox
from core.sharing.itip_incoming import Effect, Situation, Verdict, Version, answered_by, is_old, judge, received
from core.sharing.wording import one_line
from core.values import dataclass

ANSWERS = (Response.ACCEPTED, Response.TENTATIVE, Response.DECLINED)


@dataclass(frozen=True, slots=True)
class Received:
    """A meeting message that came, what it means, and where its meeting is (None: in no calendar)."""

    item: InboxItem
    meeting: Meeting
    verdict: Verdict
    calendar: CalendarInfo | None
    stored: StoredObject | None
    old: bool = False

    @property
    def can_answer(self) -> bool:
        """Whether it waits for an answer, or can be answered again."""
        refused = self.verdict.effect is Effect.REFUSED
        return self.meeting.method is Method.REQUEST and not refused and not self.old


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, ready to be looked at: what is sent to the organizer, and what happens in the calendar."""

    received: Received
    response: Response
    written: Written
    after: CalendarObject | None
    """None: it stays out of the calendar."""
    calendar: CalendarInfo

    @property
    def lines(self) -> tuple[str, ...]:
        """What leaves, and what happens here, a line each."""
        to = ", ".join(self.written.envelope.recipients)
        here = _("“{title}” is put into “{calendar}”.") if self.after else _("“{title}” is in no calendar of yours.")
        title = one_line(self.received.meeting.main.title) or _("(no title)")
        return (
            _(
                "To {organizer}: your name, your address and your answer, and what names the meeting (title and time)."
                " Nothing else of your calendar."
            ).format(organizer=to),
            here.format(title=title, calendar=self.calendar.name),
        )


class Answering(MeetingDesk):
    """The attendee's side, and answers that come in."""

    async def received(self, id: str) -> Received:  # noqa: A002
        """What a meeting message means. Raises NotFound, Refused for another kind, Unreadable."""
        item, message = await self._inbox.read(id)
        return await self._received(item, message)

    async def _received(self, item: InboxItem, message: IncomingMessage) -> Received:
        part = next((one for one in message.calendars if one.method), None)
        if message.kind is not MessageKind.MEETING or part is None:
            raise Refused(_("This message is not about a meeting."), _("“inbox open” opens a calendar."))
        meeting = await asyncio.to_thread(read, part.data, part.method, self._clock.now())
        found = await self._find(meeting.object.uid)
        stored = found[1] if found else None
        situation = self._situation(message.sender, meeting.object.uid, stored)
        verdict = await asyncio.to_thread(judge, meeting, situation)
        theirs = meeting.method is not Method.REPLY and verdict.effect is not Effect.REFUSED
        old = theirs and is_old(meeting, situation)
        return Received(item, meeting, verdict, found[0] if found else None, stored, old)

    def _situation(self, sender: Address | None, uid: str, stored: StoredObject | None) -> Situation:
        thing = stored.object if stored else None

        def seen(address: str, at: Moment | None) -> Version | None:
            return self._records.seen(uid, address, at)

        def asked(at: Moment | None) -> int:
            for place in (at, None):
                if (known := self._records.asked(uid, place)) is not None:
                    return known
            return thing.master.sequence if thing and thing.master else 0

        return Situation(sender, self._me.address, thing, seen, asked, self._clock.zone)

    async def take_in(self, id: str) -> Received:  # noqa: A002
        """Do what a message says, if it may: an answer, a change or a cancellation. The verdict tells what was done."""
        return await self._apply(await self.received(id))

    async def _apply(self, came: Received) -> Received:
        verdict = came.verdict
        if verdict.effect is Effect.CHANGED and verdict.after and came.stored and came.calendar:
            planned = Planned(came.calendar.id, came.stored.object.uid, came.stored, verdict.after)
            facts = Facts(Action.CHANGE, came.stored.object.events[0].title, came.calendar.name)
            if content(came.stored.object) != content(verdict.after):
                await self._writer.carry_out(facts, [planned])
            await asyncio.to_thread(self._records.take_in, came.stored.object.uid, verdict.taken)
            if came.meeting.method is Method.REPLY:
                await self._answers_are_known(came, verdict.after)
        elif verdict.taken:  # in no calendar: what is older can no longer be answered
            await asyncio.to_thread(self._records.take_in, came.meeting.object.uid, _newest(came))
        return came

    async def _answers_are_known(self, came: Received, after: CalendarObject) -> None:
        """An instance that was made an own event by an answer is nothing that people have to be told."""
        told = await asyncio.to_thread(self._records.told, after.uid)
        if told is None or told.content is None or came.stored is None:
            return
        before = {place_of(event) for event in came.stored.object.events}
        fresh = tuple(event for event in after.events if place_of(event) not in before)
        if fresh and {place_of(event) for event in told.content.events} == before:
            known = replace(told.content, events=(*told.content.events, *fresh))
            await asyncio.to_thread(self._records.tell, told, known, ())

    async def take_in_all(self, progress: Progress | None = None) -> list[Received]:
        """Take in every meeting message that was not looked at yet, the oldest first; invitations wait for the person.

        Messages that cannot be read stay in the inbox and change nothing.
        """
        done = await asyncio.to_thread(self._records.done)
        found = []
        async for item, message in self._inbox.each(MessageKind.MEETING, done, progress):
            try:
                came = await self._received(item, message)
            except (Unreadable, Refused):  # it stays in the inbox, where “show” says what is wrong with it
                came = None
            if came is not None:
                found.append(await self._apply(came))
            await asyncio.to_thread(self._records.is_done, item.id)
        return found

    async def answer(self, id: str, response: Response, note: str = "") -> Answer:  # noqa: A002
        """An answer to an invitation, ready to be looked at; nothing is sent or changed yet.

        Raises Refused for a message that is no invitation, does not come from its organizer, or is old.
        """
        if response not in ANSWERS:
            raise UsageError(_("One can accept, accept tentatively or decline."))
        came = await self.received(id)
        if not came.can_answer:
            raise _no_answer(came)
        me = self._address()
        line = Attendee(me.address, me.name, response=response)
        meeting = reply(came.meeting, line, self._clock.now())
        organizer = came.meeting.organizer
        to = mailbox(organizer) if organizer else None
        if to is None:
            raise Refused(_("The organizer has no mail address that could be answered."))
        seed = f"{came.item.id}\0{response}\0{self._clock.now().isoformat()}".encode()
        written = self._letter(to, meeting, note, update=False, seed=seed)
        calendar = came.calendar or await self._default()
        return Answer(came, response, written, _after(came, line), calendar)

    async def send_answer(self, answer: Answer, account: str = "") -> OutboxItem:
        """Put the meeting into the calendar, then hand the answer to the outbox. Raises Conflict, StorageError."""
        came = answer.received
        if answer.after is not None:
            title = answer.after.events[0].title
            action = Action.CHANGE if came.stored else Action.ADD
            planned = Planned(answer.calendar.id, answer.after.uid, came.stored, answer.after)
            if came.stored is None or content(came.stored.object) != content(answer.after):
                await self._writer.carry_out(Facts(action, title, answer.calendar.name), [planned])
        sender = came.meeting.organizer.address.strip().lower() if came.meeting.organizer else ""
        taken = [(sender, event.recurrence_id, Version.of(event)) for event in came.meeting.object.events]
        await asyncio.to_thread(self._records.take_in, came.meeting.object.uid, taken)
        await asyncio.to_thread(self._records.is_done, came.item.id)
        return await self._submit(answer.written, answer.calendar.name, account)

    async def _default(self) -> CalendarInfo:
        for info in await self._library.calendars():
            if info.default and info.can.write:
                return info
        raise Refused(_("There is no calendar to put the meeting into."), _("Make one: partagenda new NAME"))


def _after(came: Received, me: Attendee) -> CalendarObject | None:
    """The event with one's own answer in it; None when one declines what is in no calendar."""
    base = came.verdict.after or (came.stored.object if came.stored else None)
    if base is None:
        if me.response is Response.DECLINED:
            return None
        thing = came.meeting.object
        base = replace(thing, events=tuple(received(event) for event in thing.events))
    return answered_by(base, came.meeting, me)


def _newest(came: Received) -> tuple[tuple[str, Moment | None, Version], ...]:
    """What is to be remembered of a message, unless something newer is remembered already."""
    return () if came.old else came.verdict.taken


def _no_answer(came: Received) -> Refused:
    if came.verdict.effect is Effect.REFUSED:
        return Refused(came.verdict.words)
    if came.meeting.method is not Method.REQUEST:
        return Refused(_("This message asks for no answer."), came.verdict.words)
    return Refused(
        _("A newer version of “{title}” has come in since; this one can no longer be answered.").format(
            title=one_line(came.meeting.main.title)
        ),
        _("Answer the newest message about it."),
    )
