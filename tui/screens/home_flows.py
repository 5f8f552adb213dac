"""What the home screen's commands do beyond itself: dialogs and other screens. Loaded when the first one is used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from textual.worker import WorkerError

from core.language import _
from core.ports.calendars import CalendarInfo, CalendarKind
from tui.reporting import show_notice
from tui.widgets.look import Step

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen
    from tui.widgets.calendar_pane import CalendarPane


async def go_to_date(home: HomeScreen) -> None:
    """Ask for a date and show it."""
    from tui.screens.go_to_date import GoToDateDialog

    day = await home.app.push_screen_wait(GoToDateDialog(home.active.moment.date()))
    if day:
        with suppress(WorkerError):  # another day was wished for meanwhile
            await home.show_day(day).wait()  # what is typed behind the date is for that day


async def details(home: HomeScreen) -> None:
    """Everything about the chosen event; on a day of a month or a year without one, that day."""
    from tui.screens.event_details import EventDetailsDialog

    if entry := home.active.selected:
        found = await home.services.library.details(entry.id)
        dialog = EventDetailsDialog(found, home.services.clock.zone, can_edit=found.calendar.can.write)
        if await home.app.push_screen_wait(dialog):
            home.action_edit("change")
    elif home.suggested is not None and home.suggested.here(home):
        home.action_edit("take_suggestion")
    elif home.active.shows_whole_days:
        home.action_arrange("day")


async def open_calendar(home: HomeScreen) -> None:
    """Pick a file or a folder and look at it in the other pane."""
    from tui.screens.open_calendar import OpenCalendarDialog

    path = await home.app.push_screen_wait(OpenCalendarDialog(Path.cwd()))
    if path:
        await look_at(home, path)


async def look_at(home: HomeScreen, path: Path) -> None:
    """Show a file beside what is there, with the cursor on its first event; it is not imported."""
    await home.look_at([path])
    home.activate(home.other)
    await home.show_all(lambda pane: _to_first_event(pane) if pane is home.active else None)
    keep = home.partagenda.keymap.name_of("calendar.keep")
    home.status.say(_("Looked at, not imported. {key} keeps it as a calendar.").format(key=keep))


def _to_first_event(pane: CalendarPane) -> None:
    pane.view.move(Step.NEXT_EVENT)
    pane.redraw()


async def keep(home: HomeScreen) -> None:
    """Make a calendar of the file that is looked at."""
    if info := home.active.info:
        kept = await home.services.library.keep(info.id)
        await home.reload(kept)
        show_notice(home.app, _("“{name}” is a calendar of yours now.").format(name=kept.name))


async def email_calendar(home: HomeScreen) -> None:
    """Send a Calendar via E-mail."""
    from tui.flows.email_calendar import email_calendar as flow

    if info := home.active.info:
        await flow(home.partagenda, home.services, info.id)


async def share_calendar(home: HomeScreen) -> None:
    """Share Calendar; where the calendar is on no server that shares it, what can be done instead."""
    from tui.flows.sharing import share_calendar as flow

    if info := home.active.info:
        if info.can.share:
            await flow(home.partagenda, home.services, info)
        else:
            await _say_cannot_share(home, info, _("Share “{name}”"))


async def calendar_permissions(home: HomeScreen) -> None:
    """Calendar Permissions."""
    from tui.flows.sharing import calendar_permissions as flow

    if info := home.active.info:
        if info.can.permissions:
            await flow(home.partagenda, home.services, info)
        else:
            await _say_cannot_share(home, info, _("Permissions of “{name}”"))


async def _say_cannot_share(home: HomeScreen, info: CalendarInfo, title: str) -> None:
    """Why not, and go on with what the person chooses instead."""
    from tui.commands import ALL
    from tui.screens.cannot_share import CannotShareDialog

    if info.can.share:
        why, advice = _("This calendar has no permissions."), ""
    elif info.owner:
        why = _("It belongs to {owner}: only an owner can share it.").format(owner=info.owner)
        advice = ""
    else:
        why = _("It is not on a server that shares calendars: those are Exchange and Microsoft 365.")
        advice = _("You can e-mail a copy of it at the detail you choose, or publish it where others subscribe to it.")
    ways = {"calendar.email": email_calendar, "calendar.publish": publish} if advice else {}
    usable = [name for name in ways if not ALL[name].reason(home)]
    dialog = CannotShareDialog(title.format(name=info.name), why, advice if usable else "", usable)
    if chosen := await home.app.push_screen_wait(dialog):
        await ways[chosen](home)


async def inbox(home: HomeScreen) -> None:
    """What came by mail; a calendar that is opened there stands in the other pane."""
    from tui.screens.inbox import InboxScreen

    opened = await home.app.push_screen_wait(InboxScreen(home.services))
    await home.reload(opened if isinstance(opened, CalendarInfo) else None, beside=True)


async def outbox(home: HomeScreen) -> None:
    """What has not left yet."""
    from tui.screens.outbox import OutboxScreen

    await home.app.push_screen_wait(OutboxScreen(home.services))


async def accounts(home: HomeScreen) -> None:
    """The accounts; a colleague's calendar that is opened there stands in the other pane."""
    from tui.screens.accounts import AccountsScreen

    opened = await home.app.push_screen_wait(AccountsScreen(home.services))
    home.ask_servers_now()
    await home.reload(opened if isinstance(opened, CalendarInfo) else None, beside=True)


async def publish(home: HomeScreen) -> None:
    """Publish Online; a server's own calendar can also be published by the server."""
    info = home.active.info
    if info is None:
        return
    if info.kind in (CalendarKind.EXCHANGE, CalendarKind.MICROSOFT365):
        from tui.flows.publishing_exchange import publish_of_server

        await publish_of_server(home.partagenda, home.services, info)
    else:
        from tui.flows.publishing import publish_online

        await publish_online(home.partagenda, home.services, info.id)


async def publications(home: HomeScreen) -> None:
    """What is published where."""
    from functools import partial

    from tui.flows.publishing import change_options, show_addresses
    from tui.flows.publishing_exchange import end_on_server, show_links
    from tui.screens.publications import PublicationsScreen

    change, show = (partial(flow, home.partagenda, home.services) for flow in (change_options, show_addresses))
    links, end = (partial(flow, home.partagenda, home.services) for flow in (show_links, end_on_server))
    await home.app.push_screen_wait(
        PublicationsScreen(home.services, change=change, show=show, show_links=links, end=end)
    )


async def ledger(home: HomeScreen) -> None:
    """Who has been given what."""
    from tui.screens.ledger import LedgerScreen

    await home.app.push_screen_wait(LedgerScreen(home.services))


async def search(home: HomeScreen) -> None:
    """Look for words in all calendars."""
    from tui.flows.viewing import search as flow

    await flow(home)


async def filter_events(home: HomeScreen) -> None:
    """Show only some events."""
    from tui.flows.viewing import filter_events as flow

    await flow(home)


async def second_zone(home: HomeScreen) -> None:
    """Another zone's hours."""
    from tui.flows.viewing import second_zone as flow

    await flow(home)


async def open_from_internet(home: HomeScreen) -> None:
    """Subscribe to a calendar."""
    from tui.flows.subscribing import open_from_internet as flow

    await flow(home)


async def new_calendar(home: HomeScreen) -> None:
    """A calendar of one's own."""
    from tui.flows.calendars import new_calendar as flow

    await flow(home)


async def subscription(home: HomeScreen) -> None:
    """One subscription."""
    from tui.flows.subscribing import subscription as flow

    await flow(home)


async def smaller(home: HomeScreen) -> None:
    """Take or keep: a calendar that is suddenly much smaller where it comes from."""
    from tui.flows.smaller import smaller as decide

    await decide(home)


async def calendar_properties(home: HomeScreen) -> None:
    """Name and colour of the calendar under the cursor of the list."""
    from tui.flows.calendars import properties as flow

    await flow(home)


async def delete_calendar(home: HomeScreen) -> None:
    """Take the calendar under the cursor of the list away."""
    from tui.flows.calendars import delete_calendar as flow

    await flow(home)


FLOWS: Mapping[str, Callable[[HomeScreen], Awaitable[None]]] = {
    "go_to_date": go_to_date,
    "details": details,
    "new_calendar": new_calendar,
    "properties_calendar": calendar_properties,
    "delete_calendar": delete_calendar,
    "open_calendar": open_calendar,
    "keep": keep,
    "email_calendar": email_calendar,
    "share_calendar": share_calendar,
    "calendar_permissions": calendar_permissions,
    "inbox": inbox,
    "outbox": outbox,
    "publish": publish,
    "publications": publications,
    "ledger": ledger,
    "accounts": accounts,
    "search": search,
    "filter": filter_events,
    "second_zone": second_zone,
    "open_from_internet": open_from_internet,
    "subscription": subscription,
    "smaller": smaller,
}
"""By the name that a command's action `flow('…')` gives."""
