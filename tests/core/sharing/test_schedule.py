"""A day cut into rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from core.calendar.event import BusyStatus, SharedEvent
from core.calendar.span import WorkingHours, days_from
from core.sharing.detail import DetailLevel
from core.sharing.schedule import DaySchedule, day_schedules, number_items

FREE, BUSY, AWAY = BusyStatus.FREE, BusyStatus.BUSY, BusyStatus.OUT_OF_OFFICE
LIMITED = DetailLevel.LIMITED


def only_day(make: SimpleNamespace, *events: object, **asked: object) -> DaySchedule:
    options = make.options(**({"days": days_from(make.monday, 1)} | asked))
    return make.snapshot(list(events), options).days[0]


def hours(make: SimpleNamespace, day: DaySchedule) -> list[tuple[int, int, BusyStatus]]:
    zone = make.paris
    return [(r.start.astimezone(zone).hour, r.end.astimezone(zone).hour, r.status) for r in day.rows]


def test_free_time_is_cut_at_the_working_hours(make: SimpleNamespace) -> None:
    assert hours(make, only_day(make)) == [(0, 8, FREE), (8, 17, FREE), (17, 0, FREE)]


def test_a_meeting_is_a_row_between_free_ones(make: SimpleNamespace) -> None:
    rows = hours(make, only_day(make, make.event("x", make.at(23, 9))))
    assert rows == [(0, 8, FREE), (8, 9, FREE), (9, 10, BUSY), (10, 17, FREE), (17, 0, FREE)]


def test_meetings_without_titles_that_touch_are_one_row(make: SimpleNamespace) -> None:
    day = only_day(make, make.event("x", make.at(23, 9)), make.event("y", make.at(23, 10)))
    assert (9, 11, BUSY) in hours(make, day)


def test_meetings_with_titles_that_touch_stay_apart(make: SimpleNamespace) -> None:
    day = only_day(make, make.event("x", make.at(23, 9)), make.event("y", make.at(23, 10)), level=LIMITED)
    assert [r[:2] for r in hours(make, day) if r[2] is BUSY] == [(9, 10), (10, 11)]


def test_where_items_overlap_the_stronger_status_counts(make: SimpleNamespace) -> None:
    day = only_day(make, make.event("x", make.at(23, 9)), make.event("y", make.at(23, 9.5), status=AWAY))
    assert [r.status for r in day.rows if r.items] == [BUSY, AWAY]


def test_working_hours_only_covers_the_window_alone(make: SimpleNamespace) -> None:
    day = only_day(make, make.event("x", make.at(23, 7), make.at(23, 9)), working_hours_only=True)
    assert hours(make, day) == [(8, 9, BUSY), (9, 17, FREE)]


def test_a_day_off_has_no_rows_with_working_hours_only(make: SimpleNamespace) -> None:
    day = only_day(make, working_hours_only=True, days=days_from(date(2026, 11, 28), 1))
    assert (day.works, day.rows) == (False, ())


def test_a_whole_day_colours_its_free_rows(make: SimpleNamespace) -> None:
    day = only_day(make, make.event("Trip", make.monday, status=AWAY), level=LIMITED)
    assert hours(make, day) == [(0, 0, AWAY)]


def test_a_moment_stands_in_the_strip(make: SimpleNamespace) -> None:
    day = only_day(make, make.event("Pay", make.at(23, 9), make.at(23, 9)), level=LIMITED)
    assert [item.event.title for item in day.strip] == ["Pay"]
    assert {r.status for r in day.rows} == {FREE}


moments = st.integers(0, 4 * 24 * 4).map(lambda n: datetime(2026, 10, 24, tzinfo=UTC) + timedelta(minutes=15 * n))
spans = st.tuples(moments, moments).map(sorted)


@given(
    st.lists(st.tuples(spans, st.sampled_from(BusyStatus), st.sampled_from(["", "a", "b"])), max_size=8), st.booleans()
)
def test_the_rows_of_a_day_are_a_partition_of_it(
    make: SimpleNamespace, drawn: list[tuple[list[datetime], BusyStatus, str]], only: bool
) -> None:
    stamp = datetime(2026, 1, 1, tzinfo=UTC)
    events = [SharedEvent("u", s, e, status, stamp, title or None) for (s, e), status, title in drawn]
    items = number_items(events, make.paris)
    works = WorkingHours(frozenset(range(7)))
    for day in day_schedules(items, days_from(date(2026, 10, 24), 4), make.paris, works, working_hours_only=only):
        window = works.on(day.day, make.paris)
        assert window is not None
        edges = (window.start, window.end) if only else (day.span.start, day.span.end)
        assert (day.rows[0].start, day.rows[-1].end) == edges
        assert all(a.end == b.start and a.start < a.end for a, b in zip(day.rows, day.rows[1:], strict=False))


def test_the_night_of_the_clock_change_has_25_hours(make: SimpleNamespace) -> None:
    (day,) = day_schedules([], days_from(date(2026, 10, 25), 1), make.paris, WorkingHours(), working_hours_only=False)
    assert sum((row.end - row.start for row in day.rows), timedelta()) == timedelta(hours=25)


def test_working_hours_stay_those_of_the_owner_in_another_zone(make: SimpleNamespace) -> None:
    from zoneinfo import ZoneInfo

    tokyo = ZoneInfo("Asia/Tokyo")
    shot = make.snapshot([], make.options(working_hours_only=True), zone=tokyo, hours_zone=make.paris)
    monday, tuesday = shot.days[0].rows, shot.days[1].rows
    assert [(r.start.astimezone(tokyo).hour, r.end.astimezone(tokyo).hour) for r in monday] == [(16, 0)]
    assert [(r.start.astimezone(tokyo).hour, r.end.astimezone(tokyo).hour) for r in tuesday] == [(0, 1), (16, 0)]


def test_items_are_cut_to_the_owners_working_hours_in_another_zone(make: SimpleNamespace) -> None:
    from zoneinfo import ZoneInfo

    long = make.event("x", make.at(23, 7), make.at(23, 20))
    zone = ZoneInfo("America/New_York")
    (block,) = make.snapshot([long], make.options(working_hours_only=True), zone=zone, hours_zone=make.paris).events
    assert (block.start, block.end) == (make.at(23, 8), make.at(23, 17))
