"""Whether an answer may replace what is here: a calendar, whole, and not suddenly much smaller. Pure."""

from __future__ import annotations

from core.errors import Unreadable
from core.language import _

FEWEST = 4
"""From so many events on, half of them gone is asked about; all of them gone always is."""


def must_be_whole(content: bytes, host: str) -> None:
    """Raises Unreadable for a web page, for what is no calendar, and for one that was cut."""
    text = content.removeprefix(b"\xef\xbb\xbf").strip()
    head = text[:1024].lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml")) or b"<html" in head:
        raise Unreadable(
            _("{host} answered with a web page instead of a calendar.").format(host=host),
            _("Open the address in a browser: one may have to sign in, or to a network first."),
        )
    if not text:
        raise Unreadable(_("{host} answered with nothing at all.").format(host=host), _again())
    if not head.startswith(b"begin:vcalendar"):
        raise Unreadable(
            _("What {host} answered is no calendar.").format(host=host),
            _("Look at the address: it must be that of an .ics file."),
        )
    if not text[-64:].upper().endswith(b"END:VCALENDAR"):
        raise Unreadable(_("The calendar from {host} broke off before its end.").format(host=host), _again())


def shrank(before: int, now: int) -> bool:
    """Whether so many events are gone that the person is asked before they are gone here, too (traps: 27)."""
    return (before > 0 and now == 0) or (before >= FEWEST and now * 2 <= before)


def _again() -> str:
    return _("Your copy stays as it was; it is tried again later.")
