"""What the command line writes: answers on standard output, problems on standard error, everything cleaned.

`partagenda: what happened` and `hint: what to do`; with `--json` one JSON value on standard output and nothing else.
"""

from __future__ import annotations

import sys
from typing import TextIO

from core.errors import PartagendaError
from tui.text import clean, json_text, use_ascii


def prepare_streams() -> None:
    """Make sure that no text can fail to be written: what the terminal's encoding lacks is replaced."""
    for stream in (sys.stdout, sys.stderr):
        encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
        if not encoding.startswith("utf"):
            use_ascii()
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


class Output:
    """Writes a command's answer. `json` silences every line but the one JSON value."""

    def __init__(self, *, json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.json = json
        self._out = out or sys.stdout
        self._err = err or sys.stderr

    def line(self, text: str = "") -> None:
        """A line for a person; nothing with `--json`. Line breaks inside it are made visible."""
        if not self.json:
            self._out.write(clean(text) + "\n")

    def lines(self, text: str) -> None:
        """Several lines for a person, in one text."""
        if not self.json:
            self._out.write(clean(text, newline=True) + "\n")

    def value(self, value: object) -> None:
        """The answer for a program; nothing without `--json`."""
        if self.json:
            self._out.write(json_text(value) + "\n")

    def note(self, text: str) -> None:
        """A line beside the answer, on standard error."""
        self._err.write(clean(text) + "\n")

    def problem(self, message: str, hint: str = "") -> None:
        """What happened, and what to do about it."""
        self._err.write(f"partagenda: {clean(message)}\n")
        if hint:
            self._err.write(f"hint: {clean(hint)}\n")  # not translated: other programs look for it

    def error(self, error: PartagendaError) -> None:
        """An error of ours."""
        self.problem(error.message, error.hint)

    def flush(self) -> None:
        """Hand everything over; raises BrokenPipeError when the reader has gone."""
        self._out.flush()
        self._err.flush()
