"""What the server says of people's time (GetUserAvailability): implements `core.ports.FreeBusySource`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from core.backends.exchange.session import ExchangeSession
from core.calendar.event import BusyStatus, CalendarObject, Event, Sensitivity
from core.calendar.freetime import ZonedHours
from core.calendar.span import TimeSpan, WorkingHours
from core.calendar.zones import primary_zones, zone_for
from core.errors import UsageError
from core.language import _
from core.ports.servers import Availability, BusyBlock, RemoteItem, RemoteRef

if TYPE_CHECKING:
    from exchangelib import Account

LONGEST = timedelta(days=42)
"""Exchange answers for at most 62 days, older servers for 42."""
AT_ONCE = 100
_STATUS = {
    "Free": BusyStatus.FREE,
    "Tentative": BusyStatus.TENTATIVE,
    "Busy": BusyStatus.BUSY,
    "OOF": BusyStatus.OUT_OF_OFFICE,
    "WorkingElsewhere": BusyStatus.WORKING_ELSEWHERE,
    "NoData": BusyStatus.BUSY,
}
_KNOWN = ("FreeBusy", "FreeBusyMerged", "Detailed", "DetailedMerged")


class ExchangeFreeBusy:
    """Free/busy of anybody in the organisation, at the level that each of them allows."""

    def __init__(self, session: ExchangeSession) -> None:
        self._session = session

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        return self._session.name

    async def free_busy(self, addresses: Sequence[str], span: TimeSpan) -> Sequence[Availability]:
        """One request for up to a hundred people and six weeks."""
        here = self._session.clock.zone
        return await self._session.run(lambda account: ask_availability(account, addresses, span, here))


def ask_availability(account: Account, addresses: Sequence[str], span: TimeSpan, here: tzinfo) -> list[Availability]:
    """One answer for each address, in order. In the session's threads."""
    found = {address: Availability(address) for address in addresses}
    for piece in _pieces(span):
        for start in range(0, len(addresses), AT_ONCE):
            some = addresses[start : start + AT_ONCE]
            for address, view in zip(some, _views(account, some, piece), strict=True):
                found[address] = _joined(found[address], _answer(address, view, here))
    return [found[address] for address in addresses]


def _pieces(span: TimeSpan) -> Iterator[TimeSpan]:
    start = span.start.astimezone(UTC)
    end = span.end.astimezone(UTC)
    while start < end:
        yield TimeSpan(start, min(start + LONGEST, end))
        start += LONGEST


def _joined(one: Availability, other: Availability) -> Availability:
    return Availability(
        one.address, (*one.blocks, *other.blocks), other.hours or one.hours, one.problem or other.problem
    )


def _views(account: Account, addresses: Sequence[str], span: TimeSpan) -> list[Any]:
    """In UTC, so that the server is asked for no zone first."""
    from exchangelib import UTC as EWS_UTC
    from exchangelib import EWSDateTime
    from exchangelib.properties import (
        DaylightTime,
        FreeBusyViewOptions,
        MailboxData,
        StandardTime,
        TimeWindow,
        TimeZone,
    )
    from exchangelib.services import GetUserAvailability

    none = {"bias": 0, "time": time(2), "occurrence": 1, "weekday": "Sunday"}
    utc = TimeZone(
        bias=0, standard_time=StandardTime(iso_month=10, **none), daylight_time=DaylightTime(iso_month=3, **none)
    )
    start, end = (EWSDateTime.from_datetime(moment.astimezone(UTC)) for moment in (span.start, span.end))
    options = FreeBusyViewOptions(
        time_window=TimeWindow(start=start, end=end), merged_free_busy_interval=30, requested_view="Detailed"
    )
    people = [MailboxData(email=one, attendee_type="Required", exclude_conflicts=False) for one in addresses]
    service = GetUserAvailability(account.protocol)
    service.ERRORS_TO_CATCH_IN_RESPONSE = Exception
    return list(service.call(tzinfo=EWS_UTC, mailbox_data=people, timezone=utc, free_busy_view_options=options))


def _answer(address: str, view: Any, here: tzinfo) -> Availability:  # noqa: ANN401 - the library's
    if isinstance(view, BaseException):
        return Availability(address, problem=_problem(view))
    if view.view_type not in _KNOWN:
        return Availability(address, problem=_("the server says nothing of this person's time"))
    blocks = tuple(_block(event) for event in view.calendar_events or ())
    return Availability(address, blocks, _hours(view, here))


def _problem(error: BaseException) -> str:
    from exchangelib import errors

    if isinstance(error, errors.ErrorMailRecipientNotFound):
        return _("the server knows nobody of this address")
    if isinstance(error, errors.ErrorNoFreeBusyAccess):
        return _("this person does not show you their time")
    return _("the server says: {reason}").format(reason=" ".join(str(error).split())[:160])


def _block(event: Any) -> BusyBlock:  # noqa: ANN401 - the library's
    details = event.details
    private = bool(details and details.is_private)
    shown = details if details and not private else None
    return BusyBlock(
        TimeSpan(_utc(event.start), _utc(event.end)),
        _STATUS.get(event.busy_type, BusyStatus.BUSY),
        (shown.subject or "") if shown else "",
        (shown.location or "") if shown else "",
        private,
    )


def _utc(moment: Any) -> datetime:  # noqa: ANN401 - the library's
    from core.backends.exchange.zones import plain

    return plain(moment)


# working hours ---------------------------------------------------------------------------------------------


def _hours(view: Any, here: tzinfo) -> ZonedHours | None:  # noqa: ANN401 - the library's
    periods = view.working_hours or ()
    if not periods:
        return None
    first = periods[0]
    days = frozenset(day - 1 for period in periods for day in period.weekdays if 1 <= day <= 7)
    try:
        return ZonedHours(WorkingHours(days, first.start, first.end), _zone(view.working_hours_timezone, here))
    except UsageError:  # over midnight: ours are of one day
        return None


def _zone(found: Any, here: tzinfo) -> tzinfo:  # noqa: ANN401 - the library's
    """The zone whose offsets are those that the server gives: one's own if it fits, else the first that does."""
    if found is None:
        return here
    wanted = [_offset(found, month) for month in range(1, 13)]
    year = datetime.now(UTC).year
    for zone in (here, *map(zone_for, primary_zones())):
        if zone is not None and all(
            offset is None or datetime(year, month, 15, tzinfo=zone).utcoffset() == offset
            for month, offset in enumerate(wanted, 1)
        ):
            return zone
    return here


def _offset(found: Any, month: int) -> timedelta | None:  # noqa: ANN401 - the library's
    """In the middle of a month; None in one in which the clocks change."""
    standard, daylight = found.standard_time, found.daylight_time
    if standard is None or daylight is None or standard.bias == daylight.bias:
        return timedelta(minutes=-(found.bias + (standard.bias if standard else 0)))
    if month in (standard.iso_month, daylight.iso_month):
        return None
    inside = daylight.iso_month < month < standard.iso_month
    outside = daylight.iso_month > standard.iso_month and not standard.iso_month < month < daylight.iso_month
    summer = inside if daylight.iso_month < standard.iso_month else outside
    return timedelta(minutes=-(found.bias + (daylight.bias if summer else standard.bias)))


# a calendar made of it -------------------------------------------------------------------------------------


def level_of(account: Account, address: str, now: datetime) -> str:
    """How much somebody's time is shown: `limited` with subjects, `availability` without, empty for nothing."""
    views = _views(account, [address], TimeSpan(now, now + timedelta(days=1)))
    view = views[0] if views else None
    if view is None or isinstance(view, BaseException) or view.view_type not in _KNOWN:
        return ""
    return "limited" if view.view_type in ("Detailed", "DetailedMerged") else "availability"


def blocks_as_items(account: Account, address: str, span: TimeSpan) -> list[RemoteItem]:
    """Somebody's free/busy as events, so that it is read and drawn as any calendar. Free time is left out."""
    answer = ask_availability(account, [address], span, UTC)[0]
    if answer.problem:
        from core.errors import NotFound

        raise NotFound(_("{owner} shows you no calendar on this server.").format(owner=address))
    found: dict[str, RemoteItem] = {}
    for block in answer.blocks:
        if block.status is BusyStatus.FREE and not block.title:
            continue
        item = _as_item(address, block)
        found[item.ref.id] = item
    return list(found.values())


def _as_item(address: str, block: BusyBlock) -> RemoteItem:
    """The id is made of what the block says: free/busy has none, and an unchanged block must stay the same object."""
    start, end = block.span.start, block.span.end
    what = f"{start.isoformat()} {end.isoformat()} {block.status} {block.title} {block.place}"
    uid = sha256(f"{address}\0{what}".encode()).hexdigest()[:32]
    whole_days = start.time() == time() == end.time() and end > start
    moments = (_day(start), _day(end)) if whole_days else (start, end)
    event = Event(
        uid=uid,
        start=moments[0],
        end=moments[1],
        title=block.title,
        place=block.place,
        status=block.status,
        sensitivity=Sensitivity.PRIVATE if block.private else None,
        stamp=start,
    )
    return RemoteItem(RemoteRef(uid, uid), CalendarObject(uid, (event,)))


def _day(moment: datetime) -> date:
    return moment.date()
