"""The only door for text that did not come from our own source: titles, names, places, file names, server errors.

A terminal obeys what it is sent: ESC and C1 sequences write the clipboard or move the cursor, bidi overrides and
zero-width characters make a text look like another one, and Textual and Rich take `[…]` for markup and let all of
these through. `clean` turns each of them into something that can be seen and is only seen. Light on purpose: the
reading commands of the command line use it too.
"""

from __future__ import annotations

import sys
import unicodedata

TYPE_CHECKING = False  # typing itself costs 4 ms, and reading commands load this
if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.content import Content

_REPLACEMENT, _DOT = "\ufffd", "\u00b7"
ELLIPSIS = "…"

_BIDI = (0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069)
_INVISIBLE = (
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180E, 0x180F),
    *(0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x2060, 0x2066),
    *range(0x206A, 0x2070),
    *range(0xFFF9, 0xFFFC),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE0080),
)


_TYPEWRITER = dict(
    zip(
        map(ord, "…–—‑“”„«»‘’‚′″·•◦×→←↑↓✓▸◂▴▾▶◀▲▼│┃┊╎▌▍▎▏▐─━┄╌┌┐└┘├┤┬┴┼╭╮╰╯█▀▄░▒▓▁▔╱■□▣●○\u00a0"),
        '.---"""""\'\',\'"-*ox><^vx><^v><^v|||||||||----+++++++++++++#-_.:#_-/#ox*o ',
        strict=True,
    )
)
"""Signs of our own texts and of Textual's frames, each as one of ASCII, so that nothing moves."""


def _pictures() -> dict[int, str]:
    table = {code: chr(0x2400 + code) for code in range(0x20)}
    table[0x09] = " "
    table[0x7F] = "\u2421"
    table |= dict.fromkeys(range(0x80, 0xA0), _REPLACEMENT)
    table |= dict.fromkeys((0x2028, 0x2029), "\u2424")
    return table | dict.fromkeys(_BIDI, _REPLACEMENT) | dict.fromkeys(_INVISIBLE, _DOT)


def _carets() -> dict[int, str]:
    table = {code: "^" + chr(0x40 + code) for code in range(0x20)}
    table[0x09] = " "
    table[0x7F] = "^?"
    table |= dict.fromkeys(range(0x80, 0xA0), "?") | dict.fromkeys((0x2028, 0x2029), "^J")
    return table | dict.fromkeys(_BIDI, "?") | dict.fromkeys(_INVISIBLE, ".") | _TYPEWRITER | {ord(ELLIPSIS): "..."}


_table = _pictures()
_lost = _REPLACEMENT
_cut = ELLIPSIS


def use_ascii(wanted: bool = True) -> None:
    """Write replacements, dashes and ellipses in ASCII (`^[` for ESC), for a terminal that does not speak UTF-8."""
    global _table, _lost, _cut
    _table, _lost, _cut = (_carets(), "?", ".") if wanted else (_pictures(), _REPLACEMENT, ELLIPSIS)


def speaks_unicode(env: Mapping[str, str]) -> bool:
    """Whether the locale is one in UTF-8: LC_ALL, then LC_CTYPE, then LANG. Without any, a terminal of today is.

    In the C locale Python itself sets LC_CTYPE to UTF-8 (PEP 538); what the person said then stands in LANG.
    """
    own = {"LC_CTYPE": "C.UTF-8"} if sys.flags.utf8_mode else {}
    for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
        if (value := env.get(variable, "")) and own.get(variable) != value:
            return "UTF8" in value.upper().replace("-", "")
    return True


def in_ascii(text: str) -> str:
    """The text in ASCII with the same number of cells: signs as their like, letters without accents, else `?`."""
    return text if text.isascii() else "".join(map(_ascii_of, text))


def _ascii_of(character: str) -> str:
    if character.isascii():
        return character
    if known := _TYPEWRITER.get(ord(character)):
        return known
    width = _cell(character)
    base = unicodedata.normalize("NFKD", character)[:1]
    return base if width == 1 and base.isascii() and base.isprintable() else "?" * width


def clean(text: str, *, newline: bool = False) -> str:
    """The text with everything that a terminal would obey, or that hides, replaced by something visible.

    Control characters become their pictures (␛), C1, bidi controls and lone surrogates `�`, invisible
    characters `·`. A tab becomes a space. With `newline` line breaks stay (CR LF and CR become LF).
    """
    if text.isprintable():  # no Cc, Cf, Cs, Zl, Zp: nearly every text leaves here
        return text.translate(_table) if not text.isascii() else text
    if newline:
        normal = text.replace("\r\n", "\n").replace("\r", "\n")
        return "\n".join(clean(line) for line in normal.split("\n"))
    return "".join(_lost if "\ud800" <= c <= "\udfff" else c for c in text.translate(_table))


def plain(text: str, *, newline: bool = False) -> Content:
    """The cleaned text as Textual content without markup: brackets stay brackets."""
    from textual.content import Content

    return Content(clean(text, newline=newline))


def hold_together() -> None:
    """Let Textual wrap at spaces that may be wrapped at: it took U+00A0 and U+202F for such, and « ended a line."""
    import re

    import rich._wrap

    rich._wrap.re_word = re.compile(r"[^\S\u00a0\u202f]*[\S\u00a0\u202f]+[^\S\u00a0\u202f]*")


def _cell(character: str) -> int:
    if character < "\u0300":  # Latin and ASCII: no combining marks, nothing wide
        return 1
    if "rich.cells" in sys.modules:  # in the app the screen is laid out with Rich's table: agree with it
        from rich.cells import get_character_cell_size

        return get_character_cell_size(character)
    if unicodedata.category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cell_width(text: str) -> int:
    """How many terminal cells a cleaned text takes: two for wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    if "rich.cells" in sys.modules:
        from rich.cells import cell_len

        return cell_len(text)
    return sum(map(_cell, text))


def cells(text: str, width: int) -> str:
    """The text cleaned, cut or padded to exactly `width` cells; what is cut ends in `…`.

    A wide character that would stand on the edge is left out; a combining mark stays with its letter.
    """
    text = clean(text).replace("\ufe0f", "")  # VARIATION SELECTOR-16: terminals do not agree on its width
    taken = cell_width(text)
    if taken <= width:
        return text + " " * (width - taken)
    if width <= 0:
        return ""
    used, end = 0, 0
    for end, character in enumerate(text):  # noqa: B007 - the place of the cut is what is wanted
        used += _cell(character)
        if used > width - 1:
            break
    kept = text[:end]
    return kept + _cut + " " * max(0, width - 1 - cell_width(kept))


def json_text(value: object, *, indent: int | None = None) -> str:
    """A JSON value in ASCII: nothing in it can steer a terminal, and nothing of it is lost.

    JSON's escapes carry every control character; DEL, which JSON leaves as it is, is escaped too. Lone surrogates,
    which no JSON reader has to accept, become U+FFFD.
    """
    import json

    return json.dumps(_whole(value), ensure_ascii=True, indent=indent).replace("\x7f", "\\u007f")


def _whole(value: object) -> object:
    if isinstance(value, str):
        return value if value.isprintable() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    return value
