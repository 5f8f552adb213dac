"""Where events stand in a time grid."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from tui.widgets.grid_layout import arrange

PARIS = ZoneInfo("Europe/Paris")


def test_an_hour_takes_two_rows_at_thirty_minutes(at, week):
    (block,) = arrange([at(0, 9, 10)], week, 30).blocks[0]
    assert (block.row, block.rows) == (18, 2)


def test_an_event_without_length_still_has_a_row(at, week):
    (block,) = arrange([at(0, 9, 9)], week, 60).blocks[0]
    assert block.rows == 1


def test_an_event_that_fills_a_part_of_a_row_has_the_row(at, week):
    (block,) = arrange([at(0, 9.25, 9.75)], week, 60).blocks[0]
    assert (block.row, block.rows) == (9, 1)


def test_events_one_after_the_other_have_the_whole_width(at, week):
    blocks = arrange([at(0, 9, 10, "A"), at(0, 10, 11, "B")], week, 30).blocks[0]
    assert [block.columns for block in blocks] == [1, 1]


def test_overlapping_events_share_the_width(at, week):
    blocks = arrange([at(0, 9, 11, "A"), at(0, 10, 12, "B")], week, 30).blocks[0]
    assert [(block.column, block.columns) for block in blocks] == [(0, 2), (1, 2)]


def test_events_of_one_row_share_it_though_their_minutes_do_not_touch(at, week):
    blocks = arrange([at(0, 9, 9.25, "A"), at(0, 9.5, 9.75, "B")], week, 60).blocks[0]
    assert [block.columns for block in blocks] == [2, 2]


def test_an_event_spreads_over_columns_that_are_free_beside_it(at, week):
    entries = [at(0, 9, 12, "A"), at(0, 9, 10, "B"), at(0, 9, 10, "C"), at(0, 11, 12, "D")]
    blocks = {block.entry.title: block for block in arrange(entries, week, 30).blocks[0]}
    assert (blocks["D"].column, blocks["D"].span) == (1, 2)


def test_an_event_over_midnight_stands_on_both_days(at, week):
    layout = arrange([at(1, 23, 26)], week, 30)
    assert [(b.row, b.rows, b.before, b.after) for b in layout.blocks[1]] == [(46, 2, False, True)]
    assert [(b.row, b.rows, b.before, b.after) for b in layout.blocks[2]] == [(0, 4, True, False)]


def test_an_event_that_ends_at_midnight_stays_on_its_day(at, week):
    layout = arrange([at(1, 22, 24)], week, 30)
    assert len(layout.blocks[1]) == 1
    assert not layout.blocks[2]


def test_what_lasts_a_day_is_a_bar(at, week):
    layout = arrange([at(1, 8, 32)], week, 30)
    assert not any(layout.blocks)
    assert [(bar.first, bar.last) for bar in layout.bars] == [(1, 2)]


def test_all_day_events_are_bars_over_their_days(whole_days, week):
    (bar,) = arrange([whole_days(1, 3)], week, 30).bars
    assert (bar.first, bar.last, bar.before, bar.after) == (1, 3, False, False)


def test_a_bar_that_goes_beyond_the_week_says_so_on_both_sides(whole_days, week):
    (bar,) = arrange([whole_days(-3, 9)], week, 30).bars
    assert (bar.first, bar.last, bar.before, bar.after) == (0, 6, True, True)


def test_bars_that_share_a_day_stand_below_each_other(whole_days, week):
    layout = arrange([whole_days(0, 3, "A"), whole_days(3, 4, "B"), whole_days(4, 5, "C")], week, 30)
    assert {bar.entry.title: bar.row for bar in layout.bars} == {"A": 0, "B": 1, "C": 0}
    assert layout.bar_rows == 2


def test_what_is_outside_of_the_days_is_left_out(at, whole_days, week):
    layout = arrange([at(9, 9, 10), whole_days(8, 9)], week, 30)
    assert not any(layout.blocks)
    assert not layout.bars


def test_the_night_the_clocks_go_back_keeps_wall_clock_rows():
    days = (date(2026, 10, 25),)
    start = datetime(2026, 10, 25, 1, 30, tzinfo=PARIS)
    entry = Entry("a", "a", "c", "Night", start, start.replace(hour=4, minute=0), BusyStatus.BUSY)
    (block,) = arrange([entry], days, 30).blocks[0]
    assert (block.row, block.rows) == (3, 5)


def test_an_event_inside_the_repeated_hour_has_a_row():
    start = datetime(2026, 10, 25, 2, 30, tzinfo=PARIS)
    entry = Entry("a", "a", "c", "Night", start, datetime(2026, 10, 25, 2, 15, fold=1, tzinfo=PARIS), BusyStatus.BUSY)
    (block,) = arrange([entry], (date(2026, 10, 25),), 30).blocks[0]
    assert block.rows == 1


def test_blocks_at_a_row_stand_from_left_to_right(at, week):
    layout = arrange([at(0, 10, 12, "B"), at(0, 9, 11, "A")], week, 30)
    assert [block.entry.title for block in layout.blocks_at(0, 20)] == ["A", "B"]


_SPANS = st.lists(st.tuples(st.integers(0, 23 * 60), st.integers(0, 300)), max_size=14)


@given(_SPANS, st.sampled_from([15, 30, 60]))
def test_no_two_blocks_ever_cover_the_same_cell(spans: list[tuple[int, int]], scale: int):
    day = date(2026, 11, 16)
    base = Entry(
        "", "", "c", "E", datetime(2026, 11, 16, tzinfo=PARIS), datetime(2026, 11, 16, tzinfo=PARIS), BusyStatus.BUSY
    )
    entries = [
        dataclasses.replace(
            base, id=str(n), start=base.start + timedelta(minutes=a), end=base.start + timedelta(minutes=a + b)
        )
        for n, (a, b) in enumerate(spans)
    ]
    blocks = arrange(entries, (day,), scale).blocks[0]
    for number, one in enumerate(blocks):
        assert one.column + one.span <= one.columns
        for other in blocks[number + 1 :]:
            if one.row < other.end and other.row < one.end:
                assert one.column + one.span <= other.column or other.column + other.span <= one.column
