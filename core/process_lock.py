"""A file that one process at a time holds: who speaks for an account, uploads a publication, refreshes a subscription.

The app and `sync` under cron never do it both. The kernel lets go of the lock when its holder dies.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.errors import StorageError
from core.language import _
from core.private import make_private_folder

_STEP = 0.05
"""Seconds between two looks at a lock that another one holds."""


@asynccontextmanager
async def process_lock(path: Path, patience: float) -> AsyncIterator[bool]:
    """Whether the lock is held inside; waits up to `patience` seconds for whoever has it, and blocks no key.

    Two tasks of one process exclude each other as two processes do. Raises StorageError.
    """
    descriptor = await asyncio.to_thread(open_lock, path)
    try:
        yield await _taken(descriptor, time.monotonic() + patience)
    finally:
        os.close(descriptor)


async def _taken(descriptor: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(_STEP)
        else:
            return True


def open_lock(path: Path) -> int:
    """A descriptor of the file, made with its folder where it is missing; never through a link. Raises StorageError."""
    try:
        make_private_folder(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(
            _("{file} could not be used: {reason}").format(file=path, reason=error.strerror or str(error))
        ) from error
