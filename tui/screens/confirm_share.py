"""Share, or not yet: each person with what they will be able to see, and *View as* each of them.

The harmless thing has the focus: Enter on a person shows the calendar as they will see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from core.language import N_, _
from core.services.share_plan import PersonPlan, SharePlan
from core.values import dataclass
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.screens.grace import Grace
from tui.text import plain
from tui.widgets.marked_list import MarkedList


@dataclass(frozen=True, slots=True)
class ShareAnswer:
    """Yes, or whose view is asked for; then the question comes back with that person marked."""

    agreed: bool = False
    view: int = 0
    """The person's place in the plan."""


class ConfirmShareDialog(Grace, FormDialog[ShareAnswer]):
    """Returns what was answered, None for no."""

    CSS_PATH = "confirm_share.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#people"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", N_("Button before"), id="confirm.previous", show=False),
        Binding("right", "app.focus_next", N_("Next button"), id="confirm.next", show=False),
    ]

    def __init__(self, plan: SharePlan, marked: int = 0) -> None:
        super().__init__(_("Share “{name}”?").format(name=plan.info.name), id="confirm-share")
        self._plan = plan
        self._marked = marked

    def compose_body(self) -> ComposeResult:
        """The people; below them what holds for all."""
        yield MarkedList(*(Option(plain(_words(one), newline=True)) for one in self._plan.people), id="people")
        if self._plan.by_server:
            words = [_("The server writes the invitations.")]
            words += [_("Your own words cannot be in them.")] if self._plan.request.message else []
            yield Static(plain(" ".join(words)), id="by-server", classes="note", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Yes, a look at it first, no."""
        return (
            DialogButton("ok", _("&Share"), main=True),
            DialogButton("view", _("&View as")),
            DialogButton("cancel", _("Cancel")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """How to see what somebody will see."""
        return (("↑ ↓", _("Person")), (_("Enter"), _("View as")), ("Tab", _("Buttons")), (_("Esc"), _("Cancel")))

    def on_mount(self) -> None:
        """Mark the person of whom one comes back."""
        super().on_mount()
        self.query_one("#people", OptionList).highlighted = self._marked

    def result(self) -> ShareAnswer:
        """Yes."""
        return ShareAnswer(agreed=True, view=self._place)

    @property
    def _place(self) -> int:
        return self.query_one("#people", OptionList).highlighted or 0

    def pressed(self, button: str) -> None:
        """View as the marked person."""
        self.dismiss(ShareAnswer(view=self._place))

    @on(OptionList.OptionSelected, "#people")
    def _entered(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(ShareAnswer(view=event.option_index))

    def action_accept(self) -> None:
        """Enter away from the buttons is no answer."""


def _words(one: PersonPlan) -> str:
    return "\n".join([one.line, *(f"  {line}" for line in one.refusal[1:])])
