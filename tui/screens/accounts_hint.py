"""There is no mail account yet: the message is kept, and this is how to add one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from core.language import N_, _
from tui.clipboard import copy
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.screens.grace import Grace
from tui.text import plain

EXAMPLE = """[accounts.mail]
type = "smtp"
host = "mail.example.org"
port = 587
security = "starttls"
username = "alice"
password_command = ["pass", "show", "mail/alice"]"""


class AccountsHint(Grace, FormDialog[bool]):
    """Returns True when the message shall also be written as an .eml file. `config` is the file to edit."""

    CSS_PATH = "accounts_hint.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", N_("Copy the example"), id="accounts.copy", show=False),
    ]

    def __init__(self, config: Path) -> None:
        super().__init__(_("Kept in the Outbox"), id="accounts-hint")
        self._config = config

    def compose_body(self) -> ComposeResult:
        """What happened, and what to do."""
        yield Static(plain(_("There is no mail account yet, so the message was not sent. It waits in the outbox.")))
        words = _("Add this to {file}, with your own server, then choose “Send again” in the outbox:")
        yield Static(plain(words.format(file=self._config)), classes="spaced")
        yield Static(plain(EXAMPLE, newline=True), id="example", classes="spaced")
        other = _("Where the machine itself sends mail, two lines are enough: [accounts.mail] and type = 'sendmail'.")
        yield Static(plain(other), classes="note spaced")

    def buttons(self) -> Sequence[DialogButton]:
        """Write a file, or close."""
        return (DialogButton("ok", _("&Write as .eml…")), DialogButton("cancel", _("Close"), main=True))

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        return (("W", _("Write as .eml")), ("Y", _("Copy the example")), (_("Esc"), _("Close")))

    def result(self) -> bool:
        """Write it."""
        return True

    def action_accept(self) -> None:
        """Enter away from the buttons does nothing."""

    def action_cancel(self) -> None:
        """Close."""
        self.dismiss(False)

    def action_copy(self) -> None:
        """The example, to be pasted into the file."""
        copy(self.app, EXAMPLE)
