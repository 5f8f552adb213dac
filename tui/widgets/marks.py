"""The characters that the screen is drawn with, and their plain forms for terminals without Unicode.

Nothing here is a wide or an ambiguous character, and no emoji: grids stay aligned in tmux, in screen and with CJK
fonts. A busy status is told by its mark and never by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from core.calendar.event import BusyStatus
from core.values import dataclass
from tui.text import speaks_unicode


@dataclass(frozen=True, slots=True)
class Marks:
    """One set of characters."""

    status: dict[BusyStatus, str] = field(
        default_factory=lambda: {
            BusyStatus.FREE: "·",
            BusyStatus.TENTATIVE: "░",
            BusyStatus.BUSY: "▌",
            BusyStatus.OUT_OF_OFFICE: "▒",
            BusyStatus.WORKING_ELSEWHERE: "◦",
        }
    )
    line: str = "│"
    """Between two days, in working hours."""
    line_off: str = "┊"
    """Between two days, outside of working hours."""
    now: tuple[str, str, str] = ("▔", "─", "▁")
    """The now-line in the upper, middle and lower third of a row."""
    above: str = "▴"
    below: str = "▾"
    before: str = "◂"
    after: str = "▸"
    checked: str = "▣"
    unchecked: str = "□"
    swatch: str = "▌"
    star: str = "*"
    bullet: str = "·"
    group_line: str = "│"
    rule: str = "─"
    unknown: str = "╱"
    """Fills days of which a calendar says nothing (Outlook's *No Information* is hatched too)."""

    free: str = "║"
    """Along a day: everybody is free."""
    perhaps: str = "╎"
    """Along a day: those who are known are free."""
    elsewhere: str = "≠"
    """The event's own time zone is another one."""

    heat: tuple[str, str, str, str, str] = ("·", "░", "▒", "▓", "█")
    """How busy a day of the year is, from nothing to all of it."""


UNICODE = Marks()
ASCII = Marks(
    status={
        BusyStatus.FREE: ".",
        BusyStatus.TENTATIVE: "?",
        BusyStatus.BUSY: "#",
        BusyStatus.OUT_OF_OFFICE: "!",
        BusyStatus.WORKING_ELSEWHERE: "@",
    },
    line="|",
    line_off=":",
    now=("-", "-", "_"),
    above="^",
    below="v",
    before="<",
    after=">",
    checked="x",
    unchecked="o",
    swatch="|",
    bullet="-",
    group_line="|",
    rule="-",
    unknown="/",
    free="=",
    perhaps="~",
    elsewhere="%",
    heat=(".", "-", "+", "*", "#"),
)


def marks_for(env: Mapping[str, str]) -> Marks:
    """The marks that this terminal can show."""
    return UNICODE if speaks_unicode(env) else ASCII
