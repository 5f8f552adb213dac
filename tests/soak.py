"""Volumes of random tests: small in `make test`, those of the contract in `make soak`, any share of them by argument.

PARTAGENDA_SOAK=1 (`make soak`) runs the large numbers, PARTAGENDA_SOAK=0.02 a fiftieth of them; without it the small
ones run, with fixed seeds. A run with it draws its seeds and prints each; PARTAGENDA_SEED=n brings one back.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

import pytest
from _pytest.mark import ParameterSet

SHARE = float(os.environ.get("PARTAGENDA_SOAK") or 0)
SEED = int(os.environ.get("PARTAGENDA_SEED") or 0)


def scaled(small: int, large: int) -> int:
    """How many trials: `small` in the suite, in a soak run the asked share of `large`."""
    return max(small, round(large * SHARE)) if SHARE else small


def parts(trials: int, most: int) -> list[ParameterSet]:
    """The trials cut into tests of at most so many, each of which another process may run."""
    cuts = [min(most, trials - done) for done in range(0, trials, most)]
    return [pytest.param(cut, id=f"{number + 1}-of-{len(cuts)}") for number, cut in enumerate(cuts)]


def soak(claim: str, trials: int) -> pytest.MarkDecorator:
    """Marks a test whose volume scales: `make soak` runs it, and counts its trials under the claim.

    Where `parts` cuts it, `trials` are those of all parts together.
    """
    return pytest.mark.soak(claim, trials)


def counted(request: pytest.FixtureRequest, trials: int) -> None:
    """Say how many trials it is, in a test that finds out for itself."""
    properties = request.node.user_properties
    (claim,) = [value[0] for name, value in properties if name == "soak"]
    properties[:] = [one for one in properties if one[0] != "soak"] + [("soak", [claim, trials])]


def chance(fixed: int) -> random.Random:
    """Where a test's chance comes from: seeded with `fixed` in the suite, else with a seed that is printed."""
    seed = SEED or (random.randrange(1, 1 << 30) if SHARE else fixed)
    print(f"PARTAGENDA_SEED={seed}")
    return random.Random(seed)


class Report(Protocol):
    """What pytest says of one phase of a test."""

    user_properties: list[tuple[str, object]]
    when: str
    duration: float
    failed: bool
    skipped: bool


def note(items: Iterable[pytest.Item]) -> None:
    """Let each report carry its claim and trials, from a worker process too."""
    for item in items:
        for mark in item.iter_markers("soak"):
            claim, trials = mark.args
            values = getattr(item, "callspec", None)
            item.user_properties.append(("soak", [claim, values.params.get("trials", trials) if values else trials]))


def table(reports: Iterable[Report]) -> list[str]:
    """The claims with trials, failures and seconds, as Markdown."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):  # a module that could not be read has none
            if name == "soak" and isinstance(value, list):
                row = sums[str(value[0])]
                row[0] += int(value[1]) if report.when == "call" and not report.skipped else 0
                row[1] += report.failed
                row[2] += report.skipped
                row[3] += report.duration
    lines = [
        f"| {claim} | {trials:,.0f} | {failed:.0f} | {seconds:,.0f} |" + (" skipped" if skipped else "")
        for claim, (trials, failed, skipped, seconds) in sorted(sums.items())
    ]
    return ["| Claim | trials | failed tests | seconds |", "|---|--:|--:|--:|", *lines] if lines else []


def summarise(terminalreporter: pytest.TerminalReporter) -> None:
    """At the end of a soak run: the table."""
    names = ("passed", "failed", "skipped", "error") if SHARE else ()
    for line in table(one for name in names for one in terminalreporter.stats.get(name, [])):
        terminalreporter.write_line(line)
