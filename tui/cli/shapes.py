"""The JSON shapes of cli.md, and the lines that people read for the same things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from core.calendar.entry import Entry
from core.calendar.event import Attendee, Moment
from core.ports.calendars import CalendarInfo
from tui.text import cell_width, cells, clean

Row = Sequence[str]


def moment(value: Moment | None) -> str | None:
    """RFC 3339 with an offset; a date for an all-day moment.

    RFC 3339 knows offsets of whole minutes only: a time from before standard time is told in UTC.
    """
    if not isinstance(value, datetime):
        return None if value is None else str(value)
    ahead = value.utcoffset()
    if ahead is not None and ahead.seconds % 60:
        value = value.astimezone(UTC)
    return value.isoformat(timespec="seconds")


def person(attendee: Attendee) -> dict[str, str]:
    """Somebody at an event."""
    return {
        "name": attendee.name,
        "address": attendee.address,
        "role": attendee.role.value,
        "response": attendee.response.value,
    }


def calendar(info: CalendarInfo) -> dict[str, object]:
    """One calendar of `calendars`."""
    return {
        "id": info.id,
        "name": info.name,
        "account": info.account,
        "kind": info.kind.value,
        "owner": info.owner,
        "events": info.events,
        "level": info.level,
        "refreshed": moment(info.refreshed),
    }


def occurrence(entry: Entry, calendar_name: str, *, hide_empty: bool = False) -> dict[str, object]:
    """One occurrence of `agenda`, `search` or `view-as`; with `hide_empty` what the level hides is absent."""
    shape: dict[str, object] = {
        "id": entry.id,
        "uid": entry.uid,
        "calendar": calendar_name,
        "title": entry.title,
        "start": moment(entry.start),
        "end": moment(entry.end),
        "all_day": entry.all_day,
        "time_zone": entry.time_zone,
        "status": entry.status.value,
        "private": entry.private,
        "place": entry.place,
        "organizer": person(entry.organizer) if entry.organizer else None,
        "attendees": [person(attendee) for attendee in entry.attendees],
        "recurring": entry.recurring,
    }
    return without_empty(shape) if hide_empty else shape


def without_empty(shape: Mapping[str, object]) -> dict[str, object]:
    """The shape without text, people and lists that are empty: a value that a level hides is absent."""
    return {key: value for key, value in shape.items() if value not in ("", None, [])}


def table(rows: Sequence[Row], *, gap: int = 2, widest: int = 48) -> list[str]:
    """Rows as lines in columns, by terminal cells. Long cells are cut; the last of a row never is."""
    if not rows:
        return []
    cleaned = [[clean(cell) for cell in row] for row in rows]
    columns = max(map(len, cleaned))
    widths = [min(widest, max(cell_width(row[n]) for row in cleaned if n < len(row))) for n in range(columns)]
    return [_line(row, widths, " " * gap) for row in cleaned]


def _line(row: Row, widths: Sequence[int], gap: str) -> str:
    padded = [cells(cell, width) for cell, width in zip(row[:-1], widths, strict=False)]
    return gap.join([*padded, *row[-1:]]).rstrip()
