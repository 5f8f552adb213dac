"""Series: every pattern of Outlook's, held to dateutil where that has the same, and written back as it was read."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule
from dateutil.rrule import weekday as nth_weekday
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar.patterns import EVERY_DAY, PLACES, WEEKDAYS, WEEKEND, Pattern, PatternKind
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.recurrence import read_pattern, recurrence_element, series_of
from core.sandbox.exchange.xml import t

PARIS = ZoneInfo("Europe/Paris")
FREQUENCY = {
    PatternKind.DAILY: DAILY,
    PatternKind.WEEKLY: WEEKLY,
    PatternKind.MONTHLY_DAY: MONTHLY,
    PatternKind.MONTHLY_PLACE: MONTHLY,
    PatternKind.YEARLY_DAY: YEARLY,
    PatternKind.YEARLY_PLACE: YEARLY,
}
DAYS = st.one_of(st.sampled_from([(n,) for n in range(7)]), st.sampled_from([EVERY_DAY, WEEKDAYS, WEEKEND]))


@st.composite
def patterns(draw):
    kind = draw(st.sampled_from(list(FREQUENCY)))
    yearly = kind in (PatternKind.YEARLY_DAY, PatternKind.YEARLY_PLACE)
    month = draw(st.integers(1, 12)) if yearly else 1
    placed = kind in (PatternKind.MONTHLY_PLACE, PatternKind.YEARLY_PLACE)
    weekly = tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1))))
    top = monthrange(2023, month)[1] if kind is PatternKind.YEARLY_DAY else 31
    return Pattern(
        kind,
        1 if yearly else draw(st.integers(1, 5)),
        draw(DAYS) if placed else weekly if kind is PatternKind.WEEKLY else (),
        draw(st.integers(1, top)) if kind in (PatternKind.MONTHLY_DAY, PatternKind.YEARLY_DAY) else 1,
        draw(st.sampled_from(PLACES)) if placed else 1,
        month,
        draw(st.integers(0, 6)) if kind is PatternKind.WEEKLY else 0,
    )


def by_dateutil(pattern: Pattern, start: datetime) -> rrule:
    more: dict[str, object] = {}
    if pattern.kind is PatternKind.WEEKLY:
        more = {"byweekday": pattern.days, "wkst": pattern.week_start}
    elif pattern.kind in (PatternKind.MONTHLY_DAY, PatternKind.YEARLY_DAY):
        more = {"bymonthday": range(min(pattern.day, 28), pattern.day + 1), "bysetpos": -1}
    elif pattern.days and len(pattern.days) == 1:
        more = {"byweekday": nth_weekday(pattern.days[0], pattern.place)}
    elif pattern.days:
        more = {"byweekday": pattern.days, "bysetpos": pattern.place}
    if FREQUENCY[pattern.kind] == YEARLY:
        more["bymonth"] = pattern.month
    return rrule(FREQUENCY[pattern.kind], start, interval=pattern.interval, **more)


def series(pattern: Pattern, begin: date, hour: int = 9, zone=PARIS, hours: int = 1):
    start = datetime(begin.year, begin.month, begin.day, hour, tzinfo=zone).astimezone(UTC)
    return series_of(recurrence_element(pattern, begin), start, start + timedelta(hours=hours), zone, all_day=False)


@given(patterns(), st.dates(date(2024, 1, 1), date(2027, 12, 31)))
@settings(max_examples=150, deadline=None)
def test_instances_are_those_that_dateutil_gives(pattern, begin):
    found = series(pattern, begin)
    wanted = [
        each.replace(tzinfo=PARIS).astimezone(UTC)
        for each in islice(by_dateutil(pattern, datetime(begin.year, begin.month, begin.day, 9)), 12)
    ]
    assert [found.nth(n) for n in range(1, 13)] == wanted


@given(patterns(), st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.integers(0, 2), st.integers(1, 99))
@settings(max_examples=150, deadline=None)
def test_a_pattern_is_written_as_it_is_read(pattern, begin, end, number):
    ended = (pattern, replace(pattern, count=number), replace(pattern, until=begin + timedelta(days=number)))[end]
    found, at = read_pattern(recurrence_element(ended, begin))
    assert at == begin
    assert found == ended


def test_a_start_that_does_not_fit_begins_at_the_next_day_that_does():
    wednesdays = Pattern(PatternKind.WEEKLY, days=(2,), count=2)
    found = series(wednesdays, date(2027, 1, 1))
    assert [found.nth(n).date() for n in (1, 2)] == [date(2027, 1, 6), date(2027, 1, 13)]
    assert found.nth(3) is None


def test_the_thirty_first_is_the_last_day_of_shorter_months():
    found = series(Pattern(PatternKind.MONTHLY_DAY, day=31), date(2027, 1, 31))
    assert [found.nth(n).day for n in (1, 2, 3, 4)] == [31, 28, 31, 30]


def test_the_clock_stays_over_a_change_of_the_clocks():
    found = series(Pattern(PatternKind.DAILY, count=3), date(2027, 3, 27))
    assert [found.nth(n).astimezone(PARIS).hour for n in (1, 2, 3)] == [9, 9, 9]
    assert [found.nth(n).hour for n in (1, 2, 3)] == [8, 7, 7]


def test_days_of_an_all_day_series_stay_days():
    start = datetime(2027, 3, 27, tzinfo=PARIS).astimezone(UTC)
    recurrence = recurrence_element(Pattern(PatternKind.DAILY, count=2), date(2027, 3, 27))
    found = series_of(recurrence, start, start + timedelta(days=1), PARIS, all_day=True)
    second = found.nth(2)
    assert found.end(second) - second == timedelta(hours=23)


def test_a_span_gives_what_touches_it_and_may_touch():
    found = series(Pattern(PatternKind.DAILY), date(2027, 1, 1))
    low = datetime(2030, 6, 1, tzinfo=UTC)
    starts = list(found.starts(low, low + timedelta(days=2)))
    assert {each.date() for each in starts} >= {date(2030, 6, 1), date(2030, 6, 2)}
    assert len(starts) <= 6


def test_the_neighbours_of_an_instance():
    found = series(Pattern(PatternKind.WEEKLY, 3, (0,), count=3), date(2027, 1, 4))
    first, second, third = (found.nth(n) for n in (1, 2, 3))
    assert [found.around(each) for each in (first, second, third)] == [(None, second), (first, third), (second, None)]


def test_the_last_instance():
    assert series(Pattern(PatternKind.DAILY, count=3), date(2027, 1, 1)).last().date() == date(2027, 1, 3)
    assert series(Pattern(PatternKind.DAILY), date(2027, 1, 1)).last() is None


@pytest.mark.parametrize(
    "wrong",
    [
        t("Recurrence"),
        t("Recurrence", t("DailyRegeneration", t("Interval", 1)), t("NoEndRecurrence", t("StartDate", "2027-01-01"))),
        t("Recurrence", t("DailyRecurrence", t("Interval", 0)), t("NoEndRecurrence", t("StartDate", "2027-01-01"))),
        t(
            "Recurrence",
            t("DailyRecurrence", t("Interval", 1)),
            t("NumberedRecurrence", t("StartDate", "2027-01-01"), t("NumberOfOccurrences", 1000)),
        ),
        t(
            "Recurrence",
            t("DailyRecurrence", t("Interval", 1)),
            t("EndDateRecurrence", t("StartDate", "2027-01-02"), t("EndDate", "2027-01-01")),
        ),
    ],
)
def test_a_recurrence_that_cannot_be_is_refused(wrong):
    with pytest.raises(EwsError) as error:
        read_pattern(wrong)
    assert error.value.code in ("ErrorCalendarInvalidRecurrence", "ErrorRecurrenceHasNoOccurrence")
