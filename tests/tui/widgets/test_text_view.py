from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text import cell_width, clean
from tui.widgets.text_view import Line, table, wrapped


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 9, ["one two", "three"]),
        ("  one two three", 9, ["  one two", "  three"]),
        ("• one two three", 9, ["• one two", "  three"]),
        ("abcdefghijkl", 8, ["abcdefgh", "ijkl"]),
        ("日本語日本語", 8, ["日本語日", "本語"]),
        ("", 8, [""]),
    ],
)
def test_long_lines_go_on_where_they_are_indented(text, width, lines):
    assert wrapped(text, width) == lines


@given(st.text(max_size=200), st.integers(8, 40))
def test_no_line_is_wider_than_the_view_and_no_letter_is_lost(text, width):
    line = clean(text)
    parts = wrapped(line, width)
    assert all(cell_width(part) <= width for part in parts)
    assert "".join("".join(part.split()) for part in parts) == "".join(line.split())


def test_a_table_leaves_out_what_says_nothing_and_aligns_the_rest():
    assert table([("To", "Bruno"), ("Subject", "  "), ("Écrit", "hier")]) == [
        Line("To       Bruno", hang=9),
        Line("Écrit    hier", hang=9),
    ]
