"""Drop-downs, for people who type fast."""

from __future__ import annotations

from textual.app import App
from textual.events import Key

from tui.widgets.form import Choice


class Small(App[None]):
    def compose(self):
        yield Choice([(str(number), number) for number in range(5)], 0, id="choice")


async def test_a_second_down_that_comes_at_once_walks_in_the_list():
    app = Small()
    async with app.run_test() as pilot:
        choice = app.query_one(Choice)
        choice.focus()
        await pilot.pause()
        for key in ("down", "down", "down"):  # without a pause between them, as a paste or a macro sends them
            app.post_message(Key(key, None))
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert choice.chosen == 2
