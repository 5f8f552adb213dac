"""A time of day as a person types it: `9`, `9:30`, `9h30`, `930`, `2 pm`, `14.15`, `noon`."""

from __future__ import annotations

import re
from datetime import time

from core.errors import UsageError
from core.language import _, language

_FORM = re.compile(r"(\d{1,2})(?:\s*(?:[:.]|h|heures?)\s*(\d{2})?)?\s*(?:([ap])\.?m\.?)?", re.ASCII)
_CLOSE = re.compile(r"(\d{1,2})(\d{2})\s*(?:([ap])\.?m\.?)?", re.ASCII)
_NAMED = {"noon": time(12), "midday": time(12), "midi": time(12), "midnight": time(0), "minuit": time(0)}


def read_time(text: str) -> time:
    """The time that `text` means. Raises UsageError, whose hint shows the forms."""
    wanted = " ".join(text.lower().split())
    if wanted in _NAMED:
        return _NAMED[wanted]
    match = _FORM.fullmatch(wanted) or _CLOSE.fullmatch(wanted)
    if match and (found := _time(int(match[1]), int(match[2] or 0), match[3] or "")) is not None:
        return found
    example = "14:30, 14h30" if language() == "fr" else "14:30, 2:30 pm"
    raise UsageError(
        _("“{text}” is no time of day.").format(text=text.strip()[:40]),
        _("Write it as {example}.").format(example=example),
    )


def _time(hour: int, minute: int, half: str) -> time | None:
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour == 24 and minute == 0:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None
