"""Durations as one types them: `30m`, `2h`, `1d`, `1h30m`."""

from __future__ import annotations

import re
from datetime import timedelta

from core.errors import UsageError
from core.language import _

_FORM = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?", re.ASCII)


def parse_duration(text: str) -> timedelta:
    """Read a duration; a day is 24 hours. Raises UsageError with the forms that are understood."""
    match = _FORM.fullmatch(text.strip().lower())
    if not match or not any(match.groups()):
        raise UsageError(_("“{text}” is not a duration.").format(text=text), _("Write it as 30m, 2h, 1d or 1h30m."))
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)
