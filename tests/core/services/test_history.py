"""The journal of changes."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import StorageError
from core.language import use_language
from core.services import history as module
from core.services.history import Action, Change, Doing, Facts, History, State

WHEN = datetime(2026, 11, 22, 9, tzinfo=UTC)
CHANGE = Change("local/home", "uid", None, b"after")


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "data" / "history.sqlite3")


def begun(history: History, title: str = "Lunch") -> int:
    return history.begin(Facts(Action.ADD, title, "Home"), [CHANGE], WHEN)


def test_what_was_begun_and_not_ended_is_found_with_its_bytes(history: History) -> None:
    begun(history)
    assert [(entry.doing, entry.changes) for entry in history.cut_off()] == [(Doing.DO, (CHANGE,))]


def test_what_is_complete_is_what_undo_takes(history: History) -> None:
    history.complete(begun(history))
    entry = history.last_done()
    assert entry is not None and (entry.facts.title, entry.when, history.cut_off()) == ("Lunch", WHEN, [])


def test_undone_changes_are_done_again_from_the_oldest(history: History) -> None:
    numbers = [begun(history, title) for title in ("One", "Two")]
    for number in numbers:
        history.complete(number)
    for number in reversed(numbers):
        history.settle(number, State.UNDONE)
    entry = history.next_undone()
    assert entry is not None and entry.facts.title == "One"


def test_only_the_last_thousand_are_kept(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    for n in range(5):
        history.complete(begun(history, str(n)))
    assert [entry.facts.title for entry in history.entries()] == ["4", "3", "2"]


def test_large_changes_push_older_ones_out_but_never_themselves(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 12)
    for title in ("One", "Two", "Three"):
        history.complete(begun(history, title))  # five bytes each
    kept = [entry.facts.title for entry in history.entries()]
    history.begin(Facts(Action.ADD, "Huge", "Home"), [Change("local/home", "uid", None, b"x" * 99)], WHEN)
    assert (kept, [entry.facts.title for entry in history.entries()]) == (["Three", "Two"], ["Huge"])


def test_reading_a_history_that_is_not_there_makes_no_file(history: History, tmp_path: Path) -> None:
    assert (history.entries(), history.cut_off(), list(tmp_path.rglob("history*"))) == ([], [], [])


async def test_two_cannot_change_calendars_at_once(history: History) -> None:
    order: list[str] = []

    async def work(name: str) -> None:
        async with history.alone():
            order.append(f"{name} begins")
            await asyncio.sleep(0.02)
            order.append(f"{name} ends")

    await asyncio.gather(work("a"), work("b"))
    assert order in (["a begins", "a ends", "b begins", "b ends"], ["b begins", "b ends", "a begins", "a ends"])


async def test_one_who_waits_too_long_is_told(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.0)
    async with history.alone():
        with pytest.raises(StorageError):
            async with history.alone():
                pass


def test_a_link_in_the_place_of_the_journal_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"")
    os.symlink(target, tmp_path / "history.sqlite3")
    with pytest.raises(StorageError):
        begun(History(tmp_path / "history.sqlite3"))


def test_a_line_of_the_history_is_in_the_persons_language(history: History) -> None:
    history.complete(begun(history))
    (entry,) = history.entries()
    use_language("en")
    assert entry.words == "Added “Lunch” to Home"
