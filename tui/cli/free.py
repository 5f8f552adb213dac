"""`free`: common free time of calendars (and, with a server that knows it, of addresses)."""

from __future__ import annotations

from datetime import timedelta

from core.calendar.durations import parse_duration
from core.calendar.span import WEEKDAYS, TimeSpan
from core.errors import Refused, UsageError
from core.language import N_, _
from core.language.dates import day_and_month, time_of_day
from core.services.find_time import FreeTime, Freshness, TimeRequest
from tui.cli.context import Context
from tui.cli.grammar import RANGE, Command, Given, Option, Word
from tui.cli.shapes import moment


async def _free(context: Context, given: Given) -> int:
    if not given.has("duration"):
        raise UsageError(_("How long must it be?"), _("Give --duration, as 30m or 2h."))
    request = TimeRequest(
        who=tuple(given.all("who")),
        days=context.days(given, "7d"),
        duration=parse_duration(given.text("duration")),
        weekdays=_days(given.text("days")),
        margin=parse_duration(given.text("margin")) if given.has("margin") else timedelta(),
        working_hours=given.has("working-hours"),
        tentative_is_free=given.has("tentative-is-free"),
    )
    found = await context.services.find_time.find(request)
    _explain_unknown(found)
    for note in found.notes(context.clock.now()):
        context.out.note(note)
    _show(context, list(found.slots))
    return 0


def _explain_unknown(found: FreeTime) -> None:
    """Refuse where somebody's time is not known at all: an empty answer would say that they are busy."""
    for source in found.sources:
        if source.problem:
            raise Refused(
                _("“{calendar}” cannot be read: {reason}").format(calendar=source.name, reason=source.problem)
            )
        if source.freshness is Freshness.UNKNOWN:
            raise Refused(
                _("No account can say when {address} is free.").format(address=source.name),
                _("Open a calendar of this person first: send it to each other, then “partagenda inbox open”."),
            )


def _days(text: str) -> frozenset[int]:
    wanted = [day.strip().lower() for day in text.split(",") if day.strip()]
    if unknown := [day for day in wanted if day not in WEEKDAYS]:
        raise UsageError(
            _("“{text}” is no day of the week.").format(text=unknown[0]),
            _("Write days as {days}.").format(days=",".join(WEEKDAYS)),
        )
    return frozenset(WEEKDAYS.index(day) for day in wanted)


def _show(context: Context, found: list[TimeSpan]) -> None:
    local = [(span.start.astimezone(context.zone), span.end.astimezone(context.zone)) for span in found]
    context.out.value([{"start": moment(start), "end": moment(end)} for start, end in local])
    for start, end in local:
        last = time_of_day(end) if start.date() == end.date() else f"{day_and_month(end)} {time_of_day(end)}"
        context.out.line(f"{day_and_month(start)}  {time_of_day(start)} – {last}")
    if not local:
        context.out.line(_("No common free time is that long."))


COMMANDS = {
    "free": {
        "": Command(
            "free",
            N_("Find common free time."),
            _free,
            (Word("who", N_("WHO"), many=True),),
            (
                Option("duration", N_("The least length, as 30m, 2h or 1d."), N_("DURATION")),
                RANGE,
                Option("days", N_("Only these days, as mo,tu,we."), N_("DAYS")),
                Option("margin", N_("Keep this much free before and after what is busy."), N_("DURATION")),
                Option("working-hours", N_("Only inside your working hours.")),
                Option("tentative-is-free", N_("Count tentative appointments as free.")),
            ),
        )
    }
}
