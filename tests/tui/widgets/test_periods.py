"""Which days a view shows."""

from __future__ import annotations

from datetime import date

import pytest

from core.language import use_language
from tui.widgets.periods import FIRST, LAST, ViewKind, days_of, title_of, turned, week_number

WEDNESDAY = date(2026, 11, 18)


def test_an_english_week_begins_on_sunday():
    days = days_of(ViewKind.WEEK, WEDNESDAY)
    assert (days[0], days[-1]) == (date(2026, 11, 15), date(2026, 11, 21))


def test_a_french_week_begins_on_monday():
    use_language("fr")
    days = days_of(ViewKind.WEEK, WEDNESDAY)
    assert (days[0], days[-1]) == (date(2026, 11, 16), date(2026, 11, 22))


def test_a_work_week_has_the_days_on_which_one_works():
    assert [day.weekday() for day in days_of(ViewKind.WORK_WEEK, WEDNESDAY, {1, 3, 6})] == [6, 1, 3]


def test_who_works_on_no_day_sees_the_whole_week():
    assert len(days_of(ViewKind.WORK_WEEK, WEDNESDAY, ())) == 7


def test_the_next_seven_days_begin_with_the_day_itself():
    days = days_of(ViewKind.NEXT_7_DAYS, WEDNESDAY)
    assert (days[0], len(days)) == (WEDNESDAY, 7)


@pytest.mark.parametrize("kind", [kind for kind in ViewKind if kind is not ViewKind.MONTH])
def test_one_turn_shows_other_days_and_leaves_none_out(kind: ViewKind):
    here, there = days_of(kind, WEDNESDAY, range(7)), days_of(kind, turned(kind, WEDNESDAY, 1), range(7))
    assert (there[0] - here[-1]).days == 1


def test_a_month_is_shown_in_whole_weeks():
    days = days_of(ViewKind.MONTH, WEDNESDAY)
    assert (days[0], days[-1]) == (date(2026, 11, 1), date(2026, 12, 5))


def test_one_turn_of_a_month_shows_the_next_one_from_any_day_on():
    assert turned(ViewKind.MONTH, date(2026, 1, 31), 1) == date(2026, 2, 28)


def test_a_leap_year_has_its_day():
    assert len(days_of(ViewKind.YEAR, date(2028, 5, 1))) == 366


@pytest.mark.parametrize(("day", "number"), [(date(2026, 1, 1), 1), (date(2026, 11, 18), 47), (date(2027, 1, 3), 2)])
def test_american_weeks_are_counted_from_the_first_of_january_on(day, number):
    assert week_number(day) == number


@pytest.mark.parametrize(("day", "number"), [(date(2026, 1, 1), 1), (date(2027, 1, 3), 53), (date(2027, 1, 4), 1)])
def test_french_weeks_are_counted_as_iso_8601_says(day, number):
    use_language("fr")
    assert week_number(day) == number


@pytest.mark.parametrize("kind", list(ViewKind))
def test_turning_back_comes_back(kind: ViewKind):
    assert turned(kind, turned(kind, WEDNESDAY, 3), -3) == WEDNESDAY


def test_the_ends_of_time_hold():
    assert turned(ViewKind.WEEK, LAST, 5) == LAST
    assert turned(ViewKind.WEEK, FIRST, -5) == FIRST


def test_one_day_is_named_in_full():
    assert title_of(ViewKind.WEEK, (WEDNESDAY,)) == "Wednesday, November 18, 2026"
