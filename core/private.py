"""Folders and files that are the person's alone. Standard library only and light: the reading commands use it too."""

from __future__ import annotations

import os
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike


def make_private_folder(path: str | PathLike[str]) -> None:
    """Make a folder, and those above it that are missing, each 0700; `os.makedirs` gives that to the last one only.

    What is there already keeps its mode. Raises OSError.
    """
    missing = []
    folder = os.fspath(path)
    while folder and not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for each in reversed(missing):
        try:
            os.mkdir(each, 0o700)
        except FileExistsError:  # another process was quicker
            if not os.path.isdir(each):
                raise


def replace_file(path: str | PathLike[str], content: bytes, mode: int = 0o600) -> None:
    """Give a small file of our own new bytes: whoever reads it, and a crash, find the old or the new ones, whole.

    A hidden temporary file beside it, fsync, rename, fsync of the folder (traps.md, 26). Processes take turns, so that
    what lies there under a temporary name was left by a killed one, and is taken away. Raises OSError.
    """
    folder, name = os.path.split(os.fspath(path))
    make_private_folder(folder)
    with _turn(folder) as descriptor:
        sweep_temporaries(folder)
        temporary = os.path.join(folder, f"{TEMPORARY}{os.urandom(8).hex()}-{name}")
        try:
            _write_new(temporary, content, mode)
            os.rename(temporary, path)
        except BaseException:
            _discard(temporary)
            raise
        os.fsync(descriptor)


TEMPORARY = ".partagenda-new-"
"""How the names of temporary files begin."""


def sweep_temporaries(folder: str) -> None:
    """Take away what a killed process left under a temporary name. Raises nothing: what stays harms nobody."""
    for name in os.listdir(folder):
        if name.startswith(TEMPORARY):
            _discard(os.path.join(folder, name))


def sweep_private(folder: str | PathLike[str]) -> None:
    """At a start: the same, when nobody else is writing there."""
    if os.path.isdir(folder):
        with _turn(os.fspath(folder)):
            sweep_temporaries(os.fspath(folder))


@contextmanager
def _turn(folder: str) -> Iterator[int]:
    """Wait for other processes that write in the folder; gives its descriptor."""
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _write_new(path: str, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if mode != 0o600:
            os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _discard(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
