"""Which instances of a series are meant: only this one, this and those after it, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.calendar.event_change import Scope
from core.language import N_, _
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.marked_list import MarkedList

_WORDS = {
    Scope.ONLY: N_("1  Only this one"),
    Scope.FOLLOWING: N_("2  This and all after it"),
    Scope.ALL: N_("3  The whole series"),
}


class ScopeDialog(FormDialog[Scope]):
    """`question` says what is about to be done; what came before stays as it was."""

    CSS_PATH = "scope.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#scopes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1,o", "choose(0)", N_("Only this one"), id="scope.only", show=False),
        Binding("2,f", "choose(1)", N_("This and all after it"), id="scope.following", show=False),
        Binding("3,a", "choose(2)", N_("The whole series"), id="scope.all", show=False),
        Binding("j", "mark(1)", N_("Next"), id="scope.next", show=False),
        Binding("k", "mark(-1)", N_("Before"), id="scope.previous", show=False),
    ]

    def __init__(self, title: str, question: str) -> None:
        super().__init__(title, id="scope")
        self._question = question

    def compose_body(self) -> ComposeResult:
        """The question, and the three answers."""
        yield Static(plain(self._question), id="scope-question", markup=False)
        yield MarkedList(*(Option(plain(_(_WORDS[scope]))) for scope in Scope), id="scopes", markup=False, compact=True)

    def buttons(self) -> Sequence[DialogButton]:
        """OK, cancel."""
        return (DialogButton("ok", _("OK"), main=True), DialogButton("cancel", _("Cancel")))

    def keys(self) -> Sequence[tuple[str, str]]:
        """A number, or walk and Enter."""
        return (("1 2 3", _("Choose")), (_("Enter"), _("OK")), (_("Esc"), _("Cancel")))

    def result(self) -> Scope:
        """The answer that is marked."""
        return tuple(Scope)[self.query_one("#scopes", OptionList).highlighted or 0]

    def action_choose(self, number: int) -> None:
        """At once."""
        self.dismiss(tuple(Scope)[number])

    def action_mark(self, by: int) -> None:
        """Walk with letters."""
        scopes = self.query_one("#scopes", OptionList)
        scopes.highlighted = ((scopes.highlighted or 0) + by) % len(Scope)

    @on(OptionList.OptionSelected, "#scopes")
    def _selected(self) -> None:
        self.accept()
