"""An account of Microsoft 365 on the command line: added, signed in by a code, checked, read, signed out."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.backends.graph.signin import SignIn
from tests.core.backends.graph.conftest import settings_for
from tests.days import today_in_paris
from tests.graph_world import CLIENT, GraphWorld, graph_world
from tests.tui.cli.conftest import Run
from tui.cli.context import Context
from tui.cli.output import Output
from tui.cli.signing_in import _sign_in


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GraphWorld]:
    with graph_world(tmp_path, day=today_in_paris()) as made:
        yield made


def settings(world: GraphWorld) -> list[str]:
    values = {"client_id": CLIENT, "tenant": "example.org", "server": world.server.url, "ca": str(world.ca)}
    return [f"{name}={value}" for name, value in values.items()]


class Browser(threading.Thread):
    """Types each code that the server gives out, as a person would on another device."""

    def __init__(self, world: GraphWorld) -> None:
        super().__init__(daemon=True)
        self.world, self.ended = world, False

    def run(self) -> None:
        while not self.ended:
            for device in list(self.world.server.sign_ins.devices.values()):
                if device.person is None:
                    self.world.approve(device.user_code)
            time.sleep(0.1)


@pytest.fixture
def browser(world: GraphWorld) -> Iterator[Browser]:
    made = Browser(world)
    made.start()
    yield made
    made.ended = True
    made.join(5)


def test_an_account_is_added_signed_in_read_and_signed_out(
    run: Run, world: GraphWorld, browser: Browser, own_home: Path
):
    assert run("account", "add", "cloud", "--type", "microsoft365", "--set", *settings(world)).code == 0
    answer = run("account", "check", "cloud")
    assert answer.code == 0, answer.err
    assert re.search(r"^ +[A-Z0-9]{9}$", answer.err, re.MULTILINE)
    assert answer.out.startswith("cloud: Microsoft 365 · alice@example.org")
    calendars = run("calendars", "--refresh", "--json").json
    assert [(one["account"], one["kind"]) for one in calendars if one["account"] == "cloud"][:1] == [
        ("cloud", "microsoft365")
    ]
    assert run("agenda", "--json").json
    kept = [path for path in own_home.rglob("*") if path.is_file() and b"sandbox-access-" in path.read_bytes()]
    assert [path.name for path in kept] == ["cloud.json"]
    assert json.loads(run("account", "sign-out", "cloud", "--json").out) == {"name": "cloud", "removed": True}
    assert not kept[0].exists()


def test_without_signing_in_reading_says_how(run: Run, world: GraphWorld):
    run("account", "add", "cloud", "--type", "microsoft365", "--set", *settings(world))
    answer = run("sync")
    assert "account check cloud" in answer.err


def test_an_account_needs_an_app_of_its_own(run: Run):
    answer = run("account", "add", "cloud", "--type", "microsoft365", "--set", "tenant=common")
    assert answer.code == 1
    assert "client_id" in answer.err


def test_publishing_there_is_told_in_steps(run: Run, world: GraphWorld, browser: Browser):
    run("account", "add", "cloud", "--type", "microsoft365", "--set", *settings(world))
    run("account", "check", "cloud")
    name = run("calendars", "--refresh", "--json").json[0]["name"]
    answer = run("publish", name, "--to", "exchange", "--yes")
    assert answer.code == 3
    assert "no program" in answer.out
    assert "outlook.office.com" in answer.out
    assert f"“{name}”" in answer.out
    assert "WebDAV" in answer.out


class Pasting:
    """A door through which codes are not let, and a terminal in which the person pastes what the browser shows."""

    def __init__(self, world: GraphWorld, door) -> None:
        self.world, self.door, self.address = world, door, ""

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self.world.follow(self.address) + "\n"

    async def begin_device(self):
        return await self.door.begin_device()

    async def finish_device(self, code):
        return await self.door.finish_device(code)

    async def begin_code(self):
        found = await self.door.begin_code()
        self.address = found.address
        return found

    async def finish_code(self, address, pasted: str) -> str:
        return await self.door.finish_code(address, pasted)


async def test_where_codes_are_blocked_an_address_is_pasted(world: GraphWorld, browser: Browser, monkeypatch):
    world.server.sign_ins.block_device_code = True
    out, err = io.StringIO(), io.StringIO()
    context = Context(None, None, None, Output(out=out, err=err))
    pasting = Pasting(world, SignIn(settings_for(world)))
    monkeypatch.setattr("sys.stdin", pasting)
    await _sign_in(context, pasting)
    assert pasting.address in err.getvalue()
    assert "Signed in as alice@example.org." in err.getvalue()
    assert out.getvalue() == ""
