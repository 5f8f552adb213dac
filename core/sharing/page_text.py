"""The snapshot as plain text that stands alone: for text mail readers, screen readers and terminals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.calendar.status import status_word
from core.language import _
from core.sharing import page_parts as parts
from core.sharing.detail import DetailLevel, Layout
from core.sharing.schedule import DaySchedule, Item, Row
from core.sharing.snapshot import Snapshot


def text(snapshot: Snapshot, message: str = "") -> str:
    """The page; `message` is what the sender wrote, put first. Lines end with `\\n`."""
    lines: list[str] = []
    if message:
        lines += [*message.split("\n"), "", "_" * 60, ""]
    lines += _head(snapshot)
    for day in parts.sections(snapshot):
        lines += ["", *_day(day, snapshot)]
    lines += [line for sentence in parts.nothing(snapshot) for line in ("", sentence)]
    lines += _details(snapshot)
    lines += ["", parts.closing(snapshot)]
    return "\n".join(lines) + "\n"


def _head(snapshot: Snapshot) -> Iterator[str]:
    yield parts.heading(snapshot)
    yield f"{snapshot.calendar_name} · {snapshot.owner.address}"
    yield ""
    yield parts.range_line(snapshot)
    yield parts.zone_line(snapshot)
    yield parts.detail_line(snapshot)
    yield from parts.remarks(snapshot)


def _day(day: DaySchedule, snapshot: Snapshot) -> Iterator[str]:
    title = parts.day_title(day) + ("" if day.works else f" · {_('not a working day')}")
    yield title
    yield "-" * len(title)
    rows = list(_rows(day, snapshot))
    width = max((len(label) for label, _words in rows), default=0)
    for label, words in rows:
        yield f"  {label.ljust(width)}  {words[0]}"
        yield from (f"  {' ' * width}  {more}" for more in words[1:])


def _rows(day: DaySchedule, snapshot: Snapshot) -> Iterator[tuple[str, Sequence[str]]]:
    listed = snapshot.options.layout is Layout.LIST
    for item in day.items if listed else day.strip:
        yield parts.item_label(item, day, snapshot), [_item(item, snapshot)]
    for row in () if listed else parts.rows_to_show(day):
        yield parts.row_label(row, day, snapshot), _row(row, snapshot)


def _row(row: Row, snapshot: Snapshot) -> list[str]:
    named = [item for item in row.items if item.event.title]
    words = [_item(item, snapshot) for item in named]
    return words if named and len(named) == len(row.items) else [*words, status_word(row.status)]


def _item(item: Item, snapshot: Snapshot) -> str:
    event = item.event
    if not event.title:
        return status_word(event.status)
    mark = f" [{item.number}]" if _numbered(item, snapshot) else ""
    place = f" · {event.place}" if event.place else ""
    return f"{event.title}{mark}{place} · {status_word(event.status)}"


def _numbered(item: Item, snapshot: Snapshot) -> bool:
    return snapshot.options.level is DetailLevel.FULL and parts.has_details(item)


def _details(snapshot: Snapshot) -> Iterator[str]:
    items = parts.detailed(snapshot) if snapshot.options.level is DetailLevel.FULL else []
    if items:
        title = _("Details")
        yield from ("", title, "=" * len(title))
    for item in items:
        yield ""
        yield f"[{item.number}] {parts.item_title(item)}"
        yield from (f"    {label}: {value}" for label, value in parts.facts(item, snapshot))
        notes = parts.notes(item)
        if notes:
            yield ""
            yield from (f"    {line}".rstrip() for line in notes.split("\n"))
