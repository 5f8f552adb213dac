"""When an event is: start, end, repetition and exceptions of a VEVENT, each repaired where it can be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from core.calendar.event import Event, Moment
from core.ical import values
from core.ical.components import Line
from core.ical.draft import Draft, Unusable
from core.ical.moments import day_of, plus, to_utc
from core.ical.rules import Rule, RuleError
from core.ical.values import BadValue
from core.language import _

_MOST_DATES = 5_000


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
        draft.keep(line)
        return found
    return found.replace(tzinfo=zone)


def read_recurrence_id(draft: Draft) -> tuple[Moment | None, bool]:
    """RECURRENCE-ID, None where there is none, and whether it stands for all later instances too."""
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


def read_start(draft: Draft, recurrence_id: Moment | None) -> Moment:
    """DTSTART; an override without one begins when the instance that it replaces did."""
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


def read_end(draft: Draft, start: Moment) -> Moment:
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
    """An end that fits the start in kind and order; what had to be mended is noted."""
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


def read_rule(draft: Draft, start: Moment) -> str:
    """The first RRULE, repaired where that is possible; empty where there is none."""
    lines = draft.found.get("RRULE", [])
    for line in lines[1:]:
        draft.keep(line)
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
            draft.keep(lines[0])
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


def read_exdates(draft: Draft, start: Moment) -> tuple[Moment, ...]:
    """All EXDATEs, in the kind of value (date or time) that the start has."""
    found: list[Moment] = []

    def read(line: Line, value: str) -> None:
        moment = _moment(draft, line, value)
        found.append(moment if isinstance(start, datetime) else day_of(moment))

    _each_date(draft, "EXDATE", read)
    return tuple(found)


def read_rdates(draft: Draft, start: Moment) -> tuple[tuple[Moment, ...], list[tuple[Moment, Moment]]]:
    """All RDATEs, and those of them that are periods with their ends."""
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


def period_overrides(event: Event, periods: list[tuple[Moment, Moment]]) -> tuple[Event, ...]:
    """RDATE;VALUE=PERIOD gives an instance its own length: the same thing as an override of it."""
    own = to_utc(event.end, UTC) - to_utc(event.start, UTC)
    return tuple(
        replace(event, start=start, end=end, recurrence_id=start, rrule="", rdates=(), exdates=())
        for start, end in periods
        if to_utc(end, UTC) - to_utc(start, UTC) != own and event.recurrence_id is None
    )


def read_stamp(draft: Draft, name: str) -> datetime | None:
    """A moment in UTC, as DTSTAMP and CREATED are; None where there is none that can be read."""
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
