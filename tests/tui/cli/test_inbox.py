"""`inbox`, `inbox show`, `inbox open`, and `sync`."""

import base64
import os
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Run
from tests.tui.cli.test_importing import CALENDAR


def message(number: int, calendar: str = CALENDAR) -> bytes:
    content = calendar.replace("VERSION:2.0", "VERSION:2.0\nMETHOD:PUBLISH\nX-WR-RELCALID:{A}").encode()
    return (
        "From: Bruno <bruno@example.org>\r\nTo: alice@example.org\r\n"
        f"Subject: Bruno Calendar {number}\r\nMessage-ID: <{number}@example.org>\r\n"
        f"Date: Mon, 0{number} Jan 2027 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello Alice\r\n'
        "--b\r\nContent-Type: text/calendar; charset=utf-8; method=PUBLISH\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="Bruno Calendar.ics"\r\n\r\n'
    ).encode() + base64.encodebytes(content).replace(b"\n", b"\r\n") + b"--b--\r\n"  # fmt: skip


@pytest.fixture
def mailbox(config, tmp_path: Path) -> Path:
    folder = tmp_path / "Maildir"
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    config(f'[accounts.inbox]\ntype = "maildir"\npath = "{folder}"\n')
    for number in (2, 1):
        file = folder / "new" / f"{number}.host"
        file.write_bytes(message(number))
        os.utime(file, (1_798_000_000 + number, 1_798_000_000 + number))
    return folder


def test_messages_are_listed_oldest_first_in_the_contracts_shape(run: Run, mailbox: Path):
    items = run("inbox", "--json").json
    assert [item["subject"] for item in items] == ["Bruno Calendar 1", "Bruno Calendar 2"]
    assert set(items[0]) >= {"id", "kind", "from", "subject", "calendar", "level", "received"}
    assert (items[0]["kind"], items[0]["from"]) == ("snapshot", "bruno@example.org")


def test_a_message_is_shown_as_text(run: Run, mailbox: Path):
    identity = run("inbox", "--json").json[0]["id"]
    answer = run("inbox", "show", identity)
    assert answer.code == 0
    assert "Hello Alice" in answer.out
    assert "bruno@example.org" in answer.out


def test_an_opened_calendar_is_in_the_list_as_a_snapshot(run: Run, mailbox: Path):
    identity = run("inbox", "--json").json[0]["id"]
    opened = run("inbox", "open", identity, "--json")
    assert opened.code == 0
    assert opened.json["kind"] == "snapshot"
    assert opened.json["name"] in [calendar["name"] for calendar in run("calendars", "--json").json]


def test_the_same_calendar_again_from_the_same_sender_refreshes_it(run: Run, mailbox: Path):
    for item in run("inbox", "--json").json:
        run("inbox", "open", item["id"])
    assert len(run("calendars", "--json").json) == 1


def test_a_message_that_is_not_there_is_exit_one(run: Run, mailbox: Path):
    assert run("inbox", "show", "ffff").code == 1


def test_a_mailbox_that_cannot_be_read_is_said(run: Run, config):
    config('[accounts.inbox]\ntype = "maildir"\npath = "/nonexistent/Maildir"\n')
    answer = run("inbox")
    assert answer.code == 1
    assert answer.err.startswith("partagenda: ")


def test_without_a_mailbox_nothing_is_listed(run: Run):
    assert run("inbox", "--json").json == []


def test_sync_looks_at_every_calendar(run: Run):
    run("new", "Work")
    answer = run("sync", "--json")
    assert (answer.code, answer.json["calendars"], answer.json["problems"]) == (0, 1, 0)
