"""What a style costs on the terminal: its SGR parameters, and the shortest way from one to another."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.style import Style

_ATTRIBUTES = (
    ("bold", "1"),
    ("dim", "2"),
    ("italic", "3"),
    ("underline", "4"),
    ("blink", "5"),
    ("blink2", "6"),
    ("reverse", "7"),
    ("conceal", "8"),
    ("strike", "9"),
    ("underline2", "21"),
    ("frame", "51"),
    ("encircle", "52"),
    ("overline", "53"),
)
_ON_BLANKS = {"4", "7", "9", "21", "51", "52", "53"}
"""Attributes that show on blanks."""


class Codes(NamedTuple):
    """What a style sets, as SGR parameters."""

    attributes: tuple[str, ...] = ()
    foreground: str = "39"
    background: str = "49"

    @property
    def plain_blank(self) -> bool:
        """Whether a blank shows nothing of this but the background."""
        return not self.attributes or _ON_BLANKS.isdisjoint(self.attributes)


RESET = Codes()


@lru_cache(4096)
def codes_of(style: Style | None, system: ColorSystem | None) -> Codes:
    """The parameters of a style on a terminal with these colours. A link is text like any other."""
    if style is None or system is None:
        return RESET
    attributes = tuple(code for name, code in _ATTRIBUTES if getattr(style, name))
    foreground = ";".join(style.color.downgrade(system).get_ansi_codes()) if style.color else "39"
    background = ";".join(style.bgcolor.downgrade(system).get_ansi_codes(foreground=False)) if style.bgcolor else "49"
    return Codes(attributes, foreground, background)


@lru_cache(4096)
def blank_of(codes: Codes) -> Codes:
    """What a blank shows of it: often the background alone; its foreground is then empty, which is any."""
    return Codes((), "", codes.background) if codes.plain_blank else codes


def change(now: Codes, wanted: Codes) -> tuple[str, Codes]:
    """The sequence from one to another, and what then holds."""
    if not wanted.foreground:
        wanted = (now if now.plain_blank else RESET)._replace(background=wanted.background)
    if now == wanted:
        return "", now
    if now.attributes == wanted.attributes:
        parts = []
    elif set(now.attributes) < set(wanted.attributes):
        parts = [code for code in wanted.attributes if code not in now.attributes]
    else:
        parts, now = ["0", *wanted.attributes], RESET
    parts += [wanted.foreground] * (now.foreground != wanted.foreground)
    parts += [wanted.background] * (now.background != wanted.background)
    return f"\x1b[{';'.join(parts)}m", wanted
