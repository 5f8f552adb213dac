"""Calendars as the index lists them, and as the person sees them."""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from core.calendar.span import WHOLE_CALENDAR, DateRange
from core.errors import NotFound, Refused, StorageError
from core.index import folder as folders
from core.index import read
from core.json_text import read_json
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarKind, Capabilities, Smaller, SnapshotFacts


class CalendarRow(NamedTuple):
    """One row of the index's table of calendars: `read.CALENDAR_COLUMNS`."""

    n: int
    id: str
    name: str
    account: str
    kind: str
    owner: str
    events: int
    level: str
    looked: int
    colour: str
    path: str
    facts: str
    problem: str


def calendar_rows(db: sqlite3.Connection, account: str) -> list[CalendarRow]:
    """The calendars of one account in the order of the screen."""
    return [row for row in map(CalendarRow._make, read.calendars(db)) if row.account == account]


def must_be_readable(db: sqlite3.Connection, row: CalendarRow, href: str) -> None:
    """Raises StorageError for a file that is there and could not be read: what is in it is not gone."""
    query = "SELECT problem FROM object WHERE cal=? AND href=? AND uid='' AND problem<>''"
    found = db.execute(query, (row.n, href)).fetchone()
    if found is not None:
        raise StorageError(_("“{file}” could not be read: {reason}.").format(file=href, reason=found[0]))


def must_be_writable(row: CalendarRow, refreshing: bool) -> None:
    """Raises Refused, with what to do instead. `refreshing`: what a feed or snapshot holds is brought up to date.

    Raises OSError where nobody knows yet what the calendar is, and it still cannot be read.
    """
    if not row.kind:
        row = row._replace(kind=folders.kind_of(folders.facts(row.path)))
    if info_of(row, True).can.write or refreshing:
        return
    if row.kind in SERVER:
        raise Refused(
            _("In “{name}” you may only look: its owner gave no right to write.").format(name=row.name),
            _("Copy the event to a calendar of yours, or ask the owner."),
        )
    if row.kind == CalendarKind.FEED:
        raise Refused(
            _("“{name}” comes from the internet: it can be changed only where it comes from.").format(name=row.name),
            _("Copy the event to a calendar of yours."),
        )
    raise Refused(
        _("“{name}” is a snapshot: it shows what somebody sent and cannot be changed.").format(name=row.name),
        _("Copy the event to a calendar of yours."),
    )


def info_of(row: CalendarRow, own: bool) -> CalendarInfo:
    """What screens show; `own` calendars can be deleted by us. Raises sqlite3.DatabaseError for a damaged index."""
    kind = CalendarKind(row.kind) if row.kind in set(CalendarKind) else CalendarKind.LOCAL
    facts = _facts(row.facts)
    snapshot = snapshot_of(facts) if kind in (CalendarKind.SNAPSHOT, CalendarKind.FILE) else None
    refreshed = datetime.fromtimestamp(row.looked, UTC) if row.looked else None
    offline, smaller = "", None
    if kind is CalendarKind.FEED:
        smaller = _question(facts, row.events)
        refreshed, offline = feed_state(facts)
    return CalendarInfo(
        id=row.id,
        name=row.name,
        account=row.account,
        kind=kind,
        owner=row.owner,
        colour=row.colour,
        events=row.events,
        level=row.level,
        refreshed=snapshot.received if snapshot else _refreshed(kind, facts) or refreshed,
        can=_capabilities(kind, facts, own, known=bool(row.kind)),
        snapshot=snapshot,
        problem=row.problem,
        offline=offline,
        smaller=smaller,
    )


def _facts(text: str) -> dict[str, Any]:
    try:
        found = read_json(text) if text else {}
    except ValueError as error:
        raise sqlite3.DatabaseError("facts are malformed") from error
    return found if isinstance(found, dict) else {}


SERVER = (CalendarKind.EXCHANGE, CalendarKind.MICROSOFT365)


def _refreshed(kind: CalendarKind, facts: dict[str, Any]) -> datetime | None:
    """When a server's calendar was last read there; a copy that is looked at is no fresher for it."""
    try:
        return datetime.fromisoformat(facts["refreshed"]) if kind in SERVER else None
    except (KeyError, TypeError, ValueError):
        return None


def _capabilities(kind: CalendarKind, facts: dict[str, Any], own: bool, known: bool) -> Capabilities:
    """A server says itself what may be done; a snapshot can be renamed and deleted, and not written.

    What is not `known` yet may be one.
    """
    given = facts.get("can")
    if kind in SERVER and isinstance(given, dict):
        return Capabilities(**{name: given.get(name) is True for name in Capabilities.__slots__})
    return Capabilities(write=kind is CalendarKind.LOCAL and known, rename=True, delete=own)


def snapshot_of(facts: dict[str, Any]) -> SnapshotFacts | None:
    """The snapshot's facts in a calendar's facts; None when they are not there or damaged."""
    try:
        first, last = facts.get("first"), facts.get("last")
        window = DateRange(date.fromisoformat(first), date.fromisoformat(last)) if first and last else WHOLE_CALENDAR
        received = datetime.fromisoformat(facts["received"])
        return SnapshotFacts(window, received, str(facts.get("sender", "")), str(facts.get("relation", "")))
    except (KeyError, TypeError, ValueError):
        return None


def feed_state(facts: dict[str, Any]) -> tuple[datetime | None, str]:
    """When a calendar from the internet was last known to be current, and why it is not refreshed, if it is not."""
    feed = facts.get("feed")
    if not isinstance(feed, dict):
        return None, ""
    try:
        refreshed = datetime.fromisoformat(str(feed.get("refreshed", "")))
    except ValueError:
        return None, str(feed.get("problem", ""))
    return refreshed, str(feed.get("problem", ""))


def _question(facts: dict[str, Any], events: int) -> Smaller | None:
    """That the last answer was much smaller than what is here, and waits for the person's word."""
    feed = facts.get("feed")
    now = feed.get("asked_events") if isinstance(feed, dict) and feed.get("asked") else None
    return Smaller(events, now) if isinstance(now, int) else None


def facts_of_snapshot(snapshot: SnapshotFacts | None) -> dict[str, Any]:
    """A snapshot's facts as they are written down; nothing for an ordinary calendar."""
    if snapshot is None:
        return {}
    return {
        "kind": CalendarKind.SNAPSHOT.value,
        "owner": snapshot.sender,
        "first": snapshot.window.first.isoformat() if snapshot.window.first else "",
        "last": snapshot.window.last.isoformat() if snapshot.window.last else "",
        "received": snapshot.received.isoformat(),
        "sender": snapshot.sender,
        "relation": snapshot.relation,
    }


def slug_of(name: str, home: Path) -> str:
    """A free folder name below `home` that says which calendar it is: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:48] or "calendar"
    free, number = slug, 2
    while (home / free).exists() or (home / free).is_symlink():
        free, number = f"{slug}-{number}", number + 1
    return free


def no_calendar(identity: str) -> NotFound:
    """For an id that the index does not know."""
    return NotFound(_("There is no calendar “{name}”.").format(name=identity), _("`partagenda calendars` lists them."))


def no_event(uid: str) -> NotFound:
    """For a UID that a calendar does not hold."""
    return NotFound(_("There is no event with the UID “{uid}”.").format(uid=uid))
