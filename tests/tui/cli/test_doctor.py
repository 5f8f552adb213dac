"""`doctor`: one file, or the installation."""

from pathlib import Path

import pytest

from tests.soak import soak
from tests.tui.cli.conftest import Run
from tests.tui.cli.test_importing import CALENDAR


@pytest.fixture
def write(tmp_path: Path):
    def file(text: str, name: str = "a.ics") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return file


def test_a_file_without_problems_is_exit_zero(run: Run, write):
    answer = run("doctor", write(CALENDAR), "--json")
    assert answer.code == 0
    assert answer.json["events"] == 2
    assert answer.json["problems"] == []


def test_a_problem_is_named_with_its_line_and_exit_three(run: Run, write):
    broken = CALENDAR.replace("DTSTART;VALUE=DATE:20270105", "DTSTART:20270105")
    answer = run("doctor", write(broken), "--json")
    assert answer.code == 3
    assert [problem["line"] for problem in answer.json["problems"]] == [16]


def test_a_file_that_is_no_calendar_is_exit_one(run: Run, write):
    answer = run("doctor", write("hello"))
    assert answer.code == 1
    assert answer.err.startswith("partagenda: ")


def test_a_message_is_looked_into(run: Run, write):
    message = (
        "From: a@example.org\nTo: b@example.org\nSubject: x\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n"
        'Content-Type: text/calendar; charset=utf-8; method=PUBLISH; name="a.ics"\n\n'
    )
    answer = run("doctor", write(message + CALENDAR, "a.eml"), "--json")
    assert answer.json["events"] == 2


def test_a_file_that_is_not_there_is_exit_one(run: Run):
    assert run("doctor", "/nonexistent.ics").code == 1


def test_a_sound_installation_is_exit_zero(run: Run, config):
    config()
    answer = run("doctor", "--json")
    assert [finding["what"] for finding in answer.json if not finding["ok"]] == []
    assert answer.code == 0


def test_an_account_that_does_not_work_is_found(run: Run, config):
    config('[accounts.box]\ntype = "maildir"\npath = "/nonexistent/Maildir"\n')
    answer = run("doctor", "--json")
    assert answer.code == 3
    assert [finding["what"] for finding in answer.json if not finding["ok"]] == ["account box"]


def test_a_folder_that_others_may_read_is_found(run: Run, own_home: Path):
    folder = own_home / "data" / "partagenda"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    answer = run("doctor")
    assert answer.code == 3
    assert f"chmod 700 {folder}" in answer.out


@pytest.mark.slow
@soak("real files: imported, or one line with a reason", 1)
def test_no_real_file_makes_it_fail_unforeseen(run: Run, shared_ics: list[Path], own_home: Path):
    strange = []
    for file in shared_ics:
        answer = run("doctor", file)
        if answer.code not in (0, 1, 3) or "should not" in answer.err or "Traceback" in answer.err:
            strange.append((file.name, answer.code, answer.err))
    assert strange == []
