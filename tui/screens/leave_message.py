"""Leaving a message that was not sent: keep the draft, throw it away, or go on writing."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from core.language import _
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain


class Leaving(StrEnum):
    """What becomes of the words."""

    KEEP = "keep"
    DISCARD = "discard"


class LeaveMessageDialog(FormDialog[Leaving]):
    """Returns what becomes of the draft; None goes back to it. Keeping is the answer that Enter gives."""

    AUTO_FOCUS: ClassVar[str | None] = "#ok"

    def __init__(self) -> None:
        super().__init__(_("Close the message?"), id="leave-message")

    def compose_body(self) -> ComposeResult:
        """What is at stake."""
        words = _("It was not sent. A kept draft is offered again the next time you e-mail a calendar.")
        yield Static(plain(words), markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Keep, throw away, back."""
        return (
            DialogButton("ok", _("&Keep draft"), main=True),
            DialogButton("discard", _("&Discard"), danger=True),
            DialogButton("cancel", _("&Back to it")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        return ((_("Enter"), _("Keep")), (_("Tab"), _("Choose")), (_("Esc"), _("Back to it")))

    def result(self) -> Leaving:
        """Keep it."""
        return Leaving.KEEP

    def pressed(self, button: str) -> None:
        """Throw it away."""
        if button == "discard":
            self.dismiss(Leaving.DISCARD)
