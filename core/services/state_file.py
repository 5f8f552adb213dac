"""A small JSON file in the state folder: what the program remembers that is no calendar. 0600, replaced whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.errors import StorageError
from core.json_text import read_json
from core.language import _
from core.private import replace_file


def read_state(path: Path) -> dict[str, Any]:
    """What is remembered; nothing when the file is missing or damaged."""
    try:
        return _read(path)
    except OSError:
        return {}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = read_json(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_state(path: Path, changes: dict[str, Any]) -> None:
    """Remember these values too. Raises StorageError, with the old file still whole.

    What the disk does not let one read is not taken for nothing: it would be lost by this.
    """
    try:
        replace_file(path, json.dumps({**_read(path), **changes}, indent=1).encode())
    except OSError as error:
        raise StorageError(
            _("“{file}” could not be written: {reason}.").format(file=path, reason=error.strerror or str(error))
        ) from error
