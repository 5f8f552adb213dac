"""A person's home in the sandbox is whole, private, and gone afterwards."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.bootstrap import open_services
from core.sandbox.home import sandbox, sweep_dead_runs
from core.sandbox.people import ALICE

ROOT = Path(__file__).parents[3]


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_everything_is_readable_by_its_owner_only(temporary):
    with sandbox() as box:
        box.home(ALICE)
        wrong = [p for p in box.root.rglob("*") if stat.S_IMODE(p.stat().st_mode) & 0o077]
        assert wrong == []
        assert stat.S_IMODE(box.root.stat().st_mode) == 0o700


def test_the_password_is_in_a_file_that_a_command_reads_and_not_in_the_configuration(temporary):
    with sandbox() as box:
        home = box.home(ALICE)
        secret = box.accounts.passwords["alice"]
        assert secret not in home.config.read_text()
        assert (box.root / "alice" / "password").read_text() == secret


def test_the_configuration_is_one_that_the_program_reads(temporary):
    with sandbox("fr") as box:
        settings = box.home(ALICE).settings
        assert (settings.me.address.address, settings.me.language) == ("alice@example.org", "fr")


def test_nothing_is_left_afterwards(temporary):
    with sandbox() as box:
        box.home(ALICE)
    assert list(temporary.iterdir()) == []


def test_nothing_is_left_after_a_failure(temporary):
    with pytest.raises(ZeroDivisionError), sandbox():
        raise ZeroDivisionError
    assert list(temporary.iterdir()) == []


_WAITS = """
import time
from core.sandbox.home import sandbox
with sandbox():
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_nothing_is_left_where_the_terminal_or_the_machine_ends_it(tmp_path, number):
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", _WAITS], stdout=subprocess.PIPE, text=True, env=env)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        assert process.wait(20) == -number
    finally:
        process.kill()
        process.communicate()
    assert list(tmp_path.glob("partagenda-demo-*")) == []


def test_afterwards_the_signals_are_as_they_were(temporary):
    before = signal.getsignal(signal.SIGHUP)
    with sandbox():
        pass
    assert signal.getsignal(signal.SIGHUP) is before


def leftover(folder: Path, age: float, mode: int = 0o700) -> Path:
    left = folder / "partagenda-demo-left"
    left.mkdir(mode=mode)
    os.utime(left, (time.time() - age,) * 2)
    return left


def test_what_a_killed_run_left_is_removed_by_the_next(temporary):
    left = leftover(temporary, 3600)
    sweep_dead_runs(temporary)
    assert not left.exists()


def test_a_run_that_lives_is_left_alone(temporary):
    with sandbox() as box:
        os.utime(box.root, (0, 0))
        sweep_dead_runs(temporary)
        assert box.certificates.pem.exists()


def test_a_link_of_that_name_is_not_followed(temporary, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir(mode=0o700)
    (precious / "file").touch()
    (temporary / "partagenda-demo-link").symlink_to(precious)
    sweep_dead_runs(temporary)
    assert (precious / "file").exists()


async def test_people_are_completed_from_the_others_vcards(temporary):
    with sandbox() as box:
        home = box.home(ALICE)
        services = open_services(home.settings, home.paths)
        found = await services.people.complete("bru")
        await services.close()
    assert [address.address for address in found] == ["bruno@example.org"]
