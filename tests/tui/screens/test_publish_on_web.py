"""What Microsoft 365 cannot do is told with the steps, and the other way is one key away."""

from __future__ import annotations

import pytest

from core.language import use_language
from core.sharing.exchange_publishing import WEB_ADDRESS
from tui.screens.publish_on_web import PublishOnWebDialog
from tui.screens.publish_ways import EXCHANGE, WEBDAV


@pytest.fixture
def dialog():
    return lambda: PublishOnWebDialog("Calendar [/2026]")


async def test_the_steps_stand_on_the_screen(stage, dialog, shown):
    async with stage(dialog, size=(80, 24)) as (app, pilot):
        await pilot.pause()
        text = " ".join(shown(app).split())
        assert app.screen.query_one("#cancel").region.bottom <= 24
    assert "no program" in text
    assert "Calendar [/2026]" in text
    assert "Publish a calendar" in text


async def test_every_button_has_its_room_in_french_too(stage, dialog, shown):
    use_language("fr")
    async with stage(dialog, size=(80, 24)) as (app, pilot):
        await pilot.pause()
        lines = shown(app).splitlines()
    assert any("J’ai les liens…" in line.replace(" ", " ") and "Annuler" in line for line in lines), lines


@pytest.mark.parametrize(("key", "answer"), [("w", WEBDAV), ("l", EXCHANGE), ("escape", None)])
async def test_one_key_goes_on(stage, dialog, key, answer):
    async with stage(dialog) as (app, pilot):
        await pilot.press(key)
        assert (app.ended, app.answer) == (True, answer)


async def test_the_address_is_copied_by_one_key(stage, dialog):
    async with stage(dialog) as (app, pilot):
        await pilot.press("enter")
        assert app.copied == [WEB_ADDRESS]
        assert not app.ended
