"""What the palette finds."""

from __future__ import annotations

from tui.screens.palette import Choice, matching

CHOICES = [
    Choice("command:a", "Work Week", "2", "Show the days of a week on which you work."),
    Choice("command:b", "Week", "3", "Show seven days of a week."),
    Choice("command:c", "Today", "t", "Show today."),
]


def _ids(text: str) -> list[str]:
    return [choice.id for choice in matching(CHOICES, text)]


def test_without_words_everything_is_there():
    assert len(_ids("")) == 3


def test_names_that_begin_with_the_word_come_first():
    assert _ids("week") == ["command:b", "command:a"]


def test_every_word_has_to_match():
    assert _ids("seven week") == ["command:b"]


def test_case_does_not_matter():
    assert _ids("TODAY") == ["command:c"]


def test_nothing_found_is_nothing():
    assert _ids("zzz") == []


async def test_words_that_nothing_has_are_said_while_one_types(whole_app, services, press):
    async with whole_app(services, (80, 24)) as (app, pilot):
        shown = await press(app, pilot, "colon", *"zzz")
        assert "No command has this name." in shown
        shown = await press(app, pilot, "backspace", "backspace", "backspace")
        assert "No command has this name." not in shown
