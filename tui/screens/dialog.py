"""The base of all dialogs: title, body, a line for errors, buttons.

A dialog does no I/O. It collects what the person wants, checks it by rules that live in core, and returns a frozen
request (or None when it was cancelled); the caller acts on it:

    class GoToDateDialog(BaseDialog[date]):
        def compose_body(self) -> ComposeResult: ...
        def result(self) -> date: ...          # raises UsageError, which is shown in the dialog
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Button, Static
from textual.widgets._toast import Toast, ToastRack
from textual.widgets.button import ButtonVariant

from core.errors import PartagendaError
from core.language import N_, _
from core.values import dataclass
from tui.screens.one_picture import OnePicture
from tui.text import clean, plain

Result = TypeVar("Result")

STYLE = Path(__file__).with_suffix(".tcss")

_FRAME = 6
"""Lines of a dialog that are not its body: borders, title and buttons with a blank line each."""
_LEAST = 3
"""Lines of a body that are always shown."""


@dataclass(frozen=True, slots=True)
class DialogButton:
    """A button of the last row. `id` is what `pressed` gets; `main` is the one that Enter stands for."""

    id: str
    label: str
    main: bool = False
    danger: bool = False


def show_problem(screen: Screen[Any], line: Static, text: str) -> None:
    """Write what is wrong into that line; where it stands beside its field already, that is marked, and is enough."""
    screen.query("Static.-problem").remove_class("-problem")
    if text and (note := _standing(screen, line, " ".join(clean(text).split()))):
        note.add_class("-problem")
        note.scroll_visible(animate=False)
        text = ""
    line.update(plain(clean(text)))
    line.set_class(bool(text), "-shown")


def _standing(screen: Screen[Any], line: Static, text: str) -> Static | None:
    notes = (one for one in screen.query(Static) if one is not line and one.display)
    return next((one for one in notes if " ".join(str(one.render()).split()) == text), None)


class BaseDialog(OnePicture[Result | None], ModalScreen[Result | None], Generic[Result]):
    """A dialog that ends with a `Result`, or None when it was cancelled (Esc, or the Cancel button).

    The screen behind is not drawn through it: a translucent dialog costs 100 KB over SSH (trap 28).
    A subclass gives `compose_body` and `result`, and may give `buttons` and `pressed`; its own style sheet goes into
    CSS_PATH, the common one is always loaded.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", N_("Cancel"), id="dialog.cancel"),
        Binding("f1", "app.help", N_("Help"), id="dialog.help", show=False),
    ]
    AUTO_FOCUS: ClassVar[str | None] = "#dialog-body *"
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As Textual's, but that another focus does not send the whole screen again."""

    def __init__(self, title: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.dialog_title = title
        self._notices = 0
        self.css_path = [STYLE, *self.css_path]

    def compose(self) -> ComposeResult:
        """The frame; subclasses fill `compose_body`."""
        with Vertical(id="dialog"):
            yield Static(plain(self.dialog_title), id="dialog-title", markup=False)
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield from self.compose_body()
            yield Static("", id="dialog-error", markup=False)
            with Horizontal(id="dialog-buttons"):
                for button in self.buttons():
                    yield self._make_button(button)

    @abstractmethod
    def compose_body(self) -> ComposeResult:
        """What stands between title and buttons."""

    @abstractmethod
    def result(self) -> Result:
        """What the fields say now. Raises UsageError (any PartagendaError) when they do not make sense yet."""

    def buttons(self) -> Sequence[DialogButton]:
        """The last row, from left to right."""
        return (DialogButton("ok", _("OK"), main=True), DialogButton("cancel", _("Cancel")))

    def pressed(self, button: str) -> None:
        """A button other than OK and Cancel was pressed."""

    def accept(self) -> None:
        """End with `result()`, or show why that is not possible."""
        try:
            result = self.result()
        except PartagendaError as error:
            self.show_error(error)
        else:
            self.dismiss(result)

    def show_error(self, error: PartagendaError | str) -> None:
        """Say above the buttons what is wrong; an empty text takes the line away."""
        text = f"{error.message} {error.hint}".strip() if isinstance(error, PartagendaError) else error
        show_problem(self, self.query_one("#dialog-error", Static), text)
        self.call_after_refresh(self._fit)

    def on_resize(self) -> None:
        """Keep the buttons on the screen."""
        self._fit()

    def on_mount(self) -> None:
        """Notices come and go while it is open."""
        self.screen_layout_refresh_signal.subscribe(self, self._make_way, immediate=True)

    def _make_way(self, _screen: object) -> None:
        """What notices take above the dialog, the body gives."""
        rack = next((child for child in self.children if isinstance(child, ToastRack) and child.display), None)
        lowest = max((toast.region.bottom for toast in rack.query(Toast)), default=0) if rack is not None else 0
        taken = min(lowest, self.size.height * 2 // 5)  # as the style sheet of the app bounds them
        if taken != self._notices:
            self._notices = taken
            self._fit()

    def _fit(self) -> None:
        """The body scrolls in what the frame, the title, the error line and the buttons leave."""
        if not self.is_attached or not self.query("#dialog-error"):  # it is being closed
            return
        error = self.query_one("#dialog-error")
        taken = _FRAME + (error.size.height + 1 if error.has_class("-shown") else 0) + self._notices
        self.query_one("#dialog-body").styles.max_height = max(_LEAST, self.size.height - taken)

    def action_cancel(self) -> None:
        """Leave without a result."""
        self.dismiss(None)

    def action_accept(self) -> None:
        """As the main button."""
        self.accept()

    @on(Button.Pressed, "#dialog-buttons Button")
    def _button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        match event.button.id:
            case "ok":
                self.accept()
            case "cancel":
                self.action_cancel()
            case str(other):
                self.pressed(other)

    @staticmethod
    def _make_button(button: DialogButton) -> Button:
        variant: ButtonVariant = "error" if button.danger else "primary" if button.main else "default"
        return Button(plain(button.label), id=button.id, variant=variant, compact=True, classes="dialog-button")
