"""A process that writes until it is killed: `save CALENDAR`, `many CALENDAR NUMBER COUNT`, `import FILE`.

It says on standard output what was acknowledged, a line each.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from core.backends.vdir import VdirStore
from core.calendar.event import CalendarObject, Event
from core.config.clock import SystemClock
from core.errors import Conflict, NotFound
from core.index.session import IndexSession
from core.services.library import Library, Source

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 23, 12, tzinfo=PARIS)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def event(uid: str, title: str) -> CalendarObject:
    return CalendarObject(uid, (Event(uid, START, START + timedelta(hours=1), title),))


async def save(store: VdirStore, calendar: str) -> None:
    say("ready")
    for number in range(100_000):
        uid = f"e{number % 3}"
        try:
            stored = await store.get(calendar, uid)
            last = int(stored.object.events[0].title.rpartition(" ")[2])
            changed = replace(stored.object.events[0], title=f"Save {last + 1}")
            await store.put(calendar, CalendarObject(uid, (changed,)), expected_etag=stored.etag)
            say(f"{uid} Save {last + 1}")
        except NotFound:
            await store.put(calendar, event(uid, "Save 0"), expected_etag=None)
            say(f"{uid} Save 0")
        except Conflict:
            continue


async def many(store: VdirStore, calendar: str, number: str, count: str) -> None:
    for each in range(int(count)):
        await store.put(calendar, event(f"w{number}-{each}", f"Writer {number}"), expected_etag=None)


async def take_in(store: VdirStore, base: Path, path: str) -> None:
    library = Library([store], SystemClock(PARIS), base / "state")
    say("ready")
    await library.import_sources([Source(path, path=Path(path))])
    say("done")


def main() -> None:
    base, what, *rest = sys.argv[1:]
    folder = Path(base)
    home = folder / "data" / "calendars"
    index = IndexSession(str(folder / "cache" / "index.sqlite3"), [("local", f"{home}/*")])
    clock = SystemClock(PARIS)
    store = VdirStore("local", index, clock, home=home, data=folder / "data", state=folder / "state")
    match what:
        case "save":
            asyncio.run(save(store, *rest))
        case "many":
            asyncio.run(many(store, *rest))
        case _:
            asyncio.run(take_in(store, folder, *rest))


if __name__ == "__main__":
    main()
