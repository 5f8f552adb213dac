"""What the page of changes shows on a small terminal."""

from __future__ import annotations

LONG = "Budget meeting with all departments of the house"


async def test_the_line_below_the_title_is_whole(whole_app, services, press):
    async with whole_app(services, (80, 24)) as (app, pilot):
        shown = await press(app, pilot, "H")
        assert "…" not in shown.splitlines()[1]
        assert "also after a restart." in shown.splitlines()[1]


async def test_a_change_has_the_whole_line_while_nothing_is_undone(whole_app, services, press):
    async with whole_app(services, (80, 24)) as (app, pilot):
        await press(app, pilot, "a", *f"{LONG} today 18:00", "enter")
        shown = await press(app, pilot, "H")
        [line] = [line for line in shown.splitlines()[:5] if "Added" in line]
        assert len(line) > 74
        shown = await press(app, pilot, "u")
        [line] = [line for line in shown.splitlines()[:5] if "Added" in line]
        assert line.endswith("undone")
