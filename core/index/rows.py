"""Rows of files that were read, gathered and written together: a statement for each costs more than its row."""

from __future__ import annotations

import sqlite3
from _blake2 import blake2s

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from core.index.scan import Item, Scanner

    Stat = tuple[int, int, int]

_OBJECT = "INSERT INTO object (n, cal, href, uid, eid, mtime, size, inode, racy, first, last, problem) VALUES (?{})"
_ITEM = (
    "INSERT INTO item (n, object, title, place, status, flags, zone, organizer, attendees, kind, start, end, rid)"
    " VALUES (?{})"
)
_WORDS = "INSERT INTO words (rowid, title, place, people, notes) VALUES (?{})"
_AT_ONCE = 500
"""File names, or ids, in one question."""
_OCCURRENCE = "INSERT OR IGNORE INTO occurrence (kind, start, item, rid, end) VALUES (?{})"


class Rows:
    """Made after BEGIN IMMEDIATE, because the numbers it gives must stay free; `write` before COMMIT.

    `scanner` reads the files for the horizon of this moment; `hrefs` are the files that it is for, of the calendar of
    this number and id.
    """

    def __init__(
        self, db: sqlite3.Connection, scanner: Scanner, calendar: tuple[int, str], hrefs: Sequence[str]
    ) -> None:
        self._db = db
        self.scanner = scanner
        self._calendar, self._identity = calendar
        self._object = db.execute("SELECT COALESCE(MAX(n), 0) FROM object").fetchone()[0]
        self._item = db.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name='item'").fetchone()[0]
        self._eids: set[str] = set()
        """Ids of the events that were gathered."""
        self._objects: list[tuple[Any, ...]] = []
        self._items: list[tuple[object, ...]] = []
        self._words: list[tuple[object, ...]] = []
        self._occurrences: list[tuple[object, ...]] = []

        self._before: dict[str, list[tuple[int, Stat, int, str]]] = {}
        self._taken: set[str] = set()
        """Ids of the events in these files, as long as they are not read again."""
        query = "SELECT href, n, mtime, size, inode, racy, eid FROM object WHERE cal=? AND href IN"
        for start in range(0, len(hrefs), _AT_ONCE):
            some = hrefs[start : start + _AT_ONCE]
            for href, number, *stat, racy, eid in db.execute(
                f"{query} ({','.join('?' * len(some))})", (self._calendar, *some)
            ):
                self._before.setdefault(href, []).append((number, (stat[0], stat[1], stat[2]), racy, eid))
                self._taken.add(eid)

    def free(self, href: str) -> list[int]:
        """Numbers of the objects that stood in a file before, for taking them away: their ids are free from now on."""
        before = self._before.get(href, ())
        self._taken.difference_update(eid for _number, _stat, _racy, eid in before)
        return [number for number, _stat, _racy, _eid in before]

    def knows(self, href: str, stat: Stat | None) -> bool:
        """Whether a file was read already as it is, at a time that can be trusted."""
        return any(known == stat and not racy for _number, known, racy, _eid in self._before.get(href, ()))

    def add_object(self, href: str, uid: str, row: tuple[object, ...]) -> int:
        """A file in which no event could be read (no UID), or an event of a file; its number.

        The row is the table's from the file's time on.
        """
        self._object += 1
        eid = ""
        if uid:
            eid = entry_id(self._identity, uid)
            if eid in self._eids or eid in self._taken:
                eid = self._in_two_files(uid, href)
            self._eids.add(eid)
        self._objects.append((self._object, self._calendar, href, uid, eid, *row))
        return int(self._object)

    def _in_two_files(self, uid: str, href: str) -> str:
        """The id of an event that is in another file, too."""
        return entry_id(self._identity, f"{uid}\0{href}")

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
        if there := self._there_already():
            self._objects = [
                (number, calendar, href, uid, self._in_two_files(uid, href) if eid in there else eid, *row)
                for number, calendar, href, uid, eid, *row in self._objects
            ]
        self._eids.clear()
        for statement, rows in (
            (_OBJECT, self._objects), (_ITEM, self._items), (_WORDS, self._words), (_OCCURRENCE, self._occurrences),
        ):  # fmt: skip
            if rows:
                self._db.executemany(statement.format(", ?" * (len(rows[0]) - 1)), rows)
                rows.clear()

    def _there_already(self) -> set[str]:
        """Those of the ids that the index has."""
        eids = list(self._eids)
        found: set[str] = set()
        for start in range(0, len(eids), _AT_ONCE):
            some = eids[start : start + _AT_ONCE]
            query = f"SELECT eid FROM object WHERE eid IN ({','.join('?' * len(some))})"  # noqa: S608 - only marks
            found.update(eid for (eid,) in self._db.execute(query, some))
        return found


def entry_id(calendar_id: str, uid: str) -> str:
    """The part of an entry's id that names the event."""
    return blake2s(f"{calendar_id}\0{uid}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def spaced(text: str) -> str:
    """Text for the word index: Chinese and Japanese characters, Hangul too, each stand as a word of their own."""
    if text.isascii():
        return text
    for sign in set(text):
        if "\u2e80" <= sign <= "\uffdc" or sign >= "\U00020000":
            text = text.replace(sign, f" {sign} ")
    return text
