"""From a person's events to what another person may see: by allow-list, field by field.

A `SharedEvent` is built from nothing and gets only the fields that the level shows; nothing is ever removed from a
copy. Rules are those of outlook.md §1.6 and §1.8. What those leave open is decided here:

- A hidden item (private or confidential, the option off) is at every level what it is at Availability only: a block
  of UTC time with its status, cut to the window, with a UID of its own. An item without a title looks the same, so a
  block does not even say that something is private.
- An instance that is hidden inside a series which is sent with its rule is taken out of the rule (EXDATE) and sent
  as such a block: a RECURRENCE-ID would tell which series, and so which title, it belongs to. An open instance of a
  hidden series is an event of its own for the same reason.
- Blocks are cut to the window, so that nothing outside it is shown. Open items stay whole, as Outlook keeps them.
- *Working hours only* cuts blocks and open items alike to the working windows. An all-day item that is open stays
  all-day and loses the days on which nobody works; as a block it becomes the working windows themselves.
- A block without length (a reminder at a moment) takes no time: it is left out; at Limited and Full it stays.
- DTSTAMP is the time of the snapshot; SEQUENCE is told at Full only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from core.calendar.event import (
    Attachment,
    Attendee,
    BusyStatus,
    CalendarObject,
    Event,
    EventState,
    Moment,
    Occurrence,
    SharedEvent,
)
from core.calendar.span import TimeSpan, WorkingHours
from core.sharing.detail import DetailLevel
from core.sharing.wording import one_line, paragraphs
from core.values import dataclass

MOST_DAYS = 4_000
"""Days of one item that are cut to working windows; of a longer one the last ones are taken."""

_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 30, tzinfo=UTC)
_LINK = re.compile(r"(?:https?|webcals?|mailto|tel):[^\s<>\"]{1,2000}", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)
_MAIL = re.compile(r"[^\s@<>\",;:\x00-\x1f\x7f]{1,64}@[^\s@<>\",;:\x00-\x1f\x7f]{1,253}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,90}", re.IGNORECASE)

_NUMBERS = r"[+-]?\d{1,3}(?:,[+-]?\d{1,3}){0,400}"
_RULE_PARTS = {
    "FREQ": r"(?:SECOND|MINUTE|HOUR|DAI|WEEK|MONTH|YEAR)LY",
    "UNTIL": r"\d{8}(?:T\d{6}Z?)?",
    "COUNT": r"\d{1,9}",
    "INTERVAL": r"\d{1,9}",
    "BYDAY": r"[+-]?\d{0,2}(?:MO|TU|WE|TH|FR|SA|SU)(?:,[+-]?\d{0,2}(?:MO|TU|WE|TH|FR|SA|SU)){0,400}",
    "WKST": r"MO|TU|WE|TH|FR|SA|SU",
} | dict.fromkeys(
    ("BYSECOND", "BYMINUTE", "BYHOUR", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"), _NUMBERS
)
"""All parts of a rule in RFC 5545 §3.3.10. A part with another name could say anything, so such a rule is not sent."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is given out, and how. `clip` bounds blocks of time; None only where there is no bound at all."""

    level: DetailLevel
    zone: tzinfo
    now: datetime
    new_uid: Callable[[], str]
    clip: TimeSpan | None = None
    hours: WorkingHours | None = None
    """Set: everything is cut to these hours."""
    hours_zone: tzinfo | None = None
    """The zone of the working hours where the snapshot is written in another one."""
    include_private: bool = False
    include_attachments: bool = False

    def shows(self, private: bool) -> bool:
        """Whether more than a block of time may be seen of an item."""
        return self.level is not DetailLevel.AVAILABILITY and (self.include_private or not private)

    @property
    def stamp(self) -> datetime:
        """DTSTAMP: the moment of the snapshot, in whole seconds."""
        return self.now.astimezone(UTC).replace(microsecond=0)


def instant(moment: Moment, zone: tzinfo) -> datetime:
    """The UTC instant; dates are the midnight and floating times the wall clock in `zone`."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), zone)
    elif moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return min(max(moment.astimezone(UTC), _FIRST), _LAST)
    except OverflowError:
        return _FIRST if moment.year < 5000 else _LAST


def share(occurrences: Iterable[Occurrence], terms: Terms) -> tuple[SharedEvent, ...]:
    """What may be seen of these instances, each on its own with a new UID, by start."""
    shared = [event for occurrence in occurrences for event in _instance(occurrence, terms)]
    return in_order(shared, terms.zone)


def in_order(events: Iterable[SharedEvent], zone: tzinfo) -> tuple[SharedEvent, ...]:
    """By start, then end, then title."""
    return tuple(sorted(events, key=lambda e: (instant(e.start, zone), instant(e.end, zone), e.title or "")))


def hidden(occurrence: Occurrence, terms: Terms) -> bool:
    """Whether this instance is sent as a plain block because it is private."""
    event = occurrence.event
    kept = not event.cancelled and event.status is not BusyStatus.FREE
    return kept and occurrence.private and terms.level is not DetailLevel.AVAILABILITY and not terms.include_private


def _instance(occurrence: Occurrence, terms: Terms) -> Iterator[SharedEvent]:
    if occurrence.event.cancelled:
        return
    if terms.shows(occurrence.private):
        for start, end in _open_pieces(occurrence.start, occurrence.end, terms):
            yield _opened(occurrence.event, start, end, occurrence.private, terms)
    elif occurrence.event.status is not BusyStatus.FREE:
        begin, finish = instant(occurrence.start, terms.zone), instant(occurrence.end, terms.zone)
        for piece in _blocks(begin, finish, terms):
            yield SharedEvent(terms.new_uid(), piece[0], piece[1], occurrence.event.status, terms.stamp)


def _blocks(start: datetime, end: datetime, terms: Terms) -> Iterator[tuple[datetime, datetime]]:
    """The time from start to end, cut to the window and to the working hours; nothing without length."""
    if terms.clip is not None:
        start = max(start, terms.clip.start.astimezone(UTC))
        end = min(end, terms.clip.end.astimezone(UTC))
    if start >= end:
        return
    if terms.hours is None:
        yield start, end
        return
    yield from _worked(start, end, terms.hours, terms.hours_zone or terms.zone)


def _worked(start: datetime, end: datetime, hours: WorkingHours, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    for day in _days(start.astimezone(zone).date(), end.astimezone(zone).date()):
        window = hours.on(day, zone)
        if window is None:
            continue
        begin, finish = max(start, window.start.astimezone(UTC)), min(end, window.end.astimezone(UTC))
        if begin < finish or begin == finish == start == end:
            yield begin, finish


def _days(first: date, last: date) -> Iterator[date]:
    count = (last - first).days
    for number in range(max(0, count - MOST_DAYS), count + 1):
        yield first + timedelta(days=number)


def _open_pieces(start: Moment, end: Moment, terms: Terms) -> Iterator[tuple[Moment, Moment]]:
    """An open item whole, or cut to working hours: times to the windows, whole days to runs of days that are worked."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        begin, finish = instant(start, terms.zone), max(instant(start, terms.zone), instant(end, terms.zone))
        if terms.hours is None:
            yield begin, finish
        else:
            yield from _worked(begin, finish, terms.hours, terms.hours_zone or terms.zone)
    elif terms.hours is None:
        yield start, end
    else:
        yield from _worked_days(start, end, terms.hours)


def _worked_days(start: date, end: date, hours: WorkingHours) -> Iterator[tuple[date, date]]:
    run: date | None = None
    for day in _days(start, end):
        worked = day < end and day.weekday() in hours.days
        if worked and run is None:
            run = day
        elif not worked and run is not None:
            yield run, day
            run = None


def _opened(event: Event, start: Moment, end: Moment, private: bool, terms: Terms) -> SharedEvent:
    """An item with what Limited or Full shows of it."""
    limited = SharedEvent(
        uid=terms.new_uid(),
        start=start,
        end=end,
        status=event.status,
        stamp=terms.stamp,
        title=one_line(event.title) or None,
        private=private,
    )
    return _with_details(limited, event, terms) if terms.level is DetailLevel.FULL else limited


def _with_details(limited: SharedEvent, event: Event, terms: Terms) -> SharedEvent:
    """The allow-list of Full details (outlook.md §1.8), and nothing besides."""
    return replace(
        limited,
        place=one_line(event.place),
        description=paragraphs(event.description),
        html=clean_html(event.html),
        categories=tuple(filter(None, map(one_line, event.categories))),
        state=EventState.TENTATIVE if event.state is EventState.TENTATIVE else EventState.CONFIRMED,
        priority=event.priority if 0 <= event.priority <= 9 else 0,
        importance=event.importance if event.importance in (0, 1, 2) else None,
        url=event.url if _LINK.fullmatch(event.url) else "",
        organizer=_person(event.organizer) if event.organizer else None,
        attendees=tuple(map(_person, event.attendees)),
        attachments=_attachments(event.attachments) if terms.include_attachments else (),
        sequence=max(0, event.sequence),
    )


def _person(attendee: Attendee) -> Attendee:
    """Name, address, role, answer and kind. An internal address (X.500, urn:uuid) says nothing to others: left out."""
    address = attendee.address if _MAIL.fullmatch(attendee.address) else ""
    return Attendee(address, one_line(attendee.name), attendee.role, attendee.response, attendee.kind)


def _attachments(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """Files with their bare names; links to the web. Paths on the owner's machine (file:) and inner ids are dropped."""
    kept = []
    for one in attachments:
        name = one_line(re.split(r"[/\\]", one.name)[-1])
        media_type = one.media_type if _MEDIA_TYPE.fullmatch(one.media_type) else "application/octet-stream"
        if one.content is not None:
            kept.append(Attachment(name, media_type, one.content))
        elif _WEB.fullmatch(one.url):
            kept.append(Attachment(name, media_type, None, one.url))
    return tuple(kept)


_TAGS = frozenset(
    (
        *("a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("hr", "i", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
    )
)
_MOST_TAGS, _MOST_REOPENED = 10_000, 2_000_000
"""Notes in HTML beyond these are not sent as HTML; their plain text is. A parser of HTML takes quadratic time for tags
that are never closed, and opens formatting again in each block: 60 KB can become gigabytes (html.spec.whatwg.org,
"reconstruct the active formatting elements").
"""
_FORMATTING = re.compile(r"<(?:a|big|b|code|em|font|i|nobr|small|strike|strong|s|tt|u)(?![a-z0-9])", re.IGNORECASE)


def clean_html(html: str) -> str:
    """Notes as HTML that fetch nothing and do nothing: no images, styles, forms, scripts, comments or classes."""
    if not html.strip():
        return ""
    tags = html.count("<")
    if tags > _MOST_TAGS or tags * len(_FORMATTING.findall(html)) > _MOST_REOPENED:
        return ""
    import nh3  # a compiled library: loaded only where there are notes in HTML

    return nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags={"script", "style", "title", "noscript", "template", "iframe", "object", "svg", "math"},
        attributes={"*": set(), "a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto", "tel"},
        strip_comments=True,
        link_rel="noopener noreferrer",
    ).strip()


def share_series(thing: CalendarObject, terms: Terms) -> tuple[SharedEvent, ...] | None:
    """A series with its rule, for a whole calendar at Limited or Full; None where it must be sent by instances.

    By instances go: hidden series, series of which part moves for good (THISANDFUTURE has no place in the allow-list),
    rules with parts that are not in RFC 5545, zones without an IANA name, and everything under *Working hours only*.
    """
    master = thing.master
    if master is None or not _keeps_its_rule(thing, master, terms):
        return None
    zone = _named_zone(master.start, terms.zone)
    rule = safe_rule(master, zone)
    if zone is None or rule is None:
        return None
    if master.cancelled:
        left = _standing(thing, master, zone)
        return tuple(event for one in left for event in _instance(_alone(one, master), terms))
    return _series(thing, master, rule, zone, terms)


def _keeps_its_rule(thing: CalendarObject, master: Event, terms: Terms) -> bool:
    moved_for_good = any(event.this_and_future for event in thing.events)
    return master.recurring and terms.shows(master.private) and terms.hours is None and not moved_for_good


def _series(thing: CalendarObject, master: Event, rule: str, zone: tzinfo, terms: Terms) -> tuple[SharedEvent, ...]:
    first = _in_zone(master.start, zone)
    whole = _opened(master, first, _in_zone(master.end, zone), master.private, terms)
    apart: list[SharedEvent] = []
    gone = list(master.exdates)
    for override in _standing(thing, master, zone):
        occurrence = _alone(override, master)
        if override.cancelled or not terms.shows(occurrence.private):
            gone.extend([override.recurrence_id] if override.recurrence_id is not None else [])
            apart.extend(_instance(occurrence, terms))
        else:
            apart.append(_override(occurrence, whole.uid, first, zone, terms))
    exdates = {_like(moment, first, zone) for moment in gone}
    rdates = {_like(moment, first, zone) for moment in master.rdates}
    series = replace(whole, rrule=rule, exdates=tuple(sorted(exdates)), rdates=tuple(sorted(rdates)))
    return series, *apart


def _standing(thing: CalendarObject, master: Event, zone: tzinfo) -> list[Event]:
    """The overrides that are still there: EXDATE takes an instance and its override away."""
    first = _in_zone(master.start, zone)
    gone = {_like(moment, first, zone) for moment in master.exdates}
    return [one for one in thing.overrides if _like(one.recurrence_id or first, first, zone) not in gone]


def _alone(override: Event, master: Event) -> Occurrence:
    """The override as an instance; an override that does not say takes its master's privacy."""
    sensitivity = override.sensitivity or master.sensitivity
    private = sensitivity is not None and sensitivity.hides
    return Occurrence(override, override.start, override.end, override.recurrence_id, private)


def _override(occurrence: Occurrence, uid: str, first: Moment, zone: tzinfo, terms: Terms) -> SharedEvent:
    event = occurrence.event
    start, end = _in_zone(event.start, zone), _in_zone(event.end, zone)
    opened = _opened(event, start, end, occurrence.private, terms)
    return replace(opened, uid=uid, recurrence_id=_like(event.recurrence_id or first, first, zone))


def _named_zone(start: Moment, own: tzinfo) -> tzinfo | None:
    """The zone in which a rule runs, if receivers can know it by name."""
    zone = start.tzinfo if isinstance(start, datetime) and start.tzinfo is not None else own
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone
    return UTC if zone is UTC else None


def _in_zone(moment: Moment, zone: tzinfo) -> Moment:
    """A time with a zone that has a name; floating ones are taken as the owner's."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        return moment.replace(tzinfo=zone)
    return moment if isinstance(moment.tzinfo, ZoneInfo) else moment.astimezone(zone)


def _like(moment: Moment, first: Moment, zone: tzinfo) -> Moment:
    """The moment in the form of the series' start: a date for whole days, else a time in its zone."""
    if not isinstance(first, datetime):
        return moment.date() if isinstance(moment, datetime) else moment
    if not isinstance(moment, datetime):
        return datetime.combine(moment, first.timetz())
    return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).astimezone(zone)


def safe_rule(master: Event, zone: tzinfo | None) -> str | None:
    """The rule rewritten part by part, UNTIL as `zone` needs it; None if anything in it is not of RFC 5545."""
    parts = []
    for piece in filter(None, master.rrule.upper().strip().split(";")):
        name, _equals, value = piece.partition("=")
        if name not in _RULE_PARTS or not re.fullmatch(_RULE_PARTS[name], value):
            return None
        try:
            parts.append(f"{name}={_until(value, master.start, zone) if name == 'UNTIL' else value}")
        except (ValueError, OverflowError):  # a day that does not exist
            return None
    return ";".join(parts)


def _until(value: str, start: Moment, zone: tzinfo | None) -> str:
    """UNTIL as RFC 5545 wants it: a date for whole days, UTC beside a start with a zone; a lone date means all day."""
    if not isinstance(start, datetime):
        return value[:8]
    if value.endswith("Z"):
        return value
    local = datetime.strptime(value if "T" in value else value + "T235959", "%Y%m%dT%H%M%S")  # noqa: DTZ007
    return local.replace(tzinfo=zone).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
