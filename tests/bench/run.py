"""`make bench`: ours and the peers', alternating in the same run, as Markdown on standard output and JSON in .bench/.

    run.py [--sizes 1000,10000] [--large] [--rounds 7] [--khal PATH] [--no-app]

`--large` adds 100,000 events, where khal's first index takes minutes. khal is installed into .bench/khal unless it is
named; a peer that is not there is said so. Machines are noisy: the ratio of medians counts, not a single time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import corpus  # noqa: E402 - after the path is set
from tests.bench.app_rows import app_rows, one_size, peers_of_one_size, two_calendars  # noqa: E402
from tests.bench.app_rows import table as app_table  # noqa: E402
from tests.bench.ranges import RangeRow, programs, range_row, tasks  # noqa: E402
from tests.bench.ranges import table as range_table  # noqa: E402

BENCH = ROOT / ".bench"
ME = '[me]\nname = "Alice Martin"\naddress = "alice@example.org"\ntime_zone = "Europe/Paris"\n\n'
BARE = (sys.executable, "-I", "-S", "-c")
FLOOR = """
import sqlite3, sys, time
db, now = sqlite3.connect(sys.argv[1]), int(time.time())
for row in db.execute("SELECT o.start, o.end, o.rid, i.title FROM occurrence o JOIN item i ON i.n=o.item "
                      "WHERE o.kind<2 AND o.start>=? AND o.start<?", (now, now + 7 * 86400)):
    print(*row)
"""


@dataclass
class Row:
    """One line of the table: medians in milliseconds, 0 where there is none."""

    work: str
    ours: float = 0.0
    khal: float = 0.0
    calcurse: float = 0.0
    floor: float = 0.0
    must: str = ""
    share: float = 0.0
    """What ours may take of khal's time."""
    note: str = ""

    @property
    def met(self) -> str:
        """Whether ours keeps to the limit."""
        if not (self.share and self.khal):
            return "–"
        return "yes" if self.ours <= self.khal * self.share else "**no**"


@dataclass
class Home:
    """A person with one calendar of a size, in ours, khal's and calcurse's way."""

    base: Path
    count: int
    khal: str
    calcurse: str
    environment: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> None:
        """Write the corpus and everybody's configuration."""
        source = BENCH / "corpus"
        if not (source / f"n{self.count}.ics").exists():
            corpus.write(self.count, source)
        shutil.copytree(source / f"vdir{self.count}", self.base / "vdir")
        self.environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            self.environment[f"XDG_{name}_HOME"] = str(self.base / name.lower())
        self.environment |= {"TZ": "Europe/Paris", "LC_ALL": "C.UTF-8"}
        self._file("config/partagenda/config.toml", f'{ME}[accounts.v]\ntype = "vdir"\npath = "{self.base}/vdir"\n')
        self._file(
            "config/khal/config",
            f"[calendars]\n[[v]]\npath = {self.base}/vdir\ntype = calendar\n"
            "[locale]\nlocal_timezone = Europe/Paris\ndefault_timezone = Europe/Paris\n"
            "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
            "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n",
        )
        (self.base / "calcurse").mkdir()
        if self.calcurse:
            run([*self.of_calcurse, "-i", str(source / f"n{self.count}.ics")], self.environment)

    def _file(self, name: str, text: str) -> None:
        path = self.base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)

    @property
    def of_calcurse(self) -> list[str]:
        """calcurse on its own folder."""
        return [self.calcurse, "-q", "-D", str(self.base / "calcurse")]

    @property
    def index(self) -> Path:
        """Our index."""
        return self.base / "cache" / "partagenda" / "index.sqlite3"

    def forget(self) -> None:
        """Take everybody's index away."""
        shutil.rmtree(self.base / "cache", ignore_errors=True)
        shutil.rmtree(self.base / "data" / "khal", ignore_errors=True)


def ours() -> list[str]:
    """The program as it is installed, else as a module."""
    script = Path(sys.executable).with_name("partagenda")
    return [str(script)] if script.exists() else [sys.executable, "-m", "tui"]


def run(command: Sequence[str], environment: dict[str, str]) -> float:
    """Milliseconds that a command takes. What it writes is read and thrown away."""
    begin = time.perf_counter()
    subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False, timeout=1800)
    return 1000 * (time.perf_counter() - begin)


def alternate(
    commands: dict[str, Sequence[str]],
    environment: dict[str, str],
    rounds: int,
    before: Callable[[str], None] = lambda _name: None,
) -> dict[str, float]:
    """The median of each command; they take turns. `before` runs ahead of each and is not measured."""
    times: dict[str, list[float]] = {name: [] for name, command in commands.items() if command and command[0]}
    for _round in range(rounds):
        for name, found in times.items():
            before(name)
            found.append(run(commands[name], environment))
    return {name: round(statistics.median(found), 1) for name, found in times.items()}


def row(work: str, times: dict[str, float], share: float = 0.0, note: str = "") -> Row:
    """A line of the table from the medians."""
    must = f"≤ 1/{round(1 / share)} khal" if share else ""
    values = {name: times.get(name, 0.0) for name in ("ours", "khal", "calcurse", "floor")}
    return Row(work, **values, must=must, share=share, note=note)


def reading_rows(home: Home, rounds: int) -> list[Row]:
    """Version, agenda and search, warm."""
    count, environment = home.count, home.environment
    khal, program = home.khal, ours()
    for command in ([*program, "agenda"], [khal, "list"] if khal else []):
        if command:
            run(command, environment)
    floor = [*BARE, FLOOR, str(home.index)]
    week = {
        "ours": [*program, "agenda"],
        "khal": [khal, "list", "today", "7d"],
        "calcurse": [*home.of_calcurse, "-d", "7"],
        "floor": floor,
    }
    today = {**week, "ours": [*program, "agenda", "--range", "today"], "khal": [khal, "list", "today", "today"]}
    today["calcurse"] = [*home.of_calcurse, "-d", "1"]
    search = {
        "ours": [*program, "search", "quokka", "--range", "all"],
        "khal": [khal, "search", "quokka"],
        "calcurse": [*home.of_calcurse, "-Q", "--filter-pattern", "quokka", "--from", "01/01/2016", "--days", "4400"],
    }
    shares = {1000: (1 / 5, 1 / 6), 10_000: (1 / 8, 1 / 6), 100_000: (1 / 40, 1 / 200)}
    share = shares.get(count, (1 / 8, 1 / 6))
    rounds = min(rounds, 3) if count >= 100_000 else rounds
    slow = 1 if count >= 100_000 else rounds
    return [
        row(f"agenda of 7 days, {count:,}", alternate(usable(week), environment, rounds), share[0]),
        row(f"agenda of today, {count:,}", alternate(usable(today), environment, rounds), 1 / 10 * (count >= 100_000)),
        row(f"search a rare word, {count:,}", alternate(usable(search), environment, slow), share[1]),
    ]


def usable(commands: dict[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Without the programs that are not there."""
    return {name: command for name, command in commands.items() if command and command[0]}


def writing_rows(home: Home, rounds: int) -> list[Row]:
    """Index from nothing, and after one change."""
    program, khal, environment = ours(), home.khal, home.environment
    looks = {"ours": [*program, "calendars"], "khal": [khal, "list", "today", "today"]}
    few = 1 if home.count >= 10_000 else min(rounds, 3)
    first = alternate(usable(looks), environment, few, lambda _name: home.forget())
    for command in usable(looks).values():
        run(command, environment)
    files = iter(sorted((home.base / "vdir").iterdir()))

    def change(_name: str) -> None:
        path = next(files)
        other = path.with_suffix(".new")
        other.write_bytes(path.read_bytes().replace(b"SUMMARY:", b"SUMMARY:Changed "))
        other.rename(path)

    again = {"ours": [*program, "agenda"], "khal": [khal, "list", "today", "7d"]}
    changed = alternate(usable(again), environment, min(rounds, 2 if home.count >= 100_000 else 5), change)
    return [
        row(f"index a vdir from nothing, {home.count:,}", first, 1 / 8),
        row(f"after one change, {home.count:,}", changed, 1 / 8),
    ]


def import_row(home: Home, rounds: int) -> Row:
    """Import one file of a thousand events into nothing.

    Each import has fresh folders, and nothing is deleted between them: ext4 looks long for a free inode where many
    were freed within the last minute (1,000 files: 600 ms instead of 18).
    """
    source = BENCH / "corpus" / "n1000.ics"
    times: dict[str, list[float]] = {"ours": [], "khal": [], "calcurse": []}
    for number in range(min(rounds, 5)):
        fresh = home.base / f"import-{number}"
        (fresh / "calcurse").mkdir(parents=True)
        (fresh / "vdir").mkdir()
        text = (home.base / "config/khal/config").read_text().replace(f"{home.base}/vdir", f"{fresh}/vdir")
        (fresh / "khal.conf").write_text(text)
        own = {f"XDG_{name}_HOME": str(fresh / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        commands = {
            "ours": [*ours(), "import", str(source)],
            "khal": [home.khal, "-c", str(fresh / "khal.conf"), "import", "--batch", "-a", "v", str(source)],
            "calcurse": [home.calcurse, "-q", "-D", str(fresh / "calcurse"), "-i", str(source)],
        }
        for name, command in usable(commands).items():
            if name != "khal" or number < 2:  # it takes seconds
                times[name].append(run(command, {**home.environment, **own}))
    medians = {name: round(statistics.median(found), 1) for name, found in times.items() if found}
    return row("import one .ics, 1,000", medians, 1 / 15)


def version_row(home: Home, rounds: int) -> Row:
    """What starting costs."""
    commands = {"ours": [*ours(), "--version"], "khal": [home.khal, "--version"], "floor": [*BARE, "pass"]}
    if home.calcurse:
        commands["calcurse"] = [home.calcurse, "--version"]
    return row("`--version`", alternate(usable(commands), home.environment, rounds), 1 / 6)


def range_rows(home: Home, rounds: int) -> list[RangeRow]:
    """Expansion and snapshot, warm."""
    run([*ours(), "agenda"], home.environment)
    file = BENCH / "corpus" / f"n{home.count}.ics"
    found = []
    for name, task, first, last in tasks(date.today()):
        times = alternate(programs(file, task, first, last), home.environment, min(rounds, 3))
        found.append(range_row(f"{name}, {home.count:,}", task, times))
    return found


def publishing_rows(count: int) -> list[Row]:
    """Publishing to a WebDAV server on loopback; unchanged, it must write nothing."""
    program = [sys.executable, str(ROOT / "tests/bench/publishing.py"), str(count)]
    ended = subprocess.run(program, cwd=ROOT, capture_output=True, check=True, timeout=1800)
    found = [json.loads(line) for line in ended.stdout.splitlines() if b'"ms"' in line]
    words = "{work}, {count:,}: {writes} requests that write, {bytes:,} bytes"
    return [Row(words.format(**{**one, "count": count}), float(one["ms"])) for one in found]


def find_khal(given: str) -> str:
    """khal where it was named, else from .bench/khal, where it is installed at the first run."""
    if given:
        return given if Path(given).exists() else ""
    program = BENCH / "khal" / "bin" / "khal"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(BENCH / "khal")], check=True)
        pip = [str(program.with_name("python")), "-m", "pip", "install", "--quiet", "khal", "urwid<3"]
        subprocess.run(pip, check=False)  # ikhal does not start with urwid 3
    return str(program) if program.exists() else ""


def terminal_peers(home: Home) -> dict[str, list[str]]:
    """The peers that have a screen."""
    found = {"ikhal": [str(Path(home.khal).with_name("ikhal"))]} if home.khal else {}
    return found | ({"calcurse": home.of_calcurse} if home.calcurse else {})


GROWTH = (
    "events, in each of two calendars", "agenda ms", "its MB", "search ms",
    "first paint ms", "day ms", "week ms", "app MB",
    "ikhal, one calendar: paint ms", "week ms", "MB", "calcurse, one calendar: paint ms", "week ms", "MB",
)  # fmt: skip


def growth_row(size: int, own: dict[str, str], peers: Sequence[float]) -> list[str]:
    """What ours costs with two calendars of this size: the line of a table over sizes."""
    agenda, search = [*ours(), "agenda"], [*ours(), "search", "quokka", "--range", "all"]
    times = alternate({"agenda": agenda, "search": search}, own, 3)
    app = one_size(ours(), own)
    keys = app["keys"]
    cells = [times["agenda"], peak_mb(agenda, own), times["search"], app["paint_ms"]]
    cells += [keys["day"]["settle_ms"], keys["next week"]["settle_ms"], app["memory_mb"]]
    return [f"{size:,}", *(f"{cell:,.0f}" if cell else "–" for cell in (*cells, *peers))]


WAITING = """
import os, subprocess, sys
ended = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(os.wait4(ended.pid, 0)[2].ru_maxrss / 1024)
"""


def peak_mb(command: Sequence[str], environment: dict[str, str]) -> float:
    """The most memory that a command takes; asked by a small program, since a child begins with its parent's peak."""
    asked = subprocess.run([*BARE, WAITING, *command], env=environment, cwd=ROOT, capture_output=True, check=True)
    return float(asked.stdout)


def markdown(
    rows: Sequence[Row], ranges: Sequence[RangeRow], app: dict[str, Any], growth: Sequence[Sequence[str]]
) -> str:
    """The tables."""
    lines = [
        f"Measured {date.today().isoformat()} on {platform.machine()}, {os.cpu_count()} cores; medians in ms, one run.",
        "",
        "| Work | Partagenda | khal | ratio | calcurse | floor | Must | met |",
        "|---|--:|--:|--:|--:|--:|---|---|",
    ]
    for one in rows:
        ratio = f"1/{one.khal / one.ours:.0f}" if one.khal and one.ours else "–"
        peers = [f"{value:,.0f}" if value else "–" for value in (one.khal, one.calcurse, one.floor)]
        cells = [one.work, f"{one.ours:,.0f}", peers[0], ratio, peers[1], peers[2], one.must, one.met]
        lines.append("| " + " | ".join(cells) + " |")
    if ranges:
        lines += ["", *range_table(ranges)]
    if app:
        lines += ["", *app_table(app)]
    if growth:
        lines += ["", f"| {' | '.join(GROWTH)} |", "|" + "--:|" * len(GROWTH)]
        lines += [f"| {' | '.join(row)} |" for row in growth]
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--khal", default="")
    parser.add_argument("--no-app", action="store_true")
    given = parser.parse_args()
    BENCH.mkdir(exist_ok=True)
    khal, calcurse = find_khal(given.khal), shutil.which("calcurse") or ""
    for name, program in (("khal", khal), ("calcurse", calcurse)):
        if not program:
            print(f"{name} is not there: its column stays empty", file=sys.stderr)
    sizes = [int(size) for size in given.sizes.split(",")] + ([100_000] if given.large else [])
    rows: list[Row] = []
    ranges: list[RangeRow] = []
    app: dict[str, Any] = {}
    growth: list[list[str]] = []
    for size in sizes:
        print(f"{size:,} events …", file=sys.stderr)
        home = Home(BENCH / f"home-{os.getpid()}-{size}", size, khal, calcurse)
        home.prepare()
        rows += [version_row(home, given.rounds)] if size == sizes[0] else []
        rows += writing_rows(home, given.rounds) if size >= 10_000 else []
        rows += reading_rows(home, given.rounds)
        if size == 10_000:
            rows += publishing_rows(size)
            ranges += range_rows(home, given.rounds)
        if not given.no_app:
            own = two_calendars(home.base, home.base / "vdir", home.environment)
            run([*ours(), "agenda"], own)
            growth.append(growth_row(size, own, peers_of_one_size(terminal_peers(home), home.environment)))
            if size == 10_000:
                app = app_rows(ours(), terminal_peers(home), home.environment, own)
        if size == 1000:
            rows.append(import_row(home, given.rounds))
    text = markdown(rows, ranges, app, growth)
    print(text)
    (BENCH / "result.md").write_text(text + "\n")
    found = {"rows": [asdict(one) for one in rows], "ranges": [asdict(one) for one in ranges], "app": app}
    found["growth"] = growth
    (BENCH / "result.json").write_text(json.dumps(found, indent=1))
    for used in BENCH.glob("home-*"):  # only now: what was deleted makes new files slow for minutes (see import_row)
        number = used.name.split("-")[1]
        if number == str(os.getpid()) or not Path(f"/proc/{number}").exists():
            shutil.rmtree(used, ignore_errors=True)


if __name__ == "__main__":
    main()
