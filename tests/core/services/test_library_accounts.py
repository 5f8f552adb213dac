"""Calendars of two accounts in one library, as a person with khal's folders has them."""

from __future__ import annotations

from pathlib import Path

from core.backends.vdir import VdirStore
from core.index.session import IndexSession
from core.services.library import Library, Source
from tests.core.services.calendars import StillClock, calendar, event


def two_accounts(base: Path) -> Library:
    home, theirs, clock = base / "data" / "calendars", base / "theirs", StillClock()
    (theirs / "work").mkdir(parents=True)
    index = IndexSession(str(base / "cache" / "index.sqlite3"), [("local", f"{home}/*"), ("khal", f"{theirs}/*")])
    own = VdirStore("local", index, clock, home=home, data=base / "data", state=base / "state")
    other = VdirStore("khal", index, clock, home=None, data=base / "data", state=base / "state")
    return Library([own, other], clock, base / "state")


async def test_an_import_goes_into_a_calendar_of_any_account(tmp_path: Path) -> None:
    library = two_accounts(tmp_path)
    report = await library.import_sources([Source("one.ics", data=calendar(event("a@x")))], into="work")
    assert (report.added, len(list((tmp_path / "theirs" / "work").glob("*.ics")))) == (1, 1)
