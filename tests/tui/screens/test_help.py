"""F1."""

from __future__ import annotations

from tui.commands import ALL
from tui.keymap import keymap
from tui.screens.help import page
from tui.widgets.marks import UNICODE

WHERE = (("Settings", "~/.config/partagenda/config.toml"),)


def test_every_command_is_named_with_its_key():
    text = page(keymap({}), UNICODE, WHERE, 200).plain
    assert all(command.name in text for command in ALL.values())


def test_a_person_s_own_keys_are_shown():
    assert "F7  " in page(keymap({"calendar.email": "f7"}), UNICODE, WHERE, 120).plain


def test_the_marks_are_explained():
    assert f"{UNICODE.status['out-of-office']}" in page(keymap({}), UNICODE, WHERE, 120).plain


def test_where_things_are_is_said():
    assert "~/.config/partagenda/config.toml" in page(keymap({}), UNICODE, WHERE, 120).plain


def test_nothing_is_wider_than_the_terminal():
    assert max(map(len, page(keymap({}), UNICODE, WHERE, 76).plain.splitlines())) <= 76
