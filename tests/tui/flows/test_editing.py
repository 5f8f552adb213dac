"""Editing on the home screen: keys pressed, the calendar and the screen read. Real services over a vdir."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import BusyStatus
from core.calendar.span import DateRange
from tui.screens.event_form import EventForm
from tui.screens.quick_add import QuickAddDialog

PARIS = ZoneInfo("Europe/Paris")
TO_STANDUP = ("home", "up", "up")


async def entries(services, name="Calendar", first=date(2026, 11, 1), last=date(2027, 1, 31)):
    info = await services.library.find(name)
    return await services.library.entries([info.id], DateRange(first, last).span(PARIS), PARIS)


async def one(services, title, name="Calendar"):
    found = [entry for entry in await entries(services, name) if entry.title == title]
    assert len(found) == 1, [entry.title for entry in await entries(services, name)]
    return found[0]


async def choose(app, pilot, press, title):
    """Put the cursor on an event of the active pane."""
    for entry in app.home.active.shown.entries:
        if entry.title == title:
            app.home.active.choose(entry.id, entry.start.date())
            await press(app, pilot)
            return
    raise AssertionError(title)


async def test_one_line_adds_an_event(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "a", *"lunch tomorrow 12:30-13:30 @ canteen", "enter")
        assert "Added to “Calendar”: “lunch”, Nov 19, 2026 12:30 PM." in text
        entry = await one(services, "lunch")
        assert entry.place == "canteen"
        assert entry.end - entry.start == timedelta(hours=1)


async def test_the_reading_is_shown_while_one_types(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "a", *"lunch tomorrow 12:30")
        assert "lunch · Thursday, November 19, 2026, 12:30 PM – 1:00 PM" in text


async def test_a_line_without_a_time_is_meant_for_the_time_under_the_cursor(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "right", "a", *"think", "enter")
        assert (await one(services, "think")).start == datetime(2026, 11, 19, 10, 30, tzinfo=PARIS)


async def test_a_line_with_a_time_alone_is_meant_for_the_day_under_the_cursor(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "right", "a", *"think 9:00", "enter")
        assert (await one(services, "think")).start == datetime(2026, 11, 19, 9, tzinfo=PARIS)


async def test_a_line_that_cannot_be_read_says_so_in_the_dialog(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "a", *"x 12:30 for 2h !nonsense", "enter")
        assert isinstance(app.screen, QuickAddDialog)
        assert text.count("“!nonsense” is not known.") == 1
        assert app.screen.query_one("#reading").styles.color == app.screen.query_one("#dialog-error").styles.color
        assert "is not known" not in await press(app, pilot, *["backspace"] * 10)


async def test_f2_goes_on_in_the_form_with_what_was_read(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "a", *"lunch tomorrow 12:30 @ canteen", "f2")
        assert isinstance(app.screen, EventForm)
        assert "lunch" in text
        assert "canteen" in text
        await press(app, pilot, "f9")
        assert (await one(services, "lunch")).place == "canteen"


async def test_other_events_at_that_time_are_named(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "a", *"call today 14:30", "enter")
        assert "At the same time: “Budget [/2026] review”" in text


async def test_a_calendar_that_cannot_be_changed_says_why_and_offers_no_dialog(services, whole_app, press, tmp_path):
    path = tmp_path / "other.ics"
    path.write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Bruno\r\nEND:VCALENDAR\r\n")
    async with whole_app(services, opened=[path]) as (app, pilot):
        text = await press(app, pilot, "tab", "a")
        assert not isinstance(app.screen, QuickAddDialog)
        assert "cannot be changed" in text


async def test_the_form_makes_an_event_of_all_its_fields(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "N", *"Review", "tab", *"Room 9")
        form = app.screen
        form.query_one("#start-day").value = "2026-11-20"
        form.query_one("#start-time").value = "9:00"
        await pilot.pause()
        form.query_one("#end-time").value = "10:30"
        form.query_one("#zone").value = "America/New_York"
        form.query_one("#status").value = BusyStatus.TENTATIVE
        form.query_one("#private").value = True
        form.query_one("#categories").value = "Work, Red"
        form.query_one("#notes").text = "Bring it"
        await press(app, pilot, "f9")
        entry = await one(services, "Review")
        event = (await services.library.details(entry.id)).occurrence.event
        assert (event.start, event.end) == (
            datetime(2026, 11, 20, 9, tzinfo=ZoneInfo("America/New_York")),
            datetime(2026, 11, 20, 10, 30, tzinfo=ZoneInfo("America/New_York")),
        )
        assert (event.place, event.status, event.private) == ("Room 9", BusyStatus.TENTATIVE, True)
        assert (event.categories, event.description) == (("Work", "Red"), "Bring it")


async def test_another_start_takes_the_end_with_it(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "N")
        app.screen.query_one("#start-time").value = "15:00"
        await pilot.pause()
        assert app.screen.query_one("#end-time").value == "3:30 PM"


async def test_a_start_that_is_no_date_leaves_the_end_where_it_was(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "N")
        day = app.screen.query_one("#start-day")
        end = app.screen.query_one("#end-day").value
        day.focus()
        await press(app, pilot, *("31/02/2026".replace("/", "-")))
        assert day.value == "31-02-2026"
        assert app.screen.query_one("#end-day").value == end
        await press(app, pilot, *["backspace"] * 10, *"2026-12-03")
        assert app.screen.query_one("#end-day").value == "Dec 3, 2026"


async def test_an_end_before_the_start_is_said_in_the_form(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "N", "x")
        app.screen.query_one("#end-time").value = "1:00"
        text = await press(app, pilot, "f9")
        assert isinstance(app.screen, EventForm)
        assert "The event ends before it starts." in text


async def test_a_marked_span_is_the_time_of_the_new_event(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "right", "space", "down", "down", "N", *"Deep work", "f9")
        entry = await one(services, "Deep work")
        assert entry.start == datetime(2026, 11, 19, 10, 30, tzinfo=PARIS)
        assert entry.end == datetime(2026, 11, 19, 12, 0, tzinfo=PARIS)


async def test_an_event_is_changed_in_the_form_and_only_what_was_touched_changes(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        before = (await services.library.details(app.home.active.selected.id)).occurrence.event
        await press(app, pilot, "E", "end", *" again", "f9")
        after = (await services.library.details((await one(services, "Stand-up again")).id)).occurrence.event
        assert (after.start, after.end, after.place) == (before.start, before.end, before.place)


async def test_enter_in_the_details_edits(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        await press(app, pilot, "enter")
        await pilot.press("enter")
        for _step in range(100):
            await pilot.pause(0.02)
            if isinstance(app.screen, EventForm):
                break
        assert isinstance(app.screen, EventForm)


async def test_delete_and_undo(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        assert "Deleted “Stand-up”" in await press(app, pilot, "d")
        assert "Stand-up" not in [entry.title for entry in await entries(services)]
        assert "Undone: Deleted “Stand-up” from Calendar" in await press(app, pilot, "u")
        assert await one(services, "Stand-up")


async def test_redo_does_it_again(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        assert "Done again" in await press(app, pilot, "d", "u", "U")
        assert "Stand-up" not in [entry.title for entry in await entries(services)]


async def test_nothing_to_undo_is_said(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        for _sample in range(12):  # the samples' calendars and imports can be undone as well
            seen = await press(app, pilot, "u")
            if "There is nothing to undo." in seen:
                break
        assert "There is nothing to undo." in seen


async def test_a_copy_stands_beside_its_event(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        await press(app, pilot, "D")
        assert [entry.title for entry in await entries(services)].count("Stand-up") == 2


@pytest.fixture
async def series(services):
    """A stand-up on each weekday from Monday on."""
    from core.calendar.event import Event

    info = await services.library.find("Calendar")
    start = datetime(2026, 11, 16, 16, 0, tzinfo=PARIS)
    await services.editing.create(
        info.id, Event("", start, start + timedelta(minutes=30), "Daily", rrule="FREQ=DAILY;COUNT=10")
    )
    return services


async def days_of(services, title):
    return [entry.start.date().day for entry in await entries(services) if entry.title == title]


async def test_deleting_a_recurring_event_asks_which_dates(series, whole_app, press):
    async with whole_app(series) as (app, pilot):
        await choose(app, pilot, press, "Daily")
        assert "This and all after it" in await press(app, pilot, "d")


@pytest.mark.parametrize(
    ("key", "left"),
    [("1", [16, 17, 19, 20, 21, 22, 23, 24, 25]), ("2", [16, 17]), ("3", [])],
)
async def test_only_the_dates_that_are_meant_are_deleted(series, whole_app, press, key, left):
    async with whole_app(series) as (app, pilot):
        third = [entry for entry in app.home.active.shown.entries if entry.title == "Daily"][2]
        app.home.active.choose(third.id, third.start.date())
        await press(app, pilot)
        await press(app, pilot, "d", key)
        assert await days_of(series, "Daily") == left


async def test_leaving_the_question_changes_nothing(series, whole_app, press):
    async with whole_app(series) as (app, pilot):
        await choose(app, pilot, press, "Daily")
        assert "Nothing was changed." in await press(app, pilot, "d", "escape")
        assert len(await days_of(series, "Daily")) == 10


async def test_one_date_is_changed_alone(series, whole_app, press):
    async with whole_app(series) as (app, pilot):
        await choose(app, pilot, press, "Daily")
        await press(app, pilot, "E", "1", "end", *" x", "f9")
        assert len(await days_of(series, "Daily")) == 9
        assert await days_of(series, "Daily x") == [16]


async def test_somebody_elses_change_is_shown_and_both_can_be_kept(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        entry = app.home.active.selected
        await press(app, pilot, "E", "end", *" mine")
        from core.calendar.event_change import EventChange

        await services.editing.change(entry.id, EventChange(title="Stand-up theirs"))
        text = await press(app, pilot, "f9")
        assert "Stand-up mine" in text
        assert "Stand-up theirs" in text
        await press(app, pilot, "b")
        titles = [entry.title for entry in await entries(services)]
        assert "Stand-up mine" in titles
        assert "Stand-up theirs" in titles


async def test_theirs_can_be_kept(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        entry = app.home.active.selected
        await press(app, pilot, "E", "end", *" mine")
        from core.calendar.event_change import EventChange

        await services.editing.change(entry.id, EventChange(title="Stand-up theirs"))
        await press(app, pilot, "f9", "t")
        titles = [entry.title for entry in await entries(services)]
        assert "Stand-up theirs" in titles
        assert "Stand-up mine" not in titles


async def test_the_history_is_read_and_undone_there(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Stand-up")
        text = await press(app, pilot, "d", "H")
        assert "Deleted “Stand-up” from Calendar" in text
        await press(app, pilot, "u")
        assert await one(services, "Stand-up")


async def test_leaving_the_form_asks_before_it_throws_words_away(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "N", *"Long words", "escape")
        assert "What you typed is not saved." in text
        await press(app, pilot, "escape")
        assert isinstance(app.screen, EventForm)


async def test_leaving_an_untouched_form_asks_nothing(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "N", "escape")
        assert app.screen is app.home


async def test_people_of_an_imported_event_do_not_keep_it_from_being_changed(services, whole_app, press):
    from core.calendar.event import Attendee, Event

    info = await services.library.find("Calendar")
    start = datetime(2026, 11, 18, 17, 0, tzinfo=PARIS)
    people = (Attendee("bruno@example.org"),)
    await services.editing.create(info.id, Event("", start, start + timedelta(hours=1), "Old", attendees=people))
    async with whole_app(services) as (app, pilot):
        await choose(app, pilot, press, "Old")
        await press(app, pilot, "E", "end", *" one", "f9")
        event = (await services.library.details((await one(services, "Old one")).id)).occurrence.event
        assert event.organizer is None
