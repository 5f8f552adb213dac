"""A line for the terminal that costs as little as possible: only cells that changed, only colours that differ.

Textual sends a changed part of a line from the widget's left edge on, and sets and resets all colours for each piece
of it. On a week of ninety events that is 15 KB for a key; here it is a third. Textual's own strips know nothing of
what is on the terminal already, so that knowledge is kept here: see `runs` and `pending`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

_BLANK_MATTERS = {"4", "7", "9"}
"""Attributes that show on blanks: underline, reverse, strike."""


class Codes(NamedTuple):
    """What a style sets, as SGR parameters."""

    attributes: tuple[str, ...] = ()
    foreground: str = "39"
    background: str = "49"

    @property
    def all(self) -> str:
        """Everything from nothing."""
        return ";".join((*("0",), *self.attributes, self.foreground, self.background))


@lru_cache(4096)
def codes_of(style: Style, system: ColorSystem) -> Codes:
    """The parameters of a style on a terminal with these colours."""
    flags = (("1", style.bold), ("2", style.dim), ("4", style.underline), ("7", style.reverse), ("9", style.strike))
    foreground = ";".join(style.color.downgrade(system).get_ansi_codes()) if style.color else "39"
    background = ";".join(style.bgcolor.downgrade(system).get_ansi_codes(foreground=False)) if style.bgcolor else "49"
    return Codes(tuple(code for code, is_set in flags if is_set), foreground, background)


def render_pieces(pieces: Iterable[tuple[str, Codes]]) -> str:
    """Text with the fewest colour changes; it ends with everything reset."""
    out: list[str] = []
    now: Codes | None = None
    for text, wanted in pieces:
        codes = wanted
        if now is not None and text.isspace() and not _BLANK_MATTERS & {*codes.attributes, *now.attributes}:
            codes = codes._replace(foreground=now.foreground, attributes=now.attributes)
        out.append(_change(now, codes))
        out.append(text)
        now = codes
    return "".join(out) + ("\x1b[0m" if out else "")


def _change(now: Codes | None, wanted: Codes) -> str:
    if now is None or now.attributes != wanted.attributes:
        return f"\x1b[{wanted.all}m"
    parts = []
    if now.foreground != wanted.foreground:
        parts.append(wanted.foreground)
    if now.background != wanted.background:
        parts.append(wanted.background)
    return f"\x1b[{';'.join(parts)}m" if parts else ""


class LineStrip(Strip):
    """A strip that may know which of its cells differ from what the terminal shows.

    `runs` has the first changed cell by the end of each changed run; it is used when Textual cuts the strip at such
    an end, which it does for the regions that the widget had refreshed. `pending` stays true until something of the
    strip was sent: a strip that replaces a pending one must not leave anything out.
    """

    __slots__ = ("pending", "runs", "skip")

    def __init__(
        self, segments: Iterable[Segment], cell_length: int, runs: dict[int, int] | None = None, skip: int = 0
    ) -> None:
        super().__init__(segments, cell_length)
        self.runs = runs or {}
        self.skip = skip
        self.pending = bool(runs)

    def crop(self, start: int, end: int | None = None) -> Strip:
        """As any strip's; a part that ends with a changed run begins with it."""
        self.pending = False
        stop = self.cell_length if end is None else min(end, self.cell_length)
        first = self.runs.pop(stop, 0) if start == 0 else 0
        if first:
            return LineStrip(super().crop(first, stop), stop - first, skip=first)
        cut = super().crop(start, stop)
        return cut if isinstance(cut, LineStrip) else LineStrip(cut, stop - start)

    def render(self, console: Console) -> str:
        """The escape sequences: over the cells that stay, then text with the fewest colour changes."""
        self.pending = False
        if self._render_cache is None:
            system = console._color_system or ColorSystem.TRUECOLOR
            pieces = ((text, codes_of(style or Style.null(), system)) for text, style, _control in self._segments)
            over = f"\x1b[{self.skip}C" if self.skip else ""
            self._render_cache = over + render_pieces(pieces)
        return self._render_cache
