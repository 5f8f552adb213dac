"""A walk through the workspace by the keyboard alone, in tmux: keys in, the screen read. One feature a test; the walk
itself is the table `WALK`, so that it can also be read as the shortest tour of what the workspace does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.days import today_in_paris
from tests.tui.pseudo_terminal import ROOT
from tests.tui.tmux import Tmux, in_tmux

pytestmark = pytest.mark.slow

TODAY = today_in_paris()
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday())
"""Next week's: nothing of it is past, whatever day the walk is on."""


def day(number: int) -> str:
    return (MONDAY + timedelta(days=number)).isoformat()


CONFIG = """
[me]
name = "Alice Martin"
address = "alice@example.org"
time_zone = "Europe/Paris"
[reminders]
in_app = false
"""
EVENTS = (
    (
        "Desk",
        "--title",
        "Stand-up",
        "--start",
        f"{day(0)}T09:00",
        "--duration",
        "30m",
        "--repeat",
        "FREQ=DAILY;COUNT=5",
    ),
    ("Desk", "--title", "Budget", "--start", f"{day(1)}T14:00", "--duration", "2h", "--place", "Room 4"),
    (
        "Desk",
        "--title",
        "Call New York",
        "--start",
        f"{day(2)}T11:00",
        "--duration",
        "1h",
        "--time-zone",
        "America/New_York",
    ),
    ("Desk", "--title", "Fair", "--start", day(3), "--end", day(5), "--all-day", "--status", "out-of-office"),
    ("Team", "--title", "Release", "--start", f"{day(1)}T10:00", "--duration", "1h"),
)


@pytest.fixture
def env(own_home: Path) -> dict[str, str]:
    """A home with two calendars."""
    config = own_home / "config" / "partagenda" / "config.toml"
    config.parent.mkdir(parents=True, mode=0o700)
    config.write_text(CONFIG)
    config.chmod(0o600)
    found = {name: value for name, value in os.environ.items() if name.startswith(("XDG_", "HOME", "TZ"))}
    run(found, "new", "Desk")
    run(found, "new", "Team")
    for arguments in EVENTS:
        run(found, "add", *arguments)
    return found


def run(env: dict[str, str], *arguments: str) -> str:
    """The command line on the same home."""
    whole = {**env, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "tui", *arguments], env=whole, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


def stored(env: dict[str, str], calendar: str) -> list[str]:
    """Start and title of what a calendar holds next week and the one after."""
    found = json.loads(run(env, "agenda", calendar, "--range", f"{day(-7)}..{day(13)}", "--json"))
    return sorted(f"{one['start'][:16]} {one['title']}" for one in found)


@pytest.fixture
def tmux(env: dict[str, str], tmp_path: Path) -> Iterator[Tmux]:
    """The app on next week."""
    with in_tmux(tmp_path / "tmux", env) as made:
        made.see("Desk", "Team")
        made.press("g")
        made.see("Tab Month")
        made.press(f"={day(1)}", "Enter")
        made.see("Budget", "Release")
        yield made


def test_every_view_is_one_key_away(tmux: Tmux) -> None:
    for key, words in (
        ("1", "Budget, Room 4"),
        ("2", "Fair"),
        ("3", "Stand-up"),
        ("4", "Stand-up"),
        ("5", "Budget, Room 4"),
        ("6", "Jan"),
        ("3", "Release"),
    ):
        tmux.press(key)
        tmux.see(words)


def test_panes_overlay_scale_zone_week_numbers_and_list(tmux: Tmux) -> None:
    tmux.press("V")
    tmux.see("1 Desk", "2 Team")
    tmux.press("V")
    tmux.gone("1 Desk")
    tmux.press("v")
    tmux.gone("Release")
    tmux.press("v")
    tmux.see("Release")
    tmux.press("z")
    tmux.see("15 minutes a line")
    tmux.press("z", "z")
    tmux.see("30 minutes a line")
    tmux.press("s")
    tmux.see("Panes apart")
    tmux.press("s")
    tmux.see("Panes together")
    tmux.press("w")
    tmux.see("Week ")
    tmux.press("w")
    tmux.gone("Week 5")
    tmux.press("Z")
    tmux.see("Second Time Zone")
    tmux.press("=Asia/Tokyo", "Enter")
    tmux.see("JST")
    tmux.press("b")
    tmux.gone("My Calendars")


def test_search_and_filter(tmux: Tmux) -> None:
    tmux.press("/")
    tmux.see("Search")
    tmux.press("=Budg")
    tmux.see("Room 4")
    tmux.press("Enter")
    tmux.see("Budget", "2:00 PM – 4:00 PM")
    tmux.press("f")
    tmux.see("Filter")
    tmux.press("=Budget", "Enter")
    tmux.see("only Budget", "My Calendars")
    tmux.gone("Release", "Stand-up")
    tmux.press("A")
    tmux.see("Release")


def test_quick_add_form_notes_and_files(tmux: Tmux, env: dict[str, str], own_home: Path) -> None:
    tmux.press("a")
    tmux.see("Quick Add")
    tmux.press(f"=lunch with Bruno {day(2)} 12:30-13:30 @ canteen !private")
    tmux.see("canteen · private")
    tmux.press("Enter")
    tmux.see("Added to “Desk”")
    (own_home / "plan.txt").write_text("1. Budget\n")
    tmux.press("N")
    tmux.see("New Appointment")
    tmux.press("=Planning", "F7")
    tmux.see("0 files")
    tmux.press("a")
    tmux.see("Attach a File")
    tmux.press("C-u", f"={own_home}/plan.txt")
    tmux.see("plan.txt")
    tmux.press("Enter")
    tmux.see("1 file")
    tmux.press("Enter")
    tmux.see("plan.txt · 10 bytes")
    tmux.press("F9")
    tmux.see("Added to “Desk”: “Planning”")
    assert f"{day(2)}T12:30 lunch with Bruno" in stored(env, "Desk")


def test_recurrence_with_its_next_dates(tmux: Tmux, env: dict[str, str]) -> None:
    tmux.press("N")
    tmux.see("New Appointment")
    tmux.press("=Course", "F6")
    tmux.see("Appointment Recurrence")
    tmux.press("Right", "Right", "Right")
    tmux.see("Weekly")
    tmux.press("Enter")
    tmux.gone("Appointment Recurrence")
    tmux.press("F9")
    tmux.see("Added to “Desk”: “Course”")
    assert sum("Course" in one for one in stored(env, "Desk")) == 2


def test_shift_resize_duplicate_delete_undo_and_history(tmux: Tmux, env: dict[str, str]) -> None:
    tmux.press("/")
    tmux.see("Search")
    tmux.press("=Budget", "Enter")
    tmux.see("2:00 PM – 4:00 PM")
    tmux.press(".")
    tmux.see("2:15 PM – 4:15 PM")
    tmux.press("]")
    tmux.see("3:15 PM – 5:15 PM")
    tmux.press(")")
    tmux.see("3:15 PM – 5:15 PM")
    tmux.press("-")
    tmux.see("3:15 PM – 5:00 PM")
    tmux.press("*")
    tmux.see("3:15 PM – 6:00 PM")
    tmux.press("D")
    tmux.see("The copy is chosen")
    tmux.press("d")
    tmux.see("Deleted “Budget”")
    assert f"{day(2)}T15:15 Budget" in stored(env, "Desk")
    for words in ("Deleted", "Copied", *["Changed"] * 5):
        tmux.press("u")
        tmux.see(f"Undone: {words}")
        tmux.still()
    assert f"{day(1)}T14:00 Budget" in stored(env, "Desk")
    tmux.press("U")
    tmux.see("Done again: Changed")
    tmux.press("H")
    tmux.see("History", "Added “Budget” to Desk")
    tmux.press("Escape")
    tmux.see("My Calendars")


def test_a_recurring_event_asks_only_this_following_or_all(tmux: Tmux, env: dict[str, str]) -> None:
    tmux.press("g")
    tmux.see("Tab Month")
    tmux.press(f"={day(2)}", "Enter")
    tmux.gone("Tab Month")
    tmux.press("Home", "Down", "Down", "]")
    tmux.see("Which of its dates do you mean?")
    tmux.press("Enter")
    tmux.see("10:00 AM – 10:30 AM")
    moved = [one for one in stored(env, "Desk") if "Stand-up" in one and "T10:00" in one]
    assert moved == [f"{day(2)}T10:00 Stand-up"]


def test_mark_copy_and_move_between_panes_with_conflicts_shown_before(tmux: Tmux, env: dict[str, str]) -> None:
    tmux.press("/")
    tmux.see("Search")
    tmux.press("=Budget", "Enter")
    tmux.see("2:00 PM – 4:00 PM")
    tmux.press("Space")
    tmux.see("1 event marked")
    tmux.press("C")
    tmux.see("1 event copied to “Team”")
    tmux.press("Tab", "Tab")
    tmux.press("/")
    tmux.see("Search")
    tmux.press("=Budget", "Enter")
    tmux.see("2:00 PM – 4:00 PM")
    tmux.press("M")
    tmux.see("At the same time")
    tmux.press("Escape")
    tmux.gone("At the same time")
    assert sum("Budget" in one for one in [*stored(env, "Desk"), *stored(env, "Team")]) == 2


def test_find_a_time_band_suggestions_and_the_meeting(tmux: Tmux, env: dict[str, str]) -> None:
    tmux.press("F")
    tmux.see("Find a Time", "free times for everybody")
    tmux.press("v")
    tmux.see("║", "8:00 AM – 8:30 AM. Enter: meeting")
    tmux.press("J")
    tmux.see("8:30 AM – 9:00 AM. Enter: meeting")
    tmux.press("I")
    tmux.see("8:00 AM – 8:30 AM. Enter: meeting")
    tmux.press("Enter")
    tmux.see("New Appointment")
    tmux.press("=Together", "F9")
    tmux.see("Added to “Desk”: “Together”")
    tmux.gone("║")
    assert any("Together" in one for one in stored(env, "Desk"))


def test_an_event_of_another_zone_shows_its_own_time(tmux: Tmux) -> None:
    tmux.press("5", "v")
    tmux.see("Call New York (11:00 AM New York)")


def test_calendars_are_made_named_deleted_and_brought_back(tmux: Tmux, env: dict[str, str]) -> None:
    tmux.press("Q")
    tmux.see("New Calendar")
    tmux.press("=Garden", "Enter")
    tmux.see("“Garden” is a calendar of yours now")
    tmux.press("Y")
    tmux.see("Delete “Garden”?")
    tmux.still()  # a question takes no key in its first moment
    tmux.press("d")
    tmux.see("Deleted the calendar Garden")
    tmux.press("u")
    tmux.see("Undone: Deleted the calendar Garden")
    assert "Garden" in run(env, "calendars")


def test_somebody_elses_change_meanwhile_asks_and_keeps_both(tmux: Tmux, env: dict[str, str], own_home: Path) -> None:
    tmux.press("/")
    tmux.see("Search")
    tmux.press("=Budget", "Enter")
    tmux.see("2:00 PM – 4:00 PM")
    tmux.press("E")
    tmux.see("Change “Budget”")
    (file,) = [path for path in own_home.rglob("*.ics") if b"SUMMARY:Budget" in path.read_bytes()]
    theirs = file.with_suffix(".new")
    theirs.write_bytes(file.read_bytes().replace(b"SUMMARY:Budget", b"SUMMARY:Theirs"))
    theirs.rename(file)
    tmux.press("C-u", "=Mine", "F9")
    tmux.see("changed by another program meanwhile")
    assert {"Theirs"} <= {one.split(" ", 1)[1] for one in stored(env, "Desk")}
    tmux.still()  # a question that opens by itself takes no key for a moment
    tmux.press("b")
    tmux.still()
    tmux.press("Enter")
    tmux.gone("changed by another program meanwhile")
    assert {"Theirs", "Mine"} <= {one.split(" ", 1)[1] for one in stored(env, "Desk")}
