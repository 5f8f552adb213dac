"""The days of Graph's patterns, against python-dateutil's and by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sandbox.graph.recurrence import DAYS, checked, days
from core.sandbox.graph.wire import GraphError

FIRST = date(2026, 1, 1)
UNTIL = date(2029, 1, 1)
_WEEK = st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True)


def series(pattern, **span):
    whole = {"pattern": {"interval": 1, **pattern}, "range": {"type": "noEnd", "startDate": FIRST.isoformat(), **span}}
    return list(days(checked(whole, FIRST, "UTC"), UNTIL))


def by_dateutil(**rule):
    start = datetime.combine(FIRST, datetime.min.time())
    return [one.date() for one in rrule.rrule(dtstart=start, until=datetime(2029, 1, 1), **rule)]


@given(st.integers(1, 40))
def test_every_so_many_days(step):
    assert series({"type": "daily", "interval": step}) == by_dateutil(freq=rrule.DAILY, interval=step)


@settings(max_examples=60)
@given(st.integers(1, 6), _WEEK, st.sampled_from(DAYS))
def test_weeks_begin_where_they_are_said_to_begin(step, wanted, begins):
    pattern = {"type": "weekly", "interval": step, "daysOfWeek": wanted, "firstDayOfWeek": begins}
    weekdays = [DAYS.index(name) for name in wanted]
    rule = {"freq": rrule.WEEKLY, "interval": step, "byweekday": weekdays, "wkst": DAYS.index(begins)}
    assert series(pattern) == by_dateutil(**rule)


@settings(max_examples=60)
@given(st.integers(1, 14), _WEEK, st.sampled_from(["first", "second", "third", "fourth", "last"]))
def test_a_day_of_the_month_by_its_place(step, wanted, index):
    pattern = {"type": "relativeMonthly", "interval": step, "daysOfWeek": wanted, "index": index}
    place = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}[index]
    rule = {"freq": rrule.MONTHLY, "interval": step, "byweekday": [DAYS.index(n) for n in wanted], "bysetpos": place}
    assert series(pattern) == by_dateutil(**rule)


def test_the_31st_is_the_last_day_of_a_shorter_month():
    found = series({"type": "absoluteMonthly", "dayOfMonth": 31})
    assert found[:4] == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_a_numbered_series_ends_after_its_number():
    found = series({"type": "daily"}, type="numbered", numberOfOccurrences=3)
    assert found == [FIRST + timedelta(days=n) for n in range(3)]


def test_the_last_day_is_included():
    assert series({"type": "daily"}, type="endDate", endDate="2026-01-03")[-1] == date(2026, 1, 3)


@pytest.mark.parametrize(
    "pattern",
    [
        {"type": "weekly"},
        {"type": "absoluteYearly", "dayOfMonth": 3},
        {"type": "hourly"},
        {"type": "daily", "interval": 0},
    ],
)
def test_a_pattern_that_misses_something_is_refused(pattern):
    with pytest.raises(GraphError):
        series(pattern)
