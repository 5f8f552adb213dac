"""An account of Microsoft 365 in the app: set up, signed in by the code, tried, signed out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.bootstrap import Services
from core.config.settings import Microsoft365Account, load
from core.language import _, use_language
from core.ports.calendars import CalendarInfo, CalendarKind, Smaller
from tests.graph_world import CLIENT, GraphWorld, graph_world
from tests.tui.conftest import on_microsoft365
from tui.screens.accounts import AccountsScreen
from tui.screens.add_account import AddAccountDialog
from tui.screens.sign_in import DeviceCodeDialog


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GraphWorld]:
    with graph_world(tmp_path) as made:
        yield made


@pytest.fixture
async def mine(own_home: Path, world: GraphWorld) -> AsyncIterator[Services]:
    services = on_microsoft365(world)
    yield services
    await services.close()


async def until(pilot, condition) -> None:
    for _step in range(600):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came")


async def test_trying_it_asks_to_sign_in_and_says_what_is_there(stage, shown, mine: Services, world: GraphWorld):
    async with stage(lambda: AccountsScreen(mine), (120, 40)) as (app, pilot):
        await until(pilot, lambda: "cloud" in shown(app))
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, DeviceCodeDialog))
        await asyncio.to_thread(world.approve, app.screen._code)
        await until(pilot, lambda: "It works:" in shown(app))
        assert "alice@example.org" in shown(app)
        await pilot.press("s")
        await until(pilot, lambda: "no token is kept" in shown(app))
    assert not list(mine.paths.state.rglob("cloud.json"))


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_all_keys_fit_at_80_columns_also_when_there_is_something_to_decide(stage, shown, mine, language: str):
    use_language(language)
    last = _("Esc") + " " + _("Back")
    async with stage(lambda: AccountsScreen(mine), (80, 24)) as (app, pilot):
        await until(pilot, lambda: shown(app).splitlines()[-1].endswith(last) and " S " in shown(app).splitlines()[-1])
        lost = CalendarInfo("cloud/c", "Calendar", "cloud", CalendarKind.MICROSOFT365, smaller=Smaller(8, 3))
        app.screen.items = [replace(app.screen.items[0], smaller=(lost,))]
        app.screen.marked_changed()
        await until(pilot, lambda: " V " in shown(app).splitlines()[-1])
        assert shown(app).splitlines()[-1].endswith(last)


async def test_giving_up_leaves_the_list(stage, shown, mine: Services):
    async with stage(lambda: AccountsScreen(mine), (120, 40)) as (app, pilot):
        await until(pilot, lambda: "cloud" in shown(app))
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, DeviceCodeDialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, AccountsScreen))
        assert "It works:" not in shown(app)


async def test_a_sign_in_that_is_good_no_more_is_asked_for_again(stage, shown, mine: Services, world: GraphWorld):
    async with stage(lambda: AccountsScreen(mine), (120, 40)) as (app, pilot):
        for _time in range(2):
            await until(pilot, lambda: isinstance(app.screen, AccountsScreen) and "cloud" in shown(app))
            await pilot.press("t")
            await until(pilot, lambda: isinstance(app.screen, DeviceCodeDialog))
            await asyncio.to_thread(world.approve, app.screen._code)
            await until(pilot, lambda: "It works:" in shown(app))
            world.server.sign_ins.revoke()


async def test_the_form_asks_for_the_app_and_explains_it(stage, shown):
    async with stage(lambda: AddAccountDialog(frozenset(), "alice@example.org")) as (app, pilot):
        choice = app.screen.query_one("#type")
        choice.value = next(one for one in choice._legal_values if str(one) == "microsoft365")
        await pilot.pause()
        app.screen.query_one("#client_id").focus()
        await pilot.pause()
        assert "registered" in shown(app)
        app.screen.query_one("#client_id").value = CLIENT
        app.screen.query_one("#tenant").value = "example.org"
        await pilot.press("enter")
        await pilot.pause()
    assert (app.answer.name, app.answer.type) == ("cloud", "microsoft365")
    assert dict(app.answer.values) == {"client_id": CLIENT, "tenant": "example.org", "address": "alice@example.org"}


def test_a_server_without_https_is_refused_where_it_stands(own_home: Path):
    from core.errors import ConfigError

    file = own_home / "config.toml"
    file.write_text('[accounts.cloud]\ntype = "microsoft365"\nclient_id = "x"\nserver = "http://graph.example.org"\n')
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert "accounts.cloud.server" in caught.value.message
    file.write_text('[accounts.cloud]\ntype = "microsoft365"\nclient_id = "x"\n')
    assert isinstance(load(file).accounts["cloud"], Microsoft365Account)
