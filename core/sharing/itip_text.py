"""The words of a meeting message: for people whose mail program shows text only, and for the preview."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from core.calendar.event import Event, Response
from core.calendar.zones import zone_name
from core.ical.rule_words import rule_words
from core.language import _, ngettext
from core.language.dates import date_span, long_date, time_of_day
from core.sharing.itip import Meeting, Method
from core.sharing.wording import one_line, paragraphs

_MOST_PEOPLE = 30


def subject(meeting: Meeting, *, update: bool = False) -> str:
    """The subject of a meeting message, as Outlook words it."""
    title = one_line(meeting.main.title) or _("(no title)")
    match meeting.method:
        case Method.REQUEST:
            return _("Updated: {title}").format(title=title) if update else _("Invitation: {title}").format(title=title)
        case Method.CANCEL:
            return _("Canceled: {title}").format(title=title)
        case Method.REPLY:
            return _answer_subject(_response(meeting)).format(title=title)


def _response(meeting: Meeting) -> Response:
    people = meeting.main.attendees
    return people[0].response if people else Response.NEEDS_ACTION


def _answer_subject(response: Response) -> str:
    if response is Response.ACCEPTED:
        return _("Accepted: {title}")
    return _("Declined: {title}") if response is Response.DECLINED else _("Tentative: {title}")


def text(meeting: Meeting, zone: tzinfo, note: str = "", *, update: bool = False) -> str:
    """The body: what it is about in a sentence, one's own words, and the meeting. Times in the sender's zone."""
    parts = [_first_line(meeting, update=update)]
    if note.strip():
        parts.append(paragraphs(note))
    parts += ["\n".join(_facts(event, zone, full=meeting.method is Method.REQUEST)) for event in meeting.object.events]
    return "\n\n".join(parts) + "\n"


def _first_line(meeting: Meeting, *, update: bool) -> str:
    title = one_line(meeting.main.title) or _("(no title)")
    organizer = meeting.organizer
    who = one_line(organizer.name or organizer.address) if organizer else _("somebody")
    match meeting.method:
        case Method.REQUEST if update:
            words = _("{who} changed “{title}”.")
        case Method.REQUEST:
            words = _("{who} invites you to “{title}”.")
        case Method.CANCEL if meeting.object.master is None:
            words = _("{who} cancels these times of “{title}”; the others stay.")
        case Method.CANCEL:
            words = _("{who} cancels “{title}”.")
        case Method.REPLY:
            return _reply_line(meeting, title)
    return words.format(who=who, title=title)


def _reply_line(meeting: Meeting, title: str) -> str:
    from core.sharing.itip_incoming import answer_words

    return answer_words(meeting.main.attendees[0], title)


def _facts(event: Event, zone: tzinfo, *, full: bool) -> Iterator[str]:
    yield _("When: {when}").format(when=when(event, zone))
    if not full:
        return
    if event.rrule:
        yield _("Repeats: {rule}").format(rule=rule_words(event.rrule))
    if event.place:
        yield _("Where: {place}").format(place=one_line(event.place))
    people = [one_line(f"{one.name} <{one.address}>" if one.name else one.address) for one in event.attendees]
    if people:
        more = len(people) - _MOST_PEOPLE
        end = ", " + ngettext("and {count} more", "and {count} more", more).format(count=more) if more > 0 else ""
        yield _("Who: {people}").format(people=", ".join(people[:_MOST_PEOPLE]) + end)
    if event.description:
        yield ""
        yield paragraphs(event.description)


def when(event: Event, zone: tzinfo) -> str:
    """Day and hours of an event, in `zone` with its name; floating times as they are."""
    start, end = event.start, event.end
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        last = end - timedelta(days=1)
        return date_span(start, max(start, last))
    if start.tzinfo is not None and end.tzinfo is not None:
        start, end = start.astimezone(zone), end.astimezone(zone)
        name = f" ({zone_name(zone)})"
    else:
        name = ""
    if start.date() == end.date():
        return f"{long_date(start)}, {time_of_day(start)} – {time_of_day(end)}{name}"
    return f"{long_date(start)}, {time_of_day(start)} – {long_date(end)}, {time_of_day(end)}{name}"
