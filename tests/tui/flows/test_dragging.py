"""Dragging with the mouse, in a pane and to the other one. Real services over a vdir."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.calendar.span import DateRange
from tests.tui.conftest import settled
from tui.screens.move_events import MoveEventsDialog

PARIS = ZoneInfo("Europe/Paris")


async def events(services, name="Calendar"):
    info = await services.library.find(name)
    span = DateRange(date(2026, 11, 1), date(2026, 11, 30)).span(PARIS)
    return {one.title: one for one in await services.library.entries([info.id], span, PARIS)}


def cell(pane, title, *, line=0):
    """Where an event stands on the screen: its first line, or another one."""
    grid = pane.grid
    for day, blocks in enumerate(grid.layout.blocks):
        for block in blocks:
            if block.entry.title == title:
                x, y = grid.edge(day) + 1, 2 + grid.strip + block.row + line - grid.top
                return pane.region.x + x, pane.region.y + y
    raise AssertionError(f"{title} is not shown")


def beside(app):
    """A place in the other pane."""
    region = app.home.panes[1].region
    return region.x + 20, region.y + 20


async def drag(app, pilot, start, end, *, control=False):
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.pause()
    await pilot.mouse_up(offset=end, control=control)
    await settled(app, pilot)


async def test_an_event_is_dragged_to_another_hour_and_day(services, whole_app):
    async with whole_app(services) as (app, pilot):
        x, y = cell(app.home.panes[0], "Stand-up")
        width = app.home.panes[0].grid.edge(3) - app.home.panes[0].grid.edge(2)
        await drag(app, pilot, (x, y), (x + width, y + 2))
        assert (await events(services))["Stand-up"].start == datetime(2026, 11, 19, 10, tzinfo=PARIS)


async def test_the_last_line_of_an_event_takes_its_end(services, whole_app):
    async with whole_app(services) as (app, pilot):
        start = cell(app.home.panes[0], "Budget [/2026] review", line=3)
        await drag(app, pilot, start, (start[0], start[1] + 2))
        changed = (await events(services))["Budget [/2026] review"]
        assert (changed.start.hour, changed.end.hour) == (14, 17)


async def test_an_end_cannot_be_dragged_above_the_start(services, whole_app):
    async with whole_app(services) as (app, pilot):
        start = cell(app.home.panes[0], "Budget [/2026] review", line=3)
        await drag(app, pilot, start, (start[0], start[1] - 6))
        changed = (await events(services))["Budget [/2026] review"]
        assert (changed.end - changed.start).total_seconds() == 30 * 60


async def test_an_event_is_dragged_to_the_calendar_of_the_other_pane(services, whole_app):
    async with whole_app(services) as (app, pilot):
        await drag(app, pilot, cell(app.home.panes[0], "Stand-up"), beside(app))
        assert "Stand-up" not in await events(services)
        moved = (await events(services, "Team"))["Stand-up"]
        assert moved.start == datetime(2026, 11, 18, 9, tzinfo=PARIS)


async def test_with_control_it_is_copied(services, whole_app):
    async with whole_app(services) as (app, pilot):
        await drag(app, pilot, cell(app.home.panes[0], "Stand-up"), beside(app), control=True)
        assert "Stand-up" in await events(services)
        assert "Stand-up" in await events(services, "Team")


async def test_dragging_to_the_other_pane_asks_as_the_key_does(services, whole_app, press):
    team = await services.library.find("Team")
    entry = (await events(services))["Stand-up"]
    await services.editing.copy(entry.id, team.id)
    async with whole_app(services) as (app, pilot):
        await drag(app, pilot, cell(app.home.panes[0], "Stand-up"), beside(app))
        assert isinstance(app.screen, MoveEventsDialog)
        await press(app, pilot, "escape")
        assert "Stand-up" in await events(services)


async def test_on_the_way_it_is_drawn_where_it_would_be(services, whole_app, shown):
    async with whole_app(services) as (app, pilot):
        x, y = cell(app.home.panes[0], "Stand-up")
        await pilot.mouse_down(offset=(x, y))
        await pilot.hover(offset=(x, y + 4))
        await pilot.pause()
        assert "11:00 AM – 11:30 AM" in shown(app)
        assert app.home.panes[0].grid.ghost is not None
        await pilot.press("escape")
        await settled(app, pilot)
        await pilot.mouse_up(offset=(x, y + 4))
        await settled(app, pilot)
        assert app.home.panes[0].grid.ghost is None
        assert (await events(services))["Stand-up"].start.hour == 9


async def test_an_event_of_a_month_is_dragged_to_another_day(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "4")
        pane = app.home.panes[0]
        entry = (await events(services))["Planning"]
        pane.choose(entry.id, entry.start.date())
        await settled(app, pilot)
        month = pane.month
        day = month.cursor.day
        x, y = month._edges[day % 7] + 1, month.top_of(day // 7) + 1
        start = pane.region.x + x, pane.region.y + 1 + y
        other = pane.region.x + month._edges[day % 7 + 1] + 1, start[1]
        await drag(app, pilot, start, other)
        assert (await events(services))["Planning"].start == datetime(2026, 11, 26, 10, tzinfo=PARIS)


async def test_free_time_is_marked_for_a_new_event(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        x, y = cell(app.home.panes[0], "Stand-up")
        await drag(app, pilot, (x, y + 3), (x, y + 6))
        await press(app, pilot, "N", *"Plan", "f9")
        made = (await events(services))["Plan"]
        assert (made.start.hour, made.start.minute, made.end.hour, made.end.minute) == (10, 30, 12, 30)


async def test_a_calendar_that_cannot_be_changed_says_so(services, whole_app, shown):
    path = services.paths.data / "team.ics"
    path.write_bytes(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:f@example.net\r\nDTSTAMP:20261101T000000Z\r\n"
        b"DTSTART:20261118T090000Z\r\nDTEND:20261118T100000Z\r\nSUMMARY:Fixed\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    async with whole_app(services, opened=[path]) as (app, pilot):
        x, y = cell(app.home.panes[1], "Fixed")
        await drag(app, pilot, (x, y), (x, y + 2))
        fixed = [one for one in app.home.panes[1].shown.entries if one.title == "Fixed"]
        assert fixed[0].start.hour == 10


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (250, 80)])
async def test_a_click_alone_changes_nothing(services, whole_app, size):
    async with whole_app(services, size=size) as (app, pilot):
        before = await events(services)
        await pilot.click(offset=cell(app.home.panes[0], "Stand-up"))
        await settled(app, pilot)
        assert app.home.active.selected.title == "Stand-up"
        assert await events(services) == before
