"""Items that overlap, side by side. Pure; no clock, no markup."""

from __future__ import annotations

from collections.abc import Sequence

from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Lane:
    """Where a block stands: the `number`-th of `count` columns, from 0, over `width` of them."""

    number: int
    count: int
    width: int = 1


def lanes(spans: Sequence[tuple[int, int]]) -> list[Lane]:
    """A lane for each span of minutes, in the order given. Spans that only touch do not overlap.

    Groups of spans that overlap one another, directly or by a third, share their columns; a span is widened over the
    columns at its right that are empty while it lasts.
    """
    order = sorted(range(len(spans)), key=lambda at: (spans[at][0], -spans[at][1], at))
    found: list[Lane] = [Lane(0, 1)] * len(spans)
    group: list[int] = []
    reach = -1
    for at in order:
        if group and spans[at][0] >= reach:
            _settle(group, spans, found)
            group = []
        group.append(at)
        reach = max(reach, spans[at][1]) if len(group) > 1 else spans[at][1]
    if group:
        _settle(group, spans, found)
    return found


def _settle(group: Sequence[int], spans: Sequence[tuple[int, int]], found: list[Lane]) -> None:
    columns: list[list[int]] = []
    column_of: dict[int, int] = {}
    for at in group:
        free = next((n for n, column in enumerate(columns) if spans[column[-1]][1] <= spans[at][0]), len(columns))
        if free == len(columns):
            columns.append([])
        columns[free].append(at)
        column_of[at] = free
    for at in group:
        found[at] = Lane(column_of[at], len(columns), _width(at, column_of[at], columns, spans))


def _width(at: int, own: int, columns: Sequence[Sequence[int]], spans: Sequence[tuple[int, int]]) -> int:
    start, end = spans[at]
    width = 1
    for column in columns[own + 1 :]:
        if any(spans[other][0] < end and spans[other][1] > start for other in column):
            break
        width += 1
    return width
