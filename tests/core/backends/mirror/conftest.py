"""A mirror over a server in memory, opened as another process would open it again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.mirror import MirrorStore
from core.config.roots import account_folder
from core.index.session import IndexSession
from tests.core.backends.mirror.memory_server import MemoryRemote

PARIS = ZoneInfo("Europe/Paris")


class StillClock:
    """22 November 2026, 10:00 in Paris."""

    @property
    def zone(self) -> tzinfo:
        return PARIS

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 10, tzinfo=PARIS)


def open_mirror(base: Path, remote) -> MirrorStore:
    folder = account_folder(str(base / "data"), remote.account)
    index = IndexSession(str(base / "cache" / "index.sqlite3"), [(remote.account, f"{folder}/*")])
    return MirrorStore(remote, index, StillClock(), data=base / "data", state=base / "state")


@pytest.fixture
def remote() -> MemoryRemote:
    return MemoryRemote()


@pytest.fixture
async def open_store(tmp_path: Path, remote: MemoryRemote) -> AsyncIterator[Callable[[], MirrorStore]]:
    opened: list[MirrorStore] = []

    def make() -> MirrorStore:
        opened.append(open_mirror(tmp_path, remote))
        return opened[-1]

    yield make
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: Callable[[], MirrorStore]) -> MirrorStore:
    store = open_store()
    await store.refresh()
    return store


@pytest.fixture
async def calendar(store: MirrorStore) -> str:
    return (await store.create("Work")).id
