from __future__ import annotations

import asyncio

import pytest
from textual.widgets import Input, TextArea

from core.calendar.people import Address
from core.errors import UsageError
from core.services.email_calendar import Draft
from tui.screens.compose import ComposeScreen
from tui.screens.leave_message import LeaveMessageDialog, Leaving
from tui.screens.preview import PreviewScreen
from tui.widgets.recipients_field import PAUSE

BRUNO, CLARA = Address("bruno@example.org", "Bruno"), Address("clara@example.net", "Clara")


async def people(text: str) -> list[Address]:
    return [one for one in (BRUNO, CLARA) if one.name.lower().startswith(text.lower())]


@pytest.fixture
def screen(prepared):
    def make(**more):
        return lambda: ComposeScreen(prepared, "Alice Martin Calendar", ["mail", "office"], people, **more)

    return make


async def write(pilot, text: str) -> None:
    await pilot.press(*text)
    await pilot.pause(PAUSE + 0.1)


async def test_a_message_is_written_and_sent_without_the_mouse(stage, screen, prepared):
    async with stage(screen()) as (app, pilot):
        await write(pilot, "bru")
        await pilot.press("tab", "tab")
        await write(pilot, "clara@example.net")
        await pilot.press("tab", "tab", "tab", *"Hello", "f9")
        assert app.answer == Draft(
            prepared.request, (BRUNO,), (Address("clara@example.net"),), (), "Alice Martin Calendar", "Hello", "mail"
        )


async def test_tab_never_puts_somebody_else_in_the_place_of_an_address_that_is_whole(stage, prepared):
    async def greedy(_text: str) -> list[Address]:
        return [Address("bruno@example.org.evil.example.net")]

    make = lambda: ComposeScreen(prepared, "S", ["mail"], greedy)  # noqa: E731
    async with stage(make) as (app, pilot):
        await write(pilot, "bruno@example.org")
        await pilot.press("tab", "f9")
        assert app.answer.to == (Address("bruno@example.org"),)


async def test_the_second_person_is_completed_behind_the_first(stage, screen):
    async with stage(screen()) as (app, pilot):
        await write(pilot, "bru")
        await pilot.press("enter")
        await write(pilot, "cl")
        await pilot.press("enter", "f9")
        assert app.answer.to == (BRUNO, CLARA)


async def test_escape_takes_the_proposals_away_and_leaves_the_message(stage, screen):
    async with stage(screen()) as (app, pilot):
        await write(pilot, "bru")
        await pilot.press("escape")
        await pilot.pause()
        assert not app.screen.query_one("#to").proposing
        assert app.screen.query_one("#to-line", Input).value == "bru"


async def test_a_wrong_address_is_said_under_its_line_and_nothing_is_sent(stage, screen, shown):
    async with stage(screen()) as (app, pilot):
        await write(pilot, "bruno@")
        await pilot.press("f9")
        await pilot.pause()
        assert not app.ended
        assert shown(app).count("“bruno@” is not an e-mail address.") == 1


async def test_a_message_to_nobody_is_not_sent(stage, screen, shown):
    async with stage(screen()) as (app, pilot):
        await pilot.press("f9")
        await pilot.pause()
        assert not app.ended
        assert "There is nobody to send it to." in shown(app)


async def test_what_is_typed_is_kept_without_being_asked(stage, screen):
    kept = []

    async def keep(draft):
        kept.append(draft)

    async with stage(screen(keep=keep)) as (_app, pilot):
        await pilot.press(*"bruno@exa", "tab", "tab", "tab", "tab", *"My words")
        for _step in range(100):
            if kept and kept[-1].message == "My words":  # a slow machine keeps the first words, too
                break
            await asyncio.sleep(0.05)
        assert (kept[-1].to, kept[-1].message) == ("bruno@exa", "My words")


async def test_a_saved_draft_is_on_the_screen_again_as_it_was_typed(stage, screen, prepared):
    from dataclasses import replace

    from core.services.drafts import new_draft

    blank = new_draft("local/work", prepared.request.options)
    draft = replace(blank, to="bru, x", subject="Mine", message="So far", account="office")
    async with stage(screen(draft=draft)) as (app, _pilot):
        assert app.screen.fields() == draft


@pytest.mark.parametrize(("keys", "leaving"), [(["enter"], Leaving.KEEP), (["d"], Leaving.DISCARD)])
async def test_leaving_asks_what_becomes_of_the_words(stage, screen, keys, leaving):
    async with stage(screen()) as (app, pilot):
        page = app.screen
        await pilot.press(*"nobody", "escape")
        await pilot.pause()
        assert isinstance(app.screen, LeaveMessageDialog)
        await pilot.press(*keys)
        await pilot.pause()
        assert (app.ended, app.answer, page.leaving) == (True, None, leaving)


async def test_an_empty_message_is_left_without_a_question(stage, screen):
    async with stage(screen()) as (app, pilot):
        await pilot.press("escape")
        await pilot.pause()
        assert app.ended


async def test_f5_shows_once_more_what_goes_and_comes_back(stage, screen):
    async with stage(screen()) as (app, pilot):
        await pilot.press("f5")
        await pilot.pause()
        assert isinstance(app.screen, PreviewScreen)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ComposeScreen)


async def test_the_own_editor_gets_the_words_and_gives_them_back(stage, screen):
    async with stage(screen(edit=lambda text: text + " and more")) as (app, pilot):
        app.screen.query_one("#words", TextArea).text = "Hello"
        await pilot.press("f4")
        await pilot.pause()
        assert app.screen.query_one("#words", TextArea).text == "Hello and more"


async def test_an_editor_that_fails_leaves_the_words_and_says_why(stage, screen, shown):
    def broken(_text: str) -> str:
        raise UsageError("There is no editor.")

    async with stage(screen(edit=broken)) as (app, pilot):
        app.screen.query_one("#words", TextArea).text = "Hello"
        await pilot.press("f4")
        await pilot.pause()
        assert app.screen.query_one("#words", TextArea).text == "Hello"
        assert "There is no editor." in shown(app)


async def test_without_an_account_the_page_says_that_the_message_will_wait(stage, prepared, shown):
    async with stage(lambda: ComposeScreen(prepared, "S", [], people), (120, 40)) as (app, _pilot):
        assert "no mail account yet: the message waits in the outbox" in shown(app)
