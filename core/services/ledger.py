"""Who has been given what, when, and at which level."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from core.language import N_, _
from core.services.private_database import PrivateDatabase
from core.values import dataclass

_SCHEMA = """
CREATE TABLE entries (
    number INTEGER PRIMARY KEY,
    reference TEXT NOT NULL,
    person TEXT NOT NULL,
    person_key TEXT NOT NULL,
    calendar TEXT NOT NULL,
    how TEXT NOT NULL,
    level TEXT NOT NULL,
    range TEXT NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (reference, person_key)
);
CREATE INDEX entries_by_person ON entries (person_key)
"""


class LedgerState(StrEnum):
    """What is known about one share with one person."""

    QUEUED = "queued"
    SENT = "sent"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    DROPPED = "dropped"
    """It was taken out of the outbox before it left."""
    GIVEN = "given"
    """A permission that somebody has, without a message about it."""
    REVOKED = "revoked"
    """It was taken back."""

    @property
    def label(self) -> str:
        """For a person, in their language."""
        return _(_LABELS[self])


_LABELS = {
    LedgerState.QUEUED: N_("in the outbox"),
    LedgerState.SENT: N_("sent"),
    LedgerState.UNKNOWN: N_("may have been sent"),
    LedgerState.REFUSED: N_("refused"),
    LedgerState.DROPPED: N_("dropped"),
    LedgerState.GIVEN: N_("given"),
    LedgerState.REVOKED: N_("taken back"),
}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One person was given one thing once. `when` is the time of its last change of state, aware."""

    person: str
    calendar: str
    how: str
    level: str
    range: str
    when: datetime
    state: LedgerState
    reference: str = ""
    """What it hangs on: the Message-ID of a mail."""


def _is_text(word: str) -> bool:
    """What is typed in another encoding than the terminal's is none, and nobody's address."""
    return not any("\ud800" <= sign <= "\udfff" for sign in word)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


class Ledger:
    """A journal in one SQLite file, 0600. Writing the same share again updates its line."""

    def __init__(self, path: Path) -> None:
        self._database = PrivateDatabase(path, _SCHEMA)

    def record_now(self, entries: Sequence[LedgerEntry]) -> None:
        """Write the entries durably, from a thread. One with the reference and person of an earlier one replaces it."""
        if not entries:
            return
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO entries (reference, person, person_key, calendar, how, level, range, at, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (reference, person_key) DO UPDATE SET at = excluded.at, state = excluded.state"
                " WHERE state <> excluded.state",
                [
                    (
                        e.reference,
                        e.person,
                        e.person.lower(),
                        e.calendar,
                        e.how,
                        e.level,
                        e.range,
                        _utc(e.when),
                        e.state,
                    )
                    for e in entries
                ],
            )

    async def record(self, entries: Sequence[LedgerEntry]) -> None:
        """Write the entries durably. Raises StorageError."""
        await asyncio.to_thread(self.record_now, entries)

    async def entries(self, person: str | None = None) -> list[LedgerEntry]:
        """All entries, or those of one address, oldest first."""
        return await asyncio.to_thread(self._entries, person)

    def _entries(self, person: str | None) -> list[LedgerEntry]:
        if person and not _is_text(person):
            return []
        where, values = ("WHERE person_key = ?", (person.strip().lower(),)) if person else ("", ())
        with self._database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(f"SELECT * FROM entries {where} ORDER BY at, number", values).fetchall()  # noqa: S608
            return [
                LedgerEntry(
                    row["person"],
                    row["calendar"],
                    row["how"],
                    row["level"],
                    row["range"],
                    datetime.fromisoformat(row["at"]),
                    LedgerState(row["state"]),
                    row["reference"],
                )
                for row in rows
            ]
