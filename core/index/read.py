"""Reading the index: synchronous, SQLite and nothing else, for the commands that must answer at once.

An occurrence is a tuple; its places are named here (START and so on). Times are as `database.py` says: seconds since
1970, in UTC when LOCAL is 0, else of the wall clock.
"""

from __future__ import annotations

import sqlite3

from core.index.database import DAY, ENDLESS, SPANS, meta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    Row = tuple[Any, ...]
    Bounds = tuple[int, int, int, int]

START, END, LOCAL, RID, TITLE, PLACE, STATUS, FLAGS, ZONE, ORGANIZER, ATTENDEES, UID, EID, CALENDAR, OBJECT = range(15)

_COLUMNS = (
    "o.start, o.end, o.kind & 1, o.rid, i.title, i.place, i.status, i.flags, i.zone, i.organizer, i.attendees,"
    " b.uid, b.eid, b.cal, b.n"
)
_THERE = (
    "FROM occurrence o CROSS JOIN item i ON i.n=o.item JOIN object b ON b.n=i.object "
    "WHERE o.kind=? AND o.start>=? AND o.start<? AND (o.end>? OR (o.end=o.start AND o.start>=?))"
)
_TOUCHING = f"SELECT {_COLUMNS} {_THERE}"
_FLAGGED = f"SELECT b.n, b.cal {_THERE} AND i.flags & ?"
_ONE = f"SELECT 1 {_THERE} AND b.cal IN (%s) ORDER BY o.start DESC LIMIT 1"
_TIMES = f"SELECT o.start, o.end, o.kind & 1, i.status, i.flags {_THERE} AND b.cal IN (%s)"
_OWN = _COLUMNS.replace("o.", "i.")

CALENDAR_COLUMNS = "n, id, name, account, kind, owner, events, level, looked, colour, path, facts, problem"
LONG = 4000 * DAY
"""A span beyond this is a whole calendar: endless series are then shown as far as `endless_until`, no further."""


def calendars(db: sqlite3.Connection) -> list[tuple[int, str, str, str, str, str, int, str, int, str, str, str, str]]:
    """All calendars in the order of the screen, as CALENDAR_COLUMNS says."""
    return db.execute(f"SELECT {CALENDAR_COLUMNS} FROM calendar ORDER BY position, n").fetchall()  # noqa: S608


def horizon(db: sqlite3.Connection) -> tuple[int, int]:
    """Where series are kept expanded; (0, 0) while nothing is indexed."""
    low, _space, high = meta(db, "horizon").partition(" ")
    return (int(low), int(high)) if low else (0, 0)


def occurrences(db: sqlite3.Connection, chosen: Iterable[int], bounds: Bounds) -> list[Row]:
    """Stored occurrences that touch a span, in no order.

    `bounds` is the span twice: its first and last second in UTC, and those of the wall clock, ends excluded.
    What it costs depends on what lies in the span and not on what is stored.
    """
    wanted = set(chosen)
    rows: list[Row] = []
    for group, longest in enumerate(SPANS):
        for local in (0, 1):
            low, high = bounds[2 * local], bounds[2 * local + 1]
            rows += db.execute(_TOUCHING, (2 * group + local, low - longest, high, low, low)).fetchall()
    return [row for row in rows if row[CALENDAR] in wanted]


def times(db: sqlite3.Connection, chosen: Iterable[int], bounds: Bounds) -> Iterator[tuple[int, int, int, int, int]]:
    """Start, end, LOCAL, status and flags of each stored occurrence that touches a span: for a year, row by row."""
    wanted = tuple(chosen)
    query = _TIMES % ",".join("?" * len(wanted))
    for kind in range(2 * len(SPANS)):
        low, high = bounds[2 * (kind & 1)], bounds[2 * (kind & 1) + 1]
        yield from db.execute(query, (kind, low - SPANS[kind >> 1], high, low, low, *wanted))


def touched(db: sqlite3.Connection, chosen: Iterable[int], spans: Sequence[Bounds]) -> list[bool]:
    """Whether a stored occurrence touches each of these spans. Reading ends at the first that does."""
    if not spans:
        return []
    wanted = tuple(chosen)
    query = _ONE % ",".join("?" * len(wanted))
    kinds = [kind for kind in range(2 * len(SPANS)) if _holds(db, kind, spans)]

    def there(bounds: Bounds) -> bool:
        for kind in kinds:
            low, high = bounds[2 * (kind & 1)], bounds[2 * (kind & 1) + 1]
            values = (kind, low - SPANS[kind >> 1], high, low, low, *wanted)
            if db.execute(query, values).fetchone() is not None:
                return True
        return False

    return [there(bounds) for bounds in spans]


def _holds(db: sqlite3.Connection, kind: int, spans: Sequence[Bounds]) -> bool:
    """Whether any occurrence of this kind begins where it could touch one of the spans."""
    low, high = min(map(min, spans)) - SPANS[kind >> 1], max(map(max, spans))
    query = "SELECT 1 FROM occurrence WHERE kind=? AND start>=? AND start<? LIMIT 1"
    return db.execute(query, (kind, low, high)).fetchone() is not None


def objects_flagged(db: sqlite3.Connection, chosen: Iterable[int], bounds: Bounds, flag: int) -> set[int]:
    """Numbers of the objects of which an occurrence with this flag touches the span."""
    wanted, found = set(chosen), set()
    for group, longest in enumerate(SPANS):
        for local in (0, 1):
            low, high = bounds[2 * local], bounds[2 * local + 1]
            values = (2 * group + local, low - longest, high, low, low, flag)
            found |= {number for number, calendar in db.execute(_FLAGGED, values) if calendar in wanted}
    return found


def without_far_ends(rows: list[Row], until: int) -> list[Row]:
    """For a whole calendar: endless series up to that second only, whatever happens to be expanded."""
    return [row for row in rows if not row[FLAGS] & ENDLESS or row[START] < until]


def query_of(words: Sequence[str]) -> str:
    """The FTS5 query in which every word stands, each as the beginning of a word in the text."""
    from core.index.rows import spaced

    terms = [" ".join(spaced(word).split()).replace('"', " ") for word in words]
    return " AND ".join(f'"{term}"*' for term in terms if any(map(str.isalnum, term)))


def search(db: sqlite3.Connection, words: Sequence[str], chosen: Iterable[int], now: int) -> list[Row]:
    """Events in which every word stands (title, place, people, text): each once, at its occurrence nearest to now.

    Nearest first. A series that has none inside the horizon is shown at its first instance.
    """
    query, wanted = query_of(words), set(chosen)
    if not query:
        return []
    best: dict[int, tuple[int, Row]] = {}
    hits = db.execute(
        f"SELECT i.kind & 1, {_OWN}, i.n FROM words w CROSS JOIN item i ON i.n=w.rowid JOIN object b ON b.n=i.object "  # noqa: S608
        "WHERE words MATCH ?".replace("words w", "words AS w"),
        (query,),
    )
    for hit in hits.fetchall():
        row = _nearest(db, hit[1:-1], hit[-1], now)
        if row[CALENDAR] in wanted and (row[OBJECT] not in best or abs(row[START] - now) < best[row[OBJECT]][0]):
            best[row[OBJECT]] = (abs(row[START] - now), row)
    return [row for _distance, row in sorted(best.values(), key=lambda pair: (pair[0], pair[1][TITLE]))]


def _nearest(db: sqlite3.Connection, own: Row, item: int, now: int) -> Row:
    if not own[RID]:
        return own
    found = db.execute(
        "SELECT start, end, kind & 1, rid FROM occurrence WHERE item=? ORDER BY ABS(start - ?) LIMIT 1", (item, now)
    ).fetchone()
    return own if found is None else (*found, *own[4:])


def objects_touching(db: sqlite3.Connection, chosen: Iterable[int], bounds: Bounds) -> list[int]:
    """Numbers of the objects with a stored occurrence in the span."""
    return sorted({row[OBJECT] for row in occurrences(db, chosen, bounds)})


def files_of(db: sqlite3.Connection, numbers: Iterable[int]) -> list[Row]:
    """Where objects lie and what their files were when read: (folder, href, mtime, size, inode, calendar, uid)."""
    wanted = list(numbers)
    found: list[Row] = []
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        found += db.execute(
            "SELECT c.path, b.href, b.mtime, b.size, b.inode, b.cal, b.uid FROM object b "  # noqa: S608 - marks only
            f"JOIN calendar c ON c.n=b.cal WHERE b.n IN ({','.join('?' * len(some))}) ORDER BY b.n",
            some,
        ).fetchall()
    return found


def object_by_id(db: sqlite3.Connection, eid: str) -> tuple[int, int, str] | None:
    """Object number, calendar number and UID behind the event part of an entry's id."""
    row: tuple[int, int, str] | None = db.execute("SELECT n, cal, uid FROM object WHERE eid=?", (eid,)).fetchone()
    return row
