"""What the terminal shows, cell by cell, so that only what differs is sent.

Textual sends a changed part of a widget whole, and a whole screen when a dialog opens or closes; each piece of text
sets and resets all of its colours. Here what Textual wants to show is compared with what stands there already. The
cells that differ are sent one style after another: a move of the cursor costs 6 bytes, a change of true colours 35.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from tui.sgr import RESET, Codes, blank_of, change, codes_of
from tui.text import cell_width, in_ascii

if TYPE_CHECKING:
    from rich.color import ColorSystem

GAP = 4
"""Cells between two changed ones that are sent all the same: moving the cursor costs as much."""


class Run(NamedTuple):
    """Cells of one style that are sent: where, their text, and the column after them."""

    y: int
    x: int
    text: str
    end: int


class Picture:
    """The cells of a terminal. A wide character stands in its first cell, an empty text in the second one."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        self._ascii = ascii_only
        self._texts: list[list[str]] = []
        self._codes: list[list[Codes | None]] = []
        self._width = 0

    def forget(self) -> None:
        """Nothing is known any more: another program wrote here, or the size changed."""
        self._texts, self._codes, self._width = [], [], 0

    def difference(self, update: CompositorUpdate, console: Console) -> str:
        """What turns the terminal's picture into what the update shows; empty when it shows nothing new."""
        groups: dict[Codes, list[Run]] = {}
        others: list[str] = []
        for x, y, piece in _pieces(update):
            strip = _in_ascii(piece) if self._ascii else piece
            found = _cells(strip, console._color_system)
            if found is None:  # its width is not that of its characters: send it as it is
                self._write(x, y, [""] * strip.cell_length, [None] * strip.cell_length)
                others.append(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}")
                continue
            for codes, run in self._compare(x, y, *found):
                groups.setdefault(codes, []).append(run)
        return "".join(others) + _rendered(groups, self._width)

    def _write(self, x: int, y: int, texts: list[str], codes: list[Codes | None]) -> None:
        self._make_room(x + len(texts), y)
        self._texts[y][x : x + len(texts)] = texts
        self._codes[y][x : x + len(texts)] = codes

    def _make_room(self, width: int, y: int) -> None:
        if width > self._width:
            for line, row in zip(self._texts, self._codes, strict=True):
                line.extend([""] * (width - self._width))
                row.extend([None] * (width - self._width))
            self._width = width
        while len(self._texts) <= y:
            self._texts.append([""] * self._width)
            self._codes.append([None] * self._width)

    def _compare(self, x: int, y: int, texts: list[str], codes: list[Codes]) -> Iterator[tuple[Codes, Run]]:
        end = x + len(texts)
        self._make_room(end, y)
        line, row = self._texts[y], self._codes[y]
        if line[x:end] == texts and row[x:end] == codes:
            return
        changed = [
            n
            for n, (text, style, old, known) in enumerate(zip(texts, codes, line[x:end], row[x:end], strict=True))
            if (style is not known and style != known) or text != old  # most are the same object
        ]
        line[x:end] = texts
        row[x:end] = codes
        for style, first, last in _runs(changed, texts, codes):
            yield style, Run(y, x + first, "".join(texts[first:last]), x + last)


class Difference(CompositorUpdate):
    """An update of Textual's, of which only what differs from the picture is sent."""

    def __init__(self, update: CompositorUpdate, picture: Picture) -> None:
        self._update, self._picture = update, picture

    def render_segments(self, console: Console) -> str:
        """The escape sequences."""
        return self._picture.difference(self._update, console)


def is_lean(update: object) -> bool:
    """Whether the cells of an update can be compared."""
    return isinstance(update, LayoutUpdate | ChopsUpdate)


def _in_ascii(strip: Strip) -> Strip:
    """The strip for a terminal that does not speak UTF-8."""
    segments = [segment._replace(text=in_ascii(segment.text)) for segment in strip]
    return Strip(segments, strip.cell_length)


def _pieces(update: CompositorUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Column, line and content of what an update shows."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                yield x, y, strip
                x += strip.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, first, last in update.spans:
            for (x, found), end in zip(update.chops[y].items(), update.chop_ends[y], strict=False):
                if found is not None and x <= last and end > first:
                    yield x, y, found if end <= last else found.crop(0, last - x)


def _cells(strip: Strip, system: ColorSystem | None) -> tuple[list[str], list[Codes]] | None:
    """Text and style of each cell; None where characters do not add up to the strip's width."""
    texts: list[str] = []
    codes: list[Codes] = []
    for text, style, control in strip:
        if control:
            continue
        found = codes_of(style, system)
        parts = text if text.isascii() else _split(text)
        blanks = len(text) - len(text.rstrip(" "))
        texts += parts
        codes += [found] * (len(parts) - blanks) + [blank_of(found)] * blanks
    return (texts, codes) if len(texts) == strip.cell_length else None


@lru_cache(4096)
def _split(text: str) -> list[str]:
    """The cells of a text with more than ASCII in it; nobody changes the list."""
    parts: list[str] = []
    for character in text:
        width = 1 if character.isascii() else cell_width(character)
        if width:
            parts += [character] if width == 1 else [character, ""]
        elif parts:  # a combining mark stays with its letter
            parts[-1 if parts[-1] else -2] += character
    return parts


def _runs(changed: list[int], texts: list[str], codes: list[Codes]) -> Iterator[tuple[Codes, int, int]]:
    """Changed cells as runs of one style (style, first, end): blanks join their neighbours, small gaps are filled."""
    first = last = -1
    style = RESET
    for n in changed:
        if codes[n] is style and n == last + 1 and first >= 0:  # most of a new picture
            last = n
        elif first < 0:
            first, last, style = _begin(n, texts), n, codes[n]
        else:
            joined = _joined(style, codes[last + 1 : n + 1]) if n - last <= GAP else None
            if joined is None:
                yield style, first, _end(last, texts)
                first, last, style = _begin(n, texts), n, codes[n]
            else:
                last, style = n, joined
    if first >= 0:
        yield style, first, _end(last, texts)


def _joined(style: Codes, following: list[Codes]) -> Codes | None:
    """The one style in which cells can be sent together with those before them."""
    for codes in following:
        if codes in (style, blank_of(style)):
            continue
        if style == blank_of(codes):
            style = codes  # until now there were only blanks
        else:
            return None
    return style


def _begin(n: int, texts: list[str]) -> int:
    """Never the second half of a wide character alone."""
    return n - 1 if n and not texts[n] else n


def _end(last: int, texts: list[str]) -> int:
    return last + 2 if last + 1 < len(texts) and not texts[last + 1] else last + 1


def _rendered(groups: dict[Codes, list[Run]], width: int) -> str:
    """One style after another, each from top to bottom."""
    out: list[str] = []
    now, at = RESET, (-1, -1)
    for codes in sorted(groups, key=lambda codes: (codes.attributes, codes.background, not codes.foreground)):
        sequence, now = change(now, codes)
        out.append(sequence)
        for run in groups[codes]:
            out += (_move(at, run.y, run.x), run.text)
            at = (run.y, run.end) if run.end < width else (-1, -1)  # behind the last cell a terminal waits to wrap
    if now != RESET:
        out.append("\x1b[0m")
    return "".join(out)


def _move(at: tuple[int, int], y: int, x: int) -> str:
    """The shortest way of the cursor to a cell."""
    if at == (y, x):
        return ""
    to = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
    down, right = y - at[0], x - at[1]
    if at[0] < 0 or down < 0:
        return to
    way = (_step(down, "B") if down else "") + (_step(right, "C") if right > 0 else _step(-right, "D") if right else "")
    return way if len(way) < len(to) else to


def _step(count: int, letter: str) -> str:
    return f"\x1b[{letter}" if count == 1 else f"\x1b[{count}{letter}"
