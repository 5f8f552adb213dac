"""The sentences and labels that the HTML page and the plain text of a snapshot have in common."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from core.calendar.event import Attendee, BusyStatus, Response
from core.calendar.status import status_word
from core.language import N_, _
from core.language.dates import (
    date_and_time,
    date_span,
    day_name,
    long_date,
    month_name,
    short_date,
    time_of_day,
    time_span,
    tiny_day_name,
)
from core.language.elision import calendar_of
from core.sharing.detail import DetailLevel, Layout
from core.sharing.schedule import DaySchedule, Item, Row
from core.sharing.snapshot import Snapshot
from core.sharing.wording import one_line

_RESPONSES = {
    Response.NEEDS_ACTION: "",
    Response.ACCEPTED: N_("accepted"),
    Response.DECLINED: N_("declined"),
    Response.TENTATIVE: N_("tentative"),
    Response.DELEGATED: N_("delegated"),
}


def heading(snapshot: Snapshot) -> str:
    """“Alice Martin Calendar”, as Outlook calls the message and its file."""
    return calendar_of(one_line(snapshot.owner_name))


def range_line(snapshot: Snapshot) -> str:
    """The days that were asked for."""
    days = snapshot.options.days
    return _("Whole calendar") if days.first is None or days.last is None else date_span(days.first, days.last)


def zone_line(snapshot: Snapshot) -> str:
    """“Time zone: (UTC+01:00) Europe/Paris”, and whether daylight saving time is in it, as Outlook says it."""
    days = snapshot.days
    moments = [one.span.start.astimezone(snapshot.zone) for one in (days[0], days[-1])]
    moments.append(days[-1].span.end.astimezone(snapshot.zone))
    saving = any(moment.dst() for moment in moments)
    first = moments[0]
    standard = (first.utcoffset() or timedelta()) - (first.dst() or timedelta())
    minutes = round(standard.total_seconds() / 60)
    offset = f"(UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02})"
    name = getattr(snapshot.zone, "key", "") or first.tzname() or ""
    line = _("Time zone: {offset} {name}").format(offset=offset, name=one_line(name.replace("_", " "))).rstrip()
    return f"{line} {_('(Adjusted for Daylight Saving Time)')}" if saving else line


def detail_line(snapshot: Snapshot) -> str:
    """The level, and whether only working hours are shown."""
    parts = [snapshot.options.level.label]
    if snapshot.options.working_hours_only:
        parts.append(_("Working hours only"))
    return " · ".join(parts)


def remarks(snapshot: Snapshot) -> list[str]:
    """What the reader must know about what is shown and what is not."""
    lines = []
    if snapshot.shortened:
        shown = date_span(snapshot.body_days.first or date.min, snapshot.body_days.last or date.min)
        lines.append(_("Shown here: {days}. The attached calendar holds all days.").format(days=shown))
    if snapshot.horizon is not None:
        lines.append(_("Repeating items are written out up to {day}.").format(day=long_date(snapshot.horizon)))
    return lines


def closing(snapshot: Snapshot) -> str:
    """That it is a copy, and of when."""
    taken = date_and_time(snapshot.now.astimezone(snapshot.zone))
    return _("A copy of the calendar as it was on {time}. It is not updated by itself.").format(time=taken)


def statuses_in_legend(snapshot: Snapshot) -> tuple[BusyStatus, ...]:
    """Busy first, as in Outlook's legend; a list of events knows no free time of its own."""
    order = (BusyStatus.BUSY, BusyStatus.TENTATIVE, BusyStatus.WORKING_ELSEWHERE, BusyStatus.OUT_OF_OFFICE)
    return order if snapshot.options.layout is Layout.LIST else (*order, BusyStatus.FREE)


def sections(snapshot: Snapshot) -> tuple[DaySchedule, ...]:
    """The days that have a section: all of them, or in a list of events those with something in them."""
    if snapshot.options.layout is Layout.LIST:
        return tuple(day for day in snapshot.days if day.items)
    return snapshot.days


def rows_to_show(day: DaySchedule) -> tuple[Row, ...]:
    """The rows of a day; none where one row would only repeat an item that lasts the whole day."""
    alone = len(day.rows) == 1 and not day.rows[0].items
    repeated = alone and any(i.event.all_day and i.event.status is day.rows[0].status for i in day.strip)
    return () if repeated and day.rows[0].status is not BusyStatus.FREE else day.rows


def nothing(snapshot: Snapshot) -> list[str]:
    """That a list of events is empty; a schedule says so by its free rows."""
    listed = snapshot.options.layout is Layout.LIST
    return [_("There are no items in these days.")] if listed and not sections(snapshot) else []


def day_title(day: DaySchedule) -> str:
    """The date."""
    return long_date(day.day)


def row_label(row: Row, day: DaySchedule, snapshot: Snapshot) -> str:
    """When: “Before 8:00 AM”, “9:00 AM – 10:00 AM”, “After 5:00 PM”, “All day”."""
    return _label(row.start, row.end, day, snapshot)


def item_label(item: Item, day: DaySchedule, snapshot: Snapshot) -> str:
    """When an item is on this day."""
    if item.event.all_day:
        return _("All day")
    if item.momentary:
        return time_of_day(item.start.astimezone(snapshot.zone))
    return _label(max(item.start, day.span.start), min(item.end, day.span.end), day, snapshot)


def _label(start: datetime, end: datetime, day: DaySchedule, snapshot: Snapshot) -> str:
    first, last = start.astimezone(snapshot.zone), end.astimezone(snapshot.zone)
    from_midnight, to_midnight = start <= day.span.start, end >= day.span.end
    if from_midnight and to_midnight:
        return _("All day")
    if from_midnight:
        return _("Before {time}").format(time=time_of_day(last))
    if to_midnight:
        return _("After {time}").format(time=time_of_day(first))
    return time_span(first, last)


def item_title(item: Item) -> str:
    """The title, else the status word."""
    return item.event.title or status_word(item.event.status)


def when(item: Item, snapshot: Snapshot) -> str:
    """Day and time of an item in full."""
    event = item.event
    if not isinstance(event.start, datetime) or not isinstance(event.end, datetime):
        last = max(event.start, event.end - timedelta(days=1))
        return date_span(event.start, last)
    start, end = (moment.astimezone(snapshot.zone) for moment in (item.start, item.end))
    if start.date() == end.date() or end - start < timedelta(hours=12):
        span = time_of_day(start) if item.momentary else time_span(start, end)
        return f"{long_date(start.date())}, {span}"
    return f"{short_date(start.date())} {time_of_day(start)} – {short_date(end.date())} {time_of_day(end)}"


def person(attendee: Attendee) -> str:
    """Name, address and answer."""
    named = f"{attendee.name} <{attendee.address}>" if attendee.name and attendee.address else ""
    who = named or attendee.name or attendee.address
    answer = _RESPONSES[attendee.response]
    return f"{who} ({_(answer)})" if answer and who else who


def detailed(snapshot: Snapshot) -> list[Item]:
    """The items that have a place in the section *Details*: those of which more than a title may be seen."""
    seen = {item.number for day in snapshot.days for item in day.items}
    return [item for item in snapshot.items if item.number in seen and has_details(item)]


def has_details(item: Item) -> bool:
    """Whether there is more to say of it than title, time and status."""
    event = item.event
    fields: Iterable[object] = (
        event.place,
        event.description,
        event.html,
        event.categories,
        event.url,
        event.organizer,
        event.attendees,
        event.attachments,
    )
    return event.title is not None and any(fields)


def notes(item: Item) -> str:
    """The notes as text; those that exist as HTML only lose their marks."""
    if item.event.description or not item.event.html:
        return item.event.description
    return _text_of(item.event.html)


def _text_of(html: str) -> str:
    import re

    from core.sharing.entities import unescaped

    broken = re.sub(r"(?i)<br[^>]*>|</(?:p|div|li|tr|h[1-6])>", "\n", html)
    lines = (" ".join(unescaped(re.sub(r"<[^>]*>", "", line)).split()) for line in broken.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def files(item: Item) -> list[str]:
    """Names of what is attached; links stand for themselves."""
    return [one.name or one.url or one.media_type for one in item.event.attachments]


def facts(item: Item, snapshot: Snapshot) -> list[tuple[str, str]]:
    """Label and value of everything that *Details* says of an item besides its notes."""
    event = item.event
    rows = [
        (_("When"), when(item, snapshot)),
        (_("Where"), event.place),
        (_("Status"), status_word(event.status)),
        (_("Organizer"), person(event.organizer) if event.organizer else ""),
        (_("People"), "; ".join(filter(None, map(person, event.attendees)))),
        (_("Categories"), ", ".join(event.categories)),
        (_("Link"), event.url),
        (_("Attached"), ", ".join(files(item))),
    ]
    return [(label, value) for label, value in rows if value]


def vocabulary() -> tuple[str, ...]:
    """Every word that a page may hold of itself, whatever the events say: for the leak check, to know them apart."""
    names = [name for n in range(7) for name in (day_name(n), day_name(n, short=True), tiny_day_name(n))]
    names += [name for n in range(1, 13) for name in (month_name(n), month_name(n, short=True))]
    words = [status_word(status) for status in BusyStatus] + [level.label for level in DetailLevel]
    words += [_("All day"), _("Before {time}"), _("After {time}"), "AM", "PM", "1er"]
    words += [_("When"), _("Where"), _("Status"), _("Organizer"), _("People"), _("Categories"), _("Link")]
    words += [_("Attached"), _("Details"), _("Back to {day}"), _("Back to the top"), _("not a working day")]
    words += [_("Outside of Working Hours"), _("Working hours only"), _("Whole calendar"), calendar_of("")]
    words += [_("Shown here: {days}. The attached calendar holds all days."), _("(Adjusted for Daylight Saving Time)")]
    words += [_("Repeating items are written out up to {day}."), _("Time zone: {offset} {name}")]
    words += [_("A copy of the calendar as it was on {time}. It is not updated by itself.")]
    words += [_("There are no items in these days.")]
    words += [_(word) for word in _RESPONSES.values() if word]
    return (*names, *words)
