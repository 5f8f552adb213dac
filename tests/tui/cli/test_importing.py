"""`import` and `export`."""

import stat
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Run

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//EN
X-WR-CALNAME:Team
BEGIN:VEVENT
UID:one@example.org
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Paris:20270104T090000
DTEND;TZID=Europe/Paris:20270104T100000
SUMMARY:Budget
CLASS:PRIVATE
END:VEVENT
BEGIN:VEVENT
UID:two@example.org
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20270105
SUMMARY:Holiday
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def team(tmp_path: Path) -> Path:
    file = tmp_path / "team.ics"
    file.write_text(CALENDAR.replace("\n", "\r\n"))
    return file


def test_a_file_becomes_a_calendar(run: Run, team: Path):
    answer = run("import", team, "--json")
    assert answer.code == 0
    assert answer.json == {"calendars": ["Team"], "added": 2, "updated": 0, "unchanged": 0, "problems": []}


def test_importing_the_same_again_changes_nothing(run: Run, team: Path):
    run("import", team)
    again = run("import", team, "--json").json
    assert (again["calendars"], again["added"], again["updated"], again["unchanged"]) == (["Team"], 0, 0, 2)


def test_a_calendar_can_be_named(run: Run, team: Path):
    assert run("import", team, "--as", "Colleagues", "--json").json["calendars"] == ["Colleagues"]


def test_events_can_go_into_a_calendar_that_is_there(run: Run, team: Path):
    run("new", "Work")
    assert run("import", team, "--into", "work", "--json").json["calendars"] == ["Work"]


def test_a_name_and_a_target_exclude_each_other(run: Run, team: Path):
    assert run("import", team, "--as", "a", "--into", "b").code == 2


def test_standard_input_is_a_source(run: Run):
    assert run("import", "-", "--as", "Piped", "--json", typed=CALENDAR).json["added"] == 2


def test_an_address_is_not_fetched_without_a_yes(run: Run):
    answer = run("import", "https://example.org/a.ics")
    assert answer.code == 1
    assert "Fetch the calendar from example.org?" in answer.err


def test_a_file_that_is_not_there_is_said(run: Run):
    answer = run("import", "/nonexistent/a.ics")
    assert (answer.code, answer.out) == (1, "")


def test_a_file_that_is_no_calendar_is_refused(run: Run, tmp_path: Path):
    file = tmp_path / "a.ics"
    file.write_text("hello")
    answer = run("import", file)
    assert answer.code == 1
    assert answer.err.startswith("partagenda: ")


def test_when_one_of_two_files_cannot_be_read_the_other_comes_in(run: Run, team: Path, tmp_path: Path):
    bad = tmp_path / "a.ics"
    bad.write_text("hello")
    answer = run("import", bad, team, "--json")
    assert answer.code == 3
    assert answer.json["added"] == 2
    assert answer.json["problems"][0]["file"].endswith("a.ics")


def test_an_export_holds_everything_and_says_so(run: Run, team: Path, tmp_path: Path):
    run("import", team)
    answer = run("export", "Team", tmp_path / "out.ics")
    text = (tmp_path / "out.ics").read_text()
    assert answer.code == 0
    assert "SUMMARY:Budget" in text
    assert "private" in answer.out


def test_an_export_is_the_persons_alone(run: Run, team: Path, tmp_path: Path):
    run("import", team)
    run("export", "Team", tmp_path / "out.ics")
    assert stat.S_IMODE((tmp_path / "out.ics").stat().st_mode) == 0o600


def test_a_planted_link_is_replaced_and_not_written_through(run: Run, team: Path, tmp_path: Path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "out.ics").symlink_to(precious)
    run("import", team)
    assert run("export", "Team", tmp_path / "out.ics").code == 0
    assert precious.read_text() == "mine"


def test_an_export_of_some_days_holds_these_only(run: Run, team: Path, tmp_path: Path):
    run("import", team)
    run("export", "Team", tmp_path / "out.ics", "--range", "2027-01-05..2027-01-05")
    text = (tmp_path / "out.ics").read_text()
    assert "Holiday" in text
    assert "Budget" not in text


def test_an_export_imported_again_adds_nothing(run: Run, team: Path, tmp_path: Path):
    run("import", team)
    run("export", "Team", tmp_path / "out.ics")
    assert run("import", tmp_path / "out.ics", "--into", "Team", "--json").json["added"] == 0


def test_a_folder_that_cannot_be_written_is_said(run: Run, team: Path):
    run("import", team)
    answer = run("export", "Team", "/proc/nowhere/out.ics")
    assert answer.code == 1
    assert "/proc/nowhere/out.ics" in answer.err
