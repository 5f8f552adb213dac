"""What changed on disk is noticed, and nothing else is read."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.index import read, update
from core.index.folder import read_file
from core.index.looking import rows_in
from core.index.rows import spaced
from core.index.update import SMALL, Index

DAY = 86_400
MONDAY = 1_795_392_000
"""2026-11-23, midnight in UTC."""
WEEK = (MONDAY, MONDAY + 7 * DAY, MONDAY, MONDAY + 7 * DAY)
Write = Callable[..., Path]


def titles(index: Index) -> list[str]:
    index.look()
    return sorted(row[read.TITLE] for row in rows_in(index, {1}, WEEK, MONDAY))


def settle(path: Path) -> None:
    """Give the file a time that lies well in the past, as a file has that nobody touches."""
    os.utime(path, ns=(10**18, 10**18))


def test_new_changed_and_vanished_files_are_noticed(index: Index, write: Write) -> None:
    one, two = write("one", title="One"), write("two", title="Two")
    assert titles(index) == ["One", "Two"]
    one.unlink()
    write("two", title="Second")
    write("three", title="Three")
    assert titles(index) == ["Second", "Three"]
    assert two.exists()


def test_a_look_at_unchanged_files_reads_none(index: Index, write: Write) -> None:
    settle(write("one"))
    index.look()
    read_files: list[str] = []
    index._fetch = lambda folder, href: read_files.append(href)  # type: ignore[assignment,return-value]
    assert (index.look(), read_files) == (0, [])


@pytest.mark.parametrize(
    "facts",
    [
        b"[" * 50_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b'{"owner": "\\ud800"}',
        b'{"owner": "\xed\xa0\x80"}',
        '{"owner": "\ud800"}'.encode("utf-16-le", "surrogatepass"),
        b'{"kind": "snapshot", "owner":',
        b"null",
    ],
    ids=["never closed", "closed again", "half a character", "its bytes", "in UTF-16", "cut", "nothing"],
)
def test_facts_that_we_would_not_have_written_are_none(index: Index, write: Write, facts: bytes) -> None:
    (write("one", title="One").parent / ".partagenda.json").write_bytes(facts)
    assert titles(index) == ["One"]
    assert index.db.execute("SELECT kind, owner, facts FROM calendar").fetchall() == [("local", "", "")]


def test_a_calendar_that_was_made_at_an_impossible_time_is_listed(index: Index, write: Write) -> None:
    (write("one", title="One").parent / ".partagenda.json").write_bytes(b'{"created": 1%s}' % (b"0" * 400))
    assert titles(index) == ["One"]


def test_a_change_within_the_same_tick_and_size_is_noticed(index: Index, write: Write) -> None:
    path = write("one", title="One")
    stat = path.stat()
    index.look()
    write("one", title="Two")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert titles(index) == ["Two"]


def test_in_a_large_calendar_a_shown_file_that_changed_in_place_is_noticed(
    index: Index, write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "SMALL", 0)
    monkeypatch.setattr("core.index.looking.SMALL", 0)
    settle(write("one", title="One"))
    settle(folder)
    index.look()
    with (folder / "one.ics").open("r+b") as file:
        content = file.read().replace(b"SUMMARY:One", b"SUMMARY:Two")
        file.seek(0)
        file.write(content)
    settle(folder)
    assert titles(index) == ["Two"]


def test_in_a_large_calendar_a_file_that_is_not_shown_waits_for_the_full_look(
    index: Index, write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "SMALL", 0)
    settle(write("one", title="One"))
    settle(folder)
    index.look()
    (folder / "one.ics").write_bytes((folder / "one.ics").read_bytes().replace(b"One", b"Two"))
    settle(folder)
    assert index.look() == 0
    assert index.look(full=True) == 1


def test_calendars_come_and_go_with_their_folders(index: Index, folder: Path) -> None:
    (folder.parent / "family").mkdir()
    index.look()
    assert [row[1] for row in read.calendars(index.db)] == ["local/family", "local/work"]
    (folder.parent / "family").rmdir()
    index.look()
    assert [row[1] for row in read.calendars(index.db)] == ["local/work"]


def test_hidden_folders_and_files_are_none_of_ours(index: Index, folder: Path, write: Write) -> None:
    write("one").rename(folder / ".one.ics")
    (folder.parent / ".hidden").mkdir()
    index.look()
    assert [(row[1], row[6]) for row in read.calendars(index.db)] == [("local/work", 0)]


def test_the_horizon_grows_when_somebody_looks_past_it(index: Index, write: Write) -> None:
    write("one", "RRULE:FREQ=WEEKLY")
    index.look()
    later = [bound + 1000 * DAY for bound in WEEK]
    assert len(rows_in(index, {1}, tuple(later), MONDAY)) == 1
    assert index.horizon()[1] > later[1]


def test_a_changed_calendar_keeps_what_it_was_expanded_to(index: Index, write: Write) -> None:
    write("one", "RRULE:FREQ=WEEKLY")
    index.look()
    later = tuple(bound + 1000 * DAY for bound in WEEK)
    rows_in(index, {1}, later, MONDAY)
    write("one", "RRULE:FREQ=WEEKLY", title="Dinner")
    index.look()
    assert [row[read.TITLE] for row in rows_in(index, {1}, later, MONDAY)] == ["Dinner"]


def ids(index: Index) -> list[str]:
    index.look()
    return [row[0] for row in index.db.execute("SELECT eid FROM object ORDER BY href")]


@pytest.mark.parametrize("read_again", [True, False])
def test_a_second_file_of_one_uid_that_comes_later_gives_a_second_id(
    index: Index, write: Write, folder: Path, read_again: bool
) -> None:
    path = write("one")
    if not read_again:  # else it is too young to be trusted
        settle(path)
    (first,) = ids(index)
    (folder / "two.ics").write_bytes(path.read_bytes())
    there = ids(index)
    assert (there[0], len(set(there))) == (first, 2)


def test_one_uid_in_two_files_gives_two_ids(index: Index, write: Write, folder: Path) -> None:
    (folder / "copy.ics").write_bytes(write("one").read_bytes())
    index.look()
    assert len({row[read.EID] for row in rows_in(index, {1}, WEEK, MONDAY)}) == 2


def test_ids_outlive_the_index(index: Index, write: Write) -> None:
    write("one")
    index.look()
    before = [row[read.EID] for row in rows_in(index, {1}, WEEK, MONDAY)]
    index.clear()
    index.look()
    assert [row[read.EID] for row in rows_in(index, {1}, WEEK, MONDAY)] == before


def test_words_of_events_that_are_gone_are_not_found(index: Index, write: Write) -> None:
    path = write("one", title="Quokka")
    index.look()
    path.unlink()
    index.look()
    assert read.search(index.db, ["quokka"], {1}, MONDAY) == []


def test_most_words_belonging_to_nothing_makes_the_next_full_look_begin_again(index: Index, write: Write) -> None:
    write("one")
    index.look()
    index.db.execute("UPDATE sqlite_sequence SET seq=50000 WHERE name='item'")
    assert index.look(full=True) == 1
    assert index.db.execute("SELECT MAX(n) FROM item").fetchone() == (1,)


def test_chinese_and_japanese_characters_stand_as_words() -> None:
    assert spaced("東京 meeting").split() == ["東", "京", "meeting"]
    assert spaced("Zürich café") == "Zürich café"


def test_a_folder_of_calendars_that_cannot_be_listed_just_now_loses_none_of_them(index, write, folder, monkeypatch):
    write("one")
    index.look()

    def no_disk(path):
        raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    with monkeypatch.context() as broken:
        broken.setattr("core.index.folder.os.scandir", no_disk)
        index.discover()
    assert index.db.execute("SELECT path FROM calendar").fetchall() == [(str(folder),)]
    assert index.db.execute("SELECT uid FROM object").fetchall() == [("one",)]


def test_a_name_that_cannot_be_read_just_now_stays_what_it_was_and_is_read_later(index, write, folder, monkeypatch):
    write("one")
    (folder / "displayname").write_text("Work\n")
    index.look()

    def name() -> str:
        return index.db.execute("SELECT name FROM calendar").fetchone()[0]

    def no_disk(folder, href):
        raise OSError(errno.EIO, os.strerror(errno.EIO), href)

    (folder / "displayname").write_text("Work and more\n")
    with monkeypatch.context() as broken:
        broken.setattr("core.index.folder.read_file", no_disk)
        index.look()
    assert name() == "Work"
    index.look()
    assert name() == "Work and more"


def test_a_colour_that_cannot_be_read_leaves_a_snapshot_what_it_is(index, folder, monkeypatch):
    (folder / "displayname").write_text("Bruno\n")
    (folder / "color").write_text("#112233\n")
    (folder / ".partagenda.json").write_text('{"kind": "snapshot", "owner": "bruno@example.net"}')

    def no_colour(folder, href):
        if href == "color":
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), href)
        return read_file(folder, href)

    def properties() -> tuple[str, ...]:
        return index.db.execute("SELECT name, colour, kind, owner FROM calendar").fetchone()

    with monkeypatch.context() as closed:
        closed.setattr("core.index.folder.read_file", no_colour)
        index.look()
        assert properties() == ("Bruno", "", "snapshot", "bruno@example.net")
    index.look()
    assert properties() == ("Bruno", "#112233", "snapshot", "bruno@example.net")


def test_a_name_in_another_encoding_takes_nothing_else_with_it(index, write, folder):
    write("one")
    os.mkdir(os.fsencode(folder.parent) + b"/caf\xe9")
    with open(os.fsencode(folder) + b"/caf\xe9.ics", "wb") as file:
        file.write((folder / "one.ics").read_bytes().replace(b"UID:one", b"UID:two"))
    index.look(full=True)
    assert index.db.execute("SELECT path, events FROM calendar").fetchall() == [(str(folder), 1)]
    assert index.db.execute("SELECT uid FROM object").fetchall() == [("one",)]


def test_a_calendar_of_which_nobody_knows_yet_what_it_is_counts_as_none_of_ones_own(index, folder, monkeypatch):
    (folder / ".partagenda.json").write_text('{"kind": "snapshot", "owner": "bruno@example.net"}')

    def no_facts(folder, href):
        if href == ".partagenda.json":
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), href)
        return read_file(folder, href)

    def kind() -> str:
        return index.db.execute("SELECT kind FROM calendar").fetchone()[0]

    with monkeypatch.context() as closed:
        closed.setattr("core.index.folder.read_file", no_facts)
        index.look()
        assert kind() == ""
    index.look()
    assert kind() == "snapshot"
    with monkeypatch.context() as closed:
        closed.setattr("core.index.folder.read_file", no_facts)
        (folder / "color").write_text("#112233\n")
        index.look()
        assert kind() == "snapshot"


def fill(index: Index, write: Write, *names: str) -> None:
    """A calendar that this program makes, as it tells the index of one."""
    index.discover()
    files = []
    for name in names:
        path = write(name, title=name)
        stat = path.stat()
        files.append((path.name, path.read_bytes(), (stat.st_mtime_ns, stat.st_size, stat.st_ino)))
    index.take_in(1, "local/work", files)
    index.made(1, {href: stat for href, _data, stat in files})


def test_a_calendar_that_was_made_here_is_not_compared_again(
    index: Index, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(index, write, "One", "Two")
    compared: list[str] = []
    monkeypatch.setattr(update, "differences", lambda _db, _n, path, _there: compared.append(path) or ([], [], 2))
    assert (titles(index), compared) == (["One", "Two"], [])


def test_a_file_that_came_right_after_is_noticed(index: Index, write: Write) -> None:
    fill(index, write, "One")
    write("two", title="Two")
    assert titles(index) == ["One", "Two"]


def test_a_file_that_was_changed_right_after_is_noticed(index: Index, write: Write) -> None:
    fill(index, write, "One", "Two")
    write("Two", title="Other")
    assert titles(index) == ["One", "Other"]


def test_a_file_that_went_before_the_index_was_told_is_noticed(index: Index, write: Write, folder: Path) -> None:
    index.discover()
    path = write("One", title="One")
    stat = path.stat()
    told = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    index.take_in(1, "local/work", [(path.name, path.read_bytes(), told)])
    path.unlink()
    index.made(1, {path.name: told})
    assert titles(index) == []


@pytest.mark.parametrize("count", [0, SMALL + 1])
def test_a_calendar_without_files_or_with_very_many_is_looked_at(
    index: Index, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.discover()
    looked: list[str] = []
    monkeypatch.setattr(index, "look", lambda only: looked.append(only))
    index.made(1, {str(number): (0, 0, number) for number in range(count)})
    assert looked == ["local/work"]
