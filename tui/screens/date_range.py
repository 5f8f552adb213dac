"""Specify dates: type start and end, or mark them in a month; the start never comes after the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal
from textual.widgets import Input, Static

from core.calendar.choosing import between, with_first, with_last
from core.calendar.span import DateRange
from core.errors import UsageError
from core.language import _
from core.language.dates import long_date, short_date
from core.language.typed_date import read_date
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption, TextLine
from tui.widgets.month_grid import MonthGrid
from tui.wording import days_text


class DateRangeDialog(FormDialog[DateRange]):
    """Returns the range. Starts with `days`; the whole calendar starts as today alone."""

    CSS_PATH = "date_range.tcss"

    def __init__(self, days: DateRange, today: date) -> None:
        super().__init__(_("Specify Dates"), id="date-range")
        self._days = DateRange(today, today) if days.whole else days
        self._today = today
        self._problems: dict[str, UsageError] = {}
        self._mark: date | None = None
        self._typing = ""
        self._before = self._days
        """The range before one began to type in the line `_typing`: the `+1` on the way to `+14` moves nothing else."""

    def compose_body(self) -> ComposeResult:
        """Two lines, the number of days, and the month."""
        first, last = self._ends()
        for name, caption, day in (("first", _("&Start"), first), ("last", _("&End"), last)):
            with Horizontal(classes="row"):
                yield Caption(caption, name)
                yield TextLine(short_date(day), id=name, select_on_focus=True)
                yield Static(plain(long_date(day)), id=f"{name}-meaning", classes="meaning", markup=False)
        yield Static(plain(days_text(self._days)), id="count", classes="indented", markup=False)
        with Center(classes="spaced"):
            yield MonthGrid(first, self._today, days=self._days, id="month")
        yield Static(plain(self._advice()), id="advice", classes="note spaced", markup=False)

    def keys(self) -> Sequence[tuple[str, str]]:
        """Typing and walking."""
        return ((_("Enter"), _("OK")), (_("Tab"), _("Next field")), (_("Esc"), _("Cancel")))

    def result(self) -> DateRange:
        """The range. Raises UsageError while one of the lines is no date."""
        for problem in self._problems.values():
            raise problem
        return self._days

    def _ends(self) -> tuple[date, date]:
        assert self._days.first is not None and self._days.last is not None
        return self._days.first, self._days.last

    def _advice(self) -> str:
        if self._mark is not None:
            return _("Now go to the other end and press Space.")
        return _("Type 2026-11-30, +7 or monday; or in the month: arrows, PageUp and PageDown, Space marks an end.")

    @on(Input.Changed, "#first, #last")
    def _typed(self, event: Input.Changed) -> None:
        which = event.input.id or ""
        if which != self._typing:
            self._typing, self._before = which, self._days
        try:
            day = read_date(event.value, self._today)
        except UsageError as error:
            self._problems[which] = error
            self.query_one(f"#{which}-meaning", Static).update(plain(_("not a date")))
            return
        if (
            self._problems.pop(which, None) is None
            and day == dict(zip(("first", "last"), self._ends(), strict=True))[which]
        ):
            return
        self._show(with_first(self._before, day) if which == "first" else with_last(self._before, day), typed=which)
        self.query_one(MonthGrid).day = day

    def _show(self, days: DateRange, typed: str = "") -> None:
        """Everything that says the range; the line in which one types is left alone."""
        self._days = days
        for name, day in zip(("first", "last"), self._ends(), strict=True):
            self.query_one(f"#{name}-meaning", Static).update(plain(long_date(day)))
            line = self.query_one(f"#{name}", Input)
            if name != typed:
                self._problems.pop(name, None)
                with line.prevent(Input.Changed):
                    line.value = short_date(day)
        self.query_one("#count", Static).update(plain(days_text(days)))
        self.query_one("#advice", Static).update(plain(self._advice()))
        self.query_one(MonthGrid).days = days
        self.show_error("")

    @on(MonthGrid.Moved)
    def _walked(self, event: MonthGrid.Moved) -> None:
        if self._mark is not None:
            self._typing = ""
            self._show(between(self._mark, event.day))

    @on(MonthGrid.Picked)
    def _picked(self, event: MonthGrid.Picked) -> None:
        """The first Space marks one end, the second the other."""
        self._typing = ""
        mark, self._mark = self._mark, None if self._mark is not None else event.day
        self._show(between(mark or event.day, event.day))

    @on(events.DescendantBlur)
    def _left(self) -> None:
        """Leaving the month with one end marked leaves that range."""
        self._mark = None
        if self.is_mounted:
            self.query_one("#advice", Static).update(plain(self._advice()))
