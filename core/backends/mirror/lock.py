"""One process at a time speaks for an account with its server; who is between noting a write and storing it is seen."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.process_lock import open_lock, process_lock


class AccountLock:
    """Held by one task of one process. Tasks of this process take turns, however long; others wait with patience."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._here = asyncio.Lock()

    @asynccontextmanager
    async def held(self, patience: float) -> AsyncIterator[bool]:
        """Whether it was got within `patience` seconds; False: another process is at it."""
        async with self._here, process_lock(self._path, patience) as mine:
            yield mine


class WritersMark:
    """Shared by all who are between noting a write and storing it; whoever gets it alone knows that none is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self) -> int:
        """From now on somebody writes; blocks while somebody heals. `os.close` what it returns at the end."""
        descriptor = open_lock(self._path)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    def alone(self) -> int | None:
        """A descriptor to be closed, or None while somebody writes."""
        descriptor = open_lock(self._path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor
