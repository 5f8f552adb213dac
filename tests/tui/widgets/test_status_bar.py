"""A message begins in the line above where the one it stands in is too short."""

from __future__ import annotations

import pytest

from tests.cost import SECONDS, cheapest
from tui.widgets.status_bar import _in_two


@pytest.mark.parametrize(
    ("message", "two"),
    [
        ("Deleted “Lunch”.", ("", "Deleted “Lunch”.")),
        ("Deleted “Lunch with all”. u undoes it, U too.", ("Deleted “Lunch with all”. u", "undoes it, U too.")),
        ("Deleted “" + "x" * 60 + "”.", ("Deleted", "“" + "x" * 60 + "”.")),
        ("x" * 60, ("", "x" * 60)),
        ("京" * 10 + " " + "京" * 30, ("京" * 10, "京" * 30)),
    ],
)  # fmt: skip
def test_a_long_message_is_cut_between_words(message: str, two: tuple[str, str]):
    assert _in_two(message, 40, 30) == two


@pytest.mark.parametrize("unit", ["x ", "é ", "a\u0301 ", "\u0301", " ", "x"])
def test_a_message_with_a_title_of_a_million_letters_is_cut_in_less_than_a_second(unit: str):
    seconds, _megabytes = cheapest(lambda data: _in_two(data.decode(), 118, 80), (unit * 500_000).encode())
    assert seconds < SECONDS
