from __future__ import annotations

from datetime import date

import pytest

from core.calendar.span import WHOLE_CALENDAR, DateRange
from core.language import use_language
from tui.screens.date_range import DateRangeDialog

WEEK = DateRange(date(2026, 11, 22), date(2026, 11, 28))


@pytest.fixture
def dialog(today):
    return lambda: DateRangeDialog(WEEK, today)


async def test_both_ends_can_be_typed(stage, dialog):
    async with stage(dialog) as (app, pilot):
        await pilot.press(*"12/1", "tab", *"+14", "enter")
        assert app.answer == DateRange(date(2026, 12, 1), date(2026, 12, 6))


async def test_a_start_past_the_end_takes_the_end_along(stage, dialog, shown):
    async with stage(dialog) as (app, pilot):
        await pilot.press(*"2026-12-10")
        await pilot.pause()
        assert "Wednesday, December 16, 2026" in shown(app)
        assert "7 days" in shown(app)


async def test_the_range_can_be_marked_in_the_month_without_typing(stage, dialog):
    async with stage(dialog) as (app, pilot):
        await pilot.press("tab", "tab", "pagedown", "space", "down", "right", "space", "enter")
        assert app.answer == DateRange(date(2026, 12, 22), date(2026, 12, 30))


async def test_marking_backwards_gives_the_same_range(stage, dialog):
    async with stage(dialog) as (app, pilot):
        await pilot.press("tab", "tab", "space", "up", "space", "enter")
        assert app.answer == DateRange(date(2026, 11, 15), date(2026, 11, 22))


async def test_what_is_no_date_is_answered_in_the_dialog(stage, dialog, shown):
    async with stage(dialog) as (app, pilot):
        await pilot.press(*"soon", "enter")
        await pilot.pause()
        assert not app.ended
        assert "“soon” is not a date." in shown(app)


async def test_the_complaint_goes_away_when_a_date_is_typed(stage, dialog, shown):
    async with stage(dialog) as (app, pilot):
        await pilot.press(*"soon", "enter", *["backspace"] * 4, *"today")
        await pilot.pause()
        assert "is not a date" not in shown(app)


async def test_the_whole_calendar_begins_as_today(stage, today):
    async with stage(lambda: DateRangeDialog(WHOLE_CALENDAR, today)) as (app, pilot):
        await pilot.press("enter")
        assert app.answer == DateRange(today, today)


async def test_a_french_date_is_typed_day_first(stage, dialog):
    use_language("fr")
    async with stage(dialog) as (app, pilot):
        await pilot.press(*"1/12/2026", "tab", *"demain", "tab", *[], "enter")
        assert app.answer == DateRange(date(2026, 11, 23), date(2026, 11, 23))


async def test_the_marked_days_can_be_seen_without_colour(stage, dialog, shown):
    async with stage(dialog) as (app, _pilot):
        assert "[22 ·23 ·24 ·25 ·26 ·27 ·28]" in shown(app)
