"""“de” before a name: in French it is d’ before a vowel."""

from __future__ import annotations

import unicodedata

from core.language import _, language

_VOWELS = "aeiou"


def calendar_of(name: str) -> str:
    """“Alice Martin Calendar”; in French « Calendrier d’Alice Martin », « Calendrier de Bruno Keller »."""
    text = _("{name} Calendar")
    if language() == "fr" and _elides(name):
        text = text.replace("de {name}", "d’{name}")
    return text.format(name=name)


def _elides(name: str) -> bool:
    """A vowel, also the y of Yves, which is not that of Yann. An h may be either: it keeps its “de”."""
    first, second = (unicodedata.normalize("NFKD", letter)[:1].lower() for letter in (name[:1], name[1:2]))
    return bool(first) and (first in _VOWELS or first in "æœ" or (first == "y" and second not in _VOWELS))
