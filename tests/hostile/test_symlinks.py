"""Links that somebody has planted where the program writes: never written through, never made whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak import soak

ROOT = Path(__file__).resolve().parents[2]
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a@x\r\nDTSTAMP:20261101T000000Z\r\n"
    "DTSTART:20261123T110000Z\r\nSUMMARY:Lunch\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
CONFIG = """[me]
name = "Alice Martin"
address = "alice@example.org"
time_zone = "Europe/Paris"
[accounts.mail]
type = "smtp"
host = "127.0.0.1"
port = 1
security = "none"
"""
COMMANDS = (
    ("new", "Work"),
    ("import", "in.ics", "--into", "Work"),
    ("add", "Dinner tomorrow 19:00", "--calendar", "Work"),
    ("calendar", "default", "Work"),
    ("undo",),
    ("publish", "Work", "{base}/site/work.ics", "--yes"),
    ("send", "Work", "--to", "bruno@example.org", "--yes"),
    ("outbox",),
    ("sync",),
    ("agenda",),
    ("export", "Work", "{base}/out.ics"),
)


def live(base: Path) -> list[int]:
    """A person's day in a home of their own."""
    for name in ("home", "site"):
        (base / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    (base / "in.ics").write_text(ICS, newline="")
    config = base / "home" / "config" / "partagenda" / "config.toml"
    if not config.parent.exists():
        config.parent.mkdir(parents=True, mode=0o700)
    config.write_text(CONFIG)
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(base / "home"), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), "TZ": "UTC",
        **{f"XDG_{name}_HOME": str(base / "home" / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
    }  # fmt: skip
    codes = []
    for command in COMMANDS:
        argv = [sys.executable, "-m", "tui", *(word.format(base=base) for word in command)]
        done = subprocess.run(argv, cwd=base, env=environment, capture_output=True, text=True, timeout=60)
        assert "Traceback" not in done.stderr, done.stderr
        codes.append(done.returncode)
    return codes


def written(base: Path) -> list[Path]:
    """What the program has made, as paths below the folder."""
    found = [path.relative_to(base) for path in base.rglob("*") if path.is_file()]
    return [path for path in found if path.name not in ("in.ics", "config.toml")]


@pytest.mark.slow
@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
@soak("files: planted links are never followed", 1)
def test_a_link_in_the_place_of_a_file_is_never_written_through(tmp_path: Path, there: bool) -> None:
    codes = live(tmp_path / "first")
    names = written(tmp_path / "first")
    assert (codes.count(0) >= 7, len(names) > 8) == (True, True), (codes, names)
    victims, second = tmp_path / "victims", tmp_path / "second"
    victims.mkdir()
    for number, name in enumerate(names):
        victim = victims / str(number)
        if there:
            victim.write_bytes(b"canary")
        (second / name.parent).mkdir(parents=True, exist_ok=True, mode=0o700)
        (second / name).symlink_to(victim)
    live(second)
    planted = {str(number): str(name) for number, name in enumerate(names)}
    changed = [planted.get(path.name, path.name) for path in victims.iterdir() if path.read_bytes() != b"canary"]
    assert (sorted(changed), len(list(victims.iterdir()))) == ([], len(names) if there else 0)
