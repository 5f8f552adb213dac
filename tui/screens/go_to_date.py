"""Go to a date: type it, or walk the month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal
from textual.widgets import Input, Static

from core.errors import UsageError
from core.language import _
from core.language.dates import long_date, short_date
from core.language.typed_date import read_date
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption, TextLine
from tui.widgets.month_grid import MonthGrid


class GoToDateDialog(FormDialog[date]):
    """Returns the day to show. `current` is the day that is shown now; `today` is for `+7`, `monday` and the like."""

    CSS_PATH = "go_to_date.tcss"

    def __init__(self, current: date, today: date | None = None) -> None:
        super().__init__(_("Go to Date"), id="go-to-date")
        self._day = current
        self._today = today or datetime.now().astimezone().date()
        self._problem: UsageError | None = None

    def compose_body(self) -> ComposeResult:
        """The line, what it means, and the month."""
        with Horizontal(classes="row"):
            yield Caption(_("&Date"), "typed")
            yield TextLine(short_date(self._day), id="typed", select_on_focus=True)
        yield Static(plain(long_date(self._day)), id="meaning", classes="note indented", markup=False)
        with Center(classes="spaced"):
            yield MonthGrid(self._day, self._today, id="month")

    def keys(self) -> Sequence[tuple[str, str]]:
        """Typing and walking."""
        return ((_("Enter"), _("Go")), (_("Tab"), _("Month")), ("T", _("Today")), (_("Esc"), _("Cancel")))

    def result(self) -> date:
        """The day. Raises UsageError when the line is none."""
        if self._problem is not None:
            raise self._problem
        return self._day

    @on(Input.Changed, "#typed")
    def _typed(self, event: Input.Changed) -> None:
        try:
            day = read_date(event.value, self._today)
        except UsageError as error:
            self._problem = error
            self.query_one("#meaning", Static).update(plain(error.hint))
            return
        self._show(day)
        self.query_one(MonthGrid).day = day

    def _show(self, day: date) -> None:
        self._day, self._problem = day, None
        self.query_one("#meaning", Static).update(plain(long_date(day)))
        self.show_error("")

    @on(MonthGrid.Moved)
    def _walked(self, event: MonthGrid.Moved) -> None:
        self._show(event.day)
        line = self.query_one("#typed", Input)
        with line.prevent(Input.Changed):
            line.value = short_date(event.day)

    @on(MonthGrid.Picked)
    def _picked(self) -> None:
        self.accept()
