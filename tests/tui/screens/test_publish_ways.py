"""Both ways of publishing stand there; the one that the sharing policy closes is seen, explained, and not chosen."""

from __future__ import annotations

import pytest

from core.sharing.exchange_publishing import ways
from core.sharing.policy import parse_policy
from tui.screens.publish_ways import EXCHANGE, WEBDAV, PublishWaysDialog

ANONYMOUS, NOBODY = "Anonymous: CalendarSharingFreeBusyDetail", "*: CalendarSharingFreeBusySimple"


@pytest.fixture
def dialog():
    return lambda rule: lambda: PublishWaysDialog("Calendar [/2026]", ways(parse_policy([rule]) if rule else None))


@pytest.mark.parametrize(("rule", "answer"), [(ANONYMOUS, EXCHANGE), (NOBODY, WEBDAV), ("", EXCHANGE)])
async def test_enter_takes_the_way_that_is_open(stage, dialog, rule, answer):
    async with stage(dialog(rule)) as (app, pilot):
        await pilot.press("enter")
        assert (app.ended, app.answer) == (True, answer)


@pytest.mark.parametrize(("rule", "key"), [(ANONYMOUS, "w"), (NOBODY, "c")])
async def test_the_closed_way_cannot_be_taken(stage, dialog, rule, key):
    async with stage(dialog(rule)) as (app, pilot):
        await pilot.press(key)
        assert not app.ended


@pytest.mark.parametrize(
    ("rule", "words"), [(ANONYMOUS, "has the rule {Anonymous"), (NOBODY, "has no rule “Anonymous”"), ("", "not known")]
)
async def test_the_reason_stands_on_the_screen(stage, dialog, shown, rule, words):
    async with stage(dialog(rule), size=(80, 24)) as (app, pilot):
        await pilot.pause()
        text = " ".join(shown(app).replace("│", " ").split())
    assert words in text


@pytest.mark.parametrize(("rule", "way"), [(ANONYMOUS, "Publish This Calendar…"), (NOBODY, "WebDAV server…")])
async def test_the_line_of_keys_calls_the_way_by_its_name(stage, dialog, shown, rule, way):
    async with stage(dialog(rule), size=(80, 24)) as (app, pilot):
        await pilot.pause()
        assert f"Enter {way}  ·  Esc Cancel" in shown(app)
