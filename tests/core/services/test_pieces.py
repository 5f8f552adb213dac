"""A calendar file cut into the files of a vdir."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import Unreadable
from core.index.blocks import Unusual
from core.index.scan import Scanned, Scanner
from core.services.pieces import Pieces, cut
from tests.bench import corpus

NOW = datetime(2026, 11, 18, tzinfo=UTC)


def _cut(data: bytes) -> Pieces:
    try:
        return cut(data, NOW)
    except Unreadable:  # no calendar
        return cut(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", NOW)


def _read(data: bytes):
    try:
        return Scanner(1_300_000_000, 1_900_000_000).scan(data)
    except Unusual:
        return None


def test_what_the_index_is_told_is_what_it_would_read_in_every_real_file(shared_ics: list[Path]):
    found = [data for path in shared_ics for _uid, data in _cut(path.read_bytes()).events]
    assert any(isinstance(data, Scanned) for data in found)
    assert [_read(data) for data in found] == [_read(bytes(data)) for data in found]


def test_what_the_index_is_told_is_what_it_would_read_in_a_generated_calendar(tmp_path: Path):
    corpus.write(300, tmp_path)
    found = [data for _uid, data in _cut((tmp_path / "n300.ics").read_bytes()).events]
    assert sum(isinstance(data, Scanned) for data in found) > 200
    assert [_read(data) for data in found] == [_read(bytes(data)) for data in found]


def test_time_zones_that_would_fill_the_disk_are_refused():
    line = "X-A:" + "a" * 60 + "\r\n"
    zone = f"BEGIN:VTIMEZONE\r\nTZID:Mine\r\n{line * 6_000}END:VTIMEZONE\r\n"
    event = "BEGIN:VEVENT\r\nUID:{}\r\nDTSTART;TZID=Mine:20261123T110000\r\nEND:VEVENT\r\n"
    events = "".join(event.format(number) for number in range(2_000))
    with pytest.raises(Unreadable, match="time zones"):
        cut(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{zone}{events}END:VCALENDAR\r\n".encode(), NOW)
