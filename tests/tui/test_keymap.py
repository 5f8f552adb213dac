"""A person's own keys."""

from __future__ import annotations

import pytest

from core.language import use_language
from tui.commands import ALL
from tui.keymap import key_name, keymap, textual_key


def test_a_command_gets_the_key_of_the_configuration():
    assert keymap({"calendar.email": "f9"}).name_of("calendar.email") == "F9"


def test_a_key_can_be_written_as_it_stands_on_the_keyboard():
    assert keymap({"calendar.email": "?,f9", "app.help": "f1"}).keys(ALL["calendar.email"]) == ("question_mark", "f9")


def test_a_comma_can_be_a_key():
    assert keymap({"go.next": ",", "event.earlier": "f9"}).keys(ALL["go.next"]) == ("comma",)


def test_an_unknown_command_is_reported_with_the_nearest_one():
    made = keymap({"calendar.mail": "m"})
    assert made.problems == ("There is no command calendar.mail; do you mean calendar.email?",)
    assert not made.changed


def test_a_key_that_another_command_has_is_reported_and_not_taken():
    made = keymap({"calendar.email": "o"})
    assert made.problems == ("calendar.email: o is the key of calendar.open already.",)
    assert made.name_of("calendar.email") == "e"


def test_two_commands_can_change_places():
    made = keymap({"calendar.email": "o", "calendar.open": "e"})
    assert (made.name_of("calendar.email"), made.name_of("calendar.open"), made.problems) == ("o", "e", ())


def test_keys_of_the_list_and_of_a_pane_may_be_the_same():
    assert not keymap({"list.up": "k"}).problems


def test_a_command_without_a_key_is_reported():
    assert keymap({"calendar.email": " "}).problems == ("calendar.email has no key.",)


@pytest.mark.parametrize(
    ("key", "name"),
    [("question_mark", "?"), ("f1", "F1"), ("ctrl+p", "Ctrl+P"), ("e", "e"), ("L", "L"), ("shift+tab", "Shift+Tab")],
)
def test_keys_are_named_as_on_the_keyboard(key: str, name: str):
    assert key_name(key) == name


@pytest.mark.parametrize(("text", "key"), [("?", "question_mark"), ("Ctrl+P", "ctrl+P"), ("+", "plus"), (" f2 ", "f2")])
def test_keys_are_read_as_people_write_them(text: str, key: str):
    assert textual_key(text) == key


def test_keys_are_called_as_on_a_french_keyboard():
    use_language("fr")
    assert [key_name(key) for key in ("enter", "escape", "space", "ctrl+space", "f1", "a")] == [
        *("Entrée", "Échap", "Espace", "Ctrl+Espace", "F1", "a"),
    ]
