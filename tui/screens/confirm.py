"""A question with two answers; the harmless one has the focus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from core.language import N_, _
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.screens.grace import Grace
from tui.text import plain


class ConfirmDialog(Grace, FormDialog[bool]):
    """Asks once. Esc and Enter mean no until the person goes to the other button; a letter of `yes` may be marked
    with `&`. Returns True or False, never None.
    """

    CSS_PATH = "confirm.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "app.focus_previous", N_("Button before"), id="confirm.previous", show=False),
        Binding("right,down", "app.focus_next", N_("Next button"), id="confirm.next", show=False),
    ]

    def __init__(self, title: str, question: str, yes: str, no: str = "", *, danger: bool = False) -> None:
        super().__init__(title, id="confirm")
        self._question = question
        self._yes = yes
        self._no = no or _("Cancel")
        self._danger = danger

    def compose_body(self) -> ComposeResult:
        """The question, which may have several lines."""
        with VerticalScroll(id="confirm-scroll", can_focus=False):
            yield Static(plain(self._question, newline=True), id="confirm-question", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Yes on the left, no on the right."""
        return (
            DialogButton("ok", self._yes, main=not self._danger, danger=self._danger),
            DialogButton("cancel", self._no),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """How to get to the other button, and out."""
        return (("← →", _("Choose")), (_("Enter"), _("Press")), (_("Esc"), _("Cancel")))

    def result(self) -> bool:
        """Yes."""
        return True

    def action_accept(self) -> None:
        """Enter away from the buttons is no answer."""

    def action_cancel(self) -> None:
        """No."""
        self.dismiss(False)
