"""Versions of events that another program wrote in the moment in which we replaced them: kept, listed, never lost."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from core.backends.vdir import files
from core.index.folder import read_file
from core.json_text import read_json
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One kept file: of which calendar and event file it was, and when it was displaced."""

    path: Path
    calendar: str
    href: str
    when: datetime


class ConflictKeeper:
    """Keeps displaced versions in a folder of our state, outside of every calendar."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, calendar: str, href: str, path: str) -> None:
        """Copy the file at `path`, durably. Raises StorageError; the file itself is left where it is."""
        try:
            data, _stat = read_file(os.path.dirname(path), os.path.basename(path))
        except OSError as error:
            raise files.storage_error(error, path) from error
        self.keep_bytes(calendar, href, data)

    def keep_bytes(self, calendar: str, href: str, data: bytes) -> None:
        """Keep a version that is no file any more. Raises StorageError."""
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S}-{os.urandom(4).hex()}"
        files.make_folder(self._folder)
        files.save_new(str(self._folder), f"{name}.ics", data)
        about = {"calendar": calendar, "href": href, "when": now.isoformat()}
        files.save_new(str(self._folder), f"{name}.json", json.dumps(about).encode())

    def kept(self) -> list[KeptVersion]:
        """All kept versions, the oldest first."""
        found = []
        for path in sorted(self._folder.glob("*.ics")) if self._folder.is_dir() else ():
            try:
                about = read_json(path.with_suffix(".json").read_bytes())
                when = datetime.fromisoformat(about["when"])
                found.append(KeptVersion(path, str(about["calendar"]), str(about["href"]), when))
            except (OSError, ValueError, KeyError, TypeError):
                found.append(KeptVersion(path, "", path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)))
        return found
