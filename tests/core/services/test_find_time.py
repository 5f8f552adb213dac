"""A time for everybody: never where somebody is busy, never where nobody knows, and as long as it can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.calendar.entry import Entry
from core.calendar.event import CalendarObject
from core.calendar.freetime import ZonedHours
from core.calendar.people import Address
from core.calendar.span import WHOLE_CALENDAR, DateRange, TimeSpan, WorkingHours
from core.errors import NotFound, UsageError
from core.ical.decode import decode
from core.ical.recurrence import expand
from core.ports.calendars import CalendarInfo, CalendarKind, Capabilities, SnapshotFacts
from core.services.find_time import FindTime, Freshness, TimeRequest
from core.services.library import Source
from tests.core.services.calendars import PARIS, StillClock, open_library

NEW_YORK = ZoneInfo("America/New_York")
NOW = StillClock().now()
OWN = Capabilities(write=True)


class Shelf:
    """Calendars in memory, expanded by the codec."""

    def __init__(self) -> None:
        self.known: list[CalendarInfo] = []
        self.things: dict[str, tuple[CalendarObject, ...]] = {}

    def put(self, name: str, ics: str = "", **facts) -> CalendarInfo:
        values = {"kind": CalendarKind.LOCAL, "can": OWN, **facts}
        info = CalendarInfo(f"local/{name}", name, "local", values.pop("kind"), **values)
        self.known.append(info)
        self.things[info.id] = decode(ics.encode(), now=NOW).objects if ics else ()
        return info

    async def find(self, name_or_id: str) -> CalendarInfo:
        for info in self.known:
            if name_or_id in (info.id, info.name):
                return info
        raise NotFound(name_or_id)

    async def calendars(self) -> list[CalendarInfo]:
        return self.known

    async def entries(self, calendars: Sequence[str], span: TimeSpan, zone: tzinfo | None = None) -> list[Entry]:
        found = []
        for calendar in calendars:
            for thing in self.things[calendar]:
                for one in expand(thing, span, zone or PARIS).occurrences:
                    start, end = one.start, one.end
                    if isinstance(start, datetime) and isinstance(end, datetime):
                        start, end = start.astimezone(zone), end.astimezone(zone)
                    event = one.event
                    found.append(
                        Entry("", thing.uid, calendar, "", start, end, event.status, cancelled=event.cancelled)
                    )
        return found


def finder(shelf, **more) -> FindTime:
    hours = more.pop("hours", WorkingHours())
    return FindTime(shelf, Address("alice@example.org"), hours, StillClock(), **more)


def snapshot(days: DateRange, age: timedelta = timedelta(), **more) -> dict:
    facts = SnapshotFacts(days, NOW - age, "bruno@example.org")
    return {
        "kind": CalendarKind.SNAPSHOT,
        "owner": "bruno@example.org",
        "can": Capabilities(),
        "snapshot": facts,
        **more,
    }


def ask(*who: str, days: DateRange | None = None, **more) -> TimeRequest:
    days = days or DateRange(date(2026, 11, 23), date(2026, 11, 24))
    return TimeRequest(who, days, more.pop("duration", timedelta(hours=1)), **more)


def local(slots: Sequence[TimeSpan]) -> list[tuple[str, str]]:
    return [tuple(f"{m.astimezone(PARIS):%dT%H:%M}" for m in (slot.start, slot.end)) for slot in slots]


# freshness -------------------------------------------------------------------------------------------------------


async def test_ones_own_calendar_is_live_and_needs_no_word():
    shelf = Shelf()
    shelf.put("Work")
    found = await finder(shelf).find(ask("Work"))
    assert (found.sources[0].freshness, found.notes(NOW)) == (Freshness.LIVE, ())


async def test_a_snapshot_of_three_days_ago_says_how_old_it_is():
    shelf = Shelf()
    shelf.put("Bruno", **snapshot(WHOLE_CALENDAR, timedelta(days=3)))
    found = await finder(shelf).find(ask("Bruno"))
    assert found.sources[0].freshness is Freshness.OLD
    assert "3 days old" in found.notes(NOW)[0]


async def test_a_snapshot_of_today_is_a_copy_all_the_same():
    shelf = Shelf()
    shelf.put("Bruno", **snapshot(WHOLE_CALENDAR, timedelta(hours=2)))
    assert (await finder(shelf).find(ask("Bruno"))).sources[0].freshness is Freshness.COPY


async def test_outside_of_its_days_a_snapshot_is_unknown_and_never_free():
    shelf = Shelf()
    shelf.put("Bruno", **snapshot(DateRange(date(2026, 11, 23), date(2026, 11, 23))))
    found = await finder(shelf).find(ask("Bruno"))
    assert local(found.slots) == [("23T00:00", "24T00:00")]
    assert local(found.perhaps) == [("24T00:00", "25T00:00")]
    assert "that is not free" in found.notes(NOW)[0]


async def test_a_person_of_whom_nothing_is_known_is_never_free():
    shelf = Shelf()
    shelf.put("Work")
    found = await finder(shelf).find(ask("Work", "clara@example.net"))
    assert found.slots == ()
    assert found.sources[1].freshness is Freshness.UNKNOWN


async def test_a_calendar_that_cannot_be_read_is_unknown_and_says_why():
    shelf = Shelf()
    shelf.put("Work", problem="no such folder")
    found = await finder(shelf).find(ask("Work"))
    assert found.slots == ()
    assert "no such folder" in found.notes(NOW)[0]


async def test_an_address_stands_for_the_calendars_that_one_has_of_this_person():
    shelf = Shelf()
    shelf.put("Bruno – Calendar", **snapshot(WHOLE_CALENDAR))
    found = await finder(shelf).find(ask("Bruno@example.org"))
    assert local(found.slots) == [("23T00:00", "25T00:00")]


async def test_ones_own_address_stands_for_all_ones_own_calendars():
    shelf = Shelf()
    shelf.put("Work", calendar(Spec("a", datetime(2026, 11, 23, 9), 60)))
    shelf.put("Home", calendar(Spec("b", datetime(2026, 11, 23, 12), 60)))
    found = await finder(shelf).find(ask("alice@example.org", days=DateRange(date(2026, 11, 23), date(2026, 11, 23))))
    assert local(found.slots) == [("23T00:00", "23T09:00"), ("23T10:00", "23T12:00"), ("23T13:00", "24T00:00")]


async def test_a_calendar_that_is_not_there_is_an_error():
    with pytest.raises(NotFound):
        await finder(Shelf()).find(ask("Work"))


async def test_a_whole_calendar_is_no_range_to_look_in():
    with pytest.raises(UsageError):
        await finder(Shelf()).find(ask("Work", days=WHOLE_CALENDAR))


async def test_working_hours_of_others_count_in_their_zone():
    shelf = Shelf()
    shelf.put("Work")
    shelf.put("Bruno", **snapshot(WHOLE_CALENDAR))
    people = {"bruno@example.org": ZonedHours(WorkingHours(), NEW_YORK)}
    day = DateRange(date(2026, 11, 23), date(2026, 11, 23))
    found = await finder(shelf, people=people).find(ask("Work", "Bruno", days=day, working_hours=True))
    assert local(found.slots) == [("23T14:00", "23T17:00")]


async def test_suggestions_follow_one_another():
    shelf = Shelf()
    shelf.put("Work", calendar(Spec("a", datetime(2026, 11, 23, 9), 60)))
    found = await finder(shelf).find(ask("Work", working_hours=True))
    first = found.next(found.window.start)
    second = found.next(first.start)
    assert local([first, second]) == [("23T08:00", "23T09:00"), ("23T10:00", "23T11:00")]
    assert found.previous(second.start) == first


# the oracle ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spec:
    """An event by its wall-clock time, from which its file and, apart from it, its busy minutes are made."""

    uid: str
    start: datetime
    """Naive: the clock in `zone`."""
    minutes: int
    zone: ZoneInfo | None = PARIS
    """None: all-day; `minutes` are days then."""
    step: int = 0
    """Days from one instance to the next; 0 for none."""
    count: int = 1
    gone: int = -1
    """The instance that is an exception."""
    status: str = "BUSY"
    cancelled: bool = False

    @property
    def lines(self) -> list[str]:
        if self.zone is None:
            begin = [f"DTSTART;VALUE=DATE:{self.start:%Y%m%d}", f"DURATION:P{self.minutes}D"]
        else:
            begin = [f"DTSTART;TZID={self.zone.key}:{self.start:%Y%m%dT%H%M%S}", f"DURATION:PT{self.minutes}M"]
        if self.step:
            begin.append(f"RRULE:FREQ=DAILY;INTERVAL={self.step};COUNT={self.count}")
        if self.step and 0 <= self.gone < self.count:
            at = self.start + timedelta(days=self.step * self.gone)
            where = ";VALUE=DATE" if self.zone is None else f";TZID={self.zone.key}"
            begin.append(f"EXDATE{where}:{at:%Y%m%d}" + ("" if self.zone is None else f"T{at:%H%M%S}"))
        state = "CANCELLED" if self.cancelled else "CONFIRMED"
        return [f"UID:{self.uid}", "DTSTAMP:20260101T000000Z", *begin, f"STATUS:{state}", *self.marks]

    @property
    def marks(self) -> list[str]:
        return ["TRANSP:TRANSPARENT"] if self.status == "FREE" else [f"X-MICROSOFT-CDO-BUSYSTATUS:{self.status}"]

    def busy(self, tentative_is_free: bool) -> list[tuple[datetime, datetime]]:
        if self.cancelled or self.status in ("FREE", "WORKINGELSEWHERE"):
            return []
        if self.status == "TENTATIVE" and tentative_is_free:
            return []
        found = []
        for number in range(self.count if self.step else 1):
            if self.step and number == self.gone:
                continue
            wall = self.start + timedelta(days=self.step * number)
            if self.zone is None:
                last = wall + timedelta(days=self.minutes)
                found.append((wall.replace(tzinfo=PARIS).astimezone(UTC), last.replace(tzinfo=PARIS).astimezone(UTC)))
            else:
                begin = wall.replace(tzinfo=self.zone).astimezone(UTC)
                found.append((begin, begin + timedelta(minutes=self.minutes)))
        return found


def calendar(*specs: Spec) -> str:
    events = "".join("BEGIN:VEVENT\r\n" + "\r\n".join(spec.lines) + "\r\nEND:VEVENT\r\n" for spec in specs)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{events}END:VCALENDAR\r\n"


@dataclass(frozen=True)
class Case:
    first: date
    specs: tuple[tuple[Spec, ...], ...]
    request: TimeRequest
    hours: WorkingHours
    other: ZonedHours | None


def by_minutes(case: Case) -> list[TimeSpan]:
    """The oracle: every minute of the window by itself, then the runs that are long enough."""
    request, zone = case.request, PARIS
    start = datetime.combine(case.first, time(), zone).astimezone(UTC)
    end = datetime.combine(request.days.last + timedelta(days=1), time(), zone).astimezone(UTC)
    busy = [span for specs in case.specs for spec in specs for span in spec.busy(request.tentative_is_free)]
    minute = timedelta(minutes=1)
    free, runs, begin = False, [], start
    moment = start
    while moment <= end:
        now = moment < end and _is_free(case, moment, busy)
        if now and not free:
            begin = moment
        elif free and not now and moment - begin >= request.duration:
            runs.append(TimeSpan(begin, moment))
        free, moment = now, moment + minute
    return runs


def _is_free(case: Case, moment: datetime, busy: list[tuple[datetime, datetime]]) -> bool:
    margin = case.request.margin
    if any(first - margin <= moment < last + margin for first, last in busy if first < last):
        return False
    if case.request.weekdays and moment.astimezone(PARIS).weekday() not in case.request.weekdays:
        return False
    if not case.request.working_hours:
        return True
    worked = [ZonedHours(case.hours, PARIS), *([case.other] if case.other else [])]
    return all(_works(one, moment) for one in worked)


def _works(one: ZonedHours, moment: datetime) -> bool:
    day = moment.astimezone(one.zone).date()
    begin, end = (datetime.combine(day, at, one.zone).astimezone(UTC) for at in (one.hours.start, one.hours.end))
    return day.weekday() in one.hours.days and begin <= moment < end


NIGHTS = [date(2027, 3, 27), date(2027, 10, 30), date(2027, 3, 13), date(2027, 11, 6), date(2027, 6, 1)]
"""The days before clocks change in Paris and in New York, and an ordinary one."""


@st.composite
def specs(draw, first: date, uid: str) -> Spec:
    kind = draw(st.sampled_from([PARIS, PARIS, NEW_YORK, ZoneInfo("UTC"), None]))
    day = datetime.combine(first, time()) + timedelta(days=draw(st.integers(-3, 3)))
    start = day if kind is None else day + timedelta(minutes=draw(st.integers(0, 1439)))
    return Spec(
        uid,
        start,
        draw(st.integers(1, 3)) if kind is None else draw(st.integers(0, 700)),
        kind,
        draw(st.sampled_from([0, 0, 1, 2, 7])),
        draw(st.integers(1, 6)),
        draw(st.integers(-1, 5)),
        draw(st.sampled_from(["BUSY", "BUSY", "FREE", "TENTATIVE", "OOF", "WORKINGELSEWHERE"])),
        draw(st.sampled_from([False, False, False, True])),
    )


@st.composite
def cases(draw) -> Case:
    first = draw(st.sampled_from(NIGHTS))
    calendars = tuple(
        tuple(draw(specs(first, f"{n}-{m}")) for m in range(draw(st.integers(0, 4))))
        for n in range(draw(st.integers(1, 3)))
    )
    hours = WorkingHours(frozenset(range(7)), time(draw(st.integers(0, 3)), 30), time(draw(st.integers(4, 20))))
    other = draw(st.sampled_from([None, ZonedHours(WorkingHours(frozenset(range(7)), time(1), time(18)), NEW_YORK)]))
    request = TimeRequest(
        tuple(f"c{n}" for n in range(len(calendars))),
        DateRange(first, first + timedelta(days=draw(st.integers(0, 2)))),
        timedelta(minutes=draw(st.integers(1, 240))),
        frozenset(draw(st.sets(st.integers(0, 6)))),
        timedelta(minutes=draw(st.sampled_from([0, 0, 10, 45]))),
        draw(st.booleans()),
        draw(st.booleans()),
    )
    return Case(first, calendars, request, hours, other)


def people_of(case: Case) -> dict[str, ZonedHours]:
    return {"bruno@example.org": case.other} if case.other else {}


@settings(max_examples=120, deadline=None)
@given(cases())
async def test_free_time_is_what_counting_every_minute_finds(case: Case):
    shelf = Shelf()
    for number, specs in enumerate(case.specs):
        owner = "bruno@example.org" if number == 0 and case.other else ""
        shelf.put(f"c{number}", calendar(*specs), owner=owner)
    # an all-day event of the other person is taken in their own zone: the oracle knows Paris only
    if case.other:
        first = [spec for spec in case.specs[0] if spec.zone is not None]
        shelf.things["local/c0"] = decode(calendar(*first).encode(), now=NOW).objects
        case = replace(case, specs=(tuple(first), *case.specs[1:]))
    found = await finder(shelf, hours=case.hours, people=people_of(case)).find(case.request)
    assert list(found.slots) == by_minutes(case)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases())
async def test_free_time_from_calendars_on_disk_is_what_counting_every_minute_finds(tmp_path_factory, case: Case):
    case = replace(case, other=None)
    library = open_library(tmp_path_factory.mktemp("library"))
    for number, specs in enumerate(case.specs):
        if specs:
            await library.import_sources([Source("c.ics", calendar(*specs).encode())], name=f"c{number}")
        else:
            await library.create(f"c{number}")
    found = await finder(library, hours=case.hours).find(case.request)
    assert list(found.slots) == by_minutes(case)
