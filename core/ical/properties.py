"""One VEVENT to one Event: every property that we know, each repair noted; what we do not know is kept as it came."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from core.calendar.event import Alarm, Attachment, Attendee, BusyStatus, Event, EventState, Moment, Sensitivity
from core.ical import values
from core.ical.components import Component, Line, Problems
from core.ical.lines import split_escaped, unescape
from core.ical.moments import day_of, plus, to_utc, to_zone
from core.ical.people import person
from core.ical.rules import Rule, RuleError
from core.ical.values import BadValue
from core.ical.zonematch import Zones
from core.language import _

_Found = TypeVar("_Found")
_MOST_DATES = 5_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_BUSY = {
    "FREE": BusyStatus.FREE,
    "TENTATIVE": BusyStatus.TENTATIVE,
    "BUSY": BusyStatus.BUSY,
    "OOF": BusyStatus.OUT_OF_OFFICE,
    "OUTOFOFFICE": BusyStatus.OUT_OF_OFFICE,
    "WORKINGELSEWHERE": BusyStatus.WORKING_ELSEWHERE,
}
_STATES = {
    "CONFIRMED": EventState.CONFIRMED,
    "TENTATIVE": EventState.TENTATIVE,
    "CANCELLED": EventState.CANCELLED,
    "CANCELED": EventState.CANCELLED,
}
_FILE_NAMES = ("FILENAME", "X-FILENAME", "X-APPLE-FILENAME", "X-EVOLUTION-CALDAV-ATTACHMENT-NAME", "X-LABEL")

MODELLED = {
    "UID": frozenset[str](),
    "DTSTART": frozenset({"TZID", "VALUE"}),
    "DTEND": frozenset({"TZID", "VALUE"}),
    "DURATION": frozenset[str](),
    "RECURRENCE-ID": frozenset({"TZID", "VALUE", "RANGE"}),
    "RDATE": frozenset({"TZID", "VALUE"}),
    "EXDATE": frozenset({"TZID", "VALUE"}),
    "RRULE": frozenset[str](),
    "DTSTAMP": frozenset({"VALUE"}),
    "CREATED": frozenset({"VALUE"}),
    "LAST-MODIFIED": frozenset({"VALUE"}),
    "SEQUENCE": frozenset[str](),
    "SUMMARY": frozenset[str](),
    "LOCATION": frozenset[str](),
    "DESCRIPTION": frozenset[str](),
    "X-ALT-DESC": frozenset({"FMTTYPE"}),
    "CATEGORIES": frozenset[str](),
    "CLASS": frozenset[str](),
    "STATUS": frozenset[str](),
    "TRANSP": frozenset[str](),
    "PRIORITY": frozenset[str](),
    "URL": frozenset({"VALUE"}),
    "ORGANIZER": frozenset({"CN"}),
    "ATTENDEE": frozenset({"CN", "ROLE", "PARTSTAT", "CUTYPE", "RSVP"}),
    "ATTACH": frozenset({"VALUE", "ENCODING", "FMTTYPE", *_FILE_NAMES}),
    "X-MICROSOFT-CDO-BUSYSTATUS": frozenset[str](),
    "X-MICROSOFT-MSNCALENDAR-BUSYSTATUS": frozenset[str](),
    "X-MICROSOFT-CDO-IMPORTANCE": frozenset[str](),
}
"""Properties that have a place in Event, and the parameters that have one too. A line with any other parameter is
kept beside its value, so that the encoder can write it again as long as the value is the same."""

_ONCE = frozenset(MODELLED) - {"RDATE", "EXDATE", "CATEGORIES", "ATTENDEE", "ATTACH", "RRULE"}


class Unusable(Exception):
    """An event that cannot be shown at all; the text says why, for a person."""


@dataclass(slots=True)
class Draft:
    """An event while its lines are read."""

    component: Component
    zones: Zones
    problems: Problems
    uid: str = ""
    found: dict[str, list[Line]] = field(default_factory=dict)
    extra: list[str] = field(default_factory=list)

    def line(self, name: str) -> Line | None:
        lines = self.found.get(name)
        return lines[0] if lines else None

    def text(self, name: str) -> str:
        line = self.line(name)
        return unescape(line.value).strip("\r\n") if line else ""

    def word(self, name: str) -> str:
        line = self.line(name)
        return line.value.strip().upper() if line else ""

    def note(self, what: str, line: Line | None = None) -> None:
        self.problems.add(what, line.number if line else self.component.number, self.uid)

    def number(self, name: str, low: int, high: int) -> int | None:
        line = self.line(name)
        if line is None:
            return None
        try:
            return min(high, max(low, values.integer(line.value)))
        except BadValue:
            self.note(_("{name} is no number; it was left out").format(name=name), line)
            return None


def read_event(component: Component, zones: Zones, problems: Problems) -> tuple[Event, tuple[Event, ...]]:
    """The event of a VEVENT, and overrides for instances that RDATE gives another length (VALUE=PERIOD).

    Raises Unusable with the reason, and BadValue.
    """
    draft = Draft(component, zones, problems)
    _sort_lines(draft)
    draft.uid = _uid(draft)
    recurrence_id, onward = _recurrence_id(draft)
    start = _start(draft, recurrence_id)
    end = _end(draft, start)
    rrule = _rule(draft, start)
    rdates, periods = _rdates(draft, start)
    state = _STATES.get(draft.word("STATUS") or "CONFIRMED", EventState.CONFIRMED)
    if draft.word("STATUS") and draft.word("STATUS") not in _STATES:
        _keep_unknown(draft, "STATUS")
    event = Event(
        uid=draft.uid,
        start=start,
        end=end,
        title=draft.text("SUMMARY"),
        place=draft.text("LOCATION"),
        description=draft.text("DESCRIPTION"),
        html=_html(draft),
        status=_busy(draft, state),
        sensitivity=_sensitivity(draft),
        state=state,
        organizer=_organizer(draft),
        attendees=tuple(_each(draft, "ATTENDEE", _person)),
        categories=_categories(draft),
        attachments=tuple(_each(draft, "ATTACH", _attachment)),
        alarms=_alarms(draft, start, end),
        url=_uri(draft),
        priority=draft.number("PRIORITY", 0, 9) or 0,
        importance=draft.number("X-MICROSOFT-CDO-IMPORTANCE", 0, 2),
        rrule=rrule if recurrence_id is None else "",
        rdates=rdates if recurrence_id is None else (),
        exdates=_exdates(draft, start) if recurrence_id is None else (),
        recurrence_id=recurrence_id,
        this_and_future=onward,
        sequence=draft.number("SEQUENCE", 0, 2**31 - 1) or 0,
        stamp=_stamp(draft, "DTSTAMP"),
        created=_stamp(draft, "CREATED"),
        modified=_stamp(draft, "LAST-MODIFIED"),
        extra=tuple(draft.extra),
    )
    return event, _period_overrides(event, periods)


def _sort_lines(draft: Draft) -> None:
    """Known properties by name; unknown ones and those with unknown parameters are kept as text as well."""
    for line in draft.component.lines:
        allowed = MODELLED.get(line.name)
        if allowed is None:
            draft.extra.append(line.text)
            continue
        if line.name in _ONCE and line.name in draft.found:
            draft.note(_("{name} stands there twice; the first one counts").format(name=line.name), line)
            continue
        draft.found.setdefault(line.name, []).append(line)
        if not line.params.keys() <= allowed:
            draft.extra.append(line.text)
    for child in draft.component.children:
        if child.name != "VALARM":
            draft.extra.extend(child.texts())


def _keep(draft: Draft, line: Line) -> None:
    if line.text not in draft.extra:
        draft.extra.append(line.text)


def _keep_unknown(draft: Draft, name: str) -> None:
    line = draft.line(name)
    if line is not None:
        _keep(draft, line)
        draft.note(_("{name} has an unknown value: {value}").format(name=name, value=line.value[:40]), line)


def _uid(draft: Draft) -> str:
    uid = _CONTROLS.sub("", draft.text("UID")).strip()
    if uid:
        return uid
    draft.note(_("the event has no UID; one was made from what it says"))
    return content_uid(draft.component)


def content_uid(component: Component) -> str:
    """A UID that is the same whenever the same event is read again; DTSTAMP changes at every export."""
    texts = sorted(text for text in component.texts() if not text.upper().startswith(("DTSTAMP", "UID")))
    return hashlib.sha256("\n".join(texts).encode("utf-8", "replace")).hexdigest()[:32]


def _moment(draft: Draft, line: Line, value: str) -> Moment:
    """A DATE or DATE-TIME with its zone. Raises BadValue."""
    kind = line.param("VALUE").upper()
    found, exact = values.moment(value.strip())
    if not exact:
        draft.note(
            _("{name} is not written as iCalendar wants: {value}").format(name=line.name, value=value[:40]), line
        )
    if not isinstance(found, datetime):
        if kind != "DATE" and exact and line.name == "DTSTART":
            draft.note(_("{name} is a date and does not say so").format(name=line.name), line)
        return found
    if kind == "DATE":
        if found.time() == time.min and found.tzinfo is None:
            return found.date()
        draft.note(_("{name} says that it is a date and has a time; the time counts").format(name=line.name), line)
    tzid = line.param("TZID")
    if found.tzinfo is not None or not tzid:
        return found
    zone = draft.zones.find(tzid, line.number)
    if zone is None:
        _keep(draft, line)
        return found
    return found.replace(tzinfo=zone)


def _recurrence_id(draft: Draft) -> tuple[Moment | None, bool]:
    line = draft.line("RECURRENCE-ID")
    if line is None:
        return None, False
    try:
        found = _moment(draft, line, line.value)
    except BadValue as error:
        raise Unusable(_("RECURRENCE-ID is no time: {value}").format(value=str(error))) from error
    wanted = line.param("RANGE").upper()
    if wanted and wanted != "THISANDFUTURE":
        draft.note(
            _("RANGE={value} is not known; the change was taken for this instance only").format(value=wanted), line
        )
    return found, wanted == "THISANDFUTURE"


def _start(draft: Draft, recurrence_id: Moment | None) -> Moment:
    line = draft.line("DTSTART")
    if line is None:
        if recurrence_id is None:
            raise Unusable(_("the event has no start (DTSTART)"))
        draft.note(_("the changed instance has no start; it begins when the original one did"))
        return recurrence_id
    try:
        return _moment(draft, line, line.value)
    except BadValue as error:
        raise Unusable(_("the start (DTSTART) is no time: {value}").format(value=str(error))) from error


def _end(draft: Draft, start: Moment) -> Moment:
    """DTEND, else DURATION, else what RFC 5545 §3.6.1 says: a day for a date, no length for a time."""
    dtend, duration = draft.line("DTEND"), draft.line("DURATION")
    default = start if isinstance(start, datetime) else plus(start, 1)
    if dtend is not None:
        try:
            return _sound_end(draft, dtend, start, _moment(draft, dtend, dtend.value))
        except BadValue:
            draft.note(_("the end (DTEND) is no time; it was left out"), dtend)
    if duration is None:
        return default
    try:
        found = values.duration(duration.value)
    except BadValue:
        draft.note(_("the duration cannot be read; it was left out"), duration)
        return default
    if found.whole < timedelta(0):
        draft.note(_("the duration is negative; it was left out"), duration)
        return default
    if isinstance(start, datetime):
        return plus(start, found.days, found.exact)
    return plus(start, max(1, -(-found.whole // timedelta(days=1))))


def _sound_end(draft: Draft, line: Line, start: Moment, end: Moment) -> Moment:
    if not isinstance(start, datetime):
        if isinstance(end, datetime):
            draft.note(_("the start is a date and the end has a time; the event covers whole days"), line)
            end = plus(end.date(), 1) if end.time() != time.min else end.date()
        if end <= start:
            draft.note(_("the end is not after the start; the event lasts its first day"), line)
            return plus(start, 1)
        return end
    if not isinstance(end, datetime):
        draft.note(_("the start has a time and the end is a date; it ends at midnight"), line)
        end = datetime.combine(end, time.min, start.tzinfo)
    if (end.tzinfo is None) != (start.tzinfo is None):
        end = end.replace(tzinfo=start.tzinfo)  # one of them has no zone: only the clocks can be compared
    if to_utc(end, UTC) < to_utc(start, UTC):
        draft.note(_("the end is before the start; the event has no length"), line)
        return start
    return end


def _rule(draft: Draft, start: Moment) -> str:
    lines = draft.found.get("RRULE", [])
    for line in lines[1:]:
        _keep(draft, line)
        draft.note(_("a second rule of repetition is kept but not followed"), line)
    if not lines:
        return ""
    text = lines[0].value.strip()
    try:
        rule = Rule.parse(text)
    except RuleError as error:
        text = _mended_rule(text)
        try:
            rule = Rule.parse(text)
            draft.note(_("the repetition was repaired: {reason}").format(reason=error), lines[0])
        except RuleError:
            _keep(draft, lines[0])
            what = _("{reason}; only the first instance is shown")
            draft.note(what.format(reason=error), lines[0])
            return ""
    bound = rule.bound(start, start.tzinfo if isinstance(start, datetime) else None)
    if bound is not None and bound.date() < day_of(start):
        draft.note(_("the repetition ends before it begins; it has no instance"), lines[0])
    return text


def _mended_rule(text: str) -> str:
    """What programs get wrong: quotes, blanks, COUNT=-1 for “no end”, an empty part, FREQ not first."""
    parts = [part.strip() for part in text.strip().strip('"').upper().replace(" ", "").split(";")]
    return ";".join(part for part in parts if "=" in part and not re.fullmatch(r"COUNT=(-\d+|0)|[^=]+=", part))


def _dates(draft: Draft, name: str) -> list[tuple[Line, str]]:
    found = [(line, value) for line in draft.found.get(name, ()) for value in line.value.split(",") if value.strip()]
    if len(found) > _MOST_DATES:
        draft.note(_("{name} holds too many dates; the first ones count").format(name=name), found[0][0])
    return found[:_MOST_DATES]


def _each_date(draft: Draft, name: str, read: Callable[[Line, str], None]) -> None:
    for line, value in _dates(draft, name):
        try:
            read(line, value)
        except BadValue:
            draft.note(_("{name} holds something that is no time; it was left out").format(name=name), line)


def _exdates(draft: Draft, start: Moment) -> tuple[Moment, ...]:
    found: list[Moment] = []

    def read(line: Line, value: str) -> None:
        moment = _moment(draft, line, value)
        found.append(moment if isinstance(start, datetime) else day_of(moment))

    _each_date(draft, "EXDATE", read)
    return tuple(found)


def _rdates(draft: Draft, start: Moment) -> tuple[tuple[Moment, ...], list[tuple[Moment, Moment]]]:
    found: list[Moment] = []
    periods: list[tuple[Moment, Moment]] = []

    def read(line: Line, value: str) -> None:
        begin, slash, rest = value.partition("/")
        moment = _like(_moment(draft, line, begin), start)
        found.append(moment)
        if slash and isinstance(moment, datetime):
            periods.append((moment, _period_end(draft, line, moment, rest)))

    _each_date(draft, "RDATE", read)
    return tuple(dict.fromkeys(found)), periods


def _like(moment: Moment, start: Moment) -> Moment:
    """An RDATE of the same kind as the start."""
    if not isinstance(start, datetime):
        return day_of(moment)
    return moment if isinstance(moment, datetime) else datetime.combine(moment, start.timetz())


def _period_end(draft: Draft, line: Line, start: datetime, text: str) -> Moment:
    if text.strip().upper().lstrip("+-").startswith("P"):
        length = values.duration(text)
        return plus(start, length.days, length.exact) if length.whole > timedelta(0) else start
    end = _moment(draft, line, text)
    return _sound_end(draft, line, start, end)


def _period_overrides(event: Event, periods: list[tuple[Moment, Moment]]) -> tuple[Event, ...]:
    """RDATE;VALUE=PERIOD gives an instance its own length: the same thing as an override of it."""
    own = to_utc(event.end, UTC) - to_utc(event.start, UTC)
    return tuple(
        replace(event, start=start, end=end, recurrence_id=start, rrule="", rdates=(), exdates=())
        for start, end in periods
        if to_utc(end, UTC) - to_utc(start, UTC) != own and event.recurrence_id is None
    )


def _stamp(draft: Draft, name: str) -> datetime | None:
    line = draft.line(name)
    if line is None:
        return None
    try:
        found, _exact = values.moment(line.value.strip())
    except BadValue:
        draft.note(_("{name} is no time; it was left out").format(name=name), line)
        return None
    if not isinstance(found, datetime):
        found = datetime.combine(found, time.min)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _html(draft: Draft) -> str:
    line = draft.line("X-ALT-DESC")
    if line is None:
        return ""
    if line.param("FMTTYPE").lower() not in ("text/html", ""):
        _keep(draft, line)
        return ""
    return unescape(line.value)


def _busy(draft: Draft, state: EventState) -> BusyStatus:
    """Outlook's own property, its synonym, else TRANSP and STATUS (outlook.md §1.5)."""
    for name in ("X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-MSNCALENDAR-BUSYSTATUS"):
        word = draft.word(name)
        if word in _BUSY:
            return _BUSY[word]
        if word:
            draft.note(_("{name} has an unknown value: {value}").format(name=name, value=word[:40]), draft.line(name))
    return busy_from(draft.word("TRANSP") == "TRANSPARENT", state)


def busy_from(transparent: bool, state: EventState) -> BusyStatus:
    """What TRANSP and STATUS alone say."""
    if transparent:
        return BusyStatus.FREE
    return BusyStatus.TENTATIVE if state is EventState.TENTATIVE else BusyStatus.BUSY


def _sensitivity(draft: Draft) -> Sensitivity | None:
    word = draft.word("CLASS")
    if not word:
        return None
    try:
        return Sensitivity(word.lower())
    except ValueError:
        _keep_unknown(draft, "CLASS")
        return Sensitivity.PRIVATE  # RFC 5545 §3.8.1.3: an unknown class is treated as PRIVATE


def _person(draft: Draft, line: Line) -> Attendee | None:
    found, exact = person(line)
    if not exact:
        _keep(draft, line)
    return found


def _organizer(draft: Draft) -> Attendee | None:
    line = draft.line("ORGANIZER")
    found = _person(draft, line) if line else None
    return Attendee(found.address, found.name) if found else None


def _each(draft: Draft, name: str, read: Callable[[Draft, Line], _Found | None]) -> list[_Found]:
    return [thing for line in draft.found.get(name, ()) if (thing := read(draft, line)) is not None]


def _categories(draft: Draft) -> tuple[str, ...]:
    found = [unescape(part).strip() for line in draft.found.get("CATEGORIES", ()) for part in split_escaped(line.value)]
    return tuple(dict.fromkeys(category for category in found if category))


def _uri(draft: Draft) -> str:
    line = draft.line("URL")
    return _CONTROLS.sub("", line.value).strip() if line else ""


def _attachment(draft: Draft, line: Line) -> Attachment | None:
    name = next((value for key in _FILE_NAMES if (value := line.param(key))), "")
    media = line.param("FMTTYPE") or "application/octet-stream"
    inline = line.param("ENCODING").upper() == "BASE64" or line.param("VALUE").upper() == "BINARY"
    if not inline:
        url = _CONTROLS.sub("", line.value).strip()
        return Attachment(name, media, url=url) if url else None
    try:
        return Attachment(name, media, content=values.binary(line.value))
    except BadValue:
        draft.note(_("an attachment cannot be decoded; it is kept as it is"), line)
        _keep(draft, line)
        return None


def _alarms(draft: Draft, start: Moment, end: Moment) -> tuple[Alarm, ...]:
    found = []
    for child in draft.component.children:
        if child.name != "VALARM":
            continue
        try:
            found.append(_alarm(child, start, end))
        except BadValue:
            draft.problems.add(_("a reminder has no time; it is kept but never rings"), child.number, draft.uid)
            draft.extra.extend(child.texts())
    return tuple(found)


def _alarm(component: Component, start: Moment, end: Moment) -> Alarm:
    """A VALARM. Raises BadValue when TRIGGER is missing or bad."""
    trigger = component.first("TRIGGER")
    if trigger is None:
        raise BadValue("TRIGGER")
    when, plain = _trigger(trigger, start, end)
    action, description = component.first("ACTION"), component.first("DESCRIPTION")
    known = [line for line in (trigger if plain else None, action, description) if line is not None]
    extra = [line.text for line in component.lines if line not in known or line.params.keys() - {"VALUE"}]
    for child in component.children:
        extra.extend(child.texts())
    return Alarm(
        when,
        action.value.strip().upper() if action else "DISPLAY",
        unescape(description.value) if description else "",
        tuple(extra),
    )


def _trigger(line: Line, start: Moment, end: Moment) -> tuple[timedelta | datetime, bool]:
    """When it rings, from the start, and whether the line says just that (RELATED=END does not)."""
    if line.value.strip().upper().lstrip("+-").startswith("P"):
        found = values.duration(line.value).whole
        if line.param("RELATED").upper() != "END":
            return found, True
        return found + (to_utc(end, UTC) - to_utc(start, UTC)), False
    moment, _exact = values.moment(line.value.strip())
    if not isinstance(moment, datetime):
        raise BadValue(line.value[:60])
    return (moment if moment.tzinfo is not None else to_zone(to_utc(moment, UTC), UTC)), True
