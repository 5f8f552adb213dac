"""Ranges of days, spans of time, working hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.span import (
    WHOLE_CALENDAR,
    DateRange,
    Preset,
    TimeSpan,
    WorkingHours,
    days_from,
    parse_range,
    preset_range,
)
from core.errors import UsageError

TODAY = date(2026, 11, 22)
PARIS = ZoneInfo("Europe/Paris")


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 22, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", TODAY, TODAY),
        ("Tomorrow ", date(2026, 11, 23), date(2026, 11, 23)),
        ("7d", TODAY, date(2026, 11, 28)),
        ("30d", TODAY, date(2026, 12, 21)),
        ("2026-11-22..2026-11-30", TODAY, date(2026, 11, 30)),
        ("-30d..+60d", date(2026, 10, 23), date(2027, 1, 21)),
    ],
)
def test_a_range_is_read_as_the_command_line_promises(text: str, first: date, last: date) -> None:
    assert parse_range(text, TODAY) == DateRange(first, last)


def test_all_is_the_whole_calendar() -> None:
    assert parse_range("all", TODAY).whole


@pytest.mark.parametrize("text", ["", "0d", "yesterday", "2026-11-22", "2026-13-01..2026-13-02", "99999d..+1d", "d",
                                  "99999999999d", "2026-11-22...2026-11-23", "٣d"])  # fmt: skip
def test_what_is_no_range_is_refused_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_range(text, TODAY)
    assert "7d" in refused.value.hint


@pytest.mark.parametrize("text", ["2026-11-30..2026-11-22", "+2d..-2d"])
def test_a_range_that_ends_before_it_starts_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="ends before"):
        parse_range(text, TODAY)


def test_half_a_range_is_none() -> None:
    with pytest.raises(ValueError, match="both"):
        DateRange(TODAY, None)


@pytest.mark.parametrize(
    ("preset", "days"), [(Preset.TODAY, 1), (Preset.TOMORROW, 1), (Preset.NEXT_7_DAYS, 7), (Preset.NEXT_30_DAYS, 30)]
)
def test_a_preset_has_as_many_days_as_it_says(preset: Preset, days: int) -> None:
    assert preset_range(preset, TODAY).days == days


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(1, 400))
def test_a_number_of_days_from_a_day_is_that_many(first: date, count: int) -> None:
    assert days_from(first, count).days == count


def test_the_whole_calendar_has_no_number_of_days() -> None:
    assert WHOLE_CALENDAR.days == 0


def test_the_span_of_the_whole_calendar_holds_any_year() -> None:
    assert WHOLE_CALENDAR.span(PARIS).overlaps(at(9).replace(year=1601), at(9).replace(year=9000))


def test_a_range_ends_at_the_midnight_after_its_last_day_in_the_zone() -> None:
    span = DateRange(date(2026, 3, 29), date(2026, 3, 29)).span(PARIS)
    assert span.end.astimezone(UTC) - span.start.astimezone(UTC) == timedelta(hours=23)


@pytest.mark.parametrize(
    ("start", "end", "touches"),
    [
        (at(8), at(9), False), (at(8), at(9, 1), True), (at(10), at(11), False), (at(9, 59), at(11), True),
        (at(8), at(12), True), (at(9), at(9), True), (at(10), at(10), False),
    ],
)  # fmt: skip
def test_a_span_is_touched_from_its_start_up_to_its_end(start: datetime, end: datetime, touches: bool) -> None:
    assert TimeSpan(at(9), at(10)).overlaps(start, end) is touches


@pytest.mark.parametrize(("start", "end"), [(at(9).replace(tzinfo=None), at(10)), (at(10), at(9))])
def test_a_span_without_zones_or_backwards_is_an_error_of_ours(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="span"):
        TimeSpan(start, end)


def test_the_working_day_is_outlooks_by_default() -> None:
    window = WorkingHours().on(date(2026, 11, 23), PARIS)
    assert window == TimeSpan(datetime(2026, 11, 23, 8, tzinfo=PARIS), datetime(2026, 11, 23, 17, tzinfo=PARIS))


def test_nobody_works_on_sunday_by_default() -> None:
    assert WorkingHours().on(TODAY, PARIS) is None


def test_working_hours_that_end_before_they_start_are_refused() -> None:
    with pytest.raises(UsageError):
        WorkingHours(start=time(17), end=time(8))
