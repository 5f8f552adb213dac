"""Whose calendar on the server shall stand beside one's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from core.calendar.people import Address
from core.errors import UsageError
from core.language import _
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption
from tui.widgets.recipients_field import RecipientsField

Complete = Callable[[str], Awaitable[Sequence[Address]]]


class OpenSharedDialog(FormDialog[str]):
    """Ends with an address; the server's address book helps to type it."""

    def __init__(self, account: str, complete: Complete) -> None:
        super().__init__(_("Open a Colleague’s Calendar"), id="open-shared")
        self._account = account
        self._complete = complete

    def compose_body(self) -> ComposeResult:
        """One line."""
        with Horizontal(classes="row"):
            yield Caption(_("&Whose"), "whose")
            yield RecipientsField(self._complete, id="whose")
        note = _("On the server of “{account}”, as much of it as they show you.").format(account=self._account)
        yield Static(plain(note), classes="note indented", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """OK."""
        return (DialogButton("ok", _("Open"), main=True), DialogButton("cancel", _("Cancel")))

    def result(self) -> str:
        """The one address. Raises UsageError."""
        people = self.query_one("#whose", RecipientsField).addresses()
        if len(people) != 1:
            raise UsageError(_("Whose calendar?"), _("One address, as bruno@example.org."))
        return people[0].address
