"""Nothing that a calendar, a message or a file name holds can steer the terminal in which the app is open."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.days import today_in_paris
from tests.tui.cli.test_terminal import CONFIG, SEQUENCES, hostile_calendar, hostile_mail
from tests.tui.pseudo_terminal import ROOT, Terminal, running

pytestmark = pytest.mark.slow

TOMORROW = today_in_paris() + timedelta(days=1)
VISITED = (
    "Budget",
    "Send a Calendar via E-mail",
    "receiver",
    "This leaves",
    "Inbox",
    "Outbox",
    "Open Calendar",
    "evil",
)
"""Words of the screens that the keys must have come to."""
ESCAPE, ENTER, TAB, DOWN, PAGE_DOWN = "\x1b", "\r", "\t", "\x1b[B", "\x1b[6~"


def tomorrows_calendar() -> bytes:
    return hostile_calendar().replace(b"20270104", TOMORROW.strftime("%Y%m%d").encode())


@pytest.fixture
def env(own_home: Path, tmp_path: Path) -> dict[str, str]:
    """A home whose calendar, inbox and folder are hostile."""
    maildir = own_home / "Maildir"
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True)
    (maildir / "new" / "1.x").write_bytes(hostile_mail(tomorrows_calendar()))
    config = own_home / "config" / "partagenda" / "config.toml"
    config.parent.mkdir(parents=True, mode=0o700)
    config.write_text(CONFIG.format(maildir=maildir))
    config.chmod(0o600)
    (own_home / "evil \x1b]0;x\x07\x9b.ics").write_bytes(tomorrows_calendar())
    env = {name: value for name, value in os.environ.items() if name.startswith(("XDG_", "HOME", "TZ"))}
    whole = {**env, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    for name in ("evil \x1b]0;x\x07\x9b.ics",):
        command = [sys.executable, "-m", "tui", "import", str(own_home / name)]
        subprocess.run(command, env=whole, cwd=own_home, check=False, capture_output=True)
    return env


def press_all(terminal: Terminal, *keys: str) -> None:
    for key in keys:
        terminal.press(key)


def test_the_app_shows_hostile_text_and_obeys_none_of_it(env: dict[str, str], own_home: Path) -> None:
    with running([], env) as terminal:
        terminal.wait_for("Team")
        press_all(
            terminal, "g", TOMORROW.isoformat() + ENTER, "1", "n", "p", "3", "4", "5", "j", "j", ENTER, ESCAPE, "6", "3"
        )
        press_all(terminal, "e", TAB, DOWN, DOWN, DOWN, ENTER, TAB, DOWN, DOWN, DOWN, ENTER, TAB, TAB, TAB)
        terminal.press(ENTER)
        terminal.wait_for("receiver")
        press_all(terminal, PAGE_DOWN, PAGE_DOWN, "2", "3", PAGE_DOWN, "1", ESCAPE, ESCAPE, ESCAPE)
        press_all(
            terminal, "i", DOWN, ENTER, ESCAPE, "O", ESCAPE, "L", ESCAPE, "/", "Budget", ENTER, ESCAPE, "a", ESCAPE
        )
        press_all(terminal, "o", str(own_home) + "/", DOWN, ENTER, ESCAPE, "c", ESCAPE)
        seen = terminal.text()
        missing = [words for words in VISITED if words not in seen]
        assert (missing, terminal.steering()) == ([], set())


def test_the_events_stay_readable(env: dict[str, str]) -> None:
    assert len(SEQUENCES) == 585
    with running([], env) as terminal:
        terminal.wait_for("Team")
        for keys in ("g", TOMORROW.isoformat() + ENTER, "5"):
            terminal.press(keys)
        assert terminal.written.count(b"Budget") > 10
