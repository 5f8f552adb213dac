"""ATTENDEE and ORGANIZER (RFC 5545 §3.8.4.1, §3.8.4.3) to Attendee and back."""

from __future__ import annotations

import re
from typing import TypeVar

from core.calendar.event import Attendee, AttendeeKind, Response, Role
from core.ical.components import Line
from core.ical.lines import parameter

_ROLES = {
    "CHAIR": Role.CHAIR,
    "REQ-PARTICIPANT": Role.REQUIRED,
    "OPT-PARTICIPANT": Role.OPTIONAL,
    "NON-PARTICIPANT": Role.NON_PARTICIPANT,
}
_RESPONSES = {response.value.upper(): response for response in Response}
_KINDS = {kind.value.upper(): kind for kind in AttendeeKind}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_T = TypeVar("_T")


def person(line: Line) -> tuple[Attendee | None, bool]:
    """Who a line names, None if nobody; and whether Attendee says all that its known parameters say."""
    address = _CONTROLS.sub("", line.value).strip()
    if address[:7].lower() == "mailto:":
        address = address[7:].strip()
    if not address:
        return None, True
    role, role_known = _word(_ROLES, line.param("ROLE"), Role.REQUIRED)
    response, response_known = _word(_RESPONSES, line.param("PARTSTAT"), Response.NEEDS_ACTION)
    kind, kind_known = _word(_KINDS, line.param("CUTYPE"), AttendeeKind.INDIVIDUAL)
    if not kind_known:
        kind = AttendeeKind.UNKNOWN
    name = _CONTROLS.sub(" ", line.param("CN")).strip()
    found = Attendee(address, name, role, response, kind, line.param("RSVP").upper() == "TRUE")
    return found, role_known and response_known and kind_known


def _word(table: dict[str, _T], word: str, default: _T) -> tuple[_T, bool]:
    found = table.get(word.strip().upper())
    return (found, True) if found is not None else (default, not word.strip())


def address_value(address: str) -> str:
    """The calendar address as a URI; a plain address becomes `mailto:`."""
    return address if _SCHEME.match(address) else f"mailto:{address}"


def attendee_line(attendee: Attendee) -> str:
    """An ATTENDEE line; parameters that have their default value are left out."""
    return f"ATTENDEE{_params(attendee)}:{address_value(attendee.address)}"


def organizer_line(organizer: Attendee) -> str:
    """An ORGANIZER line: only the name goes with it."""
    name = f";CN={parameter(organizer.name)}" if organizer.name else ""
    return f"ORGANIZER{name}:{address_value(organizer.address)}"


def _params(attendee: Attendee) -> str:
    parts = []
    if attendee.name:
        parts.append(f"CN={parameter(attendee.name)}")
    if attendee.kind is not AttendeeKind.INDIVIDUAL:
        parts.append(f"CUTYPE={attendee.kind.value.upper()}")
    if attendee.role is not Role.REQUIRED:
        parts.append("ROLE=" + next(word for word, role in _ROLES.items() if role is attendee.role))
    if attendee.response is not Response.NEEDS_ACTION:
        parts.append(f"PARTSTAT={attendee.response.value.upper()}")
    if attendee.rsvp:
        parts.append("RSVP=TRUE")
    return "".join(f";{part}" for part in parts)
