"""A person's own keys: `[keys]` of config.toml, by command id. What cannot be used is reported, the rest is."""

from __future__ import annotations

from collections.abc import Mapping

from core.language import N_, _
from core.values import dataclass
from tui.commands import ALL, Command, Scope

_NAMES = {
    "question_mark": "?",
    "colon": ":",
    "semicolon": ";",
    "comma": ",",
    "full_stop": ".",
    "slash": "/",
    "backslash": "\\",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "asterisk": "*",
    "number_sign": "#",
    "exclamation_mark": "!",
    "at": "@",
    "ampersand": "&",
    "underscore": "_",
    "vertical_line": "|",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "enter": N_("Enter"),
    "escape": N_("Esc"),
    "space": N_("Space"),
    "tab": "Tab",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "insert": "Ins",
    "backspace": "Backspace",
}
_WORDS = ("enter", "escape", "space")
"""Keys that have a word of their own on keyboards of other languages."""
_CHARACTERS = {
    name: key for key, name in _NAMES.items() if len(name) == 1 and key not in ("up", "down", "left", "right")
}
_BESIDE: Mapping[Scope, tuple[Scope, ...]] = {
    Scope.APP: (Scope.APP, Scope.HOME, Scope.PANE, Scope.LIST),
    Scope.HOME: (Scope.APP, Scope.HOME, Scope.PANE, Scope.LIST),
    Scope.PANE: (Scope.APP, Scope.HOME, Scope.PANE),
    Scope.LIST: (Scope.APP, Scope.HOME, Scope.LIST),
}
"""The scopes whose keys work at the same time."""


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys in force. `changed` goes to `App.set_keymap`, `problems` into one notice."""

    changed: Mapping[str, str]
    problems: tuple[str, ...] = ()

    def keys(self, command: Command) -> tuple[str, ...]:
        """The command's keys, Textual's names."""
        changed = self.changed.get(command.id)
        return tuple(changed.split(",")) if changed else command.keys

    def name(self, command: Command) -> str:
        """The command's first key, as it stands on the keyboard."""
        return key_name(self.keys(command)[0])

    def name_of(self, identifier: str) -> str:
        """The first key of the command with this id."""
        return self.name(ALL[identifier])

    def names(self, command: Command) -> str:
        """All its keys."""
        return " ".join(key_name(key) for key in self.keys(command))


def key_name(key: str) -> str:
    """A key as a person reads it: `question_mark` is `?`, `ctrl+p` is `Ctrl+P`, `f1` is `F1`."""
    *modifiers, last = key.split("+")
    name = _(_NAMES[last]) if last in _WORDS else _NAMES.get(last, last)
    if modifiers or (len(last) > 1 and last[0] == "f" and last[1:].isdigit()):
        name = name.upper() if len(name) == 1 or name == last else name
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


def textual_key(key: str) -> str:
    """A key as Textual names it: a person may write `?` or `question_mark`."""
    *modifiers, last = key.strip().split("+") if key.strip() != "+" else ["plus"]
    return "+".join([*(modifier.lower() for modifier in modifiers), _CHARACTERS.get(last, last)])


def keymap(wanted: Mapping[str, str]) -> Keymap:
    """Check what config.toml says. An unknown id, an empty key and a key that two commands would share are left out."""
    problems: list[str] = []
    changed: dict[str, str] = {}
    for identifier, text in wanted.items():
        if identifier not in ALL:
            problems.append(_unknown(identifier))
            continue
        keys = [textual_key(key) for key in text.split(",") if key.strip()] if text.strip() != "," else ["comma"]
        if keys:
            changed[identifier] = ",".join(keys)
        else:
            problems.append(_("{id} has no key.").format(id=identifier))
    for identifier in list(changed):
        if other := _clash(identifier, changed):
            problems.append(
                _("{id}: {key} is the key of {other} already.").format(
                    id=identifier, key=key_name(changed.pop(identifier)), other=other
                )
            )
    return Keymap(changed, tuple(problems))


def _clash(identifier: str, changed: Mapping[str, str]) -> str:
    """Another command that has one of these keys at the same time."""
    mine, scope = set(changed[identifier].split(",")), ALL[identifier].scope
    for other in ALL.values():
        theirs = changed.get(other.id, ",".join(other.keys)).split(",")
        if other.id != identifier and other.scope in _BESIDE[scope] and mine & set(theirs):
            return other.id
    return ""


def _unknown(identifier: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(identifier, ALL, 1, 0.5)
    if near:
        return _("There is no command {id}; do you mean {near}?").format(id=identifier, near=near[0])
    return _("There is no command {id}.").format(id=identifier)
