from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.calendar.patterns import PatternKind
from tui.screens.repetition import NONE, RULE, RepetitionDialog

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 24, 12, 30, tzinfo=PARIS)
"""A Tuesday, the fourth of its month."""


def dialog(rule=""):
    return lambda: RepetitionDialog(START, rule, date(2026, 11, 22), PARIS)


async def chosen(stage, start, /, **fields):
    """The rule that OK gives after these fields were filled in."""
    async with stage(dialog(start)) as (app, pilot):
        for name, value in fields.items():
            app.screen.query_one(f"#{name.replace('_', '-')}").value = value
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        return app.answer


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"kind": NONE}, ""),
        ({"kind": PatternKind.DAILY.value, "every": "3"}, "FREQ=DAILY;INTERVAL=3"),
        ({"kind": PatternKind.EVERY_WEEKDAY.value}, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ({"kind": PatternKind.WEEKLY.value, "day_3": True}, "FREQ=WEEKLY;BYDAY=TU,TH"),
        ({"kind": PatternKind.MONTHLY_DAY.value}, "FREQ=MONTHLY;BYMONTHDAY=24"),
        ({"kind": PatternKind.MONTHLY_DAY.value, "day": "31"}, "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ({"kind": PatternKind.MONTHLY_PLACE.value}, "FREQ=MONTHLY;BYDAY=4TU"),
        ({"kind": PatternKind.YEARLY_DAY.value}, "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=24"),
        ({"kind": PatternKind.YEARLY_PLACE.value, "place": -1}, "FREQ=YEARLY;BYMONTH=11;BYDAY=-1TU"),
        ({"kind": RULE, "rule": "freq=hourly;count=3"}, "FREQ=HOURLY;COUNT=3"),
        ({"kind": PatternKind.DAILY.value, "end": "count", "count": "5"}, "FREQ=DAILY;COUNT=5"),
        (
            {"kind": PatternKind.DAILY.value, "end": "until", "until": "2026-12-24"},
            "FREQ=DAILY;UNTIL=20261224T113000Z",
        ),
    ],
)
async def test_each_pattern_of_outlook_gives_its_rule(stage, fields, rule):
    assert await chosen(stage, "", **fields) == rule


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=2;COUNT=4",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,FR",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
    ],
)
async def test_a_rule_that_is_shown_and_not_touched_stays_as_it_is(stage, rule):
    assert await chosen(stage, rule) == rule


async def test_the_next_five_dates_are_shown(stage, shown):
    async with stage(dialog("FREQ=WEEKLY;BYDAY=TU")) as (app, pilot):
        await pilot.pause()
        text = " ".join(shown(app).replace("│", " ").split())
        assert "Tue, Nov 24 2026 · Tue, Dec 1 2026 · Tue, Dec 8 2026 · Tue, Dec 15 2026 · Tue, Dec 22 2026" in text


async def test_a_repetition_without_a_day_is_said_in_the_dialog(stage, shown):
    async with stage(dialog("FREQ=WEEKLY;BYDAY=TU")) as (app, pilot):
        app.screen.query_one("#day-1").value = False
        await pilot.press("enter")
        await pilot.pause()
        assert not app.ended
        assert "Choose at least one day of the week." in shown(app)


async def test_all_days_of_the_week_fit_on_a_narrow_screen(stage, shown):
    async with stage(dialog("FREQ=WEEKLY;BYDAY=TU")) as (app, pilot):
        await pilot.pause()
        assert "[ ] Sat" in shown(app)


async def test_removing_the_repetition_is_one_button(stage):
    async with stage(dialog("FREQ=WEEKLY;BYDAY=TU")) as (app, pilot):
        await pilot.click("#remove")
        await pilot.pause()
        assert app.answer == ""
