"""Character references of HTML."""

from __future__ import annotations

import re
from html import unescape

_NO_CHARACTER = re.compile(r"&#\d{8,};?")


def unescaped(text: str) -> str:
    """Character references as the characters they stand for; a number that is too long for any is `\ufffd`.

    The standard library raises ValueError for thousands of digits.
    """
    return unescape(_NO_CHARACTER.sub("\ufffd", text))
