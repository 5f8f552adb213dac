"""Evolution's calendar (Debian's evolution-ews in evolution-data-server) on the sandbox's Exchange, over D-Bus."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.sandbox.calendars import calendars_of
from core.sandbox.exchange.convert import store_object
from core.sandbox.people import ALICE, BRUNO
from tests.interop.exchange_peers import Office, expected, monday, office, week
from tests.interop.peers import PARIS
from tests.interop.test_davmail import read

PYTHON = "/usr/bin/python3"
BACKEND = Path("/usr/lib/evolution-data-server/calendar-backends/libecalbackendews.so")
PROBE = "import gi; gi.require_version('ECal', '2.0'); gi.require_version('EDataServer', '1.2')"
ACCOUNT = """[Data Source]
DisplayName=Office
Enabled=true
Parent=

[Collection]
BackendName=ews
Identity={address}
CalendarEnabled=true
ContactsEnabled=false
MailEnabled=false

[Authentication]
Host=127.0.0.1
Method=PLAIN
User={user}

[Ews Backend]
Hosturl={url}
Email={address}

[Security]
Method=none
"""


def _available() -> bool:
    if not (BACKEND.exists() and shutil.which("dbus-run-session") and Path(PYTHON).exists()):
        return False
    return subprocess.run([PYTHON, "-c", PROBE], capture_output=True, timeout=30).returncode == 0


pytestmark = [
    pytest.mark.interop,
    pytest.mark.slow,
    pytest.mark.skipif(
        not _available(), reason="evolution-ews with gir1.2-ecal-2.0 is not installed (make interop does)"
    ),
]


def seconds(moment: datetime) -> int:
    """Since 1970."""
    return int(moment.timestamp())


def plan(running: Office, folder: Path) -> dict[str, Any]:
    """What the driver is to do."""
    first = datetime(*(monday() + timedelta(days=2)).timetuple()[:3], 9, tzinfo=PARIS)
    second, third = first + timedelta(days=7), first + timedelta(days=14)
    zone = "TZID=/freeassociation.sourceforge.net/Europe/Paris"

    def event(start: datetime, title: str, more: str) -> str:
        end = start + timedelta(hours=1)
        lines = [
            "BEGIN:VEVENT", "UID:evolution-1@example.org", f"DTSTART;{zone}:{start:%Y%m%dT%H%M%S}",
            f"DTEND;{zone}:{end:%Y%m%dT%H%M%S}", f"SUMMARY:{title}", "LOCATION:Salle 9 — été", more, "END:VEVENT",
        ]  # fmt: skip
        return "\r\n".join(lines) + "\r\n"

    return {
        "user": "alice",
        "password": running.accounts.passwords["alice"],
        "calendar": "Calendar",
        "objects": len(calendars_of(ALICE, datetime.now(PARIS).date(), "en")[0].objects),
        "week": [seconds(week().start), seconds(week().end)],
        "weeks": [seconds(week().start), seconds(week().end + timedelta(days=28))],
        "new": event(first, "From Evolution", "RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=WE"),
        "title": "Changed by Evolution",
        "moved": event(second.replace(hour=15), "Moved by Evolution", f"RECURRENCE-ID;{zone}:{second:%Y%m%dT%H%M%S}"),
        "left out": f"{third:%Y%m%dT%H%M%S}",
        "own titles": ["From Evolution", "Changed by Evolution", "Moved by Evolution"],
        "colleague": BRUNO.address,
        "at work": str(folder / "at-work"),
    }


def drive(running: Office, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Start everything, let the driver work, change the calendar on the server meanwhile; what it saw, and the plan."""
    sources = folder / "home" / ".config" / "evolution" / "sources"
    sources.mkdir(parents=True)
    (folder / "home" / "run").mkdir(mode=0o700)
    account = ACCOUNT.format(address=ALICE.address, user="alice", url=running.server.ews)
    (sources / "office.source").write_text(account)
    wanted = plan(running, folder)
    (folder / "plan.json").write_text(json.dumps(wanted))
    env = {
        "PATH": "/usr/bin:/bin", "HOME": str(folder / "home"), "XDG_RUNTIME_DIR": str(folder / "home" / "run"),
        "LANG": "C.UTF-8", "TZ": "Europe/Paris", "GIO_USE_VFS": "local", "GSETTINGS_BACKEND": "memory",
    }  # fmt: skip
    driver = Path(__file__).with_name("evolution_driver.py")
    command = ["dbus-run-session", "--", PYTHON, str(driver), str(folder / "plan.json")]
    with (folder / "errors").open("wb") as errors:
        program = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=errors, text=True)
    _push(running, folder / "at-work", program)
    out, _nothing = program.communicate(timeout=300)
    assert program.returncode == 0, (folder / "errors").read_text()[-3000:]
    return json.loads(out.strip().splitlines()[-1]), wanted


def _push(running: Office, at_work: Path, program: subprocess.Popen[str]) -> None:
    """When the driver has written its series: note how it is stored, then make appointments on the server.

    One each few seconds until the driver ends: it listens anew now and then, and what happens between is not told.
    """
    end = time.monotonic() + 240
    while not at_work.exists() and program.poll() is None and time.monotonic() < end:
        time.sleep(0.2)
    with running.server.organisation.lock:
        KEPT.update(_kept(running))
    for number in range(15):
        with running.server.organisation.lock:
            store_object(running.server.organisation, running.calendar(), read(_appointment(number))[0])
        try:
            program.wait(6)
        except subprocess.TimeoutExpired:
            continue
        return


def _appointment(number: int) -> str:
    lines = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\n"
        f"UID:pushed-{number}@example.org\nDTSTAMP:20261101T000000Z\nDTSTART:20261101T090000Z\n"
        "DTEND:20261101T100000Z\nSUMMARY:Pushed by the server\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    return lines.replace("\n", "\r\n")


KEPT: dict[str, Any] = {}
"""How the server has the driver's series."""


def _kept(running: Office) -> dict[str, Any]:
    item = running.stored("Changed by Evolution")
    if item is None:
        return {}
    return {
        "place": item.text("Location"),
        "exceptions": [(at, changed.text("Subject")) for at, changed in item.exceptions.items()],
        "deleted": list(item.deleted),
    }


@dataclass(frozen=True)
class Seen:
    """What the driver saw, and what it was told to do."""

    seen: dict[str, Any]
    wanted: dict[str, Any]
    office: Office


@pytest.fixture(scope="module")
def evolution(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("evolution")
    with office(folder) as running:
        seen, wanted = drive(running, folder)
        yield Seen(seen, wanted, running)


def test_evolution_finds_the_calendar_and_reads_all_of_it(evolution: Seen) -> None:
    assert evolution.seen["calendars"] == ["Calendar"]
    assert evolution.seen["objects"] >= evolution.wanted["objects"]


def test_evolution_reads_a_week_with_series_and_exceptions_as_it_is(evolution: Seen) -> None:
    seen = {(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC), title)
            for start, end, title in evolution.seen["week"]}  # fmt: skip
    assert seen == expected(ALICE, week())


def test_evolution_makes_a_series_changes_it_moves_an_instance_and_leaves_one_out(evolution: Seen) -> None:
    uid, title, place = evolution.seen["created"]
    assert (title, place) == ("From Evolution", "Salle 9 — été")
    assert uid
    first = datetime(*(monday() + timedelta(days=2)).timetuple()[:3], 9, tzinfo=PARIS)
    weeks = [first + timedelta(days=7 * n) for n in range(4)]
    assert {
        "place": "Salle 9 — été",
        "exceptions": [(weeks[1].astimezone(UTC), "Moved by Evolution")],
        "deleted": [weeks[2].astimezone(UTC)],
    } == KEPT
    shown = sorted((start, name) for start, _end, name in evolution.seen["series"])
    assert shown == [
        (seconds(weeks[0]), "Changed by Evolution"),
        (seconds(weeks[1].replace(hour=15)), "Moved by Evolution"),
        (seconds(weeks[3]), "Changed by Evolution"),
    ]


def test_evolution_deletes_the_series(evolution: Seen) -> None:
    assert evolution.seen["left"] == []
    assert evolution.office.stored("Changed by Evolution") is None


def test_evolution_asks_for_a_colleagues_free_time(evolution: Seen) -> None:
    text = "\n".join(evolution.seen["free/busy"])
    stand_ups = [each for each in expected(BRUNO, week()) if each[2] == "Stand-up"]
    assert stand_ups
    for start, _end, _title in stand_ups:
        assert f":{start:%Y%m%dT%H%M%SZ}/" in text
    assert "Stand-up" not in text


def test_evolution_hears_of_a_change_on_the_server(evolution: Seen) -> None:
    assert evolution.seen["pushed"]
    assert evolution.office.asked.operations["Subscribe"] >= 1
    assert evolution.office.asked.operations["GetStreamingEvents"] >= 1


def test_every_answer_to_evolution_is_by_the_schema(evolution: Seen, capsys: pytest.CaptureFixture[str]) -> None:
    asked = evolution.office.asked
    did = [
        f"listed the calendars: {evolution.seen['calendars']}; read {evolution.seen['objects']} objects",
        f"read a week: {len(evolution.seen['week'])} occurrences, all equal",
        "made a series, changed it, moved an instance, left one out, deleted it",
        "read Bruno's free/busy; heard of a change by a streaming notification",
    ]
    with capsys.disabled():
        print(asked.table("evolution-ews", did), file=sys.stderr)
    assert asked.invalid_answers == []
    assert set(asked.operations) >= {
        "CreateItem", "DeleteItem", "GetFolder", "GetItem", "GetServerTimeZones", "GetStreamingEvents",
        "GetUserAvailability", "Subscribe", "SyncFolderHierarchy", "SyncFolderItems", "UpdateItem",
    }  # fmt: skip
