"""A pane: one calendar's title, and below it the time grid or the agenda."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar

from textual.binding import BindingType
from textual.events import Click, MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp
from textual.message import Message

from core.calendar.busyness import DayLoad
from core.calendar.entry import Entry
from core.calendar.span import DateRange
from core.language import _
from core.ports.calendars import CalendarInfo
from tui.commands import Scope, bindings
from tui.text import cell_width, clean
from tui.widgets.canvas import Canvas, Ink
from tui.widgets.canvas_widget import CanvasWidget
from tui.widgets.free_band import Band
from tui.widgets.look import Look, Step, Turn
from tui.widgets.periods import ViewKind, title_of, week_number
from tui.widgets.selecting import Place
from tui.widgets.time_grid import TimeGrid
from tui.widgets.view import CalendarView

if TYPE_CHECKING:  # views are loaded when somebody looks at them
    from tui.widgets.agenda import Agenda
    from tui.widgets.dragging import Drag
    from tui.widgets.month_view import MonthView
    from tui.widgets.year_view import YearView

View = TypeVar("View", bound=CalendarView)

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
    beside: tuple[CalendarInfo, ...] = ()
    """In overlay mode: the calendars below the first one."""
    load: Mapping[date, DayLoad] | None = None
    """How busy the days of a year are; its events are not read for that, unless they are filtered."""

    @property
    def known(self) -> DateRange:
        """The days for which the front calendar speaks; all, but for a snapshot."""
        return self.info.snapshot.window if self.info and self.info.snapshot else DateRange()

    @property
    def calendars(self) -> tuple[CalendarInfo, ...]:
        """All that are shown, the front one first."""
        return (self.info, *self.beside) if self.info else ()


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

    class Dragged(Message):
        """The mouse moves with something in it; it may be over another pane. `at` is its place on the screen."""

        def __init__(self, pane: CalendarPane, drag: Drag, at: tuple[int, int]) -> None:
            super().__init__()
            self.pane, self.drag, self.at = pane, drag, at

        def can_replace(self, message: Message) -> bool:
            """Of many moves the last one counts."""
            return isinstance(message, CalendarPane.Dragged)

    class Dropped(Message):
        """The button was let go. `copies`: Ctrl was held."""

        def __init__(self, pane: CalendarPane, drag: Drag, at: tuple[int, int], *, copies: bool) -> None:
            super().__init__()
            self.pane, self.drag, self.at, self.copies = pane, drag, at, copies

    class Opened(Message):
        """A double click on an event."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.shown: Shown | None = None
        self.loading_text = ""
        self.drag: Drag | None = None
        """What the mouse holds."""
        self._dropped = False
        self.look = Look()
        self.ghost: Entry | None = None
        """The time that is suggested."""
        self.grid = TimeGrid(self.look)
        self._views: list[CalendarView] = [self.grid]
        """Those that were looked at."""

    # -- what is shown

    @cached_property
    def month(self) -> MonthView:
        """The month."""
        from tui.widgets.month_view import MonthView

        return self._made(MonthView(self.look))

    @cached_property
    def agenda(self) -> Agenda:
        """The agenda."""
        from tui.widgets.agenda import Agenda

        return self._made(Agenda(self.look))

    @cached_property
    def year(self) -> YearView:
        """The year."""
        from tui.widgets.year_view import YearView

        return self._made(YearView(self.look))

    def _made(self, view: View) -> View:
        """A view that is looked at for the first time, with what the others have been told."""
        view.suggest(self.ghost)
        self._views.append(view)
        return view

    @property
    def view(self) -> CalendarView:
        """The view in use."""
        match self.shown.kind if self.shown else ViewKind.WEEK:
            case ViewKind.MONTH:
                return self.month
            case ViewKind.AGENDA:
                return self.agenda
            case ViewKind.YEAR:
                return self.year
            case _days:
                return self.grid

    @property
    def shows_hours(self) -> bool:
        """Whether this is a time grid."""
        return self.shown is None or self.shown.kind.has_hours

    @property
    def shows_whole_days(self) -> bool:
        """Whether its cursor stands on days: a month or a year."""
        return self.shown is not None and self.shown.kind in (ViewKind.MONTH, ViewKind.YEAR)

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
        self._dress(replace(look, numbers=self.look.numbers, weeks=self.look.weeks))

    def _dress(self, look: Look) -> None:
        self.look = look
        for view in self._views:
            view.look = look

    def number_weeks(self, *, on: bool) -> None:
        """Numbers of weeks in the month, and in the title of a week."""
        self._dress(replace(self.look, weeks=on))
        self.redraw()

    def show(self, shown: Shown) -> None:
        """Another calendar, other days, or fresh entries: drawn at once, the difference is sent."""
        self.shown, self.loading_text = shown, ""
        numbers = {info.id: str(number) for number, info in enumerate(shown.calendars, 1)} if shown.beside else {}
        if numbers != self.look.numbers:
            self._dress(replace(self.look, numbers=numbers))
        if shown.kind is ViewKind.YEAR:
            self.year.calendar = shown.info.id if shown.info else ""
        self.grid.known = shown.known
        if shown.load is None:
            self.view.show(shown.days, shown.entries)
        else:
            self.year.show_load(shown.days, shown.load)
        self._fit()
        self.redraw()

    def foresee(self, shown: Shown) -> None:
        """What the next key leads to, while nobody waits."""
        if shown.kind.has_hours and shown.info:
            self.grid.foresee(shown.days, shown.entries, shown.known, self.partagenda.now())

    def suggest(self, band: Band, ghost: Entry | None) -> None:
        """Common free time, and the part of it that is suggested; drawn with the next `redraw`."""
        self.grid.band = band
        self.ghost = ghost
        for view in self._views:
            view.suggest(ghost)

    def say_loading(self) -> None:
        """Still text, until the entries are there."""
        self.loading_text = _("Loading…")
        self.redraw()

    def go_to(self, day: date, minute: int | None = None) -> None:
        """Put the cursor on a day of those that are shown."""
        self.view.go_to(day, minute)
        self.redraw()

    def choose(self, entry_id: str, day: date) -> None:
        """Put the cursor on an event of those that are shown, else on its day."""
        if not self.view.select(entry_id):
            self.view.go_to(day)
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
            canvas.paste(0, 1, self.view.paint(focused=self.lit, now=self.partagenda.now()))
        else:
            self._draw_empty(canvas)
        return canvas

    def _fit(self) -> None:
        self.view.resize(self.size.width, max(0, self.size.height - 1))

    def _instead_of(self, days: str, room: int) -> str:
        """The days; that a server was not reached goes before them where there is not room for both."""
        shown = self.shown
        if shown is None or shown.info is None or shown.beside or not (shown.info.offline or shown.info.smaller):
            return days
        both = cell_width(shown.note) + cell_width(days) + 2
        return days if both <= room else shown.note

    def _draw_title(self, canvas: Canvas) -> None:
        """Name at the left, days at the right, a note between them where there is room."""
        on = ".focused" if self.lit else ""
        title, note = Ink(f"title{on}"), Ink(f"title.note{on}")
        canvas.fill(0, 0, canvas.width, 1, title)
        if self.shown is None:
            return
        days = title_of(self.shown.kind, self.shown.days) if self.shown.days else ""
        if self.look.weeks and self.shown.kind.has_hours:
            days = _("Week {number}").format(number=week_number(self.shown.days[-1])) + f"  {days}"
        name = clean(self.shown.info.name) if self.shown.info else _("No calendar")
        name = f"1 {name}" if self.shown.beside else name
        right = self.loading_text or self._instead_of(days, canvas.width - cell_width(name) - 4)
        room = canvas.width - cell_width(right) - 4
        canvas.put(canvas.width - 1 - cell_width(right), 0, right, note)
        if self.shown.info:
            colour = self.look.colours.get(self.shown.info.id, "1")
            canvas.put(0, 0, self.partagenda.marks.swatch, Ink(f"title.mark{on}", colour))
        canvas.put(2, 0, name, title, max(0, min(room, cell_width(name))))
        left = cell_width(name) + 4
        if self.shown.beside:
            self._draw_beside(canvas, left, room, on)
        elif self.shown.note and left + cell_width(self.shown.note) <= room + 1:
            canvas.put(left, 0, self.shown.note, note)

    def _draw_beside(self, canvas: Canvas, left: int, room: int, on: str) -> None:
        """In overlay mode: the calendars below the front one, as many as there is room for."""
        assert self.shown
        for info in self.shown.beside:
            name = f"{self.look.numbers.get(info.id, '')} {clean(info.name)}"
            if left + cell_width(name) + 1 > room:
                canvas.put(left, 0, "…", Ink(f"title.note{on}"))
                return
            canvas.put(
                left - 1, 0, self.partagenda.marks.swatch, Ink(f"title.mark{on}", self.look.colours.get(info.id, "1"))
            )
            canvas.put(left, 0, name, Ink(f"title.note{on}"))
            left += cell_width(name) + 3

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

    def on_mouse_down(self, event: MouseDown) -> None:
        """Take hold of the event under the mouse, of its end, or of a time that is free."""
        self._dropped = False
        if event.button != 1 or event.y < 1 or not (self.shown and self.shown.info):
            return
        start = self.view.point(event.x, event.y - 1)
        if not self.view.hit(event.x, event.y - 1):
            return
        from tui.widgets.dragging import Drag, Grip

        entry = self.selected
        grip = Grip.MOVE if entry else Grip.SPAN
        if entry and self.shows_hours and self.grid.at_end(event.y - 1):
            grip = Grip.END
        shortest = self.grid.scale if self.shows_hours else 15
        if entry or (start and self.shows_hours):
            self.drag = Drag(grip, start or Place(self.moment.date(), None), start, entry, shortest)
            self.capture_mouse()

    def on_mouse_move(self, event: MouseMove) -> None:
        """Show where it would be."""
        if self.drag is None:
            return
        before, inside = self.drag, 0 <= event.x < self.size.width
        self.drag = self.drag.to(self.view.point(event.x, event.y - 1) if inside else None)
        if self.drag.moved and (self.drag != before or self.drag.here is None):
            self.post_message(self.Dragged(self, self.drag, (int(event.screen_x), int(event.screen_y))))

    def on_mouse_up(self, event: MouseUp) -> None:
        """Let go."""
        drag = self.drag
        self.let_go()
        if drag is not None and drag.moved:
            self._dropped = True
            at = int(event.screen_x), int(event.screen_y)
            self.post_message(self.Dropped(self, drag, at, copies=event.ctrl))

    def let_go(self) -> None:
        """The mouse holds nothing any more."""
        if self.drag is not None:
            self.drag = None
            self.release_mouse()

    def on_click(self, event: Click) -> None:
        """Choose a slot or an event; a double click opens it."""
        if self._dropped:
            return
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
    return frozenset(info.id for pane in panes if pane.shown for info in pane.shown.calendars)
