"""The home screen: keys pressed, screen read. Real services over a vdir in a temporary folder."""

from __future__ import annotations

import asyncio
import threading
from datetime import date
from pathlib import Path

import pytest

from tui.put_off import SOON
from tui.screens.email_calendar import SendCalendarDialog
from tui.screens.help import HelpScreen
from tui.widgets.filtering import EntryFilter

WIDE, NARROW = (120, 40), (80, 24)


async def test_two_calendars_stand_side_by_side(services, whole_app, shown):
    async with whole_app(services) as (app, _pilot):
        title = next(line for line in shown(app).splitlines() if "My Calendars" in line)
        assert title.index("Calendar ") < title.index("Team")


async def test_the_week_shows_titles_of_both_calendars(services, whole_app, shown):
    async with whole_app(services) as (app, _pilot):
        assert "Stan" in shown(app)
        assert "Relea" in shown(app)


async def test_brackets_in_a_title_are_shown_and_not_obeyed(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Budget [/2026] review" in await press(app, pilot, "1")


async def test_a_fresh_machine_opens_on_a_local_calendar_and_says_where_things_are(empty_services, whole_app, shown):
    async with whole_app(empty_services) as (app, _pilot):
        text = shown(app)
        assert "▣ Calendar" in text
        assert "F1 all keys  Calendars" in text


async def test_a_narrow_terminal_shows_one_pane_and_the_other_one_key_away(services, whole_app, press, shown):
    async with whole_app(services, NARROW) as (app, pilot):
        assert "Team" not in shown(app)
        text = await press(app, pilot, "tab")
        assert "Team" in text
        assert "Release" in text


async def test_every_line_of_a_narrow_screen_fits(services, whole_app, shown):
    async with whole_app(services, NARROW) as (app, _pilot):
        assert len(shown(app).splitlines()) == 24


async def test_next_and_previous_move_both_panes(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert (await press(app, pilot, "n")).count("Nov 22 – 28, 2026") == 2
        assert (await press(app, pilot, "p", "p")).count("Nov 8 – 14, 2026") == 2


async def test_panes_apart_move_one_by_one(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "s", "n")
        assert text.count("Nov 22 – 28, 2026") == 1
        assert text.count("Nov 15 – 21, 2026") == 1


async def test_together_again_the_other_pane_follows(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert (await press(app, pilot, "s", "n", "s")).count("Nov 22 – 28, 2026") == 2


async def test_today_comes_back_from_anywhere(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Wed, Nov 18 10:30 AM" in await press(app, pilot, "n", "n", "n", "t")


async def test_go_to_date_shows_the_date_that_is_typed(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "g", *"2027-02-03", "enter")
        await pilot.pause()
        assert "Jan 31 – Feb 6, 2027" in await press(app, pilot, "left", "right")


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("1", "Wednesday, November 18, 2026"),
        ("2", "Nov 16 – 20, 2026"),
        ("3", "Nov 15 – 21, 2026"),
        ("7", "Nov 18 – 24, 2026"),
        ("5", "Nov 18 – Dec 15, 2026"),
        ("4", "November 2026"),
        ("6", "  2026"),
    ],
)
async def test_each_view_is_one_key_away(services, whole_app, press, key, days):
    async with whole_app(services) as (app, pilot):
        assert days in await press(app, pilot, key)


async def test_the_agenda_lists_events_by_day(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        lines = (await press(app, pilot, "5")).splitlines()
        day = next(n for n, line in enumerate(lines) if "Wednesday, November 18, 2026" in line)
        assert "9:00 AM – 9:30 AM" in lines[day + 1]
        assert "Stand-up, Room 4" in lines[day + 1]


async def test_the_status_line_tells_the_chosen_event_whole(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "j")
        assert "Budget [/2026] review  Wed, Nov 18 2:00 PM – 4:00 PM  Out of Office" in text


async def test_an_event_added_to_the_page_that_was_read_ahead_is_shown_there(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "n")  # the week after is read ahead
        assert "▌Zoo" in await press(app, pilot, "a", *"Zoo 2026-12-01 10:00", "enter")  # it goes there
        assert "▌Zoo" not in await press(app, pilot, "n")
        assert "▌Zoo" in await press(app, pilot, "p")


async def test_a_turn_right_after_the_filter_was_taken_away_shows_every_event(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        home = app.screen
        home.only = EntryFilter("Stand-up")
        await press(app, pilot, "p", "p", "n")  # this week is read ahead, with the filter
        home.action_show_all_events()
        home.action_turn(1)
        assert "Budg" in await press(app, pilot, "tab")
        assert {19, 25} <= {day.day for day in home.desk.card.busy}


async def test_a_month_that_was_out_of_sight_when_something_changed_is_marked_anew(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await pilot.resize_terminal(120, 20)
        await press(app, pilot, "a", *"Zoo 2026-11-27 10:00", "enter")
        await pilot.resize_terminal(120, 40)
        await press(app, pilot, "tab")
        assert date(2026, 11, 27) in app.screen.desk.card.busy


async def test_what_is_asked_for_several_times_at_once_is_drawn_once(services, whole_app, monkeypatch):
    async with whole_app(services) as (app, _pilot):
        pane, drawn = app.screen.active, []
        monkeypatch.setattr(pane, "draw", lambda *size, draw=pane.draw: (drawn.append(size), draw(*size))[1])
        with pane.drawn_once():
            pane.redraw()
            pane.go_to(date(2026, 11, 19))
        assert len(drawn) == 1


async def test_a_picture_that_was_put_off_is_not_drawn_after_a_newer_one(services, whole_app, monkeypatch):
    async with whole_app(services) as (app, pilot):
        pane, drawn = app.screen.active, []
        monkeypatch.setattr(pane, "draw", lambda *size, draw=pane.draw: (drawn.append(size), draw(*size))[1])
        with monkeypatch.context() as typing:
            typing.setattr(type(app.typed_ahead), "waiting", True)
            pane.redraw()
        pane.redraw()
        await pilot.pause(3 * SOON)
        assert len(drawn) == 1


async def test_next_event_crosses_weeks(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Planning  Wed, Nov 25 10:00 AM – 11:00 AM" in await press(app, pilot, "j", "j")


async def test_previous_event_comes_back_over_the_edge_of_the_week(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Budget [/2026] review  Wed" in await press(app, pilot, "j", "j", "k")


async def test_arrows_walk_over_the_edge_of_the_week(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Sun, Nov 22 10:30 AM" in await press(app, pilot, *["right"] * 4)


async def test_enter_opens_the_event(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "j", "enter")
        text = await press(app, pilot)
        assert "Wednesday, November 18, 2026, 2:00 PM – 4:00 PM" in text


async def test_enter_on_an_empty_slot_says_that_nothing_is_there(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "No event is chosen here." in await press(app, pilot, "enter")


async def test_a_command_that_cannot_be_used_is_not_among_the_hints(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        assert "Enter Details" not in shown(app)
        assert "Enter Details" in await press(app, pilot, "j")


async def test_a_calendar_of_the_list_is_shown_in_the_pane_one_came_from(services, whole_app, press):
    async with whole_app(services, NARROW) as (app, pilot):
        text = await press(app, pilot, "c", "down", "enter")
        assert "Release" in text


async def test_unticking_a_calendar_empties_its_pane_and_says_what_to_do(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "c", "down", "space")
        assert "□ Team" in text
        assert "o  Open Calendar: a file beside your own" in text


async def test_the_last_ticked_calendar_stays(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "c", "down", "space", "up", "space")
        assert "One calendar is always shown." in text


async def test_one_pane_has_the_whole_width(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert (await press(app, pilot, "v")).count("Nov 15 – 21, 2026") == 1
        assert (await press(app, pilot, "v")).count("Nov 15 – 21, 2026") == 2


async def test_the_hour_scale_changes_in_both_panes(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "15 minutes a line" in await press(app, pilot, "z")
        assert [pane.grid.scale for pane in app.home.panes] == [15, 15]


async def test_a_file_on_the_command_line_is_looked_at_in_the_other_pane(services, whole_app, shown, tmp_path: Path):
    file = tmp_path / "clara.ics"
    file.write_bytes(_CLARA)
    async with whole_app(services, opened=[file]) as (app, _pilot):
        text = shown(app)
        assert "Files Looked At" in text
        assert "Lunch" in text


async def test_a_file_that_is_kept_becomes_a_calendar(services, whole_app, press, tmp_path: Path):
    file = tmp_path / "clara.ics"
    file.write_bytes(_CLARA)
    async with whole_app(services, opened=[file]) as (app, pilot):
        await press(app, pilot, "tab", "K")
        async with asyncio.timeout(30):
            while ("Clara", "local") not in [(info.name, info.kind) for info in await services.library.calendars()]:
                await pilot.pause(0.02)


async def test_what_another_program_changed_is_seen_after_refresh(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        folder = next((services.paths.data / "calendars").glob("*eam*"))
        (folder / "new.ics").write_bytes(_CLARA)
        assert "Lunch" in await press(app, pilot, "r")


async def test_a_click_chooses_the_event_under_the_mouse(services, whole_app, press):
    async with whole_app(services, NARROW) as (app, pilot):
        lines = (await press(app, pilot)).splitlines()
        y = next(n for n, line in enumerate(lines) if "Stand-up" in line)
        await pilot.click(offset=(lines[y].index("Stand-up"), y))
        assert "Stand-up  Wed, Nov 18 9:00 AM – 9:30 AM  Room 4  Busy" in await press(app, pilot)


async def test_a_click_on_the_ribbon_runs_the_command(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        lines = (await press(app, pilot)).splitlines()[:2]
        y = next(number for number, line in enumerate(lines) if "Month" in line)
        await pilot.click(offset=(lines[y].index("Month"), y))
        assert "November 2026" in await press(app, pilot)


async def test_the_wheel_moves_the_hours(services, whole_app, press):
    async with whole_app(services, NARROW) as (app, pilot):
        before = app.home.active.grid.top
        app.home.active._scroll(2)
        await press(app, pilot)
        assert app.home.active.grid.top == before + 2


async def test_f1_shows_all_keys_and_escape_comes_back(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "f1")
        assert isinstance(app.screen, HelpScreen)
        await press(app, pilot, "escape")
        assert app.screen is app.home


async def test_a_library_that_fails_is_a_notice_and_the_screen_stays(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        folder = services.paths.data / "calendars"
        folder.rename(folder.with_name("gone"))
        folder.write_text("not a folder")
        await press(app, pilot, "r")
        assert app.is_running
        assert app.screen is app.home


async def test_a_resized_terminal_keeps_its_day(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "n")
        await pilot.resize_terminal(80, 24)
        assert "Nov 22 – 28, 2026" in await press(app, pilot)
        await pilot.resize_terminal(120, 40)
        assert (await press(app, pilot)).count("Nov 22 – 28, 2026") == 2


async def test_nothing_is_drawn_again_when_a_minute_passes_without_the_now_line_moving(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot)
        seen = []
        for pane in app.home.panes:
            pane._set_dirty = lambda *regions: seen.append(regions)  # type: ignore[method-assign]
        app.home._minute()
        await press(app, pilot)
        assert seen == []


async def test_a_moved_cursor_draws_two_lines_and_no_more(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, "down")
        seen = []
        pane = app.home.active
        old = pane._set_dirty
        pane._set_dirty = lambda *regions: (seen.extend(regions), old(*regions))  # type: ignore[method-assign]
        await press(app, pilot, "down")
        assert 0 < sum(region.area for region in seen) <= 2 * pane.size.width


async def test_dates_far_away_do_not_break_the_screen(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        app.home.show_day(date(2199, 12, 30))
        assert "2199" in await press(app, pilot, "n", "n")


async def test_panes_that_move_together_share_the_hours(services, whole_app, press, shown):
    async with whole_app(services) as (app, pilot):
        assert sum(line.count("9 AM") for line in shown(app).splitlines()) == 1
        assert sum(line.count("9 AM") for line in (await press(app, pilot, "s")).splitlines()) == 2


async def test_a_day_off_on_which_nothing_is_can_be_walked_to(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Sat, Nov 21 10:30 AM" in await press(app, pilot, *["right"] * 3)


async def test_a_file_opened_on_a_narrow_terminal_is_shown_at_once(services, whole_app, shown, tmp_path: Path):
    file = tmp_path / "clara.ics"
    file.write_bytes(_CLARA)
    async with whole_app(services, NARROW, opened=[file]) as (app, _pilot):
        assert "Lunch" in shown(app)


async def test_a_calendar_from_elsewhere_is_shown_on_a_narrow_terminal_which_says_so(services, whole_app, press):
    team = await services.library.find("Team")
    async with whole_app(services, NARROW) as (app, pilot):
        await app.home.reload(team, beside=True)
        await pilot.pause()
        text = await press(app, pilot)
        assert "Release" in text
        assert "This is the other pane; Tab goes back." in text


async def test_refresh_says_what_it_does_in_still_text_and_escape_stops_it(services, whole_app, press, monkeypatch):
    started, hold = threading.Event(), threading.Event()

    async def slow(progress=None, **_more):
        def work():
            progress(0, 10, "local/team")
            started.set()
            hold.wait(5)
            progress(1, 10, "local/team")

        await asyncio.to_thread(work)

    async with whole_app(services) as (app, pilot):
        monkeypatch.setattr(app.home.services.library, "refresh", slow)
        await pilot.press("r")
        await asyncio.to_thread(started.wait, 5)
        assert "Looking at the calendars… Esc stops." in app.home.status.message
        await pilot.press("escape")
        hold.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Stopped. What was known before is shown." in await press(app, pilot)


@pytest.mark.parametrize("view", ["4", "6"])
async def test_enter_on_a_day_of_a_month_or_a_year_shows_the_day(services, whole_app, press, view):
    async with whole_app(services) as (app, pilot):
        await press(app, pilot, view, "right", "enter")
        await pilot.pause()
        assert "Thursday, November 19, 2026" in await press(app, pilot, "down")


async def test_month_and_year_are_turned_by_the_keys_of_weeks(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "December 2026" in await press(app, pilot, "4", "n")
        assert "2027" in await press(app, pilot, "6", "n")


async def test_the_month_has_the_events_of_both_calendars(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "4")
        assert "Stand-" in text
        assert "Release" in text


async def test_the_year_says_how_busy_a_day_is(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "Wed, Nov 18  2 h 30 min busy, 2 events" in await press(app, pilot, "6")


async def test_plain_ascii_draws_every_view(services, whole_app, press):
    async with whole_app(services, NARROW, env={"LANG": "C"}) as (app, pilot):
        for key in ("1", "3", "4", "6"):
            lines = (await press(app, pilot, key)).splitlines()[2:-2]
            assert not set("".join(lines)) & set("▌░▒▓█│┊·")


async def test_overlay_lays_calendars_on_one_another_and_comes_back(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        text = await press(app, pilot, "V")
        assert "1 Calendar" in text
        assert "2 Team" in text
        assert "Stand-up" in text
        assert "Release" in text
        assert (await press(app, pilot, "V")).count("Nov 15 – 21, 2026") == 2


async def test_in_overlay_tab_brings_the_next_calendar_to_the_front(services, whole_app, press):
    async with whole_app(services) as (app, pilot):
        assert "1 Team" in await press(app, pilot, "V", "tab")


async def test_a_wide_terminal_has_room_for_a_third_calendar(services, whole_app, press):
    await services.library.create("Third")
    async with whole_app(services, (200, 50)) as (app, pilot):
        text = await press(app, pilot, "c", "down", "down", "space")
        assert text.count("Nov 15 – 21, 2026") == 3
        assert (await press(app, pilot, "space")).count("Nov 15 – 21, 2026") == 2


async def test_a_terminal_that_shrinks_keeps_its_active_pane_in_sight(services, whole_app, press):
    await services.library.create("Third")
    async with whole_app(services, (200, 50)) as (app, pilot):
        await press(app, pilot, "c", "down", "down", "space", "escape", "tab", "tab")
        await pilot.resize_terminal(120, 40)
        await press(app, pilot, "n")
        assert app.home.active in app.home.on_screen


_CLARA = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//example//test//EN\r
X-WR-CALNAME:Clara\r
BEGIN:VEVENT\r
UID:lunch@example.net\r
DTSTAMP:20261101T000000Z\r
DTSTART:20261117T110000Z\r
DTEND:20261117T120000Z\r
SUMMARY:Lunch\r
END:VEVENT\r
END:VCALENDAR\r
"""


async def test_the_line_of_status_tells_the_whole_name_of_the_calendar_in_the_list(services, whole_app, press):
    name = "Clara Duval – Calendar of the people of the fair"
    await services.library.create(name)
    async with whole_app(services, size=(80, 24)) as (app, pilot):
        assert name not in await press(app, pilot, "c")
        assert name in await press(app, pilot, "up", "up", "down", "down")
        assert name not in await press(app, pilot, "escape")


@pytest.mark.parametrize(("key", "title"), [("S", "Share “Calendar”"), ("P", "Permissions of “Calendar”")])
async def test_where_a_calendar_cannot_be_shared_a_dialog_says_why_and_offers_a_copy(
    services, whole_app, press, key, title
):
    async with whole_app(services, size=(80, 24)) as (app, pilot):
        text = await press(app, pilot, key)
        assert title in text
        assert "It is not on a server that shares calendars" in text
        assert "E-mail Calendar" in text
        await press(app, pilot, "enter")
        assert isinstance(app.screen, SendCalendarDialog)


async def test_where_a_calendar_cannot_be_shared_publishing_it_is_one_letter_away(services, whole_app, press):
    async with whole_app(services, size=(80, 24)) as (app, pilot):
        await press(app, pilot, "S", "p")
        assert "Publish" in await press(app, pilot)
        assert type(app.screen).__name__ not in ("CannotShareDialog", "HomeScreen")


async def test_the_other_pane_looks_active_with_the_key_before_textual_has_moved_the_focus(services, whole_app):
    async with whole_app(services) as (app, _pilot):
        before, other = app.home.active, app.home.other
        app.home.activate(other)  # nothing that Textual posts is handled in between
        assert [pane._canvas.inks[0][-1].role for pane in (before, other)] == ["title", "title.focused"]


async def test_a_message_wider_than_the_terminal_takes_both_lines_until_the_next_move(whole_app, services, press):
    async with whole_app(services, (80, 24)) as (app, pilot):
        await press(app, pilot, "home", "a", *"dinner of the whole department today 14:00-15:00")
        shown = await press(app, pilot, "enter")
        upper, lower = shown.splitlines()[-2:]
        assert upper.startswith(" Added to “Calendar”: “dinner of the whole")
        assert upper.endswith("Europe/Paris")
        assert "At the same time: “Budget [/2026] review”" in " ".join(f"{upper[:64]} {lower}".split())
        shown = await press(app, pilot, "k")
        assert "Added to" not in "".join(shown.splitlines()[-2:])


async def test_a_message_goes_with_the_next_command_and_the_keys_of_the_list_are_seen(whole_app, services, press):
    async with whole_app(services, (80, 24)) as (app, pilot):
        assert "too narrow for two panes" in await press(app, pilot, "v")
        shown = await press(app, pilot, "c")
        assert "too narrow" not in shown
        assert "Enter Show Here" in shown.splitlines()[-1]
