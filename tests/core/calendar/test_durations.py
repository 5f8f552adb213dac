from datetime import timedelta

import pytest

from core.calendar.durations import parse_duration
from core.errors import UsageError


@pytest.mark.parametrize(
    ("text", "minutes"), [("30m", 30), ("2h", 120), ("1d", 1440), ("1h30m", 90), (" 2H ", 120), ("0m", 0)]
)
def test_a_duration_is_read_as_the_contract_writes_it(text: str, minutes: int):
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "30", "m", "-30m", "1w", "30m2h", "٣m", "99999999999m"])
def test_what_is_no_duration_is_refused_with_the_forms_that_are(text: str):
    with pytest.raises(UsageError) as refused:
        parse_duration(text)
    assert "30m" in refused.value.hint
