from __future__ import annotations

import pytest

from core.calendar.event_change import Scope
from tui.screens.scope import ScopeDialog


def dialog():
    return ScopeDialog("Open Recurring Item", "“Budget [/2026]” repeats.")


@pytest.mark.parametrize(
    ("keys", "scope"),
    [
        (("1",), Scope.ONLY),
        (("2",), Scope.FOLLOWING),
        (("3",), Scope.ALL),
        (("enter",), Scope.ONLY),
        (("down", "enter"), Scope.FOLLOWING),
        (("j", "j", "enter"), Scope.ALL),
        (("k", "enter"), Scope.ALL),
        (("escape",), None),
    ],
)
async def test_each_answer_has_a_key(stage, keys, scope):
    async with stage(dialog) as (app, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        assert app.ended
        assert app.answer is scope


async def test_the_question_is_shown_as_it_is_written(stage, shown):
    async with stage(dialog) as (app, _pilot):
        assert "“Budget [/2026]” repeats." in shown(app)
