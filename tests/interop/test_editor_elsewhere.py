"""What the editor writes, read by khal and calcurse, and sent by vdirsyncer to Radicale and back; and what they wrote,
read by the editor. Occurrences are compared, not bytes: start, end and title of each in fourteen weeks."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from tests.interop.peers import PEERS, Khal, Partagenda, Seen, calcurse_agenda, midnight, plain_env, program, run

pytestmark = [pytest.mark.interop, pytest.mark.slow]

FIRST, DAYS = date(2026, 12, 28), 98
"""From before the new year over the last Sunday of March, when clocks are turned."""
RANGE = "2026-12-28..2027-04-04"

ADDED = (
    # title, start, how long (a duration, or the last day of whole days), and more
    ("Lunch", "2027-01-05T12:30", "1h", "--place", "Canteen, ground floor"),
    ("Call with Bruno", "2027-01-06T09:00", "45m", "--time-zone", "America/New_York"),
    ("Réunion à l’école – 東京", "2027-01-07T16:00", "90m", "--private"),
    ("Fair", "2027-01-11", "2027-01-14", "--status", "out-of-office"),
    ("Birthday", "2027-01-20", "", "--repeat", "FREQ=YEARLY"),
    ("Stand-up", "2027-01-04T09:15", "15m", "--repeat", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    ("Watch", "2027-01-05T22:00", "8h", "--repeat", "FREQ=DAILY;INTERVAL=3;COUNT=20"),
    ("Board", "2027-01-08T10:00", "2h", "--repeat", "FREQ=MONTHLY;BYDAY=2FR"),
    ("Pay day", "2027-01-29", "", "--repeat", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    ("Course", "2027-01-12T18:00", "2h", "--repeat", "FREQ=WEEKLY;INTERVAL=2;UNTIL=20270323T170000Z"),
    ("Night train", "2027-03-27T22:10", "9h", "--status", "tentative", "--reminder", "1d"),
    ("Early shift", "2027-03-26T05:30", "3h", "--repeat", "FREQ=DAILY;COUNT=5"),
)
"""One of each kind that the form can make."""


class Person:
    """Alice with a folder of calendars that other programs use too."""

    def __init__(self, home: Path) -> None:
        self.home, self.calendars = home, home / "calendars"
        (self.calendars / "desk").mkdir(parents=True)
        config = home / "config.toml"
        config.write_text(
            '[me]\nname = "Alice Martin"\naddress = "alice@example.org"\ntime_zone = "Europe/Paris"\n'
            f'[accounts.shared]\ntype = "vdir"\npath = "{self.calendars}/*"\n'
        )
        config.chmod(0o600)
        env = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        self.partagenda = Partagenda({"PARTAGENDA_CONFIG": str(config), **plain_env(home), **env})

    def entries(self, title: str = "", calendar: str = "desk") -> list[dict[str, str]]:
        found = json.loads(self.partagenda("agenda", calendar, "--range", RANGE, "--json"))
        return [one for one in found if not title or one["title"] == title]

    def agenda(self, calendar: str = "desk") -> set[Seen]:
        found = self.partagenda.agenda(calendar, RANGE)
        assert len(found) == len(self.entries(calendar=calendar)), "no two occurrences are alike here"
        return found

    def write_everything(self) -> None:
        """Every kind of event, then every kind of change: one instance, those after, all; deleted, copied, moved."""
        do = self.partagenda
        do("new", "Away")
        for title, start, long, *more in ADDED:
            whole = ["--all-day", *(["--end", long] if long else [])]
            times = ["--duration", long] if "T" in start else whole
            do("add", "desk", "--title", title, "--start", start, *times, *more)
        do(
            "edit",
            self.entries("Stand-up")[3]["id"],
            "--start",
            "2027-01-07T11:00",
            "--title",
            "Late stand-up",
            "--only",
        )
        do("delete", self.entries("Stand-up")[5]["id"], "--only")
        do("edit", self.entries("Stand-up")[20]["id"], "--start", "2027-02-02T08:45", "--following")
        do("edit", self.entries("Watch")[0]["id"], "--place", "Harbour", "--all")
        do("delete", self.entries("Course")[4]["id"], "--following")
        do("copy", self.entries("Lunch")[0]["id"], "desk")
        do("edit", self.entries("Lunch")[0]["id"], "--start", "2027-01-06T12:30", "--title", "Second lunch")
        do("move", self.entries("Board")[1]["id"], "Away", "--only")
        do("delete", self.entries("Fair")[0]["id"])
        do("undo")


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Person:
    made = Person(tmp_path_factory.mktemp("editor"))
    made.write_everything()
    return made


def test_the_editor_wrote_enough_to_compare(person: Person) -> None:
    assert len(person.agenda()) > 100
    assert len(list((person.calendars / "desk").glob("*.ics"))) >= 14


def test_khal_reads_what_the_editor_wrote(person: Person) -> None:
    assert Khal.on(person.calendars, person.home / "khal").agenda(FIRST, DAYS) == person.agenda()


def test_calcurse_reads_what_the_editor_wrote(person: Person, tmp_path: Path) -> None:
    """calcurse knows no zone but the machine's, no replaced instances, no BYSETPOS: it is given what it can know."""
    whole, plain = tmp_path / "whole.ics", tmp_path / "plain.ics"
    person.partagenda("export", "desk", whole)
    plain.write_bytes(_without_overrides(whole.read_bytes()))
    person.partagenda("import", plain, "--as", "Plain")
    ours = {part for one in person.agenda("Plain") for part in _by_days(one)}
    assert calcurse_agenda(plain, tmp_path, FIRST, DAYS) == ours
    assert len(ours) > 80


RADICALE = """
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server
from radicale import Application, config
class Quiet(WSGIRequestHandler):
    def log_message(self, *_args): pass
found = config.load()
found.update({"storage": {"filesystem_folder": sys.argv[1]}, "auth": {"type": "none"},
              "rights": {"type": "authenticated"}, "logging": {"level": "critical"}}, "test", privileged=True)
server = make_server("127.0.0.1", 0, Application(found), handler_class=Quiet)
print(server.server_port, flush=True)
server.serve_forever()
"""


@contextmanager
def radicale(folder: Path) -> Iterator[str]:
    """A real CalDAV server on loopback; its address."""
    python = PEERS / "bin" / "python"
    if not python.exists() or subprocess.run([python, "-c", "import radicale"], capture_output=True).returncode:
        pytest.skip("radicale is not installed (make interop installs it)")
    server = subprocess.Popen(
        [python, "-c", RADICALE, folder], stdout=subprocess.PIPE, text=True, env=plain_env(folder)
    )
    try:
        assert server.stdout
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/alice/"
    finally:
        server.terminate()
        server.wait(10)


def vdirsyncer(home: Path, folder: Path, url: str) -> list[str | Path]:
    """Pairs a folder of calendars with the server; the command to sync with."""
    config = home / "vdirsyncer.conf"
    home.mkdir(exist_ok=True)
    config.write_text(
        f'[general]\nstatus_path = "{home}/status/"\n'
        '[pair both]\na = "here"\nb = "there"\ncollections = ["desk"]\n'
        f'[storage here]\ntype = "filesystem"\npath = "{folder}"\nfileext = ".ics"\n'
        f'[storage there]\ntype = "caldav"\nurl = "{url}"\nusername = "alice"\npassword = "x"\n'
    )
    command: list[str | Path] = [program("vdirsyncer"), "-c", config]
    done = subprocess.run(
        [*command, "discover"], env=plain_env(home), input="y\ny\ny\n", text=True, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    return [*command, "sync"]


def test_what_the_editor_wrote_goes_to_a_server_and_comes_back_the_same(person: Person, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    back = Person(tmp_path / "bruno")
    with radicale(tmp_path / "server") as url:
        up = vdirsyncer(tmp_path / "up", person.calendars, url)
        run(up, env=plain_env(tmp_path))
        down = vdirsyncer(tmp_path / "down", back.calendars, url)
        run(down, env=plain_env(tmp_path))
        assert back.agenda() == person.agenda()

        back.partagenda("edit", back.entries("Lunch")[0]["id"], "--start", "2027-01-08T13:00")
        back.partagenda("delete", back.entries("Stand-up")[1]["id"], "--only")
        back.partagenda("add", "desk", "--title", "From Bruno", "--start", "2027-02-01T09:00", "--duration", "30m")
        run(down, env=plain_env(tmp_path))
        run(up, env=plain_env(tmp_path))
        assert person.agenda() == back.agenda()
        assert len(person.entries("From Bruno")) == 1
    khal = Khal.on(back.calendars, tmp_path / "khal")
    assert khal.agenda(FIRST, DAYS) == back.agenda()


KHAL_WRITES = (
    ("2027-01-06", "09:00", "10:00", "Plain"),
    ("-l", "Room 4", "-m", "15m", "2027-01-07", "14:00", "15:30", "With a place :: and notes"),
    ("2027-01-11", "2027-01-14", "Whole days"),
    ("-r", "daily", "-u", "2027-02-01", "2027-01-12", "08:00", "08:30", "Daily"),
    ("-r", "weekly", "2027-01-13", "18:00", "20:00", "Weekly"),
    ("-r", "monthly", "2027-01-14", "Monthly day"),
    ("-r", "yearly", "2027-01-15", "07:00", "08:00", "Yearly"),
    ("2027-03-27", "23:00", "2027-03-28", "06:00", "Over the turned clock"),
)


def test_the_editor_reads_and_changes_what_khal_wrote(tmp_path: Path) -> None:
    person = Person(tmp_path / "alice")
    khal = Khal.on(person.calendars, tmp_path / "khal")
    for arguments in KHAL_WRITES:
        khal("new", "-a", "desk", *arguments)
    assert person.agenda() == khal.agenda(FIRST, DAYS)
    assert len(person.agenda()) > 35
    for title in ("Daily", "Weekly"):
        person.partagenda("edit", person.entries(title)[2]["id"], "--title", f"Other {title}", "--only")
        person.partagenda("edit", person.entries(title)[4]["id"], "--duration", "3h", "--following")
    person.partagenda("delete", person.entries("Plain")[0]["id"])
    assert person.agenda() == khal.agenda(FIRST, DAYS)


def test_the_editor_reads_what_calcurse_wrote(tmp_path: Path) -> None:
    folder = tmp_path / "calcurse"
    folder.mkdir()
    (folder / "apts").write_text(
        "01/06/2027 @ 09:00 -> 01/06/2027 @ 10:00|Plain\n"
        "01/07/2027 @ 22:00 -> 01/08/2027 @ 02:00|Over midnight\n"
        "01/11/2027 @ 08:00 -> 01/11/2027 @ 08:30 {1D -> 02/01/2027} |Daily\n"
        "01/12/2027 @ 18:00 -> 01/12/2027 @ 20:00 {2W} |Every second week\n"
        "01/13/2027 @ 07:00 -> 01/13/2027 @ 08:00 {1M !02/13/2027} |Monthly but one\n"
        "01/20/2027 [1] A whole day\n"
    )
    binary, env = program("calcurse"), plain_env(tmp_path)
    exported = tmp_path / "calcurse.ics"
    exported.write_text(run([binary, "-D", folder, "-q", "--export=ical"], env=env))
    person = Person(tmp_path / "alice")
    person.partagenda("import", exported, "--into", "desk")
    again = tmp_path / "again"
    again.mkdir()
    ours = {part for one in person.agenda() for part in _by_days(one)}
    assert ours == calcurse_agenda(exported, again, FIRST, DAYS)
    assert len(person.agenda()) > 30


def _by_days(seen: Seen) -> Iterator[Seen]:
    """calcurse lists each day of what lasts several whole days."""
    start, end, title = seen
    if start.time() != time() or end.time() != time():
        yield seen
        return
    days = (end.date() - start.date()).days
    for number in range(days):
        first = start.date() + timedelta(days=number)
        yield midnight(first), midnight(first + timedelta(days=1)), title


def _without_overrides(data: bytes) -> bytes:
    """The series and single events in Paris time, by rules that everybody knows."""
    head, *events = data.split(b"BEGIN:VEVENT\r\n")
    kept = []
    tail = b"END:VCALENDAR\r\n"
    for part in events:
        body = part.partition(b"END:VEVENT\r\n")[0]
        if not any(word in body for word in (b"\r\nRECURRENCE-ID", b"America/New_York", b"BYSETPOS")):
            kept.append(b"BEGIN:VEVENT\r\n" + body + b"END:VEVENT\r\n")
    return head + b"".join(kept) + tail
