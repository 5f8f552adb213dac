"""Cells, and the difference between two canvases."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.canvas import GAP, Canvas, Change, Ink, changes

RED = Ink("red")


def _canvas(*lines: str) -> Canvas:
    canvas = Canvas(max(map(len, lines)), len(lines))
    for y, line in enumerate(lines):
        canvas.put(0, y, line, Ink("base"))
    return canvas


def test_text_that_does_not_fit_ends_in_an_ellipsis():
    canvas = Canvas(5, 1)
    canvas.put(0, 0, "Stand-up", RED)
    assert canvas.line(0) == "Stan…"


def test_a_wide_character_takes_two_cells():
    canvas = Canvas(4, 1)
    canvas.put(0, 0, "日x", RED)
    assert canvas.texts[0] == ["日", "", "x", " "]


def test_half_a_wide_character_never_stays():
    canvas = Canvas(4, 1)
    canvas.put(0, 0, "日本", RED)
    canvas.put(1, 0, "ab", RED)
    assert canvas.texts[0] == [" ", "a", "b", " "]


def test_a_combining_mark_stays_with_its_letter():
    canvas = Canvas(3, 1)
    canvas.put(0, 0, "e\u0301a", RED)
    assert canvas.texts[0] == ["e\u0301", "a", " "]


def test_nothing_is_written_outside():
    canvas = Canvas(3, 1)
    canvas.put(-1, 0, "x", RED)
    canvas.put(0, 7, "x", RED)
    canvas.fill(2, 0, 9, 9, RED)
    assert (canvas.line(0), len(canvas.inks[0])) == ("   ", 3)


def test_runs_join_cells_of_one_ink():
    canvas = Canvas(4, 1)
    canvas.put(1, 0, "ab", RED)
    assert [text for text, _ink in canvas.runs(0)] == [" ", "ab", " "]


def test_equal_canvases_have_no_changes():
    assert changes(_canvas("abc", "def"), _canvas("abc", "def")) == []


def test_one_changed_cell_is_one_change():
    assert changes(_canvas("abc", "def"), _canvas("abc", "dxf")) == [Change(1, 1, 1)]


def test_far_changes_of_one_line_are_sent_apart():
    gap = " " * (GAP + 1)
    assert changes(_canvas(f"a{gap}b"), _canvas(f"x{gap}y")) == [Change(0, 0, 1), Change(GAP + 2, 0, 1)]


def test_near_changes_of_one_line_are_sent_as_one():
    assert changes(_canvas("a   b"), _canvas("x   y")) == [Change(0, 0, 5)]


def test_another_ink_is_a_change():
    new = _canvas("abc")
    new.tint(1, 0, 1, RED)
    assert changes(_canvas("abc"), new) == [Change(1, 0, 1)]


def test_a_change_never_splits_a_wide_character():
    old, new = Canvas(4, 1), Canvas(4, 1)
    new.put(0, 0, "日本", RED)
    old.put(0, 0, "日x", RED)
    assert all(new.texts[0][change.x] for change in changes(old, new))


def test_another_size_changes_everything():
    assert changes(_canvas("ab"), _canvas("abc")) == [Change(0, 0, 3)]


_TEXT = st.text(st.sampled_from("ab 日"), max_size=12)


@given(_TEXT, _TEXT)
def test_applying_the_changes_to_the_old_canvas_gives_the_new_one(one: str, other: str):
    old, new = Canvas(12, 1), Canvas(12, 1)
    old.put(0, 0, one, RED, 12)
    new.put(0, 0, other, RED, 12)
    for change in changes(old, new):
        end = change.x + change.width
        old.texts[0][change.x : end] = new.texts[0][change.x : end]
        old.inks[0][change.x : end] = new.inks[0][change.x : end]
    assert (old.texts, old.inks) == (new.texts, new.inks)
