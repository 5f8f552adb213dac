"""What is in the way of a change, found before anything is done: told as a value, so that a screen can show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus, CalendarObject, Moment
from core.calendar.span import TimeSpan
from core.language import _, ngettext
from core.language.dates import date_and_time, short_date
from core.ports.calendars import CalendarInfo, CalendarKind
from core.values import dataclass

LOOK_AHEAD = timedelta(days=366)
"""How far a series is compared with what is there already."""
MOST = 60


@dataclass(frozen=True, slots=True)
class Check:
    """What a person should know beforehand.

    `refusals` keep it from being done at all, `overlaps` are other events at that time, `lost` is what would not
    survive it, `notes` is what it means (a move that can only be a copy).
    """

    refusals: tuple[str, ...] = ()
    overlaps: tuple[Entry, ...] = ()
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether it can be done."""
        return not self.refusals

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it in words."""
        return (*self.refusals, *self.notes, *self.lost, *map(overlap_words, self.overlaps))


def overlap_words(entry: Entry) -> str:
    """One event at the same time."""
    start = date_and_time(entry.start) if isinstance(entry.start, datetime) else short_date(entry.start)
    title = entry.title or _("(no title)")
    return _("At the same time: “{title}”, {start}.").format(title=title, start=start)


def read_only(info: CalendarInfo) -> tuple[str, ...]:
    """Why nothing can be changed in a calendar; nothing if something can."""
    if info.can.write:
        return ()
    if info.kind is CalendarKind.FEED:
        return (_("“{name}” is an internet calendar: only its publisher can change it.").format(name=info.name),)
    if info.kind in (CalendarKind.SNAPSHOT, CalendarKind.FILE):
        return (_("“{name}” is a snapshot: it shows what somebody sent and cannot be changed.").format(name=info.name),)
    return (_("You may read “{name}”, but not change it.").format(name=info.name),)


def lost_in_copy(source: CalendarInfo) -> tuple[str, ...]:
    """What a copy from that calendar cannot have, because the calendar does not show it."""
    if source.level == "full":
        return ()
    return (_("“{name}” does not show everything; the copy has only what it shows.").format(name=source.name),)


def lost_instances(count: int) -> tuple[str, ...]:
    """Changed instances that a new repetition does not have."""
    if not count:
        return ()
    text = ngettext(
        "{count} instance that was changed by itself has no place in the new repetition.",
        "{count} instances that were changed by themselves have no place in the new repetition.",
        count,
    )
    return (text.format(count=count),)


def window_of(thing: CalendarObject, zone: tzinfo) -> TimeSpan:
    """From the first instance, or today's, a year ahead: where overlapping events are looked for."""
    first = min((aware(event.start, zone) for event in thing.events), default=datetime(1970, 1, 1, tzinfo=UTC))
    last = max((aware(event.end, zone) for event in thing.events), default=first)
    master = thing.master
    end = first + LOOK_AHEAD if master is not None and master.recurring else last
    return TimeSpan(first, max(end, last))


def overlapping(
    thing: CalendarObject, there: Iterable[Entry], zone: tzinfo, ignored: Sequence[str] = ()
) -> tuple[Entry, ...]:
    """Busy events among `there` at the times of `thing`; each once. `ignored` are UIDs that do not count."""
    from core.ical.recurrence import expand

    found: dict[str, Entry] = {}
    others = [e for e in there if e.status is not BusyStatus.FREE and not e.cancelled and e.uid not in ignored]
    for one in expand(thing, window_of(thing, zone), zone, 1000).occurrences:
        if one.event.cancelled or one.event.status is BusyStatus.FREE:
            continue
        begin, end = aware(one.start, zone), aware(one.end, zone)
        for entry in others:
            if begin < aware(entry.end, zone) and aware(entry.start, zone) < end:
                found.setdefault(entry.id, entry)
        if len(found) >= MOST:
            break
    return tuple(found.values())


def aware(moment: Moment, zone: tzinfo) -> datetime:
    """The instant, for comparing; dates and floating times are taken in `zone`."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
