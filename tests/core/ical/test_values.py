"""The door to icalendar: values come out as ours, and bad ones as BadValue only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ical.values import BadValue, binary, duration, integer, moment, utc_offset


@pytest.mark.parametrize(
    ("text", "value"),
    [("20260105", date(2026, 1, 5)), ("20260105T090000", datetime(2026, 1, 5, 9)),
     ("20260105T090000Z", datetime(2026, 1, 5, 9, tzinfo=UTC))],
)  # fmt: skip
def test_dates_and_times_are_read(text: str, value: date) -> None:
    assert moment(text) == (value, True)


@given(st.text(max_size=30) | st.from_regex(r"-?P?[0-9TDHMSWZ:+-]{0,20}", fullmatch=True))
@pytest.mark.parametrize("read", [moment, duration, utc_offset, integer, binary])
def test_whatever_the_bytes_only_bad_value_comes_out(read: object, text: str) -> None:
    try:
        read(text)  # type: ignore[operator]
    except BadValue as error:
        assert len(str(error)) <= 60


def test_days_and_hours_of_a_duration_are_kept_apart() -> None:
    found = duration("P1DT2H")
    assert (found.days, found.exact) == (1, timedelta(hours=2))


@pytest.mark.parametrize("text", ["P", "PT", "", "P99999999999W", "soon"])
def test_what_is_no_duration_is_bad(text: str) -> None:
    with pytest.raises(BadValue):
        duration(text)
