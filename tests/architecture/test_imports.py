"""What a command loads is what a person waits for: measured in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "textual",
    "rich",
    "asyncio",
    "exchangelib",
    "icalendar",
    "httpx",
    "lxml",
    "aiosmtplib",
    "aiosmtpd",
    "argparse",
)
REPORT = "import sys; print('\\n'.join(sys.modules), file=sys.stderr)"


def loaded(code: str, home: Path) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after running the code."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{REPORT}"], capture_output=True, text=True, env=env, cwd=home, check=True
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


def command(*arguments: str) -> str:
    return f"from tui.__main__ import main\nassert main({list(arguments)!r}) == 0"


def heavy(modules: set[str]) -> list[str]:
    return sorted(modules & set(HEAVY))


def test_importing_core_loads_nothing_heavy(own_home: Path):
    assert heavy(loaded("import core", own_home)) == []


def test_asking_for_the_version_loads_nothing_heavy(own_home: Path):
    assert heavy(loaded(command("--version"), own_home)) == []


def test_asking_for_the_version_loads_nothing_beyond_its_own_two_packages(own_home: Path):
    alone = loaded("pass", own_home)
    assert loaded(command("--version"), own_home) - alone <= {"core", "tui", "__future__"}


@pytest.mark.parametrize("name", ["agenda", "calendars"])
def test_a_reading_command_loads_nothing_heavy(name: str, own_home: Path):
    assert heavy(loaded(command(name), own_home)) == []


def test_searching_loads_nothing_heavy(own_home: Path):
    assert heavy(loaded(command("search", "budget"), own_home)) == []


def test_help_loads_neither_the_app_nor_a_backend(own_home: Path):
    found = set(heavy(loaded(command("help"), own_home)))
    assert found.isdisjoint({"textual", "rich", "icalendar", "aiosmtplib", "aiosmtpd", "exchangelib"})


def test_a_planted_import_is_seen(own_home: Path):
    assert heavy(loaded("import core\nimport asyncio", own_home)) == ["asyncio"]
