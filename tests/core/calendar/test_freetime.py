"""Common free time, with its own exhaustive twin: minute by minute over random calendars."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from core.calendar.freetime import (
    FreeTimeRules,
    ZonedHours,
    allowed,
    busy_spans,
    common_free_time,
    is_busy,
    merge,
    next_time,
    previous_time,
    without,
)
from core.calendar.span import TimeSpan, WorkingHours, days_from
from core.errors import UsageError

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)


def at(hour: int, day: int = 23, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS)


def entry(start: datetime | date, end: datetime | date, status: BusyStatus = BusyStatus.BUSY, **more: object) -> Entry:
    return Entry(id="1", uid="1", calendar="c", title="", start=start, end=end, status=status, **more)  # type: ignore[arg-type]


def rules(**more: object) -> FreeTimeRules:
    return FreeTimeRules(**{"duration": HOUR, "zone": PARIS, **more})  # type: ignore[arg-type]


def hours_of(spans: list[TimeSpan]) -> list[tuple[str, str]]:
    return [
        (s.start.astimezone(PARIS).strftime("%d %H:%M"), s.end.astimezone(PARIS).strftime("%d %H:%M")) for s in spans
    ]


@pytest.mark.parametrize(
    ("status", "busy"),
    [
        (BusyStatus.FREE, False),
        (BusyStatus.WORKING_ELSEWHERE, False),
        (BusyStatus.TENTATIVE, True),
        (BusyStatus.BUSY, True),
        (BusyStatus.OUT_OF_OFFICE, True),
    ],
)
def test_what_counts_as_busy_is_outlooks_choice(status: BusyStatus, busy: bool):
    assert is_busy(entry(at(9), at(10), status)) is busy


def test_tentative_counts_as_free_when_the_person_says_so():
    assert not is_busy(entry(at(9), at(10), BusyStatus.TENTATIVE), tentative_is_free=True)


def test_a_cancelled_event_is_never_busy():
    assert not is_busy(entry(at(9), at(10), cancelled=True))


def test_touching_and_overlapping_spans_become_one():
    spans = [TimeSpan(at(11), at(12)), TimeSpan(at(9), at(10)), TimeSpan(at(10), at(11)), TimeSpan(at(14), at(15))]
    assert hours_of(merge(spans)) == [("23 09:00", "23 12:00"), ("23 14:00", "23 15:00")]


def test_what_is_cut_out_leaves_both_ends():
    assert hours_of(without([TimeSpan(at(8), at(18))], [TimeSpan(at(9), at(10)), TimeSpan(at(17), at(19))])) == [
        ("23 08:00", "23 09:00"),
        ("23 10:00", "23 17:00"),
    ]


def test_common_time_is_what_is_free_for_everybody():
    busy = [TimeSpan(at(8), at(10)), TimeSpan(at(12), at(13)), TimeSpan(at(9), at(11))]
    window = TimeSpan(at(8), at(14))
    assert hours_of(common_free_time(busy, window, rules())) == [("23 11:00", "23 12:00"), ("23 13:00", "23 14:00")]


def test_a_gap_shorter_than_the_duration_is_not_offered():
    busy = [TimeSpan(at(8), at(10)), TimeSpan(at(10, minute=59), at(14))]
    assert common_free_time(busy, TimeSpan(at(8), at(14)), rules()) == []


def test_working_hours_and_days_limit_what_is_offered():
    window = days_from(date(2026, 11, 27), 4).span(PARIS)  # Friday to Monday
    found = common_free_time([], window, rules(hours=WorkingHours(), days=frozenset({4, 5, 6})))
    assert hours_of(found) == [("27 08:00", "27 17:00")]


def test_days_alone_offer_whole_days_as_one_span():
    window = days_from(date(2026, 11, 27), 4).span(PARIS)
    assert hours_of(common_free_time([], window, rules(days=frozenset({5, 6})))) == [("28 00:00", "30 00:00")]


def test_a_margin_is_kept_free_on_both_sides_of_what_is_busy():
    spans = busy_spans([entry(at(10), at(11))], rules(margin=timedelta(minutes=15)))
    assert hours_of(spans) == [("23 09:45", "23 11:15")]


def test_an_all_day_event_is_busy_from_midnight_to_midnight_in_the_persons_zone():
    spans = busy_spans([entry(date(2026, 11, 23), date(2026, 11, 24))], rules())
    assert hours_of(spans) == [("23 00:00", "24 00:00")]


def test_the_hour_that_summer_time_skips_is_not_offered():
    night = TimeSpan(datetime(2026, 3, 29, 1, tzinfo=PARIS), datetime(2026, 3, 29, 4, tzinfo=PARIS))
    assert common_free_time([], night, rules(duration=timedelta(hours=3))) == []


def test_the_hour_that_comes_twice_is_offered_twice_as_long():
    night = TimeSpan(datetime(2026, 10, 25, 1, tzinfo=PARIS), datetime(2026, 10, 25, 4, tzinfo=PARIS))
    assert [s.end - s.start for s in common_free_time([], night, rules(duration=4 * HOUR))] == [4 * HOUR]


def test_a_duration_of_nothing_is_refused():
    with pytest.raises(UsageError):
        rules(duration=timedelta())


_SPANS = st.lists(st.tuples(st.integers(0, 600), st.integers(1, 200)), max_size=12)


@settings(max_examples=200, deadline=None)
@given(_SPANS, st.integers(1, 120))
def test_free_time_agrees_with_counting_minute_by_minute(raw: list[tuple[int, int]], minutes: int):
    base = datetime(2026, 11, 23, tzinfo=UTC)
    minute = timedelta(minutes=1)
    busy = [TimeSpan(base + a * minute, base + (a + n) * minute) for a, n in raw]
    taken = {m for a, n in raw for m in range(a, a + n)}
    expected, start = [], None
    for m in [*range(720), 720]:
        free = m < 720 and m not in taken
        if free and start is None:
            start = m
        if not free and start is not None:
            if m - start >= minutes:
                expected.append((start, m))
            start = None
    found = common_free_time(busy, TimeSpan(base, base + 720 * minute), rules(duration=minutes * minute))
    assert [(int((s.start - base) / minute), int((s.end - base) / minute)) for s in found] == expected


def test_working_hours_follow_the_zone_of_the_person():
    window = TimeSpan(datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC))
    hours = WorkingHours(frozenset({0}), time(8), time(17))
    found = common_free_time([], window, rules(hours=hours, zone=ZoneInfo("America/New_York")))
    assert [(s.start.hour, s.end.hour) for s in found] == [(13, 22)]


# everybody's hours, and suggestions ------------------------------------------------------------------------------


def test_working_hours_of_others_count_in_their_own_zone():
    new_york = ZonedHours(WorkingHours(), ZoneInfo("America/New_York"))
    both = rules(hours=WorkingHours(), others=(new_york,))
    day = TimeSpan(datetime(2027, 1, 4, tzinfo=UTC), datetime(2027, 1, 5, tzinfo=UTC))
    (slot,) = allowed(day, both)
    assert (slot.start.hour, slot.end.hour) == (13, 16)  # 8:00 there is 14:00 in Paris, where work ends at 17:00


def slots(*hours: tuple[float, float]) -> list[TimeSpan]:
    day = datetime(2027, 1, 4, tzinfo=UTC)
    return [TimeSpan(day + timedelta(hours=start), day + timedelta(hours=end)) for start, end in hours]


def hour(hour: float) -> datetime:
    return datetime(2027, 1, 4, tzinfo=UTC) + timedelta(hours=hour)


def test_the_next_suggestion_begins_at_the_next_half_hour_of_the_same_slot():
    found = next_time(slots((9, 12)), HOUR, hour(9), ZoneInfo("Europe/Paris"))
    assert found is not None
    assert found.start == hour(9.5)


def test_the_next_suggestion_is_in_the_next_slot_where_this_one_is_too_short():
    found = next_time(slots((9, 10.25), (13.25, 15)), HOUR, hour(9), ZoneInfo("Europe/Paris"))
    assert found is not None
    assert found.start == hour(13.25)


def test_there_is_no_suggestion_after_the_last_one():
    assert next_time(slots((9, 10)), HOUR, hour(9), ZoneInfo("Europe/Paris")) is None


def test_half_hours_are_those_of_the_persons_clock():
    found = next_time(slots((0, 24)), HOUR, hour(9), ZoneInfo("Asia/Kathmandu"))  # UTC+05:45
    assert found is not None
    assert found.start == hour(9.25)


def test_going_back_from_the_second_suggestion_leads_to_the_first():
    found = previous_time(slots((9, 12)), HOUR, hour(9.5), ZoneInfo("Europe/Paris"))
    assert found is not None
    assert found.start == hour(9)


def test_the_suggestion_before_a_slot_is_the_last_one_of_the_slot_before():
    found = previous_time(slots((9, 11.25), (13, 15)), HOUR, hour(13), ZoneInfo("Europe/Paris"))
    assert found is not None
    assert found.start == hour(10)


def test_there_is_no_suggestion_before_the_first_one():
    assert previous_time(slots((9, 12)), HOUR, hour(9), ZoneInfo("Europe/Paris")) is None


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 20)), max_size=6), st.integers(1, 8))
def test_walking_forwards_and_backwards_meets_the_same_suggestions(raw: list[tuple[int, int]], length: int):
    free = merge(slots(*((start / 4, (start + size) / 4) for start, size in raw)))
    duration, zone = timedelta(minutes=15 * length), ZoneInfo("Europe/Paris")
    forwards, moment = [], hour(-1)
    while found := next_time(free, duration, moment, zone):
        forwards.append(found)
        moment = found.start
    backwards, moment = [], hour(48)
    while found := previous_time(free, duration, moment, zone):
        backwards.append(found)
        moment = found.start
    assert forwards == backwards[::-1]


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 20)), max_size=6), st.integers(1, 8))
def test_every_suggestion_is_free(raw: list[tuple[int, int]], length: int):
    free = merge(slots(*((start / 4, (start + size) / 4) for start, size in raw)))
    duration, moment = timedelta(minutes=15 * length), hour(-1)
    while found := next_time(free, duration, moment, ZoneInfo("Europe/Paris")):
        assert any(one.start <= found.start and found.end <= one.end for one in free)
        assert found.end - found.start == duration
        moment = found.start
