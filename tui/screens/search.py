"""Search as one types, in all calendars; Enter goes to the hit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from core.calendar.entry import Entry
from core.errors import UsageError
from core.language import N_, _, ngettext
from core.language.dates import short_date, time_of_day
from tui.reporting import reporting
from tui.screens.dialog import BaseDialog, DialogButton
from tui.text import cell_width, cells, clean, plain
from tui.widgets.look import title
from tui.widgets.marked_list import MarkedList

SHOWN = 200
"""Hits that are listed: who needs more types another word."""
_DATE, _TIME, _TITLE, _CALENDAR = 14, 10, 26, 24
"""Cells of the columns: of a title at the least, of a calendar's name at the most."""

Find = Callable[[Sequence[str]], Awaitable[Sequence[Entry]]]


class SearchDialog(BaseDialog[Entry]):
    """`find` looks for events in which every word stands; `names` are the calendars' names by id."""

    CSS_PATH = "search.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,ctrl+n", "step(1)", N_("Down"), show=False),
        Binding("up,ctrl+p", "step(-1)", N_("Up"), show=False),
    ]
    AUTO_FOCUS = "#search-input"

    def __init__(self, find: Find, names: Mapping[str, str], text: str = "") -> None:
        super().__init__(_("Search"))
        self._find, self._names, self._text = find, names, text
        self._hits: list[Entry] = []
        self._looking = self._submitted_early = False

    @property
    def text(self) -> str:
        """What was typed last, for the next time."""
        return self._text

    def buttons(self) -> Sequence[DialogButton]:
        """None: the list is the choice."""
        return ()

    def compose_body(self) -> ComposeResult:
        """What is typed, what was found, and the keys."""
        hint = _("Words of title, place, people or notes")
        field = Input(self._text, placeholder=hint, id="search-input", compact=True, select_on_focus=True)
        field.cursor_blink = False
        yield field
        found = MarkedList(id="search-list", markup=False, compact=True)
        found.can_focus = False
        yield found
        yield Static("", id="search-count", markup=False)

    def on_mount(self) -> None:
        """What was looked for before."""
        self._look_for(self._text)

    @on(Input.Changed, "#search-input")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._text:
            self._look_for(event.value)

    def _look_for(self, text: str) -> None:
        """As a worker: keys never wait for the index, and the newest words win."""
        self._text, self._looking, self._submitted_early = text, True, False

        async def job() -> None:
            with reporting(self.app):
                words = text.split()
                self._show(await self._find(words) if words else ())

        self.run_worker(job(), group="search", exclusive=True, exit_on_error=False)

    def _show(self, hits: Sequence[Entry]) -> None:
        self._hits = list(hits[:SHOWN])
        found = self.query_one("#search-list", OptionList)
        found.clear_options()
        names = {one: clean(self._names.get(one, "")) for one in {entry.calendar for entry in self._hits}}
        last = min(_CALENDAR, max((cell_width(name) for name in names.values()), default=0))
        room = max(_TITLE, found.container_size.width - _DATE - _TIME - last - 3)  # with a scroll bar
        found.add_options([Option(self._line(entry, room, cells(names[entry.calendar], last))) for entry in self._hits])
        found.highlighted = 0 if self._hits else None
        self.query_one("#search-count", Static).update(plain(self._count(len(hits))))
        self.show_error("")
        self._looking = False
        if self._submitted_early:
            self.accept()

    def _count(self, count: int) -> str:
        if not self._text.split():
            return ""
        if not count:
            return _("Nothing found.")
        text = ngettext("{count} event, the nearest first", "{count} events, the nearest first", count)
        return text.format(count=count)

    @staticmethod
    def _line(entry: Entry, room: int, calendar: str) -> Content:
        start = entry.start
        when = time_of_day(start) if isinstance(start, datetime) else _("All day")
        head = cells(short_date(start), _DATE) + cells(when, _TIME)
        place = f", {clean(entry.place)}" if entry.place else ""
        text = plain(cells(title(entry) + place, room) + "  ")
        return Content.assemble(plain(head).stylize("dim"), text, plain(calendar).stylize("dim"))

    def action_step(self, direction: int) -> None:
        """Up and down the list while one types."""
        found = self.query_one("#search-list", OptionList)
        if direction > 0:
            found.action_cursor_down()
        else:
            found.action_cursor_up()

    @on(Input.Submitted, "#search-input")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._looking:  # somebody types faster than it is found: the key counts for what is being looked for
            self._submitted_early = True
        else:
            self.accept()

    @on(OptionList.OptionSelected, "#search-list")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._hits[event.option_index])

    def result(self) -> Entry:
        """The hit under the cursor."""
        found = self.query_one("#search-list", OptionList).highlighted
        if found is None or found >= len(self._hits):
            raise UsageError(_("Nothing found."))
        return self._hits[found]
