"""An answer to an invitation, before it is sent: what leaves, what happens in the calendar, and the message itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from core.language import N_, _
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.widgets.form import Caption, TextLine, letter_of
from tui.widgets.text_view import Line, TextView


class AnswerMeetingDialog(FormDialog[str]):
    """Returns the person's own words (perhaps none) to send; None sends nothing."""

    CSS_PATH = "answer_meeting.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#answer"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "accept", N_("Send"), id="answer.send", show=False, priority=True),
    ]

    def __init__(self, title: str, lines: Sequence[str], text: str) -> None:
        super().__init__(title, id="answer-meeting")
        self._lines = lines
        self._message = text

    def compose_body(self) -> ComposeResult:
        """What leaves and what happens, the message, a line of one's own."""
        message = map(Line, self._message.rstrip().split("\n"))
        shown = [*map(Line, self._lines), Line(""), Line(_("The message"), "title"), *message]
        yield TextView(shown, id="answer")
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Your words"), "note")
            yield TextLine("", id="note")

    def buttons(self) -> Sequence[DialogButton]:
        """Send, leave."""
        return (DialogButton("ok", _("&Send"), main=True), DialogButton("cancel", _("Cancel")))

    def keys(self) -> Sequence[tuple[str, str]]:
        """Send, leave."""
        return (
            (_("Enter"), _("Send")),
            (letter_of(_("&Your words")).upper(), _("Your words")),
            (_("Esc"), _("Cancel")),
        )

    def result(self) -> str:
        """The words."""
        return self.query_one("#note", Input).value.strip()
