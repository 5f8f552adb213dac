"""`subscribe` and `unsubscribe`, and fetching a calendar once: always after the person's yes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from core.calendar.durations import parse_duration
from core.errors import PrivateNetwork
from core.language import N_, _, ngettext
from core.services.subscriptions import Refreshed, Result, Subscription
from tui.cli.context import Context
from tui.cli.grammar import YES, Command, Given, Option, Word
from tui.cli.shapes import calendar as calendar_shape
from tui.cli.shapes import moment
from tui.wording import every_text

T = TypeVar("T")


def shape(found: Subscription) -> dict[str, object]:
    """One subscription for a program: a calendar's shape, and what is special to it."""
    return {
        **calendar_shape(found.calendar),
        "address": found.address,
        "every_minutes": round(found.every.total_seconds() / 60),
        "refreshed": moment(found.refreshed),
        "next": moment(found.next),
        "problem": found.problem,
    }


def refreshed_shape(done: Refreshed) -> dict[str, object]:
    """What a refresh did, for a program."""
    return {
        "calendar": done.subscription.calendar.name,
        "result": done.result.value,
        "added": done.added,
        "updated": done.updated,
        "removed": done.removed,
        "problem": done.subscription.problem or (done.error.message if done.error else ""),
    }


async def with_consent(
    context: Context, given: Given, address: str, question: str, fetch: Callable[[Collection[str]], Awaitable[T]]
) -> T:
    """Ask, then `fetch(hosts that may be in a private network)`; ask once more where the host is in one.

    Raises Refused without a yes. A host to which a server sends on is never agreed to in advance.
    """
    host = context.services.subscriptions.host_of(address)
    context.agree(question.format(host=host), given)
    try:
        return await fetch(())
    except PrivateNetwork as error:
        if error.led:
            raise
        inside = error
    context.agree(_("{what} Fetch the calendar from there?").format(what=inside.message), given)
    return await fetch((inside.host,))


async def fetch_once(context: Context, given: Given, address: str) -> bytes:
    """The calendar at an address, once, after a yes."""
    feeds = context.services.subscriptions

    async def fetch(allowed: Collection[str]) -> bytes:
        return await feeds.fetch(address, allowed=allowed)

    return await with_consent(context, given, address, _("Fetch the calendar from {host}?"), fetch)


async def _subscribe(context: Context, given: Given) -> int:
    feeds, address = context.services.subscriptions, given.text("url")
    every = parse_duration(given.text("every")) if given.has("every") else None

    async def fetch(allowed: Collection[str]) -> Refreshed:
        return await feeds.subscribe(address, name=given.text("as"), every=every, allowed=allowed)

    question = _("Fetch the calendar from {host}, now and again and again?")
    done = await with_consent(context, given, address, question, fetch)
    if done.result is Result.ASKED and done.subscription.question is not None:
        context.agree(done.subscription.question.words, given)
        done = await feeds.refresh(done.subscription.calendar.id, take_smaller=True)
    if done.error is not None:
        raise done.error
    found = done.subscription
    context.out.value(shape(found))
    events = ngettext("{count} event", "{count} events", found.calendar.events).format(count=found.calendar.events)
    context.out.line(
        _("“{name}” is there: {events}. It is refreshed {every}.").format(
            name=found.calendar.name, events=events, every=every_text(found.every)
        )
    )
    context.out.line(_("“partagenda sync” refreshes it, and the app does while it is open."))
    return 0


async def _unsubscribe(context: Context, given: Given) -> int:
    found = await context.services.subscriptions.stop(given.text("calendar"))
    name = found.calendar.name
    context.out.value({"calendar": name, "unsubscribed": True})
    context.out.line(_("“{name}” is no longer refreshed, and no longer in your list.").format(name=name))
    context.out.line(_("“partagenda calendar restore {name}” brings it back.").format(name=name))
    return 0


COMMANDS = {
    "subscribe": {
        "": Command(
            "subscribe",
            N_("Add a calendar from the internet, which refreshes itself."),
            _subscribe,
            (Word("url", N_("URL")),),
            (
                Option("as", N_("The calendar’s name."), N_("NAME")),
                Option(
                    "every", N_("How often it is refreshed, as 30m, 2h or 1d; else as it recommends."), N_("DURATION")
                ),
                YES,
            ),
        )
    },
    "unsubscribe": {
        "": Command(
            "unsubscribe",
            N_("Stop refreshing a calendar from the internet and take it out of the list."),
            _unsubscribe,
            (Word("calendar", N_("CALENDAR")),),
        )
    },
}
