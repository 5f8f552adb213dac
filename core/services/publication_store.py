"""What is published where: a journal that is written before the first byte goes, and after the last one came back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from core.errors import NotFound
from core.language import N_, _
from core.ports.publishing import NOTHING, fingerprint
from core.services.private_database import PrivateDatabase
from core.services.publish_options import PublishOptions
from core.values import dataclass

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE publications (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    calendar TEXT NOT NULL,
    calendar_name TEXT NOT NULL,
    options TEXT NOT NULL,
    token TEXT NOT NULL,
    key BLOB NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    created TEXT NOT NULL,
    stamp TEXT,
    last_upload TEXT,
    last_look TEXT,
    page_day TEXT NOT NULL DEFAULT '',
    next_due TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    hint TEXT NOT NULL DEFAULT '',
    narrower INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE files (
    publication INTEGER NOT NULL REFERENCES publications (number) ON DELETE CASCADE,
    role TEXT NOT NULL,
    address TEXT NOT NULL,
    read_address TEXT NOT NULL,
    there TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL DEFAULT '',
    pending BLOB,
    doomed INTEGER NOT NULL DEFAULT 0,
    touched INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (publication, address)
);
CREATE TABLE memory (name TEXT PRIMARY KEY, value TEXT NOT NULL)
"""


class Role(StrEnum):
    """What a file of a publication is."""

    CALENDAR = "ics"
    PAGE = "page"


class PublicationState(StrEnum):
    """What the person wants of it."""

    ACTIVE = "active"
    STOPPED = "stopped"
    """It stays where it is and is not renewed."""
    REMOVING = "removing"
    """It is to go, and is not gone yet."""

    @property
    def label(self) -> str:
        """For a person, in their language."""
        return _(_LABELS[self])


_LABELS = {
    PublicationState.ACTIVE: N_("published"),
    PublicationState.STOPPED: N_("stopped"),
    PublicationState.REMOVING: N_("to be removed"),
}


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file of a publication. `there`: the fingerprint of what was read back last; `content`: of what was sent."""

    role: Role
    address: str
    read_address: str
    there: str = NOTHING
    content: str = NOTHING
    pending: bytes | None = field(default=None, repr=False)
    """Bytes that may have been sent: the upload was begun and its end is not known."""
    doomed: bool = False
    """It is no longer part of the publication and has to go."""
    touched: bool = False
    """Whether a temporary file of it may lie there."""

    @property
    def expected(self) -> tuple[str, ...]:
        """What may lie there and is ours."""
        return (self.there,) if self.pending is None else (self.there, fingerprint(self.pending))


@dataclass(frozen=True, slots=True)
class Publication:
    """A calendar that is published. Times are UTC."""

    id: str
    calendar: str
    calendar_name: str
    options: PublishOptions
    state: PublicationState
    files: tuple[PublishedFile, ...]
    token: str = field(repr=False)
    key: bytes = field(repr=False)
    revision: int
    created: datetime
    stamp: datetime | None
    last_upload: datetime | None
    """When its content was last written there."""
    last_look: datetime | None
    """When it was last found to be as it should."""
    page_day: str
    next_due: datetime | None
    attempts: int
    problem: str
    hint: str
    narrower: bool
    """It was narrowed, and others may still see the wider one."""

    def file(self, role: Role) -> PublishedFile | None:
        """The file of that kind that belongs to it."""
        return next((one for one in self.files if one.role is role and not one.doomed), None)

    @property
    def ics(self) -> str:
        """The address to give out; empty when there is none yet."""
        found = self.file(Role.CALENDAR)
        return found.read_address if found else ""

    @property
    def page(self) -> str:
        """The page's address; empty without one."""
        found = self.file(Role.PAGE)
        return found.read_address if found else ""

    @property
    def webcal(self) -> str:
        """The address by which calendar programs subscribe; empty for what is no web address."""
        scheme, sign, rest = self.ics.partition("://")
        return f"webcal://{rest}" if sign and scheme.lower() in ("http", "https") else ""

    @property
    def result(self) -> str:
        """What became of the last attempt, for a person."""
        if self.problem:
            return self.problem
        if self.state is PublicationState.STOPPED:
            return _("stopped")
        if self.last_upload is None:
            return _("not uploaded yet")
        if self.last_look is not None and self.last_look > self.last_upload:
            return _("unchanged")
        return _("uploaded")

    def due(self, now: datetime) -> bool:
        """Whether `sync` should do something about it."""
        return self.next_due is not None and self.next_due <= now


class PublicationStore:
    """The journal, one SQLite file, 0600. Blocking: for a thread. Raises StorageError, NotFound."""

    def __init__(self, path: Path) -> None:
        self._database = PrivateDatabase(path, _SCHEMA)
        self.path = path

    def add(self, publication: Publication) -> None:
        """A new one, with its files."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO publications (id, calendar, calendar_name, options, token, key, state, created, next_due)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    publication.id,
                    publication.calendar,
                    publication.calendar_name,
                    publication.options.as_json(),
                    publication.token,
                    publication.key,
                    publication.state,
                    _text(publication.created),
                    _text(publication.next_due),
                ),
            )
            _write_files(connection, cursor.lastrowid or 0, publication.files)

    def save(self, publication: Publication) -> None:
        """Everything of it that can change."""
        with self._database.transaction() as connection:
            number = _number(connection, publication.id)
            connection.execute(
                "UPDATE publications SET calendar_name = ?, options = ?, key = ?, state = ?, revision = ?, stamp = ?,"
                " last_upload = ?, last_look = ?, page_day = ?, next_due = ?, attempts = ?, problem = ?, hint = ?,"
                " narrower = ? WHERE number = ?",
                (
                    publication.calendar_name,
                    publication.options.as_json(),
                    publication.key,
                    publication.state,
                    publication.revision,
                    _text(publication.stamp),
                    _text(publication.last_upload),
                    _text(publication.last_look),
                    publication.page_day,
                    _text(publication.next_due),
                    publication.attempts,
                    publication.problem,
                    publication.hint,
                    publication.narrower,
                    number,
                ),
            )
            connection.execute("DELETE FROM files WHERE publication = ?", (number,))
            _write_files(connection, number, publication.files)

    def forget(self, id_: str) -> None:
        """It is gone from the server and from here."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM publications WHERE number = ?", (_number(connection, id_),))

    def all(self) -> list[Publication]:
        """Every publication, oldest first."""
        with self._database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute("SELECT * FROM publications ORDER BY number").fetchall()
            return [_publication(connection, row) for row in rows]

    def get(self, id_: str) -> Publication:
        """By id, or the beginning of one that says which. Raises NotFound."""
        found = [one for one in self.all() if id_ and one.id.startswith(id_.strip().lower())]
        if len(found) != 1:
            raise NotFound(
                _("There is no publication “{id}”.").format(id=id_), _("See them with: partagenda publications")
            )
        return found[0]

    def remember(self, name: str, value: str) -> None:
        """A fact that the dialog shows again, as the last location."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO memory (name, value) VALUES (?, ?)", (name, value))

    def remembered(self, name: str) -> str:
        """The fact, or nothing."""
        with self._database.reading() as connection:
            if connection is None:
                return ""
            row = connection.execute("SELECT value FROM memory WHERE name = ?", (name,)).fetchone()
            return row["value"] if row else ""

    def all_remembered(self, prefix: str, read: Callable[[str, str], T]) -> list[T]:
        """The facts whose names begin so, without those that are empty, by name: what `read` makes of each.

        It is given the rest of the name, and the text. What it cannot read is no text of ours: that names the file.
        """
        with self._database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute("SELECT name, value FROM memory WHERE value != '' ORDER BY name").fetchall()
            known = ((row["name"], row["value"]) for row in rows)
            return [read(name.removeprefix(prefix), text) for name, text in known if name.startswith(prefix)]


def _number(connection: sqlite3.Connection, id_: str) -> int:
    row = connection.execute("SELECT number FROM publications WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise NotFound(_("There is no publication “{id}”.").format(id=id_))
    return int(row["number"])


def _write_files(connection: sqlite3.Connection, number: int, files: Iterable[PublishedFile]) -> None:
    connection.executemany(
        "INSERT INTO files (publication, role, address, read_address, there, content, pending, doomed, touched)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (number, f.role, f.address, f.read_address, f.there, f.content, f.pending, f.doomed, f.touched)
            for f in files
        ],
    )


def _publication(connection: sqlite3.Connection, row: sqlite3.Row) -> Publication:
    files = connection.execute("SELECT * FROM files WHERE publication = ? ORDER BY rowid", (row["number"],)).fetchall()
    return Publication(
        id=row["id"],
        calendar=row["calendar"],
        calendar_name=row["calendar_name"],
        options=PublishOptions.from_json(row["options"]),
        state=PublicationState(row["state"]),
        files=tuple(_file(one) for one in files),
        token=row["token"],
        key=row["key"],
        revision=row["revision"],
        created=_moment(row["created"]) or datetime.now(UTC),
        stamp=_moment(row["stamp"]),
        last_upload=_moment(row["last_upload"]),
        last_look=_moment(row["last_look"]),
        page_day=row["page_day"],
        next_due=_moment(row["next_due"]),
        attempts=row["attempts"],
        problem=row["problem"],
        hint=row["hint"],
        narrower=bool(row["narrower"]),
    )


def _file(row: sqlite3.Row) -> PublishedFile:
    return PublishedFile(
        Role(row["role"]),
        row["address"],
        row["read_address"],
        row["there"],
        row["content"],
        row["pending"],
        bool(row["doomed"]),
        bool(row["touched"]),
    )


def with_file(publication: Publication, file: PublishedFile) -> Publication:
    """The publication with this file in the place of the one at its address, or beside the others."""
    others = [one if one.address != file.address else file for one in publication.files]
    known = any(one.address == file.address for one in publication.files)
    return replace(publication, files=tuple(others if known else [*others, file]))


def without_file(publication: Publication, address: str) -> Publication:
    """The publication without the file at this address."""
    return replace(publication, files=tuple(one for one in publication.files if one.address != address))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
