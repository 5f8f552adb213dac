"""Calendars as bytes, and a library over a temporary folder."""

from __future__ import annotations

from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from core.backends.vdir import LookedAtStore, VdirStore
from core.index.session import IndexSession
from core.services.library import Library, Recorder

PARIS = ZoneInfo("Europe/Paris")
HEAD = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nMETHOD:PUBLISH\r\n"


class StillClock:
    """22 November 2026, 10:00 in Paris."""

    @property
    def zone(self) -> tzinfo:
        return PARIS

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 10, tzinfo=PARIS)


def event(uid: str, *lines: str, title: str = "Lunch", start: str = "DTSTART:20261123T110000Z") -> bytes:
    """One VEVENT on 23 November 2026."""
    parts = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", start, f"SUMMARY:{title}", *lines, "END:VEVENT"]
    return "".join(f"{part}\r\n" for part in parts).encode()


def calendar(*events: bytes, name: str = "", extra: bytes = b"") -> bytes:
    """An .ics of these events."""
    head = HEAD.replace(b"METHOD:PUBLISH\r\n", b"") + (f"X-WR-CALNAME:{name}\r\n".encode() if name else b"")
    return head + extra + b"".join(events) + b"END:VCALENDAR\r\n"


def open_library(base: Path, record: Recorder | None = None) -> Library:
    """The library of a person whose folders are below `base`; `record` is told of what happens to whole calendars."""
    home, clock = base / "data" / "calendars", StillClock()
    index = IndexSession(str(base / "cache" / "index.sqlite3"), [("local", f"{home}/*")])
    store = VdirStore("local", index, clock, home=home, data=base / "data", state=base / "state")
    return Library([store, LookedAtStore(clock)], clock, base / "state", record)
