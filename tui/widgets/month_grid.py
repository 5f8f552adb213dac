"""A month as a grid that one walks with the arrow keys; drawn line by line (trap 28: no widget a cell)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from core.calendar.choosing import add_days, add_months, grid_start
from core.calendar.span import DateRange
from core.language import N_
from core.language.dates import first_weekday, month_title, tiny_day_name, week_days

_CELL = 4
_HEAD = 2
_WEEKS = 6
WIDTH = _CELL * 7
HEIGHT = _HEAD + _WEEKS


class MonthGrid(Widget, can_focus=True):
    """The month of `day`, the cursor on it, and `days` marked as `[22 ·23 ·24]`: readable without colour."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "month-grid--title",
        "month-grid--head",
        "month-grid--outside",
        "month-grid--marked",
        "month-grid--today",
        "month-grid--cursor",
    }
    DEFAULT_CSS = f"""
    MonthGrid {{
        width: {WIDTH};
        height: {HEIGHT};
        background: $surface;
        color: $foreground;
        & > .month-grid--title {{ color: $primary; text-style: bold; }}
        & > .month-grid--head {{ text-style: dim; }}
        & > .month-grid--outside {{ text-style: dim; }}
        & > .month-grid--marked {{ background: $primary-muted; color: $text-primary; }}
        & > .month-grid--today {{ text-style: bold underline; }}
        & > .month-grid--cursor {{ text-style: reverse; }}
        &:ansi > .month-grid--marked {{ background: ansi_default; color: ansi_default; text-style: bold; }}
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "days(-1)", N_("Day before"), id="month.day-before", show=False),
        Binding("right", "days(1)", N_("Day after"), id="month.day-after", show=False),
        Binding("up", "days(-7)", N_("Week before"), id="month.week-before", show=False),
        Binding("down", "days(7)", N_("Week after"), id="month.week-after", show=False),
        Binding("pageup,p", "months(-1)", N_("Month before"), id="month.month-before", show=False),
        Binding("pagedown,n", "months(1)", N_("Month after"), id="month.month-after", show=False),
        Binding("home", "edge(-1)", N_("First of the month"), id="month.first", show=False),
        Binding("end", "edge(1)", N_("Last of the month"), id="month.last", show=False),
        Binding("t", "today", N_("Today"), id="month.today", show=False),
        Binding("space", "pick", N_("Choose this day"), id="month.pick", show=False),
    ]

    day: reactive[date] = reactive(date(2000, 1, 1), repaint=False)
    days: reactive[DateRange | None] = reactive[DateRange | None](None)

    @dataclass
    class Moved(Message):
        """The cursor stands on another day."""

        grid: MonthGrid
        day: date

    @dataclass
    class Picked(Message):
        """Space was pressed on a day, or it was clicked."""

        grid: MonthGrid
        day: date

    def __init__(self, day: date, today: date, *, days: DateRange | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.today = today
        self.set_reactive(MonthGrid.day, day)
        self.set_reactive(MonthGrid.days, days)

    def watch_day(self, old: date, new: date) -> None:
        """Only the lines of the two days are sent again while the month stays."""
        if (old.year, old.month) != (new.year, new.month):
            self.refresh()
            return
        for day in (old, new):
            row = _HEAD + (day - grid_start(day, first_weekday())).days // 7
            self.refresh(Region(0, row, WIDTH, 1))

    def render_line(self, y: int) -> Strip:
        """Title, names of the days, six weeks."""
        background = self.rich_style
        if y == 0:
            title = month_title(self.day)
            text = f"{'‹ ' + title + ' ›':^{WIDTH}}"
            return Strip([Segment(text, background + self._style("title"))])
        if y == 1:
            names = "".join(f" {tiny_day_name(number):>2} " for number in week_days())
            return Strip([Segment(names, background + self._style("head"))])
        first = add_days(grid_start(self.day, first_weekday()), (y - _HEAD) * 7)
        days = [add_days(first, n) for n in range(7)]
        return Strip([self._cell(day, background) for day in days])

    def _cell(self, day: date, style: Style) -> Segment:
        if (day.year, day.month) != (self.day.year, self.day.month):
            style += self._style("outside")
        left, right = " ", " "
        first, last = (self.days.first, self.days.last) if self.days else (None, None)
        if first is not None and last is not None and first <= day <= last:
            style += self._style("marked")
            left, right = "[" if day == first else "·", "]" if day == last else " "
        if day == self.today:
            style += self._style("today")
        if day == self.day and self.has_focus:
            style += self._style("cursor")
        return Segment(f"{left}{day.day:>2}{right}", style)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"month-grid--{part}", partial=True)

    def watch_has_focus(self, focused: bool) -> None:
        """The cursor shows only where keys go."""
        super().watch_has_focus(focused)
        self.refresh()

    def move_to(self, day: date) -> None:
        """Put the cursor on a day and say so."""
        if day != self.day:
            self.day = day
            self.post_message(self.Moved(self, day))

    def action_days(self, count: int) -> None:
        """Some days on or back."""
        self.move_to(add_days(self.day, count))

    def action_months(self, count: int) -> None:
        """Some months on or back."""
        self.move_to(add_months(self.day, count))

    def action_edge(self, which: int) -> None:
        """To the first (-1) or last (1) day of the month."""
        first = self.day.replace(day=1)
        self.move_to(
            first if which < 0 else add_days(add_months(first, 1), -1) if first.month < 12 else first.replace(day=31)
        )

    def action_today(self) -> None:
        """To today."""
        self.move_to(self.today)

    def action_pick(self) -> None:
        """Choose the day under the cursor."""
        self.post_message(self.Picked(self, self.day))

    def on_click(self, event: events.Click) -> None:
        """A click chooses the day under it; on the title it turns the month."""
        event.stop()
        if event.y == 0:
            self.action_months(-1 if event.x < WIDTH // 2 else 1)
        elif event.y >= _HEAD and event.x < WIDTH:
            ahead = (event.y - _HEAD) * 7 + event.x // _CELL
            self.move_to(add_days(grid_start(self.day, first_weekday()), ahead))
            self.action_pick()
