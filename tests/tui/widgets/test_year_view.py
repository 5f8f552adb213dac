"""The year: how busy days are, what is drawn, and where the cursor goes."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.calendar.busyness import loads_of
from core.calendar.event import BusyStatus
from tui.widgets.look import Look, Step, Turn
from tui.widgets.marks import ASCII, UNICODE
from tui.widgets.periods import ViewKind, days_of
from tui.widgets.year_view import YearView, busy_days

NOW = datetime(2026, 11, 18, 10, 42, tzinfo=ZoneInfo("Europe/Paris"))
MONDAY = date(2026, 11, 16)
YEAR = days_of(ViewKind.YEAR, MONDAY)


@pytest.fixture
def year():
    def make(*entries, width: int = 80, height: int = 21, marks=UNICODE, day=MONDAY) -> YearView:
        made = YearView(Look(marks))
        made.resize(width, height)
        made.show(days_of(ViewKind.YEAR, day), entries)
        made.go_to(day)
        return made

    return make


def _lines(view: YearView, focused: bool = True) -> list[str]:
    canvas = view.paint(focused=focused, now=NOW)
    return [canvas.line(y) for y in range(canvas.height)]


def _busy(entries):
    return busy_days(loads_of(entries, YEAR[0], YEAR[-1]), 540)


def _minutes(*entries) -> int:
    return _busy(entries)[MONDAY].minutes


def test_what_overlaps_counts_once(at):
    assert _minutes(at(0, 9, 11), at(0, 10, 12), at(0, 14, 15)) == 240


@pytest.mark.parametrize(
    ("status", "minutes"),
    [
        (BusyStatus.BUSY, 60),
        (BusyStatus.TENTATIVE, 60),
        (BusyStatus.OUT_OF_OFFICE, 60),
        (BusyStatus.FREE, 0),
        (BusyStatus.WORKING_ELSEWHERE, 0),
    ],
)
def test_what_blocks_time_counts(at, status, minutes):
    assert _minutes(at(0, 9, 10, "Event", status)) == minutes


def test_what_is_cancelled_takes_no_time(at):
    assert _minutes(at(0, 9, 10, cancelled=True)) == 0


def test_a_night_is_shared_between_two_days(at):
    found = _busy([at(0, 22, 26)])
    assert [found[MONDAY].minutes, found[date(2026, 11, 17)].minutes] == [120, 120]


def test_a_whole_day_counts_as_a_day_of_work(at):
    assert _minutes(at(0, 0, 24)) == 540


def test_an_event_that_begins_in_the_year_before_counts_from_its_first_day(at, whole_days):
    found = _busy([whole_days(-400, 1)])
    assert min(found) == date(2026, 1, 1)


def test_the_busier_a_day_the_denser_its_mark(year, at):
    made = year(at(0, 9, 10), at(1, 9, 12), at(2, 9, 14), at(3, 8, 17))
    line = next(line for line in _lines(made, focused=False) if line.startswith(" Nov"))
    assert "·░░▒▒▓▓██" in line.replace(" ", "")


def test_ascii_marks_keep_every_line_in_ascii(year, at):
    assert "".join(_lines(year(at(0, 9, 10), at(1, 8, 17), marks=ASCII, width=44))).isascii()


def test_wide_years_have_the_numbers_of_the_days(year):
    assert any("28 29 30" in line for line in _lines(year(width=120, height=40)))


def test_the_legend_says_what_the_marks_mean(year):
    assert "█ 6 h and more" in "\n".join(_lines(year()))


def test_the_status_line_says_how_busy_the_day_is(year, at):
    assert year(at(0, 9, 10.5), at(0, 14, 15)).about == "2 h 30 min busy, 2 events"


def test_arrows_walk_by_days_and_months(year):
    made = year(day=date(2026, 1, 31))
    made.move(Step.DOWN)
    made.move(Step.LEFT)
    assert made.moment.date() == date(2026, 2, 27)


def test_leaving_the_year_turns_to_the_day_beside(year):
    made = year(day=date(2026, 12, 31))
    assert made.move(Step.RIGHT) is Turn.ON
    made.show(days_of(ViewKind.YEAR, date(2027, 1, 1)), ())
    made.enter(Turn.ON, Step.RIGHT)
    assert made.moment.date() == date(2027, 1, 1)


def test_next_event_goes_to_the_next_day_with_events(year, at):
    made = year(at(4, 9, 10))
    made.move(Step.NEXT_EVENT)
    assert made.moment.date() == date(2026, 11, 20)
    assert made.move(Step.NEXT_EVENT) is Turn.ON


def test_the_mouse_finds_the_day(year):
    made = year(width=160, height=40)
    lines = _lines(made)
    y = next(n for n, line in enumerate(lines) if line.startswith(" Feb"))
    assert made.hit(lines[y].index("28"), y)
    assert made.moment.date() == date(2026, 2, 28)


@pytest.mark.parametrize("size", [(10, 5), (43, 14), (80, 21), (250, 80)])
def test_every_size_can_be_drawn(year, at, size):
    assert len(_lines(year(at(0, 9, 10), width=size[0], height=size[1]))) == size[1]
