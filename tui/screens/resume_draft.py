"""A message that was not sent the last time: go on with it?"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from core.language import _
from core.language.dates import date_and_time
from core.services.drafts import SavedDraft
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.wording import range_text


class Resume(StrEnum):
    """What to do with the draft of before."""

    CONTINUE = "continue"
    NEW = "new"
    DISCARD = "discard"


class ResumeDraftDialog(FormDialog[Resume]):
    """Returns what to do; None leaves everything as it is. `calendar` is the calendar's name."""

    AUTO_FOCUS: ClassVar[str | None] = "#ok"

    def __init__(self, draft: SavedDraft, calendar: str) -> None:
        super().__init__(_("A message was not sent"), id="resume-draft")
        self._draft = draft
        self._calendar = calendar

    def compose_body(self) -> ComposeResult:
        """Enough of it to know it again."""
        draft = self._draft
        what = f"{self._calendar} · {range_text(draft.options.days)} · {draft.options.level.label}"
        first_words = next((line.strip() for line in draft.message.split("\n") if line.strip()), "")
        rows = [(_("Calendar"), what), (_("To"), draft.to), (_("Subject"), draft.subject), (_("Words"), first_words)]
        if draft.saved is not None:
            rows.append((_("Written"), date_and_time(draft.saved)))
        width = max(len(label) for label, _text in rows) + 2
        lines = [f"{label:<{width}}{' '.join(text.split())[:200]}" for label, text in rows if text.strip()]
        yield Static(plain("\n".join(lines), newline=True), markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """Go on, begin anew, throw away."""
        return (
            DialogButton("ok", _("&Continue it"), main=True),
            DialogButton("new", _("&New message")),
            DialogButton("discard", _("&Discard it"), danger=True),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """What works."""
        return ((_("Enter"), _("Continue it")), (_("Tab"), _("Choose")), (_("Esc"), _("Cancel")))

    def result(self) -> Resume:
        """Go on with it."""
        return Resume.CONTINUE

    def pressed(self, button: str) -> None:
        """Begin anew (the draft stays), or throw it away."""
        self.dismiss(Resume(button))
