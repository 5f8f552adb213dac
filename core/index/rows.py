"""Rows of files that were read, gathered and written together: a statement for each costs more than its row."""

from __future__ import annotations

import sqlite3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.index.scan import Item, Scanner

    Stat = tuple[int, int, int]

_OBJECT = "INSERT INTO object (n, cal, href, uid, eid, mtime, size, inode, racy, first, last, problem) VALUES (?{})"
_ITEM = (
    "INSERT INTO item (n, object, title, place, status, flags, zone, organizer, attendees, kind, start, end, rid)"
    " VALUES (?{})"
)
_WORDS = "INSERT INTO words (rowid, title, place, people, notes) VALUES (?{})"
_AT_ONCE = 500
"""File names in one question."""
_OCCURRENCE = "INSERT OR IGNORE INTO occurrence (kind, start, item, rid, end) VALUES (?{})"


class Rows:
    """Made after BEGIN IMMEDIATE, because the numbers it gives must stay free; `write` before COMMIT.

    `scanner` reads the files for the horizon of this moment; `hrefs` are the files of the calendar `n` that it is for.
    """

    def __init__(self, db: sqlite3.Connection, scanner: Scanner, n: int, hrefs: Sequence[str]) -> None:
        self._db = db
        self.scanner = scanner
        self._object = db.execute("SELECT COALESCE(MAX(n), 0) FROM object").fetchone()[0]
        self._item = db.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name='item'").fetchone()[0]
        self._eids: set[str] = set()
        self._objects: list[tuple[object, ...]] = []
        self._items: list[tuple[object, ...]] = []
        self._words: list[tuple[object, ...]] = []
        self._occurrences: list[tuple[object, ...]] = []

        self._before: dict[str, list[tuple[int, Stat, int]]] = {}
        query = "SELECT href, n, mtime, size, inode, racy FROM object WHERE cal=? AND href IN"
        for start in range(0, len(hrefs), _AT_ONCE):
            some = hrefs[start : start + _AT_ONCE]
            for href, number, *stat, racy in db.execute(f"{query} ({','.join('?' * len(some))})", (n, *some)):
                self._before.setdefault(href, []).append((number, (stat[0], stat[1], stat[2]), racy))

    def of(self, href: str) -> list[int]:
        """Numbers of the objects that stood in a file before."""
        return [number for number, _stat, _racy in self._before.get(href, ())]

    def knows(self, href: str, stat: Stat | None) -> bool:
        """Whether a file was read already as it is, at a time that can be trusted."""
        return any(known == stat and not racy for _number, known, racy in self._before.get(href, ()))

    def has(self, eid: str) -> bool:
        """Whether an event of that id is there or about to be."""
        return eid in self._eids or bool(self._db.execute("SELECT 1 FROM object WHERE eid=?", (eid,)).fetchone())

    def add_object(self, row: tuple[object, ...], eid: str = "") -> int:
        """A file, or one of its events; its number. The row begins with the calendar, as the table does."""
        self._object += 1
        self._objects.append((self._object, *row))
        self._eids.add(eid)
        return int(self._object)

    def add_item(self, number: int, item: Item) -> None:
        """One component of an event: what is shown of it, its words, its occurrences."""
        title, place, people, notes, status, flags, zone, organizer, attendees, own, spans = item
        self._item += 1
        n = self._item
        self._items.append((n, number, title, place, status, flags, zone, organizer, attendees, *own))
        self._words.append((n, spaced(title), spaced(place), spaced(people), spaced(notes)))
        self._occurrences += [(kind, start, n, rid, end) for kind, start, rid, end in spans]

    def write(self) -> None:
        """Write what was gathered."""
        for statement, rows in (
            (_OBJECT, self._objects), (_ITEM, self._items), (_WORDS, self._words), (_OCCURRENCE, self._occurrences),
        ):  # fmt: skip
            if rows:
                self._db.executemany(statement.format(", ?" * (len(rows[0]) - 1)), rows)
                rows.clear()


def spaced(text: str) -> str:
    """Text for the word index: Chinese and Japanese characters, Hangul too, each stand as a word of their own."""
    if text.isascii():
        return text
    for sign in set(text):
        if "\u2e80" <= sign <= "\uffdc" or sign >= "\U00020000":
            text = text.replace(sign, f" {sign} ")
    return text
