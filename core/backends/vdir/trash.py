"""Deleted calendars: whole folders that can be brought back."""

from __future__ import annotations

import os
import time
from pathlib import Path

from core.backends.vdir import files
from core.backends.vdir.rows import slug_of
from core.errors import Conflict, NotFound
from core.index import folder as folders
from core.language import _


class Trash:
    """The folder of deleted calendars of one account. Each lies in a folder of its own, named by time and by what its
    folder was called."""

    def __init__(self, folder: Path, account: str) -> None:
        self._folder = folder / account.replace("/", "_")

    def take(self, path: str, name: str) -> None:
        """Move a calendar's folder here. Raises StorageError."""
        files.make_folder(self._folder)
        target = self._folder / f"{time.time_ns():020}-{os.urandom(2).hex()}-{os.path.basename(path)}"
        try:
            if not _is_called(path, name):
                files.write_small(path, folders.NAME_FILE, f"{name}\n")  # its folder's name is lost here
            os.rename(path, target)
            files.sync_folder(os.path.dirname(path))
            files.sync_folder(str(self._folder))
        except OSError as error:
            raise files.storage_error(error, path) from error

    def names(self) -> list[str]:
        """What can be restored, the last deleted first."""
        return [_name(path) for path in self._paths()]

    def give_back(self, name: str, home: Path) -> str:
        """Move the last deleted calendar of that name below `home`; where it is then. Raises NotFound, StorageError."""
        for path in self._paths():
            if _name(path).casefold() == name.casefold():
                own = _slug(path)
                return self._move(path, home / (own if own and _free(home / own) else slug_of(name, home)))
        known = ", ".join(dict.fromkeys(self.names()))
        raise NotFound(
            _("There is no deleted calendar “{name}”.").format(name=name),
            _("These can be restored: {names}.").format(names=known) if known else _("None has been deleted."),
        )

    def bring_back(self, slug: str, home: Path) -> str:
        """Move the last deleted calendar whose folder was called so back to where it was. Raises NotFound, Conflict."""
        for path in self._paths():
            if _slug(path) == slug:
                if not _free(home / slug):
                    raise Conflict(_("There is another calendar in the folder {path} now.").format(path=home / slug))
                return self._move(path, home / slug)
        raise NotFound(_("The deleted calendar is not there any more."), _("Somebody emptied the trash."))

    def _move(self, path: Path, target: Path) -> str:
        try:
            os.rename(path, target)
            files.sync_folder(str(target.parent))
            files.sync_folder(str(self._folder))
        except OSError as error:
            raise files.storage_error(error, path) from error
        return str(target)

    def _paths(self) -> list[Path]:
        try:
            return sorted((path for path in self._folder.iterdir() if path.is_dir()), reverse=True)
        except OSError:
            return []


def _name(path: Path) -> str:
    """What a deleted calendar is called; by its folder where its name cannot be read: the others can be restored."""
    try:
        return folders.display_name(str(path))
    except OSError:
        return _slug(path)


def _is_called(path: str, name: str) -> bool:
    """Whether its own file says so; one that cannot be read is left as it is."""
    try:
        return folders.first_line(path, folders.NAME_FILE) == name
    except OSError:
        return True


def _slug(path: Path) -> str:
    """What the folder was called before it was deleted."""
    return path.name.split("-", 2)[2] if path.name.count("-") >= 2 else ""


def _free(path: Path) -> bool:
    return not os.path.lexists(path)
