"""`agenda`, `search` and `calendars`: the shapes of cli.md, read straight from the index."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from core.index.database import remove
from tests.core.services.calendars import calendar, event
from tests.days import today_in_paris
from tui.cli import reading

ROOT = Path(__file__).resolve().parents[3]
TODAY = today_in_paris()
SOON = (TODAY + timedelta(days=2)).strftime("%Y%m%d")


def at(clock: str, day: str = SOON) -> str:
    return f"DTSTART;TZID=Europe/Paris:{day}T{clock}"


@pytest.fixture
def work(run, config, tmp_path: Path):
    """Imports events as the calendar Work."""
    config()

    def imported(*events: bytes, name: str = "Work"):
        path = tmp_path / f"{name}.ics"
        path.write_bytes(calendar(*events, name=name))
        assert run("import", path).code == 0

    return imported


FULL = (
    "DURATION:PT1H",
    "LOCATION:Salle Curie",
    "CLASS:PRIVATE",
    "STATUS:TENTATIVE",
    "ORGANIZER;CN=Alice Martin:mailto:alice@example.org",
    "ATTENDEE;CN=Bruno;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:bruno@example.org",
)


def test_an_occurrence_has_the_keys_of_the_contract(run, work) -> None:
    work(event("one@example.org", *FULL, start=at("120000")))
    (found,) = run("agenda", "--json").json
    day = (TODAY + timedelta(days=2)).isoformat()
    identity = found.pop("id")
    assert len(identity) == 12
    assert (found.pop("start")[:19], found.pop("end")[:19]) == (f"{day}T12:00:00", f"{day}T13:00:00")
    assert found == {
        "uid": "one@example.org",
        "calendar": "Work",
        "title": "Lunch",
        "all_day": False,
        "time_zone": "Europe/Paris",
        "status": "tentative",
        "private": True,
        "place": "Salle Curie",
        "organizer": {
            "name": "Alice Martin",
            "address": "alice@example.org",
            "role": "required",
            "response": "needs-action",
        },
        "attendees": [
            {"name": "Bruno", "address": "bruno@example.org", "role": "optional", "response": "accepted"},
        ],
        "recurring": False,
    }


def test_times_have_the_offset_of_the_persons_zone(run, config, work) -> None:
    work(event("one", start="DTSTART:20270115T110000Z"), event("two", start="DTSTART:20270715T110000Z"))
    config(me='[me]\ntime_zone = "America/New_York"\n')
    found = run("agenda", "--json", "--range", "2027-01-01..2027-12-31").json
    assert [one["start"] for one in found] == ["2027-01-15T06:00:00-05:00", "2027-07-15T07:00:00-04:00"]


def test_all_day_dates_are_dates(run, work) -> None:
    work(event("one", start=f"DTSTART;VALUE=DATE:{SOON}"))
    (found,) = run("agenda", "--json").json
    day = TODAY + timedelta(days=2)
    assert (found["start"], found["end"], found["all_day"]) == (
        day.isoformat(),
        (day + timedelta(days=1)).isoformat(),
        True,
    )


def test_ids_are_the_same_at_every_call_and_after_the_cache_is_gone(run, work, own_home: Path) -> None:
    work(event("one", "RRULE:FREQ=DAILY;COUNT=3", start=at("120000")))
    first = [one["id"] for one in run("agenda", "--json").json]
    for path in (own_home / "cache" / "partagenda").iterdir():
        path.unlink()
    assert [one["id"] for one in run("agenda", "--json").json] == first
    assert (len(set(first)), first[0].rpartition("@")[2]) == (3, f"{SOON}T120000")


def test_agenda_is_seven_days_from_today_on(run, work) -> None:
    days = [(TODAY + timedelta(days=n)).strftime("%Y%m%d") for n in (-1, 0, 6, 7)]
    work(*(event(f"e{n}", start=at("120000", day), title=day) for n, day in enumerate(days)))
    assert [one["title"] for one in run("agenda", "--json").json] == days[1:3]


@pytest.mark.parametrize(
    ("text", "expected"), [("today", 1), ("tomorrow", 0), ("30d", 2), ("-10d..-1d", 1), ("all", 4)]
)
def test_ranges_are_those_of_the_contract(run, work, text: str, expected: int) -> None:
    days = [(TODAY + timedelta(days=n)).strftime("%Y%m%d") for n in (-5, 0, 20, 4000)]
    work(*(event(f"e{n}", start=at("120000", day)) for n, day in enumerate(days)))
    assert len(run("agenda", "--json", "--range", text).json) == expected


def test_a_range_that_is_none_is_wrong_usage(run, work) -> None:
    answer = run("agenda", "--range", "someday")
    assert (answer.code, "someday" in answer.err, "hint:" in answer.err) == (2, True, True)


def test_agenda_of_named_calendars_shows_those(run, work) -> None:
    work(event("one", start=at("120000")))
    work(event("two", start=at("130000"), title="Tea"), name="Family")
    assert [one["title"] for one in run("agenda", "family", "--json").json] == ["Tea"]


def test_a_mistyped_calendar_is_answered_with_the_nearest(run, work) -> None:
    work(event("one", start=at("120000")), name="Holidays")
    answer = run("agenda", "Holydays")
    assert (answer.code, answer.out) == (1, "")
    assert "Holidays" in answer.err


def test_search_looks_at_seven_days_unless_told_otherwise(run, work) -> None:
    work(event("one", start="DTSTART:20190123T110000Z"), event("two", start=at("120000")))
    assert [one["uid"] for one in run("search", "lunch", "--json").json] == ["two"]


def test_search_says_how_many_match_outside_of_its_days(run, work) -> None:
    work(event("one", start="DTSTART:20190123T110000Z"), event("two", start=at("120000")))
    assert run("search", "lunch").err == "1 event outside these days matches too: --range all\n"


def test_search_in_the_whole_calendar_finds_what_is_years_away(run, work) -> None:
    work(event("one", start="DTSTART:20190123T110000Z", title="Quokka"), event("two", start=at("120000")))
    assert [one["uid"] for one in run("search", "quokka", "--range", "all", "--json").json] == ["one"]


def test_search_looks_into_titles_places_people_and_notes(run, work) -> None:
    work(event("one", *FULL, "DESCRIPTION:bring the wombat", start=at("120000")))
    for words in (["lunch"], ["curie"], ["bruno"], ["wombat", "salle"]):
        assert len(run("search", *words, "--json").json) == 1


def test_search_in_one_calendar_keeps_to_it(run, work) -> None:
    work(event("one", start=at("120000")))
    work(event("two", start=at("130000")), name="Family")
    assert [one["uid"] for one in run("search", "lunch", "--calendar", "Family", "--json").json] == ["two"]


def test_search_without_a_word_is_wrong_usage(run, work) -> None:
    assert run("search").code == 2


def test_calendars_have_the_keys_of_the_contract(run, work) -> None:
    work(event("one", start=at("120000")))
    (found,) = run("calendars", "--json").json
    assert found.pop("refreshed")[:10] in (TODAY.isoformat(), (TODAY - timedelta(days=1)).isoformat())
    assert found == {
        "id": "local/work",
        "name": "Work",
        "account": "local",
        "kind": "local",
        "owner": "",
        "events": 1,
        "level": "full",
    }


def test_calendars_of_other_programs_are_listed_under_their_account(run, config, tmp_path: Path) -> None:
    folder = tmp_path / "khal" / "family"
    folder.mkdir(parents=True)
    (folder / "one.ics").write_bytes(calendar(event("one")))
    config(f'[accounts.khal]\ntype = "vdir"\npath = "{tmp_path}/khal/*"\n')
    assert [(one["id"], one["events"]) for one in run("calendars", "--json").json] == [("khal/family", 1)]


def test_a_changed_configuration_is_noticed(run, config, tmp_path: Path) -> None:
    config()
    assert run("calendars", "--json").json == []
    (tmp_path / "khal").mkdir()
    config(f'[accounts.khal]\ntype = "vdir"\npath = "{tmp_path}/khal"\n')
    assert [one["id"] for one in run("calendars", "--json").json] == ["khal/khal"]


def test_a_broken_configuration_is_an_error_that_names_the_file(run, config) -> None:
    config(me="[me]\nnmae = 1\n")
    answer = run("agenda")
    assert (answer.code, "config.toml" in answer.err) == (1, True)


def test_text_has_a_heading_a_day_in_the_persons_language(run, config, work) -> None:
    work(event("one", "DURATION:PT1H", start=at("140000", "20270203")))
    assert "Wednesday, February 3, 2027\n  2:00 PM – 3:00 PM" in run("agenda", "--range", "2027-02-03..2027-02-03").out
    config(me='[me]\nlanguage = "fr"\n')
    assert "mercredi 3 février 2027\n  14:00 – 15:00" in run("agenda", "--range", "2027-02-03..2027-02-03").out


def test_what_a_terminal_would_obey_is_shown_and_not_sent(run, work) -> None:
    work(event("one", "LOCATION:\x1b]52;c;ZXZpbA==\x07", start=at("120000"), title="\x1b[2J Boo\u202e"))
    for command in (["agenda"], ["search", "boo"], ["agenda", "--json"]):
        out = run(*command).out
        assert "Boo" in out
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(out)


def test_a_cancelled_event_says_so(run, work) -> None:
    work(event("one", "STATUS:CANCELLED", start=at("120000")))
    assert run("agenda", "--json").json[0]["cancelled"] is True
    assert "Cancelled" in run("agenda").out


def test_nothing_there_is_said(run, config) -> None:
    config()
    assert run("agenda").out == "Nothing in these days.\n"
    assert run("agenda", "--json").json == []


@pytest.mark.parametrize(
    "words", [["agenda", "--nope"], ["calendars", "word"], ["agenda", "--range"], ["agenda", "--json=1"]]
)
def test_what_is_not_understood_is_wrong_usage(run, config, words: list[str]) -> None:
    config()
    assert run(*words).code == 2


def test_a_damaged_index_is_made_again(run, work, own_home: Path) -> None:
    work(event("one", start=at("120000")))
    index = own_home / "cache" / "partagenda" / "index.sqlite3"
    index.write_bytes(b"SQLite format 3\0" + b"garbage" * 3000)
    assert len(run("agenda", "--json").json) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b"CREATE TABLE object", b"CREATE \xf6ABLE object"),
        lambda data: data.replace(b"/calendars/work", b"/calendars/\0ork"),
    ],
    ids=["a schema that SQLite cannot quote", "a path with a NUL"],
)
def test_damage_that_is_no_error_of_sqlite_s_makes_it_again_too(run, work, own_home: Path, damage) -> None:
    work(event("one", start=at("120000")))
    run("agenda")
    index = own_home / "cache" / "partagenda" / "index.sqlite3"
    with closing(sqlite3.connect(index)) as database:
        database.execute("VACUUM INTO ?", (str(own_home / "copy"),))
    remove(str(index))
    whole = (own_home / "copy").read_bytes()
    index.write_bytes(damage(whole))
    assert index.read_bytes() != whole
    assert len(run("agenda", "--json").json) == 1


@pytest.mark.parametrize(
    "wrong", ["name=CAST(x'ff61' AS TEXT)", "files='many'"], ids=["a name that is no text", "a number that is a text"]
)
def test_a_wrong_value_in_the_index_makes_it_again(run, work, own_home: Path, wrong: str) -> None:
    work(event("one", start=at("120000")))
    run("agenda")
    with closing(sqlite3.connect(own_home / "cache" / "partagenda" / "index.sqlite3")) as database:
        database.execute(f"UPDATE calendar SET {wrong}")
        database.commit()
    assert [(one["name"], one["events"]) for one in run("calendars", "--json").json] == [("Work", 1)]


def test_a_mistake_of_ours_is_not_taken_for_a_damaged_index(run, work, own_home: Path, monkeypatch) -> None:
    work(event("one", start=at("120000")))
    run("agenda")
    with closing(sqlite3.connect(own_home / "cache" / "partagenda" / "index.sqlite3")) as database:
        database.execute("INSERT INTO meta VALUES ('mark', 'here')")
        database.commit()
        monkeypatch.setattr("tui.cli.reading._calendars", lambda _index, _options: len(5))
        assert run("calendars").code == 1
        assert database.execute("SELECT COUNT(*) FROM meta WHERE key='mark'").fetchone() == (1,)
    with closing(sqlite3.connect(own_home / "cache" / "partagenda" / "index.sqlite3")) as database:
        assert database.execute("SELECT COUNT(*) FROM meta WHERE key='mark'").fetchone() == (1,)


@pytest.mark.parametrize("step", ["remove", "open_for_writing"])
def test_a_damaged_index_that_cannot_be_made_again_is_an_error_in_words(run, work, own_home, monkeypatch, step) -> None:
    work(event("one", start=at("120000")))
    run("agenda")
    with closing(sqlite3.connect(own_home / "cache" / "partagenda" / "index.sqlite3")) as database:
        database.execute("DROP TABLE item")

    def full(*_arguments: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system") if step == "remove" else sqlite3.OperationalError("is full")

    def removed(path: str) -> None:
        remove(path)
        monkeypatch.setattr(reading, step, full)

    monkeypatch.setattr(reading, "remove", full if step == "remove" else removed)
    answer = run("search", "Lunch")
    assert (answer.code, "index.sqlite3" in answer.err, "Traceback" in answer.err) == (1, True, False)


def test_an_index_that_cannot_be_written_is_an_error_in_words(run, config, own_home: Path) -> None:
    config()
    (own_home / "cache").mkdir()
    (own_home / "cache" / "partagenda").write_text("a file where a folder should be")
    answer = run("agenda")
    assert (answer.code, "index.sqlite3" in answer.err, "Traceback" in answer.err) == (1, True, False)


def test_a_reading_command_loads_nothing_heavy(config, own_home: Path) -> None:
    config()
    code = (
        "import sys\nfrom tui.__main__ import main\n"
        "for n in range(2): main(['agenda', '--json'])\n"
        "before = set(sys.modules)\n"
        "heavy = set('asyncio argparse dataclasses textual icalendar zoneinfo json typing inspect'.split())\n"
        "sys.stderr.write(' '.join(sorted(heavy & before)))\n"
    )
    command = [sys.executable, "-c", code]
    warm = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=True)
    assert warm.returncode == 0
    again = subprocess.run(
        [sys.executable, "-c", code.replace("range(2)", "range(1)")],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (again.stderr, json.loads(again.stdout)) == ("", [])


@pytest.mark.skipif(
    not os.path.exists("/dev/full"), reason="/dev/full is not there, a device that is always full: Linux has it"
)
def test_an_answer_that_cannot_be_written_is_not_the_fault_of_the_index(run, work) -> None:
    work(event("one", start=at("120000")))
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "tui", "agenda"], stdout=full, stderr=subprocess.PIPE, cwd=ROOT)
    assert (done.returncode, done.stderr.count(b"index"), done.stderr[:11]) == (1, 0, b"partagenda:")


def test_a_time_from_before_standard_time_has_an_offset_of_whole_minutes(run, work) -> None:
    work(event("old", start="DTSTART:18500101T120000Z"))
    (found,) = run("agenda", "--json", "--range", "1850-01-01..1850-01-02").json
    assert found["start"] == "1850-01-01T12:00:00+00:00"
