"""The vdir store keeps the port's promises, and those that a folder shared with other programs needs."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.vdir import VdirStore
from core.calendar.span import TimeSpan
from core.errors import Conflict, NotFound, Refused
from core.index.session import IndexSession
from tests.contracts.calendar_store import DAY, CalendarStoreContract, make_event

PARIS = ZoneInfo("Europe/Paris")
KHAL = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//PIMUTILS.ORG//NONSGML khal / icalendar //EN\r
BEGIN:VEVENT\r
SUMMARY:%s\r
DTSTART;TZID=Europe/Paris:20261123T120000\r
DTEND;TZID=Europe/Paris:20261123T130000\r
DTSTAMP:20261101T000000Z\r
UID:%s\r
END:VEVENT\r
END:VCALENDAR\r
"""


class TestVdirStore(CalendarStoreContract):
    """The contract of every calendar store."""


async def titles(store: VdirStore, calendar: str) -> list[str]:
    return [entry.title for entry in await store.entries([calendar], DAY, PARIS)]


async def test_a_file_that_another_program_adds_is_seen_at_the_next_look(
    store: VdirStore, calendar: str, folder: Path
) -> None:
    assert await titles(store, calendar) == []
    (folder / "new.ics").write_bytes(KHAL % (b"Added", b"new"))
    assert await titles(store, calendar) == ["Added"]


async def test_a_file_that_another_program_changes_is_seen_at_the_next_look(
    store: VdirStore, calendar: str, folder: Path
) -> None:
    (folder / "new.ics").write_bytes(KHAL % (b"Before", b"new"))
    assert await titles(store, calendar) == ["Before"]
    (folder / "new.ics").write_bytes(KHAL % (b"After!", b"new"))
    assert await titles(store, calendar) == ["After!"]


async def test_a_file_that_another_program_removes_is_gone_at_the_next_look(
    store: VdirStore, calendar: str, folder: Path
) -> None:
    (folder / "new.ics").write_bytes(KHAL % (b"Here", b"new"))
    assert await titles(store, calendar) == ["Here"]
    (folder / "new.ics").unlink()
    assert await titles(store, calendar) == []


async def test_what_another_program_changed_since_it_was_read_is_not_overwritten(
    store: VdirStore, calendar: str, folder: Path
) -> None:
    (folder / "new.ics").write_bytes(KHAL % (b"Before", b"new"))
    read = await store.get(calendar, "new")
    (folder / "new.ics").write_bytes(KHAL % (b"Theirs", b"new"))
    with pytest.raises(Conflict):
        await store.put(calendar, make_event("new", "Ours"), expected_etag=read.etag)
    assert (folder / "new.ics").read_bytes() == KHAL % (b"Theirs", b"new")


async def test_a_version_that_comes_between_comparing_and_exchanging_is_kept(
    store: VdirStore, calendar: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.backends.vdir import files

    etag = await store.put(calendar, make_event("new", "Before"), expected_etag=None)
    swap = files.exchange

    def theirs_first(one: str, other: str) -> None:
        (folder / "other.tmp").write_bytes(KHAL % (b"Theirs", b"new"))
        os.rename(folder / "other.tmp", other)
        swap(one, other)

    monkeypatch.setattr(files, "exchange", theirs_first)
    await store.put(calendar, make_event("new", "Ours"), expected_etag=etag)
    kept = store.conflicts.kept()
    assert [(version.calendar, version.path.read_bytes()) for version in kept] == [
        (calendar, KHAL % (b"Theirs", b"new"))
    ]


async def test_a_deletion_gives_way_to_a_change_that_comes_in_the_same_moment(
    store: VdirStore, calendar: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.backends.vdir import files

    etag = await store.put(calendar, make_event("new", "Before"), expected_etag=None)
    rename = os.rename

    def theirs_first(one: str, other: str) -> None:
        if str(one).endswith("new.ics"):
            (folder / "other.tmp").write_bytes(KHAL % (b"Theirs", b"new"))
            rename(folder / "other.tmp", one)
        rename(one, other)

    monkeypatch.setattr(files.os, "rename", theirs_first)
    with pytest.raises(Conflict):
        await store.delete(calendar, "new", expected_etag=etag)
    assert (folder / "new.ics").read_bytes() == KHAL % (b"Theirs", b"new")


async def test_khal_reads_the_name_and_colour_that_we_write(store: VdirStore, calendar: str, folder: Path) -> None:
    await store.update(calendar, name="Réunions", colour="#3366cc")
    assert (folder / "displayname").read_text().strip() == "Réunions"
    assert (folder / "color").read_text().strip() == "#3366cc"


async def test_a_uid_that_is_no_file_name_gets_a_hash_for_one(store: VdirStore, calendar: str, folder: Path) -> None:
    await store.put(calendar, make_event("../../.bashrc"), expected_etag=None)
    (name,) = [path.name for path in folder.glob("*.ics")]
    assert len(name) == 64 + 4
    assert (await store.get(calendar, "../../.bashrc")).object.uid == "../../.bashrc"


async def test_files_are_for_the_person_alone(store: VdirStore, calendar: str, folder: Path, tmp_path: Path) -> None:
    await store.put(calendar, make_event(), expected_etag=None)
    open_to_others = [
        str(path)
        for top in ("data", "cache", "state")
        for path in [tmp_path / top, *(tmp_path / top).rglob("*")]
        if path.stat().st_mode & 0o077
    ]
    assert open_to_others == []


async def test_a_planted_link_is_not_followed(store: VdirStore, calendar: str, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ics"
    secret.write_bytes(KHAL % (b"Secret", b"secret"))
    (folder / "link.ics").symlink_to(secret)
    assert await titles(store, calendar) == []


async def test_a_broken_file_does_not_take_the_calendar_with_it(store: VdirStore, calendar: str, folder: Path) -> None:
    (folder / "broken.ics").write_bytes(b"\x00\xff not a calendar")
    (folder / "new.ics").write_bytes(KHAL % (b"Here", b"new"))
    assert await titles(store, calendar) == ["Here"]


async def test_a_deleted_calendar_comes_back_with_its_events(store: VdirStore, calendar: str) -> None:
    await store.put(calendar, make_event(), expected_etag=None)
    await store.remove(calendar)
    assert await store.deleted() == ["Work"]
    back = await store.restore("work")
    assert (back.name, await titles(store, back.id)) == ("Work", ["Lunch with Bruno"])


async def test_restoring_what_was_never_deleted_says_what_can_be(store: VdirStore, calendar: str) -> None:
    await store.remove(calendar)
    with pytest.raises(NotFound) as caught:
        await store.restore("Wrok")
    assert "Work" in caught.value.hint


async def test_a_lost_index_is_made_again(
    store: VdirStore, calendar: str, open_store: Callable[[], VdirStore], tmp_path: Path
) -> None:
    await store.put(calendar, make_event(), expected_etag=None)
    for path in (tmp_path / "cache").iterdir():
        path.unlink()
    assert await titles(store, calendar) == ["Lunch with Bruno"]


async def test_a_damaged_index_is_made_again(
    store: VdirStore, calendar: str, open_store: Callable[[], VdirStore], tmp_path: Path
) -> None:
    await store.put(calendar, make_event(), expected_etag=None)
    store._index.close()
    (tmp_path / "cache" / "index.sqlite3").write_bytes(b"SQLite format 3\0" + b"garbage" * 1000)
    assert await titles(open_store(), calendar) == ["Lunch with Bruno"]


async def test_temporary_files_of_a_killed_process_are_swept(store: VdirStore, calendar: str, folder: Path) -> None:
    (folder / ".partagenda-0123456789abcdef.tmp").write_bytes(b"half")
    await store.refresh()
    assert list(folder.glob(".partagenda-*.tmp")) == []


async def test_an_unfinished_import_of_a_killed_process_is_swept(store: VdirStore, calendar: str, folder: Path) -> None:
    (folder.parent / ".partagenda-0123456789abcdef.new").mkdir()
    await store.refresh()
    assert list(folder.parent.glob(".partagenda-*")) == []


async def test_an_account_of_other_programs_is_used_in_place(tmp_path: Path, clock: object) -> None:
    theirs = tmp_path / "calendars" / "family"
    theirs.mkdir(parents=True)
    (theirs / "displayname").write_text("Famille")
    (theirs / "color").write_text("#00FF00")
    (theirs / "new.ics").write_bytes(KHAL % (b"Here", b"new"))
    index = IndexSession(str(tmp_path / "cache" / "index.sqlite3"), [("khal", str(tmp_path / "calendars" / "*"))])
    store = VdirStore("khal", index, clock, home=None, data=tmp_path / "data", state=tmp_path / "state")
    (info,) = await store.calendars()
    assert (info.id, info.name, info.colour, info.events) == ("khal/family", "Famille", "#00ff00", 1)
    with pytest.raises(Refused):
        await store.remove(info.id)


async def test_a_calendar_can_live_in_a_folder_elsewhere(store: VdirStore, tmp_path: Path) -> None:
    info = await store.adopt(tmp_path / "elsewhere", "Club")
    await store.put(info.id, make_event(), expected_etag=None)
    assert [path.name for path in (tmp_path / "elsewhere").rglob("*.ics")] == ["lunch@example.org.ics"]


async def test_a_file_with_two_events_is_read_and_not_written(store: VdirStore, calendar: str, folder: Path) -> None:
    one, two = KHAL % (b"One", b"one"), KHAL % (b"Two", b"two")
    both = one.replace(b"END:VCALENDAR\r\n", b"") + two[two.index(b"BEGIN:VEVENT") :]
    (folder / "both.ics").write_bytes(both)
    assert await titles(store, calendar) == ["One", "Two"]
    with pytest.raises(Refused):
        await store.put(calendar, make_event("one"), expected_etag=(await store.get(calendar, "one")).etag)
    assert (folder / "both.ics").read_bytes() == both


async def test_a_whole_calendar_shows_endless_series_for_two_years(store: VdirStore, calendar: str) -> None:
    await store.put(calendar, make_event(rrule="FREQ=MONTHLY"), expected_etag=None)
    ever = TimeSpan(datetime(1, 1, 2, tzinfo=PARIS), datetime(9999, 12, 30, tzinfo=PARIS))
    entries = await store.entries([calendar], ever, PARIS)
    assert len(entries) == 24


async def test_a_whole_calendar_shows_finite_series_to_their_end(store: VdirStore, calendar: str) -> None:
    await store.put(calendar, make_event(rrule="FREQ=YEARLY;COUNT=40"), expected_etag=None)
    ever = TimeSpan(datetime(1, 1, 2, tzinfo=PARIS), datetime(9999, 12, 30, tzinfo=PARIS))
    assert len(await store.entries([calendar], ever, PARIS)) == 40


async def test_browsing_week_by_week_shows_each_instance_once(store: VdirStore, calendar: str) -> None:
    await store.put(calendar, make_event(rrule="FREQ=WEEKLY"), expected_etag=None)
    seen = []
    for week in range(-30, 500, 7):
        start = DAY.start + timedelta(weeks=week)
        seen.append(len(await store.entries([calendar], TimeSpan(start, start + timedelta(weeks=7)), PARIS)))
    assert seen[5:] == [7] * len(seen[5:])
