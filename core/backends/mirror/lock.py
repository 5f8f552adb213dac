"""One process at a time speaks for an account with its server: the kernel lets go of the lock when it dies."""

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


class AccountLock:
    """Held by one task of one process. Waiting blocks no key."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._here = asyncio.Lock()

    @asynccontextmanager
    async def held(self, patience: float) -> AsyncIterator[bool]:
        """Whether it was got within `patience` seconds; False: another process is at it."""
        async with self._here:
            descriptor = await asyncio.to_thread(self._open)
            try:
                yield await self._acquire(descriptor, time.monotonic() + patience)
            finally:
                os.close(descriptor)

    def _open(self) -> int:
        try:
            make_private_folder(self._path.parent)
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(
                _("{file} could not be used: {reason}").format(file=self._path, reason=error.strerror)
            ) from error

    @staticmethod
    async def _acquire(descriptor: int, until: float) -> bool:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    return False
                await asyncio.sleep(_STEP)
            else:
                return True
