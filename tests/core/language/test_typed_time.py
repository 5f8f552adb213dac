from __future__ import annotations

from datetime import time

import pytest

from core.errors import UsageError
from core.language.typed_time import read_time


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("9", time(9)),
        ("9:30", time(9, 30)),
        ("09:30", time(9, 30)),
        ("9h30", time(9, 30)),
        ("14 h", time(14)),
        ("14.15", time(14, 15)),
        ("930", time(9, 30)),
        ("1645", time(16, 45)),
        ("2 pm", time(14)),
        ("2:30 PM", time(14, 30)),
        ("12 am", time(0)),
        ("12 p.m.", time(12)),
        ("noon", time(12)),
        ("minuit", time(0)),
        ("24:00", time(0)),
        ("  8:00 AM ", time(8)),
    ],
)
def test_a_time_is_read_as_people_type_it(text, wanted):
    assert read_time(text) == wanted


@pytest.mark.parametrize("text", ["", "25", "9:60", "13 pm", "0 am", "soon", "-1", "1:2:3", "٣"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(UsageError, match="no time of day"):
        read_time(text)
