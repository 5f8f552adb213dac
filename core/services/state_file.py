"""A small JSON file in the state folder: what the program remembers that is no calendar. 0600, replaced whole."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from core.errors import StorageError
from core.language import _
from core.private import make_private_folder


def read_state(path: Path) -> dict[str, Any]:
    """What is remembered; nothing when the file is missing or damaged."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_state(path: Path, changes: dict[str, Any]) -> None:
    """Remember these values too. Raises StorageError, with the old file still whole."""
    data = json.dumps({**read_state(path), **changes}, indent=1).encode()
    temporary = path.with_name(f".{path.name}-{os.urandom(8).hex()}.tmp")
    try:
        make_private_folder(path.parent)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise StorageError(
            _("“{file}” could not be written: {reason}.").format(file=path, reason=error.strerror or str(error))
        ) from error
