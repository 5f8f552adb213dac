from __future__ import annotations

from datetime import date

import pytest
from textual.widgets import Static

from core.calendar.span import DateRange, WorkingHours
from core.language import use_language
from core.sharing.detail import DetailLevel, Layout
from core.sharing.snapshot import SnapshotOptions
from tui.screens.date_range import DateRangeDialog
from tui.screens.email_calendar import SendCalendarDialog
from tui.widgets.form import Choice, Tick


@pytest.fixture
def dialog(calendars, today):
    return lambda: SendCalendarDialog(calendars, "local/work", today, WorkingHours())


async def test_enter_asks_for_what_outlook_would_today_at_availability_only(stage, dialog, today):
    async with stage(dialog) as (app, pilot):
        await pilot.press("enter")
        assert app.answer.calendar == "local/work"
        assert app.answer.options == SnapshotOptions(DateRange(today, today))


async def test_escape_asks_for_nothing(stage, dialog):
    async with stage(dialog) as (app, pilot):
        await pilot.press("escape")
        assert (app.ended, app.answer) == (True, None)


async def test_every_field_can_be_reached_and_changed_by_its_letter(stage, dialog):
    async with stage(dialog) as (app, pilot):
        keys = ["c", "down", "enter", "r", "down", "down", "enter", "d", "down", "down", "enter"]
        await pilot.press(*keys, "w", "a", "p", "t", "l", "down", "enter", "enter")
        assert app.answer.calendar == "local/home"
        assert app.answer.options == SnapshotOptions(
            days=DateRange(date(2026, 11, 22), date(2026, 11, 28)),
            level=DetailLevel.FULL,
            layout=Layout.LIST,
            working_hours_only=True,
            include_private=True,
            include_attachments=True,
        )


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (0, "Time will be shown as “Free”, “Busy”, “Tentative”, “Working Elsewhere”, or “Out of Office”"),
        (1, "Includes the availability and subjects of calendar items only"),
        (2, "Includes the availability and full details of calendar items"),
    ],
)
async def test_the_line_below_detail_says_what_the_choice_gives_away(stage, dialog, steps, sentence):
    async with stage(dialog) as (app, pilot):
        app.screen.query_one("#detail", Choice).focus()
        await pilot.press(*["right"] * steps)
        await pilot.pause()
        assert str(app.screen.query_one("#sentence", Static).render()) == sentence


async def test_what_the_level_excludes_is_disabled_and_says_why(stage, dialog, shown):
    async with stage(dialog) as (app, pilot):
        await pilot.press("a")
        await pilot.pause()
        assert app.screen.query_one("#private", Tick).disabled and app.screen.query_one("#attachments", Tick).disabled
        assert "Availability only never shows details." in shown(app)
        assert "Attachments go with Full details only." in shown(app)


async def test_a_box_that_was_ticked_is_not_asked_for_when_the_level_goes_down(stage, dialog):
    async with stage(dialog) as (app, pilot):
        app.screen.query_one("#detail", Choice).focus()
        await pilot.press("right", "right", "a", "p", "t")
        app.screen.query_one("#detail", Choice).focus()
        await pilot.press("left", "left", "enter")
        assert app.answer.options == SnapshotOptions(app.answer.options.days)


async def test_specify_dates_opens_the_picker_and_then_shows_the_dates(stage, dialog, shown):
    async with stage(dialog) as (app, pilot):
        await pilot.press("r", "end", "enter")
        await pilot.pause()
        assert isinstance(app.screen, DateRangeDialog)
        await pilot.press(*"2026-12-01", "tab", *"2026-12-03", "enter")
        await pilot.pause()
        assert "Tue, Dec 1 – Thu, Dec 3, 2026 · 3 days" in shown(app)
        await pilot.press("enter")
        assert app.answer.options.days == DateRange(date(2026, 12, 1), date(2026, 12, 3))


async def test_leaving_the_picker_goes_back_to_the_range_of_before(stage, dialog, today):
    async with stage(dialog) as (app, pilot):
        await pilot.press("r", "end", "enter")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("enter")
        assert app.answer.options.days == DateRange(today, today)


async def test_the_dialog_comes_back_as_it_was_left(stage, dialog, calendars, today):
    async with stage(dialog) as (app, pilot):
        await pilot.press("r", "end", "up", "enter", "d", "down", "enter", "w", "enter")
        before = app.answer
    async with stage(lambda: SendCalendarDialog(calendars, before.calendar, today, WorkingHours(), before)) as (
        app,
        pilot,
    ):
        await pilot.press("enter")
        assert app.answer == before


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_everything_is_on_the_screen_at_80_by_24_with_advanced_open(stage, dialog, shown, language):
    use_language(language)
    async with stage(dialog) as (app, pilot):
        await pilot.press("a", "w")
        await pilot.pause()
        screen = app.screen.region
        for name in ("dialog-title", "calendar", "layout", "private-reason", "attachments-reason", "ok", "cancel"):
            widget = app.screen.query_one(f"#{name}")
            assert widget.region.bottom <= screen.bottom and widget.region.y >= 0, name
            assert widget.region.height > 0, name
