"""Files are what counts; the index follows them.

An index that cannot be told of a change finds it at its next look. And work that is begun anew because the index had
to be made anew does not make its change of the files a second time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from core.index.database import has_misplaced_values, is_nonsense

if TYPE_CHECKING:
    from core.index.update import Index

T = TypeVar("T")


class Once(Generic[T]):
    """Makes a change the first time it is asked for, and remembers what came of it."""

    def __init__(self) -> None:
        self._made: list[T] = []

    def __call__(self, change: Callable[[], T]) -> T:
        """Raises what the change raises; then it is not made, and the next call tries it."""
        if not self._made:
            self._made.append(change())
        return self._made[0]


@contextmanager
def files_are_changed(index: Index) -> Iterator[None]:
    """Inside, the index is told of a change that is on the disk already: that it cannot be told is no failure."""
    try:
        yield
    except (sqlite3.Error, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, ValueError) and not is_nonsense(error):
            raise
        if isinstance(error, TypeError | AttributeError) and not has_misplaced_values(index.db):
            raise
        with suppress(sqlite3.Error):
            if index.db.in_transaction:
                index.db.execute("ROLLBACK")
