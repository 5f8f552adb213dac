"""The command line: the app's services without a screen. This file stays light: the reading commands pay for it."""

from __future__ import annotations

WITH_VALUE = ("--config",)
"""Common options whose value must not be taken for the command."""


def split_command(given: list[str]) -> tuple[str, list[str]]:
    """The first word that is no option (nor the value of a common one), and everything else in order."""
    skip = False
    for place, argument in enumerate(given):
        if skip:
            skip = False
        elif argument in WITH_VALUE:
            skip = True
        elif not argument.startswith("-") or argument == "-":
            return argument, [*given[:place], *given[place + 1 :]]
    return "", list(given)
