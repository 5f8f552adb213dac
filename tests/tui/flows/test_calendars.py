"""Calendars as a whole, from the list: made, named, coloured, deleted, and brought back by undo."""

from __future__ import annotations

from core.language import use_language
from tests.tui.conftest import settled
from tui.screens.calendar_properties import CalendarPropertiesDialog
from tui.screens.confirm import ConfirmDialog


async def names(services):
    return [info.name for info in await services.library.calendars()]


async def until(app, pilot, kind):
    for _step in range(200):
        if isinstance(app.screen, kind):
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{app.screen} instead of {kind}")


async def test_a_calendar_is_made_in_the_list_and_shown(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "Q")
        await until(app, pilot, CalendarPropertiesDialog)
        await press(app, pilot, *"Garden", "enter")
        await until(app, pilot, type(app.home))
        await settled(app, pilot)
        assert "Garden" in await names(services)
        assert app.home.active.info.name == "Garden"


async def test_a_calendar_gets_another_name_and_colour(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "c", "R")
        await until(app, pilot, CalendarPropertiesDialog)
        app.screen.query_one("#name").value = "Work"
        app.screen.query_one("#own-colour").value = "#AABBCC"
        await press(app, pilot, "enter")
        await until(app, pilot, type(app.home))
        info = await services.library.find("Work")
        assert info.colour == "#aabbcc"


async def test_what_is_no_colour_is_said_in_the_dialog(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "c", "R")
        await until(app, pilot, CalendarPropertiesDialog)
        app.screen.query_one("#own-colour").value = "blue"
        assert "“blue” is no colour." in await press(app, pilot, "enter")


async def test_a_deleted_calendar_is_asked_about_and_comes_back_by_undo(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "c", "down", "Y")
        await until(app, pilot, ConfirmDialog)
        await press(app, pilot, "left", "enter")
        await until(app, pilot, type(app.home))
        await settled(app, pilot)
        assert await names(services) == ["Calendar"]
        assert "Undone: Deleted the calendar Team" in await press(app, pilot, "u")
        assert await names(services) == ["Calendar", "Team"]
        assert any(info.name == "Team" for info in app.home.calendars)


async def test_no_is_the_answer_to_a_careless_enter(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "c", "Y")
        await until(app, pilot, ConfirmDialog)
        await press(app, pilot, "enter")
        assert await names(services) == ["Calendar", "Team"]


async def test_the_french_question_does_not_name_the_button_beside_it(whole_app, services, press):
    use_language("fr")
    async with whole_app(services, (80, 24)) as (app, pilot):
        shown = await press(app, pilot, "Y")
        assert "Vous pourrez revenir sur cette suppression." in shown
        assert shown.count("Annuler") == 2  # the button, and its key
