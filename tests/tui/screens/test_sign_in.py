"""The code is large and copied with one key; the other way shows an address and takes one."""

from __future__ import annotations

import pytest

from tui.screens.sign_in import DeviceCodeDialog, PasteAddressDialog, Turn
from tui.widgets.large_text import large, width_of

ADDRESS = "https://login.example.org/device"
LONG = "https://login.example.org/authorize?" + "&".join(f"scope{n}=Calendars.ReadWrite" for n in range(12))


@pytest.fixture
def code():
    return lambda: DeviceCodeDialog("cloud", ADDRESS, "BCDF23456", 15)


async def test_address_and_code_stand_on_the_screen_large_and_plain(stage, code, shown):
    async with stage(code, size=(80, 24)) as (app, _pilot):
        text = shown(app)
    assert ADDRESS in text
    assert "BCDF23456" in text
    assert text.count("█") > 60


@pytest.mark.parametrize(("key", "copied"), [("c", "BCDF23456"), ("enter", "BCDF23456"), ("r", ADDRESS)])
async def test_one_key_copies(stage, code, key, copied):
    async with stage(code) as (app, pilot):
        await pilot.press(key)
        assert app.copied == [copied]
        assert not app.ended


@pytest.mark.parametrize(("key", "answer"), [("o", Turn.OTHER), ("escape", None)])
async def test_one_key_leaves(stage, code, key, answer):
    async with stage(code) as (app, pilot):
        await pilot.press(key)
        assert (app.ended, app.answer) == (True, answer)


async def test_everything_fits_into_80_by_24_in_french_too(stage, code, shown):
    from core.language import use_language

    use_language("fr")
    async with stage(code, size=(80, 24)) as (app, _pilot):
        text = shown(app)
        assert app.screen.query_one("#cancel").region.bottom <= 24
        assert "Annuler" in text
    assert "BCDF23456" in text


async def test_the_address_to_open_is_copied_by_f2(stage):
    async with stage(lambda: PasteAddressDialog("cloud", LONG)) as (app, pilot):
        await pilot.press("f2")
        assert app.copied == [LONG]


async def test_what_was_pasted_is_returned(stage):
    async with stage(lambda: PasteAddressDialog("cloud", LONG)) as (app, pilot):
        app.screen.query_one("#pasted").value = " https://x/?code=1 "
        await pilot.press("enter")
        assert app.answer == "https://x/?code=1"


async def test_nothing_pasted_is_said_and_keeps_the_dialog(stage, shown):
    async with stage(lambda: PasteAddressDialog("cloud", LONG)) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert not app.ended
        assert "Nothing is pasted yet." in shown(app)


async def test_what_was_wrong_before_is_shown(stage, shown):
    async with stage(lambda: PasteAddressDialog("cloud", LONG, "That is another one.")) as (app, pilot):
        await pilot.pause()
        assert "That is another one." in shown(app)


def test_every_letter_of_a_code_can_be_drawn():
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-":
        rows = large(letter).split("\n")
        assert len(rows) == 5
        assert max(map(len, rows)) <= width_of(letter)
    assert large("é") is None
