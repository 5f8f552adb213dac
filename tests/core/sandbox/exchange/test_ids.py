"""Ids say what they name, and nothing that is not one is taken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.ids import EwsId, IdKind, change_key, change_number

NUMBERS = st.integers(0, 2**32 - 1)
IDS = st.one_of(
    st.builds(EwsId, st.uuids(), st.just(IdKind.FOLDER), NUMBERS),
    st.builds(
        EwsId, st.uuids(), st.sampled_from([kind for kind in IdKind if kind is not IdKind.FOLDER]), NUMBERS, NUMBERS
    ),
)


@given(IDS)
def test_an_id_is_read_as_it_was_written(number):
    assert EwsId.parse(str(number)) == number


@given(st.text(max_size=80))
def test_any_text_is_an_id_or_refused_by_name(text):
    try:
        EwsId.parse(text)
    except EwsError as error:
        assert error.code in ("ErrorInvalidIdEmpty", "ErrorInvalidIdMalformed")


def test_an_instance_is_named_by_its_series_and_its_original_start():
    master = EwsId(UUID(int=7), IdKind.ITEM, 12)
    start = datetime(2027, 5, 3, 8, tzinfo=UTC)
    one, other = master.occurrence(start), master.occurrence(start + timedelta(days=1))
    assert (one.original, one.number, one == other) == (start, 12, False)


@given(st.integers(0, 2**50))
def test_a_change_key_is_read_as_it_was_written(number):
    assert change_number(change_key(number)) == number


@pytest.mark.parametrize("key", ["", "x", "AAAA", "é"])
def test_what_is_no_change_key_is_refused(key):
    with pytest.raises(EwsError) as error:
        change_number(key)
    assert error.value.code == "ErrorInvalidChangeKey"
