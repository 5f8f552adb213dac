"""Search, filter, week numbers, the second time zone, the month below the list: keys pressed, screen read."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.services.sources import Source
from tui.screens.second_zone import read_zone
from tui.widgets.periods import ViewKind

_MEETING = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//example//test//EN\r
BEGIN:VEVENT\r
UID:plan@example.net\r
DTSTAMP:20261101T000000Z\r
DTSTART;TZID=America/New_York:20261120T100000\r
DTEND;TZID=America/New_York:20261120T110000\r
SUMMARY:Planning with Bruno\r
ATTENDEE;CN=Bruno:mailto:bruno@example.org\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
async def with_meeting(services):
    team = await services.library.find("Team")
    await services.library.import_sources([Source("more", data=_MEETING)], into=team.id)
    return services


async def _search(app, pilot, press, text: str, *then: str) -> str:
    await press(app, pilot, "slash")
    await pilot.pause()
    await press(app, pilot, *text)
    return await press(app, pilot, *then)


async def test_search_shows_hits_as_one_types(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await _search(app, pilot, press, "rele")
        assert "Release" in text
        assert "1 event, the nearest first" in text


async def test_enter_jumps_to_the_hit_in_the_pane_of_its_calendar(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await _search(app, pilot, press, "planning", "enter")
        text = await press(app, pilot, "right", "left")
        assert "Planning  Wed, Nov 25 10:00 AM – 11:00 AM" in text
        assert "Nov 22 – 28, 2026" in text


async def test_a_hit_in_a_calendar_that_is_not_shown_brings_it_into_the_active_pane(services, whole_app, press):
    async with whole_app(services, (80, 24)) as (app, pilot):
        await _search(app, pilot, press, "release", "enter")
        await pilot.pause()
        assert app.home.active.info.name == "Team"
        assert app.home.active.selected.title == "Release"


async def test_search_from_the_year_shows_the_week_of_the_hit(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "6")
        await _search(app, pilot, press, "planning", "enter")
        await press(app, pilot, "left")
        assert app.home.active.shown.kind is ViewKind.WEEK


async def test_nothing_found_is_said_and_enter_stays(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Nothing found." in await _search(app, pilot, press, "zzz", "enter")
        assert app.screen is not app.home


async def test_brackets_may_be_looked_for(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Budget [/2026] review" in await _search(app, pilot, press, "[/2026")


async def test_a_filter_hides_what_does_not_fit_and_says_so(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "f")
        await pilot.pause()
        await press(app, pilot, *"budget", "enter")
        text = await press(app, pilot, "1")
        assert "only budget" in text
        assert "Budget" in text
        assert "Stand-up" not in text


async def test_a_filter_finds_people(with_meeting, whole_app, press):
    async with whole_app(with_meeting) as (app, pilot):
        await press(app, pilot, "f")
        await pilot.pause()
        await press(app, pilot, "tab", *"bruno", "enter")
        await press(app, pilot, "5")
        titles = {entry.title for pane in app.home.panes for entry in pane.shown.entries}
        assert titles == {"Planning with Bruno"}


async def test_a_filter_is_taken_away_by_one_key(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "f")
        await pilot.pause()
        await press(app, pilot, *"budget", "enter")
        assert "Stand-up" in await press(app, pilot, "A", "1")


async def test_search_takes_away_a_filter_that_hides_the_hit(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "f")
        await pilot.pause()
        await press(app, pilot, *"budget", "enter")
        await _search(app, pilot, press, "stand", "enter")
        await pilot.pause()
        assert app.home.active.selected.title == "Stand-up"
        assert not app.home.only


async def test_weeks_have_their_numbers_on_demand(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Week 47" in await press(app, pilot, "w")
        assert "Week 47" not in await press(app, pilot, "w")


async def test_the_hours_of_another_zone_stand_beside_ones_own(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "Z")
        await pilot.pause()
        await press(app, pilot, *"new york", "enter")
        text = await press(app, pilot, "right")
        assert "3 AM  9 AM" in text
        assert "EST   CET" in text


async def test_a_zone_that_there_is_not_is_said_once(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "Z")
        await pilot.pause()
        text = await press(app, pilot, *"xyzzy", "enter")
        assert text.count("There is no time zone “xyzzy”.") == 1


async def test_ones_own_zone_alone_comes_back(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        for typed in ("tokyo", ""):
            await press(app, pilot, "Z")
            await pilot.pause()
            app.screen.query_one("#zone").value = typed
            await press(app, pilot, "enter")
        assert "5 PM  9 AM" not in await press(app, pilot, "right")
        assert app.home.second_zone == ""


async def test_an_events_own_zone_is_told_where_it_differs(with_meeting, whole_app, press):
    async with whole_app(with_meeting) as (app, pilot):
        await _search(app, pilot, press, "bruno", "enter")
        text = await press(app, pilot, "k", "j")
        assert "10:00 AM America/New_York" in text


async def test_the_month_below_the_list_marks_busy_days(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "n")
        assert "November 2026" in text
        days = {day.day for day in app.home.desk.card.busy}
        assert days == {18, 19, 25}


async def test_a_click_on_the_small_month_shows_the_day(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        lines = (await press(app, pilot, "n")).splitlines()
        y = next(n for n, line in enumerate(lines) if line.startswith(" 8  9 10"))
        await pilot.click(offset=(4, y))
        assert "Nov 8 – 14, 2026" in await press(app, pilot, "down")


async def test_a_low_terminal_has_no_small_month(services, whole_app, shown):
    async with whole_app(services, (120, 28)) as (app, _pilot):
        assert "Su Mo Tu We" not in shown(app)


@pytest.mark.parametrize(
    ("text", "zone"),
    [("New York", "America/New_York"), ("europe/london", "Europe/London"), ("tokyo", "Asia/Tokyo")],
)
def test_a_zone_is_named_by_its_city(text, zone):
    assert read_zone(text) == zone


@pytest.mark.parametrize("text", ["nowhere", "indiana", "../etc/passwd"])
def test_what_names_no_single_zone_is_refused(text):
    with pytest.raises(UsageError):
        read_zone(text)
