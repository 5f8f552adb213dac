"""Random edits, moves, undos, crashes and other programs' edits: nothing is lost or doubled, undo finds every state.

`make soak` runs two thousand examples; the suite runs a few.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.calendar.event import Event
from core.calendar.event_change import EventChange, Scope
from core.calendar.span import TimeSpan
from core.errors import Conflict, Refused
from core.services import edit_writer
from core.services.editing import Choice, EditConflict, Editing
from core.services.history import Action
from core.services.library import Library
from core.services.recording import Recording
from core.services.sources import Source
from tests.core.services.calendars import PARIS, StillClock, calendar, event, open_library
from tests.soak import SHARE, scaled, soak

T = TypeVar("T")
SPAN = TimeSpan(datetime(2026, 11, 1, tzinfo=PARIS), datetime(2027, 3, 1, tzinfo=PARIS))
MONDAY = datetime(2026, 11, 23, 9, tzinfo=PARIS)
State = tuple[tuple[str, str], ...]
EXAMPLES = scaled(12, 2_000)
SCOPES = st.sampled_from(list(Scope))
WHICH = st.integers(0, 50)


@lru_cache(4096)
def said(data: bytes) -> tuple[str, str]:
    """UID of a file's event, and the same text for the same event."""
    found = edit_writer.object_of(data)
    return found.uid, edit_writer.content(found).decode()


class Died(BaseException):
    """The process was killed here."""


class Editor(RuleBasedStateMachine):
    """A person, two calendars on disk, and another program."""

    @initialize()
    def begin(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="partagenda-model-"))
        self.uids = (f"made-{number:03}" for number in count())
        """Of new events: hypothesis finds a failure again only where the same steps give the same UIDs."""
        self.loop = asyncio.new_event_loop()
        self.library = self.opened_library()
        self.ids = [self.run(self.library.create(name)).id for name in ("Home", "Work")]
        self.editing = self.opened()
        self.number = 0
        self.titles: dict[str, int] = {}
        """How many occurrences of each event there must be, over both calendars."""
        self.past: list[tuple[State, dict[str, int]]] = []
        self.future: list[tuple[State, dict[str, int]]] = []
        self.foreign = False

    def opened_library(self) -> Library:
        """The library, which writes what happens to whole calendars into the same history."""
        journal = self.base / "data" / "history.sqlite3"
        library = open_library(self.base, Recording(lambda: library, journal, StillClock()))
        return library

    def opened(self) -> Editing:
        return Editing(self.library, self.base / "data" / "history.sqlite3", StillClock(), lambda: next(self.uids))

    def run(self, work: Coroutine[object, object, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()
            shutil.rmtree(self.base)

    # looking

    def there(self) -> dict[str, str]:
        """Id and name of the calendars that are not deleted."""
        return {info.id: info.name for info in self.run(self.library.calendars()) if info.id in self.ids}

    def entries(self) -> list[object]:
        return self.run(self.library.entries(list(self.there()), SPAN))

    def state(self) -> State:
        """Every file of every calendar, by what it says."""
        there = self.there()
        found = sorted(there.items())
        for one in there:
            files = (self.base / "data" / "calendars" / one.removeprefix("local/")).glob("*.ics")
            for uid, text in (said(file.read_bytes()) for file in files):
                found.append((f"{one}/{uid}", text))
        return tuple(sorted(found))

    def counted(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for entry in self.entries():
            found[entry.title] = found.get(entry.title, 0) + 1
        return found

    def picked(self, which: int):
        entries = self.entries()
        return entries[which % len(entries)] if entries else None

    def imported(self, calendar: str) -> bool:
        """Whether the event that imports bring again and again is there."""
        return any(name == f"{calendar}/again" for name, _text in self.state())

    def did(self, before: State, counts: dict[str, int]) -> None:
        self.past.append((before, counts))
        self.future.clear()

    # what a person does

    @rule(times=st.integers(1, 6), days=st.integers(0, 20), where=st.integers(0, 1))
    def create(self, times: int, days: int, where: int) -> None:
        if len(self.there()) < 2:
            return
        self.number += 1
        before, counts = self.state(), dict(self.titles)
        start = MONDAY + timedelta(days=days)
        title = f"Event {self.number}"
        repeat = f"FREQ=DAILY;COUNT={times}" if times > 1 else ""
        self.run(
            self.editing.create(
                self.ids[where], Event("", start, start + timedelta(hours=1), title, rrule=repeat, extra=("X-A:b",))
            )
        )
        self.titles[title] = times
        self.did(before, counts)

    @rule(which=WHICH, scope=SCOPES, hours=st.integers(-8, 8))
    def shift(self, which: int, scope: Scope, hours: int) -> None:
        entry = self.picked(which)
        if entry is None:
            return
        before, counts = self.state(), dict(self.titles)
        details = self.run(self.library.details(entry.id))
        change = EventChange(start=details.occurrence.start + timedelta(hours=hours), place=f"Room {hours}")
        self.run(self.editing.change(entry.id, change, scope))
        self.did(before, counts)

    @rule(which=WHICH, scope=SCOPES)
    def delete(self, which: int, scope: Scope) -> None:
        entry = self.picked(which)
        if entry is None:
            return
        before, counts = self.state(), dict(self.titles)
        held = self.counted()
        self.run(self.editing.delete(entry.id, scope))
        now = self.counted()
        others = {title: count for title, count in held.items() if title != entry.title}
        assert {title: count for title, count in now.items() if title != entry.title} == others
        gone = held[entry.title] - now.get(entry.title, 0)
        assert gone == 1 if scope is Scope.ONLY else gone >= 1
        self.titles = now
        self.did(before, counts)

    @rule(which=WHICH, scope=SCOPES)
    def move(self, which: int, scope: Scope) -> None:
        if len(self.there()) < 2:
            return
        entry = self.picked(which)
        if entry is None:
            return
        before, counts = self.state(), dict(self.titles)
        other = self.ids[1 - self.ids.index(entry.calendar)]
        try:
            self.run(self.editing.move(entry.id, other, scope))
        except Conflict:  # an import put an event with the same UID into both: a move would lose one of them
            assert self.imported(other)
            assert self.state() == before
            return
        self.did(before, counts)

    @rule(which=WHICH)
    def copy(self, which: int) -> None:
        if len(self.there()) < 2:
            return
        entry = self.picked(which)
        if entry is None:
            return
        before, counts = self.state(), dict(self.titles)
        other = self.ids[1 - self.ids.index(entry.calendar)]
        self.run(self.editing.copy(entry.id, other, Scope.ONLY))
        self.titles[entry.title] += 1
        self.did(before, counts)

    @precondition(lambda self: not self.foreign)
    @rule(where=st.integers(0, 1), old=st.booleans())
    def take_in_a_file(self, where: int, old: bool) -> None:
        """An import: a new event, or one with the UID of an earlier import in a newer version."""
        if len(self.there()) < 2:
            return
        before, counts = self.state(), dict(self.titles)
        self.number += 1
        uid = "again" if old else f"import-{self.number}"
        held = any(name == f"{self.ids[where]}/{uid}" for name, _text in before)
        title = f"Import {uid} {self.ids[where]}"
        data = calendar(event(uid, f"SEQUENCE:{self.number}", "X-A:b", title=title))
        self.run(self.library.import_sources([Source("file", data=data)], into=self.ids[where]))
        if held:
            self.titles = self.counted()
        else:
            self.titles = {**self.titles, title: self.titles.get(title, 0) + 1}
        if self.state() != before:
            self.did(before, counts)

    @precondition(lambda self: not self.foreign)
    @rule(where=st.integers(0, 1))
    def rename_a_calendar(self, where: int) -> None:
        if self.ids[where] not in self.there():
            return
        before, counts = self.state(), dict(self.titles)
        self.number += 1
        self.run(self.library.rename(self.ids[where], f"Calendar {self.number}"))
        self.did(before, counts)

    @precondition(lambda self: not self.foreign)
    @rule(where=st.integers(0, 1))
    def delete_a_calendar(self, where: int) -> None:
        if len(self.there()) < 2:
            return
        before, counts = self.state(), dict(self.titles)
        self.run(self.library.delete(self.ids[where]))
        kept = self.ids[1 - where]
        assert self.state() == tuple(line for line in before if line[0].startswith(kept))
        self.titles = self.counted()
        self.did(before, counts)

    @precondition(lambda self: not self.foreign and len(self.there()) < 2)
    @rule()
    def restore_a_calendar(self) -> None:
        before, counts = self.state(), dict(self.titles)
        self.run(self.library.restore(self.run(self.library.deleted())[0]))
        assert len(self.there()) == 2
        self.titles = self.counted()
        self.did(before, counts)

    @precondition(lambda self: self.past and not self.foreign)
    @rule()
    def undo(self) -> None:
        now = self.state(), dict(self.titles)
        self.run(self.editing.undo())
        before, self.titles = self.past.pop()
        assert self.state() == before
        self.future.append(now)

    @precondition(lambda self: self.future and not self.foreign)
    @rule()
    def redo(self) -> None:
        now = self.state(), dict(self.titles)
        self.run(self.editing.redo())
        after, self.titles = self.future.pop()
        assert self.state() == after
        self.past.append(now)

    @rule()
    def start_again(self) -> None:
        """Another run of the program, with an index that was thrown away."""
        shutil.rmtree(self.base / "cache")
        self.library = self.opened_library()
        self.editing = self.opened()

    @rule(which=WHICH, scope=SCOPES, step=st.integers(0, 4), action=st.sampled_from(["move", "change", "undo"]))
    def die(self, which: int, scope: Scope, step: int, action: str) -> None:
        """Killed in the middle of a change: after the next start it was done, or it was not."""
        entry = self.picked(which)
        if entry is None or len(self.there()) < 2 or (action == "undo" and (self.foreign or not self.past)):
            return
        before, counts = self.state(), dict(self.titles)
        other = self.ids[1 - self.ids.index(entry.calendar)]
        work = {
            "move": lambda: self.editing.move(entry.id, other, scope),
            "change": lambda: self.editing.change(entry.id, EventChange(place=f"Hall {step}"), scope),
            "undo": lambda: self.editing.undo(),
        }[action]
        try:
            finished = self.killed(work(), step)
        except Conflict:  # refused before anything was written, as in `move`
            assert action == "move"
            assert self.imported(other)
            finished = False
        self.library = self.opened_library()
        self.editing = self.opened()
        self.run(self.editing.heal())
        after = self.state()
        if action == "undo":
            if after != before or finished:
                then, self.titles = self.past.pop()
                assert after == then
                self.future.append((before, counts))
        elif after != before or finished:
            self.did(before, counts)

    def killed(self, work: Coroutine[object, object, object], step: int) -> bool:
        """Run it, and let the process die at the n-th write; whether it came to its end before."""
        calls = [0]
        real = edit_writer.Writer._apply_one

        async def dying(writer: edit_writer.Writer, change: object) -> None:
            calls[0] += 1
            if calls[0] * 2 - 1 == step:
                raise Died
            await real(writer, change)  # type: ignore[arg-type]
            if calls[0] * 2 == step:
                raise Died

        edit_writer.Writer._apply_one = dying  # type: ignore[method-assign,assignment]
        try:
            self.loop.run_until_complete(work)
        except (Died, asyncio.CancelledError):
            return False
        finally:
            edit_writer.Writer._apply_one = real  # type: ignore[method-assign]
        return True

    # what another program does

    @rule(which=WHICH)
    def somebody_else_changes_a_file(self, which: int) -> None:
        files = sorted((self.base / "data" / "calendars").rglob("*.ics"))
        if not files:
            return
        file = files[which % len(files)]
        self.number += 1
        new = file.read_bytes().replace(b"X-A:b", f"X-A:b\r\nX-THEIRS-{self.number}:1".encode(), 1)
        temporary = file.with_suffix(".new")
        temporary.write_bytes(new)
        temporary.rename(file)
        self.foreign = True

    @precondition(lambda self: self.foreign and self.past)
    @rule(choice=st.sampled_from(list(Choice)))
    def undo_after_somebody_else(self, choice: Choice) -> None:
        """Undo never overwrites what it did not write, unless the person says so."""
        theirs, there = self.theirs(), self.there()
        try:
            self.run(self.editing.undo(choice))
        except EditConflict as conflict:
            assert choice is Choice.ASK and self.theirs() == theirs
            assert conflict.theirs is None or "X-THEIRS" in edit_writer.content(conflict.theirs.object).decode()
            return
        except Refused:
            return
        if self.run(self.editing.history(1))[0].facts.action is Action.PUT_BACK:
            self.run(self.editing.undo())  # what was put over theirs gives theirs back
        if len(self.there()) < len(there):  # a calendar that was restored is deleted again, with theirs in it
            self.run(self.library.restore(self.run(self.library.deleted())[0]))
        assert theirs <= self.theirs()
        self.titles, self.past, self.future = self.counted(), [], []
        self.settle()

    def theirs(self) -> set[str]:
        """The marks of the other program that are in any file."""
        return {line for _name, text in self.state() for line in text.split("\r\n") if line.startswith("X-THEIRS")}

    def settle(self) -> None:
        """From here on the history is empty for the model: what was done before is not compared any more."""
        (self.base / "data" / "history.sqlite3").unlink(missing_ok=True)
        self.foreign = False

    # always

    @invariant()
    def no_event_is_lost_or_doubled(self) -> None:
        if hasattr(self, "base"):
            assert self.counted() == {title: count for title, count in self.titles.items() if count}

    @invariant()
    def every_uid_is_once_in_a_calendar_and_nothing_is_left_over(self) -> None:
        if hasattr(self, "base"):
            names = [name for name, _text in self.state()]
            folder = self.base / "data" / "calendars"
            assert len(names) == len(set(names))
            assert not [path for path in folder.rglob("*") if path.name.endswith((".tmp", ".new"))]


TestEditor = soak("editing: random changes, undos, foreign edits, crashes", EXAMPLES)(Editor.TestCase)
TestEditor.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=60 if SHARE else 20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not SHARE,
)
