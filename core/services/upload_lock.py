"""One process at a time uploads a publication or refreshes a subscription: the app and `sync` under cron never both.

The kernel lets go of the lock when its holder dies.
"""

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


@asynccontextmanager
async def upload_lock(folder: Path, name: str, patience: float) -> AsyncIterator[bool]:
    """Whether the lock is held inside; waits up to `patience` seconds for another process. Raises StorageError."""
    descriptor = await asyncio.to_thread(_open, folder, name)
    try:
        yield await _take(descriptor, patience)
    finally:
        os.close(descriptor)


async def _take(descriptor: int, patience: float) -> bool:
    waited = 0.0
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waited >= patience:
                return False
            await asyncio.sleep(0.1)
            waited += 0.1
        else:
            return True


def _open(folder: Path, name: str) -> int:
    try:
        make_private_folder(folder)
        return os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(
            _("“{file}” could not be written: {reason}.").format(file=folder, reason=error.strerror or str(error))
        ) from error
