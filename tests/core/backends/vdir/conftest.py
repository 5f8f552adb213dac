"""A vdir store in a folder of its own, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.vdir import VdirStore
from core.index.session import IndexSession

PARIS = ZoneInfo("Europe/Paris")


class StillClock:
    """22 November 2026, 10:00 in Paris."""

    @property
    def zone(self) -> tzinfo:
        return PARIS

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 10, tzinfo=PARIS)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def open_store(tmp_path: Path, clock: StillClock) -> Callable[[], VdirStore]:
    """Opens the same folders each time, as another process would."""

    def opened() -> VdirStore:
        home = tmp_path / "data" / "calendars"
        index = IndexSession(str(tmp_path / "cache" / "index.sqlite3"), [("local", f"{home}/*")])
        return VdirStore("local", index, clock, home=home, data=tmp_path / "data", state=tmp_path / "state")

    return opened


@pytest.fixture
def store(open_store: Callable[[], VdirStore]) -> VdirStore:
    return open_store()


@pytest.fixture
async def calendar(store: VdirStore) -> str:
    """The id of an empty calendar."""
    return (await store.create("Work")).id


@pytest.fixture
def folder(tmp_path: Path, calendar: str) -> Path:
    """Where that calendar's files are."""
    return tmp_path / "data" / "calendars" / calendar.partition("/")[2]
