"""A small app to push one screen on, the whole app over real services, the text that stands on the screen, and no
grace period (but in its own tests)."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen
from textual.worker import WorkerCancelled

from core.bootstrap import Services, open_services
from core.config.paths import Paths
from core.config.settings import load
from core.services.sources import Source
from tests.tui.office import Office, exchange, open_office

if TYPE_CHECKING:
    from tests.graph_world import GraphWorld

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 18, 10, 42, tzinfo=PARIS)
"""A Wednesday."""
OWN = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//example//test//EN\r
BEGIN:VEVENT\r
UID:standup@example.org\r
DTSTAMP:20261101T000000Z\r
DTSTART:20261118T080000Z\r
DTEND:20261118T083000Z\r
SUMMARY:Stand-up\r
LOCATION:Room 4\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:review@example.org\r
DTSTAMP:20261101T000000Z\r
DTSTART:20261118T130000Z\r
DTEND:20261118T150000Z\r
SUMMARY:Budget [/2026] review\r
X-MICROSOFT-CDO-BUSYSTATUS:OOF\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:next@example.org\r
DTSTAMP:20261101T000000Z\r
DTSTART:20261125T090000Z\r
DTEND:20261125T100000Z\r
SUMMARY:Planning\r
END:VEVENT\r
END:VCALENDAR\r
"""
TEAM = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//example//test//EN\r
BEGIN:VEVENT\r
UID:release@example.net\r
DTSTAMP:20261101T000000Z\r
DTSTART:20261119T090000Z\r
DTEND:20261119T110000Z\r
SUMMARY:Release\r
END:VEVENT\r
END:VCALENDAR\r
"""


class HeldClock:
    """Always the same Wednesday morning in Paris."""

    zone = PARIS

    def now(self) -> datetime:
        return NOW


class Stage(App[None]):
    """Shows one screen and keeps what it ended with."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, make: Callable[[], Screen[Any]]) -> None:
        super().__init__()
        self._make = make
        self.ended = False
        self.answer: Any = None
        self.copied: list[str] = []
        self.notices: list[str] = []

    def on_mount(self) -> None:
        self.animation_level = "none"
        self.push_screen(self._make(), self._end)

    def _end(self, answer: Any) -> None:
        self.ended, self.answer = True, answer

    def notify(self, message: str, **more: Any) -> None:
        self.notices.append(message)
        super().notify(message, **more)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)
        super().copy_to_clipboard(text)


def screen_text(app: App[Any]) -> str:
    """What stands on the screen, line by line, without colour."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


@pytest.fixture
def shown() -> Callable[[App[Any]], str]:
    return screen_text


@pytest.fixture
def stage():
    """`async with stage(make, size=…) as (app, pilot)`: the screen is mounted and settled."""

    @asynccontextmanager
    async def open_stage(make: Callable[[], Screen[Any]], size: tuple[int, int] = (80, 24)):
        app = Stage(make)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield app, pilot

    return open_stage


@pytest.fixture
async def empty_services(own_home: Path) -> AsyncIterator[Services]:
    """Real services on a fresh machine: no configuration, no calendar."""
    services = open_services(load(), Paths.from_env(), HeldClock())
    yield services
    await services.close()


def on_microsoft365(world: GraphWorld) -> Services:
    """Real services whose only account, `cloud`, is Alice's on that server; she has not signed in yet."""
    from tests.graph_world import CLIENT

    paths = Paths.from_env()
    paths.config.mkdir(parents=True)
    (paths.config / "config.toml").write_text(
        '[me]\naddress = "alice@example.org"\n[accounts.cloud]\ntype = "microsoft365"\n'
        f'client_id = "{CLIENT}"\ntenant = "example.org"\nserver = "{world.server.url}"\nca = "{world.ca}"\n'
    )
    return open_services(load(), paths, HeldClock())


@pytest.fixture
async def services(empty_services: Services) -> Services:
    """Real services over a vdir with two calendars: “Calendar” (the default one) and “Team”."""
    library = empty_services.library
    for name, data in (("Calendar", OWN), ("Team", TEAM)):
        info = await library.create(name)
        await library.import_sources([Source(name, data=data)], into=info.id)
        if name == "Calendar":
            await library.set_default(info.id)
    return empty_services


@pytest.fixture
async def office(own_home: Path, tmp_path: Path) -> AsyncIterator[Office]:
    """Alice's services over the sandbox's Exchange; her mailbox is empty, and was not read yet."""
    with exchange(tmp_path) as server:
        found = open_office(server, HeldClock())
        yield found
        server.faults.clear()
        await found.services.close()


@pytest.fixture
def whole_app():
    """`async with whole_app(services, size=…) as (app, pilot)`: the app, its first week read and shown."""

    @asynccontextmanager
    async def open_app(services: Services, size: tuple[int, int] = (120, 40), *, theme: str = "", keys=None, **more):
        from tui.app import PartagendaApp

        ui = dataclasses.replace(services.settings.ui, theme=theme)
        settings = dataclasses.replace(services.settings, ui=ui, keys=keys or {})
        app = PartagendaApp(dataclasses.replace(services, settings=settings), **more)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settled(app, pilot)
            yield app, pilot

    return open_app


ASKING = ("flow", "edit", "act", "leave", "repetition", "attachments", "attach", "around")
"""Groups of workers that wait for the answer of a dialog, or for a moment of quiet."""


async def settled(app: App[Any], pilot: Any) -> None:
    """Workers done, messages handled, screen drawn."""
    await pilot.pause()
    for _step in range(400):  # a change that is under way; one that asks something has a dialog above
        running = {worker.group for worker in app.workers if worker.is_running}
        if not running & {"edit", "act"} or (len(app.screen_stack) > 1 and "act" not in running):
            break
        await pilot.pause(0.01)
    while busy := [worker for worker in app.workers if worker.group not in ASKING and not worker.is_finished]:
        with suppress(WorkerCancelled):  # a newer one of its group has taken its place, and is waited for next
            await app.workers.wait_for_complete(busy)
    await pilot.pause()


@pytest.fixture
def press():
    """Press keys and wait until everything they started is done (dialogs stay open)."""

    async def press_keys(app: App[Any], pilot: Any, *keys: str) -> str:
        for key in keys:
            await pilot.press(key)
            await settled(app, pilot)
        return screen_text(app)

    return press_keys


@pytest.fixture(scope="session", autouse=True)
def style_sheets_are_parsed_once() -> Iterator[None]:
    """Every app parses some eighty style sheets anew; here the next app gets what the last one made of the same text.

    A sixth of a screen test's time. Textual keeps parsed sheets in the same way, but for each app alone.
    """
    parse, kept = Stylesheet._parse_rules, dict[object, list[RuleSet]]()

    def parse_rules(self: Stylesheet, *text: Any, **more: Any) -> list[RuleSet]:
        key = (text, tuple(more.items()), tuple(self._variables.items()))
        if key not in kept:
            kept[key] = parse(self, *text, **more)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_rules)
        yield


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tests press keys at once, which people do not."""
    import tui.screens.grace as grace

    monkeypatch.setattr(grace, "SECONDS", 0.0)
    yield
