"""Keys that come faster than the screen: all of them at once, as from a quick typist, a paste or a slow line."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from textual import events
from textual.keys import _character_to_key

from tests.tui.conftest import screen_text

LIMIT = 30.0


def rush(app, *keys: str) -> None:
    """All keys in one moment: nothing is handled between two of them."""
    for key in keys:
        for one in (key,) if key in ("enter", "escape", "f9", "tab", "f2", "space") else tuple(key):
            named = one if len(one) > 1 or one.isalnum() else _character_to_key(one)
            event = events.Key(named, one if len(one) == 1 else " " if one == "space" else None)
            event.set_sender(app)
            app._driver.send_message(event)


async def until(app, pilot, fits) -> str:
    """Wait until the screen says so."""
    async with asyncio.timeout(LIMIT):
        while not fits(shown := screen_text(app)):
            await pilot.pause(0.02)
    return shown


async def titles(services) -> set[str]:
    found = set()
    for info in await services.library.calendars():
        found |= {event.title for stored in await services.library.objects(info.id) for event in stored.object.events}
    return found


async def test_f9_does_not_overtake_the_title(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "N", "Breakfast with Clara", "f9")
        await until(app, pilot, lambda shown: "Added to" in shown)
        assert "Breakfast with Clara" in await titles(services)


async def test_a_date_typed_behind_its_command_is_gone_to(whole_app, services):
    async with whole_app(services) as (app, pilot):
        view = app.home.workspace.here.kind
        rush(app, "g", "1.2.2027", "enter")
        await until(app, pilot, lambda shown: app.home.active.moment.date() == date(2027, 2, 1))
        assert app.home.workspace.here.kind is view, "no digit chose a view"


async def test_a_line_typed_behind_quick_add_is_added_whole(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "a", "dumplings dud tomorrow 12:30", "enter")
        await until(app, pilot, lambda shown: "Added to" in shown)
        assert await titles(services) == {"Stand-up", "Budget [/2026] review", "Planning", "Release", "dumplings dud"}


async def test_words_typed_behind_search_are_looked_for(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "/", "Release", "enter")
        await until(app, pilot, lambda shown: "Search" not in shown and app.home.active.selected is not None)
        assert app.home.active.selected.title == "Release"


async def test_commands_typed_behind_a_dialog_are_run_after_it(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "g", "1.2.2027", "enter", "n", "n")
        await until(app, pilot, lambda shown: date(2027, 2, 15) in getattr(app.home.active.shown, "days", ()))


async def test_two_dialogs_one_behind_the_other_get_their_own_letters(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "N", "First", "f9")
        await until(app, pilot, lambda shown: "Added to" in shown)
        rush(app, "N", "Second", "escape")
        await until(app, pilot, lambda shown: "What you typed is not saved" in shown)
        assert "Second" not in await titles(services)


@pytest.mark.parametrize("keys", [("g", "escape"), ("N", "escape"), ("a", "escape"), (":", "escape")])
async def test_esc_at_once_closes_what_was_opened(whole_app, services, keys):
    async with whole_app(services) as (app, pilot):
        rush(app, *keys, "1")
        await until(app, pilot, lambda shown: app.screen is app.home and app.home.workspace.here.kind == "day")
