"""Calendars from the internet: subscribing, one subscription's dialog, and refreshing what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Cancelled, PartagendaError, PrivateNetwork, UsageError
from core.language import _, ngettext
from core.services.subscriptions import Refreshed, Result, Subscription
from tui.feed_commands import meant
from tui.reporting import show_notice
from tui.wording import every_text

if TYPE_CHECKING:
    from core.ports.world import Progress
    from tui.screens.home import HomeScreen
    from tui.screens.home_reading import HomeReading
    from tui.screens.open_from_internet import SubscribeRequest


async def open_from_internet(home: HomeScreen) -> None:
    """Ask for an address until it works or the person leaves; the calendar then stands in the other pane."""
    from tui.screens.open_from_internet import OpenFromInternetDialog

    feeds = home.services.subscriptions
    request: SubscribeRequest | None = None
    error: PartagendaError | None = None
    while True:
        request = await home.app.push_screen_wait(OpenFromInternetDialog(feeds.host_of, request, error))
        if request is None:
            return
        try:
            done = await _subscribed(home, request)
        except (Cancelled, UsageError) as stopped:
            error = stopped
        except PartagendaError as failed:
            error = failed
        else:
            break
    if done is not None:
        await home.reload(done.subscription.calendar, beside=True)
        show_notice(home.app, _told(done.subscription))


async def _subscribed(home: HomeScreen, request: SubscribeRequest) -> Refreshed | None:
    """Asks before a private network is looked into; one that a redirect leads to is refused without a question."""
    feeds = home.services.subscriptions
    home.status.say(_("Fetching from {host}…").format(host=feeds.host_of(request.address)))
    allowed: tuple[str, ...] = ()
    try:
        while True:
            try:
                done = await feeds.subscribe(request.address, name=request.name, every=request.every, allowed=allowed)
                break
            except PrivateNetwork as inside:
                if inside.led or allowed or not await _agreed(home, inside.message):
                    raise
                allowed = (inside.host,)
    finally:
        home.status.say("")
    if done.result is Result.ASKED and (question := done.subscription.question):
        if await _yes(home, done.subscription.calendar.name, question.words, _("&Take It"), _("&Keep Mine")):
            done = await feeds.refresh(done.subscription.calendar.id, take_smaller=True)
        else:
            await feeds.keep_mine(done.subscription.calendar.id)
    if done.error is not None:
        raise done.error
    return done


async def _agreed(home: HomeScreen, what: str) -> bool:
    question = _("{what} Fetch the calendar from there?").format(what=what)
    return await _yes(home, _("Inside a Private Network"), question, _("&Fetch"), _("Cancel"))


async def _yes(home: HomeScreen, title: str, question: str, yes: str, no: str) -> bool:
    from tui.screens.confirm import ConfirmDialog

    return bool(await home.app.push_screen_wait(ConfirmDialog(title, question, yes, no)))


def _told(found: Subscription) -> str:
    events = ngettext("{count} event", "{count} events", found.calendar.events).format(count=found.calendar.events)
    return _("“{name}” is there: {events}. It is refreshed {every}.").format(
        name=found.calendar.name, events=events, every=every_text(found.every)
    )


async def subscription(home: HomeScreen) -> None:
    """Look at the subscription of the calendar that is meant, and do what the person wants with it."""
    from tui.screens.subscription import SubscriptionDialog, Wish

    info = meant(home)
    if info is None:
        return
    feeds = home.services.subscriptions
    found = await feeds.find(info.id)
    request = await home.app.push_screen_wait(SubscriptionDialog(found, home.services.clock.zone))
    if request is None:
        return
    match request.wish:
        case Wish.CHANGE:
            changed = await feeds.change(info.id, request.every)
            home.status.say(_("It is refreshed {every}.").format(every=every_text(changed.every)))
        case Wish.REFRESH | Wish.TAKE:
            home.status.say(_("Fetching from {host}…").format(host=found.host))
            done = await feeds.refresh(info.id, take_smaller=request.wish is Wish.TAKE)
            await home.reload(None)
            say(home, [done])
        case Wish.KEEP:
            await feeds.keep_mine(info.id)
            await home.reload(None)
        case Wish.STOP:
            await _stop(home, found)


async def _stop(home: HomeScreen, found: Subscription) -> None:
    name = found.calendar.name
    question = _("“{name}” is taken out of the list; `partagenda calendar restore` brings it back.").format(name=name)
    if await _yes(home, _("Stop the Subscription?"), question, _("&Stop"), _("Cancel")):
        await home.services.subscriptions.stop(found.calendar.id)
        await home.reload(None)
        home.status.say(_("“{name}” is no longer refreshed, and no longer in your list.").format(name=name))


async def refresh_feeds(home: HomeReading, progress: Progress | None = None, *, due_only: bool) -> list[Refreshed]:
    """Refresh the calendars from the internet, if there are any; a failure is shown at the calendar."""
    if not any(info.kind == "feed" for info in home.calendars):
        return []
    return await home.services.subscriptions.refresh_all(progress, due_only=due_only)


def say(home: HomeReading, done: list[Refreshed]) -> None:
    """What went wrong, as a notice; nothing when all is well."""
    lines = [
        f"{one.subscription.calendar.name}: {one.subscription.problem or (one.error.message if one.error else '')}"
        for one in done
        if one.result in (Result.FAILED, Result.ASKED)
    ]
    if lines:
        show_notice(home.app, "\n".join(lines), severity="warning")
