"""Folders and files that are the person's alone."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config.accounts import add_account
from core.errors import StorageError
from core.private import make_private_folder, replace_file, sweep_private
from core.services.state_file import read_state, write_state
from tests.soak import scaled, soak

ROOT = Path(__file__).resolve().parents[2]
KILLS = scaled(5, 2_500)
CALLS = ("open", "write", "fsync", "rename", "mkdir", "fchmod")
WRITER = """
import sys
from pathlib import Path
from core.config.accounts import add_account
from core.services.state_file import write_state
folder = Path(sys.argv[1])
print("ready", flush=True)
for number in range(int(sys.argv[2]), 100_000):
    write_state(folder / "library.json", {f"n{number % 20}": number})
    print(f"state {number}", flush=True)
    add_account(folder / "config.toml", f"a{number}", "vdir", {"path": f"/calendars/{number}"})
    print(f"account {number}", flush=True)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def test_each_folder_that_is_made_can_be_entered_by_the_person_only(tmp_path: Path) -> None:
    os.umask(0)
    make_private_folder(tmp_path / "a" / "b" / "c")
    assert {(tmp_path / part).stat().st_mode & 0o777 for part in ("a", "a/b", "a/b/c")} == {0o700}


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a").chmod(0o755)
    make_private_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o755


def test_a_file_that_is_replaced_is_the_persons_alone(tmp_path: Path) -> None:
    os.umask(0)
    replace_file(tmp_path / "made" / "library.json", b"{}")
    assert (tmp_path / "made" / "library.json").stat().st_mode & 0o777 == 0o600


def test_a_link_under_a_temporary_name_is_not_followed(place: Path) -> None:
    (place / ".partagenda-new-0000000000000000-file").symlink_to(place / "elsewhere")
    replace_file(place / "file", b"new")
    assert [path.name for path in place.iterdir()] == ["file"]


def test_a_start_takes_away_what_a_killed_process_left(place: Path) -> None:
    (place / ".partagenda-new-0000000000000000-file").write_bytes(b"half")
    sweep_private(place)
    assert list(place.iterdir()) == []


def failing_call(monkeypatch: pytest.MonkeyPatch, number: int, code: int, below: Path) -> Callable[[], bool]:
    """Let the n-th call of the system that concerns the folder fail; the answer tells whether it came so far."""
    left = number

    def wrap(name: str) -> None:
        real = getattr(os, name)

        def call(*args: object, **kwargs: object) -> object:
            nonlocal left
            target = os.readlink(f"/proc/self/fd/{args[0]}") if isinstance(args[0], int) else os.fspath(args[0])
            if str(below) in target:
                left -= 1
                if left == 0:
                    raise OSError(code, os.strerror(code), target)
            return real(*args, **kwargs)

        monkeypatch.setattr(os, name, call)

    for name in CALLS:
        wrap(name)
    return lambda: left <= 0


def remember(folder: Path) -> None:
    write_state(folder / "library.json", {"default": "local/new"})


def configure(folder: Path) -> None:
    add_account(folder / "config.toml", "new", "vdir", {"path": "/calendars"})


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
@pytest.mark.parametrize("save", [remember, configure])
def test_a_setting_that_the_disk_refuses_stays_what_it_was_and_says_which_file(
    place: Path, monkeypatch: pytest.MonkeyPatch, save: Callable[[Path], None], code: int
) -> None:
    remember_file, config = place / "library.json", place / "config.toml"
    for number in range(1, 40):
        remember_file.write_bytes(b'{"default": "local/old"}')
        config.write_text('[accounts.old]\ntype = "vdir"\npath = "/old"\n')
        before = (remember_file.read_bytes(), config.read_bytes())
        failed = ""
        with monkeypatch.context() as patch:
            came = failing_call(patch, number, code, place)
            try:
                save(place)
            except StorageError as error:
                failed = error.message
        changed = (remember_file.read_bytes(), config.read_bytes()) != before
        if not came():
            assert (failed, changed) == ("", True)
            return
        assert str(place) in failed
        assert sorted(path.name for path in place.iterdir()) == ["config.toml", "library.json"]
    pytest.fail("the calls never ended")


@pytest.mark.slow
@soak("kill -9 while writing settings", KILLS)
def test_kill_minus_nine_leaves_every_setting_that_was_acknowledged(place: Path) -> None:
    first = 0
    for round_ in range(KILLS):
        (place / "config.toml").unlink(missing_ok=True)  # it would grow with every round
        command = [sys.executable, "-c", WRITER, str(place), str(first)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
        assert child.stdout is not None
        heard = [child.stdout.readline() for _line in range(3 + round_ % 23)]
        child.send_signal(signal.SIGKILL)
        said = [line.split() for line in [*heard, *child.communicate()[0].splitlines(keepends=True)] if "\n" in line]
        states = [int(words[1]) for words in said if words[0] == "state"]
        accounts = [int(words[1]) for words in said if words[0] == "account"]
        sweep_private(place)
        kept = read_state(place / "library.json").values()
        config = tomllib.loads((place / "config.toml").read_text())
        assert (max(kept) >= max(states), {f"a{number}" for number in accounts} - set(config["accounts"])) == (
            True,
            set(),
        )
        assert sorted(path.name for path in place.iterdir()) == ["config.toml", "library.json"]
        first = max(kept) + 1
