"""What people would be told of a meeting, before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from core.language import N_, _
from core.values import dataclass
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.screens.grace import Grace
from tui.widgets.form import Caption, TextLine, letter_of
from tui.widgets.text_view import Line, TextView


@dataclass(frozen=True, slots=True)
class Telling:
    """Whether to send, and the person's own words; without `send` people are told otherwise."""

    send: bool
    note: str = ""


class MeetingMessagesDialog(Grace, FormDialog[Telling]):
    """`lines` says who is told what, `texts` are the messages; None when it is left for later."""

    CSS_PATH = "meeting_messages.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#messages"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "send", N_("Send"), id="telling.send", show=False, priority=True),
    ]

    def __init__(self, title: str, lines: Sequence[str], texts: Sequence[str], question: str = "") -> None:
        super().__init__(question or _("Tell the People of “{title}”?").format(title=title), id="meeting-messages")
        self._lines = lines
        self._texts = texts

    def compose_body(self) -> ComposeResult:
        """Who is told, what each is sent, and a line of one's own."""
        shown = [Line(line) for line in self._lines]
        for text in dict.fromkeys(self._texts):
            shown += [Line(""), Line(_("The message"), "title"), *map(Line, text.rstrip().split("\n"))]
        yield TextView(shown, id="messages")
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Your words"), "note")
            yield TextLine("", id="note")

    def buttons(self) -> Sequence[DialogButton]:
        """Send, or not, or later."""
        return (
            DialogButton("ok", _("&Send"), main=True),
            DialogButton("quiet", _("&Do not send")),
            DialogButton("cancel", _("Later")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """Send, not, later."""
        return (("F9", _("Send")), (letter_of(_("&Do not send")).upper(), _("Do not send")), (_("Esc"), _("Later")))

    def result(self) -> Telling:
        """Send, with these words."""
        return Telling(True, self.query_one("#note", Input).value.strip())

    def action_accept(self) -> None:
        """Enter away from the buttons sends nothing."""

    def action_send(self) -> None:
        """Send."""
        self.accept()

    def pressed(self, button: str) -> None:
        """Do not send."""
        if button == "quiet":
            self.dismiss(Telling(False))
