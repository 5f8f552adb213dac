"""The lines of each event in a file, as the scanner takes them, and whether its reminders ring in the day before."""

from __future__ import annotations

import re

from core.index.database import DAY

NEAR, FAR = "\0NEAR", "\0FAR"
"""Lines that stand for the reminders of an event; no line of a file can look like them.

NEAR rings once, at the start or in the day before: looking for those that are due need read no other.
"""
_FROM_START = frozenset(("VALUE=DURATION", "RELATED=START"))
_FOLD = re.compile(rb"\n[ \t]")
_DOTLESS = "ı".encode()
"""The only letter that is not ASCII and of which an I, as in BEGIN, becomes in capitals."""


class Unusual(Exception):
    """Something that the tolerant codec has to read."""


def event_blocks(data: bytes) -> list[str]:
    """The unfolded lines of each VEVENT, without what is nested in it. Raises Unusual."""
    data = data.replace(b"\r\n", b"\n")
    if b"\r" in data or b"\0" in data:
        raise Unusual
    while b"\n\n" in data:
        data = data.replace(b"\n\n", b"\n")
    data = _FOLD.sub(b"", data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unusual from None
    if text[:1] in "\ufeff \t" and text:
        text = text.lstrip("\ufeff")
    if not text.startswith("BEGIN:VCALENDAR\n") or not text.rstrip("\n").endswith("\nEND:VCALENDAR"):
        raise Unusual
    pieces = text.split("\nBEGIN:VEVENT\n")
    begun = text.upper().count("BEGIN:VEVENT") if _DOTLESS in data else data.upper().count(b"BEGIN:VEVENT")
    if begun != len(pieces) - 1:
        raise Unusual
    return [_block(piece) for piece in pieces[1:]]


def _block(piece: str) -> str:
    block, found, rest = piece.partition("\nEND:VEVENT")
    own: list[str] = []
    reminders: list[str] = []
    at = 0
    if not found or rest[:1] not in ("", "\n") or block.startswith("BEGIN:"):
        raise Unusual
    while (begin := block.find("\nBEGIN:", at)) >= 0:
        name_end = block.find("\n", begin + 7)
        end_line = f"\nEND:{block[begin + 7 : name_end]}"
        end = block.find(end_line, begin)
        if name_end < 0 or end < 0 or block[end + len(end_line) : end + len(end_line) + 1] not in ("", "\n"):
            raise Unusual
        if block[begin + 7 : name_end].upper() == "VALARM":
            reminders.append(NEAR if is_near(block[name_end:end]) else FAR)
        own.append(block[at:begin])
        at = end + len(end_line)
    return "\n".join(("".join((*own, block[at:])), *reminders)) if own else block


def is_near(alarm: str) -> bool:
    """Whether the lines of a VALARM say that it rings once, at the start of its event or in the day before.

    Raises Unusual.
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


def duration(text: str) -> tuple[int, int]:
    """Days, which are nominal, and seconds, which are exact (RFC 5545 §3.3.6)."""
    head, _colon, value = text.partition(":")
    sign, rest = (-1, value[1:]) if value[:1] == "-" else (1, value.removeprefix("+"))
    if head or not rest.startswith("P") or sign < 0:
        raise Unusual
    days, _t, clock = rest[1:].partition("T")
    parts = {"W": 0, "D": 0, "H": 0, "M": 0, "S": 0}
    for text_of_part, units in ((days, "WD"), (clock, "HMS")):
        number = ""
        for sign_or_digit in text_of_part:
            if sign_or_digit.isdigit() and len(number) < 6:
                number += sign_or_digit
            elif sign_or_digit in units and number:
                parts[sign_or_digit], number = int(number), ""
            else:
                raise Unusual
        if number:
            raise Unusual
    return 7 * parts["W"] + parts["D"], 3600 * parts["H"] + 60 * parts["M"] + parts["S"]
