"""How many requests an action takes, and that a week of a large mailbox is there before the whole is."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.backends.mirror import MirrorStore
from core.calendar.span import TimeSpan
from core.sandbox.graph import bodies
from core.sandbox.graph.model import Item, new_id
from tests.contracts.calendar_store import make_event
from tests.core.backends.graph.conftest import PARIS, Account
from tests.core.backends.mirror.conftest import open_mirror
from tests.graph_world import GraphWorld

WEEK = TimeSpan(datetime(2026, 11, 23, tzinfo=PARIS), datetime(2026, 11, 30, tzinfo=PARIS))
LARGE = 10_000 if os.environ.get("PARTAGENDA_SOAK") else 2_000


def fill(world: GraphWorld, count: int) -> None:
    """So many events, one each two hours, half of them before 23 November 2026."""
    calendar = world.calendar()
    body = bodies.kept({"contentType": "text", "content": "notes " * 20})
    for number in range(count):
        start = datetime(2026, 11, 23, 8) + timedelta(hours=2 * number - count)
        facts = {"subject": f"Event {number}", "body": body, "showAs": "busy", "isAllDay": False}
        item = Item(new_id("E"), f"uid-{number}", facts, start, start + timedelta(minutes=45), "Romance Standard Time")
        item.created = item.modified = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
        calendar.items[item.id] = item


def counted(world: GraphWorld) -> list[str]:
    seen = list(world.server.requests)
    world.server.requests.clear()
    return seen


@pytest.mark.slow
async def test_a_week_of_a_large_mailbox_takes_few_requests_and_comes_first(
    account: Account, world: GraphWorld, tmp_path: Path
):
    world.server.observers.clear()  # all of its bodies are of the same two kinds
    fill(world, LARGE)
    default = (await account.calendars.calendars())[0].id
    counted(world)
    found = await account.calendars.window(default, WEEK)
    opening = counted(world)
    assert 80 <= len(found) <= 90
    assert len(opening) <= 6, opening
    store = open_mirror(tmp_path, account.calendars)
    whole = asyncio.create_task(store.refresh())
    begun = time.monotonic()
    while True:
        await asyncio.sleep(0.05)
        calendars = await store.calendars()
        if calendars and await store.entries([calendars[0].id], WEEK, PARIS):
            break
        assert time.monotonic() - begun < 60
    assert not whole.done(), "the week is there before the whole"
    await whole
    after = counted(world)
    assert len(await store.uids(calendars[0].id)) == LARGE
    assert len(after) <= 20 + LARGE // 50, len(after)
    if target := os.environ.get("PARTAGENDA_COUNTS"):
        with open(target, "a") as file:
            file.write(f"requests week={len(opening)} whole={len(after)} events={LARGE}\n")
    await store.close()


async def opened(account: Account, world: GraphWorld, base: Path, count: int = 300) -> tuple[MirrorStore, str]:
    fill(world, count)
    store = open_mirror(base, account.calendars)
    await store.refresh()
    counted(world)
    return store, (await store.calendars())[0].id


async def test_a_refresh_without_news_takes_three_requests(account: Account, world: GraphWorld, tmp_path: Path):
    store, _calendar = await opened(account, world, tmp_path)
    await store.refresh()
    assert len(counted(world)) <= 3
    await store.close()


async def test_an_edit_takes_two_requests(account: Account, world: GraphWorld, tmp_path: Path):
    store, calendar = await opened(account, world, tmp_path)
    etag = await store.put(calendar, make_event(), expected_etag=None)
    await store.pushed(20)
    made = counted(world)
    assert [line.partition(" ")[0] for line in made][:1] == ["POST"]
    await store.put(calendar, make_event(title="Dinner"), expected_etag=etag)
    await store.pushed(20)
    edited = [line.partition(" ")[0] for line in counted(world)]
    assert edited[:2] == ["GET", "PATCH"]
    assert len(edited) <= 3
    await store.close()


async def test_what_was_read_needs_no_server(account: Account, world: GraphWorld, tmp_path: Path):
    store, calendar = await opened(account, world, tmp_path)
    assert await store.entries([calendar], WEEK, PARIS) is not None
    assert await store.search(["Event"], [calendar], PARIS)
    assert counted(world) == []
    await store.close()
