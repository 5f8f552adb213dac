"""Shares that are under way: what was given to whom, and whether they have been told. One SQLite file, 0600.

A row is written before a permission is given and goes when the invitation is in the outbox or the permission was taken
back; what a crash leaves here is told at the next look and finished or taken back by the person.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.json_text import read_json
from core.services.private_database import PrivateDatabase
from core.sharing.permission_table import PermissionEntry
from core.sharing.permission_words import entry_data, entry_from
from core.sharing.permissions import PermissionLevel
from core.values import dataclass

_SCHEMA = """
CREATE TABLE shares (
    token TEXT NOT NULL,
    person TEXT NOT NULL,
    calendar TEXT NOT NULL,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    before TEXT NOT NULL,
    given INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL,
    PRIMARY KEY (token, person)
)
"""


@dataclass(frozen=True, slots=True)
class OpenShare:
    """One person who was given, or was about to be given, a calendar and has not been told."""

    token: str
    """The act it belongs to."""
    person: str
    calendar: str
    """The calendar's id."""
    name: str
    level: PermissionLevel
    before: PermissionEntry | None
    given: bool
    """The server has confirmed it; else nobody knows."""
    at: datetime


class ShareRecords:
    """All methods block: call them in a thread. All raise StorageError."""

    def __init__(self, path: Path) -> None:
        self._database = PrivateDatabase(path, _SCHEMA)

    def begin(self, shares: Sequence[OpenShare]) -> None:
        """Note what is about to be given."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO shares (token, person, calendar, name, level, before, given, at)"
                " VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
                [
                    (
                        one.token,
                        one.person,
                        one.calendar,
                        one.name,
                        one.level.value,
                        json.dumps(entry_data(one.before)),
                        one.at.astimezone(UTC).isoformat(),
                    )
                    for one in shares
                ],
            )

    def given(self, token: str, person: str) -> None:
        """The server has confirmed it."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE shares SET given = 1 WHERE token = ? AND person = ?", (token, person))

    def finish(self, token: str, person: str) -> None:
        """They have been told, or it was taken back."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM shares WHERE token = ? AND person = ?", (token, person))

    def open(self) -> list[OpenShare]:
        """What is under way, oldest first."""
        with self._database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute("SELECT * FROM shares ORDER BY at, person").fetchall()
            return [
                OpenShare(
                    row["token"],
                    row["person"],
                    row["calendar"],
                    row["name"],
                    PermissionLevel(row["level"]),
                    entry_from(read_json(row["before"])),
                    bool(row["given"]),
                    datetime.fromisoformat(row["at"]),
                )
                for row in rows
            ]
