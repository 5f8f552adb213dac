from __future__ import annotations

import pytest

from tui.screens.confirm import ConfirmDialog


@pytest.fixture
def dialog():
    return lambda: ConfirmDialog("Send?", "To\nBruno", "&Send")


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], False),
        (["escape"], False),
        (["left", "enter"], True),
        (["s"], True),
        (["right", "right", "enter"], False),
    ],
)
async def test_only_going_to_yes_means_yes(stage, dialog, keys, answer):
    async with stage(dialog) as (app, pilot):
        await pilot.press(*keys)
        assert (app.ended, app.answer) == (True, answer)


async def test_a_long_question_scrolls_and_leaves_the_buttons_on_the_screen(stage):
    question = "\n".join(f"person{n}@example.org" for n in range(60))
    async with stage(lambda: ConfirmDialog("Send?", question, "&Send")) as (app, pilot):
        await pilot.pause()
        assert app.screen.query_one("#cancel").region.bottom <= app.screen.region.bottom
