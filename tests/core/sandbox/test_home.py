"""A person's home in the sandbox is whole, private, and gone afterwards."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from core.bootstrap import open_services
from core.sandbox.home import sandbox, sweep_dead_runs
from core.sandbox.people import ALICE


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
