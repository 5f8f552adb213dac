"""Show only some events: by text, person and status."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Static

from core.calendar.event import BusyStatus
from core.language import _
from core.sharing.detail import status_word
from tui.screens.dialog import DialogButton
from tui.screens.form_dialog import FormDialog
from tui.text import plain
from tui.widgets.filtering import EntryFilter
from tui.widgets.form import Caption, Choice, TextLine


class FilterDialog(FormDialog[EntryFilter]):
    """Ends with what shall be shown; an empty filter shows everything."""

    def __init__(self, current: EntryFilter) -> None:
        super().__init__(_("Filter"), id="filter-events")
        self._current = current

    def compose_body(self) -> ComposeResult:
        """Three fields."""
        with Horizontal(classes="row"):
            yield Caption(_("&Text"), "text")
            yield TextLine(self._current.text, id="text", select_on_focus=True)
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Person"), "person")
            yield TextLine(self._current.person, id="person", select_on_focus=True)
        with Horizontal(classes="row spaced"):
            yield Caption(_("&Status"), "status")
            named = [(status_word(status), status.value) for status in BusyStatus]
            yield Choice([(_("Any"), ""), *named], self._current.status or "", id="status")
        note = _("Events that do not fit are hidden in all panes, and are nowhere changed.")
        yield Static(plain(note), classes="note spaced indented", markup=False)

    def buttons(self) -> Sequence[DialogButton]:
        """OK, and the way back to everything."""
        return (
            DialogButton("ok", _("OK"), main=True),
            DialogButton("all", _("Show &All")),
            DialogButton("cancel", _("Cancel")),
        )

    def pressed(self, button: str) -> None:
        """Show all."""
        if button == "all":
            self.dismiss(EntryFilter())

    def result(self) -> EntryFilter:
        """What the fields say."""
        chosen = self.query_one("#status", Choice).chosen
        return EntryFilter(
            self.query_one("#text", Input).value.strip(),
            self.query_one("#person", Input).value.strip(),
            BusyStatus(chosen) if chosen else None,
        )
