"""Moves a series to another calendar and dies at the n-th write: `python edit_child.py FOLDER STEP`."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from core.calendar.event_change import Scope
from core.services import edit_writer
from core.services.editing import Editing
from tests.core.services.calendars import StillClock, open_library
from tests.core.services.test_editing import YEAR

calls = 0
real = edit_writer.Writer._apply_one


async def dying(writer: edit_writer.Writer, change: object) -> None:
    global calls
    calls += 1
    if calls * 2 - 1 == int(sys.argv[2]):
        os._exit(9)
    await real(writer, change)  # type: ignore[arg-type]
    if calls * 2 == int(sys.argv[2]):
        os._exit(9)


async def main() -> None:
    base = Path(sys.argv[1])
    library = open_library(base)
    editing = Editing(library, base / "data" / "history.sqlite3", StillClock())
    home, work = await library.find("Home"), await library.find("Work")
    entry = (await library.entries([home.id], YEAR))[2]
    edit_writer.Writer._apply_one = dying  # type: ignore[method-assign,assignment]
    await editing.move(entry.id, work.id, Scope.FOLLOWING)


asyncio.run(main())
