"""Answering invitations in the inbox, and telling people of one's own meetings. Real services and a real mailbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.backends.maildir import deliver
from core.bootstrap import open_services
from core.calendar.event import Attendee, Event, Response
from core.calendar.span import TimeSpan
from core.config.paths import Paths
from core.config.settings import load
from tui.screens.answer_meeting import AnswerMeetingDialog
from tui.screens.inbox import InboxScreen

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 24, 9, tzinfo=PARIS)


@pytest.fixture
async def receiver(tmp_path, world):
    """Bruno's machine, with an invitation from Alice in his mailbox."""
    services = world.services
    calendar = (await services.library.create("Alice")).id
    alice = Attendee("alice@example.org", "Alice Martin")
    draft = Event("", START, START + timedelta(hours=1), "Budget [x]", organizer=alice)
    draft = Event(
        "",
        START,
        START + timedelta(hours=1),
        "Budget [x]",
        organizer=draft.organizer,
        attendees=(Attendee("bruno@example.org", "Bruno", rsvp=True),),
    )
    edit = await services.editing.create(calendar, draft)
    due = await services.meetings.watch(calendar, edit.entry.uid, None)
    await services.meetings.send(due)
    box = tmp_path / "box"
    for message in world.sent:
        deliver(box, message)
    config = tmp_path / "receiver.toml"
    config.write_text(
        '[me]\nname = "Bruno"\naddress = "bruno@example.org"\ntime_zone = "Europe/Paris"\n'
        f'[accounts.inbox]\ntype = "maildir"\npath = "{box}"\n'
    )
    config.chmod(0o600)
    other = open_services(load(config), Paths.below(tmp_path / "receiver"))
    await other.library.set_default((await other.library.create("Mine")).id)
    yield other
    await other.close()


@pytest.fixture
def inbox(running, receiver):
    async def show(app):
        await app.push_screen_wait(InboxScreen(receiver))

    return running(show)


async def meetings_of(services):
    info = await services.library.find("Mine")
    return await services.library.entries([info.id], TimeSpan(START - timedelta(days=2), START + timedelta(days=2)))


async def marked(app, pilot, until):
    await until(InboxScreen)
    for _step in range(100):
        if app.screen._answerable():
            break
        await pilot.pause(0.02)
    await pilot.pause()


async def test_an_invitation_says_when_the_meeting_is_and_can_be_answered(inbox, shown):
    async with inbox as (app, pilot, until):
        await marked(app, pilot, until)
        assert "Tuesday, November 24, 2026, 9:00 AM – 10:00 AM" in " ".join(shown(app).split())
        assert not app.screen.query_one("#accepted").disabled


async def test_what_is_sent_is_shown_before_anything_leaves(inbox, receiver, shown):
    async with inbox as (app, pilot, until):
        await marked(app, pilot, until)
        await pilot.press("a")
        await until(AnswerMeetingDialog)
        assert "To alice@example.org: your name" in " ".join(shown(app).split())
        assert not await receiver.outbox.items()


@pytest.mark.parametrize(("key", "count"), [("a", 1), ("t", 1), ("d", 0)])
async def test_an_answer_goes_to_the_organizer_and_the_meeting_into_the_calendar(inbox, receiver, key, count):
    async with inbox as (app, pilot, until):
        await marked(app, pilot, until)
        await pilot.press(key)
        await until(AnswerMeetingDialog)
        await pilot.press("enter")
        await until(InboxScreen)
        for _step in range(100):
            if await receiver.outbox.items():
                break
            await pilot.pause(0.02)
        await pilot.pause(0.1)
        (item,) = await receiver.outbox.items()
        assert [result.address for result in item.recipients] == ["alice@example.org"]
        assert len(await meetings_of(receiver)) == count


async def test_the_answer_stands_beside_ones_name(inbox, receiver):
    async with inbox as (app, pilot, until):
        await marked(app, pilot, until)
        await pilot.press("t")
        await until(AnswerMeetingDialog)
        await pilot.press("enter")
        for _step in range(100):
            if await meetings_of(receiver):
                break
            await pilot.pause(0.02)
        (entry,) = await meetings_of(receiver)
        assert [one.response for one in entry.attendees] == [Response.TENTATIVE]


async def test_leaving_the_preview_sends_nothing(inbox, receiver):
    async with inbox as (app, pilot, until):
        await marked(app, pilot, until)
        await pilot.press("a")
        await until(AnswerMeetingDialog)
        await pilot.press("escape")
        await until(InboxScreen)
        await pilot.pause(0.1)
        assert not await receiver.outbox.items()
        assert not await meetings_of(receiver)
