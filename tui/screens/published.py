"""The addresses of a publication: each copied with one key, and the offer to invite people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from core.language import N_, _
from tui.clipboard import copy
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain


class PublishedDialog(FormDialog[str]):
    """Ends with `invite`, or None. `addresses`: (what it is for, address), the ones there are."""

    CSS_PATH = "published.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(str(number), f"copy({number})", N_("Copy an address"), id=f"published.copy-{number}", show=False)
        for number in (1, 2, 3)
    ]

    def __init__(
        self, title: str, addresses: Sequence[tuple[str, str]], remark: str = "", *, invite: bool = True
    ) -> None:
        super().__init__(title, id="published")
        self._addresses = [pair for pair in addresses if pair[1]]
        self._remark = remark
        self._invite = invite

    def compose_body(self) -> ComposeResult:
        """Each address below what it is for."""
        for number, (what, address) in enumerate(self._addresses, 1):
            yield Static(plain(f"{number}  {what}"), classes="what", markup=False)
            yield Static(plain(address), classes="address", markup=False)
        note = _("Whoever knows an address can read it: give it out as you would a key.")
        yield Static(plain(f"{note} {self._remark}".strip()), classes="note spaced", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Invite, close."""
        row = [DialogButton("invite", _("&Invite people…"))] if self._invite else []
        return [*row, DialogButton("ok", _("&Close"), main=True)]

    def keys(self) -> Sequence[tuple[str, str]]:
        """Digits copy."""
        digits = " ".join(str(number) for number in range(1, len(self._addresses) + 1))
        return ((digits, _("Copy")), ("I", _("Invite people")), (_("Esc"), _("Close")))

    def action_copy(self, number: int) -> None:
        """Put it on the clipboard."""
        if number <= len(self._addresses):
            copy(self.app, self._addresses[number - 1][1])

    def result(self) -> str:
        """Nothing more is wanted."""
        return ""

    def pressed(self, button: str) -> None:
        """To the invitation."""
        if button == "invite":
            self.dismiss("invite")
