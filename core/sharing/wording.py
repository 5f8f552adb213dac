"""Foreign text made fit for a message: no control characters, no broken lines, no encoded words.

Everything that goes to other people passes here once, when it is shared, so that each output says the same.
"""

from __future__ import annotations

import re
import unicodedata

_BREAKS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Characters that turn text round, and the byte order mark: they serve to deceive, never to say something."""
_PLAIN = re.compile(r"[\x20-\x7e]*")


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category in ("Cs", "Cn") or character in _BIDI else character


def one_line(text: str) -> str:
    """The text on one line, blanks single, without control characters."""
    if not _PLAIN.fullmatch(text):
        text = "".join(map(_kept, _BREAKS.sub(" ", text)))
    return " ".join(text.split())


def paragraphs(text: str) -> str:
    """The text with `\\n` as its only line break and without control characters; no blank lines at its ends."""
    lines = _BREAKS.sub("\n", text).split("\n")
    cleaned = (line if _PLAIN.fullmatch(line) else "".join(map(_kept, line)) for line in lines)
    return "\n".join(line.rstrip() for line in cleaned).strip("\n")


def header_line(text: str) -> str:
    """One line for a mail header. Encoded words are broken up: some libraries decode them into new headers."""
    return one_line(text).replace("=?", "= ?")
