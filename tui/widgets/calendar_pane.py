"""A pane: one calendar's title, and below it the time grid or the agenda."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar, NamedTuple

from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from core.calendar.entry import Entry
from core.calendar.span import DateRange
from core.language import _
from core.ports import CalendarInfo
from tui.commands import Scope, bindings
from tui.text import cell_width, clean
from tui.widgets.agenda import Agenda
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.canvas_widget import CanvasWidget
from tui.widgets.look import Look, Step, Turn
from tui.widgets.periods import ViewKind, title_of
from tui.widgets.time_grid import TimeGrid

WHEEL = 2
"""Lines that one turn of the wheel moves."""


class Shown(NamedTuple):
    """What a pane shows."""

    info: CalendarInfo | None
    kind: ViewKind
    days: tuple[date, ...]
    entries: tuple[Entry, ...]
    note: str = ""
    """Beside the title: a snapshot's window and age, and the like."""


class CalendarPane(CanvasWidget, can_focus=True):
    """Shows what it is told; says where its cursor went. It reads no calendar itself."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.PANE)]

    class Moved(Message):
        """The cursor moved. The screen has the pane drawn again together with the status: one frame, not two."""

        def __init__(self, pane: CalendarPane) -> None:
            super().__init__()
            self.pane = pane

        def can_replace(self, message: Message) -> bool:
            """Of a burst of moves the last one counts."""
            return isinstance(message, CalendarPane.Moved) and message.pane is self.pane

    class Turned(Message):
        """The cursor wants to leave the days that are shown."""

        def __init__(self, pane: CalendarPane, turn: Turn, step: Step) -> None:
            super().__init__()
            self.pane, self.turn, self.step = pane, turn, step

    class Scrolled(Message):
        """The hours were scrolled; panes that move together follow."""

        def __init__(self, pane: CalendarPane) -> None:
            super().__init__()
            self.pane = pane

    class Opened(Message):
        """A double click on an event."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.shown: Shown | None = None
        self.loading_text = ""
        self.look = Look()
        self.grid = TimeGrid(self.look)
        self.agenda = Agenda(self.look)

    # -- what is shown

    @property
    def view(self) -> TimeGrid | Agenda:
        """The view in use."""
        return self.grid if self.shows_hours else self.agenda

    @property
    def shows_hours(self) -> bool:
        """Whether this is a time grid."""
        return self.shown is None or self.shown.kind is not ViewKind.AGENDA

    @property
    def info(self) -> CalendarInfo | None:
        """The calendar."""
        return self.shown.info if self.shown else None

    @property
    def selected(self) -> Entry | None:
        """The event under the cursor."""
        return self.view.selected if self.shown else None

    @property
    def moment(self) -> datetime:
        """Day and time of the cursor, naive."""
        return self.view.moment

    def dress(self, look: Look) -> None:
        """Other colours or working hours."""
        self.look = self.grid.look = self.agenda.look = look

    def show(self, shown: Shown) -> None:
        """Another calendar, other days, or fresh entries: drawn at once, the difference is sent."""
        self.shown, self.loading_text = shown, ""
        known = shown.info.snapshot.window if shown.info and shown.info.snapshot else DateRange()
        self.grid.known = known
        self.view.show(shown.days, shown.entries)
        self._fit()
        self.redraw()

    def say_loading(self) -> None:
        """Still text, until the entries are there."""
        self.loading_text = _("Loading…")
        self.redraw()

    def go_to(self, day: date, minute: int | None = None) -> None:
        """Put the cursor on a day of those that are shown."""
        self.view.go_to(day, minute)
        self.redraw()

    def enter(self, turn: Turn, step: Step) -> None:
        """After the days turned: go on with the walk."""
        self.view.enter(turn, step)
        self.redraw()

    def scroll_like(self, other: CalendarPane) -> None:
        """Show the hours that another pane shows."""
        if self.shows_hours and other.shows_hours and self.grid.top != other.grid.top:
            self.grid.top = other.grid.top
            self.grid.scroll(0)
            self.redraw()

    # -- drawing

    def draw(self, width: int, height: int) -> Canvas:
        """Title and view."""
        canvas = Canvas(width, height)
        self._draw_title(canvas)
        self._fit()
        if self.shown and self.shown.info:
            canvas.paste(0, 1, self.view.paint(focused=self.has_focus, now=self.partagenda.now()))
        else:
            self._draw_empty(canvas)
        return canvas

    def _fit(self) -> None:
        self.view.resize(self.size.width, max(0, self.size.height - 1))

    def _draw_title(self, canvas: Canvas) -> None:
        """Name at the left, days at the right, a note between them where there is room."""
        on = ".focused" if self.has_focus else ""
        title, note = Ink(f"title{on}"), Ink(f"title.note{on}")
        canvas.fill(0, 0, canvas.width, 1, title)
        if self.shown is None:
            return
        days = title_of(self.shown.days) if self.shown.days else ""
        right = self.loading_text or days
        name = clean(self.shown.info.name) if self.shown.info else _("No calendar")
        room = canvas.width - cell_width(right) - 4
        canvas.put(canvas.width - 1 - cell_width(right), 0, right, note)
        if self.shown.info:
            colour = self.look.colours.get(self.shown.info.id, "1")
            canvas.put(0, 0, self.partagenda.marks.swatch, Ink(f"title.mark{on}", colour))
        canvas.put(2, 0, name, title, max(0, min(room, cell_width(name))))
        left = cell_width(name) + 4
        if self.shown.note and left + cell_width(self.shown.note) <= room + 1:
            canvas.put(left, 0, self.shown.note, note)

    def _draw_empty(self, canvas: Canvas) -> None:
        if self.shown is None:
            return
        keymap = self.partagenda.keymap
        lines = (
            _("Nothing is shown here yet."),
            "",
            _("{key}  Open Calendar: a file beside your own").format(key=keymap.name_of("calendar.open")),
            _("{key}  Calendars: choose one of the list").format(key=keymap.name_of("calendar.choose")),
            _("{key}  Inbox: a calendar that came by mail").format(key=keymap.name_of("inbox.open")),
        )
        width = max(map(cell_width, lines))
        x, y = max(1, (canvas.width - width) // 2), max(2, (canvas.height - len(lines)) // 2 - 2)
        for number, line in enumerate(lines):
            canvas.put(x, y + number, line, Ink("list.dim"))

    def tick(self) -> None:
        """A minute passed: the now-line is drawn again; nothing is sent unless it moved."""
        self.redraw()

    # -- keys and mouse

    def action_move(self, step: str) -> None:
        """Walk."""
        self._walked(self.view.move(Step(step)), Step(step))

    def _walked(self, turn: Turn | None, step: Step) -> None:
        if self.shown is None or self.shown.info is None:
            return
        self.post_message(self.Turned(self, turn, step) if turn else self.Moved(self))

    def on_focus(self) -> None:
        """The cursor is shown only in the pane that has the focus."""
        self.post_message(self.Moved(self))

    def on_click(self, event: Click) -> None:
        """Choose a slot or an event; a double click opens it."""
        if event.y > 0 and self.shown and self.shown.info and self.view.hit(event.x, event.y - 1):
            self._walked(None, Step.NEXT_EVENT)
            if event.chain == 2 and self.selected:
                self.post_message(self.Opened())

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Later."""
        event.stop()
        self._scroll(WHEEL)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Earlier."""
        event.stop()
        self._scroll(-WHEEL)

    def _scroll(self, lines: int) -> None:
        self.view.scroll(lines)
        self.redraw()
        self.post_message(self.Scrolled(self))


def shown_ids(panes: Sequence[CalendarPane]) -> frozenset[str]:
    """Ids of the calendars that stand in these panes."""
    return frozenset(pane.info.id for pane in panes if pane.info)
