"""The ledger says who has been given what, when, and at which level."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import StorageError
from core.services.ledger import Ledger, LedgerEntry, LedgerState

WHEN = datetime(2026, 11, 22, 9, tzinfo=UTC)


def entry(person: str = "bruno@example.org", state=LedgerState.SENT, when=WHEN, reference: str = "<1>") -> LedgerEntry:
    return LedgerEntry(person, "Calendar", "e-mail", "limited", "2026-11-22..2026-11-28", when, state, reference)


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return Ledger(tmp_path / "data" / "ledger.sqlite3")


async def test_what_is_recorded_is_read_back(ledger):
    await ledger.record([entry()])
    assert await ledger.entries() == [entry()]


async def test_an_empty_ledger_makes_no_file(ledger, tmp_path):
    assert (await ledger.entries(), list(tmp_path.glob("data/*"))) == ([], [])


async def test_entries_come_oldest_first(ledger):
    later = entry("clara@example.net", when=WHEN + timedelta(hours=1))
    await ledger.record([later, entry()])
    assert await ledger.entries() == [entry(), later]


async def test_one_persons_entries_are_found_whatever_the_case(ledger):
    await ledger.record([entry("Bruno@Example.org"), entry("clara@example.net")])
    assert [e.person for e in await ledger.entries("bruno@example.ORG")] == ["Bruno@Example.org"]


async def test_the_same_share_with_the_same_person_is_one_line_with_its_newest_state(ledger):
    await ledger.record([entry(state=LedgerState.QUEUED)])
    await ledger.record([entry(state=LedgerState.SENT, when=WHEN + timedelta(minutes=5))])
    assert [(e.state, e.when) for e in await ledger.entries()] == [(LedgerState.SENT, WHEN + timedelta(minutes=5))]


async def test_the_time_of_a_state_is_kept_when_it_is_recorded_again(ledger):
    await ledger.record([entry()])
    await ledger.record([entry(when=WHEN + timedelta(days=1))])
    assert (await ledger.entries())[0].when == WHEN


async def test_the_file_is_its_owners_only(ledger, tmp_path):
    await ledger.record([entry()])
    assert stat.S_IMODE(os.stat(tmp_path / "data" / "ledger.sqlite3").st_mode) == 0o600


async def test_a_file_that_others_could_read_is_closed_to_them(ledger, tmp_path):
    await ledger.record([entry()])
    (tmp_path / "data" / "ledger.sqlite3").chmod(0o644)
    await ledger.record([entry("clara@example.net")])
    assert stat.S_IMODE(os.stat(tmp_path / "data" / "ledger.sqlite3").st_mode) == 0o600


@pytest.mark.parametrize("damage", ["UPDATE entries SET at='2026-13'", "UPDATE entries SET at=5"])
async def test_a_row_that_nobody_can_read_names_the_file(ledger, tmp_path, damage: str):
    await ledger.record([entry()])
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite3", isolation_level=None)) as database:
        database.execute("PRAGMA ignore_check_constraints=ON")
        database.execute(damage)
    with pytest.raises(StorageError, match="ledger"):
        await ledger.entries()


async def test_damage_that_sqlite_cannot_put_into_words_names_the_file(ledger, tmp_path):
    await ledger.record([entry()])
    file = tmp_path / "data" / "ledger.sqlite3"
    file.write_bytes(file.read_bytes().replace(b"CREATE TABLE entries", b"CREATE \xf6ABLE entries"))
    with pytest.raises(StorageError, match="ledger"):
        await ledger.entries()


async def test_a_file_that_is_no_ledger_is_named(ledger, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ledger.sqlite3").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StorageError, match="ledger"):
        await ledger.entries()


@pytest.mark.parametrize("old, new", [(b"CREATE TABLE entries", b"CREATE \xf6ABLE entries"), (b"SQLite", b"sqlite")])
async def test_a_damaged_ledger_is_called_damaged_with_a_way_out_that_works(ledger, tmp_path, old, new):
    await ledger.record([entry()])
    file = tmp_path / "data" / "ledger.sqlite3"
    file.write_bytes(file.read_bytes().replace(old, new))
    with pytest.raises(StorageError, match="is damaged") as damage:
        await ledger.entries()
    assert "give it another name" in damage.value.hint

    file.rename(file.with_suffix(".aside"))
    await ledger.record([entry()])
    assert len(await ledger.entries()) == 1


async def test_a_person_whose_address_is_no_text_was_given_nothing(ledger):
    await ledger.record([entry()])
    assert await ledger.entries("bruno\udcff@example.org") == []


async def test_what_no_file_can_hold_does_not_make_the_ledger_a_damaged_one(ledger):
    await ledger.record([entry()])
    with pytest.raises(UnicodeEncodeError):
        await ledger.record([entry("bruno\udcff@example.org")])
    assert len(await ledger.entries()) == 1
