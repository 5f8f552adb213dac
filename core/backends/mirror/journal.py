"""What must survive a power cut about a server account: how far each calendar is read, and the writes that wait.

A write goes `writing → prepared → sending →` confirmed (its row is gone then), `failed` or `conflict`. A row that is
found in `sending` by whoever holds the account's lock was cut off: nobody knows whether it arrived, so one looks first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from core.ports.servers import RemoteRef, WriteState
from core.services.private_database import PrivateDatabase
from core.values import dataclass

_SCHEMA = """
CREATE TABLE account (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    refreshed TEXT NOT NULL DEFAULT '',
    tried TEXT NOT NULL DEFAULT '',
    problem TEXT NOT NULL DEFAULT '',
    hint TEXT NOT NULL DEFAULT ''
);
INSERT INTO account (one) VALUES (1);
CREATE TABLE calendar (
    slug TEXT PRIMARY KEY,
    remote TEXT NOT NULL UNIQUE,
    token TEXT NOT NULL DEFAULT '',
    whole INTEGER NOT NULL DEFAULT 0,
    windowed INTEGER NOT NULL DEFAULT 0,
    opened INTEGER NOT NULL DEFAULT 0,
    refreshed TEXT NOT NULL DEFAULT '',
    problem TEXT NOT NULL DEFAULT ''
);
CREATE TABLE object (
    slug TEXT NOT NULL REFERENCES calendar (slug) ON DELETE CASCADE ON UPDATE CASCADE,
    remote TEXT NOT NULL,
    uid TEXT NOT NULL,
    etag TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (slug, remote)
);
CREATE UNIQUE INDEX object_uid ON object (slug, uid);
CREATE TABLE write (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    slug TEXT NOT NULL,
    uid TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    before BLOB,
    after BLOB,
    theirs BLOB,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    hint TEXT NOT NULL DEFAULT '',
    created TEXT NOT NULL
)
"""


OPEN = (WriteState.PREPARED, WriteState.SENDING)


@dataclass(frozen=True, slots=True)
class Write:
    """One queued change. `before` and `after` are .ics bytes; None: was not there, or shall be gone."""

    number: int
    slug: str
    uid: str
    title: str
    key: str
    state: WriteState
    before: bytes | None
    after: bytes | None
    theirs: bytes | None
    attempts: int
    next_try: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class MirroredCalendar:
    """How far one calendar is read. `opened`: the person opened somebody else's."""

    slug: str
    remote: str
    token: str
    whole: bool
    windowed: bool
    opened: bool
    refreshed: datetime | None
    problem: str


@dataclass(frozen=True, slots=True)
class AccountNote:
    """When the server last answered and when it was last asked, and why it did not answer the last time."""

    refreshed: datetime | None = None
    tried: datetime | None = None
    problem: str = ""
    hint: str = ""


_CALENDAR = "slug, remote, token, whole, windowed, opened, refreshed, problem"
_WRITE = "number, slug, uid, title, key, state, before, after, theirs, attempts, next_try, reason, hint"


class MirrorJournal:
    """The SQLite file of one account. All methods block: call them in a thread. All raise StorageError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = PrivateDatabase(path, _SCHEMA)

    # the account -----------------------------------------------------------------------------------------

    def note(self) -> AccountNote:
        """How the server did the last time."""
        with self._database.reading() as db:
            row = db.execute("SELECT refreshed, tried, problem, hint FROM account").fetchone() if db else None
            return AccountNote(_time(row[0]), _time(row[1]), row[2], row[3]) if row else AccountNote()

    def answered(self, when: datetime) -> None:
        """The server answered."""
        with self._database.transaction() as db:
            db.execute("UPDATE account SET refreshed=?, tried=?, problem='', hint=''", (_text(when),) * 2)

    def failed(self, when: datetime, problem: str, hint: str) -> None:
        """It did not, and why."""
        with self._database.transaction() as db:
            db.execute("UPDATE account SET tried=?, problem=?, hint=?", (_text(when), problem, hint))

    # calendars -------------------------------------------------------------------------------------------

    def calendars(self) -> list[MirroredCalendar]:
        """Those that are mirrored."""
        with self._database.reading() as db:
            rows = db.execute(f"SELECT {_CALENDAR} FROM calendar ORDER BY rowid").fetchall() if db else []  # noqa: S608
            return [_calendar(row) for row in rows]

    def add_calendar(self, slug: str, remote: str, *, windowed: bool, opened: bool) -> None:
        """Note a calendar that has a folder now; the same again changes nothing but what is said of it."""
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO calendar (slug, remote, windowed, opened) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (remote) DO UPDATE SET windowed=excluded.windowed",
                (slug, remote, windowed, opened),
            )

    def forget_calendar(self, slug: str) -> list[Write]:
        """It is gone; the writes that were still queued for it are taken out and returned."""
        with self._database.transaction() as db:
            rows = db.execute(f"SELECT {_WRITE} FROM write WHERE slug=?", (slug,)).fetchall()  # noqa: S608
            db.execute("DELETE FROM write WHERE slug=?", (slug,))
            db.execute("DELETE FROM calendar WHERE slug=?", (slug,))
        return [_write(row) for row in rows]

    def refreshed(self, slugs: Iterable[str], when: datetime) -> None:
        """These calendars were read."""
        with self._database.transaction() as db:
            db.executemany("UPDATE calendar SET refreshed=? WHERE slug=?", [(_text(when), slug) for slug in slugs])

    def note_problem(self, slug: str, problem: str) -> None:
        """What is wrong with one calendar; empty: nothing any more."""
        with self._database.transaction() as db:
            db.execute("UPDATE calendar SET problem=? WHERE slug=?", (problem, slug))

    def stale(self, slug: str) -> None:
        """Read it whole again the next time: nothing that was asked with the old token counts."""
        with self._database.transaction() as db:
            db.execute("UPDATE calendar SET token='' WHERE slug=?", (slug,))

    # objects ---------------------------------------------------------------------------------------------

    def refs(self, slug: str) -> dict[str, tuple[str, str]]:
        """UID and etag by the server's id."""
        with self._database.reading() as db:
            rows = db.execute("SELECT remote, uid, etag FROM object WHERE slug=?", (slug,)).fetchall() if db else []
            return {row["remote"]: (row["uid"], row["etag"]) for row in rows}

    def ref(self, slug: str, uid: str) -> RemoteRef | None:
        """Where an object is on the server, in the version that is known here."""
        with self._database.reading() as db:
            query = "SELECT remote, etag FROM object WHERE slug=? AND uid=?"
            row = db.execute(query, (slug, uid)).fetchone() if db else None
            return RemoteRef(row["remote"], row["etag"]) if row else None

    def begin_listing(self, slug: str) -> None:
        """A listing of everything begins: nothing has been seen yet."""
        with self._database.transaction() as db:
            db.execute("UPDATE object SET seen=0 WHERE slug=?", (slug,))

    def stored(
        self,
        slug: str,
        known: Mapping[str, RemoteRef],
        gone: Iterable[str] = (),
        *,
        seen: Iterable[str] = (),
        token: str | None = None,
        whole: bool | None = None,
    ) -> None:
        """What a page said is stored: refs by UID, ids that are gone, ids that were named, and the next token."""
        with self._database.transaction() as db:
            db.executemany("DELETE FROM object WHERE slug=? AND remote=?", [(slug, one) for one in gone])
            for uid, ref in known.items():
                _put_ref(db, slug, uid, ref)
            db.executemany("UPDATE object SET seen=1 WHERE slug=? AND remote=?", [(slug, one) for one in seen])
            if token is not None:
                db.execute("UPDATE calendar SET token=? WHERE slug=?", (token, slug))
            if whole is not None:
                db.execute("UPDATE calendar SET whole=? WHERE slug=?", (whole, slug))

    def unseen(self, slug: str) -> tuple[list[tuple[str, str]], int]:
        """(Id, UID) of what a listing of everything did not name, and how many objects are known."""
        with self._database.reading() as db:
            if db is None:
                return [], 0
            rows = db.execute("SELECT remote, uid FROM object WHERE slug=? AND seen=0", (slug,)).fetchall()
            total = db.execute("SELECT COUNT(*) FROM object WHERE slug=?", (slug,)).fetchone()[0]
            return [(row["remote"], row["uid"]) for row in rows], int(total)

    # writes ----------------------------------------------------------------------------------------------

    def writes(self, states: Sequence[WriteState] = (), slug: str = "") -> list[Write]:
        """Queued writes, the oldest first: all, or those in these states, or of one calendar."""
        with self._database.reading() as db:
            rows = db.execute(f"SELECT {_WRITE} FROM write ORDER BY number").fetchall() if db else []  # noqa: S608
            found = [_write(row) for row in rows]
            return [one for one in found if (not states or one.state in states) and (not slug or one.slug == slug)]

    def write(self, number: int) -> Write | None:
        """One of them; None when it is confirmed or dropped."""
        with self._database.reading() as db:
            query = f"SELECT {_WRITE} FROM write WHERE number=?"  # noqa: S608
            row = db.execute(query, (number,)).fetchone() if db else None
            return _write(row) if row else None

    def begin(self, write: Write, when: datetime) -> int:
        """Note a change before the local file is touched; its number."""
        with self._database.transaction() as db:
            cursor = db.execute(
                "INSERT INTO write (slug, uid, title, key, state, before, after, created) VALUES (?,?,?,?,?,?,?,?)",
                (write.slug, write.uid, write.title, write.key, "writing", write.before, write.after, _text(when)),
            )
        return int(cursor.lastrowid or 0)

    def prepared(self, number: int) -> None:
        """The local file is stored: the change is due. One that was not tried yet takes the newer one in."""
        with self._database.transaction() as db:
            found = db.execute(f"SELECT {_WRITE} FROM write WHERE number=?", (number,)).fetchone()  # noqa: S608
            if found is None:  # its calendar was taken away meanwhile
                return
            row = _write(found)
            older = db.execute(
                f"SELECT {_WRITE} FROM write WHERE slug=? AND uid=? AND number<? ORDER BY number DESC LIMIT 1",  # noqa: S608
                (row.slug, row.uid, number),
            ).fetchone()
            earlier = _write(older) if older else None
            if earlier is None or not _takes_in(earlier):
                db.execute("UPDATE write SET state='prepared' WHERE number=?", (number,))
                return
            db.execute("DELETE FROM write WHERE number=?", (number,))
            if earlier.before is None and row.after is None:  # made and deleted before anybody was told
                db.execute("DELETE FROM write WHERE number=?", (earlier.number,))
            else:
                db.execute(
                    "UPDATE write SET after=?, title=?, state='prepared', next_try='' WHERE number=?",
                    (row.after, row.title, earlier.number),
                )

    def drop(self, number: int) -> None:
        """Forget a write: it never took place, or the person gave it up."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM write WHERE number=?", (number,))

    def sending(self, number: int) -> Write | None:
        """From now on nobody knows whether it arrived, until the server says so, and nothing is taken in any more.

        The write as it was; None where it is none of those that may leave, as a newer one took it away.
        """
        with self._database.transaction() as db:
            row = db.execute(f"SELECT {_WRITE} FROM write WHERE number=?", (number,)).fetchone()  # noqa: S608
            write = _write(row) if row else None
            if write is None or write.state not in OPEN:
                return None
            db.execute("UPDATE write SET state='sending', attempts=attempts+1 WHERE number=?", (number,))
        return write

    def confirmed(self, write: Write, ref: RemoteRef | None) -> None:
        """The server has it, at this place and version; None: it is gone there."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM write WHERE number=?", (write.number,))
            if ref is None:
                db.execute("DELETE FROM object WHERE slug=? AND uid=?", (write.slug, write.uid))
            else:
                _put_ref(db, write.slug, write.uid, ref)

    def put_off(self, number: int, state: WriteState, *, reason: str, hint: str, next_try: datetime | None) -> None:
        """It did not arrive, or nobody knows (`state` then stays SENDING): why, and when to try again.

        One that the server refuses for good takes in what was changed after it: that was made on top of it.
        """
        with self._database.transaction() as db:
            if state is WriteState.FAILED:
                _fold_later(db, number)
            db.execute(
                "UPDATE write SET state=?, reason=?, hint=?, next_try=? WHERE number=?",
                (state.value, reason, hint, _text(next_try) if next_try else "", number),
            )

    def conflict(self, write: Write, theirs: bytes | None, ref: RemoteRef | None, reason: str) -> None:
        """Somebody else was quicker: both versions are here until the person has chosen. Later writes go along."""
        with self._database.transaction() as db:
            _fold_later(db, write.number)
            db.execute(
                "UPDATE write SET state='conflict', theirs=?, reason=? WHERE number=?", (theirs, reason, write.number)
            )
            if ref is None:
                db.execute("DELETE FROM object WHERE slug=? AND uid=?", (write.slug, write.uid))
            else:
                _put_ref(db, write.slug, write.uid, ref)


def _fold_later(db: sqlite3.Connection, number: int) -> None:
    """The last of the writes of one object that were queued from this one on stands for all of them."""
    slug, uid = db.execute("SELECT slug, uid FROM write WHERE number=?", (number,)).fetchone()
    same = "slug=? AND uid=? AND number>=? AND state IN ('prepared', 'sending', 'failed')"
    last = db.execute(
        f"SELECT after, title FROM write WHERE {same} ORDER BY number DESC LIMIT 1",  # noqa: S608
        (slug, uid, number),
    ).fetchone()
    db.execute("UPDATE write SET after=?, title=? WHERE number=?", (last["after"], last["title"], number))
    db.execute(f"DELETE FROM write WHERE {same} AND number<>?", (slug, uid, number, number))  # noqa: S608


def _put_ref(db: sqlite3.Connection, slug: str, uid: str, ref: RemoteRef) -> None:
    db.execute("DELETE FROM object WHERE slug=? AND uid=? AND remote<>?", (slug, uid, ref.id))
    db.execute(
        "INSERT INTO object (slug, remote, uid, etag, seen) VALUES (?,?,?,?,1)"
        " ON CONFLICT (slug, remote) DO UPDATE SET uid=excluded.uid, etag=excluded.etag, seen=1",
        (slug, ref.id, uid, ref.etag),
    )


def _takes_in(earlier: Write) -> bool:
    return earlier.state is WriteState.PREPARED or earlier.state is WriteState.FAILED


def _calendar(row: sqlite3.Row) -> MirroredCalendar:
    slug, remote, token, whole, windowed, opened, refreshed, problem = row
    return MirroredCalendar(slug, remote, token, bool(whole), bool(windowed), bool(opened), _time(refreshed), problem)


def _write(row: sqlite3.Row) -> Write:
    number, slug, uid, title, key, state, *rest = row
    return Write(number, slug, uid, title, key, WriteState(state), *rest)


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(when: datetime) -> str:
    return when.isoformat()
