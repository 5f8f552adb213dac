"""What a folder holds, though what stands beside its events cannot be read."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.index.folder import read_file
from core.services.sources import Source, read_source

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:one\r\n"
    "DTSTAMP:20261101T000000Z\r\nDTSTART:20261123T110000Z\r\nSUMMARY:Lunch\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.mark.parametrize(
    ("closed", "name", "colour"),
    [("displayname", "team", "#112233"), ("color", "The team", "")],
    ids=["name", "colour"],
)
def test_a_folder_is_read_though_its_name_or_colour_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str, name: str, colour: str
) -> None:
    folder = tmp_path / "team"
    folder.mkdir()
    (folder / "one.ics").write_bytes(EVENT.encode())
    (folder / "displayname").write_text("The team\n")
    (folder / "color").write_text("#112233\n")

    def read(path: str, href: str) -> tuple[bytes, os.stat_result]:
        if href == closed:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), href)
        return read_file(path, href)

    monkeypatch.setattr("core.index.folder.read_file", read)
    pile = read_source(Source("team", path=folder), datetime(2026, 11, 22, tzinfo=UTC))
    assert (pile.name, pile.colour, [uid for uid, _data in pile.events]) == (name, colour, ["one"])
