"""What a folder has and the index has not, without holding a list of either: a few hundred files at a time."""

from __future__ import annotations

import sqlite3
from itertools import islice

from core.index.folder import each_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Stat = tuple[int, int, int]

AT_ONCE = 500


def differences(
    db: sqlite3.Connection, n: int, path: str, there: Iterable[tuple[str, Stat]]
) -> tuple[dict[str, Stat], list[str], int]:
    """Of calendar `n`: the files to be read, those that are gone, and how many there are. Raises OSError."""
    due: dict[str, Stat] = {}
    count = known = 0
    files = iter(there)
    while some := list(islice(files, AT_ONCE)):
        rows = _rows_of(db, n, [href for href, _stat in some])
        known += len(rows)
        count += len(some)
        due.update((href, stat) for href, stat in some if rows.get(href) != (*stat, 0))
    return due, _gone(db, n, path) if known < _known(db, n) else [], count


def _rows_of(db: sqlite3.Connection, n: int, hrefs: list[str]) -> dict[str, tuple[int, int, int, int]]:
    """What is known of these files: time, size, inode, and whether that may be too early to tell."""
    marks = ",".join("?" * len(hrefs))
    query = f"SELECT href, mtime, size, inode, racy FROM object WHERE cal=? AND href IN ({marks}) ORDER BY racy"  # noqa: S608
    return {row[0]: row[1:] for row in db.execute(query, (n, *hrefs))}


def _known(db: sqlite3.Connection, n: int) -> int:
    return int(db.execute("SELECT COUNT(DISTINCT href) FROM object WHERE cal=?", (n,)).fetchone()[0])


def _gone(db: sqlite3.Connection, n: int, path: str) -> list[str]:
    names = {href for href, _stat in each_file(path)}
    return [href for (href,) in db.execute("SELECT DISTINCT href FROM object WHERE cal=?", (n,)) if href not in names]
