"""The app in a pseudo-terminal of 120×40 with two panes of 10k events, a minimal Textual app, and ikhal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench.terminal_meter import Plan, measure

KEYS = {
    "day": b"\x1b[C",
    "cursor": b"\x1b[B",
    "next week": b"n",
    "previous week": b"p",
    "other pane": b"\t",
    "a dialog opened and closed": b"g\x1b",
}
BURSTS = {"a dialog opened and closed": b"g\x1b[27u" * 10, "cursor": b"\x1b[A" * 20}
"""20 keys at once where they are not the same key: Esc as kitty's protocol has it, which cannot be the beginning of
another key; the cursor up again, since it may have come to the end of the day."""
IKHAL_KEYS = {"day": b"\x1b[C", "next week": b"\x1b[B"}
CALCURSE_KEYS = {"day": b"l", "next week": b"j"}
FIRST = "Partagenda, never left before"
WAIT = r"\d (?:AM|PM)|\d\d:00"
LIMITS = (
    "≤ 1.4 × the minimal app; keys ≤ 30 / 60 ms; cursor 1.5 K, week 8 K, pane 6 K, start 60 K; burst ≤ 200 ms; ≤ 80 MB"
)


def two_calendars(base: Path, vdir: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """A home of its own with the same events twice, so that both panes are full."""
    home = base / "app"
    for name in ("one", "two"):
        shutil.copytree(vdir, home / "calendars" / name)
    config = home / "config" / "partagenda" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[accounts.v]\ntype = "vdir"\npath = "{home}/calendars/*"\n')
    config.chmod(0o600)
    own = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    return {**environment, **own}


def app_rows(
    program: Sequence[str],
    peers: Mapping[str, Sequence[str]],
    environment: Mapping[str, str],
    own: Mapping[str, str],
    runs: int = 7,
) -> dict[str, Any]:
    """What the meter finds. Starts take turns; keys, bursts of 20 of them and idle bytes follow in three runs each.

    `peers` are ikhal and calcurse, where they are there. `FIRST` is the app where it was never left before.
    """
    minimal = [sys.executable, str(Path(__file__).with_name("minimal.py"))]
    plans = {
        "Partagenda": Plan(program, wait=WAIT, leave=b"q", environment=own, keys=KEYS, bursts=BURSTS),
        "minimal Textual app": Plan(minimal, wait="Hello", leave=b"q", environment=environment),
        **peer_plans(peers, environment),
    }
    plans[FIRST] = replace(plans["Partagenda"], keys={}, bursts={})
    modules = Path(own["XDG_CACHE_HOME"]) / "partagenda" / "start.modules"
    starts: dict[str, list[dict[str, Any]]] = {name: [] for name in plans}
    for _run in range(runs):
        for name, plan in plans.items():
            if name == FIRST:  # the last one of a round, and it leaves a new file
                modules.unlink(missing_ok=True)
            starts[name].append(measure(replace(plan, keys={}, idle=0.0)))
    found: dict[str, Any] = {}
    for name, plan in plans.items():
        busy = measure(replace(plan, runs=3, count=20, burst=20, idle=10.0 if name == "Partagenda" else 1.0))
        median = sorted(one["paint_ms"] for one in starts[name])[runs // 2]
        found[name] = {**busy, "paint_ms": median}
    floor = found["minimal Textual app"]["paint_ms"]
    for one in found.values():
        one["ratio"] = round(one["paint_ms"] / floor, 2) if floor else 0.0
    return found


def peer_plans(peers: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> dict[str, Plan]:
    """ikhal and calcurse, where they are there, on the calendar that their environment names."""
    plain = {**environment, "LC_ALL": "C"}
    plans: dict[str, Plan] = {}
    if "ikhal" in peers:
        plans["ikhal"] = Plan(peers["ikhal"], wait=r"Mo Tu", leave=b"q", environment=plain, keys=IKHAL_KEYS)
    if "calcurse" in peers:
        plans["calcurse"] = Plan(peers["calcurse"], wait="Calendar", leave=b"qy", environment=plain, keys=CALCURSE_KEYS)
    return plans


def peers_of_one_size(peers: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> list[float]:
    """First paint, a week on and memory of ikhal and then of calcurse: a few keys, each may take many seconds."""
    plans, cells = peer_plans(peers, environment), []
    for name in ("ikhal", "calcurse"):
        if name in plans:
            found = measure(replace(plans[name], count=5, burst=0, idle=0.0, runs=1, patience=20.0))
            cells += [found["paint_ms"], found["keys"]["next week"]["settle_ms"], found["memory_mb"]]
        else:
            cells += [0.0, 0.0, 0.0]
    return cells


def one_size(program: Sequence[str], own: Mapping[str, str]) -> dict[str, Any]:
    """The app over two panes of one size: its start, a week on, a day on, and what it takes in memory."""
    keys = {name: KEYS[name] for name in ("day", "next week")}
    return measure(Plan(program, wait=WAIT, leave=b"q", environment=own, keys=keys, count=20, runs=3))


def table(app: Mapping[str, Any]) -> list[str]:
    """As Markdown."""
    lines = [
        "| In a terminal of 120×40 | first paint ms | over minimal | start bytes | idle bytes | memory MB |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, one in app.items():
        cells = [one["paint_ms"], one["ratio"], one["start_bytes"], one["idle_bytes"], one["memory_mb"]]
        lines.append(f"| {name} | " + " | ".join(map(str, cells)) + " |")
    lines += [
        "",
        "| Key | program | median ms | p95 ms | bytes | burst of 20 ms | its bytes |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for name, one in app.items():
        for key, value in one["keys"].items():
            burst = one["bursts"][key]
            cells = [value["settle_ms"], value["settle_p95_ms"], value["bytes"], burst["settle_ms"], burst["bytes"]]
            lines.append(f"| {key} | {name} | " + " | ".join(f"{cell:,.0f}" for cell in cells) + " |")
    return [*lines, "", f"Must: {LIMITS}."]
