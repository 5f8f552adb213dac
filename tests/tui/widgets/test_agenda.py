"""The agenda: a list by days."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tui.widgets.agenda import Agenda
from tui.widgets.look import Look, Step, Turn

NOW = datetime(2026, 11, 18, 10, 42, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
def agenda(week):
    def make(*entries, width: int = 60, height: int = 12) -> Agenda:
        made = Agenda(Look())
        made.resize(width, height)
        made.show(week, entries)
        return made

    return make


def _lines(agenda: Agenda) -> list[str]:
    canvas = agenda.paint(focused=True, now=NOW)
    return [canvas.line(y).rstrip() for y in range(canvas.height)]


def test_days_without_events_are_left_out(agenda, at):
    heads = [line for line in _lines(agenda(at(0, 9, 10), at(3, 9, 10))) if "2026" in line]
    assert heads == [" Monday, November 16, 2026", " Thursday, November 19, 2026"]


def test_nothing_to_show_is_said(agenda):
    assert any("Nothing in these days." in line for line in _lines(agenda()))


def test_whole_days_come_first(agenda, at, whole_days):
    lines = _lines(agenda(at(0, 0, 1, "Night"), whole_days(0, 0, "Holiday")))
    assert "Holiday" in lines[1]


def test_an_event_of_several_days_stands_on_each(agenda, whole_days):
    assert sum("Trip" in line for line in _lines(agenda(whole_days(0, 2, "Trip")))) == 3


def test_down_goes_from_event_to_event_over_the_heads(agenda, at):
    made = agenda(at(0, 9, 10, "A"), at(2, 9, 10, "B"))
    assert made.selected.title == "A"
    made.move(Step.DOWN)
    assert made.selected.title == "B"


def test_right_goes_to_the_next_day_that_has_events(agenda, at):
    made = agenda(at(0, 9, 10, "A"), at(0, 10, 11, "B"), at(2, 9, 10, "C"))
    made.move(Step.RIGHT)
    assert made.selected.title == "C"
    made.move(Step.LEFT)
    assert made.selected.title == "A"


def test_beyond_the_last_event_the_walk_asks_for_other_days(agenda, at):
    made = agenda(at(0, 9, 10))
    assert made.move(Step.DOWN) is Turn.ON
    assert made.move(Step.UP) is Turn.BACK


def test_an_empty_agenda_can_be_walked_through(agenda):
    made = agenda()
    assert [made.move(step) for step in (Step.DOWN, Step.UP, Step.RIGHT, Step.LEFT)] == [
        Turn.ON,
        Turn.BACK,
        Turn.ON,
        Turn.BACK,
    ]
    assert made.selected is None


def test_go_to_finds_the_day_or_the_next_one_with_events(agenda, at):
    made = agenda(at(0, 9, 10, "A"), at(3, 9, 10, "B"))
    made.go_to(date(2026, 11, 17))
    assert made.selected.title == "B"


def test_the_cursor_is_always_in_sight(agenda, at):
    made = agenda(*(at(day, 9, 10, f"E{day}") for day in range(7)), height=4)
    while made.move(Step.DOWN) is None:
        assert any(made.selected.title in line for line in _lines(made))


def test_fresh_entries_keep_the_cursor_on_its_event(agenda, at, week):
    made = agenda(at(0, 9, 10, "A"), at(2, 9, 10, "B"))
    made.move(Step.DOWN)
    made.show(week, [at(0, 8, 9, "New"), at(0, 9, 10, "A"), at(2, 9, 10, "B")])
    assert made.selected.title == "B"


def test_the_mouse_finds_the_event_of_its_line(agenda, at):
    made = agenda(at(0, 9, 10, "A"), at(0, 10, 11, "B"))
    assert made.hit(5, 2)
    assert made.selected.title == "B"
    assert not made.hit(5, 0)
