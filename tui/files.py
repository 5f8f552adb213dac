"""What a folder holds for the file picker. Blocking: call it in a thread."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from core.errors import StorageError
from core.language import _
from core.values import dataclass

SUFFIXES = (".ics", ".eml")
_LIMIT = 2000
"""Names that are shown of one folder; typing narrows them."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A folder or a file that can be opened."""

    path: Path
    folder: bool
    size: int = 0
    changed: datetime | None = None

    @property
    def name(self) -> str:
        """As the list shows it; not yet cleaned."""
        return self.path.name + ("/" if self.folder else "")


@dataclass(frozen=True, slots=True)
class Listing:
    """A folder's entries: folders first, then files, by name. `calendars` counts its .ics files."""

    folder: Path
    entries: tuple[FileEntry, ...]
    calendars: int = 0


def split_typed(text: str, start: Path) -> tuple[Path, str]:
    """The folder that is typed, and the beginning of a name behind its last slash. `~` is the person's home."""
    text = os.path.expanduser(text)
    path = start / text
    if not text or text.endswith("/") or path.name in (".", ".."):
        return Path(os.path.normpath(path)), ""
    return Path(os.path.normpath(path.parent)), path.name


def list_folder(folder: Path, beginning: str = "", suffixes: tuple[str, ...] = SUFFIXES) -> Listing:
    """What begins with `beginning`, whatever its case. Hidden names only when a dot was typed.

    Raises StorageError when the folder cannot be read.
    """
    try:
        with os.scandir(folder) as found:
            entries = [entry for item in found if (entry := _entry(item, suffixes)) is not None]
    except OSError as error:
        raise StorageError(
            _("{path} cannot be read: {reason}").format(path=folder, reason=error.strerror or str(error))
        ) from error
    wanted = [entry for entry in entries if _matches(entry.path.name, beginning)]
    wanted.sort(key=lambda entry: (not entry.folder, entry.path.name.casefold()))
    calendars = sum(entry.path.suffix.lower() == ".ics" for entry in entries if not entry.folder)
    return Listing(folder, tuple(wanted[:_LIMIT]), calendars)


def _matches(name: str, beginning: str) -> bool:
    if name.startswith(".") and not beginning.startswith("."):
        return False
    return name.casefold().startswith(beginning.casefold())


def _entry(item: os.DirEntry[str], suffixes: tuple[str, ...]) -> FileEntry | None:
    try:
        if item.is_dir():
            return FileEntry(Path(item.path), folder=True)
        if not item.name.lower().endswith(suffixes) or not item.is_file():
            return None
        facts = item.stat()
    except OSError:  # it went away while we looked
        return None
    return FileEntry(Path(item.path), False, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC).astimezone())
