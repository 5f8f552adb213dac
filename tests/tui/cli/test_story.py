"""The main job by commands alone: Alice e-mails a calendar over real SMTP, Bruno opens it beside his own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tui.cli.conftest import Answer
from tests.tui.cli.test_importing import CALENDAR

ROOT = Path(__file__).resolve().parents[3]
DAYS = ("--range", "2027-01-04..2027-01-10")


class Person:
    """Somebody with a home of their own, who types commands."""

    def __init__(self, home: Path, servers: dict[str, Any], key: str) -> None:
        self.home = home / key
        person = next(one for one in servers["people"] if one["username"] == key)
        smtp = servers["smtp"]
        self.address = person["address"]
        (self.home / "config" / "partagenda").mkdir(parents=True)
        password = self.home / "password"
        password.write_text(person["password"])
        (self.home / "config" / "partagenda" / "config.toml").write_text(
            f'[me]\nname = "{person["name"]}"\naddress = "{self.address}"\ntime_zone = "Europe/Paris"\n'
            f'[accounts.mail]\ntype = "smtp"\nhost = "{smtp["host"]}"\nport = {smtp["port"]}\n'
            f'security = "{smtp["security"]}"\nusername = "{key}"\nca = "{smtp["ca"]}"\n'
            f'password_command = ["cat", "{password}"]\n'
            f'[accounts.inbox]\ntype = "maildir"\npath = "{person["maildir"]}"\n'
        )

    def types(self, *arguments: object) -> Answer:
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        env |= {f"XDG_{name}_HOME": str(self.home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        done = subprocess.run(
            [sys.executable, "-m", "tui", *map(str, arguments)],
            capture_output=True, text=True, env=env, cwd=self.home, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Any]]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "demo", "--servers-only"], stdout=subprocess.PIPE, env=env, cwd=ROOT, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def alice(servers: dict[str, Any], tmp_path: Path) -> Person:
    person = Person(tmp_path, servers, "alice")
    (person.home / "team.ics").write_text(CALENDAR)
    assert person.types("import", person.home / "team.ics").code == 0
    return person


@pytest.fixture
def bruno(servers: dict[str, Any], tmp_path: Path) -> Person:
    return Person(tmp_path, servers, "bruno")


@pytest.mark.slow
@pytest.mark.parametrize(("level", "titles"), [("availability", {"Busy"}), ("limited", {"Busy", "Holiday"})])
def test_bruno_sees_what_alice_was_shown_and_nothing_more(alice: Person, bruno: Person, level: str, titles: set[str]):
    subject = f"My days, {level}"
    sent = alice.types(
        *("send", "Team", "--to", bruno.address, "--detail", level, "--subject", subject, *DAYS, "--yes", "--json")
    )
    assert (sent.code, sent.json["state"]) == (0, "sent")
    item = next(item for item in bruno.types("inbox", "--json").json if item["subject"] == subject)
    assert (item["from"], item["kind"], item["level"]) == (alice.address, "snapshot", level)
    opened = bruno.types("inbox", "open", item["id"], "--json").json
    seen = bruno.types("agenda", opened["id"], *DAYS, "--json").json
    shown = alice.types("view-as", level, "Team", *DAYS, "--json").json
    assert {entry["title"] for entry in seen} == titles
    assert [(entry["start"], entry["end"]) for entry in seen] == [(entry["start"], entry["end"]) for entry in shown]


@pytest.mark.slow
def test_a_recipient_that_the_server_refuses_is_told_apart_from_one_that_it_took(alice: Person, bruno: Person):
    sent = alice.types("send", "Team", "--to", bruno.address, "nobody@example.org", *DAYS, "--yes", "--json")
    assert (sent.code, sent.json["state"]) == (3, "partly")
    assert {one["address"]: one["state"] for one in sent.json["recipients"]} == {
        bruno.address: "sent",
        "nobody@example.org": "refused",
    }


@pytest.mark.slow
def test_the_account_says_what_the_server_can_do(alice: Person):
    answer = alice.types("account", "check", "mail")
    assert answer.code == 0
    assert "STARTTLS" in answer.out


@pytest.mark.slow
def test_a_wrong_password_is_said_without_it_and_the_message_waits(alice: Person, bruno: Person):
    (alice.home / "password").write_text("canary-wrong")
    sent = alice.types("send", "Team", "--to", bruno.address, *DAYS, "--yes", "--json")
    assert (sent.code, sent.json["state"]) == (3, "queued")
    assert "canary" not in sent.out + sent.err
    logs = (alice.home / "state" / "partagenda").glob("*.log*")
    assert not any("canary" in log.read_text() for log in logs)
