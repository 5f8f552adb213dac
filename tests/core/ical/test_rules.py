"""Recurrence rules: RFC 5545 §3.3.10 by its own examples, against dateutil by the thousand, and bombs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from core.ical.rules import Rule, RuleError, TooMuchWork
from tests.soak import chance, scaled, soak

START = datetime(1997, 9, 2, 9)
TRIALS = scaled(600, 20_000)


def days(rule: str, start: datetime = START, last: datetime = datetime(2000, 1, 1), count: int = 99) -> list[str]:
    found = [f"{moment:%Y-%m-%d}" for moment in Rule.parse(rule).times(start, start, last)]
    return found[:count]


# The examples of RFC 5545 §3.8.5.3, by rule and by the dates that it lists
EXAMPLES = [
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", START, "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12"),
    ("FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", START,
     "1997-09-02 1997-09-04 1997-09-09 1997-09-11 1997-09-16 1997-09-18 1997-09-23 1997-09-25 1997-09-30 1997-10-02"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", START,
     "1997-09-02 1997-09-04 1997-09-16 1997-09-18 1997-09-30 1997-10-02 1997-10-14 1997-10-16"),
    ("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", datetime(1997, 9, 5, 9),
     "1997-09-05 1997-10-03 1997-11-07 1997-12-05 1998-01-02 1998-02-06 1998-03-06 1998-04-03 1998-05-01 1998-06-05"),
    ("FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", datetime(1997, 9, 7, 9),
     "1997-09-07 1997-09-28 1997-11-02 1997-11-30 1998-01-04 1998-01-25 1998-03-01 1998-03-29 1998-05-03 1998-05-31"),
    ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", datetime(1997, 9, 22, 9),
     "1997-09-22 1997-10-20 1997-11-17 1997-12-22 1998-01-19 1998-02-16"),
    ("FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=6", datetime(1997, 9, 28, 9),
     "1997-09-28 1997-10-29 1997-11-28 1997-12-29 1998-01-29 1998-02-26"),
    ("FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", datetime(1997, 9, 30, 9),
     "1997-09-30 1997-10-01 1997-10-31 1997-11-01 1997-11-30 1997-12-01 1997-12-31 1998-01-01 1998-01-31 1998-02-01"),
    ("FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", datetime(1997, 1, 1, 9),
     "1997-01-01 1997-04-10 1997-07-19 2000-01-01 2000-04-09 2000-07-18 2003-01-01 2003-04-10 2003-07-19 2006-01-01"),
    ("FREQ=YEARLY;BYDAY=20MO;COUNT=3", datetime(1997, 5, 19, 9), "1997-05-19 1998-05-18 1999-05-17"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3", datetime(1997, 5, 12, 9), "1997-05-12 1998-05-11 1999-05-17"),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=4", datetime(1998, 2, 13, 9),
     "1998-02-13 1998-03-13 1998-11-13 1999-08-13"),
    ("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3", datetime(1996, 11, 5, 9),
     "1996-11-05 2000-11-07 2004-11-02"),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", datetime(1997, 9, 4, 9), "1997-09-04 1997-10-07 1997-11-06"),
    ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=7", datetime(1997, 9, 29, 9),
     "1997-09-29 1997-10-30 1997-11-27 1997-12-30 1998-01-29 1998-02-26 1998-03-30"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", datetime(1997, 8, 5, 9),
     "1997-08-05 1997-08-10 1997-08-19 1997-08-24"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", datetime(1997, 8, 5, 9),
     "1997-08-05 1997-08-17 1997-08-19 1997-08-31"),
    ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", datetime(2007, 1, 15, 9),
     "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "start", "expected"), EXAMPLES)
def test_the_examples_of_the_rfc_give_the_dates_of_the_rfc(rule: str, start: datetime, expected: str) -> None:
    assert days(rule, start, datetime(2010, 1, 1)) == expected.split()


def test_an_hourly_rule_stays_inside_its_hours() -> None:
    found = list(Rule.parse("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10;COUNT=7").times(START, START, datetime(1998, 1, 1)))
    assert [f"{moment:%d %H:%M}" for moment in found] == [
        "02 09:00", "02 09:20", "02 09:40", "02 10:00", "02 10:20", "02 10:40", "03 09:00",
    ]  # fmt: skip


def test_until_as_a_date_keeps_the_last_day_of_a_timed_series() -> None:
    assert days("FREQ=DAILY;UNTIL=19970904") == ["1997-09-02", "1997-09-03", "1997-09-04"]


def test_until_in_utc_is_compared_in_the_zone_of_the_series() -> None:
    rule = Rule.parse("FREQ=DAILY;UNTIL=19970903T070000Z")
    found = list(rule.times(START, START, datetime(1998, 1, 1), zone=ZoneInfo("Europe/Paris")))
    assert found[-1] == datetime(1997, 9, 3, 9)


def test_until_just_before_an_instance_leaves_it_out() -> None:
    rule = Rule.parse("FREQ=DAILY;UNTIL=19970903T065959Z")
    assert len(list(rule.times(START, START, datetime(1998, 1, 1), zone=ZoneInfo("Europe/Paris")))) == 1


def test_until_with_a_time_counts_as_its_day_for_an_all_day_series() -> None:
    rule = Rule.parse("FREQ=DAILY;UNTIL=19970904T235959Z")
    assert list(rule.instants(date(1997, 9, 3), date(1997, 1, 1), date(1998, 1, 1))) == [
        date(1997, 9, 3),
        date(1997, 9, 4),
    ]


def test_an_all_day_series_gives_dates() -> None:
    found = list(Rule.parse("FREQ=WEEKLY;BYDAY=SA").instants(date(2026, 1, 3), date(2026, 1, 1), date(2026, 1, 12)))
    assert [type(day) for day in found] == [date, date]


def test_an_all_day_series_does_not_repeat_by_the_hour() -> None:
    rule = Rule.parse("FREQ=HOURLY")
    assert list(rule.instants(date(2026, 1, 3), date(2026, 1, 1), date(2027, 1, 1))) == [date(2026, 1, 3)]


def test_the_start_is_the_first_instance_and_counts_even_when_it_does_not_fit() -> None:
    assert days("FREQ=WEEKLY;BYDAY=FR;COUNT=3") == ["1997-09-02", "1997-09-05", "1997-09-12"]


def test_a_series_that_ends_before_it_begins_has_no_instance() -> None:
    assert days("FREQ=DAILY;UNTIL=19970801") == []


def test_a_month_without_the_day_is_passed_over() -> None:
    assert days("FREQ=MONTHLY;COUNT=3", datetime(1997, 12, 31)) == ["1997-12-31", "1998-01-31", "1998-03-31"]


def test_a_leap_day_comes_back_in_leap_years_only() -> None:
    assert days("FREQ=YEARLY;COUNT=3", datetime(2000, 2, 29), datetime(2020, 1, 1)) == [
        "2000-02-29",
        "2004-02-29",
        "2008-02-29",
    ]


def test_only_instances_inside_the_span_are_given() -> None:
    found = list(Rule.parse("FREQ=DAILY").times(START, datetime(2026, 5, 1, 9), datetime(2026, 5, 3, 9)))
    assert found == [datetime(2026, 5, 1, 9), datetime(2026, 5, 2, 9)]


def test_a_span_before_the_start_is_empty() -> None:
    assert list(Rule.parse("FREQ=DAILY").times(START, datetime(1990, 1, 1), datetime(1991, 1, 1))) == []


@pytest.mark.parametrize(
    "text",
    [
        "", "FREQ=", "FREQ=FORTNIGHTLY", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=x",
        "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=99999999999999999999", "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;UNTIL=20261332", "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYDAY=54MO",
        "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=YEARLY;BYMONTH=13", "FREQ=YEARLY;BYMONTH=-1",
        "FREQ=YEARLY;BYWEEKNO=54", "FREQ=YEARLY;BYYEARDAY=367", "FREQ=DAILY;BYHOUR=24", "FREQ=DAILY;BYHOUR=٣",
        "FREQ=DAILY;WKST=XX", "FREQ=DAILY;BYEASTER=0", "FREQ=MONTHLY;RSCALE=HEBREW", "FREQ=DAILY;BYDAY=",
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_understood_is_refused_in_words(text: str) -> None:
    with pytest.raises(RuleError, match=r"\w+ \w+"):
        Rule.parse(text)


def test_parts_may_come_in_any_order_and_case() -> None:
    rule = Rule.parse("byday=mo,fr;freq=weekly;X-NOTE=1;")
    assert (rule.frequency, rule.by_day) == ("WEEKLY", ((0, 0), (0, 4)))


BOMBS = [
    ("FREQ=SECONDLY", datetime(2026, 1, 1), datetime(2028, 1, 1)),
    ("FREQ=MINUTELY", datetime(1, 1, 1), datetime(9999, 12, 31)),
    ("FREQ=SECONDLY;COUNT=999999999", datetime(1, 1, 1), datetime(9999, 12, 31)),
    ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", datetime(1, 1, 1), datetime(9999, 12, 31)),
    ("FREQ=DAILY;COUNT=5;BYMONTH=2;BYMONTHDAY=31", datetime(1, 1, 1), datetime(9999, 12, 31)),
    ("FREQ=MINUTELY;BYHOUR=9;BYMINUTE=0;BYSECOND=1;COUNT=999999999", datetime(1, 1, 1), datetime(9999, 12, 31)),
    ("FREQ=SECONDLY;INTERVAL=7;BYSECOND=3;BYDAY=MO", datetime(1, 1, 1), datetime(9999, 12, 31)),
    ("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=" + ",".join(map(str, range(24))), START, datetime(9999, 12, 31)),
    ("FREQ=WEEKLY;BYDAY=MO;BYMONTH=2;BYMONTHDAY=30;COUNT=2", datetime(1, 1, 1), datetime(9999, 12, 31)),
]


@pytest.mark.parametrize(("rule", "start", "last"), BOMBS)
def test_a_bomb_says_that_it_is_too_much_work(rule: str, start: datetime, last: datetime) -> None:
    with pytest.raises(TooMuchWork):
        list(Rule.parse(rule).times(start, start, last))


QUIET = [
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", datetime(1, 1, 1), datetime(2999, 12, 31)),
    ("FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=4", datetime(1, 1, 1), datetime(2999, 12, 31)),
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", datetime(1, 1, 1), datetime(2999, 12, 31)),
    ("FREQ=DAILY;INTERVAL=999999999", datetime(1, 1, 1), datetime(9999, 12, 31)),
    ("FREQ=YEARLY;INTERVAL=999999999", datetime(1, 1, 1), datetime(9999, 12, 31)),
    ("FREQ=SECONDLY;INTERVAL=999999999", datetime(9000, 1, 1), datetime(9031, 1, 1)),
]


@pytest.mark.parametrize(("rule", "start", "last"), QUIET)
def test_a_rule_that_never_matches_ends_with_its_start(rule: str, start: datetime, last: datetime) -> None:
    assert list(Rule.parse(rule).times(start, start, last)) == [start]


def test_an_old_rule_without_a_count_costs_no_more_than_a_young_one() -> None:
    rule = Rule.parse("FREQ=SECONDLY;INTERVAL=30;BYHOUR=9")
    first = datetime(9000, 1, 1, 9)
    found = list(rule.times(datetime(1, 1, 1), first, first + timedelta(minutes=2), budget=20))
    assert found == [first + timedelta(seconds=30 * step) for step in range(4)]


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "MINUTELY", "SECONDLY"])
def test_the_last_year_of_the_calendar_ends_a_series(frequency: str) -> None:
    last = datetime(9999, 12, 31, 23, 59, 58)
    assert len(list(Rule.parse(f"FREQ={frequency}").times(last, last, datetime.max))) in (1, 2)


def _some(chance: random.Random, low: int, high: int, *, negative: bool = False) -> str:
    signs = (1, -1) if negative else (1,)
    return ",".join(str(chance.randint(low, high) * chance.choice(signs)) for _n in range(chance.randint(1, 3)))


def _part(chance: random.Random, likely: float, text: str) -> Iterator[str]:
    if chance.random() < likely:
        yield text


def random_rule(chance: random.Random) -> str:
    """Any combination that RFC 5545 allows for days and more."""
    frequency = chance.choice(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"])
    numbered = frequency in ("YEARLY", "MONTHLY") and chance.random() < 0.5
    week = frequency == "YEARLY" and chance.random() < 0.1
    parts = [f"FREQ={frequency}", f"INTERVAL={chance.randint(1, 4)}"]
    parts += _part(chance, 0.4, "BYMONTH=" + _some(chance, 1, 12))
    if frequency != "WEEKLY":
        parts += _part(chance, 0.3, "BYMONTHDAY=" + _some(chance, 1, 28 if frequency == "DAILY" else 31, negative=True))
    if frequency == "YEARLY":
        parts += _part(chance, 0.1, "BYYEARDAY=" + _some(chance, 1, 366, negative=True))
    if week:
        # Not negative, not 52 and 53: dateutil counts a year's weeks wrong at its turn (2022-01-02 is in its week 53).
        parts.append("BYWEEKNO=" + _some(chance, 1, 51))
    if week or chance.random() < 0.5:
        number = str(chance.choice([1, 2, 3, 4, 5, -1, -2])) if numbered and not week else ""
        parts.append("BYDAY=" + ",".join(number + chance.choice(["MO", "TU", "WE", "SA", "SU"]) for _n in range(2)))
    parts += _part(chance, 0.2, "BYHOUR=" + _some(chance, 0, 23))
    parts += _part(chance, 0.2, "BYMINUTE=" + _some(chance, 0, 59))
    if frequency in ("YEARLY", "MONTHLY") and any(part.startswith("BY") for part in parts):
        # Not weekly: dateutil takes the set of a first, cut week from DTSTART on; RFC 5545 takes the whole week.
        # Not daily: a position that no day has sends dateutil to the year 9999.
        parts += _part(chance, 0.2, f"BYSETPOS={chance.choice([1, 2, 3, -1, -2])}")
    parts += _part(chance, 0.3, "WKST=" + chance.choice(["MO", "SU", "WE"]))
    parts += _part(chance, 0.4, f"COUNT={chance.randint(1, 30)}")
    return ";".join(parts)


def _by_dateutil(text: str, start: datetime, first: datetime, last: datetime) -> list[datetime] | None:
    """The same by dateutil, whose series need not begin with DTSTART; None where it would search for too long."""
    count = Rule.parse(text).count
    endless = ";".join(part for part in text.split(";") if not part.startswith("COUNT"))
    found = [start]
    rule = rrulestr(endless + f";UNTIL={last:%Y%m%dT%H%M%S}", dtstart=start)
    for moment in rule.xafter(start, inc=False):
        if moment >= last or len(found) == count or len(found) > 3_000:
            break
        found.append(moment)
    return None if len(found) > 3_000 else [moment for moment in found[:count] if first <= moment < last]


@pytest.mark.slow
@soak("recurrence: rules against dateutil", TRIALS)
def test_thousands_of_random_rules_give_what_dateutil_gives() -> None:
    draw = chance(20_261_122)
    compared = 0
    for _trial in range(TRIALS):
        text = random_rule(draw)
        start = datetime(2020, draw.randint(1, 12), draw.randint(1, 28), draw.randint(0, 23), 30)
        first = start + timedelta(days=draw.choice([0, 0, 10, 200]))
        last = first + timedelta(days=draw.choice([40, 800]))
        expected = _by_dateutil(text, start, first, last)
        if expected is None:
            continue
        compared += 1
        assert list(Rule.parse(text).times(start, first, last)) == expected, (text, start, first, last)
    assert compared > TRIALS * 0.9


@pytest.mark.parametrize("week", [1, 51, 52, 53])
def test_the_weeks_at_the_turn_of_a_year_are_those_of_iso_8601(week: int) -> None:
    first, last = datetime(2000, 1, 1), datetime(2040, 1, 1)
    days = (first + timedelta(days=number) for number in range((last - first).days))
    expected = [day for day in days if day.isocalendar().week == week]
    rule = Rule.parse(f"FREQ=YEARLY;BYWEEKNO={week};BYDAY=MO,TU,WE,TH,FR,SA,SU")
    found = list(rule.times(datetime(1999, 6, 1), first, last))
    assert found == expected


UNITS = {"HOURLY": timedelta(hours=1), "MINUTELY": timedelta(minutes=1), "SECONDLY": timedelta(seconds=1)}


@pytest.mark.parametrize("frequency", UNITS)
def test_rules_by_the_clock_give_every_step_that_fits_and_no_other(frequency: str) -> None:
    chance = random.Random(frequency)
    for _trial in range(100):
        interval = chance.randint(1, 50)
        hours = {chance.randint(0, 23) for _n in range(3)}
        minutes = {chance.choice([0, 15, 30, 45]) for _n in range(3)}
        weekdays = {chance.randint(0, 6) for _n in range(4)}
        text = f"FREQ={frequency};INTERVAL={interval};BYHOUR={','.join(map(str, hours))};BYDAY="
        text += ",".join(["MO", "TU", "WE", "TH", "FR", "SA", "SU"][day] for day in weekdays)
        if frequency != "HOURLY":
            text += f";BYMINUTE={','.join(map(str, minutes))}"
        step = UNITS[frequency] * interval
        first = START + step * chance.randint(0, 500)
        moments = [START + step * number for number in range(3_000)]
        last = min(moments[-1], first + step * 800)
        expected = [
            moment
            for moment in moments
            if moment == START
            or (
                moment.hour in hours
                and moment.weekday() in weekdays
                and (frequency == "HOURLY" or moment.minute in minutes)
            )
        ]
        expected = [moment for moment in expected if first <= moment < last]
        assert list(Rule.parse(text).times(START, first, last)) == expected, text


def test_a_zone_on_the_start_is_left_to_the_caller() -> None:
    aware = START.replace(tzinfo=UTC)
    assert next(Rule.parse("FREQ=DAILY").times(aware, aware, aware + timedelta(days=1))) == START
