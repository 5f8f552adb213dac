"""What is published of a calendar, for how long, and how often anew."""

from __future__ import annotations

import json
from datetime import date, timedelta

from core.calendar.span import DateRange, parse_range
from core.errors import UsageError
from core.json_text import read_json
from core.language import _
from core.sharing.detail import DetailLevel, Layout, private_choice
from core.sharing.snapshot import SnapshotOptions
from core.values import dataclass

HOURLY = timedelta(minutes=60)
"""Outlook's interval where a server recommends none (outlook.md §5.1); WebDAV has no way to recommend one."""
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=30)
USUAL_RANGE = "-30d..+60d"


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """The fields of the dialog (outlook.md §5.1). Raises UsageError for what cannot be.

    `range`: RANGE as one types it; a rolling one moves on with each upload. `every` None: a single upload.
    `expires`: the last day on which it is there.
    """

    range: str = USUAL_RANGE
    level: DetailLevel = DetailLevel.AVAILABILITY
    working_hours_only: bool = False
    include_private: bool = False
    page: bool = False
    every: timedelta | None = HOURLY
    expires: date | None = None

    def __post_init__(self) -> None:
        parse_range(self.range, date(2026, 1, 1))
        choice = private_choice(self.level)
        if self.include_private and not choice.enabled:
            raise UsageError(choice.reason)
        if self.every is not None and not SHORTEST <= self.every <= LONGEST:
            raise UsageError(
                _("A calendar is uploaded every 5 minutes at the most, and every 30 days at the least."),
                _("Write 30m, 2h or 1d."),
            )

    def days(self, today: date) -> DateRange:
        """The days that it shows on that day."""
        return parse_range(self.range, today)

    def snapshot(self, today: date) -> SnapshotOptions:
        """The same for the snapshot."""
        return SnapshotOptions(
            self.days(today),
            self.level,
            Layout.LIST,
            working_hours_only=self.working_hours_only,
            include_private=self.include_private,
        )

    def shows_less_than(self, other: PublishOptions, today: date) -> bool:
        """Whether anything that `other` shows is not shown any more."""
        mine, others = self.days(today), other.days(today)
        fewer_days = not mine.whole and (others.whole or not _within(others, mine))
        levels = list(DetailLevel)
        return (
            fewer_days
            or levels.index(self.level) < levels.index(other.level)
            or (self.working_hours_only and not other.working_hours_only)
            or (other.include_private and not self.include_private)
            or (other.page and not self.page)
        )

    def as_json(self) -> str:
        """For the journal."""
        return json.dumps(
            {
                "range": self.range,
                "level": self.level.value,
                "working_hours_only": self.working_hours_only,
                "include_private": self.include_private,
                "page": self.page,
                "every": None if self.every is None else self.every.total_seconds(),
                "expires": self.expires.isoformat() if self.expires else None,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> PublishOptions:
        """What `as_json` wrote."""
        read = read_json(text)
        return cls(
            read["range"],
            DetailLevel(read["level"]),
            read["working_hours_only"],
            read["include_private"],
            read["page"],
            None if read["every"] is None else timedelta(seconds=read["every"]),
            date.fromisoformat(read["expires"]) if read["expires"] else None,
        )


def _within(inner: DateRange, outer: DateRange) -> bool:
    if None in (inner.first, inner.last, outer.first, outer.last):
        return False
    assert inner.first and inner.last and outer.first and outer.last
    return outer.first <= inner.first and inner.last <= outer.last
