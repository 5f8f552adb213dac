"""Quick add: one line of plain words, and below it how it is read while one types."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from core.calendar.event import Moment
from core.calendar.quick_add import QuickEvent, read_quick
from core.errors import UsageError
from core.language import N_, _
from core.values import dataclass
from tui.screens.acting import ActingDialog
from tui.screens.dialog import DialogButton
from tui.text import clean, plain
from tui.widgets.form import TextLine


@dataclass(frozen=True, slots=True)
class QuickAdded:
    """What was typed, as it was read; None when nothing was. `form`: the person wants to fill in the whole form."""

    event: QuickEvent | None
    form: bool = False
    text: str = ""


class QuickAddDialog(ActingDialog[QuickAdded]):
    """`at` is the time under the cursor: what the line does not say. `act` adds the event."""

    CSS_PATH = "quick_add.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "form", N_("All fields"), id="quick.form", show=False),
    ]

    def __init__(
        self, calendar: str, now: datetime, at: tuple[Moment, Moment], act: Callable[[QuickAdded], Awaitable[bool]]
    ) -> None:
        super().__init__(_("Quick Add to “{calendar}”").format(calendar=calendar), act, id="quick-add")
        self._now = now
        self._at = at

    def compose_body(self) -> ComposeResult:
        """The line, its reading, and how one writes."""
        yield TextLine("", id="line")
        yield Static("", id="reading", markup=False)
        yield Static(plain(_examples(), newline=True), classes="note", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Add, go to the form, leave."""
        return (
            DialogButton("ok", _("Add"), main=True),
            DialogButton("form", _("All fields")),
            DialogButton("cancel", _("Cancel")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """Add, form, leave."""
        return ((_("Enter"), _("Add")), ("F2", _("All fields")), (_("Esc"), _("Cancel")))

    def result(self) -> QuickAdded:
        """What was read. Raises UsageError."""
        return QuickAdded(read_quick(self._line, self._now, self._at))

    @property
    def _line(self) -> str:
        return self.query_one("#line", Input).value

    def pressed(self, button: str) -> None:
        """The form."""
        if button == "form":
            self.action_form()

    def action_form(self) -> None:
        """Go on in the form, with what was understood; a line that was not is the subject."""
        if self.acting:
            return
        try:
            self.dismiss(QuickAdded(self.result().event, form=True))
        except UsageError:
            self.dismiss(QuickAdded(None, form=True, text=self._line.strip()))

    @on(Input.Changed, "#line")
    def _typed(self) -> None:
        self.show_error("")
        self.query_one("#reading", Static).update(plain(clean(self._reading())))

    def _reading(self) -> str:
        if not self._line.strip():
            return ""
        try:
            event = read_quick(self._line, self._now, self._at)
        except UsageError as error:
            return f"{error.message} {error.hint}".strip()
        guess = _("taken for the afternoon") if event.guessed else ""
        people = ", ".join(event.addresses)
        invites = _("invites {people}").format(people=people) if people else ""
        return " · ".join(filter(None, (event.words, guess, invites)))


def _examples() -> str:
    return _("lunch with Bruno tomorrow 12:30-13:30 @ canteen !private\nreport fri 9 for 45m · trip 24.12.-26.12.")
