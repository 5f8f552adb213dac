"""What a time grid shows, and its cursor: where keys and the mouse lead. Pure; `tui.widgets.time_grid` draws it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple, TypeVar

from core.calendar.entry import Entry
from core.calendar.event import Moment
from core.calendar.span import DateRange
from tui.widgets.free_band import Band
from tui.widgets.grid_layout import DAY_MINUTES, Bar, Block, GridLayout, arrange, edges
from tui.widgets.look import Look, Step, Turn, stop_beyond
from tui.widgets.selecting import Place, place_of, span_between

GUTTER = 6
"""Cells for the hours at the left."""
STRIP = -1
"""The row of a cursor in the all-day strip."""
SCALES = (60, 30, 15)
NARROWEST = 3
"""Cells of the narrowest block: its mark and two letters."""


class Cursor(NamedTuple):
    """A day, a row (or STRIP), and which of the events there."""

    day: int = 0
    row: int = 16
    nth: int = 0


Part = TypeVar("Part", Block, Bar)


class GridWalk:
    """Entries of some days beside hours. `move` walks in them, `hit` finds what is under the mouse."""

    def __init__(self, look: Look, scale: int = 30) -> None:
        self.look = look
        self.scale = scale
        self.layout = GridLayout((), scale)
        self.entries: tuple[Entry, ...] = ()
        self.known = DateRange()
        """The days for which the calendar speaks: a snapshot says nothing of others."""
        self.gutter = GUTTER
        """Cells for the hours; none where the pane beside has them already."""
        self.anchor: Place | None = None
        """Where a span of time begins that is being marked."""
        self.marked: frozenset[str] = frozenset()
        """Ids of marked events."""
        self.ghost: Entry | None = None
        """Where the event that the mouse holds would be, or a time that is suggested."""
        self._next: tuple[tuple[Entry, ...], GridLayout] | None = None
        """Entries that will be shown next, and how they are laid out."""
        self.band = Band()
        """Common free time, drawn along the days."""
        self.second: tzinfo | None = None
        """Another zone whose hours stand before one's own."""
        self.width, self.height = 0, 0
        self._edges: tuple[int, ...] = (GUTTER,)
        self.cursor = Cursor(0, look.hours.start.hour * 60 // scale)
        self.top = max(0, self.cursor.row - 1)
        self._wished = self.top
        """The top where keys or the mouse left it: another height may show another for a while, and comes back."""

    # -- what is shown

    @property
    def days(self) -> tuple[date, ...]:
        """The days, from left to right."""
        return self.layout.days

    def show(self, days: Sequence[date], entries: Iterable[Entry]) -> None:
        """Other days or other entries; the cursor stays on its weekday column and hour where it can."""
        self.entries = tuple(entries)
        self.layout = self._foreseen(days) or arrange(self.entries, days, self.scale)
        self._place_days()
        self._fit(self.cursor._replace(day=min(self.cursor.day, len(days) - 1)))

    def _foreseen(self, days: Sequence[date]) -> GridLayout | None:
        """The layout of these very entries, if it was made ahead."""
        entries, layout = self._next or ((), self.layout)
        fits = self._next and entries is self.entries and (layout.days, layout.scale) == (tuple(days), self.scale)
        return layout if fits else None

    def suggest(self, ghost: Entry | None) -> None:
        """Another time is suggested, or none."""
        self.ghost = ghost

    def resize(self, width: int, height: int) -> None:
        """Another size in cells."""
        self.width, self.height = width, height
        self._place_days()
        self._fit(self.cursor)

    def _place_days(self) -> None:
        """Columns of the days; a day off on which nothing is gives its cells to the others."""
        narrow = [day.weekday() not in self.look.hours.days and not self._busy(n) for n, day in enumerate(self.days)]
        self._edges = tuple(self.gutter + x for x in edges(max(0, self.width - self.gutter), narrow))

    def _busy(self, day: int) -> bool:
        return bool(self.layout.blocks[day]) or any(bar.first == day for bar in self.layout.bars_on(day))

    def rescale(self, scale: int) -> None:
        """Another number of minutes a row (60, 30 or 15); the hour at the top and the cursor's stay."""
        old, self.scale = self.scale, scale
        row = self.cursor.row if self.cursor.row == STRIP else self.cursor.row * old // scale
        self.top = self.top * old // scale
        self.layout = arrange(self.entries, self.days, scale)
        self._settle(Cursor(self.cursor.day, row))

    @property
    def strip(self) -> int:
        """Lines of the all-day strip."""
        return min(max(1, self.layout.bar_rows), max(1, self.height // 6))

    @property
    def body(self) -> int:
        """Lines for hours."""
        return max(1, self.height - 1 - self.strip)

    def edge(self, day: int) -> int:
        """The first cell of a day's column."""
        return self._edges[day]

    # -- the cursor

    @property
    def selected(self) -> Entry | None:
        """The event under the cursor."""
        found = self._items(self.cursor)
        return found[self.cursor.nth].entry if self.cursor.nth < len(found) else None

    @property
    def moment(self) -> datetime:
        """The day and the wall-clock time of the cursor (midnight in the all-day strip); naive."""
        day = self.days[self.cursor.day] if self.days else date.today()  # noqa: DTZ011 - before anything is shown
        return datetime.combine(day, time()) + timedelta(minutes=max(0, self.cursor.row) * self.scale)

    @property
    def about(self) -> str:
        """Slots tell it all."""
        return ""

    @property
    def place(self) -> Place:
        """Where the cursor is, as a span may begin there."""
        return place_of(self)

    @property
    def span(self) -> tuple[Moment, Moment] | None:
        """The marked span of time, naive; None without one."""
        return span_between(self.anchor, self.place, self.scale) if self.anchor else None

    def go_to(self, day: date, minute: int | None = None) -> None:
        """Put the cursor on a day, and at a minute of it."""
        if not self.days:
            return
        column = min(range(len(self.days)), key=lambda n: abs((self.days[n] - day).days))
        row = self.cursor.row if minute is None else min(minute, DAY_MINUTES - 1) // self.scale
        self._settle(Cursor(column, row))

    def select(self, entry_id: str) -> bool:
        """Put the cursor on an event that is shown."""
        for cursor in self._stops():
            if self._items(cursor)[cursor.nth].entry.id == entry_id:
                self._settle(cursor)
                return True
        return False

    def move(self, step: Step) -> Turn | None:
        """Walk; the answer tells when that leads out of the days that are shown (and then nothing moved)."""
        match step:
            case Step.UP | Step.DOWN:
                self._vertical(1 if step is Step.DOWN else -1)
            case Step.LEFT | Step.RIGHT:
                return self._sideways(1 if step is Step.RIGHT else -1)
            case Step.NEXT_EVENT | Step.PREVIOUS_EVENT:
                return self._to_event(1 if step is Step.NEXT_EVENT else -1)
            case Step.PAGE_UP | Step.PAGE_DOWN:
                page = max(1, self.body - 2)
                row = max(0, self.cursor.row) + (page if step is Step.PAGE_DOWN else -page)
                self._settle(Cursor(self.cursor.day, min(max(row, 0), self.layout.rows - 1)))
            case Step.HOME:
                first = self.look.hours.start.hour * 60 // self.scale
                self._settle(Cursor(self.cursor.day, STRIP if self.cursor.row == first else first))
            case Step.END:
                end = self.look.hours.end
                self._settle(Cursor(self.cursor.day, (end.hour * 60 + end.minute) // self.scale - 1))
        return None

    def enter(self, turn: Turn, step: Step) -> None:
        """After the days turned: go on with the walk on the side where one comes in."""
        column = 0 if turn is Turn.ON else len(self.days) - 1
        if step in (Step.NEXT_EVENT, Step.PREVIOUS_EVENT):
            stops = self._stops()
            if stops:
                self._settle(stops[0] if turn is Turn.ON else stops[-1])
                return
        cursor = Cursor(column, self.cursor.row)
        last = len(self._items(cursor)) - 1
        self._settle(cursor._replace(nth=max(0, last) if turn is Turn.BACK else 0))

    def scroll(self, lines: int) -> None:
        """Move the hours under a cursor that stays where it is."""
        self.top = self._wished = self._clamp_top(self.top + lines)

    def hit(self, x: int, y: int) -> bool:
        """Put the cursor where the mouse is; False beside the days."""
        if not self.days or not self.gutter <= x < self.width:
            return False
        day = max(n for n in range(len(self.days)) if self.edge(n) <= x)
        if y < 1 + self.strip:
            row = STRIP
            found = [n for n, bar in enumerate(self.layout.bars_on(day)) if bar.row == y - 1]
        else:
            row = min(self.top + y - 1 - self.strip, self.layout.rows - 1)
            blocks = self.layout.blocks_at(day, row)
            found = [n for n, block in enumerate(blocks) if self._at(block, day, x)]
        self._settle(Cursor(day, row, found[-1] if found else 0))
        return True

    def point(self, x: int, y: int) -> Place | None:
        """The day and the minute under the mouse (no minute in the all-day strip)."""
        if not self.days or not self.gutter <= x < self.width or not 0 <= y < self.height:
            return None
        day = self.days[max(n for n in range(len(self.days)) if self.edge(n) <= x)]
        row = self.top + y - 1 - self.strip
        return Place(day, None if y < 1 + self.strip else min(row, self.layout.rows - 1) * self.scale)

    def at_end(self, y: int) -> bool:
        """Whether the event under the cursor ends on this line, so that the mouse takes its end."""
        found = self._items(self.cursor)
        block = found[self.cursor.nth] if self.cursor.nth < len(found) else None
        if not isinstance(block, Block) or block.rows < 2 or block.after:
            return False
        return self.top + y - 1 - self.strip == block.end - 1

    def _most(self, day: int) -> int:
        """How many columns of events fit side by side."""
        return max(1, (self.edge(day + 1) - self.edge(day)) // NARROWEST)

    def _place(self, block: Block, day: int) -> tuple[int, int]:
        """First cell and width of a block."""
        left, width = self.edge(day), self.edge(day + 1) - self.edge(day)
        columns = min(block.columns, self._most(day))
        column = min(block.column, columns - 1)
        x = left + column * width // columns
        return x, left + min(column + block.span, columns) * width // columns - x

    def _at(self, block: Block, day: int, x: int) -> bool:
        left, width = self._place(block, day)
        return left <= x < left + width

    def _items(self, cursor: Cursor) -> tuple[Block, ...] | tuple[Bar, ...]:
        if not self.days:
            return ()
        if cursor.row == STRIP:
            return self.layout.bars_on(cursor.day)
        return self.layout.blocks_at(cursor.day, cursor.row)

    def _settle(self, cursor: Cursor) -> None:
        """Accept a cursor that was led somewhere; what is then at the top stays there."""
        self._wished = self.top
        self._fit(cursor)
        self._wished = self.top

    def _fit(self, cursor: Cursor) -> None:
        """Accept a cursor and bring its row into sight, a quarter of the height away from the edge it crossed."""
        self.top = self._wished
        row = min(cursor.row, self.layout.rows - 1)
        self.cursor = cursor._replace(day=max(0, cursor.day), row=row)
        if row != STRIP:
            if row < self.top:
                self.top = row - self.body // 4
            elif row >= self.top + self.body:
                self.top = row - self.body + 1 + self.body // 4
        self.top = self._clamp_top(self.top)

    def _clamp_top(self, top: int) -> int:
        return max(0, min(top, self.layout.rows - self.body))

    def _vertical(self, direction: int) -> None:
        day, row, index = self.cursor
        if row == STRIP:
            if 0 <= index + direction < len(self.layout.bars_on(day)):
                self._settle(Cursor(day, STRIP, index + direction))
            elif direction > 0:
                self._settle(Cursor(day, self.top))
            return
        kept = self.selected
        target = Cursor(day, max(STRIP, min(row + direction, self.layout.rows - 1)))
        if target.row == STRIP:
            self._settle(target._replace(nth=max(0, len(self.layout.bars_on(day)) - 1)))
            return
        entries = [block.entry for block in self.layout.blocks_at(day, target.row)]
        self._settle(target._replace(nth=entries.index(kept) if kept in entries else 0))

    def _sideways(self, direction: int) -> Turn | None:
        day, row, index = self.cursor
        beside = len(self._items(self.cursor)) if row != STRIP else 0
        if 0 <= index + direction < beside:
            self._settle(self.cursor._replace(nth=index + direction))
            return None
        if not 0 <= day + direction < len(self.days):
            return Turn.ON if direction > 0 else Turn.BACK
        target = Cursor(day + direction, row)
        last = max(0, len(self._items(target)) - 1)
        self._settle(target._replace(nth=last if direction < 0 and row != STRIP else 0))
        return None

    def _stops(self) -> list[Cursor]:
        """Where each event begins, day by day: bars, then blocks by time."""
        stops: list[Cursor] = []
        for day in range(len(self.days)):
            bars = self.layout.bars_on(day)
            stops += [Cursor(day, STRIP, n) for n, bar in enumerate(bars) if bar.first == day]
            for block in self.layout.blocks[day]:
                beside = self.layout.blocks_at(day, block.row)
                if not (block.before and day > 0):
                    stops.append(Cursor(day, block.row, beside.index(block)))
        return stops

    def _to_event(self, direction: int) -> Turn | None:
        found = stop_beyond(self._stops(), self.cursor, direction)
        if found is None:
            return Turn.ON if direction > 0 else Turn.BACK
        self._settle(found)
        return None
