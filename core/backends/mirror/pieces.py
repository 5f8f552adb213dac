"""Small things of the mirror: objects as bytes, names of folders, what a calendar's folder says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from core.calendar.event import CalendarObject
from core.errors import NotFound
from core.language import _
from core.ports.calendars import CalendarKind
from core.ports.servers import RemoteCalendar

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for DTSTAMP where an event has none, so that the same object always gives the same bytes."""


def pack(thing: CalendarObject | None) -> bytes | None:
    """An object as .ics bytes, the same for the same object."""
    from core.ical.encode import encode_object

    return None if thing is None else encode_object(thing, now=_EPOCH)


def unpack(data: bytes) -> CalendarObject:
    """The object of `pack`."""
    from core.ical.decode import decode

    return decode(data, now=_EPOCH).objects[0]


def canonical(thing: CalendarObject) -> bytes:
    """An object as bytes that are the same before it went through a file and after."""
    return pack(unpack(pack(thing) or b"")) or b""


def same(one: CalendarObject, other: CalendarObject) -> bool:
    """Whether two objects say the same."""
    return canonical(one) == canonical(other)


def title_of(thing: CalendarObject) -> str:
    """What a person calls it."""
    return thing.events[0].title if thing.events else ""


def display_name(calendar: RemoteCalendar) -> str:
    """As the list calls it; somebody else's default calendar is "Owner’s name – Calendar" (cli.md)."""
    if not calendar.owner:
        return calendar.name
    return f"{calendar.owner_name or calendar.owner} – {calendar.name}"


def facts_of(calendar: RemoteCalendar, kind: CalendarKind) -> dict[str, Any]:
    """What the folder's `.partagenda.json` says, for the index and for every reader of it."""
    return {
        "kind": kind.value,
        "remote": calendar.id,
        "owner": calendar.owner,
        "level": calendar.level,
        "can": asdict(calendar.can),
        "server_default": calendar.default,
        "windowed": calendar.windowed,
    }


def differs(known: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a folder's facts are to be written again."""
    return any(known.get(key) != value for key, value in wanted.items())


def other_uid(thing: CalendarObject, remote: str) -> CalendarObject:
    """The object under a UID of its own: a server may hold one UID twice in a calendar, a folder cannot."""
    uid = f"{thing.uid}-{sha256(remote.encode()).hexdigest()[:8]}"
    return replace(thing, uid=uid, events=tuple(replace(event, uid=uid) for event in thing.events))


def no_calendar(name: str) -> NotFound:
    """There is no such calendar in this account."""
    return NotFound(_("There is no calendar “{name}”.").format(name=name), _("`partagenda calendars` lists them."))
