"""F1: all keys, from the registry, with the person's own; and what the marks mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from core.calendar.event import BusyStatus
from core.language import N_, _
from core.sharing.detail import status_word
from tui.commands import ALL, grouped
from tui.keymap import Keymap
from tui.screens.home_text import places
from tui.text import cell_width, plain
from tui.widgets.look import wrap
from tui.widgets.marks import Marks

if TYPE_CHECKING:
    from tui.app import PartagendaApp

GAP = 2
INDENT = "  "
LINES = 4
"""Lines that one explanation may take."""
NARROWEST = 36
"""Cells for explanations beside the names; in a narrower terminal they stand below."""
KEYS = 12
"""Cells of the column of keys; a command with more keys than that has a line for them."""


class HelpScreen(Screen[None]):
    """One page to scroll through. Esc, q or F1 leaves it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,question_mark", "leave", N_("Back"), id="help.back"),
    ]
    AUTO_FOCUS = "#help-page"

    def compose(self) -> ComposeResult:
        """Title, page, and how to leave."""
        yield Static(plain(_("Help")), id="help-title", markup=False)
        with VerticalScroll(id="help-page"):
            yield HelpText("", id="help-text", markup=False)
        yield Static(plain(_("↑ ↓ PgUp PgDn to read, Esc to go back")), id="help-keys", markup=False)

    def action_leave(self) -> None:
        """Back to where one was."""
        self.dismiss(None)


class HelpText(Static):
    """The page, broken for the width it has."""

    def on_resize(self, event: Resize) -> None:
        """Break the sentences anew."""
        app: PartagendaApp = self.app  # type: ignore[assignment]
        self.update(page(app.keymap, app.marks, places(app.services), self.size.width))


def page(keys: Keymap, marks: Marks, where: tuple[tuple[str, str], ...], width: int) -> Content:
    """The whole text of the page for `width` cells."""
    parts: list[Content] = []
    names = {command.id: keys.names(command) for command in ALL.values()}
    key_width = max(width for width in map(cell_width, names.values()) if width <= KEYS) + GAP
    name_width = max(cell_width(command.name) for command in ALL.values()) + GAP
    below = width - len(INDENT) - key_width - name_width < NARROWEST
    for group, members in grouped(ALL.values()).items():
        parts.append(plain(_(group)).stylize("bold $primary"))
        for command in members:
            key = _padded(names[command.id], key_width).stylize("bold")
            head = Content.assemble(INDENT, key, _padded(command.name, name_width))
            left = len(INDENT) + key_width + (0 if below else name_width)
            if below or head.cell_length > left:
                parts.append(head)
                head = Content(" " * left)
            for line in wrap(command.sentence, max(NARROWEST, width - left), LINES):
                parts.append(Content.assemble(head, plain(line.rstrip()).stylize("$foreground 70%")))
                head = Content(" " * left)
        parts.append(Content(""))
    parts.append(plain(_("Marks")).stylize("bold $primary"))
    for status in BusyStatus:
        mark = _padded(marks.status[status], key_width).stylize("bold")
        parts.append(Content.assemble(INDENT, mark, plain(status_word(status))))
    parts += [Content(""), plain(_("Where things are")).stylize("bold $primary")]
    column = max(cell_width(name) for name, _path in where) + GAP
    parts += [Content.assemble(INDENT, _padded(name, column), plain(path)) for name, path in where]
    return Content("\n").join(parts)


def _padded(text: str, width: int) -> Content:
    return plain(text + " " * max(0, width - cell_width(text)))
