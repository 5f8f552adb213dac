"""Deleted calendars: whole folders that can be brought back."""

from __future__ import annotations

import os
import time
from pathlib import Path

from core.backends.vdir import files
from core.backends.vdir.rows import slug_of
from core.errors import NotFound
from core.index import folder as folders
from core.language import _


class Trash:
    """The folder of deleted calendars of one account. Each lies in a folder of its own, named by time."""

    def __init__(self, folder: Path, account: str) -> None:
        self._folder = folder / account.replace("/", "_")

    def take(self, path: str, name: str) -> None:
        """Move a calendar's folder here. Raises StorageError."""
        files.make_folder(self._folder)
        target = self._folder / f"{time.time_ns():020}-{os.urandom(2).hex()}"
        try:
            if folders.display_name(path) != name or not os.path.exists(os.path.join(path, folders.NAME_FILE)):
                files.write_small(path, folders.NAME_FILE, f"{name}\n")  # its folder's name is lost here
            os.rename(path, target)
            files.sync_folder(os.path.dirname(path))
            files.sync_folder(str(self._folder))
        except OSError as error:
            raise files.storage_error(error, path) from error

    def names(self) -> list[str]:
        """What can be restored, the last deleted first."""
        return [folders.display_name(str(path)) for path in self._paths()]

    def give_back(self, name: str, home: Path) -> str:
        """Move the last deleted calendar of that name below `home`; where it is then. Raises NotFound, StorageError."""
        for path in self._paths():
            if folders.display_name(str(path)).casefold() == name.casefold():
                target = home / slug_of(name, home)
                try:
                    os.rename(path, target)
                    files.sync_folder(str(home))
                    files.sync_folder(str(self._folder))
                except OSError as error:
                    raise files.storage_error(error, path) from error
                return str(target)
        known = ", ".join(dict.fromkeys(self.names()))
        raise NotFound(
            _("There is no deleted calendar “{name}”.").format(name=name),
            _("These can be restored: {names}.").format(names=known) if known else _("None has been deleted."),
        )

    def _paths(self) -> list[Path]:
        try:
            return sorted((path for path in self._folder.iterdir() if path.is_dir()), reverse=True)
        except OSError:
            return []
