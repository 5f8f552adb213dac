"""GetUserAvailability: people's free and busy time, as much of it as each lets the caller see ([MS-OXWAVLS])."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from core.sandbox.exchange.appointments import Thing, things_between
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.item_view import is_meeting
from core.sandbox.exchange.model import Mailbox
from core.sandbox.exchange.registry import PLANNED, Context, operation
from core.sandbox.exchange.rights import detail, is_private, rights_of
from core.sandbox.exchange.suggestions import STRENGTH, Options, suggestions_response
from core.sandbox.exchange.times import moment, zone_named
from core.sandbox.exchange.xml import Element, child, children, m, t, text_of
from core.sandbox.exchange.zone_rules import RuledZone, serializable
from core.sharing.permissions import ReadRight

_DIGITS = {"Free": 0, "Tentative": 1, "Busy": 2, "OOF": 3, "WorkingElsewhere": 4}
_LONGEST = timedelta(days=62)
_WORKING_DAYS = "Monday Tuesday Wednesday Thursday Friday"
_WORKING_MINUTES = (8 * 60, 17 * 60)


class Window(NamedTuple):
    """What is asked for. `zone` is what times without an offset, and the answer's, are in."""

    start: datetime
    end: datetime
    interval: int
    view: str
    zone: RuledZone


@operation("GetUserAvailability")
def get_user_availability(context: Context) -> Element:
    """One answer for each mailbox, in order; somebody who is not known fails alone."""
    request = context.request
    people = list(children(request, "MailboxDataArray"))
    views, wishes = child(request, "FreeBusyViewOptions"), child(request, "SuggestionsViewOptions")
    if len(people) > 100:
        raise EwsError("ErrorFreeBusyGenerationFailed", "At most 100 mailboxes at once.")
    if views is None and wishes is None:
        raise EwsError("ErrorInvalidFreeBusyViewType", "Neither free/busy nor suggestions are asked for.")
    zone = _zone(context)
    made = m("GetUserAvailabilityResponse")
    if views is not None:
        window = _window(views, zone)
        made.append(m("FreeBusyResponseArray", [_one(context, each, window) for each in people]))
    if wishes is not None:
        options = Options.read(wishes, zone)
        _check_span(options.start, options.end)
        agendas = [_agenda(context, each, options) for each in people]
        made.append(suggestions_response(options, agendas, zone))
    return made


def _zone(context: Context) -> RuledZone:
    given = child(context.request, "TimeZone")
    return RuledZone(given if given is not None else serializable(context.zone, _year(context)))


def _window(options: Element, zone: RuledZone) -> Window:
    start = moment(text_of(options, "TimeWindow", "StartTime"), zone)
    end = moment(text_of(options, "TimeWindow", "EndTime"), zone)
    interval = int(text_of(options, "MergedFreeBusyIntervalInMinutes") or "30")
    _check_span(start, end)
    if not 5 <= interval <= 1440:
        raise EwsError("ErrorInvalidMergedFreeBusyInterval", "The interval must be between 5 and 1440 minutes.")
    return Window(start, end, interval, text_of(options, "RequestedView") or "FreeBusy", zone)


def _check_span(start: datetime, end: datetime) -> None:
    if end <= start:
        raise EwsError("ErrorInvalidTimeInterval", "The time interval is invalid.")
    if end - start > _LONGEST:
        raise EwsError("ErrorTimeIntervalTooBig", "The requested time interval is longer than 62 days.")


def _agenda(context: Context, person: Element, options: Options) -> list[Thing] | None:
    """What somebody has then; None where the caller cannot know."""
    try:
        return _things(context, _mailbox(context, person), options.start, options.end)
    except EwsError:
        return None


def _mailbox(context: Context, person: Element) -> Mailbox:
    mailbox = context.organisation.mailboxes.get(text_of(person, "Email", "Address").strip().lower())
    if mailbox is None:
        raise EwsError("ErrorMailRecipientNotFound", "The recipient could not be resolved.")
    return mailbox


def _things(context: Context, mailbox: Mailbox, start: datetime, end: datetime) -> list[Thing]:
    """What takes place in somebody's calendar, as far as the caller may know of it. Raises EwsError."""
    calendar = mailbox.distinguished["calendar"]
    if rights_of(context.who, calendar).read is ReadRight.NONE:
        raise EwsError("ErrorNoFreeBusyAccess", "The caller has no free/busy access to this mailbox.")
    return [
        thing
        for thing in things_between(calendar, start, end)
        if thing.text("IsCancelled") != "true" and detail(context.who, thing.stored) is not ReadRight.NONE
    ]


def _year(context: Context) -> int:
    return context.organisation.clock().year


def _one(context: Context, person: Element, window: Window) -> Element:
    try:
        planned = PLANNED.get()
        if planned is not None:
            raise planned
        view = _view(context, _mailbox(context, person), window)
    except EwsError as error:
        return m("FreeBusyResponse", _failed(error))
    done = m("ResponseMessage", m("ResponseCode", "NoError"), ResponseClass="Success")
    return m("FreeBusyResponse", done, view)


def _failed(error: EwsError) -> Element:
    return error.response("ResponseMessage")


def _view(context: Context, mailbox: Mailbox, window: Window) -> Element:
    things = _things(context, mailbox, window.start, window.end)
    read = rights_of(context.who, mailbox.distinguished["calendar"]).read
    kind = _kind(window.view, read)
    made = m("FreeBusyView", t("FreeBusyViewType", kind))
    if "Merged" in kind:
        made.append(t("MergedFreeBusy", _merged(things, window)))
    if kind not in ("MergedOnly", "None"):
        events = [_event(context, thing, window.zone, detailed="Detailed" in kind) for thing in things]
        made.append(t("CalendarEventArray", events))
    made.append(_working_hours(context, mailbox))
    return made


def _kind(wanted: str, read: ReadRight) -> str:
    """What is asked for, or as much of it as the caller may see."""
    if read is ReadRight.TIME and wanted.startswith("Detailed"):
        return wanted.replace("Detailed", "FreeBusy")
    return wanted


def _event(context: Context, thing: Thing, zone: RuledZone, *, detailed: bool) -> Element:
    times = thing.times
    return t(
        "CalendarEvent",
        t("StartTime", _local(times.start, zone)),
        t("EndTime", _local(times.end, zone)),
        t("BusyType", thing.text("LegacyFreeBusyStatus") or "Busy"),
        _details(context, thing) if detailed else None,
    )


def _local(instant: datetime, zone: RuledZone) -> str:
    return zone.local(instant).isoformat(timespec="seconds")


def _details(context: Context, thing: Thing) -> Element:
    shown = ReadRight.FULL if context.options.private_text else detail(context.who, thing.stored)
    texts = shown in (ReadRight.SUBJECT, ReadRight.FULL)
    return t(
        "CalendarEventDetails",
        t("ID", thing.id.hexadecimal) if shown is ReadRight.FULL else None,
        t("Subject", thing.text("Subject")) if texts else None,
        t("Location", thing.text("Location")) if texts else None,
        t("IsMeeting", is_meeting(thing)),
        t("IsRecurring", thing.original is not None),
        t("IsException", thing.exception is not None),
        t("IsReminderSet", thing.text("ReminderIsSet") == "true"),
        t("IsPrivate", is_private(thing.stored)),
    )


def _merged(things: list[Thing], window: Window) -> str:
    """A digit for each interval; the last one may be cut short."""
    step = timedelta(minutes=window.interval)
    count = -(-(window.end - window.start) // step)
    shown = ["Free"] * count
    for thing in things:
        times, status = thing.times, thing.text("LegacyFreeBusyStatus") or "Busy"
        low = max(0, (times.start - window.start) // step)
        high = min(count, -(-(times.end - window.start) // step))
        for index in range(low, high):
            if STRENGTH.index(status) > STRENGTH.index(shown[index]):
                shown[index] = status
    return "".join(str(_DIGITS[status]) for status in shown)


def _working_hours(context: Context, mailbox: Mailbox) -> Element:
    zone: tzinfo = zone_named(mailbox.zone)
    start, end = _WORKING_MINUTES
    period = t(
        "WorkingPeriod",
        t("DayOfWeek", _WORKING_DAYS),
        t("StartTimeInMinutes", start),
        t("EndTimeInMinutes", end),
    )
    return t("WorkingHours", serializable(zone, _year(context)), t("WorkingPeriodArray", period))
