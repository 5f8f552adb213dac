"""Which reminders ring in the day before their event: looking for those that are due need not read any other."""

from __future__ import annotations

from core.index.database import DAY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_FROM_START = frozenset(("VALUE=DURATION", "RELATED=START"))


def is_near(alarm: str, duration: Callable[[str], tuple[int, int]]) -> bool:
    """Whether the lines of a VALARM say that it rings once, at the start of its event or in the day before.

    `duration` reads `:P…` into days and seconds, and may raise what it likes.
    """
    upper = alarm.upper()
    if upper.count("\nTRIGGER") != 1 or "\nREPEAT" in upper or "\nBEGIN:" in upper:
        return False
    head, _colon, value = alarm[upper.index("\nTRIGGER") + 8 :].partition("\n")[0].partition(":")
    if not _FROM_START.issuperset(head.split(";")[1:]):
        return False
    days, seconds = duration(":" + value.removeprefix("-"))
    length = days * DAY + seconds
    return length == 0 or (value[:1] == "-" and length <= DAY)
