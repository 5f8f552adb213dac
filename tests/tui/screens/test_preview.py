from __future__ import annotations

from dataclasses import replace

import pytest

from tui.screens.preview import PreviewScreen


@pytest.fixture
def screen(prepared):
    return lambda: PreviewScreen(prepared)


async def test_the_head_says_level_range_and_zone(stage, screen, shown):
    async with stage(screen) as (app, _pilot):
        assert "Availability only · Nov 22 – 28, 2026 · Europe/Paris" in shown(app)


async def test_the_first_page_is_the_text_that_is_sent(stage, screen, shown, prepared):
    async with stage(screen) as (app, _pilot):
        standing = [line.strip() for line in shown(app).split("\n")]
        assert [line.strip() for line in prepared.text.split("\n") if line.strip() not in standing] == []


async def test_warnings_stand_before_it(stage, screen, shown):
    async with stage(screen) as (app, _pilot):
        assert "! Private items are sent with their details." in shown(app)


async def test_the_second_page_lists_what_leaves_the_machine(stage, screen, shown, prepared):
    async with stage(screen) as (app, pilot):
        await pilot.press("2")
        await pilot.pause()
        assert "• 9 blocks of time with their status" in shown(app)
        assert f"• attached: Alice Martin Calendar.ics, {len(prepared.ics)} bytes" in shown(app)


async def test_the_third_page_is_the_file_as_it_is(stage, screen, shown):
    async with stage(screen) as (app, pilot):
        await pilot.press("3")
        await pilot.pause()
        assert "X-WR-CALNAME:Alice Martin" in shown(app)


@pytest.mark.parametrize(("key", "answer"), [("enter", True), ("c", True), ("escape", None), ("b", None)])
async def test_enter_goes_on_and_escape_goes_back(stage, screen, key, answer):
    async with stage(screen) as (app, pilot):
        if key == "b":
            app.screen.query_one("#back").focus()
        await pilot.press(key)
        assert (app.ended, app.answer) == (True, answer)


async def test_an_empty_calendar_is_said(stage, prepared, shown):
    async with stage(lambda: PreviewScreen(replace(prepared, empty=True))) as (app, _pilot):
        assert "This calendar appears empty for these days." in shown(app)


async def test_the_page_that_is_shown_can_be_copied_to_ones_own_clipboard(stage, screen):
    async with stage(screen) as (app, pilot):
        await pilot.press("3", "y")
        await pilot.pause()
        assert app.copied == ["BEGIN:VCALENDAR\nX-WR-CALNAME:Alice Martin\nEND:VCALENDAR"]


async def test_a_file_of_a_hundred_thousand_lines_can_be_read_to_its_end(stage, prepared, shown):
    ics = b"".join(b"X-LINE:%d\r\n" % n for n in range(100_000))
    async with stage(lambda: PreviewScreen(replace(prepared, ics=ics))) as (app, pilot):
        await pilot.press("3", "end")
        await pilot.pause()
        assert "X-LINE:99999" in shown(app)
