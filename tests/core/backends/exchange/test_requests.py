"""How many requests an action costs, and that the week somebody waits for is there before the whole calendar."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.mirror import MirrorStore
from core.calendar.event import CalendarObject, Event
from core.calendar.span import TimeSpan
from core.sandbox.exchange.convert import store_object
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.http import Break, Fault
from tests.core.backends.exchange.conftest import open_mirror

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 23, 12, tzinfo=PARIS)
WEEK = TimeSpan(NOON - timedelta(days=1), NOON + timedelta(days=6))
LARGE = 10_000 if os.environ.get("PARTAGENDA_SOAK") else 600
"""Two pages of SyncFolderItems; `make soak` reads twenty."""


def appointment(number: int) -> CalendarObject:
    """One an hour, so that a week around NOON has some and the year the others."""
    start = NOON + timedelta(hours=7 * (number - LARGE // 2))
    event = Event(f"{number}@example.org", start, start + timedelta(hours=1), f"Appointment {number}")
    return CalendarObject(event.uid, (event,))


def fill(server: ExchangeServer, count: int) -> None:
    folder = server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    with server.organisation.lock:
        for number in range(count):
            store_object(server.organisation, folder, appointment(number))


def asked(server: ExchangeServer) -> dict[str, int]:
    counts = dict(Counter(server.counts))
    server.counts.clear()
    return counts


@pytest.fixture
async def large(server: ExchangeServer, remote, tmp_path: Path) -> AsyncIterator[MirrorStore]:
    fill(server, LARGE)
    store = open_mirror(tmp_path / "home", remote)
    yield store
    await store.close()


async def titles(store: MirrorStore) -> list[str]:
    infos = await store.calendars()
    return [entry.title for info in infos for entry in await store.entries([info.id], WEEK, PARIS)]


@pytest.mark.slow
async def test_the_week_is_there_before_the_whole_is_read(server: ExchangeServer, large: MirrorStore):
    server.faults.add(Fault(Break.DELAY, lambda request: b":SyncFolderItems" in request.body, times=1, seconds=3.0))
    seen: list[int] = []
    arrived = asyncio.Event()

    def news() -> None:
        seen.append(server.counts["SyncFolderItems"])
        arrived.set()

    large.watch(news)
    whole = asyncio.ensure_future(large.refresh())
    while not (week := await titles(large)):
        await arrived.wait()
        arrived.clear()
    assert not whole.done()
    assert server.counts["GetItem"] <= 2
    await whole
    assert await titles(large) == week
    assert [info.events for info in await large.calendars()] == [LARGE]


@pytest.mark.slow
async def test_reading_a_large_calendar_the_first_time_costs_few_requests(server: ExchangeServer, large: MirrorStore):
    await large.refresh()
    first = asked(server)
    assert first["SyncFolderItems"] == 1 + LARGE // 512
    assert first["GetItem"] <= 2 + LARGE // 100 + first["SyncFolderItems"]
    assert {name: count for name, count in first.items() if name not in ("SyncFolderItems", "GetItem")} == {
        "GetFolder": 1,
        "FindFolder": 1,
        "FindItem": 1,
    }


@pytest.mark.slow
async def test_opening_a_week_of_a_large_calendar_asks_nothing(server: ExchangeServer, large: MirrorStore):
    await large.refresh()
    asked(server)
    assert await titles(large)
    assert asked(server) == {}


@pytest.mark.slow
async def test_a_week_that_is_not_read_yet_costs_two_requests(server: ExchangeServer, remote, tmp_path: Path):
    fill(server, LARGE)
    calendar = (await remote.calendars())[0].id
    asked(server)
    assert await remote.window(calendar, WEEK)
    assert asked(server) == {"FindItem": 1, "GetItem": 1}


async def test_one_edit_is_one_request(server: ExchangeServer, store: MirrorStore):
    calendar = (await store.calendars())[0].id
    asked(server)
    etag = await store.put(calendar, appointment(1), expected_etag=None)
    await store.pushed(20)
    assert asked(server) == {"CreateItem": 1}
    changed = CalendarObject("1@example.org", (Event("1@example.org", NOON, NOON + timedelta(hours=1), "Other"),))
    etag = await store.put(calendar, changed, expected_etag=etag)
    await store.pushed(20)
    assert asked(server) == {"UpdateItem": 1}
    await store.delete(calendar, "1@example.org", expected_etag=etag)
    await store.pushed(20)
    assert asked(server) == {"GetItem": 1, "DeleteItem": 1}


async def test_a_refresh_without_news_is_three_requests(server: ExchangeServer, store: MirrorStore):
    asked(server)
    await store.refresh()
    assert asked(server) == {"GetFolder": 1, "FindFolder": 1, "SyncFolderItems": 1}


async def test_a_refresh_after_ones_own_edit_fetches_nothing_again(server: ExchangeServer, store: MirrorStore):
    calendar = (await store.calendars())[0].id
    await store.put(calendar, appointment(1), expected_etag=None)
    await store.pushed(20)
    asked(server)
    await store.refresh()
    assert asked(server) == {"GetFolder": 1, "FindFolder": 1, "SyncFolderItems": 1}


async def test_typing_changes_of_one_event_quickly_sends_the_last_one(server: ExchangeServer, store: MirrorStore):
    calendar = (await store.calendars())[0].id
    server.faults.add(Fault(Break.DELAY, seconds=0.5))
    etag: str | None = None
    for title in ("a", "b", "c", "d"):
        event = Event("1@example.org", NOON, NOON + timedelta(hours=1), title)
        etag = await store.put(calendar, CalendarObject(event.uid, (event,)), expected_etag=etag)
    await store.pushed(20)
    folder = server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
    assert [item.text("Subject") for item in folder.items.values()] == ["d"]
    assert sum(asked(server).get(name, 0) for name in ("CreateItem", "UpdateItem")) <= 3
