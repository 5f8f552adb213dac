from __future__ import annotations

import tui.screens.grace as grace
from tui.screens.confirm import ConfirmDialog


async def test_keys_that_were_meant_for_the_screen_before_answer_no_question(stage, monkeypatch):
    monkeypatch.setattr(grace, "SECONDS", 3600)
    async with stage(lambda: ConfirmDialog("Send?", "To Bruno", "&Send")) as (app, pilot):
        await pilot.press("s", "enter", "escape")
        assert not app.ended


async def test_afterwards_the_harmless_button_has_the_focus(stage, monkeypatch):
    monkeypatch.setattr(grace, "SECONDS", 3600)
    async with stage(lambda: ConfirmDialog("Send?", "To Bruno", "&Send")) as (app, pilot):
        app.screen.end_grace()
        await pilot.press("enter")
        assert (app.ended, app.answer) == (True, False)
