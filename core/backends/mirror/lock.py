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
        return _open(self._path)

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


class WritersMark:
    """Shared by all who are between noting a write and storing it; whoever gets it alone knows that none is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self) -> int:
        """From now on somebody writes; blocks while somebody heals. `os.close` what it returns at the end."""
        descriptor = _open(self._path)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    def alone(self) -> int | None:
        """A descriptor to be closed, or None while somebody writes."""
        descriptor = _open(self._path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor


def _open(path: Path) -> int:
    try:
        make_private_folder(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StorageError(_("{file} could not be used: {reason}").format(file=path, reason=error.strerror)) from error
