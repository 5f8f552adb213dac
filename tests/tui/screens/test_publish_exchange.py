"""Publish This Calendar: the command for hand, copied with one key, the links taken back; the policy's bound."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from core.language import use_language
from core.services.publish_on_exchange import PublishOnExchange, Standing
from core.sharing.detail import DetailLevel
from core.sharing.exchange_publishing import ExchangeLinks, ExchangeOptions, read_links, ways
from core.sharing.policy import parse_policy
from tui.screens.publish_exchange import ExchangeRequest, PublishExchangeDialog
from tui.widgets.form import Choice, OwnWords

WHO = "alice@example.org:\\Calendar"
PRINTED = (
    "PublishedCalendarUrl : https://mail.example.org/owa/x/calendar.html\n"
    "PublishedICalUrl     : https://mail.example.org/owa/x/calendar.ics"
)


@pytest.fixture
def dialog():
    def make(*, configured: bool = False, policy: str = "", links: ExchangeLinks | None = None):
        async def unknown(_account: str) -> None:
            return None

        service = PublishOnExchange(
            store=None, ledger=None, clock=None, shells=lambda _a: None, policies=unknown, addresses=lambda _a: None
        )  # of the service, the dialog takes the words of the commands only
        found = ways(parse_policy([policy]) if policy else None)
        return lambda: PublishExchangeDialog(
            "Work", Standing(WHO, configured, found, links or ExchangeLinks()), service
        )

    return make


async def test_the_command_stands_on_the_screen_and_follows_the_fields(stage, dialog, shown):
    async with stage(dialog(), size=(120, 40)) as (app, pilot):
        await pilot.pause()
        assert "Set-MailboxCalendarFolder -Identity 'alice@example.org:\\Calendar'" in shown(app)
        app.screen.query_one("#detail").focus()
        await pilot.press("right")
        await pilot.pause()
        assert "LimitedDetails" in shown(app)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_at_80_columns_the_whole_command_stands_on_the_screen(stage, dialog, shown, language):
    use_language(language)
    async with stage(dialog(policy="Anonymous: CalendarSharingFreeBusyDetail")) as (app, pilot):
        await pilot.pause()
        text = shown(app)
        assert "Set-MailboxCalendarFolder -Identity" in text
        assert "Format-List Published*" in " ".join(text.replace("│", " ").split()), text
        assert ("What it printed" in text) if language == "en" else ("Ce qu’elle affiche" in text), text
        assert ("Esc Cancel" if language == "en" else "Échap Annuler") in text


async def test_the_line_of_keys_calls_enter_by_the_buttons_name(stage, dialog, shown):
    for configured, name in ((False, "Keep the links"), (True, "Start publishing")):
        async with stage(dialog(configured=configured), size=(120, 40)) as (app, _pilot):
            assert f"Enter {name}" in shown(app)


async def test_one_key_copies_what_is_to_be_run(stage, dialog):
    async with stage(dialog()) as (app, pilot):
        await pilot.press("f2")
        (copied,) = app.copied
    assert copied.splitlines()[0].startswith("Set-MailboxCalendarFolder")
    assert copied.splitlines()[1] == f"Get-MailboxCalendarFolder -Identity '{WHO}' | Format-List Published*"


async def test_what_the_command_printed_is_taken_back(stage, dialog):
    async with stage(dialog()) as (app, pilot):
        app.screen.query_one("#pasted", OwnWords).text = PRINTED
        await pilot.press("enter")
        assert app.answer == ExchangeRequest(WHO, ExchangeOptions(), PRINTED)
    assert read_links(app.answer.pasted).ics.endswith("/calendar.ics")


def test_half_of_what_it_printed_is_not_enough():
    with pytest.raises(UsageError):
        read_links(PRINTED.splitlines()[0])


async def test_with_a_shell_there_is_nothing_to_run_by_hand(stage, dialog, shown):
    async with stage(dialog(configured=True), size=(120, 40)) as (app, pilot):
        await pilot.press("f2")
        assert "MailboxCalendarFolder" not in shown(app)
        assert app.copied == []


async def test_more_than_the_anonymous_rule_allows_is_not_offered(stage, dialog):
    async with stage(dialog(policy="Anonymous: CalendarSharingFreeBusyDetail")) as (app, pilot):
        app.screen.query_one("#detail").focus()
        await pilot.press("right", "right", "right")
        assert app.screen.query_one("#detail", Choice).chosen is DetailLevel.LIMITED


async def test_it_can_be_ended_only_where_it_is_published(stage, dialog):
    async with stage(dialog()) as (app, _pilot):
        assert not app.screen.query("#stop")
    links = ExchangeLinks("https://mail.example.org/c.html", "https://mail.example.org/c.ics")
    async with stage(dialog(links=links)) as (app, pilot):
        app.screen.query_one("#stop").press()
        await pilot.pause()
        assert app.answer.stop
