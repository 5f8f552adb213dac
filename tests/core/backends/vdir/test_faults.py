"""Nothing is torn, lost or half done: when the disk refuses, when the process is killed, when many write at once."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from core.backends.vdir import VdirStore, files
from core.errors import PartagendaError
from core.services.library import Library, Source
from tests.contracts.calendar_store import DAY, PARIS, make_event
from tests.soak import SHARE, chance, scaled, soak

SAVES, IMPORTS = scaled(5, 3_000), scaled(4, 2_000)
WRITERS = (8, scaled(50, 1_000) // 8 or 1) if SHARE else (4, 50)
"""Processes, and events that each of them writes."""
CHILD = Path(__file__).with_name("writing_child.py")
ROOT = Path(__file__).resolve().parents[4]
CALLS = ("open", "write", "fsync", "rename", "link", "unlink", "close", "lstat", "mkdir")
FAULTS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EINTR)


class Counter:
    """Fails the n-th call of the watched kind; `fired` tells whether it came so far."""

    def __init__(self, number: int, code: int) -> None:
        self.left = number
        self.code = code
        self.fired = False

    def __call__(self, name: str) -> None:
        self.left -= 1
        if self.left == 0:
            self.fired = True
            raise OSError(self.code, os.strerror(self.code), name)


@contextmanager
def failing(names: tuple[str, ...], number: int, code: int, below: str) -> Iterator[Counter]:
    """Let the n-th of these calls fail. Calls on the index and on anything not below the folder are left alone."""
    counter = Counter(number, code)
    real = {name: getattr(os, name) for name in CALLS}
    descriptors: set[int] = set()

    def wrap(name: str) -> Callable[..., object]:
        def call(*args, **kwargs):
            on_path = isinstance(args[0], str | os.PathLike) and below in os.fspath(args[0])
            watched = on_path or (isinstance(args[0], int) and args[0] in descriptors)
            if name == "close":
                descriptors.discard(args[0])
                real["close"](*args)  # Linux closes it, whatever it says
            if watched and name in names:
                counter(name)
            if name == "close":
                return None
            result = real[name](*args, **kwargs)
            if name == "open" and on_path:
                descriptors.add(result)
            return result

        return call

    swap = files.exchange

    def exchange(one: str, other: str) -> None:
        if "rename" in names:
            counter("renameat2")
        swap(one, other)

    for name in CALLS:
        setattr(os, name, wrap(name))
    files.exchange = exchange
    try:
        yield counter
    finally:
        files.exchange = swap
        for name, function in real.items():
            setattr(os, name, function)


def events_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.ics")}


@pytest.mark.parametrize("code", FAULTS, ids=errno.errorcode.get)
@pytest.mark.parametrize("new", [True, False], ids=["new", "changed"])
async def test_a_save_that_fails_leaves_the_old_or_the_new_state_and_says_which_file(
    store: VdirStore, calendar: str, folder: Path, code: int, new: bool
) -> None:
    etag = None if new else await store.put(calendar, make_event(title="Before"), expected_etag=None)
    before = events_in(folder)
    for number in range(1, 60):
        failed = ""
        with failing(CALLS, number, code, str(folder)) as counter:
            try:
                etag = await store.put(calendar, make_event(title=f"After {number}"), expected_etag=etag)
            except PartagendaError as error:
                failed = error.message
        after = events_in(folder)
        if not counter.fired:
            assert b"After" in next(iter(after.values()))
            return
        torn = [data for data in after.values() if not data.endswith(b"END:VCALENDAR\r\n")]
        assert (torn, failed != "" or after != before) == ([], True)
        assert after == before or f"After {number}".encode() in next(iter(after.values()))
        if after != before or not failed:
            etag = (await store.get(calendar, "lunch@example.org")).etag
            if new:
                await store.delete(calendar, "lunch@example.org", expected_etag=etag)
                etag = None
            before = events_in(folder)
    pytest.fail("the calls never ended")


@pytest.mark.parametrize("code", FAULTS, ids=errno.errorcode.get)
async def test_an_import_that_fails_leaves_no_calendar_behind(
    store: VdirStore, tmp_path: Path, clock, code: int
) -> None:
    library = Library([store], clock, tmp_path / "state")
    data = tmp_path / "in.ics"
    data.write_bytes(calendar_of(4))
    home = str(tmp_path / "data" / "calendars")
    for number in range(1, 90):
        with failing(CALLS, number, code, home) as counter, suppress(PartagendaError):
            await library.import_sources([Source("in.ics", path=data)])
        await store.refresh()
        found = await library.calendars()
        assert [info.events for info in found] in ([], [4])
        if not counter.fired:
            assert [info.events for info in found] == [4]
            return
        for info in found:
            await store.remove(info.id)
    pytest.fail("the calls never ended")


async def test_a_short_write_is_carried_on(
    store: VdirStore, calendar: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(files.os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    await store.put(calendar, make_event(), expected_etag=None)
    (data,) = events_in(folder).values()
    assert data.endswith(b"END:VCALENDAR\r\n")


def calendar_of(count: int, title: str = "Event") -> bytes:
    events = b"".join(
        b"BEGIN:VEVENT\r\nUID:e%d\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261123T%02d0000Z\r\n"
        b"DTEND:20261123T%02d3000Z\r\nSUMMARY:%s %d\r\nEND:VEVENT\r\n" % (n, n % 24, n % 24, title.encode(), n)
        for n in range(count)
    )
    head = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nX-WR-CALNAME:Killed\r\n"
    return head + events + b"END:VCALENDAR\r\n"


def start(tmp_path: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(CHILD), str(tmp_path), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)


@pytest.mark.slow
@soak("kill -9 while saving", SAVES)
async def test_kill_minus_nine_tears_no_file_and_loses_nothing_that_was_acknowledged(
    open_store: Callable[[], VdirStore], calendar: str, folder: Path, tmp_path: Path
) -> None:
    draw = chance(1)
    for _round in range(SAVES):
        child = start(tmp_path, "save", calendar)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(draw.random() * 0.3)
        child.send_signal(signal.SIGKILL)
        lines = child.communicate()[0].decode().splitlines()
        store = open_store()
        await store.refresh()
        stored = {one.object.uid: one.object.events[0].title for one in await store.objects(calendar)}
        whole = all(data.endswith(b"END:VCALENDAR\r\n") for data in events_in(folder).values())
        said = dict(line.split(" ", 1) for line in lines if " " in line)
        lost = {uid: title for uid, title in said.items() if _number(stored.get(uid, "-1")) < _number(title)}
        assert (whole, lost, list(folder.glob(".*.tmp"))) == (True, {}, [])
        store._index.close()


def _number(title: str) -> int:
    return int(title.rpartition(" ")[2])


@pytest.mark.slow
@soak("kill -9 while importing", IMPORTS)
async def test_kill_minus_nine_during_an_import_leaves_the_whole_calendar_or_none(
    open_store: Callable[[], VdirStore], tmp_path: Path
) -> None:
    (tmp_path / "in.ics").write_bytes(calendar_of(400))
    draw = chance(2)
    for _round in range(IMPORTS):
        child = start(tmp_path, "import", str(tmp_path / "in.ics"))
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(draw.random() * 0.4)
        child.send_signal(signal.SIGKILL)
        said = child.communicate()[0]
        store = open_store()
        await store.refresh()
        counts = [info.events for info in await store.calendars()]
        assert counts in ([400], [] if b"done" not in said else [400])
        home = tmp_path / "data" / "calendars"
        assert [path.name for path in home.glob(".*")] == []
        for info in await store.calendars():
            await store.remove(info.id)
        store._index.close()


@pytest.mark.slow
@soak("writers at once", WRITERS[0] * WRITERS[1])
async def test_every_one_of_many_writers_at_once_is_kept(
    open_store: Callable[[], VdirStore], calendar: str, tmp_path: Path
) -> None:
    processes, each = WRITERS
    children = [start(tmp_path, "many", calendar, str(number), str(each)) for number in range(processes)]
    codes = [child.wait(timeout=300) for child in children]
    for child in children:
        assert child.stdout is not None
        child.stdout.close()
    store = open_store()
    assert (codes, len(await store.objects(calendar))) == ([0] * processes, processes * each)


async def test_writers_of_one_event_never_overwrite_each_other(
    open_store: Callable[[], VdirStore], calendar: str
) -> None:
    first = open_store()
    etag = await first.put(calendar, make_event(), expected_etag=None)
    stores = [open_store() for _each in range(8)]
    results = await asyncio.gather(
        *(
            store.put(calendar, make_event(title=f"Writer {number}"), expected_etag=etag)
            for number, store in enumerate(stores)
        ),
        return_exceptions=True,
    )
    winners = [number for number, result in enumerate(results) if isinstance(result, str)]
    entries = await first.entries([calendar], DAY, PARIS)
    assert [entry.title for entry in entries] == [f"Writer {winner}" for winner in winners]


async def test_the_order_on_disk_is_write_sync_rename_sync(
    store: VdirStore, calendar: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    etag = await store.put(calendar, make_event(), expected_etag=None)
    seen: list[str] = []
    real = {name: getattr(os, name) for name in ("write", "fsync")}
    swap = files.exchange

    def note(name: str) -> Callable[..., object]:
        def call(descriptor, *args):
            target = os.readlink(f"/proc/self/fd/{descriptor}")
            if str(folder) in target:
                seen.append(f"{name} {'folder' if target == str(folder) else 'file'}")
            return real[name](descriptor, *args)

        return call

    monkeypatch.setattr(files.os, "write", note("write"))
    monkeypatch.setattr(files.os, "fsync", note("fsync"))
    monkeypatch.setattr(files, "exchange", lambda one, other: (seen.append("rename"), swap(one, other)))
    await store.put(calendar, make_event(title="Changed"), expected_etag=etag)
    assert seen == ["write file", "fsync file", "rename", "fsync folder"]
