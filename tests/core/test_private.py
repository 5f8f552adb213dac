"""Folders and files that are the person's alone."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config.accounts import add_account
from core.errors import StorageError
from core.private import make_private_folder, replace_file, sweep_private
from core.services.state_file import write_state

CALLS = ("open", "write", "fsync", "rename", "mkdir", "fchmod")


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


def test_what_is_remembered_is_not_forgotten_because_it_cannot_be_read_now(place: Path) -> None:
    (place / "library.json").symlink_to(place / "library.json")
    with pytest.raises(StorageError, match=r"library\.json"):
        remember(place)
    assert (place / "library.json").is_symlink()


def test_a_configuration_that_cannot_be_read_is_not_written_anew(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = place / "config.toml"
    config.write_text('[accounts.old]\ntype = "vdir"\npath = "/old"\n')

    def fail(_self: Path, **_more: object) -> str:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", fail)
        with pytest.raises(StorageError, match=r"config\.toml.*Input/output error"):
            configure(place)
    assert "accounts.new" not in config.read_text()
