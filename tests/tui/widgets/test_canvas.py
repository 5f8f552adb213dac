"""Cells, and the difference between two canvases."""

from __future__ import annotations

from tui.widgets.canvas import Canvas, Ink, changed_lines

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
    assert changed_lines(_canvas("abc", "def"), _canvas("abc", "def")) == []


def test_lines_that_follow_each_other_are_one_change():
    assert changed_lines(_canvas("a", "b", "c", "d"), _canvas("x", "b", "y", "z")) == [(0, 1), (2, 2)]


def test_another_ink_is_a_change():
    new = _canvas("abc", "def")
    new.tint(1, 1, 1, RED)
    assert changed_lines(_canvas("abc", "def"), new) == [(1, 1)]


def test_another_size_changes_everything():
    assert changed_lines(_canvas("ab", "cd"), _canvas("abc", "def")) == [(0, 2)]
