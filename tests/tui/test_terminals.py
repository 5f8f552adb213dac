"""Terminals of every kind: tmux and GNU screen, small and large, resized in storms, with few colours or none, ASCII."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from tests.days import today_in_paris
from tests.tui.pseudo_terminal import ROOT, env_of, running
from tests.tui.tmux import LIMIT, in_tmux
from tui.text import cell_width

pytestmark = pytest.mark.slow

SIZES = ((80, 24), (100, 30), (120, 40), (160, 50), (200, 60), (250, 80))
WIDE = "日本語の会議とe\u0301te\u0301"
SGR = re.compile(rb"\x1b\[([0-9;:]*)m")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a calendar in which titles are wide, made once; each test works on a copy."""
    home = tmp_path_factory.mktemp("template")
    whole = {**env_of(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    monday = today_in_paris() - timedelta(days=today_in_paris().weekday())
    for name in ("Desk", "Team"):
        subprocess.run([sys.executable, "-m", "tui", "new", name], env=whole, check=True, capture_output=True)
    whole_days = ("--start", str(monday), "--end", str(monday + timedelta(days=7)), "--all-day")
    timed = [("--start", f"{monday + timedelta(days=number)}T{hour:02}:00", "--duration", "2h")
             for number in (0, 3) for hour in (10, 20)]  # fmt: skip
    for title, when in (("Budget", whole_days), (WIDE, whole_days), *((WIDE, times) for times in timed)):
        command = [sys.executable, "-m", "tui", "add", "Desk", "--title", title, *when]
        subprocess.run(command, env=whole, check=True, capture_output=True)
    return home


@pytest.fixture
def env(own_home: Path, template: Path) -> dict[str, str]:
    """A copy of that home."""
    shutil.copytree(template, own_home, dirs_exist_ok=True)
    return env_of(own_home)


def test_after_a_storm_of_sizes_the_screen_is_what_it_was(env: dict[str, str], tmp_path: Path) -> None:
    with in_tmux(tmp_path / "tmux", env) as tmux:
        tmux.see("Desk", "Budget")
        before = tmux.still()
        for width, height in [*product(range(80, 251, 34), range(24, 81, 14)), *reversed(SIZES)] * 2:
            tmux.resize(width, height)
        tmux.resize(120, 40)
        end = time.monotonic() + LIMIT
        while (after := tmux.still(0.3)) != before and time.monotonic() < end:
            pass
        assert after == before


@pytest.mark.parametrize("sizes", [SIZES[:3], SIZES[:2:-1]], ids=["from small", "from large"])
def test_every_size_shows_the_calendar_and_its_last_line(env: dict[str, str], tmp_path: Path, sizes) -> None:
    with in_tmux(tmp_path / "tmux", env, size=sizes[0]) as tmux:
        for size in sizes:
            tmux.resize(*size)
            tmux.press("3")
            tmux.see("Desk", "Budget")
            lines = tmux.still(0.2).split("\n")
            assert max(map(cell_width, lines)) <= size[0]
            assert "Help" in " ".join(lines[-4:]) or "Next" in " ".join(lines[-4:])
            for key, words in zip(
                "124536", ("Desk", "Desk", "Desk", "Budget", "Budget", str(today_in_paris().year)), strict=True
            ):
                tmux.press(key)
                shown = tmux.see("Desk", words)
                assert max(map(cell_width, shown.split("\n"))) <= size[0]


def test_wide_and_combining_characters_move_nothing(env: dict[str, str], tmp_path: Path) -> None:
    """Where the second pane begins is the same cell on every line, with wide titles before it or not."""
    with in_tmux(tmp_path / "tmux", env) as tmux:
        tmux.see("Desk", "Budget")
        for view in "2345":
            tmux.press(view)
            tmux.see("Team", WIDE[:2])
            lines = tmux.still(0.2).split("\n")
            title = next(line for line in lines if "Desk" in line and "Team" in line)
            edge = cell_width(title[: title.rindex("Team")]) - 2
            for line in lines[4:-4]:
                before, used = "", 0
                for character in line:
                    if used >= edge - 1:
                        break
                    before, used = before + character, cell_width(before + character)
                assert used in (edge - 1, 0) or cell_width(line) < edge - 1, line


def test_gnu_screen_shows_the_calendar_and_takes_keys(env: dict[str, str], tmp_path: Path) -> None:
    if not shutil.which("screen"):
        pytest.skip("screen is not installed (Debian: screen)")
    sockets = tmp_path / "screens"
    sockets.mkdir(mode=0o700)
    whole = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    whole |= {**env, "SCREENDIR": str(sockets)}
    command = ["screen", "-U", "-dmS", "walk", sys.executable, "-m", "tui"]
    subprocess.run(command, env=whole, check=True, timeout=60)

    def send(*arguments: str) -> None:
        subprocess.run(["screen", "-S", "walk", "-p", "0", "-X", *arguments], env=whole, check=True, timeout=60)

    def see(text: str) -> str:
        copy, end = tmp_path / "hardcopy", time.monotonic() + LIMIT
        while True:
            send("hardcopy", str(copy))
            time.sleep(0.2)
            shown = copy.read_bytes().decode("utf-8", "replace") if copy.exists() else ""
            if text in shown:
                return shown
            assert time.monotonic() < end, f"{text!r} did not come:\n{shown}"

    try:
        see("Desk")
        send("stuff", "5")
        see("Budget")
        send("stuff", "a")
        see("Quick Add")
        time.sleep(0.5)
        send("stuff", "call today 23:15\r")
        see("Added to")
    finally:
        subprocess.run(["screen", "-S", "walk", "-X", "quit"], env=whole, capture_output=True, timeout=60)


def colours(written: bytes) -> set[str]:
    """Colours that were asked for: `basic`, `256`, `true`."""
    found = set()
    for match in SGR.finditer(written):
        numbers = re.split(rb"[;:]", match[1])
        for at, number in enumerate(numbers):
            if number in (b"38", b"48") and at + 1 < len(numbers):
                found.add("true" if numbers[at + 1] == b"2" else "256")
                break
            if number.isdigit() and (30 <= int(number) <= 37 or 40 <= int(number) <= 47 or 90 <= int(number) <= 107):
                found.add("basic")
    return found


OPENED = ("Quick Add", "New Appointment", "Find a Time")
"""What those keys must have come to."""
KEYS = ("1", "4", "5", "6", "3", "a", "\x1b", "N", "\x1b", "F", "\x1b")


def test_a_terminal_of_sixteen_colours_is_asked_for_no_others(env: dict[str, str]) -> None:
    with running([], {**env, "TERM": "xterm"}) as terminal:
        terminal.wait_for("Desk")
        for key in KEYS:
            terminal.press(key)
        assert [words for words in OPENED if words not in terminal.text()] == []
        assert colours(terminal.written) == {"basic"}


def test_without_colours_there_are_none_and_the_chosen_is_still_seen(env: dict[str, str]) -> None:
    with running([], {**env, "NO_COLOR": "1"}) as terminal:
        terminal.wait_for("Desk")
        for key in KEYS:
            terminal.press(key)
        assert [words for words in OPENED if words not in terminal.text()] == []
        assert colours(terminal.written) == set()
        assert any(b"7" in match[1].split(b";") for match in SGR.finditer(terminal.written)), "reverse marks the cursor"


def test_without_unicode_every_frame_and_mark_is_ascii(env: dict[str, str]) -> None:
    with running([], {**env, "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}) as terminal:
        terminal.wait_for("Desk")
        for key in (*KEYS, "i", "\x1b", "O", "\x1b", "L", "\x1b", "g", "\x1b", ":", "\x1b"):
            terminal.press(key)
        text = terminal.written.decode("ascii", "replace")
        strange = {line for line in text.split("\x1b") if "\ufffd" in line}
        assert strange == set()
        assert "Budget" in text
