"""The month: weeks below one another, a cell for each day. State, cursor and drawing; pure, walked like the grid.

What lasts a day or longer is a bar over its days; the others stand below with their time. What does not fit is
counted: *+3 more*. A day off on which nothing is all month gives its cells to the others when space is short.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from core.calendar.entry import Entry
from core.language import _, ngettext
from core.language.dates import day_name, month_name, tiny_day_name
from tui.text import cell_width
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.grid_layout import Bar, Block, GridLayout, arrange, edges
from tui.widgets.look import Look, Step, Turn, short_time, stop_beyond, title, wrap
from tui.widgets.periods import week_number
from tui.widgets.selecting import Place

GUTTER = 4
"""Cells for the numbers of weeks."""
TIMED = 13
"""A cell at least so wide has the times of its events."""
WEEK = 7
DAY = -1
"""The cursor stands on the day itself and on no event."""

Item = Block | Bar


class Cursor(NamedTuple):
    """A day, and which of its events (or DAY)."""

    day: int = 0
    nth: int = DAY


class Slot(NamedTuple):
    """An event on a line of its day's cell, counted from the line below the day's number."""

    line: int
    item: Item


class MonthView:
    """Entries of whole weeks. `paint` draws them, `move` walks in them, `hit` finds what is under the mouse."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.days: tuple[date, ...] = ()
        self.weeks: tuple[GridLayout, ...] = ()
        self.ghost: Entry | None = None
        """A time that is suggested: its day is marked."""
        self.width, self.height = 0, 0
        self.cursor = Cursor()
        self._edges: tuple[int, ...] = (0,)
        self._wanted: date | None = None
        self._slots: list[tuple[list[Slot], int]] = []

    # -- what is shown

    def show(self, days: Sequence[date], entries: Iterable[Entry]) -> None:
        """Other weeks or other entries; the cursor stays on its day where it can, on its event too."""
        kept, day = self.selected, self.moment.date() if self.days else None
        self.days, found = tuple(days), tuple(entries)
        weeks = [self.days[first : first + WEEK] for first in range(0, len(self.days), WEEK)]
        self.weeks = tuple(arrange(found, week, 60) for week in weeks)
        self._place_days()
        self.cursor = Cursor(self.days.index(day) if day in self.days else 0)
        if kept and day in self.days:
            same = [nth for nth, item in enumerate(self._items(self.cursor.day)) if item.entry.id == kept.id]
            self.cursor = self.cursor._replace(nth=same[0] if same else DAY)

    def suggest(self, ghost: Entry | None) -> None:
        """Another time is suggested, or none."""
        self.ghost = ghost

    def resize(self, width: int, height: int) -> None:
        """Another size in cells."""
        self.width, self.height = width, height
        self._place_days()

    def _place_days(self) -> None:
        if not self.weeks:
            return
        off = [day.weekday() not in self.look.hours.days for day in self.days[:WEEK]]
        narrow = [is_off and not any(self._busy(week, n) for week in self.weeks) for n, is_off in enumerate(off)]
        left = GUTTER if self.look.weeks else 0
        self._edges = tuple(left + x for x in edges(max(0, self.width - left), narrow))

    @staticmethod
    def _busy(week: GridLayout, column: int) -> bool:
        return bool(week.blocks[column]) or any(bar.first == column for bar in week.bars)

    @property
    def month(self) -> date:
        """A day of the month that is shown."""
        return self.days[len(self.days) // 2]

    def top_of(self, week: int) -> int:
        """The line of a week's day numbers; the one after the last week is the height."""
        return 1 + week * (self.height - 1) // max(1, len(self.weeks))

    def _items(self, day: int) -> list[Item]:
        """The events of a day in the order of its cell: bars by their line, then the others by time."""
        week, column = divmod(day, WEEK)
        layout = self.weeks[week]
        blocks = sorted(layout.blocks[column], key=_begin)
        return [*sorted(layout.bars_on(column), key=lambda bar: bar.row), *blocks]

    def slots(self, day: int) -> tuple[list[Slot], int]:
        """The events of a day that have a line, and how many have none."""
        week = day // WEEK
        room = self.top_of(week + 1) - self.top_of(week) - 1
        items = self._items(day)
        bars = [Slot(item.row, item) for item in items if isinstance(item, Bar)]
        taken = {slot.line for slot in bars}
        free = (line for line in range(len(items) + len(self.days)) if line not in taken)
        placed = [*bars, *(Slot(next(free), item) for item in items if isinstance(item, Block))]
        if all(slot.line < room for slot in placed):
            return placed, 0
        kept = [slot for slot in placed if slot.line < room - 1]
        return kept, len(placed) - len(kept)

    # -- the cursor

    @property
    def selected(self) -> Entry | None:
        """The event under the cursor."""
        items = self._items(self.cursor.day) if self.days else []
        return items[self.cursor.nth].entry if 0 <= self.cursor.nth < len(items) else None

    @property
    def moment(self) -> datetime:
        """The day of the cursor, and when its event begins (else the first working hour); naive."""
        if not self.days:
            return datetime.combine(date.today(), time())  # noqa: DTZ011 - before anything is shown
        day, entry = self.days[self.cursor.day], self.selected
        if entry and isinstance(entry.start, datetime) and entry.start.date() == day:
            return entry.start.replace(tzinfo=None)
        return datetime.combine(day, self.look.hours.start)

    @property
    def about(self) -> str:
        """How many events the day has."""
        count = len(self._items(self.cursor.day)) if self.days else 0
        return ngettext("{count} event", "{count} events", count).format(count=count) if count else ""

    def go_to(self, day: date, minute: int | None = None) -> None:
        """Put the cursor on a day."""
        if self.days:
            self.cursor = Cursor(min(max(0, (day - self.days[0]).days), len(self.days) - 1))

    def select(self, entry_id: str) -> bool:
        """Put the cursor on an event that is shown."""
        found = next((stop for stop in self._stops() if self._at(stop).entry.id == entry_id), None)
        if found:
            self.cursor = found
        return found is not None

    def move(self, step: Step) -> Turn | None:
        """Walk by days and weeks, or from event to event; leaving the month turns it."""
        match step:
            case Step.LEFT | Step.RIGHT:
                return self._to_day(1 if step is Step.RIGHT else -1)
            case Step.UP | Step.DOWN:
                return self._to_day(WEEK if step is Step.DOWN else -WEEK)
            case Step.NEXT_EVENT | Step.PREVIOUS_EVENT:
                return self._to_event(1 if step is Step.NEXT_EVENT else -1)
            case Step.PAGE_UP | Step.PAGE_DOWN:
                return Turn.ON if step is Step.PAGE_DOWN else Turn.BACK
            case Step.HOME | Step.END:
                week = self.cursor.day // WEEK * WEEK
                self.cursor = Cursor(week if step is Step.HOME else week + WEEK - 1)
        return None

    def _to_day(self, count: int) -> Turn | None:
        day = self.days[self.cursor.day].toordinal() + count
        if not date.min.toordinal() <= day <= date.max.toordinal():
            return None
        target = date.fromordinal(day)
        same = (target.year, target.month) == (self.month.year, self.month.month)
        if target in self.days and (same or self._inside(target, count)):
            self.go_to(target)
            return None
        self._wanted = target
        return Turn.ON if count > 0 else Turn.BACK

    def _inside(self, target: date, count: int) -> bool:
        """Whether a walk that began outside of the month comes nearer to it."""
        return target < self.month.replace(day=1) if count > 0 else target > self.month

    def enter(self, turn: Turn, step: Step) -> None:
        """After the month turned: the day that the walk led to, or the nearest event."""
        if step in (Step.NEXT_EVENT, Step.PREVIOUS_EVENT) and (stops := self._stops()):
            inside = [stop for stop in stops if self.days[stop.day].month == self.month.month] or stops
            self.cursor = inside[0] if turn is Turn.ON else inside[-1]
        elif self._wanted in self.days:
            self.go_to(self._wanted)
        else:
            self.go_to(self.month.replace(day=min(self.moment.day, 28)))
        self._wanted = None

    def _stops(self) -> list[Cursor]:
        """Where each event begins (or comes in from the weeks before)."""
        return [
            Cursor(day, nth)
            for day in range(len(self.days))
            for nth, item in enumerate(self._items(day))
            if day == 0 or not _goes_on(item, day % WEEK, first=day < WEEK)
        ]

    def _at(self, cursor: Cursor) -> Item:
        return self._items(cursor.day)[cursor.nth]

    def _to_event(self, direction: int) -> Turn | None:
        found = stop_beyond(self._stops(), self.cursor, direction)
        if found is None:
            return Turn.ON if direction > 0 else Turn.BACK
        self.cursor = found
        return None

    def scroll(self, lines: int) -> None:
        """A month is always shown whole."""

    def _day_at(self, x: int, y: int) -> int | None:
        if not self.days or not self._edges[0] <= x < self._edges[-1] or not 1 <= y < self.height:
            return None
        week = max(n for n in range(len(self.weeks)) if self.top_of(n) <= y)
        return week * WEEK + max(n for n in range(WEEK) if self._edges[n] <= x)

    def point(self, x: int, y: int) -> Place | None:
        """The day under the mouse."""
        day = self._day_at(x, y)
        return None if day is None else Place(self.days[day], None)

    def hit(self, x: int, y: int) -> bool:
        """Put the cursor where the mouse is; False beside the days."""
        day = self._day_at(x, y)
        if day is None:
            return False
        week = day // WEEK
        slots, _hidden = self.slots(day)
        there = [slot.item for slot in slots if slot.line == y - self.top_of(week) - 1]
        items = self._items(day)
        self.cursor = Cursor(day, items.index(there[0]) if there else DAY)
        return True

    # -- drawing

    def paint(self, *, focused: bool, now: datetime) -> Canvas:
        """The whole month. `now` is in the person's zone."""
        canvas = Canvas(self.width, self.height, Ink("grid.off"))
        if not self.days or self.width < 3 * WEEK or self.height < 2 * len(self.weeks) + 1:
            return canvas
        self._slots = [self.slots(day) for day in range(len(self.days))]
        self._paint_heads(canvas)
        for day in range(len(self.days)):
            self._paint_ground(canvas, day, now.date())
        for number, week in enumerate(self.weeks):
            self._paint_bars(canvas, number, week)
        for day in range(len(self.days)):
            self._paint_events(canvas, day)
        if self.ghost is not None:
            self._paint_suggestion(canvas, self.ghost)
        if focused:
            self._paint_cursor(canvas)
        return canvas

    def _cell(self, day: int) -> tuple[int, int, int]:
        """First cell, width and line of the number of a day."""
        week, column = divmod(day, WEEK)
        return self._edges[column], self._edges[column + 1] - self._edges[column], self.top_of(week)

    def _outside(self, day: int) -> bool:
        return self.days[day].month != self.month.month

    def _paint_heads(self, canvas: Canvas) -> None:
        canvas.fill(0, 0, self.width, 1, Ink("head"))
        widths = [self._edges[n + 1] - self._edges[n] for n in range(WEEK)]
        whole = all(cell_width(day_name(day)) + 1 < max(widths) for day in self.days[:WEEK])
        for column, day in enumerate(self.days[:WEEK]):
            name = day_name(day, short=not whole)
            name = name if cell_width(name) < widths[column] else tiny_day_name(day)
            canvas.put(self._edges[column], 0, f" {name}", Ink("head"), widths[column])

    def _paint_ground(self, canvas: Canvas, day: int, today: date) -> None:
        """A cell without its events: number, lines, the number of its week."""
        x, width, y = self._cell(day)
        end, shown = self.top_of(day // WEEK + 1), self.days[day]
        off = self._off(day)
        for line in range(y + 1, end):
            canvas.fill(x, line, width, 1, Ink(f"grid.{'off' if off else 'work'}"))
            canvas.put(x, line, self.look.marks.line_off if off else self.look.marks.line, Ink(_grid(off)))
        role = "month.day.today" if shown == today else "month.day.out" if self._outside(day) else "month.day"
        canvas.put(x, y, f" {self._label(day, width - 1)}", Ink(role), width)
        if day % WEEK == 0 and self.look.weeks:
            canvas.put(0, y, f"{week_number(self.days[day + WEEK - 1]):>{GUTTER - 2}}", Ink("gutter"), GUTTER)

    def _off(self, day: int) -> bool:
        return self._outside(day) or self.days[day].weekday() not in self.look.hours.days

    def _label(self, day: int, width: int) -> str:
        """The number of a day; with its month where one begins."""
        shown = self.days[day]
        if shown.day == 1 or day == 0:
            for name in (month_name(shown), month_name(shown, short=True)):
                text = _("{month} {day}").format(month=name, day=shown.day)
                if cell_width(text) <= width:
                    return text
        return str(shown.day)

    def _paint_bars(self, canvas: Canvas, number: int, week: GridLayout) -> None:
        """Bars over the days on which they have a line, each piece with its title."""
        for bar in week.bars:
            columns = [n for n in range(bar.first, bar.last + 1) if self._has_line(number * WEEK + n, bar)]
            for first, last in _runs(columns):
                self._paint_bar(canvas, number, bar, (first, last))

    def _has_line(self, day: int, bar: Bar) -> bool:
        return any(slot.item is bar for slot in self._slots[day][0])

    def _paint_bar(self, canvas: Canvas, week: int, bar: Bar, columns: tuple[int, int]) -> None:
        look, marks = self.look, self.look.marks
        first, last = columns
        chosen = bar.entry is self.selected and first <= self.cursor.day - week * WEEK <= last
        x, end, y = self._edges[first], self._edges[last + 1], self.top_of(week) + 1 + bar.row
        before, after = bar.before or first > bar.first, bar.after or last < bar.last
        ink = look.ink("event.selected" if chosen else "event", bar.entry)
        busy = not chosen and not bar.entry.cancelled
        mark_ink = look.ink("event.mark.solid", bar.entry) if busy else ink
        canvas.fill(x, y, end - x, 1, ink)
        canvas.put(x, y, marks.before if before else marks.status[bar.entry.status], mark_ink)
        canvas.put(
            x + 1, y, " ".join(filter(None, (look.number(bar.entry), title(bar.entry)))), ink, end - x - 1 - after
        )
        if after:
            canvas.put(end - 1, y, marks.after, ink)

    def _paint_events(self, canvas: Canvas, day: int) -> None:
        """The events of a cell, and how many more there are; a chosen one that has no line takes that place."""
        x, width, y = self._cell(day)
        slots, hidden = self._slots[day]
        for slot in slots:
            if isinstance(slot.item, Block):
                self._paint_event(canvas, day, slot.item, y + 1 + slot.line)
        if not hidden:
            return
        last = self.top_of(day // WEEK + 1) - 1
        chosen = self._at(self.cursor) if self.cursor.day == day and self.selected else None
        if chosen and chosen not in [slot.item for slot in slots]:
            self._paint_event(canvas, day, chosen, last)
        else:
            text = _("+{count} more").format(count=hidden)
            text = text if cell_width(text) < width else f"+{hidden}"
            canvas.put(x + 1, last, text, Ink(f"month.dim{'.off' * self._off(day)}"), width - 1)

    def _paint_event(self, canvas: Canvas, day: int, item: Item, y: int) -> None:
        x, width, _top = self._cell(day)
        entry, look, off = item.entry, self.look, self._off(day)
        chosen = entry is self.selected and day == self.cursor.day
        text = Ink(f"month.{'cancelled' if entry.cancelled else 'text'}{'.off' * off}")
        ink = look.ink("event.selected", entry) if chosen else text
        canvas.put(x, y, self._mark(item), ink if chosen else look.ink(f"event.mark{'.off' * off}", entry))
        words = [look.number(entry), *self._time(item, width), title(entry)]
        line = " ".join(word for word in words if word)
        canvas.put(x + 1, y, wrap(line, width - 1, 1)[0], ink, width - 1)
        if not chosen and width >= TIMED:
            lead = sum(cell_width(word) + 1 for word in words[:-1] if word)
            canvas.tint(x + 1, y, min(lead, width - 1), Ink(f"month.dim{'.off' * off}"))

    def _mark(self, item: Item) -> str:
        return self.look.marks.before if item.before else self.look.marks.status[item.entry.status]

    @staticmethod
    def _time(item: Item, width: int) -> Iterator[str]:
        start = item.entry.start
        if width >= TIMED and isinstance(item, Block) and isinstance(start, datetime) and not item.before:
            yield short_time(start)

    def _paint_suggestion(self, canvas: Canvas, ghost: Entry) -> None:
        """In the line of the day's number: when everybody is free; where that has no room, its mark alone."""
        start = ghost.start
        day = start.date() if isinstance(start, datetime) else start
        if day not in self.days:
            return
        number = self.days.index(day)
        x, width, y = self._cell(number)
        used = cell_width(self._label(number, width - 1)) + 2
        mark, when = self.look.marks.free, short_time(start) if isinstance(start, datetime) else ""
        text = f"{mark}{when}"
        text = text if cell_width(text) <= width - used - 1 else mark
        canvas.tint(x, y, width, Ink("band"))
        canvas.put(x + max(used, width - cell_width(text) - 1), y, text, Ink("band"), max(1, width - used))

    def _paint_cursor(self, canvas: Canvas) -> None:
        """The number of the day one stands on; an event is painted as chosen already."""
        x, width, y = self._cell(self.cursor.day)
        canvas.tint(x, y, width, Ink("cursor.text"))


def _grid(off: bool) -> str:
    return "grid.off" if off else "grid.work"


def _begin(block: Block) -> tuple[bool, int, str, str]:
    """Events from the day before first, then by their start."""
    start = block.entry.start
    minute = start.hour * 60 + start.minute if isinstance(start, datetime) else 0
    return not block.before, 0 if block.before else minute, block.entry.title, block.entry.id


def _goes_on(item: Item, column: int, *, first: bool) -> bool:
    """Whether an event of a day began on a day before, which is shown too."""
    if isinstance(item, Bar):
        return item.first < column or (item.before and not first)
    return item.before


def _runs(columns: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring columns as first and last."""
    start = None
    for column in columns:
        if start is None:
            start = column
        if column + 1 not in columns:
            yield start, column
            start = None
