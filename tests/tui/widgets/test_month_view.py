"""The month: what is drawn, and where the cursor goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import BusyStatus
from core.language import use_language
from tui.widgets.look import Look, Step, Turn
from tui.widgets.marks import ASCII, UNICODE
from tui.widgets.month_view import MonthView
from tui.widgets.periods import ViewKind, days_of

NOW = datetime(2026, 11, 18, 10, 42, tzinfo=ZoneInfo("Europe/Paris"))
NOVEMBER = date(2026, 11, 18)


@pytest.fixture
def month():
    def make(*entries, width: int = 105, height: int = 31, marks=UNICODE, day=NOVEMBER, numbers=None) -> MonthView:
        made = MonthView(Look(marks, numbers=numbers or {}))
        made.resize(width, height)
        made.show(days_of(ViewKind.MONTH, day), entries)
        made.go_to(day)
        return made

    return make


def _lines(view: MonthView) -> list[str]:
    canvas = view.paint(focused=True, now=NOW)
    return [canvas.line(y) for y in range(canvas.height)]


def _roles(view: MonthView) -> set[str]:
    return {ink.role for line in view.paint(focused=True, now=NOW).inks for ink in line}


def test_a_timed_event_stands_on_its_day_with_its_time(month, at):
    assert any("▌9:30a Stand-up" in line for line in _lines(month(at(0, 9.5, 10, "Stand-up"))))


def test_times_follow_the_language(month, at):
    use_language("fr")
    assert any("▌09:30 Point" in line for line in _lines(month(at(0, 9.5, 10, "Point"))))


def test_a_narrow_month_leaves_the_times_out(month, at):
    text = "\n".join(_lines(month(at(0, 9, 10, "Stand-up"), width=60)))
    assert "Stand-up" in text
    assert "9a" not in text


def test_an_event_of_several_days_is_one_bar(month, whole_days):
    made = month(whole_days(0, 2, "Conference"))
    lines = [line for line in _lines(made) if "Conference" in line]
    assert len(lines) == 1
    inks = made.paint(focused=True, now=NOW).inks[_lines(made).index(lines[0])]
    assert sum(ink.role == "event.free" for ink in inks) > 2 * 15


def test_a_bar_that_goes_on_into_the_next_week_is_marked_at_both_ends(month, whole_days):
    lines = [line for line in _lines(month(whole_days(3, 8, "Conference"))) if "Conference" in line]
    assert len(lines) == 2
    assert "▸" in lines[0]
    assert "◂Conference" in lines[1]


def test_what_does_not_fit_is_counted(month, at):
    made = month(*(at(0, 8 + n, 9 + n, f"Event {n}") for n in range(9)))
    assert any("+5 more" in line for line in _lines(made))


def test_a_chosen_event_that_has_no_line_is_shown_in_place_of_the_count(month, at):
    made = month(*(at(0, 8 + n, 9 + n, f"Event {n}") for n in range(9)))
    assert made.select("Event 8-0-16")
    assert any("4p Event 8" in line for line in _lines(made))


@pytest.mark.parametrize("status", list(BusyStatus))
@pytest.mark.parametrize("marks", [UNICODE, ASCII])
def test_a_status_is_told_by_its_mark(month, at, status, marks):
    made = month(at(1, 9, 10, "Event", status), marks=marks)
    assert any(f"{marks.status[status]}9a Event" in line for line in _lines(made))


def test_ascii_marks_keep_every_line_in_ascii(month, at, whole_days):
    made = month(at(1, 9, 10), at(2, 23, 26), whole_days(3, 9, "Conference"), marks=ASCII)
    assert "".join(_lines(made)).isascii()


def test_every_line_is_as_wide_as_the_month(month, at):
    made = month(at(0, 9, 10, "日本語の会議 and more"), width=51)
    assert {len(line) for line in made.paint(focused=True, now=NOW).texts} == {51}


def test_the_first_of_a_month_names_it(month):
    text = "\n".join(_lines(month(width=126)))
    assert "November 1" in text
    assert "December 1" in text


def test_today_and_other_months_are_told_apart(month):
    assert {"month.day.today", "month.day.out"} <= _roles(month(day=date(2026, 11, 2)))


def test_weeks_are_numbered_where_that_is_wished(month):
    made = month()
    assert not any(line.startswith("47") for line in _lines(made))
    made.look = replace(made.look, weeks=True)
    made.resize(105, 31)
    use_language("fr")
    assert any(line.startswith("47") for line in _lines(made))


def test_in_overlay_mode_an_event_says_by_a_digit_whose_it_is(month, at):
    made = month(at(0, 9, 10, "Stand-up"), numbers={"local/calendar": "2"})
    assert any("▌2 9a Stand-up" in line for line in _lines(made))


def test_arrows_walk_by_days_and_weeks(month):
    made = month()
    made.move(Step.DOWN)
    made.move(Step.RIGHT)
    assert made.moment.date() == date(2026, 11, 26)


def test_leaving_the_month_turns_to_the_day_beside(month):
    made = month(day=date(2026, 11, 30))
    assert made.move(Step.RIGHT) is Turn.ON
    made.show(days_of(ViewKind.MONTH, date(2026, 12, 1)), ())
    made.enter(Turn.ON, Step.RIGHT)
    assert made.moment.date() == date(2026, 12, 1)


def test_next_event_goes_through_a_day_and_on(month, at):
    made = month(at(2, 9, 10, "One"), at(2, 11, 12, "Two"), at(4, 9, 10, "Three"))
    names = []
    for _step in range(3):
        made.move(Step.NEXT_EVENT)
        names.append(made.selected.title)
    assert names == ["One", "Two", "Three"]


def test_an_event_of_two_weeks_is_one_stop(month, whole_days):
    made = month(whole_days(0, 9, "Conference"), day=date(2026, 11, 10))
    assert made.move(Step.NEXT_EVENT) is None
    assert made.move(Step.NEXT_EVENT) is Turn.ON


def test_fresh_entries_leave_the_cursor_on_its_event(month, at):
    entries = [at(2, 9, 10, "One"), at(2, 11, 12, "Two")]
    made = month(*entries)
    made.select("Two-2-11")
    made.show(made.days, [at(2, 8, 9, "Zero"), *entries])
    assert made.selected.title == "Two"


def test_the_mouse_finds_the_event_on_its_line(month, at):
    made = month(at(2, 9, 10, "One"))
    lines = _lines(made)
    y = next(n for n, line in enumerate(lines) if "One" in line)
    assert made.hit(lines[y].index("One"), y)
    assert made.selected.title == "One"


def test_the_status_line_counts_the_events_of_a_day(month, at):
    assert month(at(2, 9, 10, "One"), at(2, 11, 12, "Two")).about == "2 events"


@pytest.mark.parametrize("size", [(21, 13), (44, 18), (80, 21), (250, 80)])
@pytest.mark.parametrize("day", [date(2026, 2, 1), date(2026, 8, 31), date(1900, 1, 1), date(2199, 12, 31)])
def test_every_size_can_be_drawn(month, at, size, day):
    made = month(*(at(n % 7, n, n + 1) for n in range(20)), width=size[0], height=size[1], day=day)
    assert len(_lines(made)) == size[1]


def test_a_month_always_has_whole_weeks():
    for number in range(24):
        days = days_of(ViewKind.MONTH, date(2026, 1, 31) + timedelta(days=30 * number))
        assert len(days) % 7 == 0
