"""The time grid of a day, a work week or a week, drawn on a canvas. Pure.

Line 0 names the days, then come the all-day strip and the hours. Drawing is whole and cheap; what is sent to the
terminal is decided by the difference to what stands there.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import date, datetime, time, tzinfo

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from core.calendar.span import DateRange
from core.language import _, language
from core.language.dates import day_and_month, day_name, hour_label, time_of_day, tiny_day_name
from tui.text import cell_width, clean
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.grid_layout import DAY_MINUTES, NARROW, Bar, Block, arrange
from tui.widgets.grid_walk import GUTTER, NARROWEST, SCALES, STRIP, Cursor, GridWalk
from tui.widgets.look import elsewhere, short_time, title, wrap
from tui.widgets.selecting import paint_span

__all__ = ["GUTTER", "SCALES", "STRIP", "Cursor", "TimeGrid"]

TIME_WIDTH = 18
"""A block at least this wide says its start."""
NOW_PARTS = 3


class TimeGrid(GridWalk):
    """Entries of some days beside hours. `paint` draws them.

    What depends on the cursor or the minute is painted over a picture that is kept: a move of the cursor, or the
    focus, then costs a tenth of a whole week.
    """

    _kept: tuple[tuple[object, ...], Canvas] | None = None
    """What the kept picture was painted from, and the picture."""
    _kept_next: tuple[tuple[object, ...], Canvas] | None = None
    """The same of what was foreseen."""

    def paint(self, *, focused: bool, now: datetime) -> Canvas:
        """The whole grid. `now` is in the person's zone."""
        if not self._has_room:
            return Canvas(self.width, self.height, Ink("grid.off"))
        chosen = self._chosen() if focused else None
        if chosen is None or chosen.column < self._most(self.cursor.day):
            canvas = self._ground(now).copy()
        else:  # among those that have no room it leaves no mark
            canvas = self._paint_ground(now, without=chosen)
        if focused and self.cursor.row == STRIP:
            self._paint_strip(canvas, focused)
        if chosen:
            self._paint_block(canvas, chosen, self.cursor.day, "event.selected")
        self._paint_now(canvas, now)
        self._paint_band(canvas)
        self._paint_hidden(canvas)
        if focused:
            paint_span(self, canvas)
            self._paint_cursor(canvas)
        if self.ghost is not None:
            self._paint_ghost(canvas, self.ghost)
        return canvas

    @property
    def _has_room(self) -> bool:
        return bool(self.days) and self.width > self.gutter + len(self.days) and self.height >= 3

    def foresee(self, days: Sequence[date], entries: tuple[Entry, ...], known: DateRange, now: datetime) -> None:
        """Lay out and paint what will be shown next: when it is, only the cursor is left to do."""
        ahead = copy(self)
        ahead.known, ahead._kept = known, None
        ahead.show(days, entries)
        self._next = entries, ahead.layout
        if ahead._has_room:
            ahead._ground(now)
            self._kept_next = ahead._kept

    def _chosen(self) -> Block | None:
        """The block under the cursor."""
        if self.cursor.row == STRIP:
            return None
        at = self.layout.blocks_at(self.cursor.day, self.cursor.row)
        return at[self.cursor.nth] if self.cursor.nth < len(at) else None

    def _ground(self, now: datetime) -> Canvas:
        """Hours and events without the cursor, painted anew where anything of it may look otherwise than before."""
        day = self.cursor.day if self.second else 0
        size = self.width, self.height, self.gutter, self.top, self._edges
        rest = now.date(), now.tzinfo, self.second, day, self.known, self.marked, language()
        for kept in (self._kept, self._kept_next):
            if kept and kept[0][0] is self.layout and kept[0][1] is self.look and kept[0][2:] == (size, rest):
                self._kept = kept
                return kept[1]
        self._kept = (self.layout, self.look, size, rest), self._paint_ground(now)
        return self._kept[1]

    def _paint_ground(self, now: datetime, without: Block | None = None) -> Canvas:
        canvas = Canvas(self.width, self.height, Ink("grid.off"))
        self._paint_heads(canvas, now)
        self._paint_hours(canvas, now)
        self._paint_strip(canvas, focused=False)
        for day in range(len(self.days)):
            self._paint_day(canvas, day, without)
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
        rows = {works: self._empty_row(works=works) for works in (True, False)}  # each line is one of two
        for line in range(self.body):
            minute, y = (self.top + line) * self.scale, 1 + self.strip + line
            if minute >= DAY_MINUTES:
                break
            canvas.paste(0, y, rows[start <= minute < end])
            if self.gutter:
                canvas.put(self.gutter - GUTTER, y, self._label(minute), Ink("gutter"), GUTTER)
            if self.second and self.gutter > GUTTER:
                canvas.put(0, y, self._other_label(minute, now.tzinfo), Ink("gutter"), GUTTER)

    def _empty_row(self, *, works: bool) -> Canvas:
        """A line of all days without events, in working hours or outside them."""
        row = Canvas(self.width, 1, Ink("grid.off"))
        for number, day in enumerate(self.days):
            working = works and day.weekday() in self.look.hours.days
            role = "grid.unknown" if self._unknown(day) else "grid.work" if working else "grid.off"
            x, width = self.edge(number), self.edge(number + 1) - self.edge(number)
            row.fill(x, 0, width, 1, Ink(role))
            row.put(x, 0, self._filling(role, width), Ink(role))
        return row

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

    def _paint_day(self, canvas: Canvas, day: int, without: Block | None) -> None:
        """The blocks of a day; of two that follow each other without a gap the second has another tint."""
        touching: dict[tuple[int, int], bool] = {}
        most = self._most(day)
        for block in self.layout.blocks[day]:
            second = not touching.get((block.column, block.row), True)
            touching[block.column, block.end] = second
            if block.column < most:
                self._paint_block(canvas, block, day, "event.second" if second else "event")
            elif block is not without:
                self._paint_overflow(canvas, block, day)

    def _paint_block(self, canvas: Canvas, block: Block, day: int, role: str) -> None:
        strip, top = self.strip, self.top
        bottom, y0 = top + max(1, self.height - 1 - strip), 1 + strip - top
        first, end = max(block.row, top), min(block.end, bottom)
        if first >= end:
            return
        x, width = self._place(block, day)
        ink, look = self.look.ink(role, block.entry), self.look
        mark_ink = ink if role == "event.selected" else look.ink(_mark_role(role, block.entry), block.entry)
        digit = look.number(block.entry) if width > NARROWEST else ""  # whose it is, at the end of the first line
        if width > NARROWEST and not block.before and elsewhere(block.entry.start, block.entry.time_zone):
            digit += look.marks.elsewhere
        lines = wrap(self._text(block, width - 1 - len(digit)), width - 1 - len(digit), end - first)
        for row, line in enumerate(lines, y0 + first):
            canvas.put(x + 1, row, line, ink, width - 1)
        canvas.fill(x + 1, y0 + first + len(lines), width - 1, end - first - len(lines), ink)
        marks = look.marks
        mark = marks.checked if block.entry.id in self.marked else marks.status[block.entry.status]
        for row in range(y0 + first, y0 + end):
            canvas.put(x, row, mark, mark_ink)
        if end == bottom and (block.end > end or block.after):
            canvas.put(x, y0 + end - 1, marks.below, mark_ink)
        if first == top and (block.row < first or block.before):
            canvas.put(x, y0 + first, marks.above, mark_ink)
        if digit:
            canvas.put(x + width - len(digit), y0 + first, digit, mark_ink)

    @staticmethod
    def _text(block: Block, width: int) -> str:
        """Time, title and place for `width` cells a line; on a single line the title goes before the others."""
        entry, name = block.entry, title(block.entry)
        timed = isinstance(entry.start, datetime) and width >= TIME_WIDTH - 1 and not block.before
        time_and_name = f"{time_of_day(entry.start)} {name}" if timed and isinstance(entry.start, datetime) else name
        place = f", {clean(entry.place)}" if entry.place and width >= 2 * NARROWEST - 1 else ""
        own = elsewhere(entry.start, entry.time_zone) if not block.before else ""
        there = f" ({own})" if own else ""
        whole = time_and_name + there + place
        if block.rows > 1 or cell_width(whole) <= width:
            return whole
        texts = (time_and_name + place, time_and_name, name + place, name)
        return next((text for text in texts if cell_width(text) <= width), name)

    def _paint_overflow(self, canvas: Canvas, block: Block, day: int) -> None:
        """A block that has no room: the mark of its status at the right edge of the day, on each of its rows."""
        x, y0, ink = self.edge(day + 1) - 1, 1 + self.strip - self.top, self.look.ink("event.mark", block.entry)
        for row in range(max(block.row, self.top), min(block.end, self.top + self.body)):
            canvas.put(x, y0 + row, "+", ink)

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

    def _paint_band(self, canvas: Canvas) -> None:
        """Common free time, on what is free here too."""
        if not self.band.days:
            return
        for number, day in enumerate(self.days):
            x, end = self.edge(number), self.edge(number + 1)
            for line in range(min(self.body, self.layout.rows - self.top)):
                role, y = self.band.kind(day, (self.top + line) * self.scale, self.scale), 1 + self.strip + line
                if role and canvas.inks[y][x].role.startswith("grid."):
                    canvas.put(x, y, self.look.marks.free if role == "band" else self.look.marks.perhaps, Ink(role))
                    for cell in range(x + 1, end):
                        if canvas.inks[y][cell].role.startswith("grid."):
                            canvas.tint(cell, y, 1, Ink(role))

    def _paint_ghost(self, canvas: Canvas, ghost: Entry) -> None:
        """An event that is not there yet, over what is there."""
        layout = arrange([ghost], self.days, self.scale)
        for bar in layout.bars:
            self._paint_bar(canvas, bar, True)
        for day, blocks in enumerate(layout.blocks):
            for block in blocks:
                self._paint_block(canvas, block, day, "event.selected")

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
