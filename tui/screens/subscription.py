"""One subscription: how it is doing, how often it is refreshed, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from core.language import _
from core.language.dates import date_and_time
from core.services.subscriptions import Subscription
from core.values import dataclass
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.screens.open_from_internet import intervals
from tui.text import plain
from tui.widgets.form import Caption, Choice
from tui.wording import every_text


class Wish(StrEnum):
    """What the person wants done."""

    CHANGE = "change"
    REFRESH = "refresh"
    STOP = "stop"
    TAKE = "take"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """What the dialog ends with; `every` counts for CHANGE. None: as the calendar recommends."""

    wish: Wish
    every: timedelta | None = None


class SubscriptionDialog(FormDialog[SubscriptionRequest]):
    """Looks at one subscription."""

    AUTO_FOCUS: ClassVar[str | None] = "#every"

    def __init__(self, found: Subscription, zone: tzinfo) -> None:
        super().__init__(found.calendar.name, id="subscription")
        self._found = found
        self._zone = zone

    def compose_body(self) -> ComposeResult:
        """Where from, how old, what is wrong, how often."""
        found = self._found
        for label, value in (
            (_("From"), found.host),
            (_("Refreshed"), self._when(found.refreshed)),
            (_("Looked at"), self._when(found.checked)),
            (_("Next time"), self._when(found.next)),
        ):
            with Horizontal(classes="row"):
                yield Caption(label, "every")
                yield Static(plain(value), markup=False)
        if found.problem:
            yield Static(plain(f"{found.problem} {found.hint}".strip()), id="problem", classes="spaced", markup=False)
        with Horizontal(classes="row spaced"):
            yield Caption(_("Refr&esh"), "every")
            chosen = found.every if found.chosen else None
            yield Choice(intervals(chosen), chosen, id="every")
        if not found.chosen:
            text = _("It recommends {every}.").format(every=every_text(found.every))
            yield Static(plain(text), classes="note indented", markup=False)

    def _when(self, moment: datetime | None) -> str:
        return date_and_time(moment.astimezone(self._zone)) if moment else _("never")

    def buttons(self) -> Sequence[DialogButton]:
        """What can be done; where there is a question, its answers."""
        if self._found.question:
            return (
                DialogButton("take", _("&Take It")),
                DialogButton("keep", _("&Keep Mine"), main=True),
                DialogButton("stop", _("&Stop"), danger=True),
                DialogButton("cancel", _("Cancel")),
            )
        return (
            DialogButton("ok", _("OK"), main=True),
            DialogButton("refresh", _("Refresh &Now")),
            DialogButton("stop", _("&Stop"), danger=True),
            DialogButton("cancel", _("Cancel")),
        )

    def pressed(self, button: str) -> None:
        """Any of them ends the dialog."""
        self.dismiss(SubscriptionRequest(Wish(button)))

    def result(self) -> SubscriptionRequest:
        """Another interval; where there is a question, the answer that loses nothing."""
        if self._found.question:
            return SubscriptionRequest(Wish.KEEP)
        every: Choice[timedelta | None] = self.query_one("#every", Choice)
        return SubscriptionRequest(Wish.CHANGE, every.chosen)
