"""The whole program inside tmux, a real terminal: keys are sent to it, and the screen is read from it."""

from __future__ import annotations

import os
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


class Tmux:
    """One window with one program. Keys have tmux's names; what begins with `=` is typed as it is."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(["tmux", "-S", self._socket, *arguments], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

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
            time.sleep(0.03)

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
        """Another size of the terminal."""
        self("resize-window", "-x", str(width), "-y", str(height))


@contextmanager
def in_tmux(folder: Path, env: Mapping[str, str], *arguments: str, size: tuple[int, int] = (120, 40)) -> Iterator[Tmux]:
    """`partagenda ARGUMENTS` in tmux of its own, with nothing of the person's; it is ended at the end."""
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    tmux = Tmux(folder / "socket")
    whole = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **env}
    settings = [f"{name}={value}" for name, value in whole.items()]
    command = ["env", "-i", *settings, "TERM=tmux-256color", sys.executable, "-m", "tui", *arguments]
    width, height = map(str, size)
    config = folder / "tmux.conf"
    config.write_text("set -g status off\nset -s escape-time 10\nset -g default-terminal tmux-256color\n")
    subprocess.run(
        ["tmux", "-S", tmux._socket, "-f", config, "new-session", "-d", "-x", width, "-y", height, *command],
        env=whole, check=True, timeout=60,
    )  # fmt: skip
    try:
        yield tmux
    finally:
        subprocess.run(["tmux", "-S", tmux._socket, "kill-server"], capture_output=True, timeout=60)
