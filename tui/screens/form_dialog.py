"""What the dialogs with fields have in common: Enter is OK, a letter goes to its field, the frame names the keys."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, Input
from textual.widgets.button import ButtonVariant

from core.language import N_, _
from tui.screens.dialog import BaseDialog, DialogButton
from tui.text import cell_width
from tui.widgets.form import LetterButton, follow_letter, lettered, typing

Result = TypeVar("Result")

STYLE = Path(__file__).with_suffix(".tcss")


_BETWEEN = ("  ·  ", " · ", "  ")


def keys_line(keys: Sequence[tuple[str, str]], room: int = 0) -> Content:
    """`Enter OK · Esc Cancel`, the keys in bold; for the frame of a dialog or the last line of a screen.

    `room`: the cells that there are, 0 for enough; what is between the keys gives way first.
    """
    words = sum(cell_width(key) + 1 + cell_width(what) for key, what in keys)
    between = next((one for one in _BETWEEN if not room or words + len(one) * (len(keys) - 1) <= room), _BETWEEN[-1])
    parts: list[Any] = []
    for key, what in keys:
        parts += [(between if parts else ""), (key, "bold"), f" {what}"]
    return Content.assemble(*parts)


class FormDialog(BaseDialog[Result]):
    """A dialog with fields. Enter accepts wherever one is, but on another button."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", N_("OK"), id="dialog.accept", show=False),
    ]

    def __init__(self, title: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(title, id=id, classes=classes)
        self.css_path = [*self.css_path, STYLE]

    def keys(self) -> Sequence[tuple[str, str]]:
        """The keys that the frame names: only what works now."""
        return ((_("Enter"), _("OK")), (_("Esc"), _("Cancel")))

    def on_mount(self) -> None:
        """Name the keys in the frame."""
        self.show_keys()

    def show_keys(self) -> None:
        """Write the frame's line again; what works may have changed."""
        self.query_one("#dialog", Vertical).border_subtitle = keys_line(self.keys())

    def on_key(self, event: events.Key) -> None:
        """A letter that no field wanted."""
        follow_letter(self, event)

    def takes(self, event: events.Event) -> bool:
        """Whether something typed means anything here."""
        if not isinstance(event, events.Key):
            return typing(self.focused)
        if typing(self.focused) or event.key in self.active_bindings:
            return True
        return lettered(self, event) is not None

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    @staticmethod
    def _make_button(button: DialogButton) -> Button:
        variant: ButtonVariant = "error" if button.danger else "primary" if button.main else "default"
        made = LetterButton(button.label, id=button.id)
        made.variant = variant
        return made
