"""A walk through the workspace by the keyboard alone, in tmux: keys in, the screen read. One feature a test, so
that it can also be read as the shortest tour of what the workspace does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from core.sandbox.people import ALICE, BRUNO, Accounts, Person
from core.sandbox.servers import HOST, Certificates, MailServer
from tests.days import today_in_paris
from tests.tui.pseudo_terminal import ROOT, env_of
from tests.tui.tmux import LIMIT, Tmux, in_tmux

pytestmark = pytest.mark.slow

TODAY = today_in_paris()
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday())
"""Next week's: nothing of it is past, whatever day the walk is on."""
SUNDAY = MONDAY - timedelta(days=1)
"""The first day of a week in American English."""
TO_WORK = ("End", "Home")
"""To the first working hour, at whatever hour the walk is: from that hour Home goes to what lasts all day."""


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


def settle_in(home: Path, config: str) -> dict[str, str]:
    """A home of that configuration."""
    file = home / "config" / "partagenda" / "config.toml"
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text(config)
    file.chmod(0o600)
    return env_of(home)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two calendars, made once; each test works on a copy."""
    home = tmp_path_factory.mktemp("template")
    env = settle_in(home, CONFIG)
    run(env, "new", "Desk")
    run(env, "new", "Team")
    for arguments in EVENTS:
        run(env, "add", *arguments)
    return home


@pytest.fixture
def env(own_home: Path, template: Path) -> dict[str, str]:
    """A home with two calendars."""
    shutil.copytree(template, own_home, dirs_exist_ok=True)
    return env_of(own_home)


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
    return sorted(f"{one['start'][:16]} {one['title']}" for one in stored_whole(env, calendar))


def stored_whole(env: dict[str, str], calendar: str) -> list[dict[str, str]]:
    """The same with everything that is told of it."""
    return json.loads(run(env, "agenda", calendar, "--range", f"{day(-7)}..{day(13)}", "--json"))


@contextmanager
def at_next_week(folder: Path, env: dict[str, str]) -> Iterator[Tmux]:
    """The app on next week."""
    with in_tmux(folder, env) as made:
        made.see("Desk", "Team")
        made.press("g")
        made.see("Tab Month")
        made.press(f"={day(1)}", "Enter")
        made.gone("Tab Month")
        made.see("Release")
        yield made


@pytest.fixture
def tmux(env: dict[str, str], tmp_path: Path) -> Iterator[Tmux]:
    """The app on next week, with everything as it was made."""
    with at_next_week(tmp_path / "tmux", env) as made:
        made.see("Budget", "Release")
        yield made


def test_every_view_is_one_key_away(tmux: Tmux) -> None:
    for key, words in (
        ("1", "Budget, Room 4"),
        ("2", "Fair"),
        ("3", f"{SUNDAY:%b} {SUNDAY.day} – "),  # the title: the days of work begin on Monday
        ("4", " Mon   "),  # a month's column has no date at its head
        ("5", "Budget, Room 4"),
        ("6", "SMTWTFSS"),
        ("3", "Release"),
    ):
        assert words not in tmux.screen(), "the view before shows it, too"
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
    (number,) = set(re.findall(r"Week \d+", tmux.still()))
    tmux.press("w")
    tmux.gone(number)
    tmux.press("Z")
    tmux.see("Second Time Zone")
    tmux.press("=Asia/Tokyo", "Enter")
    tmux.see("JST")
    tmux.press("b")
    tmux.gone("My Calendars")


def hour_lines(screen: str) -> int:
    """Lines from one hour to the next, by the labels beside the first pane."""
    labelled = [n for n, line in enumerate(screen.splitlines()) if re.search(r" \d+ [AP]M [│┊]", line)]
    return labelled[-1] - labelled[-2]


def test_an_hour_takes_one_two_or_four_lines(tmux: Tmux) -> None:
    heights = [hour_lines(tmux.still())]
    for words in ("15 minutes a line", "60 minutes a line", "30 minutes a line"):
        tmux.press("z")
        tmux.see(words)
        heights.append(hour_lines(tmux.still()))
    assert heights == [2, 4, 1, 2]


def test_panes_move_together_or_each_on_its_own(tmux: Tmux) -> None:
    def weeks() -> list[int]:
        screen = tmux.still()
        return [screen.count(f"{first.strftime('%b')} {first.day} ") for first in (SUNDAY, SUNDAY + timedelta(days=7))]

    assert weeks() == [2, 0]
    tmux.press("s")
    tmux.see("Panes apart")
    tmux.press("n")
    assert weeks() == [1, 1]
    tmux.press("p", "s")
    tmux.see("Panes together")
    tmux.press("n")
    assert weeks() == [0, 2]


def test_four_calendars_stand_side_by_side_on_a_wide_terminal(env: dict[str, str], tmp_path: Path) -> None:
    for name in ("Third", "Fourth"):
        run(env, "new", name)
    with in_tmux(tmp_path / "wide", env, size=(250, 50)) as tmux:
        tmux.see("Desk", "Team", "Third", "Fourth")
        tmux.press("c", "Down", "Down", "Space")
        tmux.still()
        tmux.press("Down", "Space")
        head = tmux.still().splitlines()
        assert any(line.count("▌") == 4 for line in head), "\n".join(head)


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
    tmux.press(*TO_WORK, "Down", "Down", "]")
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
    tmux.press("M")
    tmux.see("At the same time")
    tmux.still()
    tmux.press("Enter")
    tmux.gone("At the same time")
    tmux.see("moved to")
    assert sorted(sum("Budget" in one for one in stored(env, name)) for name in ("Desk", "Team")) == [0, 2]


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


def search(tmux: Tmux, words: str, *shown: str) -> None:
    """The cursor on an event, by its title."""
    tmux.press("/")
    tmux.see("Search")
    tmux.press(f"={words}", "Enter")
    tmux.gone("─ Search ─")
    tmux.see(*shown)


def go_to(tmux: Tmux, words: str) -> None:
    tmux.press("g")
    tmux.see("Tab Month")
    tmux.press(f"={words}", "Enter")
    tmux.gone("Tab Month")


def short(when: date) -> str:
    """As the line of status writes a day."""
    return f"{when:%a, %b} {when.day}"


def test_dates_are_gone_to_as_people_write_them(tmux: Tmux) -> None:
    for typed, meant in (
        ("+7", TODAY + timedelta(days=7)),
        ("next monday", TODAY + timedelta(days=7 - TODAY.weekday())),
        ("14.8.2027", date(2027, 8, 14)),
    ):
        go_to(tmux, typed)
        tmux.see(short(meant))


def test_a_time_is_marked_and_a_new_event_made_of_it_with_notes_from_ones_own_editor(
    env: dict[str, str], tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "Bring the figures" > "$1"\nclear\n')
    editor.chmod(0o700)
    with at_next_week(tmp_path / "tmux", {**env, "EDITOR": str(editor)}) as tmux:
        go_to(tmux, day(2))
        tmux.press(*TO_WORK, "Space")
        tmux.see("Walk to the end of the time")
        tmux.press("Down", "Down", "Down", "N")
        tmux.see("New Appointment")
        tmux.press("=Prepare", "F4")
        tmux.see("Bring the figures", "New Appointment", "Prepare")
        tmux.press("F9")
        tmux.see("Added to “Desk”: “Prepare”")
    (entry,) = [one for one in stored_whole(env, "Desk") if one["title"] == "Prepare"]
    assert (entry["start"][:16], entry["end"][:16]) == (f"{day(2)}T08:00", f"{day(2)}T10:00")


def test_quick_add_is_written_in_french_too(env: dict[str, str], tmp_path: Path) -> None:
    with in_tmux(tmp_path / "tmux", {**env, "LC_ALL": "fr_FR.UTF-8", "LANGUAGE": "fr"}) as tmux:
        tmux.see("Mes calendriers")
        tmux.press("a")
        tmux.see("Ajout rapide à")
        tmux.press(f"=déjeuner {day(2)} 12h30-13h30 @ cantine", "Enter")
        tmux.see("Ajouté à")
    assert f"{day(2)}T12:30 déjeuner" in stored(env, "Desk")


def test_of_a_series_all_or_this_and_those_after_it_are_changed_and_undone_after_a_restart(
    env: dict[str, str], tmp_path: Path
) -> None:
    with at_next_week(tmp_path / "first", env) as tmux:
        go_to(tmux, day(2))
        tmux.press(*TO_WORK, "Down", "Down", "]")
        tmux.see("Which of its dates do you mean?")
        tmux.press("2")
        tmux.see("10:00 AM – 10:30 AM")
        assert [one[11:16] for one in stored(env, "Desk") if "Stand-up" in one] == ["09:00"] * 2 + ["10:00"] * 3
        tmux.press("d")
        tmux.see("Which of its dates do you mean?")
        tmux.press("3")
        tmux.see("Deleted “Stand-up”")
        assert sum("Stand-up" in one for one in stored(env, "Desk")) == 2
    with at_next_week(tmp_path / "second", env) as tmux:
        tmux.press("H")
        tmux.see("History", "Deleted “Stand-up”")
        tmux.press("Escape")
        tmux.see("My Calendars")
        tmux.press("u")
        tmux.see("Undone: Deleted “Stand-up”")
        tmux.still(0.3)
        tmux.press("u")
        tmux.see("Undone: Changed “Stand-up”")
        assert [one[11:16] for one in stored(env, "Desk") if "Stand-up" in one] == ["09:00"] * 5


def test_one_instance_of_a_series_goes_to_the_other_calendar(tmux: Tmux, env: dict[str, str]) -> None:
    go_to(tmux, day(2))
    tmux.press(*TO_WORK, "Down", "Down", "M")
    tmux.see("Which of its dates do you mean?")
    tmux.press("1")
    tmux.see("1 event moved to “Team”")
    assert f"{day(2)}T09:00 Stand-up" in stored(env, "Team")
    assert sum("Stand-up" in one for one in stored(env, "Desk")) == 4


def test_a_reminder_rings_as_a_notice(env: dict[str, str], own_home: Path, tmp_path: Path) -> None:
    config = own_home / "config" / "partagenda" / "config.toml"
    config.write_text(CONFIG.replace("in_app = false", "in_app = true"))
    soon = time.strftime("%Y-%m-%dT%H:%M", time.localtime(time.time() + 300))
    run(
        {**env, "TZ": "Europe/Paris"},
        "add",
        "Desk",
        "--title",
        "Drill",
        "--start",
        soon,
        "--duration",
        "1h",
        "--reminder",
        "15m",
    )
    with in_tmux(tmp_path / "tmux", env) as tmux:
        tmux.see("Reminder · Desk", "Drill")


# -- meetings


MAIL = """
[accounts.mail]
type = "smtp"
host = "{host}"
port = {port}
security = "starttls"
username = "{user}"
password_command = ["cat", "{secret}"]
ca = "{ca}"
[accounts.inbox]
type = "maildir"
path = "{maildir}"
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Person, Path], str]]:
    """The sandbox's mail server; the lines of a configuration that let a person send and receive there."""
    root = tmp_path_factory.mktemp("office")
    accounts, certificates = Accounts.fresh(root), Certificates(root)

    def lines(person: Person, home: Path) -> str:
        secret, maildir = home / "password", accounts.maildirs[person.key]
        secret.write_text(accounts.passwords[person.key])
        secret.chmod(0o600)
        for part in ("new", "cur", "tmp"):
            (maildir / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        mine = CONFIG.replace("Alice Martin", person.name).replace("alice@example.org", person.address)
        facts = {"host": HOST, "port": server.port, "user": person.key, "secret": secret}
        return mine + MAIL.format(**facts, ca=certificates.pem, maildir=maildir)

    with MailServer(accounts, certificates) as server:
        lines.boxes = accounts.maildirs  # type: ignore[attr-defined]
        yield lines


def letters(office, person: Person) -> list[tuple[str, str]]:
    """METHOD and answer or title of the meeting messages that a person got, oldest first."""
    found = []
    for file in sorted((office.boxes[person.key] / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        for part in message.walk():
            if part.get_content_type() == "text/calendar":
                text = part.get_content().replace("\r\n ", "").replace("\n ", "")
                answer = text.partition("PARTSTAT=")[2].partition(";")[0].partition(":")[0]
                found.append((text.partition("METHOD:")[2].split()[0], answer))
    return found


def got(office, person: Person, *wanted: str) -> list[tuple[str, str]]:
    """Wait until so many messages of these methods have come."""
    end = time.monotonic() + LIMIT
    while [method for method, _answer in letters(office, person)] != list(wanted):
        assert time.monotonic() < end, letters(office, person)
        time.sleep(0.05)
    return letters(office, person)


def briefly(env: dict[str, str]) -> set[str]:
    """Start and first word of what is in the calendar of the one who was invited."""
    return {" ".join(one.split(" ")[:2]) for one in stored(env, "Mine")}


def tell(tmux: Tmux, words: str) -> None:
    """The question whether people are told, and yes."""
    tmux.see("Tell the People of", words)
    tmux.still()  # a question that opens by itself takes no key for a moment
    tmux.press("F9")
    tmux.gone("Tell the People of")


def test_meetings_invite_change_answer_and_cancel_from_one_person_to_the_other(
    env: dict[str, str], own_home: Path, tmp_path: Path, office
) -> None:
    (own_home / "config" / "partagenda" / "config.toml").write_text(office(ALICE, own_home))
    other = tmp_path / "bruno"
    theirs = settle_in(other, office(BRUNO, other) if other.mkdir() is None else "")
    run(theirs, "new", "Mine")
    bruno = BRUNO.address
    with at_next_week(tmp_path / "alice", env) as tmux:
        for title, hour in (("Alpha", 15), ("Bravo", 16), ("Carol", 17)):
            tmux.press("a")
            tmux.see("Quick Add")
            tmux.press(f"={title} with {bruno} {day(2)} {hour}:00", "F2")
            tmux.see("New Appointment", bruno)
            if title == "Carol":
                tmux.press("F6")
                tmux.see("Appointment Recurrence")
                tmux.press("Right")
                tmux.see("FREQ=DAILY")
                tmux.press("Enter")
                tmux.gone("Appointment Recurrence")
            tmux.press("F9")
            tell(tmux, f"{bruno}: invitation")
        got(office, BRUNO, *["REQUEST"] * 3)
        search(tmux, "Alpha", "3:00 PM – 3:30 PM")
        tmux.press(".")
        tell(tmux, f"{bruno}: update")
        got(office, BRUNO, *["REQUEST"] * 4)
    with in_tmux(tmp_path / "answers", theirs) as tmux:
        tmux.see("Mine")
        tmux.press("i")
        for key, question in (("a", "Accept “"), ("t", "Tentatively?"), ("d", "Decline “")):
            tmux.see("Accept", "Inbox")
            tmux.still()
            tmux.press(key)
            tmux.see(question, "The message", f"To {ALICE.address}")
            tmux.press("Enter")
            tmux.gone(question)
            tmux.still()
            tmux.press("Down")
        answers = got(office, ALICE, *["REPLY"] * 3)
        assert sorted(answer for _method, answer in answers) == ["ACCEPTED", "DECLINED", "TENTATIVE"]
    assert {f"{day(2)}T15:15 Alpha", f"{day(2)}T17:00 Carol", f"{day(3)}T17:00 Carol"} <= briefly(theirs)
    assert not any("Bravo" in one for one in briefly(theirs)), "it was declined"
    with at_next_week(tmp_path / "cancels", env) as tmux:
        search(tmux, "Carol", "5:00 PM – 5:30 PM")
        tmux.press("d")
        tmux.see("Only this one")
        tmux.press("1")
        tell(tmux, f"{bruno}: cancellation")
        got(office, BRUNO, *["REQUEST"] * 4, "CANCEL")
        search(tmux, "Alpha", "3:15 PM – 3:45 PM")
        tmux.press("d")
        tell(tmux, f"{bruno}: cancellation")
        got(office, BRUNO, *["REQUEST"] * 4, "CANCEL", "CANCEL")
    with in_tmux(tmp_path / "sees", theirs) as tmux:
        tmux.see("Mine")
        tmux.press("i")
        tmux.see("Inbox", "cancelled")
    off = {
        f"{one['start'][:16]} {one['title'].split(' ')[0]}"
        for one in stored_whole(theirs, "Mine")
        if one.get("cancelled")
    }
    assert off == {f"{day(2)}T15:15 Alpha"} | (off & {f"{day(2)}T17:00 Carol"}), "what is off stays, marked as such"
    left = sorted(briefly(theirs) - off)
    assert left[0] == f"{day(3)}T17:00 Carol", "one instance is gone, and the rest is left"
