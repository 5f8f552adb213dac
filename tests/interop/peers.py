"""Programs that nobody here wrote: where they are, and what they make of an .ics file or a folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(os.environ.get("PARTAGENDA_PEERS", ROOT / ".bench" / "peers"))
PARIS = ZoneInfo("Europe/Paris")

Seen = tuple[datetime, datetime, str]
"""Start, end (both in Europe/Paris, all-day as midnights) and title of one occurrence."""


def program(name: str) -> str:
    """The path of a peer; skips the test by name where it is not there."""
    own = PEERS / "bin" / name
    found = str(own) if own.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed (make interop installs it)")
    return found


def run(argv: Sequence[str | Path], env: Mapping[str, str] | None = None, data: str | None = None) -> str:
    """Standard output of a program that must succeed."""
    done = subprocess.run(list(map(str, argv)), env=env, input=data, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def midnight(day: date) -> datetime:
    """The local midnight at which a day begins."""
    return datetime.combine(day, time(), PARIS)


def plain_env(home: Path) -> dict[str, str]:
    """An environment in which a peer cannot find anything of the person's."""
    keep = {key: value for key, value in os.environ.items() if key in ("PATH", "PYENV_VERSION", "PYENV_ROOT")}
    return keep | {"HOME": str(home), "TZ": "Europe/Paris", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Partagenda:
    """Our own command line, as one person of the sandbox runs it."""

    env: dict[str, str]

    def __call__(self, *argv: str | Path) -> str:
        return run([sys.executable, "-m", "tui", *argv], env={**os.environ, "PYTHONPATH": str(ROOT), **self.env})

    def agenda(self, calendar: str, days: str) -> set[Seen]:
        """What we show of a calendar; cancelled ones are left out, as peers differ about them."""
        found = json.loads(self("agenda", calendar, "--range", days, "--json"))
        return {(_moment(one["start"]), _moment(one["end"]), one["title"]) for one in found}


def _moment(text: str) -> datetime:
    if "T" not in text:
        return midnight(date.fromisoformat(text))
    return datetime.fromisoformat(text).astimezone(PARIS)


@dataclass(frozen=True)
class Khal:
    """khal on folders of .ics files."""

    binary: str
    env: dict[str, str]

    @classmethod
    def on(cls, folder: Path, home: Path) -> Khal:
        """khal with the calendars below `folder`."""
        binary = program("khal")
        config = home / ".config" / "khal" / "config"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(
            f"[calendars]\n[[all]]\npath = {folder}/*\ntype = discover\n"
            f"[sqlite]\npath = {home}/khal.db\n"
            "[default]\nhighlight_event_days = False\n"
            "[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            "local_timezone = Europe/Paris\ndefault_timezone = Europe/Paris\n"
        )
        return cls(binary, plain_env(home))

    def __call__(self, *argv: str | Path) -> str:
        return run([self.binary, *argv], env=self.env)

    def agenda(self, first: date, days: int) -> set[Seen]:
        """What khal lists: an occurrence once, however many days it covers."""
        form = "{start-long-full}|{end-long-full}|{all-day}|{title}"
        text = self("list", "--day-format", "", "--format", form, first.isoformat(), f"{days}d")
        return {_listed(line) for line in text.splitlines() if line.count("|") >= 3}


def _listed(line: str) -> Seen:
    start, end, all_day, title = line.split("|", 3)
    begin = datetime.strptime(
        start[:16].strip().ljust(16), "%Y-%m-%d %H:%M" if len(start.strip()) > 10 else "%Y-%m-%d      "
    )
    finish = datetime.strptime(
        end[:16].strip().ljust(16), "%Y-%m-%d %H:%M" if len(end.strip()) > 10 else "%Y-%m-%d      "
    )
    if all_day == "True":
        finish = datetime.combine(finish.date() + timedelta(days=1), time())
    return begin.replace(tzinfo=PARIS), finish.replace(tzinfo=PARIS), title


def calcurse_agenda(ics: Path, home: Path, first: date, days: int) -> set[Seen]:
    """What calcurse lists after importing the file. It knows the machine's zone only, and splits days."""
    binary = program("calcurse")
    folder = home / "calcurse"
    env = plain_env(home)
    run([binary, "-D", folder, "-q", "-i", ics], env=env)
    out = run(
        [binary, "-D", folder, "-Q", "--from", first.strftime("%m/%d/%Y"), "--days", str(days),
         "--filter-type", "cal", "--format-event", "day|day|%m\n", "--format-recur-event", "day|day|%m\n",
         "--format-apt", "%(start:epoch)|%(end:epoch)|%m\n", "--format-recur-apt", "%(start:epoch)|%(end:epoch)|%m\n"],
        env=env,
    )  # fmt: skip
    found: set[Seen] = set()
    day = first
    for line in out.splitlines():
        if len(line) == 9 and line.endswith(":"):
            day = datetime.strptime(line, "%m/%d/%y:").date()
        elif line.count("|") >= 2:
            start, end, title = line.split("|", 2)
            if start == "day":
                found.add((midnight(day), midnight(day + timedelta(days=1)), title))
            else:
                found.add((_epoch(start), _epoch(end), title))
    return found


def _epoch(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC).astimezone(PARIS)


_LIBICAL = r"""
import json, sys
import gi
gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib as I
root = I.Component.new_from_string(open(sys.argv[1]).read())
first, last = (I.Time.new_from_string(text) for text in sys.argv[2:4])
paris = I.Timezone.get_builtin_timezone("Europe/Paris")
utc = I.Timezone.get_utc_timezone()
found, overridden = [], set()
events = []
child = root.get_first_component(I.ComponentKind.VEVENT_COMPONENT)
while child is not None:
    events.append(child)
    child = root.get_next_component(I.ComponentKind.VEVENT_COMPONENT)
def seconds(moment, zone):
    return moment.as_timet_with_zone(zone or paris)
for event in events:
    recurrence = event.get_first_property(I.PropertyKind.RECURRENCEID_PROPERTY)
    if recurrence is not None:
        overridden.add((event.get_uid(), recurrence.get_recurrenceid().as_ical_string()))
def add(start, end, event):
    found.append([start, end, event.get_summary() or ""])
for event in events:
    begin, finish = event.get_dtstart(), event.get_dtend()
    length = seconds(finish, finish.get_timezone()) - seconds(begin, begin.get_timezone())
    days = 0
    if begin.is_date():
        days = round(length / 86400)
    rule = event.get_first_property(I.PropertyKind.RRULE_PROPERTY)
    if rule is None:
        add(seconds(begin, begin.get_timezone()), seconds(finish, finish.get_timezone()), event)
        continue
    gone = set()
    exdate = event.get_first_property(I.PropertyKind.EXDATE_PROPERTY)
    while exdate is not None:
        gone.add(exdate.get_exdate().as_ical_string())
        exdate = event.get_next_property(I.PropertyKind.EXDATE_PROPERTY)
    iterator = I.RecurIterator.new(rule.get_rrule(), begin)
    while True:
        moment = iterator.next()
        if moment is None or moment.is_null_time() or moment.compare(last) > 0:
            break
        key = moment.as_ical_string()
        if key in gone or (event.get_uid(), key) in overridden:
            continue
        start = seconds(moment, begin.get_timezone())
        if days:
            after = moment.clone(); after.adjust(days, 0, 0, 0)
            add(start, seconds(after, None), event)
        else:
            add(start, start + length, event)
print(json.dumps(found))
"""


def libical_agenda(ics: Path, first: date, days: int) -> set[Seen]:
    """What libical (through its GObject binding) makes of the file, for occurrences that touch the days."""
    python = "/usr/bin/python3"
    probe = "import gi; gi.require_version('ICalGLib', '3.0')"
    if not Path(python).exists() or subprocess.run([python, "-c", probe], capture_output=True).returncode:
        pytest.skip("libical's Python binding is not installed (Debian: python3-gi gir1.2-ical-3.0)")
    last = first + timedelta(days=days)
    out = run([python, "-c", _LIBICAL, ics, first.strftime("%Y%m%d"), last.strftime("%Y%m%d")])
    low, high = midnight(first), midnight(last)
    seen = {(_epoch(str(start)), _epoch(str(end)), title) for start, end, title in json.loads(out)}
    return {one for one in seen if one[0] < high and (one[1] > low or low <= one[0] == one[1])}
