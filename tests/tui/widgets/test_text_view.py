from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from tests.cost import SECONDS, cheapest
from tests.tui.conftest import screen_text
from tui.text import cell_width, clean
from tui.widgets.text_view import Line, TextView, table, wrapped


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 9, ["one two", "three"]),
        ("  one two three", 9, ["  one two", "  three"]),
        ("• one two three", 9, ["• one two", "  three"]),
        ("abcdefghijkl", 8, ["abcdefgh", "ijkl"]),
        ("日本語日本語", 8, ["日本語日", "本語"]),
        ("", 8, [""]),
        ("0000000 000000000", 8, ["0000000", "00000000", "0"]),
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


class Reader(App[None]):
    """A text over the whole screen."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._number = lines

    def compose(self) -> ComposeResult:
        yield TextView([Line("x" * 37 + "END") for _each in range(self._number)])


@pytest.mark.parametrize("lines", [3, 12, 13, 40])
async def test_the_last_letters_of_a_line_are_seen_beside_the_scrollbar(lines):
    app = Reader(lines)
    async with app.run_test(size=(42, 12)) as pilot:  # 40 cells for the text, 39 beside a scrollbar
        await pilot.pause()
        seen = ["".join(line.split()) for line in screen_text(app).splitlines()[:12]]
    whole = "x" * 37 + "END"
    assert seen[:3] == [whole] * 3 if lines <= 12 else [whole[:39], whole[39:], whole[:39]]


async def test_a_text_that_grows_longer_than_the_screen_makes_room_for_the_scrollbar():
    app = Reader(1)
    async with app.run_test(size=(42, 12)) as pilot:
        view = app.query_one(TextView)
        view.show([Line("x" * 37 + "END")] * 20)
        await pilot.pause()
        assert "".join(screen_text(app).split()).startswith("x" * 37 + "END" + "x" * 37 + "END")


def test_words_that_a_space_holds_together_stay_in_one_line():
    assert wrapped("aaaa aaaa «\u00a0b\u00a0» c", 12) == ["aaaa aaaa", "«\u00a0b\u00a0» c"]


@pytest.mark.parametrize("word", ["x", "é", "京", "a\u0301", "\u0301"])
def test_a_word_of_a_million_letters_is_broken_into_lines_in_less_than_a_second(word):
    seconds, _megabytes = cheapest(
        lambda data: wrapped(data.decode(), 70, 12), (word * (1_000_000 // len(word.encode()))).encode()
    )
    assert seconds < SECONDS
