"""An index over a folder of .ics files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.index.database import open_for_writing
from core.index.update import Index

NOW = int(datetime(2026, 11, 22, 9, tzinfo=UTC).timestamp())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "calendars" / "work"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def index(tmp_path: Path, folder: Path) -> Index:
    made = Index(open_for_writing(str(tmp_path / "cache" / "index.sqlite3")), now=NOW)
    made.set_roots([("local", str(tmp_path / "calendars" / "*"))])
    return made


@pytest.fixture
def write(folder: Path) -> Callable[..., Path]:
    """Writes one event as a file of the folder."""

    def written(uid: str, *lines: str, title: str = "Lunch", start: str = "DTSTART:20261123T110000Z") -> Path:
        parts = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", "BEGIN:VEVENT", f"UID:{uid}", start]
        parts += [f"SUMMARY:{title}", *lines, "END:VEVENT", "END:VCALENDAR"]
        path = folder / f"{uid}.ics"
        path.write_bytes("".join(f"{part}\r\n" for part in parts).encode())
        return path

    return written
