"""What the commands of views do: search, filter, the second time zone, and Refresh with its progress."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from core.calendar.entry import Entry
from core.errors import Cancelled, PartagendaError
from core.language import _
from core.services.subscriptions import Refreshed, Result
from tui.flows.subscribing import refresh_feeds, say
from tui.screens.home_text import describe_progress
from tui.widgets.periods import ViewKind

if TYPE_CHECKING:
    from core.ports.world import Progress
    from tui.screens.home import HomeScreen
    from tui.widgets.calendar_pane import CalendarPane

STOPS = 0.1
"""Seconds after which Esc is noticed, and once more as many until what listens to it has ended."""
T = TypeVar("T")
PROGRESS_EVERY = 0.5
"""Seconds between two lines of progress."""


async def search(home: HomeScreen) -> None:
    """Look for words, and go to the hit."""
    from tui.screens.search import SearchDialog

    names = {info.id: info.name for info in home.calendars}
    dialog = SearchDialog(home.services.library.search, names, home.searched)
    entry = await home.app.push_screen_wait(dialog)
    home.searched = dialog.text
    if entry:
        await show_entry(home, entry)


async def show_entry(home: HomeScreen, entry: Entry) -> None:
    """Put the cursor on an event: in a pane that shows its calendar, else in the active one."""
    holder = next((pane for pane in home.on_screen if pane.info and pane.info.id == entry.calendar), None)
    if holder is None:
        home.workspace.put(entry.calendar, home.workspace.active)
        holder = home.active
    home.activate(holder)
    day = entry.start.date() if isinstance(entry.start, datetime) else entry.start
    year = home.workspace.here.kind is ViewKind.YEAR
    home.workspace.show_day(day, ViewKind.WEEK if year else None)
    hidden = home.only and not home.only.fits(entry)
    if hidden:
        home.only = type(home.only)()

    def choose(pane: CalendarPane) -> None:
        pane.choose(entry.id, day)

    await home.show_all(lambda pane: choose(pane) if pane is home.active else pane.go_to(day))
    home.status.say(_("The filter hid this event; it is taken away.") if hidden else "")


async def filter_events(home: HomeScreen) -> None:
    """Show only what fits."""
    from tui.screens.filter_events import FilterDialog

    chosen = await home.app.push_screen_wait(FilterDialog(home.only))
    if chosen is not None:
        home.only = chosen
        await home.show_all()


async def second_zone(home: HomeScreen) -> None:
    """Another zone's hours beside one's own."""
    from tui.screens.second_zone import SecondZoneDialog

    name = await home.app.push_screen_wait(SecondZoneDialog(home.second_zone, home.services.clock.now()))
    if name is not None:
        home.second_zone = name
        zone = ZoneInfo(name) if name else None
        for pane in home.panes:
            pane.grid.second = zone
        home.desk.share_out()
        for pane in home.panes:
            pane.redraw()


async def refresh(home: HomeScreen) -> None:
    """With still text of how far it is; Esc stops it, and what is stored stays as it was."""
    home.status.say(describe_progress(0, 0, ""))
    loop, last = asyncio.get_running_loop(), [monotonic()]
    names = {info.id: info.name for info in home.calendars}
    home.stopping = stopping = Event()

    def progress(done: int, total: int, what: str) -> None:
        """Called in a thread of the index."""
        if stopping.is_set():
            raise Cancelled(_("Stopped."))
        if monotonic() - last[0] >= PROGRESS_EVERY:
            last[0] = monotonic()
            loop.call_soon_threadsafe(home.status.say, describe_progress(done, total, names.get(what, what)))

    try:
        done = await _unless_stopped(_everything(home, progress), stopping)
    except Cancelled:
        home.status.say(_("Stopped. What was known before is shown."))
    except PartagendaError:
        home.status.say(_("Not every calendar could be refreshed."))
        raise
    else:
        say(home, done)
        behind = any(one.result in (Result.FAILED, Result.ASKED) for one in done)
        home.status.say(_("Not every calendar could be refreshed.") if behind else _("Everything is up to date."))
    finally:
        home.stopping = None


async def _everything(home: HomeScreen, progress: Progress) -> list[Refreshed]:
    done = await refresh_feeds(home, progress, due_only=False)
    await home.refresh_calendars(progress)
    return done


async def _unless_stopped(work: Coroutine[Any, Any, T], stopping: Event) -> T:
    """What `work` gives. Raises Cancelled soon after Esc, also while a server that does not answer is waited for."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait([task], timeout=STOPS)
            if stopping.is_set():
                await asyncio.wait([task], timeout=STOPS)  # what looks at files ends by itself
                break
        if task.done():
            return task.result()
        raise Cancelled(_("Stopped."))
    finally:
        task.cancel()
