"""One open index for a whole program: opened when first used, made anew when it is damaged, one thread at a time."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from core.errors import StorageError
from core.index.database import has_misplaced_values, is_nonsense, open_for_writing, remove
from core.index.folder import read_file
from core.index.update import Index
from core.language import _

if TYPE_CHECKING:
    from core.index.update import Fetch

T = TypeVar("T")


class IndexSession:
    """The index at `path` (or `:memory:`). `roots` are the (account, path pattern) pairs that it covers."""

    def __init__(self, path: str, roots: Sequence[tuple[str, str]] = (), fetch: Fetch = read_file) -> None:
        self.path = path
        self.roots = tuple(roots)
        self._fetch = fetch
        self._lock = threading.RLock()
        self._index: Index | None = None

    def run(self, work: Callable[[Index], T]) -> T:
        """Do something with the index in this thread. A damaged file is removed and read anew from the folders.

        Raises StorageError when there can be no index (no room, no right to write in the cache).
        """
        with self._lock:
            try:
                return work(self._opened())
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) and not _damaged(error):
                    raise self._refused(error) from error
            except ValueError as error:
                if not is_nonsense(error):
                    raise
            except (TypeError, AttributeError):
                if self._index is None or not has_misplaced_values(self._index.db):
                    raise
            self.close()
            self._remove()
            try:
                return work(self._opened())
            except sqlite3.Error as error:
                raise self._refused(error) from error

    def close(self) -> None:
        """Let go of the file; the next `run` opens it again."""
        with self._lock:
            if self._index is not None:
                self._index.db.close()
                self._index = None

    def _opened(self) -> Index:
        if self._index is not None and self._index.db.in_transaction:
            self._index.db.execute("ROLLBACK")  # somebody stopped half-way
        if self._index is not None and self.path != ":memory:" and not os.path.exists(self.path):
            self.close()  # a cache may be deleted at any time
        if self._index is None:
            try:
                self._index = Index(open_for_writing(self.path), self._fetch, time.time())
            except OSError as error:
                raise self._refused(error) from error
            if self.roots:
                self._index.set_roots(self.roots)
        return self._index

    def _remove(self) -> None:
        if self.path != ":memory:":
            try:
                remove(self.path)
            except OSError as error:
                raise self._refused(error) from error

    def _refused(self, error: Exception) -> StorageError:
        reason = getattr(error, "strerror", None) or str(error)
        return StorageError(
            _("The index “{file}” cannot be used: {reason}.").format(file=self.path, reason=reason),
            _("It is a cache: it may be deleted, and needs room and the right to write."),
        )


def _damaged(error: sqlite3.OperationalError) -> bool:
    """Whether a new file would help: a table is missing, a value is no text, or the file is not what it was."""
    signs = ("no such table", "no such column", "malformed", "disk I/O error", "readonly", "decode")
    return any(sign in str(error) for sign in signs)
