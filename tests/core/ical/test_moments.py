"""Arithmetic on moments, at clock changes and at both ends of the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.ical.moments import length, plus, settle, to_utc

PARIS = ZoneInfo("Europe/Paris")
TOKYO = ZoneInfo("Asia/Tokyo")
HAWAII = ZoneInfo("Pacific/Honolulu")


def test_a_day_by_the_calendar_keeps_the_clock() -> None:
    assert plus(datetime(2026, 3, 28, 12, tzinfo=PARIS), 1) == datetime(2026, 3, 29, 12, tzinfo=PARIS)


def test_an_exact_time_moves_the_clock() -> None:
    later = plus(datetime(2026, 3, 28, 12, tzinfo=PARIS), 0, timedelta(hours=24))
    assert later == datetime(2026, 3, 29, 13, tzinfo=PARIS)


def test_a_time_in_a_gap_becomes_one_that_exists() -> None:
    assert settle(datetime(2026, 3, 29, 2, 30, tzinfo=PARIS)).hour == 3


def test_a_date_begins_at_midnight_of_the_zone_that_is_asked_for() -> None:
    assert to_utc(date(2026, 1, 1), TOKYO) == datetime(2025, 12, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment", [datetime(1, 1, 1, tzinfo=TOKYO), datetime(9999, 12, 31, 23, 59, tzinfo=HAWAII), date.min, date.max]
)
def test_the_ends_of_the_calendar_have_an_instant(moment: date) -> None:
    assert to_utc(moment, TOKYO).tzinfo is UTC


@pytest.mark.parametrize("moment", [date.max, datetime(9999, 12, 31, 23, tzinfo=UTC)])
def test_nothing_is_after_the_end_of_the_calendar(moment: date) -> None:
    assert plus(moment, 1, timedelta(hours=2)) == moment


def test_midnight_to_midnight_is_a_day_even_when_it_has_23_hours() -> None:
    assert length(datetime(2026, 3, 29, tzinfo=PARIS), datetime(2026, 3, 30, tzinfo=PARIS)) == (1, timedelta(0))
