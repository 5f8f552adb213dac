"""A grid of cells with ink, the difference between two of them, and nothing of any terminal library.

Everything on the home screen is drawn on canvases. The difference tells which lines to show again; of these
`tui.picture` sends the cells that changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from tui.text import cell_width, cells


class Ink(NamedTuple):
    """How a cell looks: a role of the palette, and for events the calendar's colour (`#rrggbb` or `1` to `8`)."""

    role: str
    colour: str = ""


BASE = Ink("base")

_width = lru_cache(8192)(cell_width)
"""Marks and titles are drawn again with each key."""


class Canvas:
    """`width` × `height` cells. A wide character stands in its first cell; the second one holds an empty text.

    Text that is put must be clean (`tui.text`); what does not fit is cut.
    """

    __slots__ = ("height", "inks", "texts", "width")

    def __init__(self, width: int, height: int, ink: Ink = BASE) -> None:
        self.width, self.height = max(0, width), max(0, height)
        self.texts = [[" "] * self.width for _ in range(self.height)]
        self.inks = [[ink] * self.width for _ in range(self.height)]

    def copy(self) -> Canvas:
        """A canvas of its own that looks the same."""
        made = Canvas(0, 0)
        made.width, made.height = self.width, self.height
        made.texts, made.inks = [[*line] for line in self.texts], [[*line] for line in self.inks]
        return made

    def fill(self, x: int, y: int, width: int, height: int, ink: Ink) -> None:
        """Blanks with this ink."""
        left, right = max(0, x), min(self.width, x + width)
        if right <= left:
            return
        for line in range(max(0, y), min(self.height, y + height)):
            _part_wide(self.texts[line], left, right)
            self.texts[line][left:right] = [" "] * (right - left)
            self.inks[line][left:right] = [ink] * (right - left)

    def put(self, x: int, y: int, text: str, ink: Ink, width: int | None = None) -> None:
        """Write on line `y` from `x`; with `width` exactly so many cells: cut with `…` or padded."""
        if not 0 <= y < self.height:
            return
        room = self.width - x if width is None or width > self.width - x else width
        if room <= 0 or x < 0:
            return
        taken = len(text) if text.isascii() else _width(text)
        if taken > room or (width is not None and taken < room):
            text, taken = cells(text, room), room
        texts, inks = self.texts[y], self.inks[y]
        if "" in texts[x : x + taken + 1]:
            _part_wide(texts, x, x + taken)
        if text.isascii() or taken == len(text) == 1:
            texts[x : x + taken] = text
            inks[x : x + taken] = [ink] * taken
            return
        for character in text:
            size = 1 if character.isascii() else _width(character)
            if size == 0:  # a combining mark stays with its letter
                if x > 0:
                    texts[x - 1] += character
                continue
            texts[x], inks[x] = character, ink
            if size == 2 and x + 1 < len(texts):
                texts[x + 1], inks[x + 1] = "", ink
            x += size

    def tint(self, x: int, y: int, width: int, ink: Ink) -> None:
        """Another ink for cells that keep their text."""
        if 0 <= y < self.height:
            left, right = max(0, x), min(self.width, x + width)
            self.inks[y][left:right] = [ink] * max(0, right - left)

    def paste(self, x: int, y: int, other: Canvas) -> None:
        """Lay another canvas on this one; it has to fit."""
        for line in range(other.height):
            self.texts[y + line][x : x + other.width] = other.texts[line]
            self.inks[y + line][x : x + other.width] = other.inks[line]

    def runs(self, y: int) -> Iterator[tuple[str, Ink]]:
        """A line as pieces of one ink."""
        texts, x = self.texts[y], 0
        for ink, same in groupby(self.inks[y]):
            end = x + len(list(same))
            yield "".join(texts[x:end]), ink
            x = end

    def line(self, y: int) -> str:
        """The characters of a line."""
        return "".join(self.texts[y])


def _part_wide(texts: list[str], left: int, right: int) -> None:
    """Where a text will cover one half of a wide character, the other half becomes a blank."""
    if 0 < left < len(texts) and not texts[left]:
        texts[left - 1] = " "
    if right < len(texts) and not texts[right]:
        texts[right] = " "


def changed_lines(old: Canvas | None, new: Canvas) -> list[tuple[int, int]]:
    """The lines that differ, as (first, number of lines); all when there is no old canvas or it had another size."""
    if old is None or (old.width, old.height) != (new.width, new.height):
        return [(0, new.height)] if new.height else []
    found: list[tuple[int, int]] = []
    for y in range(new.height):
        if old.texts[y] == new.texts[y] and old.inks[y] == new.inks[y]:
            continue
        if found and sum(found[-1]) == y:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((y, 1))
    return found
