from __future__ import annotations

import asyncio

import pytest

from core.errors import Cancelled, UsageError
from tui.flows.working import working
from tui.screens.working import WorkingDialog


async def test_quick_work_shows_nothing(running):
    found = []

    async def flow(app):
        async def quick():
            found.append(app.screen)
            return 1

        found.append(await working(app, "Preparing…", quick()))

    async with running(flow) as (_app, _pilot, until):
        await until(None)
        assert found[1] == 1 and not isinstance(found[0], WorkingDialog)


async def test_long_work_says_so_in_still_text_and_escape_stops_it(running, shown):
    seen = []

    async def flow(app):
        with pytest.raises(Cancelled):
            await working(app, "Preparing…", asyncio.sleep(3600))
        seen.append(app.screen)

    async with running(flow) as (app, pilot, until):
        await until(WorkingDialog)
        assert "Preparing…" in shown(app)
        await pilot.press("escape")
        await until(None)
        assert not isinstance(seen[0], WorkingDialog)


async def test_work_that_ends_takes_its_dialog_away(running):
    done = asyncio.Event()

    async def flow(app):
        async def slow():
            await done.wait()

        await working(app, "Preparing…", slow())

    async with running(flow) as (app, pilot, until):
        await until(WorkingDialog)
        done.set()
        await until(None)
        await pilot.pause()
        assert not isinstance(app.screen, WorkingDialog)


async def test_an_error_of_the_work_is_the_error_of_the_wait(running):
    async def flow(app):
        async def wrong():
            raise UsageError("no")

        with pytest.raises(UsageError, match="no"):
            await working(app, "Preparing…", wrong())

    async with running(flow) as (_app, _pilot, until):
        await until(None)
