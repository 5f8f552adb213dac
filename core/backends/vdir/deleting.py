"""Deleting calendars of an account, and bringing them back: the part of the store that uses the trash."""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from core.backends.vdir import files
from core.backends.vdir.once import Once, files_are_changed
from core.backends.vdir.rows import CalendarRow, calendar_rows, info_of
from core.backends.vdir.trash import Trash
from core.errors import Refused
from core.index.update import Index
from core.language import _
from core.ports.calendars import CalendarInfo

T = TypeVar("T")


class Deleting(ABC):
    """What it needs of the store: its folders, its locks, and a way to the index."""

    _account: str
    _home: Path | None
    _locks: Path
    trash: Trash

    @abstractmethod
    async def _with_index(self, work: Callable[[Index], T]) -> T: ...

    @abstractmethod
    def _row(self, index: Index, calendar: str) -> CalendarRow: ...

    @abstractmethod
    def _own_home(self) -> Path: ...

    async def remove(self, calendar: str) -> None:
        """Move the calendar's folder to the trash, from where `restore` brings it back."""

        def work(index: Index) -> None:
            row = self._row(index, calendar)
            if self._home is None or os.path.dirname(row.path) != str(self._home):
                raise Refused(
                    _("“{name}” belongs to other programs, too: its folder is not deleted.").format(name=row.name),
                    _("Delete {path} yourself, or take the account out of config.toml.").format(path=row.path),
                )
            with files.locked(self._locks, row.path):
                self.trash.take(row.path, row.name)
            with files_are_changed(index):
                index.look()

        await self._with_index(work)

    async def deleted(self) -> list[str]:
        """Names of calendars that can be restored, the last deleted first."""
        return await asyncio.to_thread(self.trash.names)

    async def restore(self, name: str) -> CalendarInfo:
        """Bring the last deleted calendar of that name back."""
        home, once = self._own_home(), Once[str]()

        def work(index: Index) -> CalendarInfo:
            with files.locked(self._locks, str(home)):
                path = once(lambda: self.trash.give_back(name, home))
            index.discover(path)
            index.look()
            row = next(row for row in calendar_rows(index.db, self._account) if row.path == path)
            return info_of(row, True)

        return await self._with_index(work)

    async def bring_back(self, calendar: str) -> CalendarInfo:
        """Bring a deleted calendar (its id as it was) back to where it was."""
        home, once = self._own_home(), Once[str]()

        def work(index: Index) -> CalendarInfo:
            with files.locked(self._locks, str(home)):
                path = once(lambda: self.trash.bring_back(calendar.partition("/")[2], home))
            index.discover(path)
            index.look()
            return info_of(self._row(index, calendar), True)

        return await self._with_index(work)
