from __future__ import annotations

from datetime import date

import pytest
from textual.app import App, ComposeResult

from tui.widgets.month_grid import MonthGrid


class _GridApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.days: list[date] = []

    def compose(self) -> ComposeResult:
        yield MonthGrid(date(2026, 11, 22), date(2026, 11, 22))

    def on_month_grid_moved(self, event: MonthGrid.Moved) -> None:
        self.days.append(event.day)


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("left", date(2026, 11, 21)),
        ("right", date(2026, 11, 23)),
        ("up", date(2026, 11, 15)),
        ("down", date(2026, 11, 29)),
        ("pageup", date(2026, 10, 22)),
        ("pagedown", date(2026, 12, 22)),
        ("n", date(2026, 12, 22)),
        ("p", date(2026, 10, 22)),
        ("home", date(2026, 11, 1)),
        ("end", date(2026, 11, 30)),
    ],
)
async def test_a_key_walks_the_calendar(key, day):
    app = _GridApp()
    async with app.run_test() as pilot:
        await pilot.press(key)
        assert app.days == [day]


@pytest.mark.parametrize("key", ["left", "up", "pageup", "home"])
async def test_the_first_day_there_is_cannot_be_left_backwards(key):
    app = _GridApp()
    async with app.run_test() as pilot:
        app.query_one(MonthGrid).day = date.min
        await pilot.press(key)
        assert app.query_one(MonthGrid).day == date.min


async def test_a_click_chooses_the_day_under_it():
    app = _GridApp()
    async with app.run_test() as pilot:
        await pilot.click(MonthGrid, offset=(5, 3))
        assert app.days == [date(2026, 11, 9)]
