"""The registry of commands."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import tui
from tui.commands import ALL, HINTS, Command, Scope, bindings, grouped, keys_table
from tui.keymap import _BESIDE
from tui.screens.home import HomeScreen
from tui.screens.home_flows import FLOWS
from tui.widgets.calendar_list import CalendarList
from tui.widgets.calendar_pane import CalendarPane

COMMANDS = list(ALL.values())
PLAIN = re.compile(
    r"[A-Za-z0-9]|f\d+|colon|question_mark|slash|comma|full_stop|plus|minus|asterisk|underscore|"
    r"(left|right)_(square_bracket|parenthesis)|delete|up|down|left|right|enter|escape|tab|space|home|end|page(up|down)"
    r"|comma|full_stop|plus|minus|asterisk|underscore|(left|right)_(square_bracket|parenthesis)"
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_has_a_plain_key(command: Command):
    assert any(PLAIN.fullmatch(key) for key in command.keys)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_no_key_belongs_to_two_commands_at_the_same_time(command: Command):
    others = [c for c in COMMANDS if c is not command and c.scope in _BESIDE[command.scope]]
    assert not {key for other in others for key in other.keys} & set(command.keys)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_says_what_it_does_in_a_sentence(command: Command):
    assert command.sentence.endswith(".")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_can_be_carried_out(command: Command):
    from tui.app import PartagendaApp

    owner = {Scope.APP: PartagendaApp, Scope.HOME: HomeScreen, Scope.PANE: CalendarPane, Scope.LIST: CalendarList}
    name, _bracket, argument = command.action.removeprefix("screen.").partition("(")
    runs = HomeScreen if command.action.startswith("screen.") else owner[command.scope]
    assert hasattr(runs, f"action_{name}")
    assert name != "flow" or argument.strip("')") in FLOWS


def test_every_command_that_a_module_declares_is_in_the_registry():
    declared = [
        command.id
        for module in pkgutil.iter_modules(tui.__path__)
        if module.name.endswith("commands")
        for value in vars(importlib.import_module(f"tui.{module.name}")).values()
        if isinstance(value, tuple)
        for command in value
        if isinstance(command, Command)
    ]
    assert sorted(set(declared)) == sorted(ALL)


@pytest.mark.parametrize("scope", list(Scope))
def test_every_binding_can_be_changed_by_the_id_of_its_command(scope: Scope):
    assert {binding.id for binding in bindings(scope)} == {c.id for c in COMMANDS if c.scope is scope}


def test_the_line_of_keys_names_commands_that_have_a_short_name():
    assert all(ALL[identifier].hint for identifier in HINTS)


def test_every_command_is_in_one_group():
    assert sum(len(members) for members in grouped(COMMANDS).values()) == len(COMMANDS)


def test_the_table_of_keys_has_a_line_for_each_command():
    table = keys_table()
    assert all(f"`{command.id}`" in table for command in COMMANDS)
