"""Marks, copying and moving between panes, shifting and resizing by keys. Real services over a vdir."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import Event
from core.calendar.span import DateRange
from tui.screens.move_events import MoveEventsDialog
from tui.screens.scope import ScopeDialog

PARIS = ZoneInfo("Europe/Paris")


async def titles(services, name):
    return [entry.title for entry in await entries(services, name)]


async def entries(services, name="Calendar"):
    info = await services.library.find(name)
    return await services.library.entries([info.id], DateRange(date(2026, 11, 1), date(2027, 1, 31)).span(PARIS), PARIS)


async def choose(app, pilot, press, title, nth=0):
    """Put the cursor on an event of the active pane."""
    entry = [entry for entry in app.home.active.shown.entries if entry.title == title][nth]
    app.home.active.choose(entry.id, entry.start.date())
    await press(app, pilot)


async def start_of(services, title, name="Calendar"):
    return next(entry.start for entry in await entries(services, name) if entry.title == title)


async def test_an_event_is_copied_to_the_calendar_of_the_other_pane(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        assert "1 event copied to “Team”." in await press(app, pilot, "C")
        assert "Stand-up" in await titles(services, "Team")
        assert "Stand-up" in await titles(services, "Calendar")


async def test_an_event_is_moved_to_the_calendar_of_the_other_pane(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        await press(app, pilot, "M")
        assert "Stand-up" in await titles(services, "Team")
        assert "Stand-up" not in await titles(services, "Calendar")


async def test_a_move_is_undone_by_one_key(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        await press(app, pilot, "M", "u")
        assert "Stand-up" in await titles(services, "Calendar")
        assert "Stand-up" not in await titles(services, "Team")


async def test_marked_events_go_together(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        await press(app, pilot, "space")
        await choose(app, pilot, press, "Budget [/2026] review")
        assert "2 events marked" in await press(app, pilot, "space")
        assert "2 events moved to “Team”." in await press(app, pilot, "M")
        assert {"Stand-up", "Budget [/2026] review"} <= set(await titles(services, "Team"))


async def test_escape_takes_the_marks_away(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        await press(app, pilot, "space", "escape")
        assert not app.home.editing.marked


async def test_a_marked_event_is_shown_with_a_mark(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        assert "▣Stan" in await press(app, pilot, "space")


async def test_what_is_there_at_the_time_is_shown_before(services, whole_app, press):
    info = await services.library.find("Team")
    start = datetime(2026, 11, 18, 9, 0, tzinfo=PARIS)
    await services.editing.create(info.id, Event("", start, start + timedelta(hours=1), "Call"))
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        text = await press(app, pilot, "C")
        assert isinstance(app.screen, MoveEventsDialog)
        assert "At the same time: “Call”" in text
        assert "Stand-up" not in await titles(services, "Team")
        await press(app, pilot, "enter")
        assert "Stand-up" in await titles(services, "Team")


async def test_leaving_what_is_shown_before_changes_nothing(services, whole_app, press):
    info = await services.library.find("Team")
    start = datetime(2026, 11, 18, 9, 0, tzinfo=PARIS)
    await services.editing.create(info.id, Event("", start, start + timedelta(hours=1), "Call"))
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        await press(app, pilot, "M", "escape")
        assert "Stand-up" in await titles(services, "Calendar")


@pytest.fixture
def snapshot(tmp_path):
    path = tmp_path / "bruno.ics"
    path.write_bytes(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Bruno\r\nBEGIN:VEVENT\r\nUID:b@example.org\r\n"
        b"DTSTAMP:20261101T000000Z\r\nDTSTART:20261118T110000Z\r\nDTEND:20261118T113000Z\r\nSUMMARY:Bruno talks\r\n"
        b"END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return path


async def test_a_move_from_a_snapshot_is_a_copy_and_says_so(services, whole_app, press, snapshot):
    async with whole_app(services, opened=[snapshot]) as (app, pilot):
        await press(app, pilot, "tab")
        await choose(app, pilot, press, "Bruno talks")
        text = await press(app, pilot, "M")
        assert "It was copied, not moved" in text
        await press(app, pilot, "enter")
        assert "Bruno talks" in await titles(services, "Calendar")


async def test_nothing_goes_to_a_calendar_that_cannot_be_changed(services, whole_app, press, snapshot):
    async with whole_app(services, opened=[snapshot]) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        assert "cannot be changed" in await press(app, pilot, "C")


@pytest.mark.parametrize(
    ("key", "start"),
    [
        ("full_stop", datetime(2026, 11, 18, 9, 15, tzinfo=PARIS)),
        ("comma", datetime(2026, 11, 18, 8, 45, tzinfo=PARIS)),
        ("right_square_bracket", datetime(2026, 11, 18, 10, 0, tzinfo=PARIS)),
        ("left_square_bracket", datetime(2026, 11, 18, 8, 0, tzinfo=PARIS)),
        ("right_parenthesis", datetime(2026, 11, 19, 9, 0, tzinfo=PARIS)),
        ("left_parenthesis", datetime(2026, 11, 17, 9, 0, tzinfo=PARIS)),
    ],
)
async def test_a_key_shifts_the_event(services, whole_app, press, key, start):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        await press(app, pilot, key)
        assert await start_of(services, "Stand-up") == start


async def test_keys_in_a_row_add_up(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        await pilot.press("full_stop", "full_stop", "full_stop")
        await press(app, pilot)
        assert await start_of(services, "Stand-up") == datetime(2026, 11, 18, 9, 45, tzinfo=PARIS)


@pytest.mark.parametrize(("key", "minutes"), [("plus", 45), ("minus", 15), ("asterisk", 90)])
async def test_a_key_makes_the_event_longer_or_shorter(services, whole_app, press, key, minutes):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        await press(app, pilot, key)
        entry = next(entry for entry in await entries(services) if entry.title == "Stand-up")
        assert entry.end - entry.start == timedelta(minutes=minutes)


async def test_an_event_is_never_shorter_than_nothing(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        assert "cannot be shorter" in await press(app, pilot, "underscore")


@pytest.fixture
async def series(services):
    info = await services.library.find("Calendar")
    start = datetime(2026, 11, 16, 16, 0, tzinfo=PARIS)
    await services.editing.create(
        info.id, Event("", start, start + timedelta(minutes=30), "Daily", rrule="FREQ=DAILY;COUNT=5")
    )
    return services


async def test_shifting_a_recurring_event_asks_once_for_keys_in_a_row(series, whole_app, press):
    async with whole_app(series) as (app, pilot):
        await choose(app, pilot, press, "Daily", 2)
        await press(app, pilot, "full_stop")
        assert isinstance(app.screen, ScopeDialog)
        await press(app, pilot, "1", "full_stop")
        starts = [entry.start.strftime("%H:%M") for entry in await entries(series) if entry.title == "Daily"]
        assert starts == ["16:00", "16:00", "16:30", "16:00", "16:00"]


async def test_one_date_of_a_series_moves_to_the_other_calendar(series, whole_app, press):
    async with whole_app(series) as (app, pilot):
        await choose(app, pilot, press, "Daily", 2)
        await press(app, pilot, "M", "1")
        assert (await titles(series, "Calendar")).count("Daily") == 4
        assert (await titles(series, "Team")).count("Daily") == 1
