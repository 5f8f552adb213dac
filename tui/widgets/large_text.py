"""A few letters and digits drawn large, five lines high: a code that somebody reads from across the desk."""

from __future__ import annotations

from textual.widgets import Static

from tui.text import clean, plain

HEIGHT = 5
_WIDTH = 5
_DRAWN = """
A .###. #...# ##### #...# #...#
B ####. #...# ####. #...# ####.
C .#### #.... #.... #.... .####
D ####. #...# #...# #...# ####.
E ##### #.... ####. #.... #####
F ##### #.... ####. #.... #....
G .#### #.... #..## #...# .####
H #...# #...# ##### #...# #...#
I ##### ..#.. ..#.. ..#.. #####
J ..### ...#. ...#. #..#. .##..
K #...# #..#. ###.. #..#. #...#
L #.... #.... #.... #.... #####
M #...# ##.## #.#.# #...# #...#
N #...# ##..# #.#.# #..## #...#
O .###. #...# #...# #...# .###.
P ####. #...# ####. #.... #....
Q .###. #...# #.#.# #..#. .##.#
R ####. #...# ####. #..#. #...#
S .#### #.... .###. ....# ####.
T ##### ..#.. ..#.. ..#.. ..#..
U #...# #...# #...# #...# .###.
V #...# #...# #...# .#.#. ..#..
W #...# #...# #.#.# ##.## #...#
X #...# .#.#. ..#.. .#.#. #...#
Y #...# .#.#. ..#.. ..#.. ..#..
Z ##### ...#. ..#.. .#... #####
0 .###. #..## #.#.# ##..# .###.
1 .##.. ..#.. ..#.. ..#.. #####
2 ####. ....# .###. #.... #####
3 ####. ....# .###. ....# ####.
4 #...# #...# ##### ....# ....#
5 ##### #.... ####. ....# ####.
6 .###. #.... ####. #...# .###.
7 ##### ....# ...#. ..#.. ..#..
8 .###. #...# .###. #...# .###.
9 .###. #...# .#### ....# .###.
- ..... ..... .###. ..... .....
"""
_LETTERS = {line[0]: line[2:].split() for line in _DRAWN.strip().splitlines()}


def large(text: str) -> str | None:
    """The text in five lines; None when a letter is not among those that can be drawn."""
    rows = [_LETTERS.get(letter) for letter in text.upper()]
    if not rows or any(row is None for row in rows):
        return None
    lines = (" ".join(row[line] for row in rows if row) for line in range(HEIGHT))
    return "\n".join(line.replace("#", "█").replace(".", " ").rstrip() for line in lines)


def width_of(text: str) -> int:
    """Columns that it takes."""
    return len(text) * (_WIDTH + 1) - 1


class LargeText(Static):
    """A short text, large where it has the room and can be drawn, else as it is with its letters apart."""

    DEFAULT_CSS = """
    LargeText { width: 1fr; height: auto; text-align: center; color: $primary; text-style: bold; }
    """

    def __init__(self, text: str, room: int, *, id: str | None = None) -> None:  # noqa: A002
        drawn = large(text) if width_of(text) <= room else None
        shown = plain(drawn, newline=True) if drawn else plain(" ".join(clean(text)))
        super().__init__(shown, id=id, markup=False)
        if drawn:
            self.styles.width = width_of(text)
            self.styles.text_align = "left"
