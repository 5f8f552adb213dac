"""A publication that changes, and four subscribers: each sees every change within one refresh, and all the same.

Alice publishes into a folder that a web server shows; Thunderbird, vdirsyncer and Clara's Partagenda are subscribed.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.sandbox.http import Answer, HttpServer, Request
from tests.interop.peers import Partagenda, plain_env, program
from tests.interop.thunderbird import Thunderbird, thunderbird

pytestmark = [pytest.mark.interop, pytest.mark.slow]

Seen = set[tuple[str, str, str]]
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date()


class FolderServer(HttpServer):
    """Shows a folder, as any web server does: with an ETag, and 304 for who knows it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(name="folder")
        self.folder = folder
        self.unchanged = 0

    def answer(self, request: Request) -> Answer:
        path = self.folder / request.path.lstrip("/")
        if not path.is_file():
            return Answer(404)
        content = path.read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if request.header("If-None-Match") == etag:
            self.unchanged += 1
            return Answer(304, headers=(("ETag", etag),))
        return Answer(200, content, "text/calendar; charset=utf-8", (("ETag", etag),))


@pytest.fixture
def web(tmp_path: Path) -> Iterator[FolderServer]:
    folder = tmp_path / "web"
    folder.mkdir()
    with FolderServer(folder) as found:
        yield found


def person(home: Path, name: str) -> Partagenda:
    config = home / "config.toml"
    home.mkdir()
    config.write_text(f'[me]\nname = "{name}"\naddress = "{name.lower()}@example.org"\ntime_zone = "Europe/Paris"\n')
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    return Partagenda({"PARTAGENDA_CONFIG": str(config), "LANG": "C.UTF-8", **folders})


def utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def ours(clara: Partagenda) -> Seen:
    clara("sync")
    found = json.loads(clara("agenda", "Alice", "--range", "30d", "--json"))
    return {(utc(one["start"]), utc(one["end"]), one["title"]) for one in found}


class Vdirsyncer:
    """Copies the address into a folder, event by event."""

    def __init__(self, home: Path, address: str) -> None:
        self.binary, self.folder, self.env = program("vdirsyncer"), home / "copy", plain_env(home)
        home.mkdir()
        self.folder.mkdir()
        self.config = home / "config"
        self.config.write_text(
            f'[general]\nstatus_path = "{home}/status/"\n'
            '[pair feed]\na = "web"\nb = "here"\ncollections = null\nconflict_resolution = "a wins"\n'
            f'[storage web]\ntype = "http"\nurl = "{address}"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{self.folder}"\nfileext = ".ics"\n'
        )
        self("discover")

    def __call__(self, *words: str) -> None:
        done = subprocess.run(
            [self.binary, "-c", self.config, *words], env=self.env, input="y\ny\n", capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def seen(self) -> Seen:
        from icalendar import Calendar

        self("sync", "--force-delete")
        found: Seen = set()
        for path in self.folder.glob("*.ics"):
            for event in Calendar.from_ical(path.read_bytes()).walk("VEVENT"):
                start, end = (event.decoded(name).astimezone(UTC) for name in ("DTSTART", "DTEND"))
                found.add((f"{start:%Y%m%dT%H%M%SZ}", f"{end:%Y%m%dT%H%M%SZ}", str(event["SUMMARY"])))
        return found


def add(alice: Partagenda, title: str, hour: int) -> str:
    start = f"{TOMORROW}T{hour:02}:00"
    made = json.loads(alice("add", "Work", "--title", title, "--start", start, "--duration", "1h", "--json"))
    return str(made["id"])


def test_every_subscriber_sees_each_change_within_one_refresh(
    web: FolderServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alice, clara = person(tmp_path / "alice", "Alice"), person(tmp_path / "clara", "Clara")
    alice("new", "Work")
    first = add(alice, "Planning; with, odd \\ signs", 9)
    for hour in range(10, 16):
        add(alice, f"Meeting at {hour}", hour)
    done = json.loads(
        alice("publish", "Work", web.folder / "alice.ics", "--to", "folder", "--detail", "limited",
              "--plain-name", "--page", "--yes", "--json")
    )  # fmt: skip
    name = next(path.name for path in web.folder.glob("*.ics"))
    address = f"{web.url}/{name}"
    clara("subscribe", address, "--as", "Alice", "--yes")
    syncer = Vdirsyncer(tmp_path / "vdirsyncer", address)
    with thunderbird(tmp_path / "thunderbird", {"Alice": address}) as bird:
        rounds = [_all_see_the_same(clara, syncer, bird)]
        assert len(rounds[0]) == 7
        for change in (
            lambda: add(alice, "Dîner – été", 19),
            lambda: alice("edit", first, "--title", "Planning, moved", "--start", f"{TOMORROW}T08:00"),
            lambda: alice("delete", first),
        ):
            change()
            alice("republish", done["id"])
            rounds.append(_all_see_the_same(clara, syncer, bird))
            assert rounds[-1] != rounds[-2]
        quiet = web.unchanged
        assert _all_see_the_same(clara, syncer, bird) == rounds[-1]
        assert web.unchanged > quiet, "what did not change is not sent again"
    with capsys.disabled():
        print(
            f"\nThunderbird, vdirsyncer, Partagenda: {len(rounds)} versions, {sum(map(len, rounds))} events, all equal"
        )


def _all_see_the_same(clara: Partagenda, syncer: Vdirsyncer, bird: Thunderbird) -> Seen:
    found = ours(clara)
    assert bird.refreshed("Alice") == found
    assert syncer.seen() == found
    return found


_EVENT = "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n{lines}SUMMARY:{title}\r\nEND:VEVENT\r\n"
_HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n"
_UTC = "DTSTART:20270104T090000Z\r\nDTEND:20270104T100000Z\r\n"
_ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:{name}\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\n"
    "TZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n"
    "DTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n"
    "END:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
)


def _feed(lines: str = _UTC, title: str = "One", head: str = _HEAD, uid: str = "1@example.org") -> str:
    return head + _EVENT.format(uid=uid, lines=lines, title=title) + "END:VCALENDAR\r\n"


_LOCAL = "DTSTART;TZID={name}:20270104T100000\r\nDTEND;TZID={name}:20270104T110000\r\n"
FEEDS = {
    "plain": _feed().encode(),
    "lone line feeds": _feed().replace("\r\n", "\n").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + _feed().encode(),
    "blank lines at the end": _feed().encode() + b"\r\n\r\n",
    "no end of the last line": _feed().encode().rstrip(),
    "folded inside a letter": _feed(title="D\u00eener").encode().replace(b"D\xc3\xae", b"D\xc3\r\n \xae"),
    "escapes": _feed(title=r"One\, two\; three \\ four").encode(),
    "a zone of Outlook's": _feed(
        _LOCAL.format(name="W. Europe Standard Time"), head=_HEAD + _ZONE.format(name="W. Europe Standard Time")
    ).encode(),
    "a zone in quotes": _feed(
        _LOCAL.format(name='"Paris, Madrid"'), head=_HEAD + _ZONE.format(name="Paris, Madrid")
    ).encode(),
    "a duration": _feed("DTSTART:20270104T090000Z\r\nDURATION:PT1H\r\n").encode(),
    "small letters": _feed().replace("BEGIN:VEVENT", "begin:vevent").replace("END:VEVENT", "end:vevent").encode(),
    "unknown properties": _feed(_UTC + "X-FOO;X-BAR=1:2\r\nGEO:1;2\r\n").encode(),
}


def test_our_subscription_reads_what_they_can(web: FolderServer, tmp_path: Path) -> None:
    clara = person(tmp_path / "clara", "Clara")
    for number, content in enumerate(FEEDS.values()):
        (web.folder / f"{number}.ics").write_bytes(content)
    addresses = {name: f"{web.url}/{number}.ics" for number, name in enumerate(FEEDS)}
    for name, address in addresses.items():
        clara("subscribe", address, "--as", name, "--yes")
    with thunderbird(tmp_path / "thunderbird", addresses) as bird:
        for name in FEEDS:
            found = json.loads(clara("agenda", name, "--range", "2027-01-04..2027-01-04", "--json"))
            seen = {(utc(one["start"]), utc(one["end"]), one["title"]) for one in found}
            assert len(seen) == 1, name
            theirs = bird.refreshed(name)
            if any("\ufffd" in title for _start, _end, title in theirs):
                continue  # Thunderbird does not put a letter together that was folded in its middle
            assert theirs in (seen, set()), name  # what it cannot read, we may
