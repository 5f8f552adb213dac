"""Copying to the person's own clipboard, over SSH too (OSC 52)."""

from __future__ import annotations

import os
from typing import Any

from textual.app import App

from core.language import _
from tui.reporting import show_notice
from tui.text import clean

_SHOWN = 60


def copy(app: App[Any], text: str) -> None:
    """Put the text on the clipboard of the terminal in front of the person, and say so.

    What is copied is cleaned as what is shown: a link from a foreign calendar brings no escape sequence into the
    shell where it is pasted. Whether a terminal takes OSC 52 cannot be asked; tmux needs `set -g set-clipboard on`.
    """
    if not text:
        show_notice(app, _("There is nothing to copy."), severity="warning")
        return
    safe = clean(text, newline=True)
    app.copy_to_clipboard(safe)
    line = " ".join(safe.split())
    shown = line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
    message = _("Copied: {text}").format(text=shown)
    if os.environ.get("TMUX"):
        message += "\n" + _("If it does not arrive: tmux set -g set-clipboard on")
    show_notice(app, message)
