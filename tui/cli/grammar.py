"""What one may write after a command: a small parser instead of argparse.

argparse takes `--range -30d..+60d` for an option without its value, complains in English only, and costs 30 ms; the
contract of the command line needs none of what it can do beside.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.language import N_, _
from core.values import dataclass

if TYPE_CHECKING:
    from tui.cli.context import Context
    from tui.cli.output import Output


@dataclass(frozen=True, slots=True)
class Option:
    """`--name`, alone (a flag), with a value (`value` is what help calls it), or with several (`many`)."""

    name: str
    help: str
    value: str = ""
    many: bool = False

    @property
    def shown(self) -> str:
        """As help writes it."""
        return f"--{self.name} {_(self.value)}{'…' if self.many else ''}" if self.value else f"--{self.name}"


@dataclass(frozen=True, slots=True)
class Word:
    """A word that stands in its place: required unless said, the rest of the line with `many`."""

    name: str
    shown: str
    many: bool = False
    required: bool = True


COMMON = (
    Option("json", N_("Print one JSON value and nothing else.")),
    Option("config", N_("Use this configuration file."), N_("FILE")),
    Option("help", N_("Say what this command does.")),
)
YES = Option("yes", N_("Agree beforehand to what would be asked."))
RANGE = Option("range", N_("today, tomorrow, 7d, 30d, all, 2026-11-22..2026-11-30 or -30d..+60d."), N_("RANGE"))


class Given:
    """What was written: words and options by name."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        """The value; the last one where it was given twice."""
        found = self._values.get(name)
        return found[-1] if found else default

    def has(self, name: str) -> bool:
        """Whether the option or word was given at all."""
        return name in self._values

    def all(self, name: str) -> tuple[str, ...]:
        """Every value, in order."""
        return tuple(self._values.get(name, ()))


Run = Callable[["Context", Given], Awaitable[int]]
Standalone = Callable[["Output", Given], int]
"""A command that reads no configuration of the person's and has no event loop around it."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what it is called, what it takes, and what does it."""

    name: str
    summary: str
    run: Run | None
    """None: answered elsewhere, this is for help only."""
    words: tuple[Word, ...] = ()
    options: tuple[Option, ...] = ()
    standalone: Standalone | None = None

    @property
    def usage(self) -> str:
        """The command as one writes it."""
        parts = ["partagenda", self.name]
        for word in self.words:
            shown = _(word.shown) + ("…" if word.many else "")
            parts.append(shown if word.required else f"[{shown}]")
        parts += [f"[{option.shown}]" for option in self.options]
        return " ".join(parts)


def parse(command: Command, arguments: Sequence[str]) -> Given:
    """Sort the arguments into words and options. Raises UsageError; stops at `--help`."""
    known = {option.name: option for option in (*command.options, *COMMON)}
    values: dict[str, list[str]] = {}
    words: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            words += rest
            break
        if argument == "-h":
            argument = "--help"
        if argument.startswith("--"):
            _take_option(command, known, argument, rest, values)
        elif argument.startswith("-") and len(argument) > 1 and not argument[1].isdecimal():
            raise _unknown(command, argument, known)
        else:
            words.append(argument)
    if "help" not in values:
        _place_words(command, words, values)
    return Given(values)


def _take_option(
    command: Command, known: Mapping[str, Option], argument: str, rest: list[str], values: dict[str, list[str]]
) -> None:
    name, equals, inline = argument[2:].partition("=")
    option = known.get(name)
    if option is None:
        raise _unknown(command, argument, known)
    found = values.setdefault(name, [])
    if not option.value:
        if equals:
            raise _usage(command, _("--{name} takes no value.").format(name=name))
        return
    if equals:
        found.append(inline)
        return
    if not rest or _is_option(rest[0], known):
        raise _usage(command, _("--{name} needs a value.").format(name=name))
    found.append(rest.pop(0))
    while option.many and rest and not _is_option(rest[0], known):
        found.append(rest.pop(0))


def _is_option(argument: str, known: Mapping[str, Option]) -> bool:
    return argument == "--" or (argument.startswith("--") and argument[2:].partition("=")[0] in known)


def _place_words(command: Command, words: list[str], values: dict[str, list[str]]) -> None:
    for word in command.words:
        if not words:
            if word.required:
                raise _usage(command, _("{what} is missing.").format(what=_(word.shown)))
            return
        values[word.name] = words if word.many else [words[0]]
        words = [] if word.many else words[1:]
    if words:
        raise _usage(command, _("“{word}” is one word too many.").format(word=words[0]))


def _usage(command: Command, message: str) -> UsageError:
    return UsageError(message, _("Usage: {usage}").format(usage=command.usage))


def _unknown(command: Command, argument: str, known: Mapping[str, Option]) -> UsageError:
    name = argument.lstrip("-").partition("=")[0]
    message = _("{command} has no option “{option}”.").format(command=command.name, option=argument.partition("=")[0])
    if close := nearest(name, list(known)):
        return UsageError(message, _("Did you mean “{name}”?").format(name=f"--{close}"))
    return _usage(command, message)


def nearest(given: str, known: Sequence[str]) -> str:
    """The known word that looks most like the given one; empty if none does."""
    import difflib

    return next(iter(difflib.get_close_matches(given, known, 1, 0.6)), "")


def help_text(command: Command) -> str:
    """What `--help` prints."""
    lines = [_("Usage: {usage}").format(usage=command.usage), "", _(command.summary), ""]
    options = [*command.options, *COMMON]
    width = max(len(option.shown) for option in options)
    lines += [f"  {option.shown:<{width}}  {_(option.help)}" for option in options]
    return "\n".join(lines)
