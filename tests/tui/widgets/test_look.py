"""Titles, times and broken lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.calendar.event import BusyStatus
from tui.text import cell_width
from tui.widgets.look import Look, times, title, wrap


def test_a_line_is_broken_at_a_space():
    assert wrap("Team meeting", 8, 3) == ["Team    ", "meeting "]


def test_a_word_that_is_longer_than_a_line_is_broken():
    assert wrap("Conference", 4, 3) == ["Conf", "eren", "ce  "]


def test_the_last_line_says_that_there_is_more():
    assert wrap("Conference of the partners", 12, 2) == ["Conference  ", "of the part…"]


def test_where_there_is_little_room_a_cut_title_keeps_its_letters():
    assert wrap("Conference", 4, 2) == ["Conf", "eren"]


def test_an_accent_that_is_a_character_of_its_own_stays_with_its_letter():
    assert wrap("Cafe\u0301s", 4, 2) == ["Cafe\u0301", "s   "]


@given(st.text(st.sampled_from("ab 日é"), max_size=40), st.integers(1, 12), st.integers(1, 5))
def test_every_line_is_exactly_as_wide_as_asked(text: str, width: int, lines: int):
    assert all(cell_width(line) == width for line in wrap(text, width, lines))


@given(st.text(st.sampled_from("ab 日é"), max_size=40), st.integers(1, 12), st.integers(0, 5))
def test_there_are_never_more_lines_than_asked(text: str, width: int, lines: int):
    assert len(wrap(text, width, lines)) <= lines


def test_a_title_of_spaces_is_no_title(at):
    assert title(at(0, 9, 10, "  ", BusyStatus.TENTATIVE)) == "Tentative"


def test_times_of_a_whole_day(whole_days):
    assert times(whole_days(0, 0)) == "All day"


def test_a_moment_without_length_has_one_time(at):
    assert times(at(0, 9, 9)) == "9:00 AM"


def test_free_events_have_an_ink_of_their_own(at):
    assert Look().ink("event", at(0, 9, 10, status=BusyStatus.FREE)).role == "event.free"


def test_a_cancelled_event_has_an_ink_of_its_own(at):
    assert Look().ink("event", at(0, 9, 10, cancelled=True)).role == "event.cancelled"
