"""After a change of a meeting of one's own: who is told what, looked at before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.calendar.event import CalendarObject
from core.language import _, ngettext
from core.services.meetings import Due
from tui.reporting import show_notice
from tui.screens.meeting_messages import MeetingMessagesDialog, Telling
from tui.wording import outcome_text

if TYPE_CHECKING:
    from core.services.outbox_store import OutboxItem
    from tui.screens.home import HomeScreen

Watched = tuple[str, str, CalendarObject | None]
"""A calendar (id), a UID, and the event before the change."""


async def tell_people(home: HomeScreen, watched: Iterable[Watched]) -> None:
    """Ask once for each meeting of which people do not know what is in the calendar now."""
    for calendar, uid, before in watched:
        due = await home.services.meetings.watch(calendar, uid, before)
        if due is not None:
            await _ask(home, due)


async def _ask(home: HomeScreen, due: Due) -> None:
    letters = home.services.meetings.preview(due)
    dialog = MeetingMessagesDialog(due.title, due.lines, [letter.text for letter in letters])
    answer = await home.app.push_screen_wait(dialog)
    match answer:
        case Telling(send=True, note=note):
            await _send(home, due, note)
        case Telling(send=False):
            await home.services.meetings.keep_quiet(due)
        case None:
            show_notice(home.app, _("Nobody was told yet; you are asked again after the next change of this meeting."))


async def _send(home: HomeScreen, due: Due, note: str) -> None:
    async def send(_progress: object) -> list[OutboxItem]:
        return await home.services.meetings.send(due, note)

    title = _("Telling people of “{title}”").format(title=due.title)
    items = await home.services.jobs.start(title, send).wait()
    if len(items) == 1:
        text, severity = outcome_text(items[0], home.services.clock.zone)
        show_notice(home.app, text, severity=severity)
    elif items:
        count = len(items)
        words = ngettext("{count} message went to the outbox.", "{count} messages went to the outbox.", count)
        show_notice(home.app, words.format(count=count))
