"""Values of `add` and `edit` as one types them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, tzinfo

from core.calendar.event import BusyStatus, Moment
from core.errors import UsageError
from core.language import _

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)


def parse_moment(text: str, zone: tzinfo, day: date | None = None) -> Moment:
    """`2027-02-01T09:00` in `zone`, or with an offset (the same instant in `zone`); a date alone; with `day` a time."""
    given = text.strip()
    try:
        if _DATE.fullmatch(given):
            return date.fromisoformat(given)
        if day is not None and (match := _TIME.fullmatch(given)):
            return datetime.combine(day, time(int(match[1]), int(match[2])), zone)
        if _MOMENT.fullmatch(given):
            found = datetime.fromisoformat(re.sub(r"[T ](\d):", r"T0\1:", given.upper()))
            return found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(zone)
    except (ValueError, OverflowError):
        pass
    raise UsageError(
        _("“{text}” is not a time.").format(text=text),
        _("Write it as 2027-02-01T09:00, 2027-02-01T09:00+01:00, or 2027-02-01 for the whole day."),
    )


def parse_status(text: str) -> BusyStatus:
    """One of Outlook's five. Raises UsageError."""
    wanted = text.strip().lower().replace(" ", "-").replace("_", "-")
    if wanted not in set(BusyStatus):
        raise UsageError(
            _("“{text}” is not a status.").format(text=text),
            _("Write one of {words}.").format(words=", ".join(BusyStatus)),
        )
    return BusyStatus(wanted)
