from __future__ import annotations

import email
import email.policy
import os
import stat

import pytest

from core.services.outbox_store import OutboxState
from tui.flows.email_calendar import email_calendar
from tui.hangup import save_all
from tui.screens.accounts_hint import AccountsHint
from tui.screens.compose import ComposeScreen
from tui.screens.confirm import ConfirmDialog
from tui.screens.email_calendar import SendCalendarDialog
from tui.screens.leave_message import LeaveMessageDialog
from tui.screens.preview import PreviewScreen
from tui.screens.resume_draft import ResumeDraftDialog
from tui.screens.save_files import SaveFilesDialog


@pytest.fixture
async def flow(world):
    calendar = await world.calendar()
    return lambda app: email_calendar(app, world.services, calendar)


async def to_message(pilot, until) -> None:
    await until(SendCalendarDialog)
    await pilot.press("enter")
    await until(PreviewScreen)
    await pilot.press("enter")
    await until(ComposeScreen)


async def to_question(pilot, until) -> None:
    """The message to Bruno is written, and one is asked whether to send it."""
    await to_message(pilot, until)
    await pilot.press(*"bruno@example.org", "f9")
    await until(ConfirmDialog)


async def test_a_calendar_is_sent_with_the_keyboard_alone(world, flow, running):
    async with running(flow) as (app, pilot, until):
        await to_question(pilot, until)
        await pilot.press("s")
        await until(None)
        message = email.message_from_bytes(world.sent[0], policy=email.policy.default)
        assert (message["To"], message["Subject"]) == ("bruno@example.org", "Alice Martin Calendar")
        assert b"secret project" not in world.sent[0]
        assert app.notices == ["Sent to bruno@example.org."]


async def test_the_ledger_then_says_who_has_what(world, flow, running):
    async with running(flow) as (_app, pilot, until):
        await to_question(pilot, until)
        await pilot.press("s")
        await until(None)
        entries = await world.services.ledger.entries()
        assert [(one.person, one.calendar, one.level) for one in entries] == [
            ("bruno@example.org", "Work", "availability")
        ]


async def test_enter_at_the_question_sends_nothing_and_goes_back_to_the_message(world, flow, running):
    async with running(flow) as (app, pilot, until):
        await to_question(pilot, until)
        await pilot.press("enter")
        await until(ComposeScreen)
        assert app.screen.query_one("#to-line").value == "bruno@example.org"
        assert world.sent == []


async def test_the_question_names_each_person_and_what_they_will_see(flow, running, shown):
    async with running(flow) as (app, pilot, until):
        await to_message(pilot, until)
        await pilot.press(*"bruno@example.org, clara@example.net", "f9")
        await until(ConfirmDialog)
        assert "bruno@example.org · Availability only" in shown(app)
        assert "clara@example.net · Availability only" in shown(app)


async def test_going_back_from_the_preview_keeps_the_choices(flow, running, shown):
    async with running(flow) as (app, pilot, until):
        await until(SendCalendarDialog)
        await pilot.press("d", "down", "down", "enter", "enter")
        await until(PreviewScreen)
        await pilot.press("escape")
        await until(SendCalendarDialog)
        assert "Full details" in shown(app)


async def test_the_preview_shows_what_the_level_gives_away(flow, running, shown):
    async with running(flow) as (app, pilot, until):
        await until(SendCalendarDialog)
        await pilot.press("d", "down", "down", "enter", "enter")
        await until(PreviewScreen)
        await pilot.press("end")
        await pilot.pause()
        assert "Room 4" in shown(app)


async def test_an_empty_range_is_said_before_anything_else(flow, running, shown):
    async with running(flow) as (app, pilot, until):
        await until(SendCalendarDialog)
        await pilot.press("r", "down", "enter", "enter")
        await until(ConfirmDialog)
        assert "“Work” appears empty" in " ".join(shown(app).split())
        await pilot.press("enter")
        await until(SendCalendarDialog)


async def test_a_message_that_was_being_written_when_the_line_dropped_is_offered_again(world, flow, running):
    async with running(flow) as (_app, pilot, until):
        await to_message(pilot, until)
        await pilot.press(*"bruno@exa", "tab", "tab", "tab", "tab", *"Half a sen")
        save_all()  # what SIGHUP does
    async with running(flow) as (app, pilot, until):
        await until(ResumeDraftDialog)
        await pilot.press("enter")
        await until(PreviewScreen)
        await pilot.press("enter")
        await until(ComposeScreen)
        fields = app.screen.fields()
        assert (fields.to, fields.message) == ("bruno@exa", "Half a sen")


async def test_a_draft_on_disk_can_be_read_by_its_owner_alone(world, flow, running):
    async with running(flow) as (_app, pilot, until):
        await to_message(pilot, until)
        await pilot.press(*"bruno@exa")
        save_all()
    folder = world.services.paths.state / "drafts"
    modes = {stat.S_IMODE(os.stat(path).st_mode) for path in folder.iterdir()}
    assert (modes, stat.S_IMODE(os.stat(folder).st_mode)) == ({0o600}, 0o700)


@pytest.mark.parametrize(("key", "kept"), [("enter", 1), ("d", 0)])
async def test_a_message_that_is_closed_is_kept_or_thrown_away_as_the_person_says(world, flow, running, key, kept):
    async with running(flow) as (_app, pilot, until):
        await to_message(pilot, until)
        await pilot.press(*"bruno@exa", "escape")
        await until(LeaveMessageDialog)
        await pilot.press(key)
        await until(None)
        assert len(world.services.drafts.drafts()) == kept


async def test_a_message_that_was_sent_is_offered_no_more(world, flow, running):
    async with running(flow) as (_app, pilot, until):
        await to_question(pilot, until)
        await pilot.press("s")
        await until(None)
        assert world.services.drafts.drafts() == []


async def test_without_an_account_the_message_waits_and_can_be_written_as_a_file(without_account, running, tmp_path):
    calendar = await without_account.calendar()
    async with running(lambda app: email_calendar(app, without_account.services, calendar)) as (app, pilot, until):
        await to_question(pilot, until)
        await pilot.press("s")
        await until(AccountsHint)
        await pilot.press("w")
        await until(SaveFilesDialog)
        app.screen.query_one("#folder").value = str(tmp_path / "saved")
        await pilot.press("enter")
        await until(None)
        (item,) = await without_account.services.outbox.items()
        assert item.state is OutboxState.WAITING
        assert b"To: bruno@example.org" in (tmp_path / "saved" / "message.eml").read_bytes()


async def test_the_preview_can_be_saved_as_files_that_only_the_person_reads(flow, running, tmp_path):
    async with running(flow) as (app, pilot, until):
        await until(SendCalendarDialog)
        await pilot.press("enter")
        await until(PreviewScreen)
        await pilot.press("s")
        await until(SaveFilesDialog)
        app.screen.query_one("#folder").value = str(tmp_path / "saved")
        await pilot.press("enter")
        await until(PreviewScreen)
        await pilot.pause(0.2)
        files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "saved").iterdir()}
        assert files == dict.fromkeys(("message.eml", "calendar.ics", "calendar.html", "calendar.txt"), 0o600)


async def test_an_error_is_told_and_the_dialog_comes_back_as_it_was(world, flow, running, monkeypatch):
    from core.errors import LeakFound

    async def leak(_request):
        raise LeakFound("The finished page holds what this level does not show.")

    monkeypatch.setattr(world.services.email, "prepare", leak)
    async with running(flow) as (app, pilot, until):
        await until(SendCalendarDialog)
        await pilot.press("w", "enter")
        await pilot.pause(0.2)
        await until(SendCalendarDialog)
        assert app.notices == ["The finished page holds what this level does not show."]
        assert app.screen.query_one("#working-hours").value
