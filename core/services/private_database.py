"""SQLite files that only their owner can read, made for facts that must survive a power cut."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from core.errors import StorageError
from core.language import _
from core.private import make_private_folder

BUSY_SECONDS = 20.0
"""How long one waits for another process's transaction (each takes milliseconds)."""


def _make_private_file(path: Path) -> None:
    """Make the file 0600 before SQLite opens it; its journal then has its mode. Refuses links and foreign files."""
    make_private_folder(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise PermissionError(f"{path} is not a file of yours")
        if stat.S_IMODE(found.st_mode) & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


class PrivateDatabase:
    """One SQLite file; a connection for each transaction, so that threads and processes share it without ceremony.

    TRUNCATE with synchronous=FULL: a commit is on the disk, its journal's end included, when it returns
    (https://sqlite.org/pragma.html#pragma_synchronous).
    `schema` is run when the file is new or of an older `version`, in one transaction with what is written first.
    """

    def __init__(self, path: Path, schema: str, version: int = 1) -> None:
        self.path = path
        self._schema = schema
        self._version = version

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction that is committed at the end, rolled back on an exception. Raises StorageError."""
        with self._open() as connection, _committed(connection):
            self._bring_up_to_date(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to read with, or None while the file does not exist. Raises StorageError.

        Rows are made into values inside of it: where they cannot be, the file is damaged, and is named.
        """
        if not self.path.exists():
            yield None
            return
        with self._open() as connection:
            if self._version_of(connection) < self._version:
                with _committed(connection):
                    self._bring_up_to_date(connection)
            yield connection

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            _make_private_file(self.path)
            with closing(self._connect()) as connection:
                yield connection
        except UnicodeEncodeError:  # what was to be written or looked for is no text; the file is as good as before
            raise
        except (ValueError, TypeError, LookupError) as error:
            raise _damaged(self.path) from error
        except (sqlite3.Error, OSError) as error:
            if _is_damage(error):
                raise _damaged(self.path) from error
            raise StorageError(
                _("{file} could not be used: {reason}").format(file=self.path, reason=_reason(error)),
                _("Look at the disk’s free space and at the rights of this file and its folder."),
            ) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = TRUNCATE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # what was dropped is not to be found in the file
        except BaseException:
            connection.close()
            raise
        return connection

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        """Inside a transaction: what is written first to a new file comes to the disk with its schema, at once."""
        if self._version_of(connection) < self._version:
            for statement in self._schema.split(";"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {self._version:d}")

    @staticmethod
    def _version_of(connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _committed(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        _roll_back(connection)
        raise
    connection.execute("COMMIT")


def _roll_back(connection: sqlite3.Connection) -> None:
    """SQLite has done it by itself where the disk failed (https://sqlite.org/lang_transaction.html, "3.")."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _is_damage(error: sqlite3.Error | OSError) -> bool:
    """Whether SQLite says that the bytes are no database of its own (https://sqlite.org/rescode.html#corrupt)."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _damaged(path: Path) -> StorageError:
    return StorageError(
        _("{file} is damaged: what it says cannot be read.").format(file=path),
        _("Take it from a backup, or give it another name: a new one is then begun, which knows nothing of before."),
    )


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
