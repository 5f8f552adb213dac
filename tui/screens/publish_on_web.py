"""Publish Online for a calendar of Microsoft 365: what to do in Outlook on the web, or a WebDAV server instead."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Static

from core.language import _
from core.sharing.exchange_publishing import WEB_ADDRESS, web_steps
from tui.clipboard import copy
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.screens.publish_ways import EXCHANGE, WEBDAV
from tui.text import clean, plain


class PublishOnWebDialog(FormDialog[str]):
    """Ends with WEBDAV, or EXCHANGE when the person has the links and wants to keep them here."""

    def __init__(self, calendar: str) -> None:
        super().__init__(_("Publish This Calendar: {calendar}").format(calendar=clean(calendar)), id="publish-on-web")
        self._calendar = clean(calendar)

    def compose_body(self) -> ComposeResult:
        """Why, and the steps."""
        why = _("Microsoft 365 lets no program publish a calendar. You can do it in Outlook on the web:")
        yield Static(plain(why), markup=False)
        for number, step in enumerate(web_steps(self._calendar), 1):
            yield Static(plain(f"{number}. {step}"), classes="spaced", markup=False)
        note = _("Or let Partagenda upload it to a WebDAV server: there you choose the days, too.")
        yield Static(plain(note), classes="note spaced", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """The address, the links, the other way, out."""
        return (
            DialogButton("copy", _("Copy add&ress"), main=True),
            DialogButton(EXCHANGE, _("I have the &links…")),
            DialogButton(WEBDAV, _("&WebDAV server…")),
            DialogButton("cancel", _("Cancel")),
        )

    def result(self) -> str:
        """The way that a program can go."""
        return WEBDAV

    def action_accept(self) -> None:
        """Enter copies the address: what follows is done elsewhere."""
        copy(self.app, WEB_ADDRESS)

    def pressed(self, button: str) -> None:
        """One of them."""
        if button == "copy":
            copy(self.app, WEB_ADDRESS)
        else:
            self.dismiss(button)
