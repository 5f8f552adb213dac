"""Add Users: people from the address book."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from core.calendar.people import Address
from core.errors import UsageError
from core.language import _
from tui.screens.form_dialog import FormDialog
from tui.widgets.form import Caption
from tui.widgets.recipients_field import Complete, RecipientsField


class ChoosePeopleDialog(FormDialog[tuple[Address, ...]]):
    """Returns at least one address."""

    AUTO_FOCUS = "#people-line"

    def __init__(self, title: str, complete: Complete) -> None:
        super().__init__(title, id="choose-people")
        self._complete = complete

    def compose_body(self) -> ComposeResult:
        """One line of addresses."""
        with Horizontal(classes="line"):
            yield Caption(_("&People"), "people")
            yield RecipientsField(self._complete, id="people")

    def result(self) -> tuple[Address, ...]:
        """The people. Raises UsageError."""
        found = self.query_one("#people", RecipientsField).addresses()
        if not found:
            raise UsageError(_("Nobody is named."), _("Give at least one address."))
        return found
