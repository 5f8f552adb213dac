"""After a change: the panes show it, the cursor stands on it, and the status line says what was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from core.calendar.entry import Entry
from core.language import _
from core.language.dates import date_and_time, short_date

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen
    from tui.widgets.calendar_pane import CalendarPane


def event_words(entry: Entry) -> str:
    """An event in a sentence: “Lunch”, Nov 23, 2026 12:30 PM."""
    start = entry.start
    when = date_and_time(start) if isinstance(start, datetime) else short_date(start)
    return _("“{title}”, {when}").format(title=entry.title or _("(no title)"), when=when)


async def show_change(home: HomeScreen, entry: Entry | None, said: str, notes: Sequence[str] = ()) -> None:
    """Read the panes again; `entry` is what the cursor shall stand on, where its calendar is shown."""
    home.ringer.forget()
    shown = home.active.shown
    if entry is not None and shown is not None and shown.days and _day(entry) not in shown.days:
        home.workspace.show_day(_day(entry))

    def settle(pane: CalendarPane) -> None:
        if entry is not None and pane.info is not None and pane.info.id == entry.calendar:
            pane.choose(entry.id, _day(entry))

    await home.show_all(settle)
    home.tell()
    home.status.say("  ".join([said, *notes]))


def undo_hint(home: HomeScreen) -> str:
    """Which key takes it back."""
    return _("{key} undoes it.").format(key=home.partagenda.keymap.name_of("event.undo"))


def _day(entry: Entry) -> date:
    return entry.start.date() if isinstance(entry.start, datetime) else entry.start
