"""Publish Online for a calendar of Exchange or Microsoft 365: two ways, and why one of them may be closed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Static

from core.language import _
from core.sharing.exchange_publishing import Ways
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import LetterButton, unmarked

WEBDAV, EXCHANGE = "webdav", "exchange"


class PublishWaysDialog(FormDialog[str]):
    """Ends with WEBDAV or EXCHANGE. What the policy does not let through can be seen and not be chosen."""

    def __init__(self, calendar: str, ways: Ways) -> None:
        super().__init__(_("Publish Online: {calendar}").format(calendar=calendar), id="publish-ways")
        self._ways = ways

    def compose_body(self) -> ComposeResult:
        """The rule in words."""
        yield Static(plain(_("The server publishes it (Publish This Calendar), or you upload it to a WebDAV server.")))
        yield Static(plain(self._ways.reason), classes="note spaced", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Both ways."""
        return (
            DialogButton(EXCHANGE, _("Publish This &Calendar…"), main=self._ways.exchange),
            DialogButton(WEBDAV, _("&WebDAV server…"), main=not self._ways.exchange),
            DialogButton("cancel", _("Cancel")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """Enter takes the open way, by its name."""
        way = _("Publish This &Calendar…") if self._ways.exchange else _("&WebDAV server…")
        return ((_("Enter"), unmarked(way)), (_("Esc"), _("Cancel")))

    def on_mount(self) -> None:
        """Close the way that is closed."""
        super().on_mount()
        self.query_one(f"#{EXCHANGE}", LetterButton).disabled = not self._ways.exchange
        self.query_one(f"#{WEBDAV}", LetterButton).disabled = not self._ways.webdav

    def result(self) -> str:
        """The open way."""
        return EXCHANGE if self._ways.exchange else WEBDAV

    def pressed(self, button: str) -> None:
        """One of them."""
        if button in (EXCHANGE, WEBDAV):
            self.dismiss(button)
