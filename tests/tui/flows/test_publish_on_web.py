"""Publish Online for a calendar of Microsoft 365: the steps of Outlook on the web, no command that nobody can run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from textual.app import App

from core.bootstrap import Services
from tests.graph_world import GraphWorld, graph_world
from tests.tui.conftest import on_microsoft365
from tui.flows.publishing_exchange import publish_of_server
from tui.screens.publish_on_web import PublishOnWebDialog


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GraphWorld]:
    with graph_world(tmp_path) as made:
        yield made


@pytest.fixture
async def mine(own_home: Path, world: GraphWorld) -> AsyncIterator[Services]:
    services = on_microsoft365(world)
    door = services.sign_in("cloud")
    code = await door.begin_device()
    waiting = asyncio.create_task(door.finish_device(code))
    await asyncio.to_thread(world.approve, code.code)
    await waiting
    yield services
    await services.close()


async def test_the_steps_are_shown_and_leaving_publishes_nothing(mine: Services):
    await mine.accounts.refresh()
    (info,) = [one for one in await mine.library.calendars() if one.account == "cloud"]
    app: App[None] = App()
    async with app.run_test() as pilot:
        worker = app.run_worker(publish_of_server(app, mine, info))
        for _step in range(400):
            await pilot.pause(0.02)
            if isinstance(app.screen, PublishOnWebDialog):
                break
        assert isinstance(app.screen, PublishOnWebDialog)
        await pilot.press("escape")
        await worker.wait()
    assert not (await mine.exchange_publishing.links(info)).ics
