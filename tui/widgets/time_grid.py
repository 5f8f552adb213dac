"""The time grid of a day, a work week or a week: its state, its cursor, and how it is drawn on a canvas. Pure.

Line 0 names the days, then come the all-day strip and the hours. Drawing is whole and cheap; what is sent to the
terminal is decided by the difference to the canvas before (`tui.widgets.canvas_widget`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple, TypeVar

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus, Moment
from core.calendar.span import DateRange
from core.language import _
from core.language.dates import day_and_month, day_name, hour_label, time_of_day, tiny_day_name
from tui.text import cell_width, clean
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.grid_layout import DAY_MINUTES, NARROW, Bar, Block, GridLayout, arrange, edges
from tui.widgets.look import Look, Step, Turn, short_time, title, wrap
from tui.widgets.selecting import Place, paint_span, place_of, span_between

GUTTER = 6
"""Cells for the hours at the left."""
STRIP = -1
"""The row of a cursor in the all-day strip."""
SCALES = (60, 30, 15)
TIME_WIDTH = 18
"""A block at least this wide says its start."""
NARROWEST = 3
"""Cells of the narrowest block: its mark and two letters."""
NOW_PARTS = 3


class Cursor(NamedTuple):
    """A day, a row (or STRIP), and which of the events there."""

    day: int = 0
    row: int = 16
    nth: int = 0


Part = TypeVar("Part", Block, Bar)


class TimeGrid:
    """Entries of some days beside hours. `paint` draws it, `move` walks in it, `hit` finds what is under the mouse."""

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
        self.second: tzinfo | None = None
        """Another zone whose hours stand before one's own."""
        self.width, self.height = 0, 0
        self._edges: tuple[int, ...] = (GUTTER,)
        self.cursor = Cursor(0, look.hours.start.hour * 60 // scale)
        self.top = max(0, self.cursor.row - 1)

    # -- what is shown

    @property
    def days(self) -> tuple[date, ...]:
        """The days, from left to right."""
        return self.layout.days

    def show(self, days: Sequence[date], entries: Iterable[Entry]) -> None:
        """Other days or other entries; the cursor stays on its weekday column and hour where it can."""
        self.entries = tuple(entries)
        self.layout = arrange(self.entries, days, self.scale)
        self._place_days()
        self._settle(self.cursor._replace(day=min(self.cursor.day, len(days) - 1)))

    def resize(self, width: int, height: int) -> None:
        """Another size in cells."""
        self.width, self.height = width, height
        self._place_days()
        self._settle(self.cursor)

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
        self.top = self._clamp_top(self.top + lines)

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
        """Accept a cursor and bring its row into sight, a quarter of the height away from the edge it crossed."""
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
        stops = self._stops()
        if direction > 0:
            found = next((stop for stop in stops if stop > self.cursor), None)
        else:
            found = next((stop for stop in reversed(stops) if stop < self.cursor), None)
        if found is None:
            return Turn.ON if direction > 0 else Turn.BACK
        self._settle(found)
        return None

    # -- drawing

    def paint(self, *, focused: bool, now: datetime) -> Canvas:
        """The whole grid. `now` is in the person's zone."""
        canvas = Canvas(self.width, self.height, Ink("grid.off"))
        if not self.days or self.width <= self.gutter + len(self.days) or self.height < 3:
            return canvas
        self._paint_heads(canvas, now)
        self._paint_hours(canvas, now)
        self._paint_strip(canvas, focused)
        for day in range(len(self.days)):
            self._paint_day(canvas, day, focused)
        self._paint_now(canvas, now)
        self._paint_hidden(canvas)
        if focused:
            paint_span(self, canvas)
            self._paint_cursor(canvas)
        return canvas

    def now_line(self, now: datetime) -> tuple[int, int] | None:
        """Row and third of a row of the now-line; None when today is not shown. It is drawn again when this changes."""
        if now.date() not in self.days:
            return None
        minute = now.hour * 60 + now.minute
        return minute // self.scale, minute % self.scale * NOW_PARTS // self.scale

    def _paint_heads(self, canvas: Canvas, now: datetime) -> None:
        canvas.fill(0, 0, self.width, 1, Ink("head"))
        if self.second and self.gutter > GUTTER:
            for x, zone in ((0, self.second), (GUTTER, now.tzinfo)):
                name = now.astimezone(zone).tzname() or ""
                canvas.put(x, 0, name[: GUTTER - 1].rjust(GUTTER - 1), Ink("head"), GUTTER)
        today = now.date()
        widths = [self.edge(n + 1) - self.edge(n) for n in range(len(self.days))]
        common = min((width for width in widths if width > NARROW), default=NARROW)
        for number, day in enumerate(self.days):
            ink, width = Ink("head.today" if day == today else "head"), widths[number]
            canvas.put(self.edge(number), 0, " " + _day_label(day, min(width, common) - 1), ink, width)

    def _paint_strip(self, canvas: Canvas, focused: bool) -> None:
        canvas.fill(0, 1, self.width, self.strip, Ink("strip"))
        chosen = self._items(self.cursor)[self.cursor.nth :][:1] if focused and self.cursor.row == STRIP else ()
        hidden = [0] * len(self.days)
        full = self.layout.bar_rows > self.strip
        for bar in self.layout.bars:
            if full and bar.row >= self.strip - 1 and bar not in chosen:
                for day in range(bar.first, bar.last + 1):
                    hidden[day] += 1
            else:
                self._paint_bar(canvas, bar, bar in chosen)
        for number, date_shown in enumerate(self.days):
            if self._unknown(date_shown) and not self.layout.bars_on(number):
                x, width = self.edge(number), self.edge(number + 1) - self.edge(number)
                text = " " + _("no data")
                canvas.put(x, 1, text if cell_width(text) < width else " ?", Ink("strip"), width)
        for day, count in enumerate(hidden):
            if count:
                canvas.put(self.edge(day) + 1, self.strip, f"+{count}", Ink("more.strip"))

    def _paint_bar(self, canvas: Canvas, bar: Bar, chosen: bool) -> None:
        x, end = self.edge(bar.first), self.edge(bar.last + 1)
        y = 1 + min(bar.row, self.strip - 1)
        marks, look = self.look.marks, self.look
        ink = look.ink("event.selected" if chosen else "event", bar.entry)
        canvas.fill(x, y, end - x, 1, ink)
        mark = marks.checked if bar.entry.id in self.marked else marks.status[bar.entry.status]
        mark = marks.before if bar.before else mark
        canvas.put(x, y, mark, ink if chosen else look.ink(_mark_role("event", bar.entry), bar.entry))
        number = look.number(bar.entry)
        canvas.put(
            x + 1, y, f"{number} {title(bar.entry)}" if number else title(bar.entry), ink, end - x - 1 - bar.after
        )
        if bar.after:
            canvas.put(end - 1, y, marks.after, ink)

    def _paint_hours(self, canvas: Canvas, now: datetime) -> None:
        """Gutter, working hours and the lines between days."""
        start, end = _minutes(self.look.hours.start), _minutes(self.look.hours.end)
        y0 = 1 + self.strip
        for line in range(self.body):
            minute = (self.top + line) * self.scale
            if minute >= DAY_MINUTES:
                break
            if self.gutter:
                canvas.put(self.gutter - GUTTER, y0 + line, self._label(minute), Ink("gutter"), GUTTER)
            if self.second and self.gutter > GUTTER:
                canvas.put(0, y0 + line, self._other_label(minute, now.tzinfo), Ink("gutter"), GUTTER)
            for number, day in enumerate(self.days):
                works = start <= minute < end and day.weekday() in self.look.hours.days
                role = "grid.unknown" if self._unknown(day) else "grid.work" if works else "grid.off"
                x, width = self.edge(number), self.edge(number + 1) - self.edge(number)
                canvas.fill(x, y0 + line, width, 1, Ink(role))
                canvas.put(x, y0 + line, self._filling(role, width), Ink(role))

    def _filling(self, role: str, width: int) -> str:
        """The line before a day; without colours it alone tells working hours from others."""
        marks = self.look.marks
        match role:
            case "grid.unknown":
                return marks.unknown * width
            case "grid.off":
                return marks.line_off
            case _other:
                return marks.line

    def _unknown(self, day: date) -> bool:
        """Whether the calendar says nothing of this day; free time there is not known."""
        first, last = self.known.first, self.known.last
        return first is not None and last is not None and not first <= day <= last

    @staticmethod
    def _label(minute: int) -> str:
        return hour_label(minute // 60).rjust(GUTTER - 1) if minute % 60 == 0 else ""

    def _other_label(self, minute: int, own: tzinfo | None) -> str:
        """What the clock says elsewhere at a full hour here, on the day of the cursor."""
        if minute % 60 or self.second is None:
            return ""
        there = (datetime.combine(self.days[self.cursor.day], time(minute // 60), own)).astimezone(self.second)
        return (hour_label(there.hour) if there.minute == 0 else short_time(there)).rjust(GUTTER - 1)

    def _paint_day(self, canvas: Canvas, day: int, focused: bool) -> None:
        """The blocks of a day; of two that follow each other without a gap the second has another tint."""
        touching: dict[tuple[int, int], bool] = {}
        chosen: Block | None = None
        if focused and self.cursor.day == day and self.cursor.row != STRIP:
            at = self.layout.blocks_at(day, self.cursor.row)
            chosen = at[self.cursor.nth] if self.cursor.nth < len(at) else None
        most = self._most(day)
        for block in self.layout.blocks[day]:
            second = not touching.get((block.column, block.row), True)
            touching[block.column, block.end] = second
            if block is not chosen and block.column < most:
                self._paint_block(canvas, block, day, "event.second" if second else "event")
            elif block is not chosen:
                self._paint_overflow(canvas, block, day)
        if chosen:
            self._paint_block(canvas, chosen, day, "event.selected")

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

    def _paint_block(self, canvas: Canvas, block: Block, day: int, role: str) -> None:
        x, width = self._place(block, day)
        ink, look = self.look.ink(role, block.entry), self.look
        mark_ink = ink if role == "event.selected" else look.ink(_mark_role(role, block.entry), block.entry)
        y0 = 1 + self.strip - self.top
        first, end = max(block.row, self.top), min(block.end, self.top + self.body)
        if first >= end:
            return
        digit = look.number(block.entry) if width > NARROWEST else ""  # whose it is, at the end of the first line
        lines = wrap(self._text(block, width - 1 - len(digit)), width - 1 - len(digit), end - first)
        for number, row in enumerate(range(first, end)):
            canvas.put(x, y0 + row, self._mark(block, row), mark_ink)
            canvas.put(x + 1, y0 + row, lines[number] if number < len(lines) else "", ink, width - 1)
        if digit:
            canvas.put(x + width - 1, y0 + first, digit, mark_ink)

    def _mark(self, block: Block, row: int) -> str:
        marks = self.look.marks
        if row == self.top and (block.row < row or block.before):
            return marks.above
        if row == self.top + self.body - 1 and (block.end > row + 1 or block.after):
            return marks.below
        return marks.checked if block.entry.id in self.marked else marks.status[block.entry.status]

    @staticmethod
    def _text(block: Block, width: int) -> str:
        """Time, title and place for `width` cells a line; on a single line the title goes before the others."""
        entry, name = block.entry, title(block.entry)
        timed = isinstance(entry.start, datetime) and width >= TIME_WIDTH - 1 and not block.before
        time_and_name = f"{time_of_day(entry.start)} {name}" if timed and isinstance(entry.start, datetime) else name
        place = f", {clean(entry.place)}" if entry.place and width >= 2 * NARROWEST - 1 else ""
        texts = (time_and_name + place, time_and_name, name + place, name)
        if block.rows > 1:
            return texts[0]
        return next((text for text in texts if cell_width(text) <= width), name)

    def _paint_overflow(self, canvas: Canvas, block: Block, day: int) -> None:
        """A block that has no room: the mark of its status at the right edge of the day, on each of its rows."""
        x, y0 = self.edge(day + 1) - 1, 1 + self.strip - self.top
        for row in range(max(block.row, self.top), min(block.end, self.top + self.body)):
            canvas.put(x, y0 + row, "+", self.look.ink("event.mark", block.entry))

    def _paint_now(self, canvas: Canvas, now: datetime) -> None:
        place = self.now_line(now)
        if place is None or not self.top <= place[0] < self.top + self.body:
            return
        day, y = self.days.index(now.date()), 1 + self.strip + place[0] - self.top
        mark = self.look.marks.now[place[1]]
        for x in range(self.edge(day), self.edge(day + 1)):
            if canvas.inks[y][x].role.startswith("grid."):
                role = "now.work" if canvas.inks[y][x].role == "grid.work" else "now.off"
                canvas.put(x, y, mark, Ink(role))
        canvas.put(self.gutter - 1, y, self.look.marks.after, Ink("gutter.now"))

    def _paint_hidden(self, canvas: Canvas) -> None:
        """Arrows in days that have events above or below what is shown."""
        first, last = 1 + self.strip, self.strip + self.body
        for day in range(len(self.days)):
            x = self.edge(day + 1) - 1
            blocks = self.layout.blocks[day]
            if any(block.end <= self.top for block in blocks):
                self._arrow(canvas, x, first, self.look.marks.above)
            if any(block.row >= self.top + self.body for block in blocks):
                self._arrow(canvas, x, last, self.look.marks.below)

    @staticmethod
    def _arrow(canvas: Canvas, x: int, y: int, mark: str) -> None:
        if canvas.texts[y][x]:  # never into the second half of a wide character
            canvas.put(x, y, mark, Ink("more"))

    def _paint_cursor(self, canvas: Canvas) -> None:
        """An empty slot under the cursor; an event there is painted as chosen already."""
        day, row, _index = self.cursor
        if self.selected is not None:
            return
        y = 1 if row == STRIP else 1 + self.strip + row - self.top
        if y <= self.strip + self.body and (row == STRIP or row >= self.top):
            canvas.tint(self.edge(day), y, self.edge(day + 1) - self.edge(day), Ink("cursor"))


def _mark_role(role: str, entry: Entry) -> str:
    """A busy mark is solid and stands on the event's own ground; patterns stand on the plain one, where they show."""
    return f"{role}.mark.solid" if entry.status is BusyStatus.BUSY and not entry.cancelled else "event.mark"


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _day_label(day: date, width: int) -> str:
    """The longest name of a day that fits, from `Mon, Jun 3` down to `3`."""
    names = (
        day_and_month(day),
        f"{day_name(day, short=True)} {day.day}",
        f"{tiny_day_name(day)} {day.day}",
        f"{tiny_day_name(day)}{day.day}",
    )
    return next((name for name in names if cell_width(name) <= width), str(day.day))
