"""What is said to the page besides the snapshot, and which days it can show."""

from __future__ import annotations

import re
from datetime import date, timedelta

from core.calendar.span import DateRange, days_from
from core.errors import UsageError
from core.language import _
from core.values import dataclass

MOST_DAYS = 400
"""Days that a page shows at the most; the calendar file beside it holds them all."""
_BACK = 31
"""Days before today that are shown of a calendar that is longer than a page."""
_FILE = re.compile(r"[A-Za-z0-9_.+@%-]{1,255}")
_WEB = re.compile(r"https?://[^\s\"'<>\\]{1,2000}", re.IGNORECASE)
_WEBCAL = re.compile(r"webcals?://[^\s\"'<>\\]{1,2000}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WebPageOptions:
    """What the page says of its publication. Raises UsageError for an address that is none."""

    ics: str = ""
    """Where the calendar file is: an http(s) address, or the name of a file in the same folder; empty: not said."""
    webcal: str = ""
    """The address to subscribe to; made from `ics` where that is a whole address."""
    every: timedelta | None = None
    """How often it is written anew; None: it is a copy that stays as it is."""
    expires: date | None = None
    """The last day on which it will be there."""

    def __post_init__(self) -> None:
        known = not self.ics or _FILE.fullmatch(self.ics) or _WEB.fullmatch(self.ics)
        if not known or (self.webcal and not _WEBCAL.fullmatch(self.webcal)):
            raise UsageError(
                _("“{address}” is no web address.").format(address=self.ics if not known else self.webcal),
                _("Write it as https://example.org/calendar.ics"),
            )

    @property
    def subscription(self) -> str:
        """The webcal address, if one is known."""
        return self.webcal or webcal_address(self.ics)


def webcal_address(address: str) -> str:
    """The same address for calendar programs: webcal:// stands for http and https alike. Empty for a bare file."""
    scheme, sign, rest = address.partition("://")
    return f"webcal://{rest}" if sign and scheme.lower() in ("http", "https") else ""


def page_days(asked: DateRange, today: date) -> DateRange:
    """The days that the page of a publication shows: all of them, or of a long one those around today."""
    if asked.first is None or asked.last is None:
        return days_from(today - timedelta(days=_BACK), MOST_DAYS)
    if asked.days <= MOST_DAYS:
        return asked
    latest = asked.last - timedelta(days=MOST_DAYS - 1)
    return days_from(min(max(today - timedelta(days=_BACK), asked.first), latest), MOST_DAYS)
