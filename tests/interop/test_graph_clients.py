"""python-o365 (PyPI) on the sandbox's Microsoft Graph: a client that nobody here wrote reads and writes there.

DavMail has a Graph client from 6.8 on and Debian has 6.0; Thunderbird's in Debian reads mail folders over Graph and no
calendars, and signs in at Microsoft only. So neither of the two can be asked here.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from core.backends.mirror import MirrorStore
from core.calendar.span import TimeSpan
from core.sandbox.people import ALICE, BRUNO
from tests.core.backends.graph.conftest import Account
from tests.core.backends.mirror.conftest import open_mirror
from tests.graph_world import GraphWorld, graph_world
from tests.interop.peers import PARIS, PEERS, plain_env, run

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        not any(PEERS.glob("lib/python3*/site-packages/O365")),
        reason="python-o365 is not installed (make interop does)",
    ),
]
DRIVER = Path(__file__).with_name("o365_driver.py")
WEEK = TimeSpan(datetime(2026, 11, 22, tzinfo=PARIS), datetime(2026, 11, 29, tzinfo=PARIS))
MEETING = {
    "subject": "Bruno is busy",
    "start": {"dateTime": "2026-11-24T12:00:00", "timeZone": "Europe/Paris"},
    "end": {"dateTime": "2026-11-24T14:00:00", "timeZone": "Europe/Paris"},
}


def driven(world: GraphWorld, home: Path) -> dict[str, object]:
    env = plain_env(home) | {"REQUESTS_CA_BUNDLE": str(world.ca)}
    said = run([PEERS / "bin" / "python", DRIVER, world.server.url, world.ca, world.token()], env=env)
    return json.loads(said)


async def test_what_another_client_does_is_there_and_is_read_by_us(tmp_path: Path):
    with graph_world(tmp_path) as world:
        checker = world.server.observers[0] if world.server.observers else None
        world.client(BRUNO).post("/me/events", json=MEETING)
        told = driven(world, tmp_path)
        assert (told["calendars"], told["saved"], told["changed"], told["deleted"]) == (["Calendar"], True, True, True)
        assert told["view"] == [
            ["2026-11-23T09:00:00+01:00", "Made by another program", "Room 4"],
            ["2026-11-24T09:00:00+01:00", "Moved", "Room 4"],
            ["2026-11-26T09:00:00+01:00", "Made by another program", "Room 4"],
            ["2026-11-27T09:00:00+01:00", "Made by another program", "Room 4"],
        ]
        assert (told["busy"], told["sent"], told["inbox"]) == (2, True, [])
        assert b"By another program" in world.mail(BRUNO)[0]
        await _read_by_us(Account(world, ALICE), tmp_path)
        if checker is not None:  # its own requests are looser than the schema: `HTML` for `html`, "false" for false
            checker.wrong = [text for text in checker.wrong if " ?" not in text]


async def _read_by_us(account: Account, base: Path) -> None:
    store: MirrorStore = open_mirror(base, account.calendars)
    await store.refresh()
    (calendar,) = [info.id for info in await store.calendars()]
    entries = await store.entries([calendar], WEEK, PARIS)
    assert [(entry.start.day, entry.title) for entry in entries] == [
        (23, "Made by another program"),
        (24, "Moved"),
        (26, "Made by another program"),
        (27, "Made by another program"),
    ]
    await store.close()
