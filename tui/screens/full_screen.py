"""What the full screens of a flow have in common: a title, facts below it, a body, buttons and the keys that work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Button, Static

from core.errors import PartagendaError
from core.language import N_
from tui.screens.dialog import DialogButton, show_problem
from tui.screens.form_dialog import keys_line
from tui.screens.one_picture import OnePicture
from tui.text import plain
from tui.widgets.form import LetterButton, follow_letter

Result = TypeVar("Result")

MARGINS = 4
"""Cells at both sides of the lines of a page."""
STYLE = Path(__file__).with_suffix(".tcss")


class FullScreen(OnePicture[Result]):
    """A page of its own. Subclasses give `facts`, `compose_body`, `buttons`, `keys` and `pressed`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", N_("Back"), id="page.back"),
        Binding("f1", "app.help", N_("Help"), id="page.help", show=False),
    ]
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As Textual's, but that another focus does not send the whole screen again."""

    def __init__(self, title: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="full-screen")
        self.page_title = title
        self.css_path = [STYLE, *self.css_path]

    def compose(self) -> ComposeResult:
        """The frame; subclasses fill the body."""
        yield Static(plain(self.page_title), id="page-title", markup=False)
        yield Static(plain(self.facts()), id="page-facts", markup=False)
        with Vertical(id="page-body"):
            yield from self.compose_body()
        yield Static("", id="page-error", markup=False)
        with Horizontal(id="page-buttons"):
            for button in self.buttons():
                yield self._make_button(button)
        yield Static(self._keys_line(), id="page-keys", markup=False)

    def facts(self) -> str:
        """The line below the title."""
        return ""

    def compose_body(self) -> ComposeResult:
        """What the page is about."""
        yield from ()

    def buttons(self) -> Sequence[DialogButton]:
        """The row at the bottom."""
        return ()

    def keys(self) -> Sequence[tuple[str, str]]:
        """The keys that work now."""
        return ()

    def show_keys(self) -> None:
        """Write the line of keys again."""
        self.query_one("#page-keys", Static).update(self._keys_line())

    def _keys_line(self) -> Content:
        return keys_line(self.keys(), self.app.size.width - MARGINS)

    def pressed(self, button: str) -> None:
        """A button, or its letter, was pressed."""

    def show_error(self, error: PartagendaError | str) -> None:
        """Say above the buttons what is wrong; an empty text takes the line away."""
        text = f"{error.message} {error.hint}".strip() if isinstance(error, PartagendaError) else error
        show_problem(self, self.query_one("#page-error", Static), text)

    def action_back(self) -> None:
        """Leave the page."""
        self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """A letter that nothing else wanted."""
        follow_letter(self, event)

    @on(Button.Pressed, "#page-buttons Button")
    def _button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.pressed(event.button.id or "")

    @staticmethod
    def _make_button(button: DialogButton) -> LetterButton:
        made = LetterButton(button.label, id=button.id)
        made.variant = "error" if button.danger else "primary" if button.main else "default"
        return made


Page = FullScreen[Any]
"""Any of them, whatever it ends with."""
