"""Find a time: real calendars, keys pressed, the meeting made."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import Event
from core.calendar.span import DateRange
from core.services.find_time import FindTime
from tests.tui.conftest import settled
from tui.flows.finding import look_again
from tui.screens.event_form import EventForm
from tui.screens.find_time import FindTimeScreen

PARIS = ZoneInfo("Europe/Paris")


async def looked(app, pilot):
    """The finder has looked."""
    for _step in range(200):
        if isinstance(app.screen, FindTimeScreen) and app.screen._found is not None:
            break
        await pilot.pause(0.02)
    await pilot.pause(0.3)


async def until(app, pilot, kind):
    """A screen of that kind is there."""
    for _step in range(200):
        if isinstance(app.screen, kind):
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{app.screen} instead of {kind}")


async def test_free_times_of_the_calendars_that_are_shown_are_listed(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "F")
        await looked(app, pilot)
        text = shown(app)
        assert "[x] Calendar" in text
        assert "Wed, Nov 18  10:45 AM – 2:00 PM" in text
        assert "Thu, Nov 19  12:00 PM – 5:00 PM" in text


async def test_what_has_passed_is_not_offered(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "F")
        await looked(app, pilot)
        assert "Nov 18  8:00 AM" not in shown(app)


async def test_a_longer_meeting_has_fewer_times(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "F")
        await looked(app, pilot)
        app.screen.query_one("#duration").value = "4h"
        await pilot.pause(0.5)
        text = shown(app)
        assert "10:45 AM – 2:00 PM" not in text
        assert "Thu, Nov 19  12:00 PM – 5:00 PM" in text


async def test_somebody_of_whom_nothing_is_known_is_never_free(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "F")
        await looked(app, pilot)
        app.screen.query_one("#people-line").value = "clara@example.net"
        await pilot.pause(0.6)
        text = shown(app)
        assert "0 free times for everybody" in text
        assert "perhaps" in text
        assert "Nothing is known of the time of clara@example.net" in " ".join(text.split()).replace("│ ", "")


async def test_the_next_suggestion_is_one_key_away(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "F")
        await looked(app, pilot)
        assert "Suggestion: Wed, Nov 18  11:00 AM – 11:30 AM" in await press(app, pilot, "n")


async def test_enter_makes_a_meeting_of_the_time(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "F")
        await looked(app, pilot)
        await pilot.press("enter")
        await until(app, pilot, EventForm)
        await press(app, pilot, *"Plan", "f9")
        info = await services.library.find("Calendar")
        span = DateRange(date(2026, 11, 18), date(2026, 11, 18)).span(PARIS)
        (entry,) = [one for one in await services.library.entries([info.id], span, PARIS) if one.title == "Plan"]
        assert entry.start == datetime(2026, 11, 18, 10, 45, tzinfo=PARIS)


async def test_a_field_that_makes_no_sense_is_said_on_the_page(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "F")
        await looked(app, pilot)
        app.screen.query_one("#duration").value = "soon"
        await pilot.pause(0.5)
        assert "“soon” is not a duration." in shown(app)


def bands(app):
    """Where the panes show common free time: columns of the marks, line by line."""
    return [pane.grid.band.days for pane in app.home.panes]


async def test_what_was_found_stands_as_a_band_in_both_panes(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "F")
        await looked(app, pilot)
        text = await press(app, pilot, "v")
        assert text.count("║") > 20
        assert bands(app)[0] == bands(app)[1]
        assert bands(app)[0][date(2026, 11, 19)] == ((480, 600, True), (720, 1020, True))


async def test_one_key_leads_from_suggestion_to_suggestion(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        first = await press(app, pilot, "J")
        assert "Free for all: Wed, Nov 18 11:00 AM – 11:30 AM." in first
        assert first.count("Sugg") >= 2
        second = await press(app, pilot, "J")
        assert "Free for all: Wed, Nov 18 11:30 AM – 12:00 PM." in second
        assert "Free for all: Wed, Nov 18 11:00 AM – 11:30 AM." in await press(app, pilot, "I")


async def test_suggestions_follow_to_another_week(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        team = await services.library.find("Team")
        for day in (18, 19, 20):
            start = datetime(2026, 11, day, 8, tzinfo=PARIS)
            await services.editing.create(team.id, Event("", start, start.replace(hour=18), "Busy"))
        assert "Free for all: Mon, Nov 23 8:00 AM – 8:30 AM." in await press(app, pilot, "J")
        assert date(2026, 11, 23) in app.home.panes[0].shown.days


async def test_enter_on_a_suggestion_makes_the_meeting_and_takes_the_band_away(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "J", "J", "enter")
        await until(app, pilot, EventForm)
        await press(app, pilot, *"Plan", "f9")
        assert "║" not in shown(app)
        (entry,) = [one for one in app.home.panes[0].shown.entries if one.title == "Plan"]
        assert entry.start == datetime(2026, 11, 18, 11, 30, tzinfo=PARIS)


async def test_escape_takes_the_band_away(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "║" in await press(app, pilot, "J")
        assert "║" not in await press(app, pilot, "escape")


async def go_away(services) -> None:
    """All of the working day of 20 November is taken from now on."""
    calendar = await services.library.find("Calendar")
    start = datetime(2026, 11, 20, 8, tzinfo=PARIS)
    await services.editing.create(calendar.id, Event("", start, start.replace(hour=17), "Away"))


async def test_the_band_follows_what_changes_in_the_calendars(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "J")
        await go_away(services)
        await press(app, pilot, "r")
        assert date(2026, 11, 20) not in bands(app)[1]


async def test_the_band_follows_a_change_though_a_turn_ends_the_reading_of_it(services, whole_app, press, monkeypatch):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "J")
        await pilot.pause(0.3)
        await go_away(services)
        home = app.home
        with monkeypatch.context() as patched:
            patched.setattr(home, "_fill", lambda *_arguments: asyncio.sleep(30))
            home.work("panes", home.show_all)
            await pilot.pause(0.1)
        assert home.workspace.together
        home.fill()
        await settled(app, pilot)
        assert date(2026, 11, 20) not in bands(app)[1]


async def test_the_band_follows_a_change_though_another_time_is_suggested_meanwhile(
    services, whole_app, press, monkeypatch
):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "J")
        await pilot.pause(0.3)
        await go_away(services)
        home, find = app.home, FindTime.find
        other = replace(home.suggested, at=home.suggested.found.next(home.suggested.at.start))

        async def and_meanwhile(service, request):
            found = await find(service, request)
            home.suggested = other
            return found

        monkeypatch.setattr(FindTime, "find", and_meanwhile)
        await look_again(home)
        assert home.suggested.at == other.at
        assert date(2026, 11, 20) not in bands(app)[1]


async def test_after_the_last_suggestion_it_says_so(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "J")
        assert "no further suggestion" in await press(app, pilot, "I")


async def test_the_marked_time_says_how_long_a_suggestion_is(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        app.home.active.go_to(date(2026, 11, 19), 12 * 60)
        await press(app, pilot, "space", "down", "down", "down")
        assert "Free for all: Thu, Nov 19 12:00 PM – 2:00 PM." in await press(app, pilot, "J")


@pytest.mark.parametrize(
    ("view", "marked", "when"),
    [
        ("4", "║11a", "11:00 AM – 11:30 AM"),
        ("5", "4:00 PM – 4:30 PM ║ Suggestion", "4:00 PM – 4:30 PM"),
        ("6", "║", "11:00 AM – 11:30 AM"),
    ],
)
async def test_in_views_without_hours_the_day_of_the_suggestion_is_marked(
    services, whole_app, press, view, marked, when
):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, view, "v")
        text = await press(app, pilot, "J")
        assert f"Free for all: Wed, Nov 18 {when}." in text
        assert f"Suggestion  Wed, Nov 18 {when}" in text, "the line of what is under the cursor says it"
        assert marked in " ".join(text.split())
        assert "║" not in await press(app, pilot, "escape")


@pytest.mark.parametrize("view", ["4", "5", "6"])
async def test_in_views_without_hours_suggestions_are_walked_and_enter_makes_the_meeting(
    services, whole_app, press, view
):
    async with whole_app(services) as (app, pilot):
        team = await services.library.find("Team")
        for day in (18, 19, 20):
            start = datetime(2026, 11, day, 8, tzinfo=PARIS)
            await services.editing.create(team.id, Event("", start, start.replace(hour=18), "Busy"))
        assert "Free for all: Mon, Nov 23 8:00 AM – 8:30 AM." in await press(app, pilot, view, "J")
        assert app.home.active.moment.date() == date(2026, 11, 23)
        await press(app, pilot, "J", "J")
        assert "Free for all: Mon, Nov 23 8:30 AM – 9:00 AM." in await press(app, pilot, "I")
        await pilot.press("enter")
        await until(app, pilot, EventForm)
        assert app.screen.query_one("#start-time").value == "8:30 AM"


async def test_in_an_agenda_a_suggestion_is_no_event_that_could_be_deleted(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "5", "J")
        assert app.home.active.selected is None
        assert "No event is chosen here." in await press(app, pilot, "d")
        await press(app, pilot, "up")
        assert app.home.active.selected.title == "Budget [/2026] review"


async def test_suggestions_go_on_in_the_next_year(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        calendar = await services.library.find("Calendar")
        await services.editing.create(calendar.id, Event("", date(2026, 12, 28), date(2027, 1, 5), "Closed"))
        app.home.show_day(date(2026, 12, 28))
        await settled(app, pilot)
        await press(app, pilot, "6", "J")
        assert app.home.active.moment.date() == date(2027, 1, 5)
