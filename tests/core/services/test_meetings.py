"""Alice organizes, Bruno and Clara take part: what they are told, what their answers do, and what nobody can do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.backends.maildir import MaildirSource, deliver
from core.calendar.event import TOLD_BY_SERVER, Alarm, Attendee, BusyStatus, Event, Response
from core.calendar.event_change import EventChange, Scope
from core.calendar.people import Address
from core.calendar.span import TimeSpan
from core.errors import Conflict, Refused, UsageError
from core.ports.mail import Delivery, Envelope, RecipientResult
from core.services.edit_writer import Writer
from core.services.editing import Editing
from core.services.email_calendar import Owner
from core.services.history import History
from core.services.inbox import Inbox
from core.services.ledger import Ledger
from core.services.meeting_records import MeetingRecords
from core.services.meetings import Meetings
from core.services.outbox import Outbox
from core.sharing.itip_incoming import Effect
from tests.core.services.calendars import PARIS, StillClock, open_library

ALICE, BRUNO, CLARA = "alice@example.org", "bruno@example.org", "clara@example.net"
MONDAY = datetime(2026, 11, 23, 9, tzinfo=PARIS)
WEEK = TimeSpan(datetime(2026, 11, 23, tzinfo=PARIS), datetime(2026, 12, 31, tzinfo=PARIS))


class Clock(StillClock):
    """Goes on by a minute at each look, so that no two messages have one time."""

    def __init__(self) -> None:
        self.minutes = 0

    def now(self) -> datetime:
        self.minutes += 1
        return datetime(2026, 11, 22, 10, tzinfo=PARIS) + timedelta(minutes=self.minutes)


class Post:
    """Delivers into Maildirs below a folder; keeps every message."""

    account = "mail"

    def __init__(self, base: Path) -> None:
        self.base = base
        self.sent: list[Envelope] = []

    async def send(self, envelope: Envelope):
        self.sent.append(envelope)
        for address in envelope.recipients:
            deliver(self.base / address, envelope.content)
        return [RecipientResult(address, Delivery.SENT) for address in envelope.recipients]

    async def check(self) -> str:
        return "fine"


class Person:
    """One person's program."""

    def __init__(self, base: Path, name: str, address: str, post: Post, clock: Clock) -> None:
        self.base, self.address = base / name, address
        self.clock = clock
        self.library = open_library(self.base)
        self.ledger = Ledger(self.base / "ledger.sqlite3")
        self.inbox = Inbox([MaildirSource("mail", post.base / address)], self.library, clock)
        self.outbox = Outbox(self.base / "outbox.sqlite3", lambda _name: post, self.ledger, clock)
        self.editing = Editing(self.library, self.base / "history.sqlite3", clock)
        self.meetings = Meetings(
            library=self.library,
            inbox=self.inbox,
            outbox=self.outbox,
            writer=Writer(self.library, History(self.base / "history.sqlite3"), clock),
            me=Owner(name, Address(address, name), PARIS),
            clock=clock,
            records=MeetingRecords(self.base / "meetings.sqlite3"),
        )
        self.calendar = ""

    async def begin(self) -> Person:
        self.calendar = (await self.library.create("Work")).id
        return self

    async def mail(self) -> list[str]:
        return [item.id for item in await self.inbox.items()]

    async def entries(self):
        found = await self.library.entries([self.calendar], WEEK)
        return [entry for entry in found if not entry.cancelled]

    async def object(self):
        (stored,) = await self.library.objects(self.calendar)
        return stored.object

    async def answers(self, response: Response, number: int = -1):
        answer = await self.meetings.answer((await self.mail())[number], response)
        await self.meetings.send_answer(answer)
        return answer

    async def tell(self, uid: str, before=None):
        """Watch after a change, and send what is due."""
        due = await self.meetings.watch(self.calendar, uid, before)
        return await self.meetings.send(due) if due else []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path / "mail")


@pytest.fixture
async def alice(tmp_path, post, clock) -> Person:
    return await Person(tmp_path, "Alice Martin", ALICE, post, clock).begin()


@pytest.fixture
async def bruno(tmp_path, post, clock) -> Person:
    return await Person(tmp_path, "Bruno", BRUNO, post, clock).begin()


def meeting(*people: str, rule: str = "", **more) -> Event:
    return Event(
        "",
        MONDAY,
        MONDAY + timedelta(hours=1),
        "Budget",
        place="Room 2",
        organizer=Attendee(ALICE, "Alice Martin"),
        attendees=tuple(Attendee(one, rsvp=True) for one in people),
        rrule=rule,
        **more,
    )


async def invite(alice: Person, *people: str, rule: str = "", **more) -> str:
    edit = await alice.editing.create(alice.calendar, meeting(*people or (BRUNO,), rule=rule, **more))
    await alice.tell(edit.entry.uid)
    return edit.entry.uid


def said(envelope: Envelope) -> str:
    """The calendar part of a message, unfolded."""
    from core.sharing.incoming import read_message

    return read_message(envelope.content).calendars[0].data.decode().replace("\r\n ", "")


# inviting --------------------------------------------------------------------------------------------------------


async def test_each_invited_person_gets_a_request_of_their_own(alice, post):
    await invite(alice, BRUNO, CLARA)
    assert [envelope.recipients for envelope in post.sent] == [(BRUNO,), (CLARA,)]


async def test_an_invitation_is_a_request_from_the_organizer_with_the_real_uid(alice, post):
    uid = await invite(alice)
    text = said(post.sent[0])
    assert "METHOD:REQUEST" in text
    assert f"UID:{uid}" in text
    assert f"ORGANIZER;CN=Alice Martin:mailto:{ALICE}" in text


async def test_reminders_unknown_properties_and_attachments_stay_at_home(alice, post):
    await invite(
        alice,
        alarms=(Alarm(timedelta(minutes=-15), description="CANARY-ALARM"),),
        extra=("X-OWN-NOTE:CANARY-NOTE", "COMMENT:CANARY-COMMENT"),
        html="<p>CANARY-HTML</p>",
    )
    assert b"CANARY" not in post.sent[0].content
    assert "CANARY" not in said(post.sent[0])


async def test_nothing_is_due_after_everybody_was_told(alice):
    await invite(alice)
    assert await alice.meetings.all_due() == []


async def test_an_event_without_people_tells_nobody(alice, post):
    edit = await alice.editing.create(alice.calendar, replace(meeting(BRUNO), attendees=(), organizer=None))
    assert await alice.meetings.watch(alice.calendar, edit.entry.uid, None) is None


async def test_people_to_whom_the_calendars_server_writes_are_not_told_twice(alice, post):
    edit = await alice.editing.create(alice.calendar, replace(meeting(BRUNO), extra=(TOLD_BY_SERVER,)))
    assert await alice.meetings.watch(alice.calendar, edit.entry.uid, None) is None
    assert post.sent == []


async def test_a_meeting_of_somebody_else_is_none_of_ones_own_business(alice):
    draft = replace(meeting(BRUNO, CLARA), organizer=Attendee(CLARA))
    edit = await alice.editing.create(alice.calendar, draft)
    assert await alice.meetings.watch(alice.calendar, edit.entry.uid, None) is None


async def test_invitations_are_not_in_the_ledger_of_shared_calendars(alice):
    await invite(alice)
    assert await alice.ledger.entries() == []


async def test_sending_the_same_again_after_a_crash_sends_nothing_twice(alice, post, monkeypatch):
    edit = await alice.editing.create(alice.calendar, meeting(BRUNO))
    due = await alice.meetings.watch(alice.calendar, edit.entry.uid, None)
    remember = Meetings._remember

    async def dies(*_args) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Meetings, "_remember", dies)
    with pytest.raises(KeyboardInterrupt):
        await alice.meetings.send(due)
    monkeypatch.setattr(Meetings, "_remember", remember)
    await alice.meetings.send(await alice.meetings.due(edit.entry.uid))
    assert len(post.sent) == 1


async def test_what_changed_since_it_was_looked_at_is_not_sent(alice, post):
    edit = await alice.editing.create(alice.calendar, meeting(BRUNO))
    due = await alice.meetings.watch(alice.calendar, edit.entry.uid, None)
    await alice.editing.change(edit.entry.id, EventChange(title="Secret"))
    with pytest.raises(Conflict):
        await alice.meetings.send(due)
    assert post.sent == []


# changes ---------------------------------------------------------------------------------------------------------


async def first_id(person: Person) -> str:
    return (await person.entries())[0].id


async def test_another_time_sends_an_update_with_a_higher_sequence(alice, post):
    uid = await invite(alice)
    await alice.editing.change(await first_id(alice), EventChange(start=MONDAY + timedelta(hours=2)))
    await alice.tell(uid)
    assert "SEQUENCE:1" in said(post.sent[-1])
    assert "METHOD:REQUEST" in said(post.sent[-1])


async def test_another_title_sends_an_update_without_a_new_sequence(alice, post):
    uid = await invite(alice)
    await alice.editing.change(await first_id(alice), EventChange(title="Budget 2027"))
    await alice.tell(uid)
    assert (len(post.sent), "SEQUENCE:0" in said(post.sent[-1])) == (2, True)


async def test_a_reminder_of_ones_own_is_nothing_to_tell(alice, post):
    uid = await invite(alice)
    await alice.editing.change(await first_id(alice), EventChange(alarms=(Alarm(timedelta(minutes=-5)),)))
    assert await alice.meetings.due(uid) is None


async def test_who_is_removed_gets_a_cancellation_and_the_others_an_update(alice, post):
    uid = await invite(alice, BRUNO, CLARA)
    await alice.editing.change(await first_id(alice), EventChange(attendees=(Attendee(BRUNO),)))
    await alice.tell(uid)
    assert {(one.recipients[0], said(one).split("METHOD:")[1].split("\r")[0]) for one in post.sent[2:]} == {
        (BRUNO, "REQUEST"),
        (CLARA, "CANCEL"),
    }


async def test_a_deleted_meeting_is_cancelled_for_everybody_with_a_higher_sequence(alice, post):
    uid = await invite(alice, BRUNO, CLARA)
    await alice.editing.delete(await first_id(alice))
    await alice.tell(uid)
    assert [one.recipients[0] for one in post.sent[2:]] == [BRUNO, CLARA]
    assert all("METHOD:CANCEL" in said(one) and "SEQUENCE:1" in said(one) for one in post.sent[2:])


async def test_a_cancellation_names_nobody_but_its_receiver(alice, post):
    uid = await invite(alice, BRUNO, CLARA)
    await alice.editing.delete(await first_id(alice))
    await alice.tell(uid)
    assert CLARA not in said(post.sent[2])


async def test_one_deleted_instance_cancels_that_instance_only(alice, post):
    uid = await invite(alice, rule="FREQ=DAILY;COUNT=5")
    await alice.editing.delete((await alice.entries())[2].id, Scope.ONLY)
    await alice.tell(uid)
    text = said(post.sent[-1])
    assert "METHOD:CANCEL" in text
    assert "RECURRENCE-ID;TZID=Europe/Paris:20261125T090000" in text
    assert "RRULE:FREQ=DAILY" not in text


async def test_one_changed_instance_is_told_alone(alice, post):
    uid = await invite(alice, rule="FREQ=DAILY;COUNT=5")
    change = EventChange(start=MONDAY + timedelta(days=1, hours=3))
    await alice.editing.change((await alice.entries())[1].id, change, Scope.ONLY)
    await alice.tell(uid)
    text = said(post.sent[-1])
    assert (text.count("BEGIN:VEVENT"), "RECURRENCE-ID;TZID=Europe/Paris:20261124T090000" in text) == (1, True)


async def test_who_is_invited_to_one_instance_hears_of_that_one_only(alice, post):
    uid = await invite(alice, rule="FREQ=DAILY;COUNT=5")
    people = (Attendee(BRUNO), Attendee(CLARA))
    await alice.editing.change((await alice.entries())[1].id, EventChange(attendees=people), Scope.ONLY)
    await alice.tell(uid)
    text = next(said(one) for one in post.sent if one.recipients == (CLARA,))
    assert (text.count("BEGIN:VEVENT"), "RECURRENCE-ID" in text, "RRULE:FREQ=DAILY" in text) == (1, True, False)


async def test_who_is_removed_from_one_instance_keeps_the_others(alice, bruno, post):
    uid = await invite(alice, BRUNO, CLARA, rule="FREQ=DAILY;COUNT=5")
    await bruno.answers(Response.ACCEPTED)
    await alice.editing.change((await alice.entries())[1].id, EventChange(attendees=(Attendee(CLARA),)), Scope.ONLY)
    await alice.tell(uid)
    await bruno.meetings.take_in_all()
    assert [entry.start.day for entry in await bruno.entries()] == [23, 25, 26, 27]


async def test_a_calendar_that_is_out_of_reach_cancels_nothing(alice):
    uid = await invite(alice)
    await alice.library.delete(alice.calendar)
    assert await alice.meetings.due(uid) is None


async def test_an_undone_change_is_told_too(alice, post):
    uid = await invite(alice)
    await alice.editing.change(await first_id(alice), EventChange(start=MONDAY + timedelta(hours=2)))
    await alice.tell(uid)
    await alice.editing.undo()
    await alice.tell(uid)
    assert "SEQUENCE:2" in said(post.sent[-1])


async def test_another_time_asks_those_again_who_had_accepted(alice, bruno):
    uid = await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    await alice.meetings.take_in_all()
    await alice.editing.change(await first_id(alice), EventChange(start=MONDAY + timedelta(hours=2)))
    await alice.tell(uid)
    assert (await alice.object()).events[0].attendees[0].response is Response.NEEDS_ACTION


# answering -------------------------------------------------------------------------------------------------------


async def test_accepting_puts_the_meeting_into_the_default_calendar_with_ones_answer(alice, bruno):
    await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    event = (await bruno.object()).events[0]
    assert (event.title, event.attendees[0].response, event.status) == ("Budget", Response.ACCEPTED, BusyStatus.BUSY)


async def test_accepting_tentatively_shows_the_time_as_tentative(alice, bruno):
    await invite(alice)
    await bruno.answers(Response.TENTATIVE)
    assert (await bruno.entries())[0].status is BusyStatus.TENTATIVE


async def test_declining_what_is_in_no_calendar_puts_nothing_there(alice, bruno):
    await invite(alice)
    await bruno.answers(Response.DECLINED)
    assert await bruno.entries() == []


async def test_declining_later_frees_the_time(alice, bruno):
    await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    await bruno.answers(Response.DECLINED)
    event = (await bruno.object()).events[0]
    assert (event.attendees[0].response, event.status) == (Response.DECLINED, BusyStatus.FREE)


async def test_an_answer_holds_ones_own_line_and_what_names_the_meeting_only(alice, bruno, post):
    await invite(alice, BRUNO, CLARA, description="CANARY-NOTES")
    answer = await bruno.meetings.answer((await bruno.mail())[0], Response.ACCEPTED)
    text = answer.written.ics.decode()
    names = {
        line.partition(":")[0].partition(";")[0]
        for line in text.replace("\r\n ", "").split("BEGIN:VEVENT")[1].split("\r\n")
    }
    assert names - {"", "END"} == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "ORGANIZER", "ATTENDEE"}
    assert (text.count("ATTENDEE"), CLARA in text) == (1, False)


async def test_the_preview_of_an_answer_is_exactly_what_is_sent(alice, bruno, post):
    await invite(alice)
    answer = await bruno.meetings.answer((await bruno.mail())[0], Response.ACCEPTED)
    await bruno.meetings.send_answer(answer)
    assert post.sent[-1].content == answer.written.envelope.content


async def test_looking_at_an_answer_changes_and_sends_nothing(alice, bruno, post):
    await invite(alice)
    await bruno.meetings.answer((await bruno.mail())[0], Response.ACCEPTED)
    assert (await bruno.entries(), len(post.sent)) == ([], 1)


async def test_an_answer_reaches_the_organizers_calendar(alice, bruno):
    await invite(alice, BRUNO, CLARA)
    await bruno.answers(Response.ACCEPTED)
    (came,) = await alice.meetings.take_in_all()
    people = {one.address: one.response for one in (await alice.object()).events[0].attendees}
    assert people == {BRUNO: Response.ACCEPTED, CLARA: Response.NEEDS_ACTION}
    assert came.verdict.words == "Bruno accepted “Budget”."


async def test_an_answer_that_was_taken_in_can_be_undone(alice, bruno):
    await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    await alice.meetings.take_in_all()
    await alice.editing.undo()
    assert (await alice.object()).events[0].attendees[0].response is Response.NEEDS_ACTION


async def test_an_answer_is_nothing_that_people_have_to_be_told(alice, bruno):
    uid = await invite(alice, BRUNO, CLARA, rule="FREQ=DAILY;COUNT=3")
    await bruno.answers(Response.ACCEPTED)
    await alice.meetings.take_in_all()
    assert await alice.meetings.due(uid) is None


async def test_an_older_answer_after_a_newer_one_changes_nothing(alice, bruno, post):
    await invite(alice)
    first = await bruno.meetings.answer((await bruno.mail())[0], Response.ACCEPTED)
    await bruno.answers(Response.DECLINED)
    await alice.meetings.take_in_all()
    await bruno.meetings.send_answer(first)
    (came,) = await alice.meetings.take_in_all()
    assert came.verdict.effect is Effect.NOTHING
    assert (await alice.object()).events[0].attendees[0].response is Response.DECLINED


async def test_an_answer_to_an_earlier_time_does_not_count(alice, bruno):
    uid = await invite(alice)
    answer = await bruno.meetings.answer((await bruno.mail())[0], Response.ACCEPTED)
    await alice.editing.change(await first_id(alice), EventChange(start=MONDAY + timedelta(hours=2)))
    await alice.tell(uid)
    await bruno.meetings.send_answer(answer)
    (came,) = await alice.meetings.take_in_all()
    assert came.verdict.effect is Effect.NOTHING


async def test_an_old_invitation_can_no_longer_be_answered(alice, bruno):
    uid = await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    await alice.editing.change(await first_id(alice), EventChange(start=MONDAY + timedelta(hours=2)))
    await alice.tell(uid)
    await bruno.meetings.take_in_all()
    with pytest.raises(Refused):
        await bruno.meetings.answer((await bruno.mail())[0], Response.ACCEPTED)


# what comes in ---------------------------------------------------------------------------------------------------


async def test_an_update_moves_the_meeting_and_keeps_ones_own_reminder(alice, bruno):
    uid = await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    await bruno.editing.change(await first_id(bruno), EventChange(alarms=(Alarm(timedelta(minutes=-5)),)))
    await alice.editing.change(await first_id(alice), EventChange(start=MONDAY + timedelta(hours=2)))
    await alice.tell(uid)
    await bruno.meetings.take_in_all()
    event = (await bruno.object()).events[0]
    assert (event.start.hour, len(event.alarms), event.attendees[0].response) == (11, 1, Response.NEEDS_ACTION)


async def test_another_title_keeps_ones_answer(alice, bruno):
    uid = await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    await alice.meetings.take_in_all()
    await alice.editing.change(await first_id(alice), EventChange(title="Budget 2027"))
    await alice.tell(uid)
    await bruno.meetings.take_in_all()
    event = (await bruno.object()).events[0]
    assert (event.title, event.attendees[0].response) == ("Budget 2027", Response.ACCEPTED)


async def test_a_cancelled_meeting_no_longer_takes_time(alice, bruno):
    uid = await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    await alice.editing.delete(await first_id(alice))
    await alice.tell(uid)
    await bruno.meetings.take_in_all()
    assert await bruno.entries() == []


async def test_a_cancelled_instance_never_touches_the_rest(alice, bruno):
    uid = await invite(alice, rule="FREQ=DAILY;COUNT=5")
    await bruno.answers(Response.ACCEPTED)
    await bruno.editing.change((await bruno.entries())[3].id, EventChange(title="mine"), Scope.ONLY)
    await alice.editing.delete((await alice.entries())[2].id, Scope.ONLY)
    await alice.tell(uid)
    await bruno.meetings.take_in_all()
    assert [(entry.start.day, entry.title) for entry in await bruno.entries()] == [
        (23, "Budget"),
        (24, "Budget"),
        (26, "mine"),
        (27, "Budget"),
    ]


async def test_a_cancelled_instance_of_an_all_day_series_never_touches_the_rest(alice, bruno):
    draft = replace(meeting(BRUNO), start=date(2026, 11, 23), end=date(2026, 11, 24), rrule="FREQ=DAILY;COUNT=3")
    edit = await alice.editing.create(alice.calendar, draft)
    await alice.tell(edit.entry.uid)
    await bruno.answers(Response.ACCEPTED)
    await alice.editing.delete((await alice.entries())[1].id, Scope.ONLY)
    await alice.tell(edit.entry.uid)
    await bruno.meetings.take_in_all()
    assert [entry.start.day for entry in await bruno.entries()] == [23, 25]


async def test_an_invitation_waits_for_the_person(alice, bruno):
    await invite(alice)
    (came,) = await bruno.meetings.take_in_all()
    assert (came.verdict.effect, await bruno.entries()) == (Effect.NEW, [])


async def test_what_was_cancelled_before_it_was_answered_can_no_longer_be_accepted(alice, bruno):
    uid = await invite(alice)
    await alice.editing.delete(await first_id(alice))
    await alice.tell(uid)
    await bruno.meetings.take_in_all()
    with pytest.raises(Refused):
        await bruno.meetings.answer((await bruno.mail())[0], Response.ACCEPTED)


async def test_of_two_invitations_that_wait_only_the_newer_one_can_be_answered(alice, bruno):
    uid = await invite(alice)
    await alice.editing.change(await first_id(alice), EventChange(start=MONDAY + timedelta(hours=2)))
    await alice.tell(uid)
    await bruno.meetings.take_in_all()
    with pytest.raises(Refused):
        await bruno.meetings.answer((await bruno.mail())[0], Response.ACCEPTED)
    await bruno.answers(Response.ACCEPTED)
    assert (await bruno.entries())[0].start.hour == 11


async def test_an_update_keeps_properties_of_ones_own_copy(alice, bruno):
    uid = await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    (stored,) = await bruno.library.objects(bruno.calendar)
    own = replace(stored.object.events[0], extra=("X-MINE:1",))
    store = await bruno.library.store_of(bruno.calendar)
    await store.put(bruno.calendar, replace(stored.object, events=(own,)), expected_etag=stored.etag)
    await alice.editing.change(await first_id(alice), EventChange(title="Budget 2027"))
    await alice.tell(uid)
    await bruno.meetings.take_in_all()
    event = (await bruno.object()).events[0]
    assert (event.title, event.extra) == ("Budget 2027", ("X-MINE:1",))


async def test_a_message_that_cannot_be_read_does_not_keep_the_others_from_being_taken_in(alice, bruno, post):
    await invite(alice)
    head = f"From: {ALICE}\r\nMessage-ID: <bad@example.org>\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n"
    deliver(post.base / BRUNO, f"{head}BEGIN:VCALENDAR\r\nMETHOD:COUNTER\r\nEND:VCALENDAR\r\n".encode())
    assert [came.verdict.effect for came in await bruno.meetings.take_in_all()] == [Effect.NEW]


async def test_a_message_is_taken_in_once(alice, bruno):
    await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    await alice.meetings.take_in_all()
    assert await alice.meetings.take_in_all() == []


# what nobody can do ----------------------------------------------------------------------------------------------


def forged(message: bytes, sender: str) -> bytes:
    """The same message from somebody else, with a Message-ID of its own."""
    head, _end, body = message.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith((b"From:", b"Message-ID:"))]
    return b"\r\n".join([f"From: {sender}".encode(), b"Message-ID: <forged@example.net>", *lines]) + b"\r\n\r\n" + body


async def test_a_cancellation_from_somebody_else_changes_nothing(alice, bruno, post):
    uid = await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    await alice.editing.delete(await first_id(alice))
    due = await alice.meetings.watch(alice.calendar, uid, None)
    (written,) = alice.meetings.preview(due)
    deliver(post.base / BRUNO, forged(written.envelope.content, CLARA))
    (came,) = await bruno.meetings.take_in_all()
    assert came.verdict.effect is Effect.REFUSED
    assert CLARA in came.verdict.words
    assert len(await bruno.entries()) == 1


async def test_an_answer_in_somebody_elses_name_changes_nothing(alice, bruno, post):
    await invite(alice, BRUNO, CLARA)
    answer = await bruno.meetings.answer((await bruno.mail())[0], Response.DECLINED)
    deliver(post.base / ALICE, forged(answer.written.envelope.content, CLARA))
    (came,) = await alice.meetings.take_in_all()
    assert came.verdict.effect is Effect.REFUSED
    assert {one.response for one in (await alice.object()).events[0].attendees} == {Response.NEEDS_ACTION}


async def test_an_answer_of_one_who_was_not_invited_changes_nothing(alice, bruno, tmp_path, post, clock):
    await invite(alice)
    clara = await Person(tmp_path, "Clara", CLARA, post, clock).begin()
    deliver(post.base / CLARA, post.sent[0].content)
    await clara.answers(Response.ACCEPTED)
    (came,) = await alice.meetings.take_in_all()
    assert came.verdict.effect is Effect.REFUSED


async def test_an_invitation_in_the_organizers_name_from_somebody_else_cannot_be_accepted(alice, bruno, post):
    edit = await alice.editing.create(alice.calendar, meeting(BRUNO))
    due = await alice.meetings.watch(alice.calendar, edit.entry.uid, None)
    (written,) = alice.meetings.preview(due)
    deliver(post.base / BRUNO, forged(written.envelope.content, CLARA))
    with pytest.raises(Refused):
        await bruno.meetings.answer((await bruno.mail())[0], Response.ACCEPTED)


async def test_another_organizer_cannot_take_a_meeting_over(alice, bruno, post):
    await invite(alice)
    await bruno.answers(Response.ACCEPTED)
    stolen = post.sent[0].content.replace(ALICE.encode(), CLARA.encode())
    import re
    from base64 import b64decode, b64encode

    ics = b64decode(re.search(rb"base64\r\n\r\n([A-Za-z0-9+/=\r\n]+)", stolen)[1])
    ics = ics.replace(b"\r\n ", b"").replace(ALICE.encode(), CLARA.encode()).replace(b"SEQUENCE:0", b"SEQUENCE:9")
    body = b"Content-Type: text/calendar; method=REQUEST\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64encode(ics)
    head = f"From: {CLARA}\r\nMessage-ID: <stolen@example.net>\r\nSubject: x\r\n".encode()
    deliver(post.base / BRUNO, head + body)
    came = (await bruno.meetings.take_in_all())[-1]
    assert came.verdict.effect is Effect.REFUSED
    assert (await bruno.object()).events[0].organizer.address == ALICE


# all together ----------------------------------------------------------------------------------------------------

_CHANGES = st.sampled_from(
    [
        EventChange(start=MONDAY + timedelta(hours=3)),
        EventChange(title="Other"),
        EventChange(place="Room 9"),
        EventChange(end=MONDAY + timedelta(hours=2)),
        EventChange(attendees=(Attendee(CLARA),)),
        EventChange(attendees=(Attendee(BRUNO), Attendee(CLARA))),
    ]
)
_STEPS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([None, *Scope]), st.one_of(st.none(), _CHANGES)), max_size=5
)


def moved(change: EventChange, start: datetime) -> EventChange:
    """The change with its hours on the day of an instance."""
    days = timedelta(days=(start.date() - MONDAY.date()).days)
    begin = change.start + days if change.start else None
    return replace(change, start=begin, end=change.end + days if change.end else None)


async def edited(alice: Person, number: int, scope: Scope | None, change: EventChange | None) -> None:
    """One step: a change (or a deletion) of an instance, and what it concerns is told."""
    entries = await alice.entries()
    if not entries:
        return
    entry = entries[number % len(entries)]
    if not entry.recurring:
        scope = None
    elif scope is None:
        scope = Scope.ONLY
    details = await alice.library.details(entry.id)
    if change is None:
        await alice.editing.delete(entry.id, scope)
        uids = [entry.uid]
    else:
        try:
            edit = await alice.editing.change(entry.id, moved(change, entry.start), scope)
        except (UsageError, Refused):  # an end before the start, a rest that was changed by itself
            return
        uids = [entry.uid, *([edit.entry.uid] if edit.entry else [])]
    for uid in dict.fromkeys(uids):
        await alice.tell(uid, details.stored.object if uid == entry.uid else None)


async def invited_times(alice: Person) -> list[tuple]:
    """What Alice's calendar says of the times to which Bruno is invited."""
    return sorted(
        (entry.start, entry.end, entry.title, entry.place)
        for entry in await alice.entries()
        if any(one.address == BRUNO for one in entry.attendees)
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_STEPS)
async def test_whatever_the_organizer_changes_the_attendee_has_the_same_times(tmp_path_factory, steps):
    base, clock = tmp_path_factory.mktemp("people"), Clock()
    post = Post(base / "mail")
    alice = await Person(base, "Alice Martin", ALICE, post, clock).begin()
    bruno = await Person(base, "Bruno", BRUNO, post, clock).begin()
    await invite(alice, BRUNO, CLARA, rule="FREQ=DAILY;COUNT=6")
    for step in [None, *steps]:
        if step is not None:
            await edited(alice, *step)
        for came in await bruno.meetings.take_in_all():
            if came.verdict.effect is Effect.NEW:
                await bruno.meetings.send_answer(await bruno.meetings.answer(came.item.id, Response.ACCEPTED))
        found = sorted((one.start, one.end, one.title, one.place) for one in await bruno.entries())
        assert found == await invited_times(alice)
