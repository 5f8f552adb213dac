"""A server's calendar that is suddenly much smaller, by keys in the home screen and on X: asked about, taken, kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.language import use_language
from core.sandbox.http import Answer, Break, Fault
from tests.tui.conftest import NOW, settled
from tests.tui.office import Office
from tui.screens.accounts import AccountsScreen
from tui.screens.confirm import ConfirmDialog
from tui.screens.home import HomeScreen

QUESTION = "It had 8 events, and now has 3 events. Take that?"


async def waiting(pilot, true) -> None:
    for _step in range(400):
        await pilot.pause(0.02)
        if true():
            return
    raise AssertionError("it never came")


async def until(pilot, kind) -> None:
    await waiting(pilot, lambda: isinstance(pilot.app.screen, kind))


@pytest.fixture
async def lossy(office: Office) -> Office:
    """Eight events were read, of which the server then shows three; the question stands already."""
    for number in range(8):
        office.put(f"Event {number}", NOW + timedelta(hours=number))
    assert await office.services.accounts.refresh() == []
    office.lose(3)
    assert await office.services.accounts.refresh() == []
    assert len(await office.events()) == 8
    return office


def info(app):
    return next(one for one in app.home.calendars if one.account == "office")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_home_screen_says_how_much_is_left_and_which_key_decides(lossy, whole_app, press, shown, size):
    async with whole_app(lossy.services, size) as (app, pilot):
        await settled(app, pilot)
        assert "The server has 3 of 8 events" in shown(app)
        assert "x Take or Keep" in shown(app).splitlines()[-1]
        assert "x Take or Keep" in (await press(app, pilot, "c")).splitlines()[-1]
        assert "Server: 3 of 8" in shown(app)


async def test_x_shows_both_numbers_and_taking_it_makes_the_calendar_the_servers(lossy, whole_app, press, shown):
    async with whole_app(lossy.services) as (app, pilot):
        await press(app, pilot, "x")
        await until(pilot, ConfirmDialog)
        assert QUESTION in shown(app)
        assert all(words in shown(app) for words in ("Take It", "Keep Mine"))
        await pilot.press("t")
        await waiting(pilot, lambda: isinstance(app.screen, HomeScreen) and info(app).smaller is None)
        await settled(app, pilot)
        assert await lossy.events() == lossy.there() == ["Event 0", "Event 1", "Event 2"]
        assert "as its server has it now" in shown(app)
        assert "Take or Keep" not in shown(app)


@pytest.mark.parametrize("key", ["enter", "escape", "k"])
async def test_enter_esc_and_keep_mine_keep_everything(lossy, whole_app, press, shown, key):
    async with whole_app(lossy.services) as (app, pilot):
        await press(app, pilot, "x")
        await until(pilot, ConfirmDialog)
        await pilot.press(key)
        await until(pilot, HomeScreen)
        await waiting(pilot, lambda: "stays as it is" in shown(app))
        assert len(await lossy.events()) == 8
        assert len(lossy.there()) == 3
        await lossy.services.accounts.refresh()
        assert len(await lossy.events()) == 8


async def test_without_a_question_x_says_that_there_is_none(office, whole_app, press, shown):
    await office.services.accounts.refresh()
    async with whole_app(office.services) as (app, pilot):
        assert "not suddenly much smaller" in await press(app, pilot, "x")


async def test_a_yes_to_a_server_that_is_down_takes_nothing_and_says_why(lossy, whole_app, press, shown):
    async with whole_app(lossy.services) as (app, pilot):
        await press(app, pilot, "x")
        await until(pilot, ConfirmDialog)
        lossy.server.faults.add(Fault(Break.ANSWER, answer=Answer(401), times=0))
        await pilot.press("t")
        await until(pilot, HomeScreen)
        await waiting(pilot, lambda: "refused the user name or the password" in " ".join(shown(app).split()))
        assert len(await lossy.events()) == 8


async def test_the_keys_of_the_accounts_fit_in_french_at_80_columns(lossy, whole_app, press, shown):
    use_language("fr")
    async with whole_app(lossy.services, (80, 24)) as (app, pilot):
        assert "x Prendre ou garder" in shown(app).splitlines()[-1]
        await press(app, pilot, "X")
        await waiting(pilot, lambda: "V Décider" in shown(app).splitlines()[-1])
        assert shown(app).splitlines()[-1].endswith("Échap Retour")
        assert all(word in shown(app).splitlines()[-2] for word in ("Nouveau compte…", "Collègue…", "Retour"))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_accounts_say_it_and_v_decides(lossy, whole_app, press, shown, size):
    async with whole_app(lossy.services, size) as (app, pilot):
        await press(app, pilot, "X")
        await until(pilot, AccountsScreen)
        await waiting(pilot, lambda: QUESTION in " ".join(shown(app).replace("│", " ").split()))
        assert "much smaller" in shown(app).splitlines()[3] + shown(app).splitlines()[4]
        assert "V Decide" in shown(app).splitlines()[-1]
        await pilot.press("v")
        await until(pilot, ConfirmDialog)
        await pilot.press("t")
        await waiting(pilot, lambda: isinstance(app.screen, AccountsScreen) and "as its server has it" in shown(app))
        assert "V Decide" not in shown(app)
        assert await lossy.events() == lossy.there() == ["Event 0", "Event 1", "Event 2"]
