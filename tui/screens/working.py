"""Something takes a moment: still text, and Esc stops it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Static

from core.language import _
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain


class WorkingDialog(FormDialog[None]):
    """Dismissed by whoever started the work; by the person with Esc, to stop it."""

    def __init__(self, text: str) -> None:
        super().__init__(text, id="working")

    def compose_body(self) -> ComposeResult:
        """Nothing moves here: each frame would cost over SSH."""
        yield Static(plain(_("This can take a moment.")), classes="note", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Stop."""
        return (DialogButton("cancel", _("Stop")),)

    def keys(self) -> Sequence[tuple[str, str]]:
        """Stop."""
        return ((_("Esc"), _("Stop")),)

    def result(self) -> None:
        """Nothing comes back."""

    def action_accept(self) -> None:
        """Enter away from the button does not stop it."""
