"""Shows other processes that a sender lives: a file that it keeps locked; the kernel lets go when it dies."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

from core.private import make_private_folder

_PREFIX, _SUFFIX = "sender-", ".lock"


class SenderMark:
    """One locked file below `folder` for as long as this sender lives. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        make_private_folder(folder)
        self._folder = folder
        self.name, self._descriptor = self._make()

    def _make(self) -> tuple[str, int]:
        while True:
            name = secrets.token_hex(8)
            path = _path(self._folder, name)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _same_file(path, descriptor):
                return name, descriptor
            os.close(descriptor)  # swept away between making and locking: another name

    def close(self) -> None:
        """The sender ends in an orderly way."""
        if self._descriptor >= 0:
            _path(self._folder, self.name).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1


def sender_lives(folder: Path, name: str) -> bool:
    """Whether the sender of that name still holds its lock. A dead one's file is removed."""
    path = _path(folder, name)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def sweep_marks(folder: Path) -> bool:
    """Remove the files of senders that died; whether any sender lives."""
    names = [entry.name[len(_PREFIX) : -len(_SUFFIX)] for entry in sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"))]
    living = [name for name in names if sender_lives(folder, name)]
    return bool(living)


def _path(folder: Path, name: str) -> Path:
    return folder / f"{_PREFIX}{name}{_SUFFIX}"


def _same_file(path: Path, descriptor: int) -> bool:
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    here = os.fstat(descriptor)
    return (there.st_ino, there.st_dev) == (here.st_ino, here.st_dev)
