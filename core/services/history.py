"""The history of changes: each is written down, with the bytes before and after, before a calendar is touched.

So everything can be undone and done again, also by a later run of the program, and a change that a crash cut in two
is found and made whole. SQLite, 0600, synchronous FULL.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from core.errors import StorageError
from core.json_text import read_json
from core.language import N_, _
from core.services.private_database import PrivateDatabase
from core.values import dataclass

KEPT = 1000
"""How many changes are remembered; older ones can no longer be undone."""
KEPT_BYTES = 64 * 2**20
"""How many bytes of events before and after are remembered; attachments can be large."""
LOCK_SECONDS = 60.0

_SCHEMA = """
CREATE TABLE entries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    scope TEXT NOT NULL,
    title TEXT NOT NULL,
    calendar TEXT NOT NULL,
    other TEXT NOT NULL,
    state TEXT NOT NULL,
    doing TEXT NOT NULL
);
CREATE TABLE changes (
    entry INTEGER NOT NULL REFERENCES entries (number) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    calendar TEXT NOT NULL,
    uid TEXT NOT NULL,
    before BLOB,
    after BLOB,
    PRIMARY KEY (entry, place)
)
"""


class Action(StrEnum):
    """What a person did."""

    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"
    COPY = "copy"
    MOVE = "move"
    PUT_BACK = "put-back"
    """Their earlier version over somebody else's."""
    IMPORT = "import"
    NEW_CALENDAR = "new-calendar"
    DELETE_CALENDAR = "delete-calendar"
    RESTORE_CALENDAR = "restore-calendar"
    RENAME = "rename"
    RECOLOUR = "recolour"


class State(StrEnum):
    """Where a change stands."""

    DONE = "done"
    UNDONE = "undone"
    """It can be done again."""
    LEFT = "left"
    """It can neither be undone nor done again: something else was done after undoing it, or somebody else's stayed."""


class Doing(StrEnum):
    """What is under way with a change; found at a start, it was cut off."""

    NOTHING = ""
    DO = "do"
    UNDO = "undo"
    REDO = "redo"


_WORDS = {
    Action.ADD: N_("Added “{title}” to {calendar}"),
    Action.CHANGE: N_("Changed “{title}” in {calendar}"),
    Action.DELETE: N_("Deleted “{title}” from {calendar}"),
    Action.COPY: N_("Copied “{title}” from {calendar} to {other}"),
    Action.MOVE: N_("Moved “{title}” from {calendar} to {other}"),
    Action.IMPORT: N_("Imported “{title}” into {calendar}"),
    Action.NEW_CALENDAR: N_("Made the calendar {calendar}"),
    Action.DELETE_CALENDAR: N_("Deleted the calendar {calendar}"),
    Action.RESTORE_CALENDAR: N_("Brought the calendar {calendar} back"),
    Action.RENAME: N_("Renamed the calendar {calendar} to {other}"),
    Action.RECOLOUR: N_("Gave the calendar {calendar} another colour"),
    Action.PUT_BACK: N_("Put the earlier “{title}” back in {calendar}, over somebody else's version"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One object of one calendar (an id): its file before and after; None where there was, or is, none.

    An empty `uid` is the calendar itself: before and after are what `calendar_state` says of it.
    """

    calendar: str
    uid: str
    before: bytes | None
    after: bytes | None

    @property
    def whole_calendar(self) -> bool:
        """Whether this is about the calendar itself and not about an event in it."""
        return not self.uid

    @property
    def reversed(self) -> Change:
        """The way back."""
        return Change(self.calendar, self.uid, self.after, self.before)


def calendar_state(name: str, colour: str) -> bytes:
    """A calendar as the journal has it: what can be changed of it but for its events."""
    return json.dumps({"name": name, "colour": colour}, ensure_ascii=False).encode()


def state_of_calendar(data: bytes) -> tuple[str, str]:
    """Name and colour out of `calendar_state`."""
    known = read_json(data)
    return str(known["name"]), str(known["colour"])


@dataclass(frozen=True, slots=True)
class Facts:
    """What a line of the history says. Calendars by their names at that time."""

    action: Action
    title: str
    calendar: str
    other: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that a person did."""

    number: int
    when: datetime
    facts: Facts
    state: State
    doing: Doing
    changes: tuple[Change, ...] = ()

    @property
    def words(self) -> str:
        """The line for a person, in their language."""
        facts = self.facts
        return _(_WORDS[facts.action]).format(title=facts.title, calendar=facts.calendar, other=facts.other)


class History:
    """The journal in one file, with a lock that lets one change happen at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = PrivateDatabase(path, _SCHEMA)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Nobody else, in this or another process, changes anything meanwhile. Raises StorageError after a minute."""
        import asyncio

        from core.process_lock import open_lock

        descriptor = open_lock(self._path.with_name(f"{self._path.name}.lock"))
        try:
            end = time.monotonic() + LOCK_SECONDS
            while not _locked(descriptor):
                if time.monotonic() > end:
                    raise StorageError(
                        _("Another Partagenda has been changing calendars for a minute."),
                        _("Wait for it to end, or stop it."),
                    )
                await asyncio.sleep(0.01)
            yield
        finally:
            os.close(descriptor)

    def begin(self, facts: Facts, changes: Sequence[Change], when: datetime) -> int:
        """Write down what is about to be done; its number."""
        with self._database.transaction() as connection:
            return _begun(connection, facts, changes, when)

    def complete(self, number: int) -> None:
        """It is done. What was undone before can no longer be done again."""
        with self._database.transaction() as connection:
            _completed(connection, number)

    def record(self, facts: Facts, changes: Sequence[Change], when: datetime) -> int:
        """Write down what was done already, whole; its number."""
        with self._database.transaction() as connection:
            number = _begun(connection, facts, changes, when)
            _completed(connection, number)
        return number

    def mark(self, number: int, doing: Doing) -> None:
        """Write down that a change is about to be undone or done again."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE entries SET doing = ? WHERE number = ?", (doing, number))

    def settle(self, number: int, state: State) -> None:
        """Nothing is under way with it any more, and this is where it stands."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE entries SET state = ?, doing = ? WHERE number = ?", (state, Doing.NOTHING, number)
            )

    def forget(self, number: int) -> None:
        """It never happened: nothing of it was done."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM entries WHERE number = ?", (number,))

    def cut_off(self) -> list[HistoryEntry]:
        """What was under way when a process ended, the oldest first."""
        return self._read("WHERE doing <> '' ORDER BY number", (), whole=True)

    def last_done(self) -> HistoryEntry | None:
        """What undo would undo."""
        return next(iter(self._read("WHERE state = ? ORDER BY number DESC LIMIT 1", (State.DONE,), whole=True)), None)

    def next_undone(self) -> HistoryEntry | None:
        """What redo would do again."""
        return next(iter(self._read("WHERE state = ? ORDER BY number LIMIT 1", (State.UNDONE,), whole=True)), None)

    def entries(self, limit: int = KEPT) -> list[HistoryEntry]:
        """What was done, the last first; without the bytes."""
        return self._read("ORDER BY number DESC LIMIT ?", (limit,), whole=False)

    def _read(self, where: str, values: tuple[object, ...], *, whole: bool) -> list[HistoryEntry]:
        with self._database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(f"SELECT * FROM entries {where}", values).fetchall()  # noqa: S608
            return [_entry(row, _changes(connection, row["number"]) if whole else ()) for row in rows]


def _begun(connection: sqlite3.Connection, facts: Facts, changes: Sequence[Change], when: datetime) -> int:
    row = connection.execute(
        "INSERT INTO entries (at, action, scope, title, calendar, other, state, doing) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            when.astimezone(UTC).isoformat(),
            facts.action,
            facts.scope,
            facts.title,
            facts.calendar,
            facts.other,
            State.DONE,
            Doing.DO,
        ),
    )
    number = int(row.lastrowid or 0)
    connection.executemany(
        "INSERT INTO changes (entry, place, calendar, uid, before, after) VALUES (?, ?, ?, ?, ?, ?)",
        [(number, n, one.calendar, one.uid, one.before, one.after) for n, one in enumerate(changes)],
    )
    _prune(connection, number)
    return number


def _completed(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("UPDATE entries SET state = ? WHERE state = ?", (State.LEFT, State.UNDONE))
    connection.execute("UPDATE entries SET doing = ? WHERE number = ?", (Doing.NOTHING, number))


def _prune(connection: sqlite3.Connection, newest: int) -> None:
    """Forget the oldest; never the newest, however large it is."""
    connection.execute("DELETE FROM entries WHERE number <= ?", (newest - KEPT,))
    connection.execute(
        "DELETE FROM entries WHERE number < ? AND number <= (SELECT MAX(entry) FROM (SELECT entry, SUM(size) OVER"
        " (ORDER BY entry DESC) AS total FROM (SELECT entry, SUM(COALESCE(LENGTH(before), 0) + COALESCE(LENGTH(after),"
        " 0)) AS size FROM changes GROUP BY entry)) WHERE total > ?)",
        (newest, KEPT_BYTES),
    )


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _changes(connection: sqlite3.Connection, number: int) -> tuple[Change, ...]:
    query = "SELECT calendar, uid, before, after FROM changes WHERE entry = ? ORDER BY place"
    return tuple(Change(*row) for row in connection.execute(query, (number,)))


def _entry(row: sqlite3.Row, changes: tuple[Change, ...]) -> HistoryEntry:
    facts = Facts(Action(row["action"]), row["title"], row["calendar"], row["other"], row["scope"])
    when = datetime.fromisoformat(row["at"])
    return HistoryEntry(row["number"], when, facts, State(row["state"]), Doing(row["doing"]), changes)
