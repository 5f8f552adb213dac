"""What the mouse holds while it is pressed: an event that is moved, its end, or a span of time. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from core.calendar.entry import Entry
from core.calendar.event import Moment
from core.values import dataclass
from tui.widgets.selecting import Place

DAY = 24 * 60


class Grip(StrEnum):
    """What was taken hold of."""

    MOVE = "move"
    END = "end"
    """The last line of an event: another end."""
    SPAN = "span"
    """An empty place: time is marked for a new event."""


@dataclass(frozen=True, slots=True)
class Drag:
    """`start` is where the button went down; `here` where the mouse is, None where it is not over these days."""

    grip: Grip
    start: Place
    here: Place | None
    entry: Entry | None = None
    shortest: int = 15
    """Minutes below which the mouse makes no event."""
    moved: bool = False
    """Whether it was moved at all: else it is a click."""

    def to(self, here: Place | None) -> Drag:
        """The mouse went on."""
        return replace(self, here=here, moved=self.moved or here != self.start)

    @property
    def times(self) -> tuple[Moment, Moment] | None:
        """When the event would be; None where that is when it is, or where nothing is meant."""
        if self.entry is None or self.here is None or not self.moved:
            return None
        start, end = self.entry.start, self.entry.end
        days, minutes = (self.here.day - self.start.day).days, self._minutes()
        if self.grip is Grip.END:
            found = start, self._end(start, end, timedelta(days=days, minutes=minutes))
        else:
            found = _shifted(start, days, minutes), _shifted(end, days, minutes)
        return None if found == (start, end) else found

    def _minutes(self) -> int:
        assert self.here is not None
        if self.start.minute is None or self.here.minute is None:
            return 0
        return self.here.minute - self.start.minute

    def _end(self, start: Moment, end: Moment, by: timedelta) -> Moment:
        if not isinstance(start, datetime) or not isinstance(end, datetime):
            return max(end + timedelta(days=by.days), start + timedelta(days=1))
        least = later(start, timedelta(minutes=self.shortest))
        return max(later(end, by), least, key=lambda one: one.astimezone(UTC))


def later(moment: datetime, by: timedelta) -> datetime:
    """By elapsed time: by the clock on the wall would be wrong in the night when it is turned."""
    if moment.tzinfo is not None:
        return (moment.astimezone(UTC) + by).astimezone(moment.tzinfo)
    return moment + by


def _shifted(moment: Moment, days: int, minutes: int) -> Moment:
    """The same hour on another day, then so many minutes later; whole days have no minutes."""
    shifted: date = moment + timedelta(days=days)
    return later(shifted, timedelta(minutes=minutes)) if isinstance(shifted, datetime) else shifted
