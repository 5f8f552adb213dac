"""An occurrence as lists and grids show it: the light value that comes out of the index."""

from __future__ import annotations

from core.calendar.event import Attendee, BusyStatus, Moment
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One occurrence in the viewer's zone. `start` and `end` (exclusive) are aware datetimes, or dates if all-day.

    `id` is the same at every look as long as the event is there (the contract of `cli.md`). An empty `title`
    in a calendar that shows availability only is no error: show the status word.
    """

    id: str
    uid: str
    calendar: str
    """The calendar's id."""
    title: str
    start: Moment
    end: Moment
    status: BusyStatus
    all_day: bool = False
    time_zone: str = ""
    """The event's own zone (IANA), empty when floating or all-day."""
    private: bool = False
    place: str = ""
    recurring: bool = False
    cancelled: bool = False
    organizer: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
