"""Real services over a fresh folder: a vdir with events, a mail program that keeps what it is given."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from textual.app import App

from core.bootstrap import Services, open_services
from core.config.paths import Paths
from core.config.settings import load
from core.services.sources import Source

ICS = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Test//EN\r
BEGIN:VEVENT\r
UID:one@example.org\r
DTSTAMP:20261101T000000Z\r
DTSTART:20261122T140000Z\r
DTEND:20261122T150000Z\r
SUMMARY:Budget of the secret project\r
LOCATION:Room 4\r
END:VEVENT\r
END:VCALENDAR\r
"""


class StillClock:
    @property
    def zone(self) -> tzinfo:
        return ZoneInfo("Europe/Paris")

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 9, tzinfo=UTC).astimezone(self.zone)


class World:
    """A person's machine: services, their folders, and the messages that left."""

    def __init__(self, root: Path, *, account: bool) -> None:
        self.root = root
        self.mail = root / "mail"
        self.mail.mkdir()
        script = root / "sendmail"
        script.write_text(f'#!/bin/sh\ncat > "{self.mail}/$$.eml"\n')
        script.chmod(0o700)
        config = root / "config.toml"
        lines = ['[me]\nname = "Alice Martin"\naddress = "alice@example.org"\ntime_zone = "Europe/Paris"\n']
        if account:
            lines.append(f'[accounts.mail]\ntype = "sendmail"\ncommand = ["{script}", "-t", "-i"]\n')
        config.write_text("".join(lines))
        config.chmod(0o600)
        self.services: Services = open_services(load(config), Paths.below(root), StillClock())

    async def calendar(self) -> str:
        """A calendar with one event, this afternoon."""
        await self.services.library.import_sources([Source("work.ics", ICS)], name="Work")
        return (await self.services.library.find("Work")).id

    @property
    def sent(self) -> list[bytes]:
        """The messages that left."""
        return [path.read_bytes() for path in sorted(self.mail.iterdir())]


class FlowApp(App[None]):
    """Runs one flow in a worker, as the home screen does."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, flow) -> None:
        super().__init__()
        self._flow = flow
        self.notices: list[str] = []
        self.over = False

    def on_mount(self) -> None:
        self.animation_level = "none"
        self.run_worker(self._run(), exit_on_error=False)

    async def _run(self) -> None:
        await self._flow(self)
        self.over = True

    def notify(self, message, **more) -> None:
        self.notices.append(message)
        super().notify(message, **more)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, account=True)


@pytest.fixture
def without_account(tmp_path: Path) -> World:
    return World(tmp_path, account=False)


@pytest.fixture
def running():
    """`async with running(flow) as (app, pilot, until)`; `until(kind)` waits for a screen, `until(None)` for the end"""

    @asynccontextmanager
    async def run(flow, size=(100, 32)):
        app = FlowApp(flow)
        async with app.run_test(size=size) as pilot:

            async def until(kind) -> None:
                for _step in range(200):
                    if app.over if kind is None else isinstance(app.screen, kind):
                        await pilot.pause()
                        return
                    await pilot.pause(0.05)
                raise AssertionError(f"{app.screen} instead of {kind}; notices: {app.notices}")

            yield app, pilot, until

    return run
