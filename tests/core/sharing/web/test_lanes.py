"""Items that overlap stand side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.sharing.web.lanes import Lane, lanes

SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda one: (one[0], one[0] + one[1])), max_size=12
)


def test_items_that_only_touch_have_the_whole_width() -> None:
    assert lanes([(0, 60), (60, 120)]) == [Lane(0, 1), Lane(0, 1)]


def test_two_that_overlap_share_the_width() -> None:
    assert lanes([(0, 60), (30, 90)]) == [Lane(0, 2), Lane(1, 2)]


def test_a_long_one_stands_beside_two_short_ones() -> None:
    assert lanes([(0, 120), (0, 60), (60, 120)]) == [Lane(0, 2), Lane(1, 2), Lane(1, 2)]


def test_one_is_widened_over_columns_that_are_empty_while_it_lasts() -> None:
    assert lanes([(0, 60), (0, 60), (0, 200), (60, 120)])[3] == Lane(1, 3, 2)


@given(SPANS)
def test_blocks_never_cover_each_other(spans: list[tuple[int, int]]) -> None:
    found = lanes(spans)
    for at, (one, lane) in enumerate(zip(spans, found, strict=True)):
        assert lane.number >= 0 and lane.number + lane.width <= lane.count
        for other, beside in list(zip(spans, found, strict=True))[at + 1 :]:
            if one[0] < other[1] and other[0] < one[1]:
                left, right = sorted(
                    (
                        (lane.number / lane.count, lane.width / lane.count),
                        (beside.number / beside.count, beside.width / beside.count),
                    )
                )
                assert left[0] + left[1] <= right[0] + 1e-9
