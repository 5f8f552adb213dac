"""The port FreeBusySource: `getSchedule`, at most twenty people and two months in a request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from core.backends.graph.boundary import reads
from core.backends.graph.rules import DAYS
from core.backends.graph.wire import Json
from core.calendar.event import BusyStatus
from core.calendar.freetime import ZonedHours
from core.calendar.span import TimeSpan, WorkingHours
from core.calendar.zones import zone_for
from core.errors import UsageError
from core.language import _
from core.ports.servers import Availability, BusyBlock

if TYPE_CHECKING:
    from core.backends.graph.session import Session

_PEOPLE = 20
_LONGEST = timedelta(days=60)
_STATUS = {
    "free": BusyStatus.FREE,
    "tentative": BusyStatus.TENTATIVE,
    "oof": BusyStatus.OUT_OF_OFFICE,
    "workingElsewhere": BusyStatus.WORKING_ELSEWHERE,
}


class GraphFreeBusy:
    """Implements `core.ports.FreeBusySource`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._session.account

    @reads
    async def free_busy(self, addresses: Sequence[str], span: TimeSpan) -> Sequence[Availability]:
        """One answer for each address. A long span is asked for in pieces that are put together again."""
        groups = [addresses[n : n + _PEOPLE] for n in range(0, len(addresses), _PEOPLE)]
        spans = list(_pieces(span))
        asked = [(group, piece) for group in groups for piece in spans]
        answers = await asyncio.gather(*(self._ask(group, piece) for group, piece in asked))
        found: dict[str, Availability] = {}
        for group in answers:
            for one in group:
                key = one.address.lower()
                found[key] = _together(found[key], one) if key in found else one
        unknown = _("the server says nothing")
        return [found.get(one.lower(), Availability(one, problem=unknown)) for one in addresses]

    async def _ask(self, people: Sequence[str], span: TimeSpan) -> list[Availability]:
        body = {
            "schedules": list(people),
            "startTime": _utc(span.start),
            "endTime": _utc(span.end),
            "availabilityViewInterval": 60,
        }
        data = await self._session.send("POST", "me/calendar/getSchedule", body)
        return [_availability(one) for one in data.get("value", [])]


def _pieces(span: TimeSpan) -> Sequence[TimeSpan]:
    found, start = [], span.start
    while start < span.end:
        end = min(start + _LONGEST, span.end)
        found.append(TimeSpan(start, end))
        start = end
    return found


def _utc(moment: datetime) -> Json:
    return {"dateTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}


def _availability(data: Json) -> Availability:
    address = str(data.get("scheduleId") or "")
    if error := data.get("error"):
        return Availability(address, problem=_reason(str(error.get("responseCode") or error.get("message") or "")))
    blocks = [_block(one) for one in data.get("scheduleItems") or ()]
    return Availability(
        address, tuple(one for one in blocks if one is not None), _hours(data.get("workingHours") or {})
    )


def _reason(code: str) -> str:
    match code:
        case "ErrorMailRecipientNotFound" | "ErrorInvalidUser":
            return _("nobody of this address in your organisation")
        case "ErrorNoFreeBusyAccess":
            return _("you may not see when this person is free")
        case _:
            return _("the server says nothing ({code})").format(code=code[:60])


def _block(data: Json) -> BusyBlock | None:
    start, end = _moment(data["start"]), _moment(data["end"])
    if start >= end:
        return None
    private = bool(data.get("isPrivate"))
    title, place = ("", "") if private else (str(data.get("subject") or ""), str(data.get("location") or ""))
    return BusyBlock(TimeSpan(start, end), _STATUS.get(str(data.get("status")), BusyStatus.BUSY), title, place, private)


def _moment(data: Json) -> datetime:
    return datetime.fromisoformat(str(data["dateTime"])[:19]).replace(tzinfo=UTC)


def _hours(data: Json) -> ZonedHours | None:
    zone = zone_for(str((data.get("timeZone") or {}).get("name") or ""))
    days = frozenset(DAYS.index(name) for name in data.get("daysOfWeek") or () if name in DAYS)
    try:
        start, end = (time.fromisoformat(str(data[name])[:8]) for name in ("startTime", "endTime"))
        return ZonedHours(WorkingHours(days, start, end), zone) if zone and days else None
    except (KeyError, ValueError, UsageError):
        return None


def _together(one: Availability, other: Availability) -> Availability:
    return Availability(
        one.address, (*one.blocks, *other.blocks), one.hours or other.hours, one.problem or other.problem
    )
