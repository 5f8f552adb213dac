"""Find a time: real calendars, keys pressed, the meeting made."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.calendar.span import DateRange
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
        for _step in range(100):
            if isinstance(app.screen, EventForm):
                break
            await pilot.pause(0.02)
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
