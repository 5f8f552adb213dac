"""Nothing that a calendar, a message, a file name or an argument holds can steer the terminal.

The commands run in a pseudo-terminal of their own; what they write there is read back byte for byte. The calendar
holds 65 control characters × 9 families of sequences × the fields that are shown.
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.soak import soak

ROOT = Path(__file__).resolve().parents[3]
CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
FAMILIES = (
    "{c}",
    "{c}[31mred",
    "{c}]52;c;aGVsbG8=\x07",
    "{c}]8;;https://example.net\x1b\\link",
    "{c}P1$r\x1b\\",
    "\x9b{c}2J",
    "\u202e{c}\u2066",
    "\u200b{c}\ufeff\u2028",
    "[@click=app.quit]{c}[/]",
)
SEQUENCES = [family.format(c=control) for family in FAMILIES for control in CONTROLS]
CONFIG = """[me]
name = "Alice Martin"
address = "alice@example.org"
time_zone = "Europe/Paris"
[accounts.box]
type = "maildir"
path = "{maildir}"
"""


def escape(text: str) -> str:
    """iCalendar TEXT; line breaks as \\n, every other control character as it is."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r", "\\n").replace("\n", "\\n")


def hostile_calendar() -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//x//EN", f"X-WR-CALNAME:Team{escape(SEQUENCES[65 + 27])}"]
    for number, sequence in enumerate(SEQUENCES):
        text = escape(sequence)
        lines += [
            "BEGIN:VEVENT",
            f"UID:hostile-{number}{text}",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART:20270104T{number % 24:02}0000Z",
            f"DTEND:20270104T{number % 24:02}3000Z",
            f"SUMMARY:Budget {number} {text} end",
            f"LOCATION:Room {number} {text}",
            f"DESCRIPTION:Notes {text}",
            f'ORGANIZER;CN="Ann {text.replace(chr(34), "")}":mailto:ann@example.org',
            "END:VEVENT",
        ]
    return ("\r\n".join([*lines, "END:VCALENDAR", ""])).encode()


def hostile_mail(calendar: bytes) -> bytes:
    import base64

    subject = base64.b64encode("Team \x1b]52;c;aGk=\x07 \u202eevil".encode()).decode()
    name = base64.b64encode(b"Ann \x1b[2J").decode()
    head = (
        f"From: =?utf-8?b?{name}?= <ann@example.org>\r\n"
        f"To: alice@example.org\r\nSubject: =?utf-8?b?{subject}?=\r\nMessage-ID: <1@example.org>\r\n"
        "Date: Mon, 04 Jan 2027 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello \x1b]0;title\x07 \u202e\x9b31m you\r\n"
        "--b\r\nContent-Type: text/calendar; charset=utf-8; method=PUBLISH\r\n"
        'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="a.ics"\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(calendar).replace(b"\n", b"\r\n") + b"--b--\r\n"


def in_terminal(arguments: list[str], home: Path, limit: float = 60.0) -> str:
    """What the command writes to a terminal of 120×40 that is its standard input, output and error."""
    lead, follow = pty.openpty()
    env = {
        **{name: value for name, value in os.environ.items() if name.startswith(("XDG_", "HOME", "TZ"))},
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", *arguments], stdin=follow, stdout=follow, stderr=follow, cwd=home, env=env
    )
    os.close(follow)
    written, end = b"", time.monotonic() + limit
    try:
        while time.monotonic() < end:
            if select.select([lead], [], [], 0.2)[0]:
                try:
                    data = os.read(lead, 65536)
                except OSError:
                    break
                if not data:
                    break
                written += data
            elif process.poll() is not None:
                break
    finally:
        process.kill()
        process.wait()
        os.close(lead)
    return written.decode("utf-8")


def steering(text: str) -> set[str]:
    """The characters in it that are more than text."""
    return {hex(ord(c)) for c in text if not c.isprintable() and c not in "\r\n\u00a0\u202f\u3000"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "team.ics").write_bytes(hostile_calendar())
    (folder / "evil \x1b]0;x\x07\x9b.ics").write_bytes(hostile_calendar())
    (folder / "broken \x1b[2J.ics").write_bytes(b"no calendar \x1b[2J")
    return folder


@pytest.fixture
def home(hostile: Path, own_home: Path) -> Path:
    """A home in which the hostile calendar is imported, and its mail has come."""
    maildir = own_home / "Maildir"
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True)
    (maildir / "new" / "1.x").write_bytes(hostile_mail(hostile_calendar()))
    file = own_home / "config" / "partagenda" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(CONFIG.format(maildir=maildir))
    in_terminal(["import", str(hostile / "team.ics"), "--as", "Team"], own_home)
    return own_home


READABLE = [
    ["agenda", "--range", "2027-01-04..2027-01-05"],
    ["search", "Budget", "--range", "2027-01-04..2027-01-05"],
    ["view-as", "full", "Team", "--range", "2027-01-04..2027-01-05"],
    ["send", "Team", "--to", "b@example.org", "--dry-run", "--detail", "full", "--range", "2027-01-04..2027-01-05"],
]


@pytest.mark.slow
@pytest.mark.parametrize("arguments", READABLE, ids=lambda a: a[0])
@soak("escapes: 65 control characters × 9 families × every sink", 1)
def test_hostile_events_are_shown_readable_and_harmless(arguments: list[str], home: Path):
    text = in_terminal(arguments, home)
    assert steering(text) == set()
    missing = [n for n in range(len(SEQUENCES)) if f"Budget {n} " not in text]
    assert missing == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["calendars"],
        ["calendars", "--json"],
        ["agenda", "--json", "--range", "2027-01-04..2027-01-05"],
        ["inbox"],
        ["inbox", "--json"],
        ["doctor"],
        ["account", "list"],
        ["outbox"],
        ["ledger"],
        ["free", "Team", "--duration", "1h", "--range", "2027-01-04..2027-01-05"],
        ["agenda", "no such \x1b]52;c;aGk=\x07 calendar"],
        ["nonsense \x9b31m"],
        ["send", "Team", "--to", "evil\x1b[2J@example.org"],
        ["send", "Team", "--detail", "\x1b[2J"],
        ["agenda", "--\x1b[2J"],
        ["ledger", "--\x1b[2J"],
        ["outbox", "drop", "\x1b[2J"],
        ["inbox", "show", "\x1b[2J"],
        ["calendar", "rename", "Team", "New \x1b]0;x\x07\u202e name"],
        ["calendar", "colour", "Team", "\x1b[2J"],
        ["new", "Odd \x1b[31m\x9b name"],
        ["account", "add", "\x1b[2J", "--type", "vdir", "--set", "path=/x"],
        ["account", "add", "a", "--type", "\x1b[2J"],
        ["--config", "/proc/nowhere/\x1b[2J", "ledger"],
        ["help", "\x1b[2J"],
        ["view-as", "\x1b[2J", "Team"],
        ["export", "Team", "/proc/nowhere/\x1b[2J/file.ics"],
    ],
    ids=lambda a: " ".join(a).encode("unicode_escape").decode(),
)
@soak("escapes: 65 control characters × 9 families × every sink", 1)
def test_no_command_lets_a_control_character_through(arguments: list[str], home: Path):
    text = in_terminal(arguments, home)
    assert text.strip()
    assert steering(text) == set()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["import", "doctor"])
@soak("escapes: 65 control characters × 9 families × every sink", 1)
def test_hostile_file_names_and_broken_files_are_harmless(command: str, home: Path, hostile: Path):
    files = sorted(hostile.iterdir())
    assert files
    for file in files:
        text = in_terminal([command, str(file)], home)
        assert text.strip(), file
        assert steering(text) == set(), file


@pytest.mark.slow
@soak("escapes: 65 control characters × 9 families × every sink", 1)
def test_a_hostile_message_shows_nothing_but_text(home: Path):
    listed = in_terminal(["inbox", "--json"], home)
    import json

    identity = json.loads(listed)[0]["id"]
    shown = in_terminal(["inbox", "show", identity], home)
    assert "Hello" in shown
    assert steering(shown) == set()
    assert steering(in_terminal(["inbox", "open", identity], home)) == set()
