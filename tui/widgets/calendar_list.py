"""The list of calendars at the left: groups, colours, check boxes, and what is to know of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from core.language import _, ngettext
from core.language.dates import short_date, short_date_span, time_of_day
from core.ports.calendars import CalendarInfo, CalendarKind, SnapshotFacts
from tui.commands import Scope, bindings
from tui.text import cell_width, cells, clean
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.canvas_widget import CanvasWidget

_DASH = " – "
_STANDARD = "Calendar"
"""What others call their main calendar, whatever the language here."""
_LEAST = 3
"""Cells of an owner that still tell something."""
NAME = 4
"""The cell in which a calendar's name begins."""


class Row(NamedTuple):
    """A line of the list: a group's head, a calendar, or a note below one."""

    text: str
    info: CalendarInfo | None = None
    note: bool = False


def rows_of(calendars: Sequence[CalendarInfo], now: datetime) -> list[Row]:
    """The list by groups: one's own, those of others, files that are looked at. Empty groups are left out."""
    rows: list[Row] = []
    for name, members in _groups(calendars):
        if members:
            rows += [Row("")] if rows else []
            rows.append(Row(name))
        for info in members:
            rows.append(Row(clean(info.name), info))
            if info.snapshot:
                rows += [Row(text, note=True) for text in snapshot_notes(info.snapshot, now)]
            if info.problem:
                rows.append(Row(clean(info.problem), note=True))
            if info.kind is CalendarKind.FEED:
                rows += [Row(text, note=True) for text in (freshness(info, now), clean(info.offline)) if text]
            else:
                rows += [Row(text, note=True) for text in server_notes(info, now)]
    return rows


def _groups(calendars: Sequence[CalendarInfo]) -> list[tuple[str, list[CalendarInfo]]]:
    def shared(info: CalendarInfo) -> bool:
        return info.kind in (CalendarKind.SNAPSHOT, CalendarKind.FEED) or bool(info.owner)

    files = [info for info in calendars if info.kind is CalendarKind.FILE]
    others = [info for info in calendars if info not in files and shared(info)]
    own = [info for info in calendars if info not in files and info not in others]
    return [(_("My Calendars"), own), (_("Shared with Me"), others), (_("Files Looked At"), files)]


def short_name(name: str, room: int) -> str:
    """A calendar's name in so many cells. “Owner – Calendar” loses the part that all of them have, then of any other
    “Owner – Name” the owner is cut before the name.
    """
    if cell_width(name) <= room:
        return name
    owner, dash, rest = name.partition(_DASH)
    if not dash:
        return cells(name, room)
    if name == _("{name} – Calendar").format(name=owner) or rest == _STANDARD:
        return cells(owner, room).rstrip()
    left = room - cell_width(_DASH + rest)
    return f"{cells(owner, left)}{_DASH}{rest}" if left >= _LEAST else cells(name, room)


def snapshot_notes(facts: SnapshotFacts, now: datetime) -> tuple[str, str]:
    """Of which days a snapshot speaks, and how old it is."""
    first, last = facts.window.first, facts.window.last
    window = short_date_span(first, last) if first and last else _("Whole calendar")
    return window, age(facts.received, now)


def server_notes(info: CalendarInfo, now: datetime) -> list[str]:
    """That a server did not answer and of when the copy is, and what it has not confirmed."""
    notes = []
    if info.offline:
        notes.append(_("Offline {copy}").format(copy=copy_of(info, now)))
    if info.smaller:
        notes.append(_("Server: {now} of {before}").format(now=info.smaller.now, before=info.smaller.before))
    if info.waiting:
        notes.append(ngettext("{count} change waits", "{count} changes wait", info.waiting).format(count=info.waiting))
    return notes


def copy_of(info: CalendarInfo, now: datetime) -> str:
    """Of when a copy is: its time today, else its day."""
    if info.refreshed is None:
        return _("never read")
    there = info.refreshed.astimezone(now.tzinfo)
    return time_of_day(there) if there.date() == now.date() else short_date(there.date())


def freshness(info: CalendarInfo, now: datetime) -> str:
    """Of when a calendar from the internet is."""
    return _("as of {when}").format(when=copy_of(info, now)) if info.refreshed else _("never read")


def age(moment: datetime, now: datetime) -> str:
    """How long ago: today, 1 day old, 3 days old, then its date."""
    days = (now.date() - moment.astimezone(now.tzinfo).date()).days
    if days <= 0:
        return _("of today")
    if days > 60:
        return short_date(moment.date())
    return ngettext("{count} day old", "{count} days old", days).format(count=days)


class CalendarList(CanvasWidget, can_focus=True):
    """Walked with the arrows. Enter shows a calendar in the pane one came from, Space ticks it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LIST)]

    class Chosen(Message):
        """Enter: this calendar shall stand in the active pane."""

        def __init__(self, info: CalendarInfo) -> None:
            super().__init__()
            self.info = info

    class Ticked(Message):
        """Space, or a click on the box: show or hide."""

        def __init__(self, info: CalendarInfo) -> None:
            super().__init__()
            self.info = info

    class Moved(Message):
        """The cursor is on another calendar; its whole name is told elsewhere."""

    class Left(Message):
        """Esc: back to the panes."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows: list[Row] = []
        self.shown: frozenset[str] = frozenset()
        self.colours: Mapping[str, str] = {}
        self.cursor = 0
        self.top = 0

    def show(self, rows: Sequence[Row], shown: frozenset[str], colours: Mapping[str, str]) -> None:
        """Other calendars, or other ticks. The cursor stays on its calendar."""
        kept = self.info
        self.rows, self.shown, self.colours = list(rows), shown, colours
        self.select(kept.id if kept else "")

    @property
    def info(self) -> CalendarInfo | None:
        """The calendar under the cursor."""
        return self.rows[self.cursor].info if self.cursor < len(self.rows) else None

    def select(self, calendar: str) -> None:
        """Put the cursor on a calendar, else on the first one."""
        places = [n for n, row in enumerate(self.rows) if row.info]
        self.cursor = next((n for n in places if self._calendar_at(n) == calendar), places[0] if places else 0)
        self._reveal()

    def _calendar_at(self, row: int) -> str:
        info = self.rows[row].info
        return info.id if info else ""

    def action_move(self, direction: int) -> None:
        """To the next calendar, up or down."""
        places = [n for n, row in enumerate(self.rows) if row.info]
        beyond = [n for n in places if (n > self.cursor if direction > 0 else n < self.cursor)]
        if beyond:
            self.cursor = beyond[0] if direction > 0 else beyond[-1]
        self._reveal()
        self.post_message(self.Moved())

    def action_show(self) -> None:
        """Show it in the active pane."""
        if self.info:
            self.post_message(self.Chosen(self.info))

    def action_tick(self) -> None:
        """Show it beside, or hide it."""
        if self.info:
            self.post_message(self.Ticked(self.info))

    def action_back(self) -> None:
        """Back to the panes."""
        self.post_message(self.Left())

    def _reveal(self) -> None:
        height = max(1, self.size.height)
        last = self.cursor
        while last + 1 < len(self.rows) and self.rows[last + 1].note:
            last += 1
        head = self.cursor - 1 if self.cursor and self.rows[self.cursor - 1].info is None else self.cursor
        self.top = max(0, min(head, max(self.top, last - height + 1)))
        self.redraw()

    def draw(self, width: int, height: int) -> Canvas:
        """The part of the list that is in sight."""
        canvas = Canvas(width, height, Ink("side"))
        for y, row in enumerate(self.rows[self.top : self.top + height]):
            if row.info:
                self._draw_calendar(canvas, y, row, self.has_focus and self.top + y == self.cursor)
            else:
                ink = Ink("side.dim" if row.note else "side.head")
                canvas.put(NAME if row.note else 1, y, row.text, ink, width - (NAME if row.note else 1) - 1)
        return canvas

    def _draw_calendar(self, canvas: Canvas, y: int, row: Row, chosen: bool) -> None:
        assert row.info
        marks, ink = self.partagenda.marks, Ink("side.cursor" if chosen else "side")
        canvas.fill(0, y, canvas.width, 1, ink)
        canvas.put(0, y, marks.swatch, Ink("side.mark", self.colours.get(row.info.id, "1")))
        canvas.put(2, y, marks.checked if row.info.id in self.shown else marks.unchecked, ink)
        star = row.info.default
        canvas.put(NAME, y, short_name(row.text, canvas.width - NAME - 1 - 2 * star), ink)
        if star:
            canvas.put(canvas.width - 2, y, marks.star, ink)

    def on_click(self, event: Click) -> None:
        """A click on the box ticks, a click on the name shows."""
        number = self.top + event.y
        if number < len(self.rows) and (info := self.rows[number].info):
            self.cursor = number
            self.post_message(self.Ticked(info) if event.x < NAME else self.Chosen(info))
            self.redraw()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Down the list."""
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Up the list."""
        event.stop()
        self.action_move(-1)
