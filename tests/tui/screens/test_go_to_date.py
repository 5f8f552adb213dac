from __future__ import annotations

from datetime import date

import pytest

from tui.screens.go_to_date import GoToDateDialog


@pytest.fixture
def dialog(today):
    return lambda: GoToDateDialog(date(2027, 2, 1), today)


@pytest.mark.parametrize(("typed", "day"), [("+7", date(2026, 11, 29)), ("monday", date(2026, 11, 23))])
async def test_a_typed_day_is_gone_to(stage, dialog, typed, day):
    async with stage(dialog) as (app, pilot):
        await pilot.press(*typed, "enter")
        assert app.answer == day


async def test_the_month_can_be_walked(stage, dialog):
    async with stage(dialog) as (app, pilot):
        await pilot.press("tab", "pagedown", "right", "enter")
        assert app.answer == date(2027, 3, 2)


async def test_t_goes_to_today(stage, dialog, today):
    async with stage(dialog) as (app, pilot):
        await pilot.press("tab", "t", "enter")
        assert app.answer == today


async def test_what_is_no_date_is_answered_in_the_dialog(stage, dialog, shown):
    async with stage(dialog) as (app, pilot):
        await pilot.press(*"32", "enter")
        await pilot.pause()
        assert not app.ended
        assert "“32” is not a date." in shown(app)
