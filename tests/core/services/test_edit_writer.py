"""Carrying changes out: whole or not at all, also when the process dies or the disk says no."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.calendar.event import CalendarObject
from core.calendar.event_change import EventChange, Scope
from core.errors import PartagendaError, StorageError
from core.services import edit_writer
from core.services.edit_writer import way_of
from core.services.editing import Editing
from core.services.history import Action, Change, Doing, Facts, HistoryEntry, State
from tests.core.services.calendars import StillClock, open_library
from tests.core.services.test_editing import MONDAY, YEAR, World, draft

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
async def world(tmp_path: Path) -> World:
    library = open_library(tmp_path)
    home, work = await library.create("Home"), await library.create("Work")
    editing = Editing(library, tmp_path / "data" / "history.sqlite3", StillClock())
    await editing.create(home.id, draft("Standup", rrule="FREQ=DAILY;COUNT=5"))
    return World(library=library, editing=editing, home=home, work=work, base=tmp_path)


@pytest.mark.parametrize("step", [1, 2, 3, 4])
async def test_a_killed_move_is_made_whole_at_the_next_start(world: World, step: int) -> None:
    before = await world.listed()
    child = subprocess.run(
        [sys.executable, str(ROOT / "tests/core/services/edit_child.py"), str(world.base), str(step)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "TZ": "Europe/Paris", "HOME": str(world.base)},
        timeout=60,
        check=False,
    )
    assert child.returncode == 9
    editing = world.opened_again()
    assert await editing.heal() == 1
    split = (await world.listed(), await world.listed(world.work))
    assert split in ((before, []), (before[:2], before[2:]))


@pytest.mark.parametrize("step", [2, 3])
async def test_a_move_that_was_cut_off_can_be_undone_once_it_is_healed(world: World, step: int) -> None:
    before = await world.bytes_of()
    subprocess.run(
        [sys.executable, str(ROOT / "tests/core/services/edit_child.py"), str(world.base), str(step)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "TZ": "Europe/Paris", "HOME": str(world.base)},
        timeout=60,
        check=False,
    )
    await world.opened_again().undo()
    assert await world.bytes_of() == before


class Failing:
    """`_apply_one` that fails the n-th time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, step: int, error: PartagendaError) -> None:
        self.calls = 0
        real = edit_writer.Writer._apply_one

        async def failing(writer: edit_writer.Writer, change: Change) -> None:
            self.calls += 1
            if self.calls == step:
                raise error
            await real(writer, change)

        monkeypatch.setattr(edit_writer.Writer, "_apply_one", failing)


@pytest.mark.parametrize("step", [1, 2])
async def test_when_the_disk_says_no_what_was_done_is_taken_back(
    world: World, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    before, entry = await world.bytes_of(), (await world.ids())[2]
    with monkeypatch.context() as patched:
        Failing(patched, step, StorageError("No space left"))
        with pytest.raises(StorageError):
            await world.editing.move(entry, world.work.id, Scope.FOLLOWING)
    assert (await world.bytes_of(), [e.facts.action for e in await world.editing.history()]) == (before, [Action.ADD])


async def test_what_failed_does_not_end_what_could_be_done_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.editing.change((await world.ids())[2], EventChange(title="Review"), Scope.ALL)
    await world.editing.undo()
    with monkeypatch.context() as patched:
        Failing(patched, 1, StorageError("No space left"))
        with pytest.raises(StorageError):
            await world.editing.delete((await world.ids())[2], Scope.ALL)
    await world.editing.redo()
    assert {title for _start, title in await world.listed()} == {"Review"}


async def test_a_calendar_that_is_gone_does_not_stop_later_changes(world: World) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "tests/core/services/edit_child.py"), str(world.base), "2"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "TZ": "Europe/Paris", "HOME": str(world.base)},
        timeout=60,
        check=False,
    )
    await world.library.delete(world.home.id)
    made = await world.editing.create(world.work.id, draft("Later", MONDAY))
    assert made.entry is not None and made.entry.title == "Later"


def test_nothing_is_taken_away_before_it_is_somewhere_else() -> None:
    gone, changed, new = Change("a", "1", b"x", None), Change("a", "2", b"x", b"y"), Change("b", "3", None, b"x")
    entry = HistoryEntry(
        1, YEAR.start, Facts(Action.MOVE, "", "a", "b"), State.DONE, Doing.NOTHING, (gone, changed, new)
    )
    assert way_of(entry, Doing.REDO) == [new, changed, gone]


def test_undo_puts_back_before_it_takes_away() -> None:
    gone, new = Change("a", "1", b"x", None), Change("b", "1", None, b"x")
    entry = HistoryEntry(1, YEAR.start, Facts(Action.MOVE, "", "a", "b"), State.DONE, Doing.NOTHING, (new, gone))
    assert way_of(entry, Doing.UNDO) == [gone.reversed, new.reversed]


def test_the_same_event_gives_the_same_bytes_read_back_or_not() -> None:
    from dataclasses import replace

    thing = CalendarObject("u", (replace(draft(description="a\nb; c", extra=("X-A;B=c:d",)), uid="u"),))
    data = edit_writer.content(thing)
    assert edit_writer.content(edit_writer.object_of(data)) == data
