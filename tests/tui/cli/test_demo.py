"""`demo`: the sandbox from the command line."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_the_story_holds_says_each_step_and_does_not_touch_the_persons_own_files(run: Run, own_home: Path):
    answer = run("demo", "--check")
    assert answer.code == 0
    steps = answer.out.splitlines()
    assert len(steps) > 20
    assert all(" ok " in step for step in steps[:-1])
    assert list(own_home.rglob("*.ics")) == []


@pytest.mark.slow
def test_servers_print_one_line_of_json_and_serve_until_they_are_stopped(own_home: Path):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "demo", "--servers-only"], stdout=subprocess.PIPE, env=env, cwd=ROOT, text=True
    )
    try:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        assert {"people", "smtp"} <= set(line)
        assert set(line["people"][0]) == {"name", "address", "username", "password", "maildir"}
        assert {"host", "port", "security", "ca"} <= set(line["smtp"])
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert not Path(line["smtp"]["ca"]).exists()
    finally:
        process.kill()
        process.wait()


def test_without_a_terminal_the_app_points_to_the_check(run: Run):
    answer = run("demo")
    assert answer.code == 1
    assert "demo --check" in answer.err


@pytest.mark.parametrize("arguments", [("--as", "eve"), ("--check", "--servers-only")])
def test_wrong_usage_is_exit_two(run: Run, arguments: tuple[str, ...]):
    assert run("demo", *arguments).code == 2
