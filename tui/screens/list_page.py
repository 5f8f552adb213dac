"""Pages that list something and show what is marked: inbox, outbox, ledger."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.errors import PartagendaError
from core.language import N_, _
from tui.reporting import reporting
from tui.screens.full_screen import FullScreen
from tui.text import cells, plain
from tui.widgets.marked_list import MarkedList
from tui.widgets.text_view import Line, TextView

Item = TypeVar("Item")
Result = TypeVar("Result")


class ListPage(FullScreen[Result], Generic[Item, Result]):
    """Newest first. Subclasses read the items, give a row's columns and what to show of the marked one."""

    AUTO_FOCUS: ClassVar[str | None] = "#items"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "read", N_("Look again"), id="list.refresh"),
        Binding("j", "mark(1)", N_("Next"), id="list.next", show=False),
        Binding("k", "mark(-1)", N_("Before"), id="list.previous", show=False),
    ]

    def __init__(self, title: str, *, id: str) -> None:  # noqa: A002
        super().__init__(title, id=id)
        self.items: Sequence[Item] = ()
        self._read_once = False

    def compose_body(self) -> ComposeResult:
        """The list and the text beside or below it."""
        yield Static(plain(_("Reading…")), id="empty", markup=False)
        with Container(id="split"):
            items = MarkedList(id="items", markup=False, compact=True)
            yield items
            yield TextView(id="shown")

    @abstractmethod
    async def read(self) -> Sequence[Item]:
        """The items, newest first."""

    @abstractmethod
    def columns(self, item: Item) -> Sequence[tuple[str, float]]:
        """A row: each column with its share of the width, or with its width in cells as a negative number."""

    @abstractmethod
    async def describe(self, item: Item) -> Sequence[Line]:
        """What is shown of the marked item."""

    @abstractmethod
    def nothing(self) -> str:
        """What an empty list says."""

    @property
    def marked(self) -> Item | None:
        """The item under the cursor."""
        at = self.query_one("#items", OptionList).highlighted
        return self.items[at] if at is not None and at < len(self.items) else None

    def on_mount(self) -> None:
        """Read at once."""
        self.query_one("#split").display = False
        self.action_read()

    def on_resize(self) -> None:
        """Columns follow the width."""
        if self._read_once:
            self.call_after_refresh(self._fill)

    @work(group="read", exclusive=True, exit_on_error=False)
    async def action_read(self) -> None:
        """Look again; the mark stays on its place."""
        with reporting(self.app):
            self.items = await self.read()
        self._read_once = True
        self._fill()

    def _fill(self) -> None:
        listing = self.query_one("#items", OptionList)
        at = listing.highlighted or 0
        self.query_one("#empty", Static).update(plain(self.nothing(), newline=True))
        self.query_one("#empty").display = not self.items
        self.query_one("#split").display = bool(self.items)
        self.call_after_refresh(self._rows, at)

    def _rows(self, at: int) -> None:
        listing = self.query_one("#items", OptionList)
        listing.clear_options()
        width = max(listing.scrollable_content_region.width - 1, 20)
        rows = [self.columns(item) for item in self.items]
        told = {number for row in rows for number, (text, _share) in enumerate(row) if text}
        for row in rows:  # a column in which nothing stands leaves its room to the others
            listing.add_option(Option(plain(_row([one for number, one in enumerate(row) if number in told], width))))
        if self.items:
            listing.highlighted = min(at, len(self.items) - 1)
            listing.focus()
        self.marked_changed()

    def activated(self) -> None:
        """Enter, or a click, on the marked item."""

    @on(OptionList.OptionSelected, "#items")
    def _chosen(self) -> None:
        self.activated()

    @on(OptionList.OptionHighlighted, "#items")
    def _moved(self) -> None:
        self.marked_changed()
        self._describe_marked()

    def marked_changed(self) -> None:
        """Another item is marked: buttons and keys say what can be done with it."""
        self.show_keys()

    @work(group="describe", exclusive=True, exit_on_error=False)
    async def _describe_marked(self) -> None:
        item = self.marked
        if item is None:
            return
        try:
            lines = await self.describe(item)
        except PartagendaError as error:
            lines = [Line(error.message, "warning"), Line(error.hint)]
        self.query_one("#shown", TextView).show(lines)

    def action_mark(self, by: int) -> None:
        """Up and down with letters."""
        listing = self.query_one("#items", OptionList)
        if by > 0:
            listing.action_cursor_down()
        else:
            listing.action_cursor_up()


AnyListPage = ListPage[Any, Any]


def _row(columns: Sequence[tuple[str, float]], width: int) -> str:
    fixed = sum(-share for _text, share in columns if share < 0)
    whole = sum(share for _text, share in columns if share > 0) or 1
    room = max(width - fixed - len(columns) + 1, 8)
    sizes = [int(-share) if share < 0 else max(int(room * share / whole), 1) for _text, share in columns]
    return " ".join(cells(text, size) for (text, _share), size in zip(columns, sizes, strict=True))
