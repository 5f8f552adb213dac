"""`view-as`: exactly what somebody else can see.

A level shows what we would write at that level. An address shows what this person really has: of a calendar on a
server what their right there gives, of any other what was e-mailed to them, read back from the message that left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from core.calendar.entry import Entry
from core.calendar.event import CalendarObject, Occurrence
from core.calendar.people import Address, parse_address
from core.calendar.span import WHOLE_CALENDAR, DateRange
from core.language import N_, _
from core.language.dates import date_and_time, day_and_month, long_date, time_of_day
from core.ports.calendars import CalendarInfo
from core.services.ledger import LedgerEntry, LedgerState
from core.services.outbox import OutboxItem
from core.sharing.detail import DetailLevel, status_word
from tui.cli.context import Context
from tui.cli.grammar import RANGE, Command, Given, Word
from tui.cli.sending import parse_level
from tui.cli.shapes import occurrence

_HAS = (LedgerState.SENT, LedgerState.UNKNOWN)


async def _view_as(context: Context, given: Given) -> int:
    info = await context.services.library.find(given.text("calendar"))
    who = given.text("who")
    if "@" in who and info.can.permissions:
        return await _by_right(context, given, info, parse_address(who))
    if "@" in who:
        return await _as_person(context, given, info, parse_address(who).address)
    level = parse_level(who)
    entries = await context.services.email.view_as(level, info.id, context.days(given, "7d"))
    return _show(context, info, entries)


async def _by_right(context: Context, given: Given, info: CalendarInfo, who: Address) -> int:
    """On a server: what this person's right there gives them, by the table as it is now."""
    seen = await context.services.seeing.view_as(info.id, who, context.days(given, "7d"))
    context.out.note(seen.explanation)
    return _show(context, info, seen.entries)


async def _as_person(context: Context, given: Given, info: CalendarInfo, address: str) -> int:
    """What was e-mailed to this person last, and a line for each copy before; nothing when nothing was."""
    entries = await context.services.ledger.entries(address)
    given_away = [entry for entry in entries if entry.calendar == info.name and entry.state in _HAS]
    if not given_away:
        context.out.value([])
        context.out.line(
            _("{address} has been given nothing of “{calendar}”.").format(address=address, calendar=info.name)
        )
        return 0
    last = given_away[-1]
    for entry in given_away:
        context.out.note(_explained(context, entry))
    if len(given_away) > 1:
        context.out.note(_("The last of these copies is shown; what was in the others stays with them too."))
    message = await _message_of(context, last)
    days = context.days(given, "all")
    if message is None:
        context.out.note(_("The message itself is no longer in the outbox: this is what its level shows today."))
        level = DetailLevel(last.level)
        return _show(context, info, await context.services.email.view_as(level, info.id, _days_of(last, context)))
    return _show(context, info, await asyncio.to_thread(_read_back, message, context, info, days))


def _explained(context: Context, entry: LedgerEntry) -> str:
    return _("{address} was sent a copy by e-mail on {when} ({level}, {days}); it does not change by itself.").format(
        address=entry.person,
        when=date_and_time(entry.when.astimezone(context.zone)),
        level=DetailLevel(entry.level).label if entry.level in tuple(DetailLevel) else entry.level,
        days=entry.range,
    )


def _days_of(entry: LedgerEntry, context: Context) -> DateRange:
    from core.calendar.span import parse_range
    from core.errors import UsageError

    try:
        return parse_range(entry.range, context.today)
    except UsageError:
        return WHOLE_CALENDAR


async def _message_of(context: Context, entry: LedgerEntry) -> bytes | None:
    outbox = context.services.outbox
    found: OutboxItem | None = next((i for i in await outbox.items() if i.message_id == entry.reference), None)
    return None if found is None else await outbox.message(found.id)


def _read_back(message: bytes, context: Context, info: CalendarInfo, days: DateRange) -> list[Entry]:
    from core.ical.decode import decode
    from core.sharing.incoming import read_message

    entries: list[Entry] = []
    for part in read_message(message).calendars:
        for thing in decode(part.data, now=context.clock.now()).objects:
            entries += _entries(thing, context, info, days)
    return sorted(entries, key=lambda entry: (_instant(entry, context), entry.title))


def _entries(thing: CalendarObject, context: Context, info: CalendarInfo, days: DateRange) -> list[Entry]:
    from core.ical.recurrence import expand

    found = expand(thing, days.span(context.zone), context.zone).occurrences
    return [_entry(one, context, info) for one in found if not one.event.cancelled]


def _entry(one: Occurrence, context: Context, info: CalendarInfo) -> Entry:
    from datetime import datetime

    start, end = (m.astimezone(context.zone) if isinstance(m, datetime) else m for m in (one.start, one.end))
    event = one.event
    title = "" if event.title == status_word(event.status) else event.title
    return Entry(
        id=event.uid,
        uid=event.uid,
        calendar=info.id,
        title=title,
        start=start,
        end=end,
        status=event.status,
        all_day=one.all_day,
        private=one.private,
        place=event.place,
        recurring=event.recurring,
        organizer=event.organizer,
        attendees=event.attendees,
    )


def _instant(entry: Entry, context: Context) -> float:
    from datetime import datetime, time

    start = entry.start
    moment = start if isinstance(start, datetime) else datetime.combine(start, time(), context.zone)
    return moment.timestamp()


def _show(context: Context, info: CalendarInfo, entries: Sequence[Entry]) -> int:
    context.out.value([occurrence(entry, info.name, hide_empty=True) for entry in entries])
    day = None
    for entry in entries:
        start = entry.start.date() if hasattr(entry.start, "date") else entry.start
        if start != day:
            day = start
            context.out.line(long_date(start))
        context.out.line(f"  {_hours(entry)}  {_words(entry)}")
    if not entries:
        context.out.line(_("Nothing is to be seen in these days."))
    return 0


def _hours(entry: Entry) -> str:
    from datetime import datetime

    if not isinstance(entry.start, datetime) or not isinstance(entry.end, datetime):
        return _("All day")
    same = entry.start.date() == entry.end.date()
    end = time_of_day(entry.end) if same else f"{day_and_month(entry.end)} {time_of_day(entry.end)}"
    return f"{time_of_day(entry.start)} – {end}"


def _words(entry: Entry) -> str:
    parts = [entry.title or status_word(entry.status)]
    if entry.place:
        parts.append(entry.place)
    if entry.title:
        parts.append(status_word(entry.status))
    return " · ".join(parts)


COMMANDS = {
    "view-as": {
        "": Command(
            "view-as",
            N_("Show exactly what somebody else can see."),
            _view_as,
            (Word("who", N_("LEVEL or ADDRESS")), Word("calendar", N_("CALENDAR"))),
            (RANGE,),
        )
    }
}
