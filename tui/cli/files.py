"""Files that a command writes for the person: 0600, whole or not at all, never through a planted link."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from core.errors import NotFound, StorageError
from core.language import _
from core.private import make_private_folder


def write_private(path: Path, content: bytes) -> None:
    """Write beside, sync, rename: an earlier file of that name (or a link) is replaced, never written through.

    The folder is made (0700) where it is missing. Raises StorageError.
    """
    import tempfile  # with what it brings a hundredth of an import's time, which writes nothing here

    try:
        make_private_folder(path.parent)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".partagenda-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(
            _("{file} cannot be written: {reason}.").format(file=path, reason=error.strerror or error)
        ) from error


def read_file(path: Path) -> bytes:
    """The bytes of a file that the person named. Raises NotFound, StorageError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(_("There is no file {file}.").format(file=path)) from None
    except OSError as error:
        raise StorageError(
            _("{file} cannot be read: {reason}.").format(file=path, reason=error.strerror or error)
        ) from error


def text_or_stdin(value: str) -> str:
    """The text itself; `-` reads standard input to its end."""
    return sys.stdin.read() if value == "-" else value


def absolute(text: str) -> Path:
    """A path that the person typed, whole."""
    return Path(text).expanduser().absolute()
