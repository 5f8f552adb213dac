from __future__ import annotations

import pytest

from tui.screens.open_calendar import OpenCalendarDialog


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "files"
    (home / "team").mkdir(parents=True)
    for name in ("a.ics", "b.eml", "notes.txt", ".hidden.ics", "team/c.ics"):
        (home / name).write_text("x")
    return home


@pytest.fixture
def dialog(folder):
    return lambda: OpenCalendarDialog(folder)


async def test_calendars_and_messages_and_folders_are_listed_and_nothing_else(stage, dialog, shown):
    async with stage(dialog, (120, 40)) as (app, pilot):
        await pilot.pause(0.1)
        text = shown(app)
        assert all(name in text for name in ("team/", "a.ics", "b.eml"))
        assert "notes.txt" not in text and ".hidden" not in text


async def test_the_first_calendar_is_one_enter_away(stage, dialog, folder):
    async with stage(dialog) as (app, pilot):
        await pilot.pause(0.1)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.answer == folder / "a.ics"


async def test_a_path_that_is_typed_quickly_is_what_is_opened(stage, dialog, folder):
    async with stage(dialog) as (app, pilot):
        await pilot.press(*"team/c.ics", "enter")
        await pilot.pause(0.2)
        assert app.answer == folder / "team" / "c.ics"


async def test_tab_completes_and_enter_on_a_folder_goes_in(stage, dialog, folder):
    async with stage(dialog) as (app, pilot):
        await pilot.press("t")
        await pilot.pause(0.1)
        await pilot.press("tab")
        await pilot.pause(0.1)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.answer == folder / "team" / "c.ics"


async def test_f6_opens_the_folder_itself(stage, dialog, folder):
    async with stage(dialog) as (app, pilot):
        await pilot.pause(0.1)
        await pilot.press("f6")
        await pilot.pause()
        assert app.answer == folder


async def test_what_is_not_there_is_answered_in_the_dialog(stage, dialog, shown):
    async with stage(dialog) as (app, pilot):
        await pilot.press(*"zzz.ics", "enter")
        await pilot.pause(0.2)
        assert not app.ended
        assert "There is no calendar or message “zzz.ics” in this folder." in shown(app)


async def test_a_folder_that_cannot_be_read_says_why(stage, tmp_path, shown):
    async with stage(lambda: OpenCalendarDialog(tmp_path / "gone")) as (app, pilot):
        await pilot.pause(0.1)
        assert "No such file or directory" in " ".join(shown(app).split())
