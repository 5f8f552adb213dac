"""A typed line from which readings take what they understand; what nobody took is the title.

Patterns see the line in small letters without accents, each letter where it was, so that the person's own writing can
be given back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from core.language.dates import known_day_names, known_month_names

TAKEN = "\x1f"


def plain(text: str) -> str:
    """Small letters without accents; as long as the text is."""
    return "".join(map(_plain_letter, text))


def _plain_letter(letter: str) -> str:
    if letter in "’‘`´":
        return "'"
    if letter in "–—−":
        return "-"
    base = unicodedata.normalize("NFKD", letter)[:1].lower()
    return base if len(base) == 1 and base.isprintable() else " "


class Line:
    """The line while it is read. `match` looks only at what was not taken yet; words stand alone."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())
        self.plain = plain(self.text)

    def find(self, pattern: str) -> re.Match[str] | None:
        """The first place where the pattern stands as whole words."""
        return re.search(rf"(?<![\w.@/-])(?:{pattern})(?![\w@])", self.plain)

    def every(self, pattern: str) -> Sequence[re.Match[str]]:
        """All places."""
        return list(re.finditer(rf"(?<![\w.@/-])(?:{pattern})(?![\w@])", self.plain))

    def take(self, match: re.Match[str]) -> str:
        """Mark it as understood; what the person wrote there."""
        return self.cut(match.start(), match.end())

    def cut(self, start: int, end: int) -> str:
        """Mark a stretch as understood; what the person wrote there."""
        self.plain = self.plain[:start] + TAKEN * (end - start) + self.plain[end:]
        return self.text[start:end]

    def pieces(self) -> list[str]:
        """What nobody took, in order."""
        found, at = [], 0
        for match in re.finditer(f"{TAKEN}+|$", self.plain):
            piece = self.text[at : match.start()].strip()
            if piece:
                found.append(piece)
            at = match.end()
        return found


def _beginnings(tables: Sequence[Sequence[str]]) -> str:
    """Names and their beginnings of three letters or more, the longest first."""
    words = {plain(name)[:length] for names in tables for name in names for length in range(3, len(name) + 1)}
    return "|".join(sorted(words, key=len, reverse=True))


_DAY_SHORT = ("tues", "wednes", "thur", "thurs")


def _days() -> str:
    full = {plain(name) for names in known_day_names() for name in names}
    words = full | {name[:3] for name in full} | set(_DAY_SHORT)
    return "|".join(sorted(words, key=len, reverse=True))


WEEKDAY = rf"(?:{_days()})"
"""A day of the week in English or French, whole or its first three letters."""
MONTH = rf"(?:{_beginnings(known_month_names())})\.?"
NUMBER_WORDS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "un": 1,
    "une": 1,
    "two": 2,
    "deux": 2,
    "three": 3,
    "trois": 3,
    "four": 4,
    "quatre": 4,
    "five": 5,
    "cinq": 5,
    "six": 6,
    "ten": 10,
    "dix": 10,
}
NUMBER = rf"(?:\d{{1,3}}|{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})"


def number(text: str) -> int:
    """A number in digits or as a small word."""
    return NUMBER_WORDS[text] if text in NUMBER_WORDS else int(text)


def weekday(word: str) -> int | None:
    """Which day of the week a word is, Monday 0; None for no or several."""
    for names in known_day_names():
        found = [at for at, name in enumerate(names) if plain(name).startswith(word)]
        if len(found) == 1:
            return found[0]
    return None
