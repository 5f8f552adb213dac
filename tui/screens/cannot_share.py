"""Share Calendar on a calendar that is on no server that shares it: why not, and what can be done instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.widgets import Static

from core.language import N_, _
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import clean, plain
from tui.widgets.form import letter_of, unmarked

_LABELS: Mapping[str, str] = {
    "calendar.email": N_("&E-mail Calendar…"),
    "calendar.publish": N_("&Publish Online…"),
}
"""What can be done instead, by command id."""


class CannotShareDialog(FormDialog[str]):
    """Returns the id of the command that the person wants instead; `instead` are those that can be used, best first."""

    def __init__(self, title: str, why: str, advice: str, instead: Sequence[str]) -> None:
        super().__init__(title, id="cannot-share")
        self._why = why
        self._advice = advice
        self._instead = [name for name in instead if name in _LABELS]
        self.AUTO_FOCUS = "#ok, #cancel"  # type: ignore[misc]

    def compose_body(self) -> ComposeResult:
        """Why not, and what else."""
        yield Static(plain(clean(self._why)), markup=False)
        if self._advice:
            yield Static(plain(clean(self._advice)), classes="spaced", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """What can be done instead, and close."""
        made = [
            DialogButton("ok" if number == 0 else name.replace(".", "-"), _(_LABELS[name]), main=number == 0)
            for number, name in enumerate(self._instead)
        ]
        return (*made, DialogButton("cancel", _("Close"), main=not made))

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        labels = [_(_LABELS[name]) for name in self._instead]
        return [*((letter_of(label).upper(), unmarked(label).rstrip("…")) for label in labels), (_("Esc"), _("Close"))]

    def result(self) -> str:
        """The best of them; nothing where there is none."""
        return self._instead[0] if self._instead else ""

    def pressed(self, button: str) -> None:
        """Another one."""
        self.dismiss(next(name for name in self._instead if name.replace(".", "-") == button))
