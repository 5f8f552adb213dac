"""Open from Internet and Subscription, by keys, against a server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from textual.widgets import Input

from core.errors import UsageError
from core.ports.calendars import CalendarKind
from core.sandbox.http import Answer
from tests.core.backends.feed.scripted import ICS, ScriptedServer, calendar
from tests.tui.conftest import settled
from tui.screens.confirm import ConfirmDialog
from tui.screens.home import HomeScreen
from tui.screens.open_from_internet import OpenFromInternetDialog
from tui.screens.subscription import SubscriptionDialog


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as found:
        found.pages["/a.ics"] = Answer(200, calendar(8), ICS)
        yield found


async def until(pilot, kind) -> None:
    for _step in range(200):
        if isinstance(pilot.app.screen, kind):
            await pilot.pause()
            return
        await pilot.pause(0.05)
    raise AssertionError(f"{pilot.app.screen} instead of {kind}")


async def waiting(pilot, true) -> None:
    for _step in range(200):
        await pilot.pause(0.05)
        if true():
            return
    raise AssertionError(true)


def another(app, before) -> bool:
    return app.screen is not before and isinstance(app.screen, OpenFromInternetDialog)


async def subscribe(app, pilot, address: str) -> None:
    """Press B, type the address, agree to this machine."""
    await pilot.press("B")
    await until(pilot, OpenFromInternetDialog)
    app.screen.query_one("#address", Input).value = address
    await pilot.press("enter")
    await until(pilot, ConfirmDialog)
    await pilot.press("f")
    await until(pilot, HomeScreen)
    await waiting(pilot, lambda: any(info.kind is CalendarKind.FEED for info in app.home.calendars))
    await settled(app, pilot)


def feeds(app) -> list:
    return [info for info in app.home.calendars if info.kind is CalendarKind.FEED]


def rows(app) -> str:
    return "\n".join(row.text for row in app.home.list.rows)


async def test_a_calendar_is_added_by_its_address_and_stands_in_the_other_pane(world, whole_app, server) -> None:
    await world.calendar()
    async with whole_app(world.services) as (app, pilot):
        await subscribe(app, pilot, f"{server.url}/a.ics")
        assert app.home.other.info.name == "Team"
        assert "as of 10:00 AM" in rows(app)
        assert not app.home.other.info.can.write


async def test_without_the_second_yes_nothing_is_fetched_from_a_private_network(world, whole_app, server) -> None:
    await world.calendar()
    async with whole_app(world.services) as (app, pilot):
        await pilot.press("B")
        await until(pilot, OpenFromInternetDialog)
        app.screen.query_one("#address", Input).value = f"{server.url}/a.ics"
        await pilot.press("enter")
        await until(pilot, ConfirmDialog)
        await pilot.press("escape")
        await until(pilot, OpenFromInternetDialog)
        assert "inside a private network" in str(app.screen.query_one("#dialog-error").render())
        assert app.screen.query_one("#address", Input).value == f"{server.url}/a.ics", "what was typed is not lost"
        assert server.asked == []


async def test_what_is_no_address_is_said_in_the_dialog(world, whole_app) -> None:
    await world.calendar()
    async with whole_app(world.services, size=(80, 24)) as (app, pilot):
        await pilot.press("B")
        await until(pilot, OpenFromInternetDialog)
        await pilot.press("enter")
        await pilot.pause()
        assert "Type the address of the calendar. Write it as" in str(app.screen.query_one("#dialog-error").render())
        for typed in ("file:///etc/passwd", "hello"):
            app.screen.query_one("#address", Input).value = typed
            await pilot.press("enter")
            await pilot.pause()
            assert "no address of a calendar" in str(app.screen.query_one("#dialog-error").render())
        await pilot.press("escape")
        await until(pilot, HomeScreen)


async def test_a_server_that_fails_at_once_is_said_in_the_dialog_whenever_it_comes_back(
    world, whole_app, monkeypatch
) -> None:
    """The dialog before may be on its way out still; how far it is depends on how quick the answer is."""
    await world.calendar()
    moments = iter(range(40))

    async def refuse(*_address: object, **_more: object) -> None:
        for _moment in range(next(moments)):
            await asyncio.sleep(0)
        raise UsageError("Nobody answers there.")

    monkeypatch.setattr(type(world.services.subscriptions), "subscribe", refuse)
    async with whole_app(world.services, size=(80, 24)) as (app, pilot):
        await pilot.press("B")
        await until(pilot, OpenFromInternetDialog)
        app.screen.query_one("#address", Input).value = "https://localhost:9/a.ics"
        for _time in range(40):
            before = app.screen
            await pilot.press("enter")
            await waiting(pilot, partial(another, app, before))
            assert "Nobody answers there." in str(app.screen.query_one("#dialog-error").render())
        await pilot.press("escape")


async def test_r_fetches_what_changed(world, whole_app, server) -> None:
    await world.calendar()
    async with whole_app(world.services) as (app, pilot):
        await subscribe(app, pilot, f"{server.url}/a.ics")
        server.pages["/a.ics"] = Answer(200, calendar(9), ICS)
        await pilot.press("r")
        await waiting(pilot, lambda: feeds(app)[0].events == 9)


async def test_a_failure_is_shown_at_the_calendar_and_the_copy_stays(world, whole_app, server) -> None:
    await world.calendar()
    async with whole_app(world.services) as (app, pilot):
        await subscribe(app, pilot, f"{server.url}/a.ics")
        server.pages["/a.ics"] = Answer(500)
        await pilot.press("r")
        await waiting(pilot, lambda: feeds(app)[0].offline)
        assert "127.0.0.1 failed (500)" in rows(app)
        assert feeds(app)[0].events == 8


async def test_what_is_due_is_fetched_while_the_app_is_open(world, whole_app, server, monkeypatch) -> None:
    await world.calendar()
    async with whole_app(world.services) as (app, pilot):
        await subscribe(app, pilot, f"{server.url}/a.ics")
        server.pages["/a.ics"] = Answer(200, calendar(9), ICS)
        app.home._minute()
        await settled(app, pilot)
        assert feeds(app)[0].events == 8, "its time has not come"
        later = app.services.clock.now() + timedelta(hours=2)
        monkeypatch.setattr(type(app.services.clock), "now", lambda _clock: later)
        app.home._minute()
        await waiting(pilot, lambda: feeds(app)[0].events == 9)


async def test_a_smaller_calendar_is_asked_about_and_taken(world, whole_app, server) -> None:
    await world.calendar()
    async with whole_app(world.services) as (app, pilot):
        await subscribe(app, pilot, f"{server.url}/a.ics")
        server.pages["/a.ics"] = Answer(200, calendar(0), ICS)
        await pilot.press("r")
        await waiting(pilot, lambda: "much smaller" in feeds(app)[0].offline)
        assert feeds(app)[0].events == 8
        await pilot.press("tab")
        await pilot.press("y")
        await until(pilot, SubscriptionDialog)
        assert "It had 8 events, and now has 0 events." in str(app.screen.query_one("#problem").render())
        await pilot.click("#take")
        await waiting(pilot, lambda: feeds(app)[0].events == 0)


async def test_the_interval_is_changed_and_the_subscription_stopped(world, whole_app, server) -> None:
    await world.calendar()
    async with whole_app(world.services, size=(80, 24)) as (app, pilot):
        await subscribe(app, pilot, f"{server.url}/a.ics")
        await pilot.press("y")
        await until(pilot, SubscriptionDialog)
        await pilot.press("right", "right", "enter")
        await until(pilot, HomeScreen)
        await settled(app, pilot)
        assert (await app.services.subscriptions.find("Team")).every.total_seconds() == 1800
        await pilot.press("y")
        await until(pilot, SubscriptionDialog)
        await pilot.press("s")
        await until(pilot, ConfirmDialog)
        await pilot.press("s")
        await waiting(pilot, lambda: not feeds(app))


async def test_a_calendar_of_ones_own_has_no_subscription(world, whole_app) -> None:
    await world.calendar()
    async with whole_app(world.services) as (app, pilot):
        await pilot.press("y")
        await settled(app, pilot)
        assert isinstance(app.screen, HomeScreen)
        assert "Only a calendar from the internet" in str(app.home.status.message)


async def test_bytes_that_were_fetched_are_looked_at_and_kept(world, whole_app) -> None:
    from core.services.sources import Source

    await world.calendar()
    found = Source("webcal://example.org/a.ics", data=calendar(3), key="webcal://example.org/a.ics")
    async with whole_app(replace(world.services), opened=[found]) as (app, _pilot):
        assert app.home.other.info.kind is CalendarKind.FILE
        assert app.home.other.info.name == "Team"
