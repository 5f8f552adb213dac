"""Dates in words: compared with CLDR's own, by babel."""

from datetime import date, datetime, time

import babel.dates
import pytest

from core.language import use_language
from core.language.dates import (
    date_and_time,
    date_span,
    day_and_month,
    day_name,
    first_weekday,
    hour_label,
    long_date,
    month_name,
    month_title,
    short_date,
    short_date_span,
    time_of_day,
    time_span,
    tiny_day_name,
    uses_24h,
    week_days,
    week_start,
)


@pytest.mark.parametrize("code", ["en", "fr"])
@pytest.mark.parametrize("short", [False, True])
def test_days_and_months_are_called_as_cldr_calls_them(code: str, short: bool):
    use_language(code)
    width = "abbreviated" if short else "wide"
    days = babel.dates.get_day_names(width, "format", code)
    months = babel.dates.get_month_names(width, "format", code)
    assert [day_name(n, short=short) for n in range(7)] == [days[n] for n in range(7)]
    assert [month_name(n, short=short) for n in range(1, 13)] == [months[n] for n in range(1, 13)]


@pytest.mark.parametrize(
    ("code", "first", "order"), [("en", 6, (6, 0, 1, 2, 3, 4, 5)), ("fr", 0, (0, 1, 2, 3, 4, 5, 6))]
)
def test_the_week_begins_where_the_language_begins_it(code: str, first: int, order: tuple[int, ...]):
    use_language(code)
    assert (first_weekday(), week_days()) == (first, order)


def test_the_week_of_a_sunday_begins_with_it_in_english_and_six_days_before_in_french():
    sunday = date(2026, 11, 22)
    assert week_start(sunday) == sunday
    use_language("fr")
    assert week_start(sunday) == date(2026, 11, 16)


def test_the_first_week_of_all_begins_on_its_first_day():
    assert week_start(date(1, 1, 3)) == date(1, 1, 1)


def test_english_counts_twelve_hours():
    assert not uses_24h()
    assert [time_of_day(time(h, 5)) for h in (0, 8, 12, 23)] == ["12:05 AM", "8:05 AM", "12:05 PM", "11:05 PM"]
    assert [hour_label(h) for h in (0, 8, 12, 23, 24)] == ["12 AM", "8 AM", "12 PM", "11 PM", "12 AM"]


def test_french_counts_twenty_four_hours():
    use_language("fr")
    assert uses_24h()
    assert [time_of_day(time(h, 5)) for h in (0, 8, 23)] == ["00:05", "08:05", "23:05"]
    assert hour_label(8) == "08:00"


def test_outlooks_range_line_is_written_in_english():
    assert date_span(date(2013, 6, 3), date(2013, 6, 9)) == "Monday, June 3, 2013 – Sunday, June 9, 2013"


def test_a_range_of_one_day_is_that_day():
    assert date_span(date(2013, 6, 3), date(2013, 6, 3)) == long_date(date(2013, 6, 3))


def test_french_dates_have_an_ordinal_on_the_first_only():
    use_language("fr")
    assert long_date(date(2013, 6, 1)) == "samedi 1er juin 2013"
    assert long_date(date(2013, 6, 2)) == "dimanche 2 juin 2013"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", ["Jun 3, 2013", "Mon, Jun 3", "June 2013", "Jun 3, 2013 9:00 AM", "Mo"]),
        ("fr", ["3 juin 2013", "lun. 3 juin", "juin 2013", "3 juin 2013 09:00", "lu"]),
    ],
)
def test_short_forms_follow_the_language(code: str, expected: list[str]):
    use_language(code)
    day = date(2013, 6, 3)
    moment = datetime(2013, 6, 3, 9)
    assert [
        short_date(day),
        day_and_month(day),
        month_title(day),
        date_and_time(moment),
        tiny_day_name(day),
    ] == expected


@pytest.mark.parametrize(
    ("first", "last", "english", "french"),
    [
        (date(2013, 6, 3), date(2013, 6, 3), "Jun 3, 2013", "3 juin 2013"),
        (date(2013, 6, 3), date(2013, 6, 9), "Jun 3 – 9, 2013", "3 – 9 juin 2013"),
        (date(2013, 6, 28), date(2013, 7, 4), "Jun 28 – Jul 4, 2013", "28 juin – 4 juil. 2013"),
        (date(2013, 12, 28), date(2014, 1, 4), "Dec 28, 2013 – Jan 4, 2014", "28 déc. 2013 – 4 janv. 2014"),
    ],
)
def test_a_short_range_says_each_part_once(first: date, last: date, english: str, french: str):
    assert short_date_span(first, last) == english
    use_language("fr")
    assert short_date_span(first, last) == french


def test_a_span_of_time_names_both_ends():
    assert time_span(time(9), time(10, 30)) == "9:00 AM – 10:30 AM"
