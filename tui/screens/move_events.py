"""Copying or moving events: what is in the way, and what would be lost, before anything is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult

from core.language import _, ngettext
from core.services.edit_checks import Check, overlap_words
from core.values import dataclass
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.widgets.text_view import Line, TextView


@dataclass(frozen=True, slots=True)
class Transfer:
    """An event in words, and what was found for it."""

    words: str
    check: Check


class MoveEventsDialog(FormDialog[bool]):
    """True: do what can be done. Events that cannot are named and stay where they are."""

    CSS_PATH = "move_events.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#ok, #cancel"

    def __init__(self, target: str, transfers: Sequence[Transfer], *, move: bool) -> None:
        words = _("Move to “{name}”?") if move else _("Copy to “{name}”?")
        super().__init__(words.format(name=target), id="move-events")
        self._transfers = transfers
        self._move = move

    @property
    def _possible(self) -> int:
        return sum(transfer.check.possible for transfer in self._transfers)

    def compose_body(self) -> ComposeResult:
        """Each event with what there is to say of it."""
        lines: list[Line] = []
        for transfer in self._transfers:
            lines += [Line(transfer.words, "title"), *_lines(transfer.check), Line("")]
        yield TextView(lines[:-1], id="transfers")

    def buttons(self) -> Sequence[DialogButton]:
        """What can be done, and cancel."""
        count = self._possible
        if not count:
            return (DialogButton("cancel", _("Close"), main=True),)
        if self._move:
            text = ngettext("&Move {count} event", "&Move {count} events", count)
        else:
            text = ngettext("&Copy {count} event", "&Copy {count} events", count)
        return (DialogButton("ok", text.format(count=count), main=True), DialogButton("cancel", _("Cancel")))

    def keys(self) -> Sequence[tuple[str, str]]:
        """Do it, leave."""
        doing = [(_("Enter"), _("Move") if self._move else _("Copy"))] if self._possible else []
        return [*doing, (_("Esc"), _("Cancel"))]

    def on_mount(self) -> None:
        """As high as what is to be said, as far as the screen allows."""
        super().on_mount()
        self.query_one(TextView).styles.height = min(3 * len(self._transfers) + 3, 14)

    def result(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._possible)


def _lines(check: Check) -> list[Line]:
    """What stops it, what it means, what is lost, what is there at the time; nothing is said where all is well."""
    found = [Line(f"  ✗ {text}", "warning", 4) for text in check.refusals]
    found += [Line(f"  {text}", "", 2) for text in check.notes]
    found += [Line(f"  ! {text}", "warning", 4) for text in check.lost]
    found += [Line(f"  {overlap_words(entry)}", "", 2) for entry in check.overlaps[:5]]
    if len(check.overlaps) > 5:
        found.append(Line("  " + _("and {count} more at the same time").format(count=len(check.overlaps) - 5)))
    return found or [Line("  " + _("nothing is in the way"), "good")]
