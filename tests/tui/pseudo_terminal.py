"""The whole program in a pseudo-terminal: keys in, raw bytes out, and the screen that a terminal would show."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUIET = 0.2
"""Seconds without a byte after which a key has done what it does; where it takes longer, those behind it wait."""
KNOWN = re.compile(
    rb"\x1b\[[?>=<]?[0-9;:]*[ $]?[A-Za-z]"  # CSI: modes, colours, moves, queries
    rb"|\x1b[()][A-Z0-9]|\x1b[=>78]"
    rb"|\x1b\]22;[a-z-]+\x1b\\|\x1b\]22;[a-z-]+\x07"  # the pointer's form
)
"""All that Textual itself writes beside text. Anything else with a control character came from somewhere else."""


def env_of(home: Path) -> dict[str, str]:
    """What a program needs to live in a home of its own."""
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    return {"HOME": str(home), "TZ": "Europe/Paris", **folders}


class Terminal:
    """A program that is running; `written` holds all its bytes so far."""

    def __init__(self, pid: int, lead: int) -> None:
        self.pid, self._lead, self.written = pid, lead, b""

    def read(self, quiet: float = 0.4, limit: float = 20.0) -> bytes:
        """What comes until nothing has come for `quiet` seconds."""
        start, end = len(self.written), time.monotonic() + limit
        while time.monotonic() < end and select.select([self._lead], [], [], quiet)[0]:
            try:
                data = os.read(self._lead, 65536)
            except OSError:
                break
            if not data:
                break
            self.written += data
        return self.written[start:]

    def wait_for(self, text: str, limit: float = 20.0) -> None:
        """Read until the text has been written as one piece."""
        end = time.monotonic() + limit
        while text.encode() not in self.written:
            assert time.monotonic() < end, f"{text!r} did not come to the screen"
            self.read(0.1, 0.5)

    def press(self, keys: str) -> bytes:
        """Send keys, and read until the screen is still."""
        os.write(self._lead, keys.encode())
        return self.read(QUIET)

    def text(self) -> str:
        """Everything that was ever written, without the sequences."""
        return KNOWN.sub(b"", self.written).decode("utf-8", "replace")

    def steering(self) -> set[str]:
        """The control characters that do not belong to a sequence of Textual's own."""
        return {hex(ord(c)) for c in self.text() if not c.isprintable() and c not in "\r\n\u00a0\u202f\u3000"}


@contextmanager
def running(arguments: list[str], env: Mapping[str, str], size: tuple[int, int] = (120, 40)) -> Iterator[Terminal]:
    """`partagenda ARGUMENTS` in a terminal of columns × rows; it is ended at the end."""
    pid, lead = pty.fork()
    if pid == 0:
        whole = {
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            **env,
        }
        os.execve(sys.executable, [sys.executable, "-m", "tui", *arguments], whole)
    fcntl.ioctl(lead, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    terminal = Terminal(pid, lead)
    try:
        yield terminal
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        terminal.read(0.2, 3)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(lead)
