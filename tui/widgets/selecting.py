"""A span of time that is marked in a time grid, from where it began to the cursor; and events that are marked. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from core.calendar.event import Moment
from tui.widgets.canvas import Canvas, Ink

if TYPE_CHECKING:
    from tui.widgets.grid_walk import GridWalk


class Place(NamedTuple):
    """A day and a minute of it; None for the all-day strip."""

    day: date
    minute: int | None


def place_of(grid: GridWalk) -> Place:
    """Where the cursor is."""
    moment = grid.moment
    return Place(moment.date(), None if grid.cursor.row < 0 else moment.hour * 60 + moment.minute)


def span_between(one: Place, other: Place, scale: int) -> tuple[Moment, Moment]:
    """From the earlier place to the end of the later one; whole days if one of them is in the all-day strip. Naive."""
    if one.minute is None or other.minute is None:
        first, last = sorted((one.day, other.day))
        return first, last + timedelta(days=1)
    first_at, last_at = sorted(_at(place) for place in (one, other))
    return first_at, last_at + timedelta(minutes=scale)


def _at(place: Place) -> datetime:
    return datetime.combine(place.day, time()) + timedelta(minutes=place.minute or 0)


def paint_span(grid: GridWalk, canvas: Canvas) -> None:
    """The marked span, with what stands in it still to be read."""
    if grid.span is None:
        return
    start, end = grid.span
    for number, day in enumerate(grid.days):
        x, width = grid.edge(number), grid.edge(number + 1) - grid.edge(number)
        if not isinstance(start, datetime) or not isinstance(end, datetime):
            if start <= day < end:
                _tint(canvas, x, 1, width)
            continue
        for line in range(grid.body):
            row = datetime.combine(day, time()) + timedelta(minutes=(grid.top + line) * grid.scale)
            if start <= row < end and row.date() == day:
                _tint(canvas, x, 1 + grid.strip + line, width)


def _tint(canvas: Canvas, x: int, y: int, width: int) -> None:
    """What is free of it; events stay as they are, to be read."""
    for cell in range(x, min(x + width, canvas.width)):
        if canvas.inks[y][cell].role.startswith(("grid", "strip", "now", "band")):
            canvas.tint(cell, y, 1, Ink("cursor"))
