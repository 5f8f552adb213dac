"""khal, vdirsyncer and an editor on the same folders while our app is open: nothing of anybody's is lost."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.ical.decode import decode
from tests.interop.peers import ROOT, Khal, Partagenda, plain_env, program, run
from tests.soak import scaled, soak

pytestmark = [pytest.mark.interop, pytest.mark.slow]

ROUNDS = scaled(8, 200)


def event(uid: str, title: str, version: int = 0) -> str:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20270105T090000Z\r\nDTEND:20270105T100000Z\r\n"
        f"SUMMARY:{title}\r\nSEQUENCE:{version}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def titles(folder: Path) -> dict[str, str]:
    """UID to title of every event in the folder; a damaged file fails the test."""
    found: dict[str, str] = {}
    for path in folder.glob("*.ics"):
        decoded = decode(path.read_bytes(), now=datetime.now(UTC))
        assert len(decoded.objects) == 1, path
        thing = decoded.objects[0]
        assert thing.uid not in found, f"{thing.uid} is there twice"
        found[thing.uid] = thing.events[0].title
    return found


@contextmanager
def open_app(env: dict[str, str]) -> Iterator[list[bytes]]:
    """The app in a pseudo-terminal of 120x40; the list holds what it has written."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tui"],
            {**env, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"},
        )
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    written: list[bytes] = []
    stop = threading.Event()

    def drain() -> None:
        while not stop.is_set():
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    written.append(os.read(terminal, 65536))
                except OSError:
                    return

    thread = threading.Thread(target=drain, daemon=True)
    thread.start()
    try:
        yield written
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        stop.set()
        thread.join(2)
        os.close(terminal)


def wait_for(written: list[bytes], text: bytes, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while text not in b"".join(written):
        assert time.monotonic() < end, f"{text!r} did not come to the screen"
        time.sleep(0.1)


@soak("writers at once: khal, vdirsyncer and the app on one folder", ROUNDS)
def test_khal_and_vdirsyncer_work_on_the_folder_while_the_app_is_open(tmp_path: Path) -> None:
    vdirsyncer = program("vdirsyncer")
    calendars, other = tmp_path / "calendars", tmp_path / "other"
    work, mirror = calendars / "work", other / "work"
    work.mkdir(parents=True)
    mirror.mkdir(parents=True)
    khal = Khal.on(calendars, tmp_path)
    (tmp_path / "vdirsyncer").write_text(
        f'[general]\nstatus_path = "{tmp_path}/status/"\n'
        '[pair both]\na = "ours"\nb = "theirs"\ncollections = ["work"]\nconflict_resolution = "b wins"\n'
        f'[storage ours]\ntype = "filesystem"\npath = "{calendars}"\nfileext = ".ics"\n'
        f'[storage theirs]\ntype = "filesystem"\npath = "{other}"\nfileext = ".ics"\n'
    )
    config = tmp_path / "config.toml"
    config.write_text(f'[accounts.khal]\ntype = "vdir"\npath = "{calendars}/*"\n')
    env = {
        "PARTAGENDA_CONFIG": str(config), "PYTHONPATH": str(ROOT), **plain_env(tmp_path),
        **{f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
    }  # fmt: skip
    partagenda = Partagenda(env)

    def sync() -> None:
        run([vdirsyncer, "-c", tmp_path / "vdirsyncer", "sync"], env=plain_env(tmp_path))

    subprocess.run([vdirsyncer, "-c", tmp_path / "vdirsyncer", "discover"], env=plain_env(tmp_path),
                   input="y\ny\n", text=True, capture_output=True, check=True)  # fmt: skip
    expected: dict[str, str] = {}
    with open_app(env) as written:
        wait_for(written, b"work")
        for number in range(ROUNDS):
            before = set(titles(work))
            khal("new", "-a", "work", "2027-01-06", "09:00", "10:00", f"From khal {number}")
            (born,) = set(titles(work)) - before
            expected[born] = f"From khal {number}"
            (tmp_path / "one.ics").write_text(event(f"ours-{number}@x", f"From us {number}"), newline="")
            partagenda("import", tmp_path / "one.ics", "--into", "work")
            expected[f"ours-{number}@x"] = f"From us {number}"
            (mirror / f"theirs-{number}@x.ics").write_text(event(f"theirs-{number}@x", f"Synced {number}"), newline="")
            expected[f"theirs-{number}@x"] = f"Synced {number}"
            sync()
            changed = f"ours-{number}@x"
            path = next(path for path in mirror.glob("*.ics") if changed in path.read_text())
            path.write_text(event(changed, f"Changed elsewhere {number}", 1), newline="")
            expected[changed] = f"Changed elsewhere {number}"
            sync()
            assert titles(work) == titles(mirror) == expected
    found = {
        line.split("|")[0]
        for line in khal("list", "--format", "{title}|", "2027-01-05", "2d").splitlines()
        if "|" in line
    }
    assert set(expected.values()) <= found
    assert not list(work.glob(".*tmp*")), "no temporary file is left"
