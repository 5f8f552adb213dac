"""Nothing is torn, lost or half done when the disk refuses; kills and many writers at once: tests/durability."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from core.backends.vdir import VdirStore, files
from core.errors import NotFound, PartagendaError, Refused, StorageError
from core.index.folder import read_file
from core.index.update import Index
from core.services.library import Library, Source
from tests.contracts.calendar_store import DAY, PARIS, make_event

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


@pytest.mark.parametrize(
    "failure",
    [sqlite3.OperationalError("disk I/O error"), UnicodeDecodeError("utf-8", b"\xf6", 0, 1, "invalid start byte")],
    ids=["a disk that fails", "damage that SQLite cannot put into words"],
)
async def test_a_save_is_made_once_though_the_index_fails_after_it(
    store: VdirStore, calendar: str, folder: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    with failing_index(monkeypatch, failure):
        etag = await store.put(calendar, make_event(title="Before"), expected_etag=None)
    with failing_index(monkeypatch, failure):
        etag = await store.put(calendar, make_event(title="After"), expected_etag=etag)
    assert (await store.get(calendar, "lunch@example.org")).object.events[0].title == "After"
    with failing_index(monkeypatch, failure):
        await store.delete(calendar, "lunch@example.org", expected_etag=etag)
    with pytest.raises(NotFound):
        await store.get(calendar, "lunch@example.org")
    assert events_in(folder) == {}


async def test_a_calendar_is_imported_once_though_the_index_fails_after_it(
    store: VdirStore, tmp_path: Path, clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library([store], clock, tmp_path / "state")
    (tmp_path / "in.ics").write_bytes(calendar_of(4))
    with failing_index(monkeypatch, sqlite3.OperationalError("disk I/O error")):
        await library.import_sources([Source("in.ics", path=tmp_path / "in.ics")])
    assert [info.events for info in await library.calendars()] == [4]


@contextmanager
def failing_index(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> Iterator[None]:
    """The first time that the index is told of a change it fails."""
    left = [1]

    def wrap(usual: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            if left and left.pop():
                raise failure
            return usual(*arguments, **named)

        return call

    with monkeypatch.context() as patch:
        for name in ("take_in", "drop"):
            patch.setattr(Index, name, wrap(getattr(Index, name)))
        yield
        assert not left


async def test_a_file_that_cannot_be_read_is_not_called_missing(store: VdirStore, calendar: str, folder: Path) -> None:
    def fail(_path: str, _href: str) -> object:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    await store.put(calendar, make_event(), expected_etag=None)
    (path,) = folder.glob("*.ics")
    path.write_bytes(path.read_bytes())  # another program has saved it, too
    store._index.close()
    store._index._fetch = fail
    with pytest.raises(StorageError, match=f"{re.escape(path.name)}.*Input/output error"):
        await store.get(calendar, "lunch@example.org")


async def test_a_calendar_is_brought_back_though_its_home_cannot_be_listed(
    store: VdirStore, calendar: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = str(tmp_path / "data" / "calendars")
    await store.remove(calendar)
    with unlisted(monkeypatch, home):
        assert (await asyncio.wait_for(store.restore("Work"), 5)).id == calendar
    await store.remove(calendar)
    with unlisted(monkeypatch, home):
        assert (await asyncio.wait_for(store.bring_back(calendar), 5)).id == calendar


async def test_a_calendar_elsewhere_is_made_though_the_home_cannot_be_listed(
    store: VdirStore, calendar: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    with unlisted(monkeypatch, str(tmp_path / "data" / "calendars")):
        assert (await asyncio.wait_for(store.adopt(tmp_path / "elsewhere", "Team"), 5)).name == "Team"


@contextmanager
def unlisted(monkeypatch: pytest.MonkeyPatch, folder: str) -> Iterator[None]:
    """The calendars of a folder cannot be listed."""
    real = os.scandir

    def scandir(path: str) -> object:
        if os.fspath(path) == folder:
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        yield


async def test_a_calendar_elsewhere_is_made_once_though_the_index_fails_after_it(
    store: VdirStore, calendar: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, failures = Index.look, [sqlite3.DatabaseError("database disk image is malformed")]

    def failing_once(index: Index, *arguments: object, **named: object) -> int:
        if failures:
            raise failures.pop()
        return look(index, *arguments, **named)

    (tmp_path / "elsewhere").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(Index, "look", failing_once)
        await store.adopt(tmp_path / "elsewhere", "Team")
    assert [info.name for info in await store.calendars()].count("Team") == 1
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["team"]


async def test_a_calendar_whose_name_cannot_be_read_can_be_deleted_and_keeps_it(
    store: VdirStore, calendar: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: str, href: str) -> tuple[bytes, os.stat_result]:
        if href == "displayname":
            raise OSError(errno.EIO, os.strerror(errno.EIO), href)
        return read_file(path, href)

    with monkeypatch.context() as patched:
        patched.setattr("core.index.folder.read_file", closed)
        await store.remove(calendar)
        assert await store.calendars() == []
    assert (await store.bring_back(calendar)).name == "Work"


async def test_a_calendar_of_which_nobody_knows_what_it_is_is_not_written_to(
    open_store: Callable[[], VdirStore],
    store: VdirStore,
    calendar: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await store.set_facts(calendar, {"kind": "snapshot"})
    (tmp_path / "cache" / "index.sqlite3").unlink()

    def closed(path: str, href: str) -> tuple[bytes, os.stat_result]:
        if href == ".partagenda.json":
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), href)
        return read_file(path, href)

    again = open_store()
    with monkeypatch.context() as patched:
        patched.setattr("core.index.folder.read_file", closed)
        (info,) = await again.calendars()
        assert not info.can.write
        with pytest.raises(StorageError, match=re.escape(os.strerror(errno.EACCES))):
            await again.put(calendar, make_event(), expected_etag=None)
    with pytest.raises(Refused):
        await again.put(calendar, make_event(), expected_etag=None)
    assert [info.kind for info in await again.calendars()] == ["snapshot"]


async def test_a_calendar_that_is_in_the_trash_is_deleted_though_a_number_in_the_index_is_a_text(
    store: VdirStore, calendar: str, tmp_path: Path
) -> None:
    await store.create("Team")
    with closing(sqlite3.connect(tmp_path / "cache" / "index.sqlite3", isolation_level=None)) as database:
        database.execute("UPDATE calendar SET files='many'")
    await store.remove(calendar)
    assert [info.name for info in await store.calendars()] == ["Team"]
