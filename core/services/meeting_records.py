"""What was said about meetings, durably: what people were told last, and what was taken in from whom.

Without it nobody could know what has to be told after a change, which answer is old, or which message was taken in.
SQLite, 0600, synchronous FULL.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.calendar.event import CalendarObject, Moment
from core.index.exact import rid_text
from core.services.edit_writer import content, object_of
from core.services.private_database import PrivateDatabase
from core.sharing.itip_incoming import Version
from core.values import dataclass

_SCHEMA = """
CREATE TABLE told (
    uid TEXT PRIMARY KEY,
    calendar TEXT NOT NULL,
    revision INTEGER NOT NULL,
    content BLOB
);
CREATE TABLE asked (
    uid TEXT NOT NULL,
    instance TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (uid, instance)
);
CREATE TABLE seen (
    uid TEXT NOT NULL,
    instance TEXT NOT NULL,
    address TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    stamp TEXT NOT NULL,
    PRIMARY KEY (uid, instance, address)
);
CREATE TABLE taken (
    message TEXT PRIMARY KEY
)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One meeting of one's own: the calendar it was last in, and what people were told (None: nothing yet)."""

    uid: str
    calendar: str
    revision: int
    content: CalendarObject | None


class MeetingRecords:
    """The file; every call blocks."""

    def __init__(self, path: Path) -> None:
        self._database = PrivateDatabase(path, _SCHEMA)

    def told(self, uid: str) -> Told | None:
        """What people were told of a meeting; None when it is not looked after."""
        return next(iter(self._told("WHERE uid = ?", (uid,))), None)

    def all_told(self) -> list[Told]:
        """Every meeting that is looked after."""
        return self._told("ORDER BY rowid", ())

    def _told(self, where: str, values: tuple[str, ...]) -> list[Told]:
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT * FROM told {where}", values).fetchall() if connection else []  # noqa: S608
            return [
                Told(
                    row["uid"], row["calendar"], row["revision"], object_of(row["content"]) if row["content"] else None
                )
                for row in rows
            ]

    def watch(self, uid: str, calendar: str, before: CalendarObject | None) -> None:
        """Begin to look after a meeting; what is known already stays, but for its calendar."""
        data = content(before) if before is not None else None
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO told (uid, calendar, revision, content) VALUES (?, ?, 0, ?)"
                " ON CONFLICT (uid) DO UPDATE SET calendar = excluded.calendar",
                (uid, calendar, data),
            )

    def tell(self, was: Told, now: CalendarObject | None, asked: Sequence[tuple[Moment | None, int]]) -> None:
        """People were told this; None: it is cancelled, and not looked after any more."""
        with self._database.transaction() as connection:
            if now is None:
                for table in ("told", "asked"):
                    connection.execute(f"DELETE FROM {table} WHERE uid = ?", (was.uid,))  # noqa: S608
                return
            connection.execute(
                "UPDATE told SET revision = revision + 1, content = ? WHERE uid = ?", (content(now), was.uid)
            )
            connection.executemany(
                "INSERT OR REPLACE INTO asked (uid, instance, sequence) VALUES (?, ?, ?)",
                [(was.uid, rid_text(instance), sequence) for instance, sequence in asked],
            )

    def asked(self, uid: str, instance: Moment | None) -> int | None:
        """The SEQUENCE with which people were asked for their answer to the series, or to an instance."""
        query = "SELECT sequence FROM asked WHERE uid = ? AND instance = ?"
        with self._database.reading() as connection:
            row = connection.execute(query, (uid, rid_text(instance))).fetchone() if connection else None
            return int(row["sequence"]) if row else None

    def seen(self, uid: str, address: str, instance: Moment | None) -> Version | None:
        """The version that was last taken in from somebody."""
        query = "SELECT sequence, stamp FROM seen WHERE uid = ? AND address = ? AND instance = ?"
        with self._database.reading() as connection:
            row = connection.execute(query, (uid, address, rid_text(instance))).fetchone() if connection else None
            return Version(row["sequence"], datetime.fromisoformat(row["stamp"])) if row else None

    def take_in(self, uid: str, taken: Sequence[tuple[str, Moment | None, Version]]) -> None:
        """Remember what was taken in: address, instance, version."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO seen (uid, instance, address, sequence, stamp) VALUES (?, ?, ?, ?, ?)",
                [
                    (uid, rid_text(at), address, version.sequence, version.stamp.astimezone(UTC).isoformat())
                    for address, at, version in taken
                ],
            )

    def done(self) -> set[str]:
        """Messages (ids of the inbox) that were taken in or found to change nothing."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT message FROM taken").fetchall() if connection else []
            return {row["message"] for row in rows}

    def is_done(self, message: str) -> None:
        """This message needs no second look."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO taken (message) VALUES (?)", (message,))
