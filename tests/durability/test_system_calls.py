"""Each call of the system fails once, and the process dies at each: the old or the new state, and a reason in words.

The kernel itself is made to answer so, by strace, so that SQLite's calls fail as Python's do; a write that is cut short
is made by a limit on the size of files. `make soak` fails every call of every act with every fault, `make test` a few.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import sqlite3
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.private import sweep_private
from core.services.state_file import read_state
from core.sharing.detail import DetailLevel
from tests.core.services.conftest import StillClock
from tests.durability.children import (
    ACTS,
    letter,
    one_event,
    open_outbox,
    open_publishing,
    open_store,
    prepare_publishing,
)  # fmt: skip
from tests.nursery import Child, Nursery
from tests.soak import SHARE, chance, counted, soak

pytestmark = [pytest.mark.slow, pytest.mark.interop]

CALLS = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "renameat2", "link", "linkat", "unlink", "unlinkat",
    "ftruncate", "mkdir",
)  # fmt: skip
FAULTS = {
    "ENOSPC": "error=ENOSPC", "EIO": "error=EIO", "EACCES": "error=EACCES", "EINTR": "error=EINTR",
    "death": "signal=SIGKILL",
}  # fmt: skip
REASONS = re.compile(
    "No space left on device|Input/output error|Permission denied|Interrupted system call|File too large"
    "|database or disk is full|disk I/O error|unable to open database file|attempt to write a readonly database"
)
"""The system's words, and SQLite's."""
LIMITS = (0, 1, 100, 700, 4_096, 5_000, 12_288, 20_000)
"""Bytes after which a write is cut short and the next one fails."""


def strace() -> str:
    found = shutil.which("strace")
    if not found:
        pytest.skip("strace is not installed (Debian: strace)")
    return found


# what there is before, and what state it is in afterwards -----------------------------------------------------


async def _with_event(base: Path) -> None:
    store = open_store(base)
    info = await store.create("Work")
    await store.put(info.id, one_event("e0", "old"), expected_etag=None)
    store._index.close()


async def _with_file(base: Path) -> None:
    lines = "BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART:20261123T110000Z\r\nSUMMARY:{n}\r\nEND:VEVENT\r\n"
    body = "".join(lines.format(n=number) for number in range(3))
    (base / "in.ics").write_text(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n", newline="")
    await _with_event(base)


async def _with_outbox(base: Path) -> None:
    from core.services.outbox import ShareFacts

    outbox = open_outbox(base, None)
    await outbox.submit(letter("<old@example.org>"), ShareFacts("Calendar", "full", "today"), subject="s")
    outbox.close()


async def _with_publication(base: Path) -> None:
    await prepare_publishing(base)
    world = open_publishing(base, StillClock())
    await world.service.publish(world.request("work.ics", level=DetailLevel.FULL, page=True))


async def _with_settings(base: Path) -> None:
    (base / "library.json").write_text('{"default": "old"}')
    (base / "config.toml").write_text('[accounts.old]\ntype = "vdir"\npath = "/old"\n')


BEFORE = {
    "save": _with_event, "import": _with_file, "enqueue": _with_outbox, "publish": _with_publication,
    "state": _with_settings, "settings": _with_settings,
}  # fmt: skip


async def _saved(base: Path) -> str:
    store = open_store(base)
    await store.refresh()
    (info,) = await store.calendars()
    stored = await store.get(info.id, "e0")
    left = [path.name for path in base.rglob(".partagenda-*.tmp")]
    store._index.close()
    return "" if left else stored.object.events[0].title


async def _imported(base: Path) -> str:
    store = open_store(base)
    await store.refresh()
    found = sorted((info.name, info.events) for info in await store.calendars())
    store._index.close()
    left = list((base / "data" / "calendars").glob(".*"))
    known = {(("Work", 1),): "old", (("Imported", 3), ("Work", 1)): "new"}
    return "" if left else known.get(tuple(found), str(found))


async def _enqueued(base: Path) -> str:
    outbox = open_outbox(base, None)
    names = [item.message_id for item in await outbox.items()]
    outbox.close()
    return {1: "old", 2: "new"}.get(len(names), str(names))


async def _published(base: Path) -> str:
    """As the next `sync` leaves it."""
    clock = StillClock()
    clock.pass_by(hours=12)
    world = open_publishing(base, clock)
    await world.service.upload_due()
    (one,) = await world.service.publications()
    files = {path.name: path.read_text() for path in (base / "site").iterdir()}
    full = {"Figures of the quarter" in text for text in files.values()}
    whole = set(files) == {"work.ics", "work.html"} and not one.problem
    same = full == {one.options.level is DetailLevel.FULL}
    return ("old" if one.options.level is DetailLevel.FULL else "new") if whole and same else str((one, files))


async def _remembered(base: Path) -> str:
    sweep_private(base)
    names = sorted(path.name for path in base.iterdir())
    return str(read_state(base / "library.json")["default"]) if names == ["config.toml", "library.json"] else str(names)


async def _configured(base: Path) -> str:
    sweep_private(base)
    names = set(tomllib.loads((base / "config.toml").read_text())["accounts"])
    kept = sorted(path.name for path in base.iterdir()) == ["config.toml", "library.json"]
    return {"old": "old", "new,old": "new"}.get(",".join(sorted(names)), "") if kept else ""


AFTER = {
    "save": _saved, "import": _imported, "enqueue": _enqueued, "publish": _published, "state": _remembered,
    "settings": _configured,
}  # fmt: skip


REMEMBERED = {"data/publications.sqlite3": "files.address", "cache/index.sqlite3": "calendar.path"}
"""Where whole paths are remembered."""


# one act under strace ---------------------------------------------------------------------------------------


@dataclass
class Stage:
    """Copies of a prepared folder, and a process that acts in one of them."""

    children: Nursery
    name: str
    root: Path
    count: int = 0

    async def prepare(self) -> None:
        (self.root / "template").mkdir(mode=0o700)
        await BEFORE[self.name](self.root / "template")

    def fresh(self) -> Path:
        """A copy of its own; what is remembered by its whole path is there, too."""
        self.count += 1
        copy = self.root / f"copy-{self.count}"
        shutil.copytree(self.root / "template", copy, symlinks=True)
        for file, column in ((copy / name, column) for name, column in REMEMBERED.items()):
            if file.exists():
                with closing(sqlite3.connect(file)) as db, db:
                    table, _dot, what = column.partition(".")
                    db.execute(f"UPDATE {table} SET {what} = replace({what}, '/template/', '/{copy.name}/')")
        return copy

    def start(self) -> tuple[Child, Path]:
        warm, base = self.fresh(), self.fresh()
        child = self.children.start("tests.durability.children:act", self.name, warm, base)
        assert child.next() == "ready"
        shutil.rmtree(warm)
        return child, base

    def traced(self, *options: str) -> tuple[list[str], list[str], Path]:
        """What the process said, what strace wrote, and where it acted."""
        child, base = self.start()
        log = self.root / "strace.log"
        argv = [strace(), "-f", "-y", "-s", "16", "-p", str(child.pid), "-o", str(log), *options]
        tracer = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
        assert tracer.stderr is not None
        first = tracer.stderr.readline()
        if "attached" not in first:
            child.kill()
            child.rest()
            pytest.skip(f"strace may not look at other processes here: {first.strip()}")
        child.tell("go")
        said = child.rest()
        tracer.communicate(timeout=30)
        return said, log.read_text().splitlines(), base

    def points(self) -> list[tuple[str, int]]:
        """Each call that the act makes: its name, and its number among those of its thread."""
        _said, lines, base = self.traced("-e", f"trace={','.join(CALLS)}")
        shutil.rmtree(base)
        seen = Counter((line.split()[0], line.split()[1].partition("(")[0]) for line in lines if "(" in line)
        most: dict[str, int] = {}
        for (_thread, name), times in seen.items():
            if name in CALLS:
                most[name] = max(times, most.get(name, 0))
        return [(name, number) for name, times in most.items() for number in range(1, times + 1)]


@pytest.fixture
async def stage(children: Nursery, tmp_path: Path, request: pytest.FixtureRequest) -> Stage:
    made = Stage(children, request.getfixturevalue("act"), tmp_path)
    await made.prepare()
    return made


GROUPS = [(fault,) for fault in FAULTS] if SHARE else [tuple(FAULTS)]


@pytest.mark.parametrize("faults", GROUPS, ids=[group[0] if len(group) == 1 else "all" for group in GROUPS])
@pytest.mark.parametrize("act", ACTS)
@soak("n-th call fails, or is the last: the old or the new state, and a reason", 1)
async def test_whichever_call_fails_the_state_is_the_old_or_the_new_and_the_reason_is_said(
    stage: Stage, act: str, faults: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    every = [(*point, fault) for point in stage.points() for fault in faults]
    tried = every if SHARE >= 1 else chance(6).sample(every, min(len(every), max(3, round(len(every) * SHARE))))
    counted(request, len(tried))
    wrong = []
    for call, number, fault in tried:
        said, lines, base = stage.traced("-e", f"trace={call}", "-e", f"inject={call}:{FAULTS[fault]}:when={number}")
        died = fault == "death" and any("SIGKILL" in line for line in lines)
        if fault_found := _judge(said, await AFTER[act](base), died=died):
            wrong.append(f"{call} {number} {fault}: {fault_found}: {said}")
        shutil.rmtree(base)
    assert not wrong, "\n".join(wrong)


def _judge(said: list[str], state: str, *, died: bool) -> str:
    """What is wrong with what was said and the state that was found, if anything."""
    if state not in ("old", "new"):
        return f"the state is {state or 'untidy'}"
    if not said:
        return "" if died else "it says nothing"
    if said[-1] == "saved":
        return "" if state == "new" else "it is not saved"
    if not said[-1].startswith("refused "):
        return "it is not said in words"
    if not REASONS.search(said[-1]):
        return "the reason is missing"
    return "" if re.search("/|“", said[-1]) else "the file is missing"


@pytest.mark.parametrize("act", ACTS)
@soak("n-th call fails, or is the last: the old or the new state, and a reason", len(LIMITS))
async def test_a_write_that_is_cut_short_leaves_the_old_or_the_new_state_and_the_reason_is_said(
    stage: Stage, act: str
) -> None:
    for limit in LIMITS:
        child, base = stage.start()
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (limit, limit))
        child.tell("go")
        said = child.rest()
        assert _judge(said, await AFTER[act](base), died=False) == "", f"{limit} bytes: {said}"
        shutil.rmtree(base)


# the order --------------------------------------------------------------------------------------------------

_LINE = re.compile(r"\d+ +(?P<call>\w+)\((?P<rest>.*)")
_OPEN = re.compile(r"<(?P<path>[^>]*)>")
_NAMED = re.compile(r'(?:<(?P<folder>[^>]*)>, )?"(?P<name>[^"]*)"')


def _happened(lines: list[str], base: Path) -> Iterator[tuple[str, str]]:
    """(what, path): write and sync of files and folders, rename to a name; below the folder."""
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        call, rest = found["call"], found["rest"]
        match call:
            case "write" | "pwrite64" | "fsync" | "fdatasync":
                path = _OPEN.search(rest)
                if path and path["path"].startswith(str(base)):
                    yield ("sync" if "sync" in call else "write"), path["path"].removesuffix(" (deleted)")
            case "rename" | "renameat" | "renameat2" | "link" | "linkat":
                names = [name["name"] for name in _NAMED.finditer(rest)]
                yield "from", names[0]
                yield "to", names[-1]
            case "sendto" if '"saved"' in rest:
                yield "said", ""


NO_NEED = re.compile(r"/cache/|\.lock$|-journal$|-wal$|-shm$")
"""What may be lost: the index is made again; a journal is SQLite's own."""


@pytest.mark.parametrize("act", ACTS)
@soak("order of durability: write, fsync(file), rename, fsync(folder), only then “saved”", 1)
async def test_everything_is_on_the_disk_in_its_order_before_it_is_called_saved(stage: Stage, act: str) -> None:
    said, lines, base = stage.traced("-s", "200", "-e", "trace=sendto," + ",".join(CALLS))
    assert said == ["saved"]
    happened = [(what, path) for what, path in _happened(lines, base) if not NO_NEED.search(path)]
    assert happened[-1] == ("said", "")
    last = {one: place for place, one in enumerate(happened)}
    for (what, path), place in last.items():
        if what == "write":
            synced = last.get(("sync", path), -1)
            assert place < synced, f"{path} is not on the disk when it is called saved"
            assert synced < last.get(("from", path), len(happened)), f"{path} gets its name before it is on the disk"
        elif what == "to":
            assert last.get(("sync", os.path.dirname(path)), -1) > place, f"the name {path} is not on the disk"
    assert any(what == "write" for what, _path in happened)
