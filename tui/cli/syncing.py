"""`sync`: sends what is due and looks at every calendar again; made for cron and systemd timers."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from core.errors import Cancelled, PartagendaError
from core.language import N_, _, ngettext
from core.ports.calendars import CalendarInfo, CalendarKind
from core.services.meetings import Received
from core.services.publication_store import Publication
from core.services.reminders import Started
from core.services.subscriptions import Refreshed, Result
from tui.cli.context import Context
from tui.cli.feeds import refreshed_shape
from tui.cli.grammar import Command, Given, Option
from tui.cli.meetings import received_shape, take_in
from tui.cli.outbox import exit_code, shape
from tui.cli.shapes import moment


async def _sync(context: Context, given: Given) -> int:
    """Everything is tried, whatever failed before it. The outbox's exit code goes before 3 for other failures."""
    sent = await context.services.outbox.flush(context.progress, due_only=True)
    trouble: PartagendaError | None = None
    try:
        await context.services.library.refresh(context.progress)
    except Cancelled:
        raise
    except PartagendaError as error:
        trouble = error
        context.out.error(error)
    feeds = await _feeds(context, due_only=given.has("due"))
    calendars = await context.services.library.calendars()
    broken = [info for info in calendars if info.problem]
    for info in broken:
        context.out.problem(_("“{calendar}” cannot be read: {reason}").format(calendar=info.name, reason=info.problem))
    smaller = _smaller(context, calendars)
    uploaded = await _uploads(context)
    taken, rung, troubles = await _meetings(context), await _reminders(context), bool(trouble or broken or smaller)
    troubles = troubles or any(done.result in (Result.FAILED, Result.ASKED) for done in feeds)
    context.out.value(
        {
            "sent": [shape(item) for item in sent],
            "calendars": len(calendars),
            "feeds": [refreshed_shape(done) for done in feeds],
            "problems": len(broken),
            "publications": [
                {"id": one.id, "calendar": one.calendar_name, "result": one.result} for one in uploaded or ()
            ],
            "meetings": [received_shape(came) for came in taken or ()],
            "reminders": [
                {"title": one.reminder.title, "start": moment(one.reminder.start), "problem": one.problem}
                for one in rung
            ],
        }
    )
    for item in sent:
        context.out.line(f"{item.id}  {item.state.label}  {item.subject}")
    context.out.line(
        ngettext("{count} calendar is up to date.", "{count} calendars are up to date.", len(calendars)).format(
            count=len(calendars)
        )
    )
    for one in uploaded or ():
        context.out.line(f"{one.id}  {one.calendar_name}: {one.result}")
    code = exit_code(sent)
    failed = (
        troubles
        or uploaded is None
        or any(one.problem for one in uploaded)
        or taken is None
        or any(one.problem for one in rung)
    )
    return 3 if not code and failed else code


def _smaller(context: Context, calendars: Sequence[CalendarInfo]) -> list[CalendarInfo]:
    """Servers' calendars that are suddenly much smaller, each told; those from the internet are told as feeds."""
    found = [info for info in calendars if info.smaller and info.kind is not CalendarKind.FEED]
    hint = _("Your copy stays until you say yes: partagenda calendar take {name}, or X in the app.")
    for info in found:
        assert info.smaller is not None
        context.out.problem(f"{info.name}: {info.smaller.told}", hint.format(name=shlex.quote(info.name)))
    return found


async def _uploads(context: Context) -> list[Publication] | None:
    """Publications that are due; None when their journal cannot be used."""
    try:
        done = await context.services.publishing.upload_due(context.progress)
    except Cancelled:
        raise
    except PartagendaError as error:
        context.out.error(error)
        return None
    for one in done:
        if one.problem:
            context.out.problem(
                _("“{calendar}” was not uploaded: {reason}").format(calendar=one.calendar_name, reason=one.problem)
            )
    return done


async def _feeds(context: Context, *, due_only: bool) -> list[Refreshed]:
    """Calendars from the internet; what one of them could not do is said and keeps no other back."""
    if not any(info.kind is CalendarKind.FEED for info in await context.services.library.calendars()):
        return []
    found = await context.services.subscriptions.refresh_all(context.progress, due_only=due_only)
    for done in found:
        subscription, error = done.subscription, done.error
        text = subscription.problem or (error.message if error else "")
        if text and done.result in (Result.FAILED, Result.ASKED):
            context.out.problem(f"{subscription.calendar.name}: {text}", subscription.hint)
    return found


async def _meetings(context: Context) -> list[Received] | None:
    """Answers, changes and cancellations that came by mail; None when the mail could not be read."""
    try:
        found = await take_in(context)
    except Cancelled:
        raise
    except PartagendaError as error:
        context.out.error(error)
        return None
    return found


async def _reminders(context: Context) -> list[Started]:
    """The configured command, started for each reminder that is due."""
    started = await context.services.reminders.run()
    for one in started:
        if one.problem:
            context.out.problem(one.problem)
    return started


COMMANDS = {
    "sync": {
        "": Command(
            "sync",
            N_("Send what waits and look at every calendar again; for cron and timers."),
            _sync,
            (),
            (Option("due", N_("Of the calendars from the internet, refresh only those whose time has come.")),),
        )
    }
}
