"""The time grid: what is drawn, and where the cursor goes."""

from __future__ import annotations

from copy import copy
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.calendar.event import BusyStatus
from core.calendar.span import DateRange
from core.language import use_language
from tui.widgets import grid_walk
from tui.widgets.look import Look, Step, Turn
from tui.widgets.marks import ASCII, UNICODE
from tui.widgets.time_grid import GUTTER, STRIP, Cursor, TimeGrid

NOW = datetime(2026, 11, 18, 10, 42, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
def grid(week):
    def make(*entries, width: int = 80, height: int = 30, marks=UNICODE, days=week) -> TimeGrid:
        made = TimeGrid(Look(marks))
        made.resize(width, height)
        made.show(days, entries)
        return made

    return make


def _lines(grid: TimeGrid, focused: bool = True, now: datetime = NOW) -> list[str]:
    canvas = grid.paint(focused=focused, now=now)
    return [canvas.line(y) for y in range(canvas.height)]


def _roles(grid: TimeGrid, focused: bool = True) -> set[str]:
    return {ink.role for line in grid.paint(focused=focused, now=NOW).inks for ink in line}


def test_every_line_is_as_wide_as_the_grid(grid, at):
    made = grid(at(0, 9, 10, "日本語の会議 and more"), width=51)
    canvas = made.paint(focused=True, now=NOW)
    assert {len(line) for line in canvas.texts} == {51}


_DO = st.sampled_from(
    [
        *(("move", step) for step in Step),
        ("focus", None),
        ("scale", 15),
        ("scale", 60),
        ("mark", None),
        ("size", (47, 20)),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 95), st.integers(0, 12)), max_size=9), st.lists(_DO))
def test_what_is_painted_does_not_depend_on_what_was_painted_before(grid, at, week, events, doing):
    entries = [at(day, quarter / 4, (quarter + length) / 4, "会議 or lunch") for day, quarter, length in events]
    made = grid(*entries, width=63)
    focused = True
    for what, how in doing:
        match what:
            case "move":
                made.move(how)
            case "focus":
                focused = not focused
            case "scale":
                made.rescale(how)
            case "mark":
                made.marked ^= frozenset([made.selected.id] if made.selected else ())
            case "size":
                made.resize(*how)
        painted = made.paint(focused=focused, now=NOW)
        anew = copy(made)
        anew._kept = None
        expected = anew.paint(focused=focused, now=NOW)
        assert (painted.texts, painted.inks) == (expected.texts, expected.inks)


_EVENTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 95), st.integers(0, 12)), max_size=9)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_EVENTS, _EVENTS, st.lists(_DO, max_size=4))
def test_what_was_foreseen_looks_as_if_it_had_not_been(grid, at, week, first, second, doing):
    """Whatever the person does between the look ahead and the turn."""
    entries = [
        tuple(at(day, quarter / 4, (quarter + length) / 4, "会議 or lunch") for day, quarter, length in events)
        for events in (first, second)
    ]
    made, plain = grid(*entries[0], width=63), grid(*entries[0], width=63)
    made.foresee(week, entries[1], DateRange(), NOW)
    for what, how in doing:
        for each in (made, plain):
            match what:
                case "move":
                    each.move(how)
                case "scale":
                    each.rescale(how)
                case "size":
                    each.resize(*how)
    for each in (made, plain):
        each.show(week, entries[1])
    painted, expected = (each.paint(focused=True, now=NOW) for each in (made, plain))
    assert (painted.texts, painted.inks) == (expected.texts, expected.inks)


def test_what_was_foreseen_is_not_laid_out_again(grid, at, week, monkeypatch):
    made, entries = grid(), (at(0, 9, 10),)
    made.foresee(week, entries, DateRange(), NOW)
    monkeypatch.setattr(grid_walk, "arrange", None)
    monkeypatch.setattr(TimeGrid, "_paint_ground", None)
    made.show(week, entries)
    assert any("Event" in line for line in _lines(made, focused=False))


def test_the_time_of_day_is_no_part_of_what_is_kept(grid, at):
    made = grid(at(2, 9, 10))
    before = _lines(made)
    assert _lines(made, now=NOW.replace(hour=15)) != before
    assert _lines(made) == before


def test_days_and_hours_are_named(grid):
    lines = _lines(grid())
    assert "Mon, Nov 16" in lines[0]
    assert any(line.startswith(" 9 AM") for line in lines)


def test_hours_follow_the_language(grid):
    use_language("fr")
    lines = _lines(grid())
    assert any(line.startswith("09:00") for line in lines)
    assert "lun. 16 nov." in lines[0]


def test_narrow_days_have_short_names(grid):
    assert "Mo 16" in _lines(grid(width=42))[0]


@pytest.mark.parametrize("status", list(BusyStatus))
@pytest.mark.parametrize("marks", [UNICODE, ASCII])
def test_a_status_is_told_by_its_mark(grid, at, status, marks):
    made = grid(at(1, 9, 10, "Event", status), marks=marks)
    line = next(line for line in _lines(made) if "Event" in line)
    assert f"{marks.status[status]}Event" in line


def test_ascii_marks_keep_every_line_in_ascii(grid, at, whole_days):
    made = grid(at(1, 9, 10, "Event"), at(2, 1, 2), at(2, 23, 26), whole_days(-1, 9, "Conference"), marks=ASCII)
    assert "".join(_lines(made)).isascii()


def test_a_title_goes_on_below_where_there_is_room(grid, at):
    lines = _lines(grid(at(0, 9, 11, "Workshop about calendars")))
    assert any("Workshop" in line for line in lines)
    assert any("calendars" in line for line in lines)


def test_an_event_without_a_title_shows_its_status_word(grid, at):
    assert any("Out of" in line for line in _lines(grid(at(0, 9, 10, "", BusyStatus.OUT_OF_OFFICE))))


def test_escape_sequences_in_a_title_are_made_visible(grid, at):
    text = "".join(_lines(grid(at(0, 9, 10, "a\x1b]52;c;eA\x07b"))))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_working_hours_are_shaded(grid):
    assert {"grid.work", "grid.off"} <= _roles(grid())


def test_the_now_line_stands_in_today_only(grid):
    made = grid()
    canvas = made.paint(focused=False, now=NOW)
    cells = [x for line in canvas.inks for x, ink in enumerate(line) if ink.role.startswith("now.")]
    assert min(cells) == made.edge(2)
    assert max(cells) == made.edge(3) - 1


def test_the_now_line_does_not_move_within_ten_minutes(grid):
    made = grid()
    assert _lines(made, now=NOW) == _lines(made, now=NOW.replace(minute=48))


def test_the_now_line_moves_with_the_next_third_of_a_row(grid):
    made = grid()
    assert _lines(made, now=NOW) != _lines(made, now=NOW.replace(minute=52))


def test_bars_stand_above_the_hours_and_say_that_they_go_on(grid, whole_days):
    line = _lines(grid(whole_days(-2, 9, "Conference")))[1]
    assert line[GUTTER] == UNICODE.before
    assert "Conference" in line
    assert line.endswith(UNICODE.after)


def test_bars_without_room_are_counted(grid, whole_days):
    made = grid(*(whole_days(0, 0, f"Day {n}") for n in range(9)), height=18)
    assert f"+{9 - (made.strip - 1)}" in _lines(made, focused=False)[made.strip]


def test_events_out_of_sight_are_pointed_to(grid, at):
    lines = _lines(grid(at(0, 3, 4), at(1, 23, 24), height=20))
    assert UNICODE.above in "".join(lines)
    assert UNICODE.below in "".join(lines)


def test_events_that_do_not_fit_side_by_side_leave_a_mark(grid, at):
    made = grid(*(at(0, 9, 10, f"E{n}") for n in range(5)), width=48)
    assert any("+" in line for line in _lines(made))


def test_days_of_which_a_snapshot_says_nothing_are_hatched(grid):
    made = grid()
    made.known = DateRange(date(2026, 11, 16), date(2026, 11, 18))
    lines = _lines(made)
    assert "no data" in lines[1]
    assert UNICODE.unknown * 5 in lines[10]


def test_the_cursor_is_shown_with_the_focus_only(grid):
    made = grid()
    assert "cursor" in _roles(made, focused=True)
    assert "cursor" not in _roles(made, focused=False)


def test_the_event_under_the_cursor_is_chosen(grid, at):
    made = grid(at(0, 8, 9, "First"))
    assert made.selected is not None
    assert made.selected.title == "First"
    assert "event.selected" in _roles(made)


def test_a_chosen_event_is_seen_even_where_it_has_no_room(grid, at):
    made = grid(*(at(0, 8, 9, f"E{n}") for n in range(6)), width=48)
    for _press in range(5):
        made.move(Step.RIGHT)
    assert made.selected is not None
    assert any("E5" in line for line in _lines(made))


def test_right_goes_through_events_side_by_side_before_the_next_day(grid, at):
    made = grid(at(0, 8, 9, "A"), at(0, 8, 9, "B"))
    made.move(Step.RIGHT)
    assert (made.selected.title, made.cursor.day) == ("B", 0)
    made.move(Step.RIGHT)
    assert made.cursor.day == 1


def test_left_comes_back_to_the_last_of_them(grid, at):
    made = grid(at(0, 8, 9, "A"), at(0, 8, 9, "B"))
    made.go_to(date(2026, 11, 17))
    made.move(Step.LEFT)
    assert made.selected.title == "B"


def test_down_stays_on_an_event_that_goes_on(grid, at):
    made = grid(at(0, 8, 10, "Long"), at(0, 8, 8.5, "Short"))
    made.select("Long-0-8")
    made.move(Step.DOWN)
    assert made.selected.title == "Long"


def test_above_midnight_is_the_all_day_strip(grid, whole_days):
    made = grid(whole_days(0, 0, "Holiday"))
    made.go_to(date(2026, 11, 16), 0)
    made.move(Step.UP)
    assert made.selected.title == "Holiday"


def test_down_from_the_strip_comes_to_the_hours(grid):
    made = grid()
    made.cursor = Cursor(0, STRIP)
    made.move(Step.DOWN)
    assert made.cursor.row == made.top


def test_the_edges_of_the_day_hold(grid):
    made = grid()
    for _press in range(60):
        made.move(Step.DOWN)
    assert made.cursor.row == 47
    for _press in range(60):
        made.move(Step.UP)
    assert made.cursor.row == STRIP


def test_beyond_the_last_day_the_walk_asks_for_other_days(grid):
    made = grid()
    made.go_to(date(2026, 11, 22))
    assert made.move(Step.RIGHT) is Turn.ON
    made.go_to(date(2026, 11, 16))
    assert made.move(Step.LEFT) is Turn.BACK


def test_next_event_goes_through_all_of_them_in_order(grid, at, whole_days):
    made = grid(at(1, 9, 10, "B"), at(1, 9, 11, "A"), at(4, 8, 9, "D"), whole_days(4, 5, "C"))
    made.go_to(date(2026, 11, 16), 0)
    found = []
    while made.move(Step.NEXT_EVENT) is None:
        found.append(made.selected.title)
    assert found == ["A", "B", "C", "D"]


def test_previous_event_is_the_way_back(grid, at, whole_days):
    made = grid(at(1, 9, 10, "B"), at(1, 9, 11, "A"), at(4, 8, 9, "D"), whole_days(4, 5, "C"))
    made.go_to(date(2026, 11, 22), 23 * 60)
    found = []
    while made.move(Step.PREVIOUS_EVENT) is None:
        found.append(made.selected.title)
    assert found == ["D", "C", "B", "A"]


def test_the_cursor_is_always_in_sight(grid):
    made = grid(height=15)
    for step in [
        Step.PAGE_DOWN,
        Step.PAGE_DOWN,
        Step.UP,
        Step.PAGE_UP,
        Step.PAGE_UP,
        Step.PAGE_UP,
        Step.END,
        Step.DOWN,
    ]:
        made.move(step)
        assert made.cursor.row == STRIP or made.top <= made.cursor.row < made.top + made.body


@given(
    minute=st.integers(0, 24 * 60 - 1), scrolled=st.integers(-20, 20), height=st.integers(5, 60),
    heights=st.lists(st.integers(0, 90), min_size=1, max_size=6), read_anew=st.booleans(),
)  # fmt: skip
def test_other_heights_come_back_to_the_same_hours(minute, scrolled, height, heights, read_anew):
    made = TimeGrid(Look(UNICODE))
    made.resize(80, height)
    made.show((date(2026, 11, 16),), ())
    made.go_to(date(2026, 11, 16), minute)
    made.scroll(scrolled)
    made.resize(80, height)
    before = made.top
    for other in (*heights, height):
        made.resize(80, other)
        if read_anew:
            made.show((date(2026, 11, 16),), ())
    assert made.top == before


def test_another_scale_keeps_the_hour(grid):
    made = grid()
    made.go_to(date(2026, 11, 18), 14 * 60)
    for scale in (15, 60, 30):
        made.rescale(scale)
        assert made.moment == datetime(2026, 11, 18, 14)


def test_the_mouse_finds_the_event_that_is_drawn_there(grid, at):
    made = grid(at(0, 9, 10, "A"), at(0, 9, 10, "B"))
    lines = _lines(made)
    y = next(n for n, line in enumerate(lines) if "▌B" in line)
    assert made.hit(lines[y].index("▌B") + 1, y)
    assert made.selected.title == "B"


def test_the_mouse_finds_nothing_in_the_gutter(grid):
    assert not grid().hit(2, 5)


def test_reaching_a_week_from_behind_comes_to_its_last_event(grid, at):
    made = grid(at(0, 9, 10, "First"), at(5, 9, 10, "Last"))
    made.enter(Turn.BACK, Step.PREVIOUS_EVENT)
    assert made.selected.title == "Last"


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 3), (13, 2), (20, 5), (300, 90)])
def test_any_size_can_be_drawn(grid, at, whole_days, width, height):
    made = grid(at(0, 9, 10), whole_days(0, 2), width=width, height=height)
    assert len(_lines(made)) == height


def test_one_day_says_the_start_of_its_events(grid, at, week):
    assert any("9:10 AM Call" in line for line in _lines(grid(at(0, 9 + 1 / 6, 10, "Call"), days=week[:1])))


def test_an_event_of_another_zone_says_what_the_clock_says_there(grid, at):
    lines = _lines(grid(at(0, 9, 11, "Call", time_zone="America/New_York"), width=250))
    assert any("9:00 AM Call (3:00 AM New York)" in line for line in lines)


@pytest.mark.parametrize("marks", [UNICODE, ASCII])
def test_an_event_of_another_zone_has_a_mark_where_there_is_no_room(grid, at, marks):
    made = grid(at(0, 9, 11, "Call", time_zone="America/New_York"), width=80, marks=marks)
    assert any(marks.elsewhere in line for line in _lines(made))


@pytest.mark.parametrize("zone", ["", "Europe/Paris", "Europe/Berlin", "Nowhere/None", "UTC"])
def test_an_event_whose_clock_is_the_same_has_no_such_mark(grid, at, zone):
    made = grid(at(0, 9, 11, "Call", time_zone=zone), width=80)
    assert not any(UNICODE.elsewhere in line for line in _lines(made))
