"""View as somebody: the days as that person sees them, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import ClassVar

from textual.app import ComposeResult

from core.calendar.entry import Entry
from core.language import _, ngettext
from core.language.dates import long_date, time_of_day
from core.services.seeing import Seen
from core.sharing.detail import status_word
from tui.screens.dialog import DialogButton
from tui.screens.full_screen import FullScreen
from tui.widgets.text_view import Line, TextView


class SeenScreen(FullScreen[None]):
    """Reads only."""

    CSS_PATH = "seen.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#seen-lines"

    def __init__(self, seen: Seen, days: str) -> None:
        super().__init__(_("View as: {who}").format(who=seen.who), id="seen")
        self._seen = seen
        self._days = days

    def facts(self) -> str:
        """By which right, how much that is, and of which days."""
        count = len(self._seen.entries)
        words = ngettext("{count} item", "{count} items", count).format(count=count)
        return f"{self._seen.explanation} {self._seen.info.name} · {self._days} · {words}"

    def compose_body(self) -> ComposeResult:
        """The items by day."""
        lines = list(_lines(self._seen.entries)) or [Line(_("Nothing is to be seen in these days."), "quiet")]
        yield TextView(lines, id="seen-lines")

    def buttons(self) -> Sequence[DialogButton]:
        """Back."""
        return (DialogButton("back", _("Back"), main=True),)

    def keys(self) -> Sequence[tuple[str, str]]:
        """Scroll, leave."""
        return (("↑ ↓", _("Scroll")), (_("Esc"), _("Back")))

    def pressed(self, button: str) -> None:
        """Back."""
        self.action_back()


def _lines(entries: Sequence[Entry]) -> Iterator[Line]:
    day: date | None = None
    for entry in entries:
        start = entry.start.date() if isinstance(entry.start, datetime) else entry.start
        if start != day:
            if day is not None:
                yield Line("")
            day = start
            yield Line(long_date(start), "title")
        yield Line(f"  {_hours(entry)}  {_words(entry)}", hang=4)


def _hours(entry: Entry) -> str:
    if not isinstance(entry.start, datetime) or not isinstance(entry.end, datetime):
        return _("All day")
    return f"{time_of_day(entry.start)} – {time_of_day(entry.end)}"


def _words(entry: Entry) -> str:
    status = status_word(entry.status)
    return " · ".join(filter(None, [entry.title or status, entry.place, status if entry.title else ""]))
