"""One open index: whatever is damaged in it, what is shown is what the files say."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.backends.vdir.rows import calendar_rows, info_of
from core.index.session import IndexSession

DAMAGE = {
    "a name that is no text": "UPDATE calendar SET name=CAST(x'ff61' AS TEXT)",
    "facts that are cut off": "UPDATE calendar SET facts='{\"kind'",
    "a horizon that is no number": "UPDATE meta SET value='17x 18' WHERE key='horizon'",
    "a count that is a text": "UPDATE calendar SET files='many', folder='x'",
    "half a horizon": "UPDATE meta SET value='17' WHERE key='horizon'",
}


@pytest.fixture
def session(tmp_path: Path, folder: Path, write) -> IndexSession:
    write("one")
    return IndexSession(str(tmp_path / "cache" / "index.sqlite3"), [("local", str(folder.parent / "*"))])


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_value_that_nobody_can_read_makes_the_index_anew(session: IndexSession, write, damage: str) -> None:
    def names(index) -> list[str]:
        index.look()
        return [info_of(row, True).name for row in calendar_rows(index.db, "local")]

    assert session.run(names) == ["work"]
    with closing(sqlite3.connect(session.path, isolation_level=None)) as database:
        database.execute(damage)
    write("two")
    assert session.run(names) == ["work"]
    assert session.run(lambda index: index.db.execute("SELECT events FROM calendar").fetchall()) == [(2,)]
