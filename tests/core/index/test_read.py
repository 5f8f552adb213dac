"""Reading costs what lies in the span, and finds what touches it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.index import read
from core.index.database import IndexUnusable, open_for_reading
from core.index.looking import rows_in
from core.index.update import Index

DAY, HOUR = 86_400, 3_600
MONDAY = 1_795_392_000
Write = Callable[..., Path]


def found(index: Index, low: int, high: int) -> list[str]:
    index.look()
    return sorted(row[read.TITLE] for row in rows_in(index, {1}, (low, high, low, high), MONDAY))


@pytest.mark.parametrize("days", [1, 5, 40, 900, 5000])
def test_an_event_is_seen_on_its_last_day_however_long_it_is(index: Index, write: Write, days: int) -> None:
    write("one", f"DURATION:P{days}D", start="DTSTART:20100101T000000Z")
    start = 1_262_304_000
    assert found(index, start + days * DAY - 1, start + days * DAY) == ["Lunch"]
    assert found(index, start + days * DAY, start + days * DAY + 1) == []


def test_a_moment_without_length_is_seen_where_it_is(index: Index, write: Write) -> None:
    write("one", start="DTSTART:20261123T110000Z")
    at = MONDAY + 11 * HOUR
    assert found(index, at, at + 1) == ["Lunch"]
    assert found(index, at - 1, at) == []


def test_all_day_events_are_found_by_the_wall_clock(index: Index, write: Write) -> None:
    write("one", start="DTSTART;VALUE=DATE:20261123")
    index.look()
    far_east = (MONDAY - 13 * HOUR, MONDAY + 11 * HOUR, MONDAY, MONDAY + DAY)
    assert len(rows_in(index, {1}, far_east, MONDAY)) == 1


def test_an_instance_moved_onto_another_far_beyond_the_horizon_hides_nothing(index: Index, write: Write) -> None:
    moved = ("BEGIN:VEVENT", "UID:one", "RECURRENCE-ID:20261130T110000Z", "DTSTART:20800108T110000Z", "SUMMARY:Moved")
    write("one", "RRULE:FREQ=WEEKLY", "DURATION:PT1H", "END:VEVENT", *moved, "DURATION:PT1H")
    at = int(datetime(2080, 1, 8, tzinfo=UTC).timestamp())
    assert found(index, at, at + DAY) == ["Lunch", "Moved"]


def test_only_the_chosen_calendars_are_read(index: Index, write: Write) -> None:
    write("one")
    index.look()
    assert rows_in(index, {2}, (MONDAY, MONDAY + DAY) * 2, MONDAY) == []


def test_the_number_of_rows_looked_at_does_not_grow_with_the_calendar(index: Index, write: Write) -> None:
    for day in range(1, 29):
        write(f"feb{day}", start=f"DTSTART:202602{day:02}T110000Z")
    write("one")
    index.look()
    plan = index.db.execute(
        "EXPLAIN QUERY PLAN " + read._TOUCHING, (0, MONDAY - DAY, MONDAY + DAY, MONDAY, MONDAY)
    ).fetchall()
    assert "SEARCH o USING PRIMARY KEY (kind=? AND start>? AND start<?)" in plan[0][3]


def test_search_wants_every_word_and_takes_beginnings(index: Index, write: Write) -> None:
    write("one", "LOCATION:Café de la Gare", title="Budget review")
    index.look()
    assert len(read.search(index.db, ["budg", "cafe"], {1}, MONDAY)) == 1
    assert read.search(index.db, ["budget", "wombat"], {1}, MONDAY) == []


@pytest.mark.parametrize("word", ['"', "*", "a AND", "NEAR(", "col:x", "-", "'; --", "(", "^x"])
def test_search_words_are_never_query_language(index: Index, write: Write, word: str) -> None:
    write("one")
    index.look()
    assert read.search(index.db, [word], {1}, MONDAY) == []


def test_search_shows_each_event_once_at_its_nearest_occurrence(index: Index, write: Write) -> None:
    write("one", "RRULE:FREQ=WEEKLY", start="DTSTART:20260105T110000Z")
    index.look()
    (row,) = read.search(index.db, ["lunch"], {1}, MONDAY)
    assert abs(row[read.START] - MONDAY) < 7 * DAY


def test_search_finds_a_series_that_ended_long_ago(index: Index, write: Write) -> None:
    write("one", "RRULE:FREQ=DAILY;COUNT=3", start="DTSTART:20100105T110000Z")
    index.look()
    (row,) = read.search(index.db, ["lunch"], {1}, MONDAY)
    assert row[read.RID] == "20100105T110000"


def test_an_index_of_another_version_is_not_read(tmp_path: Path, index: Index) -> None:
    index.db.execute("PRAGMA user_version=999")
    with pytest.raises(IndexUnusable):
        open_for_reading(str(tmp_path / "cache" / "index.sqlite3"))


def test_index_and_folder_are_for_the_person_alone(tmp_path: Path, index: Index) -> None:
    modes = [
        (tmp_path / "cache").stat().st_mode & 0o777,
        *(p.stat().st_mode & 0o777 for p in (tmp_path / "cache").iterdir()),
    ]
    assert modes[0] == 0o700
    assert set(modes[1:]) == {0o600}
