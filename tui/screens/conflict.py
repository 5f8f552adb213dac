"""Somebody else changed the same event: both versions beside each other, and the person chooses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult

from core.calendar.event import CalendarObject, Event
from core.calendar.patterns import rule_words
from core.calendar.status import status_word
from core.language import _
from tui.screens.dialog import DialogButton
from tui.screens.event_details import when_text
from tui.screens.form_dialog import FormDialog
from tui.screens.grace import Grace
from tui.widgets.form import letter_of
from tui.widgets.text_view import Line, TextView, table


class Settle(StrEnum):
    """What the person chose."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


class ConflictDialog(Grace, FormDialog[Settle]):
    """`mine` and `theirs` are the versions (None: deleted); `both` whether both can be kept."""

    CSS_PATH = "conflict.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#versions"

    def __init__(
        self, message: str, mine: CalendarObject | None, theirs: CalendarObject | None, zone: tzinfo, *, both: bool
    ) -> None:
        super().__init__(_("Changed by Somebody Else"), id="conflict")
        self._message = message
        self._versions = ((_("Yours"), mine), (_("Theirs"), theirs))
        self._zone = zone
        self._both = both

    def compose_body(self) -> ComposeResult:
        """What happened, and both versions."""
        lines = [Line(self._message)]
        for title, version in self._versions:
            lines += [Line(""), Line(title, "title"), *version_lines(version, self._zone)]
        yield TextView(lines, id="versions")

    def buttons(self) -> Sequence[DialogButton]:
        """Mine, theirs, both; nothing for now."""
        both = (DialogButton("both", _("&Both")),) if self._both else ()
        return (
            DialogButton("mine", _("&Mine")),
            DialogButton("theirs", _("&Theirs")),
            *both,
            DialogButton("cancel", _("Cancel")),
        )

    def keys(self) -> Sequence[tuple[str, str]]:
        """The letters of the buttons."""
        both = ((_key(_("&Both")), _("Keep both")),) if self._both else ()
        mine, theirs = _key(_("&Mine")), _key(_("&Theirs"))
        return ((mine, _("Save mine")), (theirs, _("Keep theirs")), *both, (_("Esc"), _("Cancel")))

    def result(self) -> Settle:
        """Enter keeps theirs: it changes nothing."""
        return Settle.THEIRS

    def action_accept(self) -> None:
        """Enter away from the buttons is no answer."""

    def pressed(self, button: str) -> None:
        """One of them."""
        self.dismiss(Settle(button))


def _key(marked: str) -> str:
    return letter_of(marked).upper()


def version_lines(version: CalendarObject | None, zone: tzinfo) -> list[Line]:
    """What a version says, as far as two may differ at a glance."""
    if version is None:
        return [Line(_("  deleted"), "warning")]
    lines: list[Line] = []
    for event in version.events:
        lines += table(_rows(event, zone))
    return lines


def _rows(event: Event, zone: tzinfo) -> list[tuple[str, str]]:
    instance = _("this instance alone") if event.recurrence_id is not None else ""
    modified = event.modified.astimezone(zone) if isinstance(event.modified, datetime) else None
    return [
        (_("Subject"), event.title or _("(no title)")),
        (_("Which"), instance),
        (_("When"), when_text(event.start, event.end, zone)),
        (_("Repeats"), rule_words(event.rrule, event.start) if event.rrule else ""),
        (_("Place"), event.place),
        (_("Show as"), status_word(event.status)),
        (_("People"), ", ".join(one.name or one.address for one in event.attendees)),
        (_("Notes"), event.description[:300]),
        (_("Changed"), when_text(modified, modified, zone) if modified else ""),
    ]
