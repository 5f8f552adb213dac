"""Signing in to Microsoft 365: a code to type on any device, or an address to open and one to paste back."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center
from textual.widgets import Static

from core.errors import UsageError
from core.language import N_, _, ngettext
from tui.clipboard import copy
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import clean, plain
from tui.widgets.form import Caption, TextLine, letter_of, unmarked
from tui.widgets.large_text import LargeText

ROOM = 66
"""Columns inside a dialog."""


class Turn(StrEnum):
    """How the dialog with the code ended."""

    DONE = "done"
    """The code was typed, or can no longer be."""
    OTHER = "other"
    """The person wants the other way."""


class DeviceCodeDialog(FormDialog[Turn]):
    """Shows address and code. It is closed from outside as soon as the code was used."""

    CSS_PATH = "sign_in.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#copy"

    def __init__(self, account: str, address: str, code: str, minutes: int) -> None:
        super().__init__(_("Sign in to Microsoft 365: {account}").format(account=clean(account)), classes="sign-in")
        self._address = clean(address)
        self._code = clean(code)
        self._minutes = minutes

    def compose_body(self) -> ComposeResult:
        """Address and code, large; what happens next."""
        yield Static(plain(_("On any device, open this address in a browser:")), markup=False)
        yield Static(plain(self._address), id="sign-in-address", markup=False)
        yield Static(plain(_("and type this code there:")), markup=False)
        with Center(id="sign-in-code"):
            yield LargeText(self._code, ROOM)
        yield Static(plain(self._code), id="sign-in-plain", markup=False)
        words = ngettext("It is good for {count} minute.", "It is good for {count} minutes.", self._minutes)
        waits = _("This screen closes by itself as soon as you have signed in.")
        yield Static(plain(f"{words.format(count=self._minutes)} {waits}"), classes="note", markup=False)
        hint = _("If your organisation does not allow codes, take the other way.")
        yield Static(plain(hint), classes="note", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Copy, the other way, out."""
        return (
            DialogButton("copy", _("&Copy code"), main=True),
            DialogButton("address", _("Copy add&ress")),
            DialogButton("other", _("&Other way")),
            DialogButton("cancel", _("Cancel")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """One key each: the letters of the buttons."""
        own = [(letter_of(one.label).upper(), unmarked(one.label)) for one in self.buttons()[:3]]
        return (*own, (_("Esc"), _("Cancel")))

    def pressed(self, button: str) -> None:
        """A button."""
        {"copy": self.action_copy_code, "address": self.action_copy_address, "other": self.action_other}[button]()

    def result(self) -> Turn:
        """Used from outside only."""
        return Turn.DONE

    def action_accept(self) -> None:
        """Enter copies: nothing else can be done here."""
        self.action_copy_code()

    def action_copy_code(self) -> None:
        """To the person's own clipboard."""
        copy(self.app, self._code)

    def action_copy_address(self) -> None:
        """To the person's own clipboard."""
        copy(self.app, self._address)

    def action_other(self) -> None:
        """Paste an address instead."""
        self.dismiss(Turn.OTHER)


class PasteAddressDialog(FormDialog[str]):
    """Shows an address to open, takes the one that the browser shows in the end. Returns what was pasted."""

    CSS_PATH = "sign_in.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#pasted"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "copy_address", N_("Copy the address"), id="signin.long_address", show=False),
    ]

    def __init__(self, account: str, address: str, problem: str = "") -> None:
        super().__init__(_("Sign in to Microsoft 365: {account}").format(account=clean(account)), classes="sign-in")
        self._address = clean(address)
        self._problem = problem

    def compose_body(self) -> ComposeResult:
        """Three steps."""
        yield Static(plain(_("1. Copy this address (F2), open it in a browser and sign in:")), markup=False)
        yield Static(plain(self._address), id="sign-in-long", markup=False)
        second = _("2. The browser ends on an empty page. Copy the whole address of that page.")
        yield Static(plain(second), classes="spaced", markup=False)
        yield Static(plain(_("3. Paste it here:")), classes="spaced", markup=False)
        yield Caption(_("A&ddress"), "pasted")
        yield TextLine("", id="pasted")
        note = _("It works once and holds no password; it is not kept.")
        yield Static(plain(note), classes="note spaced", markup=False)

    def on_mount(self) -> None:
        """What was wrong with the last attempt."""
        super().on_mount()
        if self._problem:
            self.show_error(self._problem)

    def buttons(self) -> Sequence[DialogButton]:
        """Sign in, copy, out."""
        return (
            DialogButton("ok", _("Sign in"), main=True),
            DialogButton("address", _("Copy the address")),
            DialogButton("cancel", _("Cancel")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """Letters go into the field."""
        return (("F2", _("Copy the address")), (_("Enter"), _("Sign in")), (_("Esc"), _("Cancel")))

    def pressed(self, button: str) -> None:
        """The only other button."""
        self.action_copy_address()

    def result(self) -> str:
        """What was pasted. Raises UsageError while there is nothing."""
        pasted = self.query_one("#pasted", TextLine).value.strip()
        if not pasted:
            raise UsageError(_("Nothing is pasted yet."), _("Copy the address of the page on which the browser ended."))
        return pasted

    def action_copy_address(self) -> None:
        """To the person's own clipboard."""
        copy(self.app, self._address)
