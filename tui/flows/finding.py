"""Finding a time that suits everybody, and making a meeting of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.find_time import FindTimeScreen, Found

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen


async def find_time(home: HomeScreen, _amount: int = 0) -> None:
    """Choose calendars, look at what is free; Enter on a time opens the form of a meeting."""
    from tui.flows.editing import new_meeting

    shown = [pane.info.id for pane in home.panes if pane.info is not None]
    found = await home.app.push_screen_wait(FindTimeScreen(home.services, shown, home.active.moment.date()))
    if isinstance(found, Found):
        home.show_day(found.start.date(), found.start.hour * 60 + found.start.minute)
        await new_meeting(home, found.start, found.end, found.people)
