"""The characters of the screen."""

from __future__ import annotations

import dataclasses
import unicodedata

import pytest

from tui.widgets.marks import ASCII, UNICODE, Marks, marks_for


def _characters(marks: Marks) -> list[str]:
    return [c for value in dataclasses.astuple(marks) for c in (value.values() if isinstance(value, dict) else value)]


def test_no_mark_is_wide():
    assert all(unicodedata.east_asian_width(c) not in "WF" for c in _characters(UNICODE))


def test_plain_marks_are_ascii():
    assert "".join(_characters(ASCII)).isascii()


@pytest.mark.parametrize("marks", [UNICODE, ASCII])
def test_each_status_has_a_mark_of_its_own(marks: Marks):
    assert len(set(marks.status.values())) == len(marks.status)


@pytest.mark.parametrize(
    ("env", "marks"),
    [
        ({"LANG": "fr_FR.UTF-8"}, UNICODE),
        ({"LANG": "C"}, ASCII),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, ASCII),
        ({"LANG": "C", "LC_CTYPE": "C.utf8"}, UNICODE),
        ({}, UNICODE),
    ],
)
def test_the_locale_decides(env, marks):
    assert marks_for(env) is marks
