"""Suggested meeting times of GetUserAvailability, by each one's free and busy time ([MS-OXWAVLS])."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from core.sandbox.exchange.appointments import Thing
from core.sandbox.exchange.times import moment
from core.sandbox.exchange.xml import Element, m, t, text_of
from core.sandbox.exchange.zone_rules import RuledZone
from core.values import dataclass

QUALITIES = ("Excellent", "Good", "Fair", "Poor")
_STEP = timedelta(minutes=30)
_WORKING_MINUTES = (8 * 60, 17 * 60)
_FREE = ("Free", "WorkingElsewhere")
STRENGTH = ("Free", "WorkingElsewhere", "Tentative", "Busy", "OOF")
"""Of two statuses at one time the later one here counts."""

Agenda = Sequence[Thing] | None
"""What somebody has in the window; None where nobody can know."""


@dataclass(frozen=True, slots=True)
class Options:
    """SuggestionsViewOptions, with Exchange's defaults."""

    start: datetime
    end: datetime
    length: timedelta
    good: int
    most: int
    most_outside: int
    least: str

    @classmethod
    def read(cls, element: Element, zone: RuledZone) -> Options:
        """Raises EwsError for times that are none."""
        return cls(
            moment(text_of(element, "DetailedSuggestionsWindow", "StartTime"), zone),
            moment(text_of(element, "DetailedSuggestionsWindow", "EndTime"), zone),
            timedelta(minutes=int(text_of(element, "MeetingDurationInMinutes") or "30")),
            int(text_of(element, "GoodThreshold") or "25"),
            int(text_of(element, "MaximumResultsByDay") or "10"),
            int(text_of(element, "MaximumNonWorkHourResultsByDay") or "0"),
            text_of(element, "MinimumSuggestionQuality") or "Fair",
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One time. `wall` is on the clock of the request's zone; a status of None is not known."""

    wall: datetime
    working: bool
    quality: str
    statuses: tuple[str | None, ...]


def suggestions_response(options: Options, agendas: Sequence[Agenda], zone: RuledZone) -> Element:
    """`m:SuggestionsResponse`: each day of the window with its best times."""
    done = m("ResponseMessage", m("ResponseCode", "NoError"), ResponseClass="Success")
    days = [_day(day, found) for day, found in suggestions(options, agendas, zone)]
    return m("SuggestionsResponse", done, m("SuggestionDayResultArray", days))


def suggestions(
    options: Options, agendas: Sequence[Agenda], zone: RuledZone
) -> Iterator[tuple[datetime, list[Suggestion]]]:
    """Each day with its suggestions, the best ones, in the order of time."""
    day = zone.local(options.start).replace(hour=0, minute=0, second=0)
    while day < zone.local(options.end):
        fitting = [each for each in _of_day(day, options, agendas, zone) if _enough(each.quality, options.least)]
        best = sorted(fitting, key=lambda each: (QUALITIES.index(each.quality), each.wall))
        shown = [each for each in best if each.working][: options.most]
        shown += [each for each in best if not each.working][: options.most_outside]
        yield day, sorted(shown[: options.most], key=lambda each: each.wall)
        day += timedelta(days=1)


def _enough(quality: str, least: str) -> bool:
    return QUALITIES.index(quality) <= QUALITIES.index(least)


def _of_day(day: datetime, options: Options, agendas: Sequence[Agenda], zone: RuledZone) -> Iterator[Suggestion]:
    for step in range(48):
        wall = day + _STEP * step
        start = (wall - zone.utcoffset(wall)).replace(tzinfo=UTC)
        if start < options.start or start + options.length > options.end:
            continue
        statuses = tuple(_status(agenda, start, start + options.length) for agenda in agendas)
        yield Suggestion(wall, _works(wall, options.length), _quality(statuses, options.good), statuses)


def _works(wall: datetime, length: timedelta) -> bool:
    first, last = _WORKING_MINUTES
    begin = wall.hour * 60 + wall.minute
    return wall.weekday() < 5 and begin >= first and begin + length.total_seconds() / 60 <= last


def _status(agenda: Agenda, start: datetime, end: datetime) -> str | None:
    if agenda is None:
        return None
    found = [
        thing.text("LegacyFreeBusyStatus") or "Busy"
        for thing in agenda
        if thing.times.start < end and thing.times.end > start
    ]
    return max(found, key=STRENGTH.index, default="Free")


def _quality(statuses: Sequence[str | None], good: int) -> str:
    """By the share of those who can come: all, at least 50 % and the threshold, at least half."""
    share = 100 * sum(status in _FREE for status in statuses) / max(1, len(statuses))
    if share == 100:
        return "Excellent"
    if share >= 50 + good:
        return "Good"
    return "Fair" if share >= 50 else "Poor"


def _day(day: datetime, found: Sequence[Suggestion]) -> Element:
    best = min((QUALITIES.index(each.quality) for each in found), default=len(QUALITIES) - 1)
    shown = [_element(each) for each in found]
    return t(
        "SuggestionDayResult",
        t("Date", day.isoformat(timespec="seconds")),
        t("DayQuality", QUALITIES[best]),
        t("SuggestionArray", shown),
    )


def _element(suggestion: Suggestion) -> Element:
    conflicts = [
        t("UnknownAttendeeConflictData")
        if status is None
        else t("IndividualAttendeeConflictData", t("BusyType", status))
        for status in suggestion.statuses
    ]
    return t(
        "Suggestion",
        t("MeetingTime", suggestion.wall.isoformat(timespec="seconds")),
        t("IsWorkTime", suggestion.working),
        t("SuggestionQuality", suggestion.quality),
        t("AttendeeConflictDataArray", conflicts),
    )
