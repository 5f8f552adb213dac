"""The index file: one SQLite database in the cache, made anew whenever it is missing, damaged or of another version.

Nothing in it is the only copy of anything. Standard library only, and light: reading commands open it directly.

Times: a timed occurrence is kept in seconds since 1970 in UTC; an all-day or floating one in seconds since 1970 as if
its wall clock were UTC, and its `kind` is odd. So the index does not depend on the zone of whoever looks.

`kind` also holds a class of length (see SPANS), so that a range query reads a bounded stretch of each class however
many events are stored: an occurrence of class c that touches [a, b) starts in [a - SPANS[c], b).
"""

from __future__ import annotations

import os
import sqlite3

from core.private import make_private_folder

VERSION = 2
DAY = 86_400
CACHE, BUILDING = 8 * 1024, 64 * 1024
"""KiB of the file that SQLite keeps in memory: always, and while a large calendar is read in."""
SPANS = (DAY, 8 * DAY, 64 * DAY, 4096 * DAY, 1 << 40)
"""The longest occurrence, in seconds, of each class; the last class has no bound."""

PRIVATE, CANCELLED, ALL_DAY, RECURRING, ENDLESS, REMINDS, REMINDS_FAR = 1, 2, 4, 8, 16, 32, 64
"""Bits of `item.flags`. REMINDS: there is a reminder; REMINDS_FAR: one that does not ring, once, in the day before."""

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE root (position INTEGER PRIMARY KEY, account TEXT NOT NULL, pattern TEXT NOT NULL);
CREATE TABLE calendar (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL,
  colour TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT 'local', owner TEXT NOT NULL DEFAULT '',
  level TEXT NOT NULL DEFAULT 'full', events INTEGER NOT NULL DEFAULT 0, looked INTEGER NOT NULL DEFAULT 0,
  folder INTEGER NOT NULL DEFAULT -1, files INTEGER NOT NULL DEFAULT 0, facts TEXT NOT NULL DEFAULT '',
  stamp TEXT NOT NULL DEFAULT '', problem TEXT NOT NULL DEFAULT '', position INTEGER NOT NULL DEFAULT 0);
CREATE TABLE object (
  n INTEGER PRIMARY KEY, cal INTEGER NOT NULL, href TEXT NOT NULL, uid TEXT NOT NULL, eid TEXT NOT NULL,
  mtime INTEGER NOT NULL, size INTEGER NOT NULL, inode INTEGER NOT NULL, racy INTEGER NOT NULL DEFAULT 0,
  first INTEGER, last INTEGER, problem TEXT NOT NULL DEFAULT '');
CREATE INDEX object_href ON object (cal, href);
CREATE INDEX object_uid ON object (cal, uid);
CREATE INDEX object_eid ON object (eid);
CREATE INDEX object_series ON object (last) WHERE first IS NOT NULL;
CREATE TABLE item (
  n INTEGER PRIMARY KEY AUTOINCREMENT, object INTEGER NOT NULL, title TEXT NOT NULL, place TEXT NOT NULL,
  status INTEGER NOT NULL, flags INTEGER NOT NULL, zone TEXT NOT NULL, organizer TEXT NOT NULL,
  attendees TEXT NOT NULL, kind INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, rid TEXT NOT NULL);
CREATE INDEX item_object ON item (object);
CREATE TABLE occurrence (
  kind INTEGER NOT NULL, start INTEGER NOT NULL, item INTEGER NOT NULL, rid TEXT NOT NULL, end INTEGER NOT NULL,
  PRIMARY KEY (kind, start, item, rid)) WITHOUT ROWID;
CREATE INDEX occurrence_item ON occurrence (item);
CREATE VIRTUAL TABLE words USING fts5 (
  title, place, people, notes, content='', detail='full', tokenize='unicode61 remove_diacritics 2');
"""


class IndexUnusable(Exception):
    """The file is missing, damaged or of another version: whoever may write makes it anew."""


def open_for_reading(path: str) -> sqlite3.Connection:
    """Open what is there. Raises IndexUnusable when it has to be made first."""
    if not os.path.exists(path):
        raise IndexUnusable(path)
    db = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    try:
        if db.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            return db
    except (sqlite3.DatabaseError, ValueError) as error:
        db.close()
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            raise
        raise IndexUnusable(path) from error
    db.close()
    raise IndexUnusable(path)


def open_for_writing(path: str) -> sqlite3.Connection:
    """Open the index, making folder (0700) and file (0600) where they are not, replacing what cannot be used."""
    if path == ":memory:":
        return _prepared(sqlite3.connect(path, isolation_level=None, check_same_thread=False))
    make_private_folder(os.path.dirname(path))
    try:
        return _writable(open_for_reading(path))
    except IndexUnusable:
        remove(path)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    os.close(descriptor)
    return _prepared(sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False))


def is_nonsense(error: ValueError) -> bool:
    """Whether a damaged index is behind it: SQLite cannot quote its schema in words, or a path in it has a NUL."""
    return isinstance(error, UnicodeDecodeError) or "null byte" in str(error)


def has_misplaced_values(db: sqlite3.Connection) -> bool:
    """Whether a column holds a value of another kind: SQLite does not mind, whoever computes with it does."""
    fits = {"INTEGER": "('integer', 'null')", "TEXT": "('text', 'null')"}
    for table in ("meta", "root", "calendar", "object", "item", "occurrence"):
        columns = db.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall()
        wrong = " OR ".join(f"typeof({name}) NOT IN {fits[kind]}" for name, kind in columns if kind in fits)
        if wrong and db.execute(f"SELECT 1 FROM {table} WHERE {wrong} LIMIT 1").fetchone():  # noqa: S608 - own names
            return True
    return False


def remove(path: str) -> None:
    """Take the index away, with what SQLite keeps beside it."""
    for name in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal"):
        try:
            os.unlink(name)
        except FileNotFoundError:
            continue


def _writable(db: sqlite3.Connection) -> sqlite3.Connection:
    db.execute("PRAGMA busy_timeout=30000")
    db.execute("PRAGMA synchronous=OFF")  # a cache: a power cut may cost the index, never a calendar
    db.execute(f"PRAGMA cache_size=-{CACHE}")
    db.execute("PRAGMA temp_store=MEMORY")
    return db


def _prepared(db: sqlite3.Connection) -> sqlite3.Connection:
    _writable(db)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("BEGIN IMMEDIATE")
    if db.execute("PRAGMA user_version").fetchone()[0] != VERSION:  # another process may have been quicker
        for statement in _SCHEMA.split(";\n"):
            if statement.strip():
                db.execute(statement)
        db.execute(f"PRAGMA user_version={VERSION}")
    db.execute("COMMIT")
    return db


def keep_in_memory(db: sqlite3.Connection, kib: int) -> None:
    """How much of the file SQLite may keep; what is more than that now is given back."""
    db.execute(f"PRAGMA cache_size=-{kib}")
    db.execute("PRAGMA shrink_memory")


def meta(db: sqlite3.Connection, key: str) -> str:
    """A remembered value; empty when there is none."""
    row = db.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
    return str(row[0]) if row else ""


def set_meta(db: sqlite3.Connection, key: str, value: str) -> None:
    """Remember a value."""
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def kind_of(seconds: int, local: bool) -> int:
    """The `kind` of an occurrence of that length."""
    group = 0
    while seconds > SPANS[group]:
        group += 1
    return 2 * group + local
