"""Locks between processes, and between tasks of one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import StorageError
from core.process_lock import process_lock

HOLDER = """
import asyncio, sys
from pathlib import Path
from core.process_lock import process_lock

async def hold():
    async with process_lock(Path(sys.argv[1]), 0) as held:
        print(held, flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(hold())
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "account.lock"


def _holder(lock: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    return process


async def test_a_lock_that_another_process_holds_is_not_got_without_patience(lock: Path):
    with _holder(lock) as process:
        async with process_lock(lock, 0) as held:
            assert not held
        process.communicate()
    async with process_lock(lock, 0) as held:
        assert held


async def test_a_killed_process_lets_go_while_somebody_waits(lock: Path):
    with _holder(lock) as process:
        killing = asyncio.get_running_loop().call_later(0.2, process.kill)
        async with process_lock(lock, 60) as held:
            assert held
            assert killing.when() <= asyncio.get_running_loop().time()


async def test_tasks_of_one_process_exclude_each_other_as_well(lock: Path):
    async with process_lock(lock, 0) as first, process_lock(lock, 0) as second:
        assert (first, second) == (True, False)


async def test_folder_and_file_are_the_persons_alone(lock: Path):
    async with process_lock(lock, 0):
        assert (lock.parent.stat().st_mode & 0o777, lock.stat().st_mode & 0o777) == (0o700, 0o600)


async def test_a_link_in_the_locks_place_is_not_followed(lock: Path, tmp_path: Path):
    lock.parent.mkdir()
    lock.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match=r"account\.lock"):
        async with process_lock(lock, 0):
            pass
    assert not (tmp_path / "elsewhere").exists()
