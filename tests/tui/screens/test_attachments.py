"""The files of an event in the form: added, taken away, saved, kept through other changes."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import Attachment, Event
from core.calendar.event_change import EventChange
from core.calendar.span import DateRange
from core.services.attachments import AttachedFiles
from tests.tui.conftest import settled
from tui.screens.attachments import AttachmentsDialog
from tui.screens.event_form import EventForm

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 18, 16, tzinfo=PARIS)
FILE = Attachment("agenda.txt", "text/plain", b"1. Budget\n")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "plan.pdf").write_bytes(b"%PDF-1.7")
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def stored(services, title):
    info = await services.library.find("Calendar")
    span = DateRange(date(2026, 11, 1), date(2026, 11, 30)).span(PARIS)
    entry = next(one for one in await services.library.entries([info.id], span, PARIS) if one.title == title)
    return await services.library.details(entry.id)


async def with_file(services):
    info = await services.library.find("Calendar")
    made = await services.editing.create(
        info.id, Event("", START, START.replace(hour=17), "Planning", attachments=(FILE,))
    )
    return made.entry


async def until(app, pilot, kind):
    for _step in range(200):
        if isinstance(app.screen, kind):
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{app.screen} instead of {kind}")


async def test_a_file_is_added_in_the_form_and_stored_with_the_event(services, whole_app, press, folder):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "N", *"Plan", "f7")
        await until(app, pilot, AttachmentsDialog)
        await press(app, pilot, "a", *"plan.pdf")
        await pilot.pause(0.2)
        assert "plan.pdf · 8 bytes" in await press(app, pilot, "enter")
        await press(app, pilot, "enter")
        await until(app, pilot, EventForm)
        await press(app, pilot, "f9")
        details = await stored(services, "Plan")
        assert details.occurrence.event.attachments == (Attachment("plan.pdf", "application/pdf", b"%PDF-1.7"),)


async def test_a_file_is_taken_away_in_the_form(services, whole_app, press):
    entry = await with_file(services)
    async with whole_app(services) as (app, pilot):
        app.home.active.choose(entry.id, entry.start.date())
        await press(app, pilot, "E", "f7")
        await until(app, pilot, AttachmentsDialog)
        await press(app, pilot, "d", "enter")
        await until(app, pilot, EventForm)
        await press(app, pilot, "f9")
        assert (await stored(services, "Planning")).occurrence.event.attachments == ()


async def test_files_stay_through_every_other_change(services):
    entry = await with_file(services)
    edit = await services.editing.change(entry.id, EventChange(title="Plan", start=START.replace(day=19)))
    team = await services.library.find("Team")
    moved = await services.editing.move(edit.entry.id, team.id)
    copied = await services.editing.copy(moved.entry.id, (await services.library.find("Calendar")).id)
    for one in (moved, copied):
        details = await services.library.details(one.entry.id)
        assert details.occurrence.event.attachments == (FILE,)


async def test_a_file_that_is_too_large_is_refused_where_it_was_chosen(stage, tmp_path, shown):
    big = tmp_path / "big.bin"
    with big.open("wb") as file:
        file.truncate(11 * 2**20)
    dialog = AttachmentsDialog((), AttachedFiles(tmp_path / "saved"))
    async with stage(lambda: dialog, (100, 30)) as (app, pilot):
        dialog._attached = []
        await pilot.press("a")
        await pilot.pause(0.2)
        app.screen.query_one("#path").value = str(big)
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause(0.3)
        await settled(app, pilot)
        text = " ".join(shown(app).split())
        assert "“big.bin” is too large" in text


async def test_a_file_is_saved_and_where_is_said(stage, tmp_path, shown):
    dialog = AttachmentsDialog((FILE,), AttachedFiles(tmp_path / "saved"), can_edit=False)
    async with stage(lambda: dialog, (120, 30)) as (app, pilot):
        await pilot.press("enter")
        await settled(app, pilot)
        assert (tmp_path / "saved" / "agenda.txt").read_bytes() == FILE.content
        assert "Saved as" in shown(app)
