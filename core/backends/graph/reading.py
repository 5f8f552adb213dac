"""Graph's events as our values. Times are asked for in UTC and put back into the zone in which the event was made."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from core.backends.graph.extras import found_in, instance_key, with_facts
from core.backends.graph.rules import rule_from
from core.backends.graph.wire import Json
from core.calendar.event import (
    TOLD_BY_SERVER,
    Alarm,
    Attachment,
    Attendee,
    AttendeeKind,
    BusyStatus,
    CalendarObject,
    Event,
    EventState,
    Moment,
    Problem,
    Response,
    Role,
    Sensitivity,
)
from core.calendar.zones import windows_name, zone_for, zone_name
from core.language import _
from core.ports.servers import RemoteItem, RemoteRef
from core.sharing.html_text import html_to_text
from core.values import dataclass

FIELDS = (
    "id,changeKey,type,seriesMasterId,iCalUId,subject,body,start,end,originalStartTimeZone,originalEndTimeZone,"
    "originalStart,isAllDay,isCancelled,isOrganizer,showAs,sensitivity,importance,categories,location,attendees,organizer,"
    "recurrence,isReminderOn,reminderMinutesBeforeStart,hasAttachments,createdDateTime,lastModifiedDateTime"
)
_SHOW = {
    "free": BusyStatus.FREE,
    "tentative": BusyStatus.TENTATIVE,
    "oof": BusyStatus.OUT_OF_OFFICE,
    "workingElsewhere": BusyStatus.WORKING_ELSEWHERE,
}
_RESPONSES = {
    "accepted": Response.ACCEPTED,
    "organizer": Response.ACCEPTED,
    "declined": Response.DECLINED,
    "tentativelyAccepted": Response.TENTATIVE,
}
_IMPORTANCE = {"low": 0, "normal": None, "high": 2}
_FROM_TEXT = "<!-- converted from text -->"


@dataclass(frozen=True, slots=True)
class Eyes:
    """With whose eyes a calendar is read. `hide`: what is private is a block, whatever the server sends (trap 16)."""

    zone: tzinfo
    hide: bool = False
    blocks: bool = False
    """The server shows times only: its titles are the status words."""


def item_of(data: Json, eyes: Eyes, attachments: Mapping[str, Sequence[Json]] | None = None) -> RemoteItem:
    """A single event, or a master with its exceptions expanded. Raises KeyError, ValueError for what is none."""
    key, unfinished, facts = found_in(data)
    problems: list[Problem] = []
    uid = str(facts.get("uid") or data.get("iCalUId") or data["id"])
    master = _event(
        data, uid, eyes, problems, facts=facts.get("own", {}), attachments=(attachments or {}).get(data["id"], ())
    )
    events = [master]
    if data.get("recurrence"):
        events = _series(data, master, eyes, problems, facts.get("instances", {}))
    ref = RemoteRef(str(data["id"]), str(data["changeKey"]))
    return RemoteItem(ref, CalendarObject(uid, tuple(events)), key=key, unfinished=unfinished, problems=tuple(problems))


def _series(data: Json, master: Event, eyes: Eyes, problems: list[Problem], facts: Mapping[str, Any]) -> list[Event]:
    """The master first. An instance of a private series that the server calls normal is public, as it is there."""
    try:
        rule = rule_from(data["recurrence"], master.start)
    except (KeyError, ValueError, TypeError) as error:
        problems.append(Problem(_("its repetition cannot be read: {reason}").format(reason=error), uid=master.uid))
        return [master]
    gone = [_place(master.start, text.rpartition(".")[2]) for text in data.get("cancelledOccurrences") or ()]
    found = [replace(master, rrule=rule, exdates=tuple(sorted(one for one in gone if one is not None)))]
    for each in data.get("exceptionOccurrences") or ():
        place = _original(each, master.start)
        if place is not None:
            own = facts.get(instance_key(place), {})
            override = _event(each, master.uid, eyes, problems, facts=own)
            sensitivity = override.sensitivity or (Sensitivity.PUBLIC if master.private else None)
            found.append(replace(override, recurrence_id=place, sensitivity=sensitivity))
    return found


def _place(start: Moment, day: str) -> Any:  # noqa: ANN401 - a Moment; mypy cannot order the union
    try:
        found = date.fromisoformat(day[:10])
    except ValueError:
        return None
    return datetime.combine(found, start.timetz()) if isinstance(start, datetime) else found


def _original(each: Json, start: Moment) -> Moment | None:
    text = str(each.get("originalStart") or "")
    if not text:
        return None
    instant = datetime.fromisoformat(_six_digits(text.replace("Z", "+00:00")))
    if not isinstance(start, datetime):
        return instant.date()
    if start.tzinfo is None:
        return instant.replace(tzinfo=None)
    return instant.astimezone(start.tzinfo)


def _event(
    data: Json,
    uid: str,
    eyes: Eyes,
    problems: list[Problem],
    *,
    facts: Mapping[str, Any],
    attachments: Sequence[Json] = (),
) -> Event:
    """With `eyes.hide`, a private one keeps its times and status alone; with `eyes.blocks`, each one does."""
    start, end = _times(data, uid, eyes, problems, facts)
    event = Event(
        uid=uid,
        start=start,
        end=end,
        status=_SHOW.get(str(data.get("showAs")), BusyStatus.BUSY),
        sensitivity=_sensitivity(data, facts),
        state=EventState.CANCELLED if data.get("isCancelled") else EventState.CONFIRMED,
        stamp=_instant(data.get("lastModifiedDateTime")),
        created=_instant(data.get("createdDateTime")),
        modified=_instant(data.get("lastModifiedDateTime")),
    )
    if eyes.hide and event.private:
        return event
    if not eyes.blocks:
        event = _told(event, data, attachments)
    return with_facts(event, facts)


def _told(event: Event, data: Json, attachments: Sequence[Json]) -> Event:
    text, html = _notes(data.get("body") or {})
    people = tuple(_attendee(one) for one in data.get("attendees") or () if _address(one))
    told = (TOLD_BY_SERVER,) if people and data.get("isOrganizer") else ()
    organizer = data.get("organizer") or {}
    return replace(
        event,
        title=str(data.get("subject") or ""),
        place=str((data.get("location") or {}).get("displayName") or ""),
        description=text,
        html=html,
        categories=tuple(str(one) for one in data.get("categories") or ()),
        importance=_IMPORTANCE.get(str(data.get("importance"))),
        alarms=_alarms(data),
        attendees=people,
        organizer=_organizer(organizer) if people and _address(organizer) else None,
        attachments=tuple(_attachment(one) for one in attachments),
        extra=told,
    )


def _sensitivity(data: Json, facts: Mapping[str, Any]) -> Sensitivity | None:
    said = str(data.get("sensitivity") or "normal")
    if said != "normal":
        return Sensitivity(said)
    return Sensitivity.PUBLIC if facts.get("sensitivity") == "public" else None


def _times(
    data: Json, uid: str, eyes: Eyes, problems: list[Problem], facts: Mapping[str, Any]
) -> tuple[Moment, Moment]:
    if data.get("isAllDay"):
        first, last = (date.fromisoformat(str(data[name]["dateTime"])[:10]) for name in ("start", "end"))
        return first, max(last, first + timedelta(days=1))
    zone = _zone(data, "originalStartTimeZone", str(facts.get("zone", "")), eyes, problems, uid)
    end_zone = _zone(data, "originalEndTimeZone", str(facts.get("zone", "")), eyes, [], uid)
    start, end = _utc(data["start"]).astimezone(zone), _utc(data["end"]).astimezone(end_zone)
    if facts.get("floating"):
        return start.replace(tzinfo=None), end.astimezone(zone).replace(tzinfo=None)
    return start, end


def _zone(data: Json, name: str, ours: str, eyes: Eyes, problems: list[Problem], uid: str) -> tzinfo:  # noqa: PLR0917
    said = str(data.get(name) or "")
    span = (data.get("recurrence") or {}).get("range") or {}
    known = zone_for(said) or zone_for(str(span.get("recurrenceTimeZone") or ""))
    if known is None:
        if said:
            problems.append(Problem(_("its time zone is not known: {name}").format(name=said[:100]), uid=uid))
        return eyes.zone
    mine = zone_for(ours) if ours else None
    if mine is not None and windows_name(zone_name(mine)) == windows_name(zone_name(known)):
        return mine  # Windows has one name for Brussels and for Paris
    return known


def _utc(pair: Json) -> datetime:
    return datetime.fromisoformat(_six_digits(str(pair["dateTime"]).removesuffix("Z"))).replace(tzinfo=UTC)


def _six_digits(text: str) -> str:
    """Graph writes seven digits after the second."""
    head, dot, rest = text.partition(".")
    if not dot:
        return text
    digits = "".join(sign for sign in rest.partition("+")[0] if sign.isdecimal())
    return f"{head}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}"


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(_six_digits(str(text).replace("Z", "+00:00"))).astimezone(UTC)
    except ValueError:
        return None


def _notes(body: Json) -> tuple[str, str]:
    """Text, and HTML where there was HTML: Exchange turns text into HTML and says so inside."""
    content = str(body.get("content") or "")
    if str(body.get("contentType", "")).lower() == "text":
        return content.replace("\r\n", "\n"), ""
    if not content.strip():
        return "", ""
    text = html_to_text(content)
    return text, "" if _FROM_TEXT in content or not text else content


def _address(one: Json) -> str:
    return str((one.get("emailAddress") or {}).get("address") or "")


def _attendee(one: Json) -> Attendee:
    said, kind = str((one.get("status") or {}).get("response") or ""), one.get("type")
    return Attendee(
        _address(one),
        str(one["emailAddress"].get("name") or ""),
        Role.OPTIONAL if kind == "optional" else Role.REQUIRED,
        _RESPONSES.get(said, Response.NEEDS_ACTION),
        AttendeeKind.RESOURCE if kind == "resource" else AttendeeKind.INDIVIDUAL,
    )


def _organizer(one: Json) -> Attendee:
    return Attendee(_address(one), str(one["emailAddress"].get("name") or ""), Role.CHAIR, Response.ACCEPTED)


def _alarms(data: Json) -> tuple[Alarm, ...]:
    if not data.get("isReminderOn"):
        return ()
    return (Alarm(-timedelta(minutes=int(data.get("reminderMinutesBeforeStart") or 0))),)


def _attachment(one: Json) -> Attachment:
    content = one.get("contentBytes")
    return Attachment(
        name=str(one.get("name") or ""),
        media_type=str(one.get("contentType") or "application/octet-stream"),
        content=base64.b64decode(content) if content else None,
    )
