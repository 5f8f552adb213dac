"""One process at a time does a thing: the app and `sync` under cron never both. A dead one's turn is over."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.errors import StorageError
from core.language import _
from core.private import make_private_folder

_STEP = 0.05


@asynccontextmanager
async def turn(folder: Path, name: str, patience: float) -> AsyncIterator[bool]:
    """Whether it is this process's turn inside; waits up to `patience` seconds for another. Raises StorageError."""
    descriptor = await asyncio.to_thread(_open, folder / f"{name}.lock")
    try:
        yield await _taken(descriptor, patience)
    finally:
        os.close(descriptor)


async def _taken(descriptor: int, patience: float) -> bool:
    left = patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if left <= 0:
                return False
            await asyncio.sleep(_STEP)
            left -= _STEP
        else:
            return True


def _open(path: Path) -> int:
    try:
        make_private_folder(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(_("“{file}” could not be written: {reason}.").format(file=path, reason=reason)) from error
