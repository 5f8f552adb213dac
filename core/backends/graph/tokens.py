"""The file in which msal's tokens are kept: the person's alone, replaced whole, one program of theirs at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import StorageError
from core.json_text import read_json
from core.language import _
from core.private import make_private_folder, replace_file


def _sound(data: bytes) -> str:
    """The text of a cache of msal's: tables of entries. A damaged one counts as none, so that one can sign in again."""
    try:
        found = read_json(data)
    except ValueError:
        return ""
    tables = found.values() if isinstance(found, dict) else [None]
    entries = [entry for table in tables for entry in (table.values() if isinstance(table, dict) else [None])]
    return data.decode() if all(isinstance(entry, dict) for entry in entries) else ""


class TokenFile:
    """msal's cache on disk. All of it is for the sign-in's own thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: str | None = None
        self.cache: Any = None

    @contextlib.contextmanager
    def held(self) -> Iterator[Any]:
        """The cache as the file has it now; what changes in it is written. Raises StorageError."""
        import msal

        try:
            make_private_folder(self._path.parent)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(f"{self._path}.lock", flags, 0o600)
        except OSError as error:
            raise self._trouble(error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            text = self._stored()
            if self.cache is None:
                self.cache = msal.SerializableTokenCache()
            if text != self._read:
                self.cache.deserialize(text or "{}")
                self._read = text
            yield self.cache
            if self.cache.has_state_changed:
                self._write()
        finally:
            os.close(descriptor)

    def forget(self) -> None:
        """Remove the file. To be called while it is held."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        self.cache.deserialize("{}")
        self.cache.has_state_changed = False
        self._read = ""

    def _stored(self) -> str:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise self._trouble(error) from error
        with os.fdopen(descriptor, "rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise StorageError(
                    _("The file {file} holds your sign-in and can be read by others.").format(file=self._path),
                    _("Make it yours alone (chmod 600), then sign out and in again."),
                )
            return _sound(file.read())

    def _write(self) -> None:
        text = self.cache.serialize()
        try:
            replace_file(self._path, text.encode())
        except OSError as error:
            raise self._trouble(error) from error
        self._read = text
        self.cache.has_state_changed = False

    def _trouble(self, error: OSError) -> StorageError:
        return StorageError(
            _("Your sign-in cannot be kept in {file}: {reason}").format(
                file=self._path, reason=error.strerror or error
            ),
            _("Look at the disk’s free space and at the rights of this folder."),
        )
