"""The list of hits."""

from __future__ import annotations


async def test_a_search_that_finds_many_keeps_its_columns_beside_the_scroll_bar(whole_app, services, press):
    async with whole_app(services, (80, 24)) as (app, pilot):
        for day in range(1, 29):
            await press(app, pilot, "a", *f"Planning {day} 2026-12-{day:02} 9:00", "enter")
        shown = await press(app, pilot, "slash", *"planning")
        lines = [line for line in shown.splitlines() if "Planning " in line and ", 2026" in line]
        assert len(lines) > 8
        assert all("  Calendar" in line for line in lines)
