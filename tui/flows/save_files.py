"""Writing a snapshot, or a finished message, as files where the person chooses."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.app import App

from core.errors import StorageError
from core.language import _
from core.private import make_private_folder
from tui.reporting import reporting, show_notice
from tui.screens.save_files import SaveFilesDialog


def write_new_files(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write each file anew, 0600, in a folder that is made (0700) if it is not there. Blocking.

    Raises StorageError; what has that name already stays as it is, and then nothing is written.
    """
    try:
        make_private_folder(folder)
        taken = [name for name in contents if os.path.lexists(folder / name)]
        if taken:
            raise StorageError(
                _("{file} is there already.").format(file=folder / taken[0]), _("Choose another folder.")
            )
        return [_write(folder / name, content) for name, content in contents.items()]
    except OSError as error:
        raise StorageError(
            _("{file} could not be written: {reason}").format(file=folder, reason=error.strerror or error)
        ) from error


def _write(path: Path, content: bytes) -> Path:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
    return path


async def save_files(app: App[Any], name: str, contents: Mapping[str, bytes]) -> None:
    """Ask where, write, and say so. `name` is proposed for the folder."""
    folder = await app.push_screen_wait(SaveFilesDialog(Path.cwd() / name, tuple(contents)))
    if folder is None:
        return
    with reporting(app):
        written = await asyncio.to_thread(write_new_files, folder, contents)
        show_notice(app, _("Saved: {file}").format(file="\n".join(map(str, written))))
