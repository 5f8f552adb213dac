"""A whole calendar with its rules says the same as its instances one by one, read back by our own reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.calendar.event import CalendarObject, Event, EventState, Sensitivity, SharedEvent
from core.calendar.span import DateRange, TimeSpan, days_from
from core.ical.decode import decode
from core.ical.recurrence import expand
from core.ical.shared import SharedHeader, encode_shared
from core.sharing.detail import DetailLevel
from core.sharing.redaction import instant
from core.sharing.snapshot import Snapshot
from tests.soak import scaled, soak

EXAMPLES = scaled(200, 20_000)
RULES = (
    "FREQ=DAILY;COUNT=9",
    "FREQ=WEEKLY;BYDAY=MO,WE,SU",
    "FREQ=DAILY;INTERVAL=2;UNTIL=20261204T120000",
    "FREQ=WEEKLY;UNTIL=20261130",
)
Seen = list[tuple[datetime, datetime, str | None]]


@st.composite
def series(draw: st.DrawFn) -> CalendarObject:
    zone = draw(st.sampled_from((ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York"), UTC, None)))
    start = datetime(
        2026, draw(st.sampled_from((10, 11))), draw(st.integers(20, 28)), draw(st.integers(0, 23)), tzinfo=zone
    )
    whole = draw(st.booleans())
    first = start.date() if whole else start
    # A floating item becomes one in the owner's zone: over a clock change its hours stay hours, not wall-clock times.
    minutes = 30 if zone is None else draw(st.sampled_from((30, 600)))
    length = timedelta(days=1) if whole else timedelta(minutes=minutes)

    def made(begin: object, title: str, **fields: object) -> Event:
        kind = draw(st.sampled_from((None, None, None, Sensitivity.PRIVATE, Sensitivity.PUBLIC)))
        state = draw(st.sampled_from((EventState.CONFIRMED, EventState.CONFIRMED, EventState.CANCELLED)))
        return Event("u@example.org", begin, begin + length, title, sensitivity=kind, state=state, **fields)

    events = [made(first, "series", rrule=draw(st.sampled_from(RULES)))]
    gone = draw(st.lists(st.integers(0, 20), max_size=2))
    events[0] = Event(
        **{n: getattr(events[0], n) for n in events[0].__slots__}
        | {"exdates": tuple(first + timedelta(days=n) for n in gone)}
    )
    for number in draw(st.lists(st.integers(0, 9), max_size=3, unique=True)):
        moved = first + timedelta(days=number + draw(st.integers(-2, 2)))
        later = draw(st.integers(0, 9)) == 0
        events.append(
            made(moved, f"moved {number}", recurrence_id=first + timedelta(days=number), this_and_future=later)
        )
    return CalendarObject("u@example.org", tuple(events))


def read_back(shot: Snapshot, make: SimpleNamespace, days: DateRange) -> Seen:
    head = SharedHeader("Work", shot.relation, shot.owner, False, shot.zone, "en", shot.now)
    data = encode_shared(head, shot.events)
    found = decode(data, now=make.now)
    assert not [problem for problem in found.problems if not problem.repaired]
    occurrences = [
        one for thing in found.objects for one in expand(thing, days.span(make.paris), make.paris).occurrences
    ]
    return sorted((instant(o.start, make.paris), instant(o.end, make.paris), o.event.title) for o in occurrences)


def listed(events: tuple[SharedEvent, ...], make: SimpleNamespace) -> Seen:
    return sorted((instant(e.start, make.paris), instant(e.end, make.paris), e.title or "Busy") for e in events)


def cut(seen: Seen, window: TimeSpan) -> Seen:
    """Blocks of a range end at its window, those of a whole calendar do not."""
    return sorted((max(start, window.start), min(end, window.end), title) for start, end, title in seen)


@soak("recurrence: a whole calendar’s rules give the instances", EXAMPLES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(things=st.lists(series(), min_size=1, max_size=1), shown=st.booleans())
def test_the_rules_give_the_same_instances_as_the_range(
    make: SimpleNamespace, things: list[CalendarObject], shown: bool
) -> None:
    days = days_from(datetime(2026, 10, 19).date(), 60)
    asked = {"include_private": shown}
    ranged = make.snapshot(things, make.options(DetailLevel.LIMITED, days=days, **asked))
    whole = make.snapshot(things, make.options(DetailLevel.LIMITED, days=DateRange(), **asked))
    window = days.span(make.paris)
    assert cut(read_back(whole, make, days), window) == cut(listed(ranged.events, make), window)
