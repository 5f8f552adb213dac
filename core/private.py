"""Folders that only the person can enter. Standard library only and light: the reading commands use it too."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
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
