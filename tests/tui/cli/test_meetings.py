"""Inviting, answering and being told, from the command line: two people with a mail program between them."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.tui.cli.conftest import ME, Run

BRUNO = ME.replace("Alice Martin", "Bruno").replace("alice@", "bruno@")
MEETING = ("--title", "Budget", "--start", "2027-02-01T09:00", "--people", "bruno@example.org")


@pytest.fixture
def post(tmp_path: Path, config) -> Path:
    """A sendmail that drops each message into a Maildir that everybody reads; Alice has a calendar."""
    box = tmp_path / "box"
    for part in ("new", "cur", "tmp"):
        (box / part).mkdir(parents=True)
    program = tmp_path / "sendmail"
    program.write_text(f'#!/bin/sh\nexec cat > "$(mktemp {box}/new/XXXXXXXX)"\n')
    program.chmod(0o755)
    return box


@pytest.fixture
def become(post: Path, config, own_home: Path, tmp_path: Path):
    """Be somebody: their own folders, the same mailbox."""

    def person(me: str) -> None:
        for part in ("data", "state", "cache"):
            here, kept = own_home / part, tmp_path / "kept"
            kept.mkdir(exist_ok=True)
            if here.exists():
                shutil.move(here, kept / f"{person.who}-{part}")
            if (kept / f"{me[5:20]}-{part}").exists():
                shutil.move(kept / f"{me[5:20]}-{part}", here)
        person.who = me[5:20]
        accounts = f'[accounts.in]\ntype = "maildir"\npath = "{post}"\n'
        accounts += f'[accounts.out]\ntype = "sendmail"\ncommand = ["{tmp_path / "sendmail"}"]\n'
        config(accounts, me=me)

    person.who = ""
    return person


@pytest.fixture
def invited(become, run: Run) -> Run:
    """Alice has invited Bruno, who sits at the machine now."""
    become(ME)
    run("new", "Work")
    run("add", "Work", *MEETING)
    assert run("meetings", "send", "--yes").code == 0
    become(BRUNO)
    run("new", "Mine")
    return run


def test_after_adding_people_one_is_told_that_they_do_not_know_yet(become, run: Run):
    become(ME)
    run("new", "Work")
    answer = run("add", "Work", *MEETING)
    assert "1 person has not been told of it." in answer.err
    assert "partagenda meetings send" in answer.err


def test_nothing_is_sent_without_consent(become, run: Run, post: Path):
    become(ME)
    run("new", "Work")
    run("add", "Work", *MEETING)
    answer = run("meetings", "send")
    assert (answer.code, list((post / "new").iterdir())) == (1, [])
    assert "--yes" in answer.err


def test_a_dry_run_shows_the_words_and_sends_nothing(become, run: Run, post: Path):
    become(ME)
    run("new", "Work")
    run("add", "Work", *MEETING)
    answer = run("meetings", "send", "--dry-run")
    assert "Alice Martin invites you to “Budget”." in answer.out
    assert list((post / "new").iterdir()) == []


def test_what_people_have_to_be_told_is_listed_until_it_is_sent(become, run: Run):
    become(ME)
    run("new", "Work")
    run("add", "Work", *MEETING)
    (meeting,) = run("meetings", "--json").json
    assert meeting["messages"] == [{"to": "bruno@example.org", "kind": "request", "update": False}]
    assert run("meetings", "send", meeting["id"], "--yes", "--json").json["state"] == "sent"
    assert run("meetings", "--json").json == []


def test_nobody_is_told_when_one_says_so(become, run: Run, post: Path):
    become(ME)
    run("new", "Work")
    run("add", "Work", *MEETING)
    run("meetings", "quiet", run("meetings", "--json").json[0]["id"])
    assert (run("meetings", "--json").json, list((post / "new").iterdir())) == ([], [])


def test_an_invitation_says_how_to_answer_it(invited: Run):
    item = invited("inbox", "--json").json[0]
    assert item["kind"] == "meeting"
    assert f"partagenda inbox accept|tentative|decline {item['id']}" in invited("inbox", "show", item["id"]).out


@pytest.mark.parametrize(("word", "response"), [("accept", "accepted"), ("tentative", "tentative")])
def test_an_answer_is_sent_and_the_meeting_is_in_the_calendar(invited: Run, word: str, response: str):
    identity = invited("inbox", "--json").json[0]["id"]
    answer = invited("inbox", word, identity, "--yes", "--json").json
    assert (answer["state"], answer["answer"], answer["calendar"]) == ("sent", response, "Mine")
    (entry,) = invited("agenda", "--range", "2027-02-01..2027-02-01", "--json").json
    assert (entry["title"], entry["attendees"][0]["response"]) == ("Budget", response)


def test_declining_leaves_the_calendar_as_it_is(invited: Run):
    identity = invited("inbox", "--json").json[0]["id"]
    assert invited("inbox", "decline", identity, "--yes", "--json").json["calendar"] is None
    assert invited("agenda", "--range", "2027-02-01..2027-02-01", "--json").json == []


def test_an_answer_needs_consent(invited: Run):
    identity = invited("inbox", "--json").json[0]["id"]
    answer = invited("inbox", "accept", identity)
    assert answer.code == 1
    assert "--yes" in answer.err
    assert invited("agenda", "--range", "2027-02-01..2027-02-01", "--json").json == []


def test_what_would_be_answered_can_be_looked_at_and_saved(invited: Run, tmp_path: Path):
    identity = invited("inbox", "--json").json[0]["id"]
    answer = invited("inbox", "accept", identity, "--dry-run", "--save", tmp_path / "out", "--json").json
    assert answer["state"] == "dry-run"
    text = (tmp_path / "out" / "calendar.ics").read_text()
    assert "METHOD:REPLY" in text
    assert text.count("ATTENDEE") == 1


def test_sync_takes_answers_into_the_organizers_calendar(invited: Run, become):
    invited("inbox", "accept", invited("inbox", "--json").json[0]["id"], "--yes")
    become(ME)
    assert "Bruno accepted “Budget”." in invited("sync").out
    (entry,) = invited("agenda", "--range", "2027-02-01..2027-02-01", "--json").json
    assert entry["attendees"][0]["response"] == "accepted"


def test_sync_says_the_same_to_a_program(invited: Run, become):
    invited("inbox", "accept", invited("inbox", "--json").json[0]["id"], "--yes")
    become(ME)
    taken = invited("sync", "--json").json["meetings"]
    assert [(one["kind"], one["effect"]) for one in taken if one["from"] == "bruno@example.org"] == [
        ("reply", "changed")
    ]


def test_sync_starts_the_reminder_command_once(become, run: Run, config, tmp_path: Path):
    log = tmp_path / "log"
    program = tmp_path / "remind"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" "$PARTAGENDA_PLACE" >> {log}\n')
    program.chmod(0o755)
    config("[reminders]\ncommand = " + json.dumps([str(program), "{title}"]) + "\n")
    run("new", "Work")
    start = (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M+00:00")
    run("add", "Work", "--title", "Budget", "--place", "Room 2", "--start", start, "--reminder", "15m")
    assert run("sync").code == 0
    assert run("sync").code == 0
    assert log.read_text() == "Budget\nRoom 2\n"
