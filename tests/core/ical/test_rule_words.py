from __future__ import annotations

import pytest

from core.ical.rule_words import rule_words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=5", "every 3 days 5 times"),
        ("FREQ=WEEKLY;BYDAY=WE,MO,FR", "every week on Monday, Wednesday and Friday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=SU", "every 2 weeks on Tuesday"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "every month on day 15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=1", "every month on the last Friday 1 time"),
        ("FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=3", "every year on day 3 in June"),
        ("FREQ=WEEKLY;UNTIL=20270603", "every week until Jun 3, 2027"),
    ],
)
def test_a_usual_repetition_is_said_in_words(rule, words):
    assert rule_words(rule) == words


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=-1",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=HOURLY",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "nonsense",
        "",
    ],
)
def test_a_repetition_that_words_would_not_say_whole_is_shown_as_it_is_written(rule):
    assert rule_words(rule) == rule
