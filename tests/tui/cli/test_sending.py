"""`send`, `outbox`, `ledger` and `view-as`: what leaves, what is kept, and what the answer says."""

import os
import stat
import sys
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Run
from tests.tui.cli.test_importing import CALENDAR

DAYS = ("--range", "2027-01-04..2027-01-10")
TAKER = "import sys; sys.stdin.buffer.read()"


@pytest.fixture
def sendmail(config, tmp_path: Path):
    """A program that takes mail in the place of sendmail; `code` is how it ends."""

    def write(code: int = 0) -> Path:
        taken = tmp_path / "taken.eml"
        script = tmp_path / "sendmail.py"
        script.write_text(
            f"import sys\ndata = sys.stdin.buffer.read()\nopen({str(taken)!r}, 'ab').write(data)\nsys.exit({code})\n"
        )
        config(f'[accounts.mail]\ntype = "sendmail"\ncommand = ["{sys.executable}", "{script}"]\n')
        return taken

    return write


@pytest.fixture
def team(run: Run, tmp_path: Path, config) -> Run:
    config()
    file = tmp_path / "team.ics"
    file.write_text(CALENDAR)
    assert run("import", file).code == 0
    return run


def test_without_yes_and_without_a_terminal_nothing_is_sent(team: Run, sendmail):
    taken = sendmail()
    answer = team("send", "Team", "--to", "bruno@example.org", *DAYS)
    assert answer.code == 1
    assert "--yes" in answer.err
    assert not taken.exists()
    assert team("outbox", "--json").json == []


def test_a_dry_run_needs_no_consent_and_sends_nothing(team: Run, sendmail):
    taken = sendmail()
    answer = team("send", "Team", "--to", "bruno@example.org", *DAYS, "--dry-run", "--json")
    assert answer.code == 0
    assert answer.json["state"] == "dry-run"
    assert answer.json["recipients"][0]["address"] == "bruno@example.org"
    assert not taken.exists()


def test_what_was_sent_says_so_for_each_recipient(team: Run, sendmail):
    taken = sendmail()
    answer = team("send", "Team", "--to", "bruno@example.org", "clara@example.net", *DAYS, "--yes", "--json")
    assert answer.code == 0
    assert answer.json["state"] == "sent"
    assert [(r["address"], r["state"]) for r in answer.json["recipients"]] == [
        ("bruno@example.org", "sent"),
        ("clara@example.net", "sent"),
    ]
    assert b"text/calendar" in taken.read_bytes()


def test_each_recipient_is_in_the_ledger(team: Run, sendmail):
    sendmail()
    team("send", "Team", "--to", "bruno@example.org", "--bcc", "clara@example.net", *DAYS, "--yes")
    entries = team("ledger", "--json").json
    assert {entry["person"] for entry in entries} == {"bruno@example.org", "clara@example.net"}
    assert set(entries[0]) == {"person", "calendar", "how", "level", "range", "when", "state"}
    assert len(team("ledger", "--person", "clara@example.net", "--json").json) == 1


def test_without_an_account_the_message_waits_and_the_hint_says_how_to_add_one(team: Run):
    answer = team("send", "Team", "--to", "bruno@example.org", *DAYS, "--yes", "--json")
    assert answer.code == 3
    assert answer.json["state"] == "queued"
    assert "account add" in answer.err
    waiting = team("outbox", "--json").json
    assert [item["recipients"][0]["address"] for item in waiting] == ["bruno@example.org"]


def test_a_message_that_waits_can_be_sent_later(team: Run, sendmail):
    team("send", "Team", "--to", "bruno@example.org", *DAYS, "--yes")
    taken = sendmail()
    assert team("outbox", "flush").code == 0
    assert taken.exists()
    assert team("outbox", "--json").json == []


def test_a_message_that_waits_can_be_dropped(team: Run):
    team("send", "Team", "--to", "bruno@example.org", *DAYS, "--yes")
    identity = team("outbox", "--json").json[0]["id"]
    assert team("outbox", "drop", identity).code == 0
    assert team("outbox", "--json").json == []


def test_save_writes_the_four_files_for_the_person_alone(team: Run, tmp_path: Path):
    folder = tmp_path / "saved"
    answer = team("send", "Team", "--to", "bruno@example.org", *DAYS, "--dry-run", "--save", folder, "--json")
    expected = ["message.eml", "calendar.ics", "calendar.html", "calendar.txt"]
    assert answer.json["files"] == [str(folder / name) for name in expected]
    assert {stat.S_IMODE(os.stat(folder / name).st_mode) for name in expected} == {0o600}


def test_save_never_writes_through_a_planted_link(team: Run, tmp_path: Path):
    precious, folder = tmp_path / "precious", tmp_path / "saved"
    precious.write_text("mine")
    folder.mkdir()
    (folder / "calendar.ics").symlink_to(precious)
    team("send", "Team", "--to", "bruno@example.org", *DAYS, "--dry-run", "--save", folder)
    assert precious.read_text() == "mine"
    assert not (folder / "calendar.ics").is_symlink()


def test_availability_shows_no_title_and_full_does(team: Run, tmp_path: Path):
    for level, there in (("availability", False), ("limited", True), ("full", True)):
        team("send", "Team", *DAYS, "--dry-run", "--detail", level, "--save", tmp_path / level)
        assert ("Holiday" in (tmp_path / level / "calendar.ics").read_text()) is there


def test_a_private_item_is_hidden_unless_it_is_asked_for(team: Run, tmp_path: Path):
    team("send", "Team", *DAYS, "--dry-run", "--detail", "limited", "--save", tmp_path / "hidden")
    team("send", "Team", *DAYS, "--dry-run", "--detail", "limited", "--private", "--save", tmp_path / "shown")
    assert "Budget" not in (tmp_path / "hidden" / "calendar.ics").read_text()
    assert "Budget" in (tmp_path / "shown" / "calendar.ics").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--to", "not-an-address"),
        ("--to", "b@example.org", "--detail", "everything"),
        ("--to", "b@example.org", "--layout", "pretty"),
        ("--to", "b@example.org", "--range", "next-week"),
        ("--to", "b@example.org", "--private"),
        ("--to", "b@example.org", "--attachments"),
        ("--to", "b@example.org", "--time-zone", "Nowhere"),
        (),
    ],
)
def test_wrong_usage_is_exit_two_and_sends_nothing(team: Run, sendmail, arguments: tuple[str, ...]):
    taken = sendmail()
    assert team("send", "Team", *arguments, "--yes").code == 2
    assert not taken.exists()


def test_an_account_that_is_not_there_is_refused(team: Run, sendmail):
    sendmail()
    answer = team("send", "Team", "--to", "b@example.org", "--account", "other", *DAYS, "--yes")
    assert answer.code == 2
    assert "other" in answer.err
    assert team("outbox", "--json").json == []


def test_own_words_come_from_standard_input(team: Run, tmp_path: Path):
    team(
        *("send", "Team", "--to", "b@example.org", "--message", "-", *DAYS, "--dry-run", "--save", tmp_path / "s"),
        typed="Hello Bruno\n",
    )
    assert b"Hello Bruno" in (tmp_path / "s" / "message.eml").read_bytes()


def test_view_as_a_level_shows_what_would_be_written(team: Run):
    seen = team("view-as", "limited", "Team", *DAYS, "--json").json
    assert {entry.get("title") for entry in seen} == {"Holiday", None}


def test_view_as_availability_hides_every_title(team: Run):
    seen = team("view-as", "availability", "Team", *DAYS, "--json").json
    assert seen
    assert all("title" not in entry and "place" not in entry for entry in seen)


def test_view_as_a_person_shows_what_was_really_sent(team: Run, sendmail):
    sendmail()
    team("send", "Team", "--to", "bruno@example.org", *DAYS, "--detail", "limited", "--yes")
    seen = team("view-as", "bruno@example.org", "Team", "--json")
    assert {entry.get("title") for entry in seen.json} == {"Holiday", None}
    assert "e-mail" in seen.err


def test_view_as_a_person_names_every_copy_that_they_have(team: Run, sendmail):
    sendmail()
    for level in ("full", "availability"):
        team("send", "Team", "--to", "bruno@example.org", *DAYS, "--detail", level, "--yes")
    seen = team("view-as", "bruno@example.org", "Team", "--json")
    assert ("Full details" in seen.err, "Availability only" in seen.err) == (True, True)
    assert all("title" not in entry for entry in seen.json)


def test_view_as_somebody_who_was_given_nothing_shows_nothing(team: Run):
    assert team("view-as", "clara@example.net", "Team", "--json").json == []


def test_view_as_a_level_needs_no_configuration(run: Run, tmp_path: Path):
    file = tmp_path / "team.ics"
    file.write_text(CALENDAR)
    run("import", file)
    answer = run("view-as", "full", "Team", *DAYS, "--json")
    assert answer.code == 0
    assert "Holiday" in {entry.get("title") for entry in answer.json}
