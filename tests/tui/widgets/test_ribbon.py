"""The ribbon's layout."""

from __future__ import annotations

import pytest

from core.language import use_language
from tui.commands import ALL
from tui.keymap import keymap
from tui.widgets.ribbon import RibbonLayout, lay_out

KEYS = {identifier: keymap({}).name(command) for identifier, command in ALL.items()}


def _ids(layout: RibbonLayout) -> set[str]:
    return {button.command.id for button in layout.buttons}


def test_at_120_columns_the_views_of_outlook_and_the_main_commands_are_there():
    assert {
        "go.today",
        "view.day",
        "view.week",
        "view.month",
        "calendar.open",
        "calendar.email",
        "inbox.open",
        "app.help",
    } <= _ids(lay_out(KEYS, 120, 2))


def test_groups_have_their_names():
    names = [name for _x, name in lay_out(KEYS, 120, 2).captions]
    assert names[:3] == ["New", "Go To", "Arrange"]
    assert {"Manage Calendars", "Share", "Messages", "Help"} <= set(names)


def test_at_80_columns_the_main_commands_stay():
    assert {"go.today", "calendar.open", "calendar.email", "inbox.open"} <= _ids(lay_out(KEYS, 80, 1))


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("width", [0, 10, 20, 40, 60, 80, 100, 120, 200])
def test_no_two_buttons_touch_and_none_is_outside(width: int, rows: int):
    buttons = lay_out(KEYS, width, rows).buttons
    assert bool(buttons) is (width > 0)
    for button in buttons:
        assert button.x + button.width <= width
    for one in buttons:
        for other in buttons:
            apart = one.x + one.width < other.x or other.x + other.width < one.x
            assert one is other or one.y != other.y or apart


@pytest.mark.parametrize("language", ["en", "fr"])
def test_at_120_columns_week_and_month_are_there_in_every_language(language):
    use_language(language)
    assert {"view.week", "view.month", "calendar.email", "inbox.open"} <= _ids(lay_out(KEYS, 120, 2))


@pytest.mark.parametrize("width", [40, 80, 100, 120, 160, 250])
@pytest.mark.parametrize("rows", [1, 2])
def test_the_ribbon_is_never_wider_than_the_terminal(width, rows):
    assert lay_out(KEYS, width, rows).width <= width
