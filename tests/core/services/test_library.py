"""What a person does with calendars as a whole, over real folders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.calendar.span import WHOLE_CALENDAR, DateRange, TimeSpan
from core.errors import Cancelled, NotFound, Refused, StorageError, Unreadable, UsageError
from core.ports.calendars import CalendarKind, SnapshotFacts
from core.services.library import Library, Source
from tests.contracts.calendar_store import DAY, PARIS, make_event
from tests.core.services.calendars import HEAD, calendar, event, open_library
from tests.soak import soak


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return open_library(tmp_path)


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def saved(data: bytes, name: str = "work.ics") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return saved


async def take_in(library: Library, path: Path, **options: str):
    return await library.import_sources([Source(str(path), path=path)], **options)


async def titles(library: Library, name: str, span: TimeSpan = DAY) -> list[str]:
    return [entry.title for entry in await library.entries([(await library.find(name)).id], span)]


# calendars


async def test_the_first_calendar_that_can_be_written_is_the_default(library: Library) -> None:
    await library.create("One")
    await library.create("Two")
    assert [(info.name, info.default) for info in await library.calendars()] == [("One", True), ("Two", False)]


async def test_another_default_is_remembered(library: Library, tmp_path: Path) -> None:
    await library.create("One")
    await library.set_default((await library.create("Two")).id)
    again = open_library(tmp_path)
    assert [info.name for info in await again.calendars() if info.default] == ["Two"]


async def test_a_name_is_found_in_any_case(library: Library) -> None:
    made = await library.create("Réunions")
    assert (await library.find("réunions")).id == made.id


async def test_a_mistyped_name_is_answered_with_the_nearest(library: Library) -> None:
    await library.create("Holidays")
    with pytest.raises(NotFound) as caught:
        await library.find("Holydays")
    assert "Holidays" in caught.value.hint


async def test_a_name_that_two_calendars_have_is_asked_about(library: Library) -> None:
    await library.create("One")
    other = await library.create("Two")
    await library.rename(other.id, "One")
    with pytest.raises(UsageError) as caught:
        await library.find("One")
    assert other.id in caught.value.hint


async def test_a_taken_name_is_refused(library: Library) -> None:
    await library.create("Work")
    with pytest.raises(Refused):
        await library.create("work")


async def test_calendars_keep_their_order_when_the_index_is_lost(library: Library, tmp_path: Path) -> None:
    for name in ("Zebra", "Apple", "Middle"):
        await library.create(name)
    for path in (tmp_path / "cache").iterdir():
        path.unlink()
    assert [info.name for info in await open_library(tmp_path).calendars()] == ["Zebra", "Apple", "Middle"]


# importing


async def test_a_file_becomes_a_calendar_with_the_name_it_gives_itself(library: Library, save) -> None:
    report = await take_in(library, save(calendar(event("one"), name="Réunions")))
    assert (report.calendars, report.added) == (["Réunions"], 1)
    assert await titles(library, "Réunions") == ["Lunch"]


async def test_a_file_without_a_name_gives_its_own(library: Library, save) -> None:
    assert (await take_in(library, save(calendar(event("one")), "trip.ics"))).calendars == ["trip"]


async def test_importing_the_same_again_changes_nothing(library: Library, save, tmp_path: Path) -> None:
    path = save(calendar(event("one"), event("two")))
    await take_in(library, path)
    before = {file: file.read_bytes() for file in (tmp_path / "data").rglob("*.ics")}
    again = await take_in(library, path)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2)
    assert {file: file.read_bytes() for file in (tmp_path / "data").rglob("*.ics")} == before
    assert len(await library.calendars()) == 1


async def test_the_same_from_standard_input_again_changes_nothing(library: Library) -> None:
    source = Source("-", data=calendar(event("one")))
    await library.import_sources([source])
    again = await library.import_sources([source])
    assert (again.unchanged, len(await library.calendars())) == (1, 1)


async def test_a_new_stamp_alone_is_no_change(library: Library, save) -> None:
    await take_in(library, save(calendar(event("one"))))
    again = await take_in(library, save(calendar(event("one").replace(b"DTSTAMP:2026", b"DTSTAMP:2027"))))
    assert (again.updated, again.unchanged) == (0, 1)


async def test_a_file_that_changed_updates_its_calendar(library: Library, save) -> None:
    await take_in(library, save(calendar(event("one"))))
    again = await take_in(library, save(calendar(event("one", title="Dinner"), event("two", title="Tea"))))
    assert (again.added, again.updated, again.unchanged) == (1, 1, 0)
    assert await titles(library, "work") == ["Dinner", "Tea"]


async def test_what_was_changed_here_since_is_not_undone_by_importing_the_old_file_again(
    library: Library, save
) -> None:
    path = save(calendar(event("one", "SEQUENCE:0")))
    await take_in(library, path)
    info = await library.find("work")
    (stored,) = await library.objects(info.id)
    await library._stores[0].put(info.id, make_event("one", "Changed", sequence=1), expected_etag=stored.etag)
    again = await take_in(library, path)
    assert (again.unchanged, await titles(library, "work")) == (1, ["Changed"])


async def test_another_name_makes_another_calendar(library: Library, save) -> None:
    path = save(calendar(event("one")))
    await take_in(library, path, name="Mine")
    await take_in(library, path, name="Yours")
    assert [info.name for info in await library.calendars()] == ["Mine", "Yours"]


async def test_into_a_calendar_adds_to_what_is_there(library: Library, save) -> None:
    await library.create("Work")
    report = await take_in(library, save(calendar(event("one"), name="Other")), into="Work")
    assert (report.calendars, len(await library.calendars())) == (["Work"], 1)


async def test_the_same_relation_refreshes_and_takes_away_what_is_gone(library: Library, save) -> None:
    def sent(*events: bytes) -> bytes:
        return calendar(*events, extra=b"X-WR-RELCALID:{1234}\r\n", name="Alice")

    await take_in(library, save(sent(event("one"), event("two", title="Tea")), "first.ics"))
    report = await take_in(library, save(sent(event("three", title="New")), "second.ics"))
    assert (report.calendars, await titles(library, "Alice")) == (["Alice"], ["New"])


async def test_a_relation_never_takes_away_what_the_person_added(library: Library, save) -> None:
    def sent(*events: bytes) -> bytes:
        return calendar(*events, extra=b"X-WR-RELCALID:{1234}\r\n", name="Alice")

    await take_in(library, save(sent(event("one")), "first.ics"))
    info = await library.find("Alice")
    await library._stores[0].put(info.id, make_event("mine", "Mine"), expected_etag=None)
    await take_in(library, save(sent(event("two", title="Two")), "second.ics"))
    assert sorted(await titles(library, "Alice")) == ["Mine", "Two"]


async def test_two_calendars_of_one_name_get_numbers(library: Library, save) -> None:
    await take_in(library, save(calendar(event("one"), name="Team"), "a.ics"))
    await take_in(library, save(calendar(event("two"), name="Team"), "b.ics"))
    assert [info.name for info in await library.calendars()] == ["Team", "Team 2"]


async def test_a_folder_of_files_becomes_one_calendar(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "their vdir"
    folder.mkdir()
    (folder / "one.ics").write_bytes(calendar(event("one")))
    (folder / "two.ics").write_bytes(calendar(event("two", title="Tea")))
    (folder / "notes.txt").write_text("no calendar")
    report = await take_in(library, folder)
    assert (report.calendars, report.added) == (["their vdir"], 2)


async def test_a_broken_file_in_a_folder_is_named_and_the_rest_comes_in(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "one.ics").write_bytes(calendar(event("one")))
    (folder / "bad.ics").write_bytes(b"<html>sign in</html>")
    report = await take_in(library, folder)
    assert (report.added, [problem.file for problem in report.problems if problem.refused]) == (1, ["bad.ics"])


async def test_the_calendar_of_a_message_comes_in(library: Library, save) -> None:
    message = (
        b"From: Bruno <bruno@example.net>\r\nTo: alice@example.org\r\nSubject: Calendar\r\n"
        b"Message-ID: <1@example.net>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/calendar; method=PUBLISH; charset=utf-8; name=week.ics\r\n\r\n"
    ) + calendar(event("one"), name="Bruno")
    report = await take_in(library, save(message, "mail.eml"))
    assert (report.calendars, report.added) == (["Bruno"], 1)


async def test_a_message_without_a_calendar_is_refused_with_its_name(library: Library, save) -> None:
    with pytest.raises(Unreadable, match=r"mail\.eml"):
        await take_in(library, save(b"From: a@example.org\r\nMIME-Version: 1.0\r\n\r\nHello\r\n", "mail.eml"))


async def test_an_address_is_refused_with_a_way_out(library: Library) -> None:
    with pytest.raises(Refused) as caught:
        await library.import_sources([Source("https://example.org/a.ics")])
    assert caught.value.hint


async def test_events_come_in_byte_for_byte(library: Library, save, tmp_path: Path) -> None:
    odd = event("one", 'X-ODD;X-P="a;b":kept as it\r\n  came', "ATTACH;VALUE=BINARY;ENCODING=BASE64:QUJD")
    await take_in(library, save(calendar(odd)))
    (file,) = (tmp_path / "data").rglob("one.ics")
    assert odd in file.read_bytes()


async def test_only_the_zones_that_an_event_names_come_with_it(library: Library, save, tmp_path: Path) -> None:
    zones = b"".join(
        b"BEGIN:VTIMEZONE\r\nTZID:%s\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\n"
        b"TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" % name
        for name in (b"Europe/Paris", b"Asia/Tokyo")
    )
    data = calendar(event("one", start="DTSTART;TZID=Asia/Tokyo:20261123T200000"), extra=zones)
    await take_in(library, save(data))
    (file,) = (tmp_path / "data").rglob("one.ics")
    assert (b"TZID:Asia/Tokyo" in file.read_bytes(), b"TZID:Europe/Paris" in file.read_bytes()) == (True, False)


async def test_problems_name_the_line_of_the_file_that_was_imported(library: Library, save) -> None:
    data = calendar(event("one"), event("two", "CLASS:ODD", title="Tea"))
    report = await take_in(library, save(data))
    line = data.split(b"\r\n").index(b"CLASS:ODD") + 1
    assert [(problem.file.rpartition("/")[2], problem.line) for problem in report.problems] == [("work.ics", line)]


async def test_events_without_a_uid_are_not_doubled_when_they_come_again(library: Library, save) -> None:
    path = save(calendar(event("one").replace(b"UID:one\r\n", b"")))
    await take_in(library, path)
    again = await take_in(library, path)
    assert (again.added, again.unchanged) == (0, 1)


async def test_an_import_that_is_stopped_leaves_no_calendar(library: Library, save, tmp_path: Path) -> None:
    path = save(calendar(*(event(f"e{number}") for number in range(500))))

    def stop(done: int, total: int, what: str) -> None:
        if done >= 200:
            raise Cancelled("stopped")

    for _attempt in range(2):
        with pytest.raises(Cancelled):
            await library.import_sources([Source("work.ics", path=path)], progress=stop)
    assert await library.calendars() == []
    assert list((tmp_path / "data").rglob("*.ics")) == []


async def test_one_bad_source_does_not_stop_the_others(library: Library, save) -> None:
    good, bad = save(calendar(event("one")), "good.ics"), save(b"nothing", "bad.ics")
    report = await library.import_sources([Source("bad.ics", path=bad), Source("good.ics", path=good)])
    assert (report.calendars, report.failed) == (["good"], ["bad.ics"])


@soak("real files: imported, or one line with a reason", 1)
async def test_every_real_file_comes_in_or_is_refused_with_a_reason(library: Library, shared_ics: list[Path]) -> None:
    refused = []
    for number, path in enumerate(shared_ics):
        try:
            await take_in(library, path, name=f"File {number}")
        except Unreadable as error:
            refused.append((path.name, error.message))
    assert len(refused) <= 4
    assert all(message for _name, message in refused)


# export, details, files, snapshots


async def test_an_export_comes_back_as_it_was(library: Library, save) -> None:
    await take_in(library, save(calendar(event("one", "RRULE:FREQ=DAILY;COUNT=3", "X-ODD:kept"), name="Work")))
    data = await library.export("Work", WHOLE_CALENDAR)
    report = await library.import_sources([Source("-", data=data)], name="Copy")
    week = TimeSpan(DAY.start, DAY.start + timedelta(days=7))
    assert (report.added, await titles(library, "Copy", week)) == (1, ["Lunch"] * 3)
    assert b"X-ODD:kept" in data


async def test_an_export_of_days_has_what_touches_them(library: Library, save) -> None:
    await take_in(library, save(calendar(event("one"), event("later", start="DTSTART:20270101T110000Z"))))
    data = await library.export("work", DateRange(date(2026, 11, 23), date(2026, 11, 23)))
    assert (b"UID:one" in data, b"UID:later" in data) == (True, False)


async def test_details_of_an_instance_are_those_of_that_instance(library: Library, save) -> None:
    moved = event("one", "RECURRENCE-ID:20261124T110000Z", title="Moved", start="DTSTART:20261124T150000Z")
    await take_in(library, save(calendar(event("one", "RRULE:FREQ=DAILY;COUNT=3"), moved)))
    week = TimeSpan(DAY.start, DAY.start + timedelta(days=7))
    entries = await library.entries([(await library.find("work")).id], week)
    details = [await library.details(entry.id) for entry in entries]
    assert [one.occurrence.event.title for one in details] == ["Lunch", "Moved", "Lunch"]
    assert [one.occurrence.start for one in details] == [entry.start for entry in entries]


async def test_details_of_what_is_gone_are_not_found(library: Library) -> None:
    with pytest.raises(NotFound):
        await library.details("0123456789ab")


async def test_a_file_is_looked_at_without_becoming_a_calendar(library: Library, save, tmp_path: Path) -> None:
    (info,) = await library.look_at([save(calendar(event("one"), name="Theirs"))])
    assert (info.name, info.kind, await titles(library, "Theirs")) == ("Theirs", CalendarKind.FILE, ["Lunch"])
    assert await open_library(tmp_path).calendars() == []


async def test_a_looked_at_file_can_be_kept(library: Library, save, tmp_path: Path) -> None:
    (info,) = await library.look_at([save(calendar(event("one"), name="Theirs"))])
    kept = await library.keep(info.id)
    assert [(one.id, one.kind) for one in await open_library(tmp_path).calendars()] == [(kept.id, CalendarKind.LOCAL)]


async def test_a_looked_at_file_is_still_there_where_it_cannot_be_kept(
    library: Library, save, monkeypatch: pytest.MonkeyPatch
) -> None:
    (info,) = await library.look_at([save(calendar(event("one"), name="Theirs"))])

    def full(*_arguments: object, **_named: object) -> str:
        raise StorageError("no room")

    with monkeypatch.context() as patch:
        patch.setattr("core.backends.vdir.bulk.create_filled", full)
        with pytest.raises(StorageError, match="no room"):
            await library.keep(info.id)
    assert await titles(library, "Theirs") == ["Lunch"]
    assert (await library.keep(info.id)).name == "Theirs"


def facts(sender: str = "alice@example.org", relation: str = "{1}") -> SnapshotFacts:
    window = DateRange(date(2026, 11, 23), date(2026, 11, 29))
    return SnapshotFacts(window, datetime(2026, 11, 22, 8, tzinfo=UTC), sender, relation)


async def test_a_snapshot_is_marked_with_its_window_sender_and_age(library: Library) -> None:
    info = await library.open_snapshot(calendar(event("one")), facts(), "Alice")
    assert (info.kind, info.owner, info.snapshot, info.can.write) == (
        CalendarKind.SNAPSHOT,
        "alice@example.org",
        facts(),
        False,
    )


async def test_the_same_calendar_from_the_same_sender_refreshes_it(library: Library) -> None:
    first = await library.open_snapshot(calendar(event("one")), facts(), "Alice")
    second = await library.open_snapshot(calendar(event("two", title="New")), facts("Alice@example.org"), "Alice")
    assert (second.id, await titles(library, "Alice")) == (first.id, ["New"])


async def test_a_calendar_whose_sender_is_not_named_is_asked_about_too(library: Library) -> None:
    await library.open_snapshot(calendar(event("one")), facts(""), "Alice", None)
    await library.open_snapshot(calendar(event("two", title="Forged")), facts(""), "Alice", lambda _question: False)
    assert (await titles(library, "Alice"), await titles(library, "Alice 2")) == (["Lunch"], ["Forged"])


async def test_the_same_calendar_from_another_sender_is_asked_about_and_stays_apart_without_consent(
    library: Library,
) -> None:
    asked: list[str] = []
    await library.open_snapshot(calendar(event("one")), facts(), "Alice")
    await library.open_snapshot(
        calendar(event("two", title="Forged")), facts("mallory@example.net"), "Alice", lambda q: bool(asked.append(q))
    )
    assert (len(asked), await titles(library, "Alice"), await titles(library, "Alice 2")) == (1, ["Lunch"], ["Forged"])


async def test_a_snapshot_knows_the_level_it_was_made_at(library: Library) -> None:
    simple = HEAD + (
        b"BEGIN:VEVENT\r\nDTEND:20261123T120000Z\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261123T110000Z\r\nSEQUENCE:0\r\n"
        b"SUMMARY:Busy\r\nTRANSP:OPAQUE\r\nUID:x\r\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert (await library.open_snapshot(simple, facts(), "Alice")).level == "availability"


async def test_search_goes_through_every_calendar(library: Library, save) -> None:
    await take_in(library, save(calendar(event("one", title="Quokka one")), "a.ics"))
    await library.look_at([save(calendar(event("two", title="Quokka two")), "b.ics")])
    assert sorted(entry.title for entry in await library.search(["quokka"])) == ["Quokka one", "Quokka two"]


async def test_entries_of_several_stores_come_in_order(library: Library, save) -> None:
    await take_in(library, save(calendar(event("one", start="DTSTART:20261123T150000Z", title="Late")), "a.ics"))
    await library.look_at([save(calendar(event("two", start="DTSTART:20261123T080000Z", title="Early")), "b.ics")])
    ids = [info.id for info in await library.calendars()]
    assert [entry.title for entry in await library.entries(ids, DAY, PARIS)] == ["Early", "Late"]
