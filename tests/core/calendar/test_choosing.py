from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.choosing import add_days, add_months, between, grid_start, with_first, with_last
from core.calendar.span import WHOLE_CALENDAR, DateRange

WEEK = DateRange(date(2026, 11, 22), date(2026, 11, 28))
DAYS = st.dates()


@given(DAYS, DAYS, DAYS)
def test_the_start_never_comes_after_the_end_whatever_is_changed(one, other, day):
    days = between(one, other)
    for changed in (days, with_first(days, day), with_last(days, day)):
        assert changed.first <= changed.last


def test_a_start_past_the_end_takes_the_end_along_and_keeps_the_length():
    assert with_first(WEEK, date(2026, 12, 1)) == DateRange(date(2026, 12, 1), date(2026, 12, 7))


def test_a_start_before_the_end_leaves_the_end_where_it_is():
    assert with_first(WEEK, date(2026, 11, 25)) == DateRange(date(2026, 11, 25), date(2026, 11, 28))


def test_an_end_before_the_start_leaves_that_one_day():
    assert with_last(WEEK, date(2026, 11, 1)) == DateRange(date(2026, 11, 1), date(2026, 11, 1))


def test_choosing_a_day_in_the_whole_calendar_gives_that_day():
    day = date(2026, 11, 1)
    assert with_first(WHOLE_CALENDAR, day) == with_last(WHOLE_CALENDAR, day) == DateRange(day, day)


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
        (date(2026, 1, 5), -1, date(2025, 12, 5)),
        (date(1, 1, 5), -1, date(1, 1, 5)),
        (date(9999, 12, 5), 1, date(9999, 12, 5)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_months_last(day, months, wanted):
    assert add_months(day, months) == wanted


def test_walking_stops_at_the_first_and_the_last_day_there_is():
    assert (add_days(date.min, -1), add_days(date.max, 1)) == (date.min, date.max)


@given(DAYS, st.sampled_from([0, 6]))
def test_the_grid_begins_with_the_weeks_first_day_at_most_six_days_before_the_month(day, first_weekday):
    start = grid_start(day, first_weekday)
    first = day.replace(day=1)
    assert start == date.min or (start.weekday() == first_weekday and 0 <= (first - start).days <= 6)
