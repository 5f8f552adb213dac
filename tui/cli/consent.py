"""Asking before something leaves the machine or is lost (cli.md, "Consent").

On a terminal the person is asked; elsewhere only `--yes` agrees, and without it the command refuses with that as the
hint: a script must not send by accident, and must not wait for an answer that nobody gives.
"""

from __future__ import annotations

import sys

from core.errors import Refused
from core.language import _
from tui.text import clean


def on_terminal() -> bool:
    """Whether somebody can be asked and can answer."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, *, yes: bool) -> None:
    """Return when the person agrees. Raises Refused when they do not, or when nobody can be asked."""
    if yes:
        return
    if not on_terminal():
        raise Refused(
            _("This needs your consent, and there is no terminal to ask on: {question}").format(question=question),
            _("Add --yes to agree beforehand."),
        )
    letters = _("[y/N]")
    sys.stderr.write(f"{clean(question, newline=True)} {letters} ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip().lower()
    if answer not in ("y", "yes", _("y"), _("yes")):
        raise Refused(_("Nothing was done: you did not agree."))
