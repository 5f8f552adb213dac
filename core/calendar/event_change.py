"""What a person wants changed in an event: a value in which None means “leave it as it is”."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from core.calendar.event import (
    Alarm,
    Attachment,
    Attendee,
    BusyStatus,
    Event,
    EventState,
    Moment,
    Sensitivity,
)
from core.errors import UsageError
from core.language import _
from core.values import dataclass

_TIMES = ("start", "end", "rrule")
_SIGNIFICANT = ("start", "end", "rrule", "place", "state")
"""What raises SEQUENCE: a receiver has to look at its answer again (RFC 5546 §2.1.4)."""


class Scope(StrEnum):
    """How much of a series a change is meant for; a single event is always whole."""

    ONLY = "only"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class EventChange:
    """New values. None leaves a field as it is, an empty text or tuple empties it.

    `start` and `end` are those of the instance that the person looks at; without `end` its length stays.
    `rrule` replaces the repetition, empty ends it. `description` also takes away notes as HTML, which would contradict.
    """

    title: str | None = None
    place: str | None = None
    description: str | None = None
    start: Moment | None = None
    end: Moment | None = None
    rrule: str | None = None
    status: BusyStatus | None = None
    sensitivity: Sensitivity | None = None
    state: EventState | None = None
    attendees: tuple[Attendee, ...] | None = None
    organizer: Attendee | None = None
    categories: tuple[str, ...] | None = None
    attachments: tuple[Attachment, ...] | None = None
    alarms: tuple[Alarm, ...] | None = None
    url: str | None = None
    priority: int | None = None
    importance: int | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that change what an event says, not when it is."""
        wanted = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _TIMES}
        return {name: value for name, value in wanted.items() if value is not None}

    @property
    def empty(self) -> bool:
        """Whether nothing is to be changed."""
        return not self.fields and self.start is None and self.end is None and self.rrule is None

    @property
    def significant(self) -> bool:
        """Whether people who were invited would have to answer again."""
        return any(getattr(self, name) is not None for name in _SIGNIFICANT)


def with_fields(event: Event, change: EventChange, now: datetime) -> Event:
    """The event with the new values but for its times; whatever is not understood (`extra`) stays."""
    values = change.fields
    if change.description is not None and change.description != event.description:
        values["html"] = ""
    return stamped(replace(event, **values), now, significant=change.significant)


def following_fields(event: Event, was: Event, change: EventChange, now: datetime) -> Event:
    """A changed instance when its series changes: fields in which it did not differ from the series follow it."""
    values = {name: value for name, value in change.fields.items() if getattr(event, name) == getattr(was, name)}
    if not values:
        return event
    if "description" in values and values["description"] != event.description:
        values["html"] = ""
    return stamped(replace(event, **values), now, significant=False)


def stamped(event: Event, now: datetime, *, significant: bool) -> Event:
    """The event as a new revision of itself."""
    return replace(event, modified=now, stamp=now, sequence=event.sequence + (1 if significant else 0))


def checked(start: Moment, end: Moment) -> tuple[Moment, Moment]:
    """Start and end if they can be an event's. Raises UsageError."""
    if isinstance(start, datetime) != isinstance(end, datetime):
        raise UsageError(
            _("An event has a time at both ends, or at none."), _("Give two dates for an all-day event, or two times.")
        )
    if isinstance(start, datetime) and isinstance(end, datetime) and (start.tzinfo is None) != (end.tzinfo is None):
        raise UsageError(_("An event has a time zone at both ends, or at none."))
    if end < start or (end == start and not isinstance(start, datetime)):
        raise UsageError(_("The event ends before it starts."), _("Give an end after the start."))
    return start, end


def length_of(start: Moment, end: Moment) -> tuple[int, timedelta]:
    """How long an event is: days by the calendar, and exact time for everything else (RFC 5545 §3.8.5.3)."""
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return (_day(end) - _day(start)).days, timedelta(0)
    if start.tzinfo is None or end.tzinfo is None:
        return 0, end.replace(tzinfo=None) - start.replace(tzinfo=None)
    local = end.astimezone(start.tzinfo).replace(tzinfo=None) - start.replace(tzinfo=None)
    if local > timedelta(0) and not local % timedelta(days=1):
        return local.days, timedelta(0)
    return 0, _instant(end) - _instant(start)


def end_after(start: Moment, length: tuple[int, timedelta], like: Moment | None = None) -> Moment:
    """The end of an event of that length; in the zone of `like` (the end it had) where that is another one."""
    days, exact = length
    end: Moment = start + timedelta(days=days)
    if not isinstance(end, datetime):
        return end
    if end.tzinfo is None:
        return end + exact
    if exact:
        end = (_instant(end) + exact).astimezone(end.tzinfo)
    if isinstance(like, datetime) and like.tzinfo is not None:
        return end.astimezone(like.tzinfo)
    return end


def _instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
