"""Signing in with the keyboard, against the sandbox's Microsoft 365: the code, the other way, giving up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App

from core.backends.graph.signin import SignIn
from core.sandbox.people import ALICE
from tests.core.backends.graph.conftest import settings_for
from tests.graph_world import GraphWorld, graph_world
from tui.flows.signing_in import sign_in
from tui.screens.sign_in import DeviceCodeDialog, PasteAddressDialog


class Door(App[None]):
    """Starts the flow and keeps what came of it."""

    def __init__(self, door: SignIn) -> None:
        super().__init__()
        self.door = door
        self.result: bool | None = None
        self.error: Exception | None = None

    def on_mount(self) -> None:
        self.run_worker(self._run())

    async def _run(self) -> None:
        try:
            self.result = await sign_in(self, "cloud", self.door)
        except Exception as error:
            self.error = error


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GraphWorld]:
    with graph_world(tmp_path) as made:
        yield made


async def until(pilot, condition) -> None:
    for _n in range(200):
        await pilot.pause(0.05)
        if condition():
            return
    raise AssertionError(f"it did not come to that: {pilot.app.screen} {getattr(pilot.app, 'error', None)!r}")


async def test_the_screen_closes_when_the_code_was_typed(world: GraphWorld):
    app = Door(SignIn(settings_for(world)))
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, DeviceCodeDialog))
        code = app.screen._code
        await asyncio.to_thread(world.approve, code)
        await until(pilot, lambda: app.result is not None)
        assert (app.result, app.error) == (True, None)
        assert await app.door.signed_in() == ALICE.address


async def test_where_codes_are_blocked_the_other_way_opens_and_says_why(world: GraphWorld):
    world.server.sign_ins.block_device_code = True
    app = Door(SignIn(settings_for(world)))
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, DeviceCodeDialog))
        await asyncio.to_thread(world.approve, app.screen._code)
        await until(pilot, lambda: isinstance(app.screen, PasteAddressDialog))
        assert "AADSTS53003" in app.screen._problem
        pasted = await asyncio.to_thread(world.follow, app.screen._address)
        app.screen.query_one("#pasted").value = pasted
        await pilot.press("enter")
        await until(pilot, lambda: app.result is not None)
        assert (app.result, app.error) == (True, None)


async def test_a_wrong_address_is_said_and_asked_for_again(world: GraphWorld):
    app = Door(SignIn(settings_for(world)))
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, DeviceCodeDialog))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, PasteAddressDialog))
        app.screen.query_one("#pasted").value = "https://login.example.org/"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PasteAddressDialog) and app.screen._problem)
        assert "no code" in app.screen._problem


async def test_giving_up_keeps_nothing(world: GraphWorld):
    app = Door(SignIn(settings_for(world)))
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, DeviceCodeDialog))
        await pilot.press("escape")
        await until(pilot, lambda: app.result is not None)
        assert app.result is False
        assert not settings_for(world).tokens.exists()
