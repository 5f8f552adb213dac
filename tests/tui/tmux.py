"""The whole program inside tmux, a real terminal: keys are sent to it, and the screen is read from it.

One client in control mode speaks to each server: a process for every key and every look at the screen costs more than
what is looked at.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tui.pseudo_terminal import ROOT

LIMIT = 40.0
"""Seconds after which what was waited for does not come: a loaded machine may take ten."""
EVERY = 0.02
"""Seconds between two looks at the screen."""


class Tmux:
    """One window with one program. Keys have tmux's names; what begins with `=` is typed as it is."""

    def __init__(self, socket: Path, env: Mapping[str, str]) -> None:
        command = ["tmux", "-u", "-S", socket, "-C", "attach", "-f", "no-output,ignore-size"]
        self._client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        self._socket = socket
        self._rest = b""
        self._answer(["attach"])

    def __call__(self, *arguments: str) -> str:
        """One command of tmux's, and what it answers."""
        assert self._client.stdin
        line = " ".join("'" + argument.replace("'", "'\\''") + "'" for argument in arguments)
        self._client.stdin.write(line.encode() + b"\n")
        self._client.stdin.flush()
        return self._answer(arguments)

    def _answer(self, asked) -> str:
        while not self._line().startswith(b"%begin "):
            pass
        lines: list[bytes] = []
        while not (line := self._line()).startswith((b"%end ", b"%error ")):
            lines.append(line)
        text = b"\n".join(lines).decode("utf-8", "replace")
        assert line.startswith(b"%end "), f"{asked}: {text}"
        return text

    def _line(self) -> bytes:
        assert self._client.stdout
        while b"\n" not in self._rest:
            assert select.select([self._client.stdout], [], [], LIMIT)[0], "tmux does not answer"
            more = os.read(self._client.stdout.fileno(), 65536)
            assert more, "the program in tmux has ended"
            self._rest += more
        line, self._rest = self._rest.split(b"\n", 1)
        return line

    def close(self) -> None:
        """Let the client go; the server is told to end elsewhere."""
        assert self._client.stdin
        assert self._client.stdout
        for pipe in (self._client.stdin, self._client.stdout):
            pipe.close()
        self._client.kill()
        self._client.wait(LIMIT)

    def press(self, *keys: str) -> None:
        """Send keys, one after the other."""
        for key in keys:
            if key.startswith("="):
                self("send-keys", "-l", key[1:])
            else:
                self("send-keys", key)

    def screen(self) -> str:
        """What stands on the screen."""
        return self("capture-pane", "-p")

    def see(self, *texts: str) -> str:
        """Wait until all of them stand on the screen."""
        return self._until(texts, lambda text, screen: text in screen, "did not come")

    def gone(self, *texts: str) -> str:
        """Wait until none of them stands there."""
        return self._until(texts, lambda text, screen: text not in screen, "stayed")

    def _until(self, texts, fits, said) -> str:
        end = time.monotonic() + LIMIT
        while True:
            screen = self.screen()
            wrong = [text for text in texts if not fits(text, screen)]
            if not wrong:
                return screen
            assert time.monotonic() < end, f"{wrong} {said}:\n{screen}"
            time.sleep(EVERY)

    def still(self, quiet: float = 0.5) -> str:
        """The screen once it has not changed for so many seconds."""
        last, since = self.screen(), time.monotonic()
        end = since + LIMIT
        while time.monotonic() - since < quiet and time.monotonic() < end:
            time.sleep(0.05)
            now = self.screen()
            if now != last:
                last, since = now, time.monotonic()
        return last

    def resize(self, width: int, height: int) -> None:
        """Another size of the terminal; some milliseconds apart, as from a mouse that drags its corner."""
        command = ["tmux", "-S", self._socket, "resize-window", "-x", str(width), "-y", str(height)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)


@contextmanager
def in_tmux(folder: Path, env: Mapping[str, str], *arguments: str, size: tuple[int, int] = (120, 40)) -> Iterator[Tmux]:
    """`partagenda ARGUMENTS` in tmux of its own, with nothing of the person's; it is ended at the end."""
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed (Debian: tmux)")
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "socket"
    whole = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **env}
    settings = [f"{name}={value}" for name, value in whole.items()]
    command = ["env", "-i", *settings, "TERM=tmux-256color", sys.executable, "-m", "tui", *arguments]
    width, height = map(str, size)
    config = folder / "tmux.conf"
    config.write_text("set -g status off\nset -s escape-time 10\nset -g default-terminal tmux-256color\n")
    subprocess.run(
        ["tmux", "-S", socket, "-f", config, "new-session", "-d", "-x", width, "-y", height, *command],
        env=whole, check=True, timeout=60,
    )  # fmt: skip
    tmux = None
    try:
        tmux = Tmux(socket, whole)
        yield tmux
    finally:
        subprocess.run(["tmux", "-S", socket, "kill-server"], capture_output=True, timeout=60)
        if tmux is not None:
            tmux.close()
