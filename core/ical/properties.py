"""One VEVENT to one Event: every property that we know, each repair noted; what we do not know is kept as it came."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from core.calendar.event import Alarm, Attachment, Attendee, BusyStatus, Event, EventState, Moment, Sensitivity
from core.ical import values
from core.ical.components import Component, Line, Problems
from core.ical.draft import FILE_NAMES, MODELLED, ONCE, Draft
from core.ical.lines import split_escaped, unescape
from core.ical.moments import to_utc, to_zone
from core.ical.people import person
from core.ical.times import (
    period_overrides,
    read_end,
    read_exdates,
    read_rdates,
    read_recurrence_id,
    read_rule,
    read_stamp,
    read_start,
)
from core.ical.values import BadValue
from core.ical.zonematch import Zones
from core.language import _

_Found = TypeVar("_Found")
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


def read_event(component: Component, zones: Zones, problems: Problems) -> tuple[Event, tuple[Event, ...]]:
    """The event of a VEVENT, and overrides for instances that RDATE gives another length (VALUE=PERIOD).

    Raises Unusable with the reason, and BadValue.
    """
    draft = Draft(component, zones, problems)
    _sort_lines(draft)
    draft.uid = _uid(draft)
    recurrence_id, onward = read_recurrence_id(draft)
    start = read_start(draft, recurrence_id)
    end = read_end(draft, start)
    rrule = read_rule(draft, start)
    rdates, periods = read_rdates(draft, start)
    state = _STATES.get(draft.word("STATUS") or "CONFIRMED", EventState.CONFIRMED)
    if draft.word("STATUS") and draft.word("STATUS") not in _STATES:
        draft.keep_unknown("STATUS")
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
        exdates=read_exdates(draft, start) if recurrence_id is None else (),
        recurrence_id=recurrence_id,
        this_and_future=onward,
        sequence=draft.number("SEQUENCE", 0, 2**31 - 1) or 0,
        stamp=read_stamp(draft, "DTSTAMP"),
        created=read_stamp(draft, "CREATED"),
        modified=read_stamp(draft, "LAST-MODIFIED"),
        extra=(*draft.extra, *draft.blocks),
    )
    return event, period_overrides(event, periods)


def _sort_lines(draft: Draft) -> None:
    """Known properties by name; unknown ones and those with unknown parameters are kept as text as well."""
    for line in draft.component.lines:
        allowed = MODELLED.get(line.name)
        if allowed is None:
            draft.keep(line)
            continue
        if line.name in ONCE and line.name in draft.found:
            draft.note(_("{name} stands there twice; the first one counts").format(name=line.name), line)
            continue
        draft.found.setdefault(line.name, []).append(line)
        if not line.params.keys() <= allowed:
            draft.keep(line)
    for child in draft.component.children:
        if child.name != "VALARM":
            draft.blocks.extend(child.texts())


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


def _html(draft: Draft) -> str:
    line = draft.line("X-ALT-DESC")
    if line is None:
        return ""
    if line.param("FMTTYPE").lower() not in ("text/html", ""):
        draft.keep(line)
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
        draft.keep_unknown("CLASS")
        return Sensitivity.PRIVATE  # RFC 5545 §3.8.1.3: an unknown class is treated as PRIVATE


def _person(draft: Draft, line: Line) -> Attendee | None:
    found, exact = person(line)
    if not exact:
        draft.keep(line)
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
    name = next((value for key in FILE_NAMES if (value := line.param(key))), "")
    media = line.param("FMTTYPE") or "application/octet-stream"
    inline = line.param("ENCODING").upper() == "BASE64" or line.param("VALUE").upper() == "BINARY"
    if not inline:
        url = _CONTROLS.sub("", line.value).strip()
        return Attachment(name, media, url=url) if url else None
    try:
        return Attachment(name, media, content=values.binary(line.value))
    except BadValue:
        draft.note(_("an attachment cannot be decoded; it is kept as it is"), line)
        draft.keep(line)
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
            draft.blocks.extend(child.texts())
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
