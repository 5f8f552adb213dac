"""What every view of a pane can do: the time grid, the month, the agenda, the year. Views are pure; panes hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from core.calendar.entry import Entry
from tui.widgets.canvas import Canvas
from tui.widgets.look import Look, Step, Turn
from tui.widgets.selecting import Place


class CalendarView(Protocol):
    """State, cursor and drawing of one view."""

    look: Look

    @property
    def selected(self) -> Entry | None:
        """The event under the cursor."""

    @property
    def moment(self) -> datetime:
        """Day and wall-clock time of the cursor; naive."""

    @property
    def about(self) -> str:
        """What is to know of the place under the cursor, for the line of status; may be empty."""

    def show(self, days: Sequence[date], entries: Iterable[Entry]) -> None:
        """Other days or other entries."""

    def suggest(self, ghost: Entry | None) -> None:
        """Another time is suggested, or none; drawn with the next `paint`."""

    def resize(self, width: int, height: int) -> None:
        """Another size in cells."""

    def go_to(self, day: date, minute: int | None = None) -> None:
        """Put the cursor on a day, and at a minute of it."""

    def select(self, entry_id: str) -> bool:
        """Put the cursor on an event that is shown."""

    def move(self, step: Step) -> Turn | None:
        """Walk; the answer tells when that leads out of the days that are shown."""

    def enter(self, turn: Turn, step: Step) -> None:
        """After the days turned: go on with the walk."""

    def scroll(self, lines: int) -> None:
        """Move what is shown under the cursor, where there is more than fits."""

    def hit(self, x: int, y: int) -> bool:
        """Put the cursor where the mouse is; False where there is nothing to choose."""

    def point(self, x: int, y: int) -> Place | None:
        """The day and minute under the mouse, for dragging; None beside them, and in views without a place for it."""

    def paint(self, *, focused: bool, now: datetime) -> Canvas:
        """The whole view."""
