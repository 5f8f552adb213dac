"""Rules whose series moves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import Moment
from core.calendar.rule_shift import shifted_rule
from core.errors import Refused

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=PARIS)


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("rule", "new", "expected"),
    [
        ("FREQ=DAILY", at(24), "FREQ=DAILY"),
        ("FREQ=WEEKLY;BYDAY=MO,FR", at(24), "FREQ=WEEKLY;BYDAY=TU,SA"),
        ("FREQ=WEEKLY;BYDAY=MO,FR", at(22), "FREQ=WEEKLY;BYDAY=TH,SU"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", at(25), "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE;WKST=WE"),
        ("FREQ=DAILY;UNTIL=20261130T080000Z", at(23, 17), "FREQ=DAILY;UNTIL=20261130T160000Z"),
        ("FREQ=DAILY;UNTIL=20261130T225959Z", at(24), "FREQ=DAILY;UNTIL=20261201T080000Z"),
        ("FREQ=DAILY;UNTIL=20261130", at(23, 17), "FREQ=DAILY;UNTIL=20261130T160000Z"),
        ("FREQ=DAILY;UNTIL=20261130T080000Z", date(2026, 11, 23), "FREQ=DAILY;UNTIL=20261130"),
        ("FREQ=DAILY;UNTIL=20261130T070000Z", date(2026, 11, 23), "FREQ=DAILY;UNTIL=20261129"),
        ("FREQ=HOURLY;UNTIL=20261123T150000Z", at(23, 10), "FREQ=HOURLY;UNTIL=20261123T160000Z"),
        ("FREQ=DAILY;COUNT=3", datetime(2026, 11, 23, 18, tzinfo=UTC), "FREQ=DAILY;COUNT=3"),
        ("FREQ=YEARLY", at(24), "FREQ=YEARLY"),
    ],
)
def test_a_rule_follows_its_series(rule: str, new: Moment, expected: str) -> None:
    assert shifted_rule(rule, MONDAY, new) == expected


@pytest.mark.parametrize(
    ("rule", "new"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", at(24)),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=4", at(24)),
        ("FREQ=DAILY;BYHOUR=9,17", at(23, 10)),
        ("FREQ=HOURLY;COUNT=3", date(2026, 11, 23)),
        ("FREQ=DAILY;BYMONTH=11", at(24)),
        ("FREQ=MONTHLY;BYMONTH=11;BYMONTHDAY=23", at(24)),
    ],
)
def test_where_nobody_can_say_what_is_meant_the_new_rule_is_asked_for(rule: str, new: Moment) -> None:
    with pytest.raises(Refused):
        shifted_rule(rule, MONDAY, new)


def test_a_series_that_does_not_move_keeps_its_rule_to_the_letter() -> None:
    assert shifted_rule("BYDAY=MO;FREQ=WEEKLY", MONDAY, MONDAY) == "BYDAY=MO;FREQ=WEEKLY"
