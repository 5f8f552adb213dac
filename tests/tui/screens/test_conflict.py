from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import CalendarObject, Event
from tui.screens.conflict import ConflictDialog, Settle

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 24, 12, 30, tzinfo=PARIS)


def version(title: str) -> CalendarObject:
    return CalendarObject("uid", (Event("uid", START, START + timedelta(hours=1), title),))


def dialog(theirs=True, both=True):
    other = version("Lunch theirs") if theirs else None
    return lambda: ConflictDialog("“Lunch” was changed.", version("Lunch mine"), other, PARIS, both=both)


async def test_both_versions_are_shown(stage, shown):
    async with stage(dialog()) as (app, _pilot):
        text = shown(app)
        assert "Lunch mine" in text
        assert "Lunch theirs" in text


async def test_a_version_that_was_deleted_is_named_so(stage, shown):
    async with stage(dialog(theirs=False)) as (app, _pilot):
        assert "deleted" in shown(app)


@pytest.mark.parametrize(
    ("key", "choice"), [("m", Settle.MINE), ("t", Settle.THEIRS), ("b", Settle.BOTH), ("escape", None)]
)
async def test_each_choice_has_a_letter(stage, key, choice):
    async with stage(dialog()) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert app.ended
        assert app.answer is choice


async def test_both_is_not_offered_where_it_cannot_be(stage):
    async with stage(dialog(both=False)) as (app, pilot):
        await pilot.press("b")
        await pilot.pause()
        assert not app.ended


async def test_enter_alone_overwrites_nothing(stage):
    async with stage(dialog()) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert not app.ended
