"""Invite people to a published calendar: whom, and the person's own words."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from core.calendar.people import Address, parse_addresses, unique
from core.errors import UsageError
from core.language import _
from core.values import dataclass
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.form import Caption, OwnWords, TextLine


@dataclass(frozen=True, slots=True)
class PublicationInvitation:
    """What is sent, and to whom."""

    to: tuple[Address, ...]
    message: str


class InvitePublishedDialog(FormDialog[PublicationInvitation]):
    """Each gets a message of their own with the addresses."""

    def __init__(self, calendar: str) -> None:
        super().__init__(_("Invite to “{calendar}”").format(calendar=calendar), id="invite-published")

    def compose_body(self) -> ComposeResult:
        """To, and a text."""
        with Horizontal(classes="row"):
            yield Caption(_("&To"), "to")
            yield TextLine("", id="to")
        yield Static(plain(_("Your own words (may stay empty):")), classes="spaced", markup=False)
        yield OwnWords("", id="message")
        note = _(
            "Each person gets a message of their own with the addresses; Outlook shows it as a sharing invitation."
        )
        yield Static(plain(note), classes="note", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Send, cancel."""
        return (DialogButton("ok", _("&Send"), main=True), DialogButton("cancel", _("Cancel")))

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        return ((_("Enter"), _("Send")), (_("Tab"), _("Next")), (_("Esc"), _("Cancel")))

    def result(self) -> PublicationInvitation:
        """Who, and the words. Raises UsageError without anybody."""
        people = unique(parse_addresses(self.query_one("#to", Input).value))
        if not people:
            raise UsageError(_("Whom is it for?"), _("Give at least one address."))
        return PublicationInvitation(people, self.query_one("#message", OwnWords).text.strip())
