"""A small month below the list of calendars: where one is in the year, and on which days something is.

Busy days are bold, free ones are pale: told without colour, too. Keys go to it by *Go to Date*; a click shows a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from textual.events import Click
from textual.message import Message

from core.calendar.choosing import grid_start
from core.language.dates import first_weekday, month_title, tiny_day_name, week_days
from tui.text import cell_width
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.canvas_widget import CanvasWidget

CELL = 3
WIDTH = 7 * CELL
WEEKS = 6
HEIGHT = 2 + WEEKS


def paint_card(day: date, today: date, shown: Sequence[date], busy: frozenset[date]) -> Canvas:
    """The month of `day`; `shown` are the days that stand in the pane, `busy` those on which something is."""
    canvas = Canvas(WIDTH, HEIGHT, Ink("card"))
    title = month_title(day)
    canvas.put(max(0, (WIDTH - cell_width(title)) // 2), 0, title, Ink("card.title"))
    for column, number in enumerate(week_days()):
        canvas.put(column * CELL, 1, tiny_day_name(number).rjust(CELL - 1), Ink("card"))
    first = grid_start(day, first_weekday())
    for number in range(7 * WEEKS):
        each = first + timedelta(days=number)
        if (each.year, each.month) != (day.year, day.month):
            continue
        role = "card.today" if each == today else "card.busy" if each in busy else "card"
        if each == day:
            role = "cursor.text"
        elif each in shown and len(shown) <= 7:
            role += ".shown"
        canvas.put(number % 7 * CELL, 2 + number // 7, f"{each.day:2}", Ink(role))
    return canvas


class MonthCard(CanvasWidget):
    """Draws what it is told; a click on a day is told to the screen."""

    class Picked(Message):
        """A day was clicked."""

        def __init__(self, day: date) -> None:
            super().__init__()
            self.day = day

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.state: tuple[date, date, tuple[date, ...]] | None = None
        self.busy: frozenset[date] = frozenset()

    def show(self, day: date, today: date, shown: tuple[date, ...]) -> None:
        """The day of the cursor, and the days that stand in the pane."""
        if (day, today, shown) != self.state:
            self.state = (day, today, shown)
            self.redraw()

    def mark(self, busy: frozenset[date]) -> None:
        """The days on which something is."""
        if busy != self.busy:
            self.busy = busy
            self.redraw()

    def draw(self, width: int, height: int) -> Canvas:
        """The card, at the left."""
        canvas = Canvas(width, height, Ink("card"))
        if self.state and width >= WIDTH and height >= HEIGHT:
            canvas.paste(0, 0, paint_card(*self.state, self.busy))
        return canvas

    def on_click(self, event: Click) -> None:
        """Show the day under the mouse."""
        if self.state and event.y > 1 and event.x < WIDTH:
            number = (event.y - 2) * 7 + event.x // CELL
            day = grid_start(self.state[0], first_weekday()) + timedelta(days=number)
            if day.month == self.state[0].month:
                event.stop()
                self.post_message(self.Picked(day))
