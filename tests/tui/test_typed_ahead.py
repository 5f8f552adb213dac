"""Keys that come faster than the screen: all of them at once, as from a quick typist, a paste or a slow line."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from time import monotonic

import pytest
from textual import events
from textual.keys import _character_to_key

from core.bootstrap import open_services
from core.calendar.event import Event
from core.calendar.span import DateRange
from core.config.paths import Paths
from core.config.settings import load
from core.errors import Refused
from tests.tui.conftest import NOW, PARIS, screen_text
from tui import typed_ahead
from tui.screens.meeting_messages import MeetingMessagesDialog

LIMIT = 20.0


def rush(app, *keys: str) -> None:
    """All keys in one moment: nothing is handled between two of them."""
    for key in keys:
        for one in (key,) if key in ("enter", "escape", "f9", "tab", "f2", "space") else tuple(key):
            named = one if len(one) > 1 or one.isalnum() else _character_to_key(one)
            event = events.Key(named, one if len(one) == 1 else " " if one == "space" else None)
            event.set_sender(app)
            app._driver.send_message(event)


async def until(app, pilot, fits) -> str:
    """Wait until the screen says so."""
    end = monotonic() + LIMIT
    while not fits(shown := screen_text(app)):
        assert monotonic() < end, shown
        await pilot.pause(0.02)
    return shown


@pytest.fixture
async def alice(tmp_path, services, empty_services):
    """The services of somebody who has an address; mail waits in the outbox."""
    config = tmp_path / "alice.toml"
    config.write_text('[me]\nname = "Alice Martin"\naddress = "alice@example.org"\ntime_zone = "Europe/Paris"\n')
    config.chmod(0o600)
    own = open_services(load(config), Paths.from_env(), empty_services.clock)
    yield own
    await own.close()


async def titles(services) -> set[str]:
    found = set()
    for info in await services.library.calendars():
        found |= {event.title for stored in await services.library.objects(info.id) for event in stored.object.events}
    return found


async def test_f9_does_not_overtake_the_title(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "N", "Breakfast with Clara", "f9")
        await until(app, pilot, lambda shown: "Added to" in shown)
        assert "Breakfast with Clara" in await titles(services)


async def test_a_date_typed_behind_its_command_is_gone_to(whole_app, services):
    async with whole_app(services) as (app, pilot):
        view = app.home.workspace.here.kind
        rush(app, "g", "1.2.2027", "enter")
        await until(app, pilot, lambda shown: app.home.active.moment.date() == date(2027, 2, 1))
        assert app.home.workspace.here.kind is view, "no digit chose a view"


async def test_a_line_typed_behind_quick_add_is_added_whole(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "a", "dumplings dud tomorrow 12:30", "enter")
        await until(app, pilot, lambda shown: "Added to" in shown)
        assert await titles(services) == {"Stand-up", "Budget [/2026] review", "Planning", "Release", "dumplings dud"}


async def test_words_typed_behind_search_are_looked_for(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "/", "Release", "enter")
        await until(app, pilot, lambda shown: "Search" not in shown and app.home.active.selected is not None)
        assert app.home.active.selected.title == "Release"


async def test_commands_typed_behind_a_dialog_are_run_after_it(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "g", "1.2.2027", "enter", "n", "n")
        await until(app, pilot, lambda shown: date(2027, 2, 15) in getattr(app.home.active.shown, "days", ()))


async def test_two_dialogs_one_behind_the_other_get_their_own_letters(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "N", "First", "f9")
        await until(app, pilot, lambda shown: "Added to" in shown)
        rush(app, "N", "Second", "escape")
        await until(app, pilot, lambda shown: "What you typed is not saved" in shown)
        assert "Second" not in await titles(services)


@pytest.mark.parametrize("keys", [("g", "escape"), ("N", "escape"), ("a", "escape"), (":", "escape")])
async def test_esc_at_once_closes_what_was_opened(whole_app, services, keys):
    async with whole_app(services) as (app, pilot):
        rush(app, *keys, "1")
        await until(app, pilot, lambda shown: app.screen is app.home and app.home.workspace.here.kind == "day")


# -- keys that ask only sometimes


async def a_series(app, pilot, services) -> str:
    """A meeting of every day, chosen; its calendar."""
    (info,) = [one for one in await services.library.calendars() if one.name == "Calendar"]
    start = NOW.replace(hour=16, minute=0)
    event = Event("", start, start + timedelta(hours=1), "Course", rrule="FREQ=DAILY;COUNT=4")
    edit = await services.editing.create(info.id, event)
    await app.home.show_all(lambda pane: pane.choose(edit.entry.id, NOW.date()))
    assert app.home.active.selected.title == "Course"
    return info.id


async def starts(services, title: str) -> list[datetime]:
    span = DateRange(date(2026, 11, 1), date(2026, 12, 31)).span(PARIS)
    infos = [info.id for info in await services.library.calendars()]
    return sorted(entry.start for entry in await services.library.entries(infos, span, PARIS) if entry.title == title)


async def test_an_answer_typed_behind_delete_is_taken_by_its_question(whole_app, services):
    async with whole_app(services) as (app, pilot):
        await a_series(app, pilot, services)
        view = app.home.workspace.here.kind
        rush(app, "d", "3")
        await until(app, pilot, lambda shown: "Deleted “Course”" in shown)
        assert not await starts(services, "Course")
        assert app.home.workspace.here.kind is view, "no digit chose a view"


async def test_a_key_that_is_no_answer_waits_until_the_question_is_answered(whole_app, services):
    async with whole_app(services) as (app, pilot):
        await a_series(app, pilot, services)
        rush(app, "]", "]", "]", "1")
        await until(app, pilot, lambda shown: "7:00 PM – 8:00 PM" in shown)
        assert [moment.hour for moment in await starts(services, "Course")] == [19, 16, 16, 16]


async def test_where_the_question_is_left_what_was_typed_before_it_is_dropped_and_said_so(whole_app, services):
    async with whole_app(services) as (app, pilot):
        await a_series(app, pilot, services)
        rush(app, "]", "]", "n", "escape", "1")
        await until(app, pilot, lambda shown: "What you typed meanwhile was not used" in shown)
        await until(app, pilot, lambda shown: app.home.workspace.here.kind == "day")
        assert app.home.active.moment.date() == NOW.date(), "the next period was typed before the question"
        assert [moment.hour for moment in await starts(services, "Course")] == [16] * 4


async def test_keys_typed_behind_a_change_that_asks_nothing_come_after_it(whole_app, services):
    async with whole_app(services) as (app, pilot):
        rush(app, "/", "Release", "enter")
        await until(app, pilot, lambda shown: app.home.active.selected and app.home.active.selected.title == "Release")
        rush(app, ".", ".", "n")
        await until(app, pilot, lambda shown: date(2026, 11, 26) in getattr(app.home.active.shown, "days", ()))
        assert [moment.hour * 60 + moment.minute for moment in await starts(services, "Release")] == [10 * 60 + 30]


async def test_a_question_that_comes_by_itself_is_not_answered_by_what_was_typed_before_it(alice, whole_app):
    async with whole_app(alice) as (app, pilot):
        rush(app, "a", "lunch with bruno@example.org tomorrow 12:30", "enter", "d", "f9")
        await until(app, pilot, lambda shown: isinstance(app.screen, MeetingMessagesDialog))
        await pilot.pause(0.1)
        assert isinstance(app.screen, MeetingMessagesDialog)
        assert not await alice.outbox.items(), "nothing was sent that nobody had read"
        rush(app, "escape")
        await until(app, pilot, lambda shown: "Deleted “lunch with bruno@example.org”" in shown)


# -- while a form is saved


class Slow:
    """Lets a change wait until the test lets it go, or fail."""

    def __init__(self, monkeypatch, services) -> None:
        self.go, self.error = asyncio.Event(), None
        create = services.editing.create

        async def held(*arguments):
            await self.go.wait()
            if self.error:
                raise self.error
            return await create(*arguments)

        monkeypatch.setattr(services.editing, "create", held)


async def test_letters_typed_behind_saving_are_commands_once_it_is_saved(whole_app, services, monkeypatch):
    async with whole_app(services) as (app, pilot):
        slow = Slow(monkeypatch, app.services)
        rush(app, "N", "First", "f9", "1")
        await until(app, pilot, lambda shown: getattr(app.screen, "acting", False))
        slow.go.set()
        await until(app, pilot, lambda shown: app.home.workspace.here.kind == "day")
        assert "First" in await titles(services)


async def test_no_letter_is_lost_where_a_form_takes_long_to_stand_there(whole_app, services, monkeypatch):
    monkeypatch.setattr(typed_ahead, "UNFOCUSED", 0.0)
    async with whole_app(services) as (app, pilot):
        rush(app, "N", "First")
        await until(app, pilot, lambda shown: "First" in shown)


async def test_a_form_that_takes_long_to_save_says_so_and_takes_no_keys(whole_app, services, monkeypatch):
    async with whole_app(services) as (app, pilot):
        slow = Slow(monkeypatch, app.services)
        rush(app, "N", "First", "f9")
        await until(app, pilot, lambda shown: "Saving… Keys are not taken" in shown)
        rush(app, "x", "d", "escape", "1")
        await pilot.pause(0.1)
        assert app.screen.query_one("#title").value == "First"
        slow.go.set()
        await until(app, pilot, lambda shown: "Added to" in shown)
        assert app.home.workspace.here.kind == "week"
        assert {"First", "Stand-up"} <= await titles(services)


async def test_after_a_save_that_failed_the_form_is_as_it_was_and_what_was_typed_is_said_to_be_dropped(
    whole_app, services, monkeypatch
):
    async with whole_app(services) as (app, pilot):
        slow = Slow(monkeypatch, app.services)
        rush(app, "N", "First", "f9", "xyz")
        await until(app, pilot, lambda shown: "Saving… Keys are not taken" in shown)
        slow.error = Refused("The disk is full.", "Make room.")
        slow.go.set()
        await until(app, pilot, lambda shown: "What you typed meanwhile was not used" in shown)
        assert "The disk is full." in screen_text(app)
        assert app.screen.query_one("#title").value == "First"
        rush(app, " again")
        await until(app, pilot, lambda shown: "First again" in shown)
