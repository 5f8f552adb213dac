"""What every dialog does."""

from __future__ import annotations

from textual.widgets import Button, Input

from core.calendar.people import Address
from core.errors import UsageError
from tui.screens.choose_people import ChoosePeopleDialog
from tui.screens.dialog import BaseDialog


class _Name(BaseDialog[str]):
    def compose_body(self):
        yield Input(id="name")

    def result(self) -> str:
        value = self.query_one("#name", Input).value
        if not value:
            raise UsageError("A name is missing.", "Type [one].")
        return value


def _make() -> _Name:
    return _Name("Budget [/2026]")


async def test_a_title_with_brackets_is_shown_as_it_is(stage, shown):
    async with stage(_make) as (app, _pilot):
        assert "Budget [/2026]" in shown(app)


async def test_ok_ends_with_the_result(stage):
    async with stage(_make) as (app, pilot):
        await pilot.press(*"Team")
        app.screen.query_one("#ok", Button).press()
        await pilot.pause()
        assert app.answer == "Team"


async def test_escape_ends_without_a_result(stage):
    async with stage(_make) as (app, pilot):
        await pilot.press(*"Team", "escape")
        assert (app.ended, app.answer) == (True, None)


async def test_cancel_ends_without_a_result(stage):
    async with stage(_make) as (app, pilot):
        app.screen.query_one("#cancel", Button).press()
        await pilot.pause()
        assert (app.ended, app.answer) == (True, None)


async def test_a_rule_that_is_broken_is_said_in_the_dialog_which_stays(stage, shown):
    async with stage(_make) as (app, pilot):
        app.screen.accept()
        await pilot.pause()
        assert "A name is missing. Type [one]." in shown(app)
        assert not app.ended


async def test_a_dialog_that_closes_while_it_says_an_error_closes(stage):
    async with stage(_make) as (app, pilot):
        dialog = app.screen
        dialog.show_error("A name is missing.")
        dialog.dismiss("Team")
        await pilot.pause()
        dialog._fit()
        assert app.answer == "Team"


async def test_nothing_of_the_screen_behind_is_drawn_through(stage):
    async with stage(_make) as (app, _pilot):
        assert app.screen.styles.background.a == 1


class _Long(_Name):
    def compose_body(self):
        for number in range(40):
            yield Input(id=f"line-{number}", compact=True)


async def test_a_long_body_scrolls_and_the_buttons_stay_on_the_screen(stage, shown):
    async with stage(lambda: _Long("Long")) as (app, pilot):
        await pilot.pause()
        assert "Cancel" in shown(app)
        app.screen.show_error("Something is wrong.")
        await pilot.pause()
        await pilot.pause()
        assert "Cancel" in shown(app)


async def test_people_that_are_no_addresses_are_said_once(stage, shown):
    async def nobody(_text: str) -> list[Address]:
        return []

    async with stage(lambda: ChoosePeopleDialog("Add Users", nobody)) as (app, pilot):
        await pilot.press(*"bruno")
        await pilot.press("enter")
        await pilot.pause()
        assert " ".join(shown(app).split()).count("“bruno” is not an e-mail address.") == 1, shown(app)
