"""Outlook's recurrence patterns and the rules they stand for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.patterns import (
    EVERY_DAY,
    WEEKDAYS,
    WEEKEND,
    Pattern,
    PatternKind,
    pattern_of,
    pattern_words,
    rule_of,
    rule_words,
    suggested,
)
from core.errors import UsageError
from core.ical.rules import Rule
from core.language import use_language

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 24, 9, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        (Pattern(PatternKind.DAILY), "FREQ=DAILY"),
        (Pattern(PatternKind.DAILY, interval=3, count=5), "FREQ=DAILY;INTERVAL=3;COUNT=5"),
        (Pattern(PatternKind.EVERY_WEEKDAY), "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        (Pattern(PatternKind.WEEKLY, interval=2, days=(0, 3)), "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"),
        (Pattern(PatternKind.MONTHLY_DAY, day=15), "FREQ=MONTHLY;BYMONTHDAY=15"),
        (Pattern(PatternKind.MONTHLY_DAY, day=31), "FREQ=MONTHLY;BYMONTHDAY=-1"),
        (Pattern(PatternKind.MONTHLY_PLACE, days=(1,), place=2), "FREQ=MONTHLY;BYDAY=2TU"),
        (
            Pattern(PatternKind.MONTHLY_PLACE, days=WEEKDAYS, place=-1),
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        ),
        (Pattern(PatternKind.YEARLY_DAY, day=24, month=12), "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24"),
        (Pattern(PatternKind.YEARLY_PLACE, days=(3,), place=4, month=11), "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"),
    ],
)
def test_each_choice_of_the_dialog_has_its_rule_and_back(pattern: Pattern, rule: str) -> None:
    assert (rule_of(pattern, START), pattern_of(rule, START)) == (rule, pattern)


@pytest.mark.parametrize(
    ("start", "rule"),
    [
        (START, "FREQ=DAILY;UNTIL=20261224T080000Z"),
        (datetime(2026, 11, 24, 9), "FREQ=DAILY;UNTIL=20261224T090000"),
        (date(2026, 11, 24), "FREQ=DAILY;UNTIL=20261224"),
    ],
)
def test_the_end_is_written_as_the_start_is(start: date, rule: str) -> None:
    assert rule_of(Pattern(PatternKind.DAILY, until=date(2026, 12, 24)), start) == rule


def test_an_end_in_utc_is_read_in_the_events_own_zone() -> None:
    late = datetime(2026, 11, 24, 0, 30, tzinfo=PARIS)
    found = pattern_of("FREQ=DAILY;UNTIL=20261223T233000Z", late)
    assert found is not None and found.until == date(2026, 12, 24)


def test_a_monthly_thirtieth_comes_in_february_too_as_in_outlook() -> None:
    rule = Rule.parse(rule_of(Pattern(PatternKind.MONTHLY_DAY, day=30), date(2027, 1, 30)))
    days = list(rule.instants(date(2027, 1, 30), date(2027, 1, 1), date(2027, 5, 1)))
    assert days == [date(2027, 1, 30), date(2027, 2, 28), date(2027, 3, 30), date(2027, 4, 30)]


@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "FREQ=MONTHLY;BYMONTHDAY=1,15", "FREQ=YEARLY;BYWEEKNO=20", "nonsense"])
def test_a_rule_that_the_dialog_does_not_have_is_no_pattern(rule: str) -> None:
    assert pattern_of(rule, START) is None


def test_such_a_rule_is_shown_as_it_is_written() -> None:
    assert rule_words("FREQ=YEARLY;BYWEEKNO=20", START) == "by the rule FREQ=YEARLY;BYWEEKNO=20"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (Pattern(PatternKind.DAILY), "every day"),
        (Pattern(PatternKind.DAILY, interval=2, count=1), "every 2 days, once"),
        (Pattern(PatternKind.EVERY_WEEKDAY, count=10), "every weekday (Monday to Friday), 10 times"),
        (
            Pattern(PatternKind.WEEKLY, interval=2, days=(0, 3, 6), until=date(2026, 12, 24)),
            "every 2 weeks on Sunday, Monday and Thursday, until Dec 24, 2026",
        ),
        (Pattern(PatternKind.MONTHLY_DAY, day=31), "every month on the last day"),
        (Pattern(PatternKind.MONTHLY_PLACE, interval=3, days=(1,), place=2), "every 3 months on the second Tuesday"),
        (Pattern(PatternKind.MONTHLY_PLACE, days=WEEKEND, place=1), "every month on the first weekend day"),
        (Pattern(PatternKind.YEARLY_DAY, day=31, month=12), "every year on December 31"),
        (
            Pattern(PatternKind.YEARLY_PLACE, days=EVERY_DAY, place=-1, month=2),
            "every year on the last day of February",
        ),
    ],
)
def test_a_pattern_is_said_in_words(pattern: Pattern, words: str) -> None:
    assert pattern_words(pattern) == words


def test_the_words_name_days_in_the_persons_language() -> None:
    use_language("fr")
    assert "lundi" in pattern_words(Pattern(PatternKind.WEEKLY, days=(0,)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": PatternKind.DAILY, "interval": 0},
        {"kind": PatternKind.WEEKLY},
        {"kind": PatternKind.DAILY, "count": 0},
        {"kind": PatternKind.DAILY, "count": 3, "until": date(2027, 1, 1)},
        {"kind": PatternKind.MONTHLY_PLACE, "days": (0,), "place": 5},
        {"kind": PatternKind.YEARLY_DAY, "month": 13},
    ],
)
def test_a_choice_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Pattern(**wrong)  # type: ignore[arg-type]


def test_a_repetition_cannot_end_before_it_starts() -> None:
    with pytest.raises(UsageError):
        rule_of(Pattern(PatternKind.DAILY, until=date(2026, 11, 23)), START)


def test_the_dialog_starts_with_what_the_start_suggests() -> None:
    assert suggested(PatternKind.MONTHLY_PLACE, datetime(2027, 1, 29, 9, tzinfo=UTC)) == Pattern(
        PatternKind.MONTHLY_PLACE, days=(4,), day=29, place=-1, month=1
    )


PATTERNS = st.builds(
    Pattern,
    st.sampled_from([PatternKind.WEEKLY, PatternKind.MONTHLY_PLACE, PatternKind.YEARLY_PLACE]),
    st.integers(1, 40),
    st.integers(0, 6).map(lambda day: (day,)),
    place=st.sampled_from([1, 2, 3, 4, -1]),
    month=st.integers(1, 12),
    count=st.none() | st.integers(1, 99),
)


@given(PATTERNS)
def test_a_pattern_read_back_gives_the_same_rule(pattern: Pattern) -> None:
    rule = rule_of(pattern, START)
    found = pattern_of(rule, START)
    assert found is not None and rule_of(found, START) == rule
