"""A calendar's snapshot: what was asked for, what may be seen of it, and the days as the message shows them. Pure.

Whole calendars: rules are kept at Limited and Full. At Availability only, and wherever a series cannot be sent with
its rule, instances go up to two years from today (`Snapshot.horizon`), and preview and message say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo

from core.calendar.event import CalendarObject, Occurrence, Problem, SharedEvent
from core.calendar.people import Address
from core.calendar.span import DateRange, TimeSpan, WorkingHours, days_from
from core.errors import UsageError
from core.ical.recurrence import expand
from core.sharing.detail import DetailLevel, Layout, attachments_choice, private_choice
from core.sharing.redaction import Terms, hidden, in_order, share, share_series
from core.sharing.schedule import DaySchedule, Item, day_schedules, number_items
from core.sharing.wording import one_line
from core.values import dataclass

BODY_DAYS = 92
"""Days that the bodies of a message show at the most; the attached calendar holds them all."""
WHOLE_BODY_DAYS = 30
"""Days from today on that the bodies show of a whole calendar."""
HORIZON_YEARS = 2

_EVER = TimeSpan(datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class SnapshotOptions:
    """The fields of the dialog. Raises UsageError for what Outlook's object model forbids (outlook.md §1.2)."""

    days: DateRange
    level: DetailLevel = DetailLevel.AVAILABILITY
    layout: Layout = Layout.SCHEDULE
    working_hours_only: bool = False
    include_private: bool = False
    include_attachments: bool = False

    def __post_init__(self) -> None:
        for asked, choice in (
            (self.include_private, private_choice(self.level)),
            (self.include_attachments, attachments_choice(self.level)),
        ):
            if asked and not choice.enabled:
                raise UsageError(choice.reason)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What leaves, before it is written down as .ics, HTML and text."""

    options: SnapshotOptions
    calendar_name: str
    owner: Address
    zone: tzinfo
    hours: WorkingHours
    now: datetime
    relation: str
    """X-WR-RELCALID without its braces."""
    primary: bool
    events: tuple[SharedEvent, ...]
    """What the .ics holds: instances, or series with their rules for a whole calendar."""
    items: tuple[Item, ...]
    """What the bodies show: instances only."""
    days: tuple[DaySchedule, ...]
    """The days that the bodies show."""
    window: TimeSpan | None
    """The asked days as UTC instants of their midnights; None for the whole calendar."""
    hours_elsewhere: bool = False
    """Whether the working hours are those of another zone than the one that is shown."""
    hidden: int = 0
    """Private items in it that go as plain blocks."""
    horizon: date | None = None
    """The last day up to which repeating items were written out one by one; None where a range or rules bound them."""
    problems: tuple[Problem, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing would be shown."""
        return not self.events

    @property
    def owner_name(self) -> str:
        """The owner's name, else what stands before the @ of the address."""
        return self.owner.name or self.owner.address.partition("@")[0]

    @property
    def body_days(self) -> DateRange:
        """The days that the bodies show."""
        return DateRange(self.days[0].day, self.days[-1].day)

    @property
    def shortened(self) -> bool:
        """Whether the attached calendar holds days that the bodies do not show."""
        return self.options.days.whole or self.options.days.days > len(self.days)


def take_snapshot(
    objects: Sequence[CalendarObject],
    options: SnapshotOptions,
    *,
    calendar_name: str,
    owner: Address,
    zone: tzinfo,
    hours: WorkingHours,
    now: datetime,
    relation: str,
    primary: bool,
    new_uid: Callable[[], str],
    hours_zone: tzinfo | None = None,
    shown: DateRange | None = None,
) -> Snapshot:
    """Redact the objects for other people. `zone` is the one in which days begin and the bodies are written;
    `hours_zone` the one of the working hours, if another; `shown` the days of the bodies, if not those of a message.
    """
    today = now.astimezone(zone).date()
    terms = replace(_terms(options, zone, hours, now, new_uid), hours_zone=hours_zone)
    taken = _Taking(objects, options, terms)
    events, counted = taken.whole() if options.days.whole else taken.range()
    shown = shown or _body_days(options.days, today)
    instances = taken.instances_in(shown) if options.days.whole else events
    items = number_items(instances, zone)
    return Snapshot(
        options=options,
        calendar_name=one_line(calendar_name),
        owner=Address(owner.address, one_line(owner.name)),
        zone=zone,
        hours=hours,
        now=now,
        relation=relation,
        primary=primary,
        events=events,
        items=items,
        days=day_schedules(
            items, shown, zone, hours, working_hours_only=options.working_hours_only, hours_zone=hours_zone
        ),
        hours_elsewhere=hours_zone is not None and hours_zone != zone,
        window=None if options.days.whole else _utc(options.days.span(zone)),
        hidden=counted,
        horizon=_last_day(today) if taken.expanded_far else None,
        problems=tuple(dict.fromkeys(taken.problems)),
    )


def _terms(
    options: SnapshotOptions, zone: tzinfo, hours: WorkingHours, now: datetime, new_uid: Callable[[], str]
) -> Terms:
    span = options.days.span(zone)
    if options.days.whole:
        end = DateRange(_last_day(now.astimezone(zone).date()), _last_day(now.astimezone(zone).date())).span(zone).end
        span = TimeSpan(_EVER.start, end)
    return Terms(
        level=options.level,
        zone=zone,
        now=now,
        new_uid=new_uid,
        clip=_utc(span),
        hours=hours if options.working_hours_only else None,
        include_private=options.include_private,
        include_attachments=options.include_attachments,
    )


def _last_day(today: date) -> date:
    """Two years from today; the 29th of February becomes the 28th."""
    try:
        return today.replace(year=today.year + HORIZON_YEARS)
    except ValueError:
        return today.replace(year=today.year + HORIZON_YEARS, day=28)


def _utc(span: TimeSpan) -> TimeSpan:
    return TimeSpan(span.start.astimezone(UTC), span.end.astimezone(UTC))


def _body_days(days: DateRange, today: date) -> DateRange:
    if days.first is None:
        return days_from(today, WHOLE_BODY_DAYS)
    return days_from(days.first, min(days.days, BODY_DAYS))


class _Taking:
    """One run of redaction: what it reads, and what it learns on its way."""

    def __init__(self, objects: Sequence[CalendarObject], options: SnapshotOptions, terms: Terms) -> None:
        self.objects = objects
        self.options = options
        self.terms = terms
        self.problems: list[Problem] = []
        self.expanded_far = options.days.whole and options.level is DetailLevel.AVAILABILITY

    def range(self) -> tuple[tuple[SharedEvent, ...], int]:
        """Everything inside the asked days, instance by instance."""
        return self._shared(self._expand(self.objects, self.terms.clip or _EVER))

    def whole(self) -> tuple[tuple[SharedEvent, ...], int]:
        """The whole calendar: series with their rules where the level and the series allow it."""
        events: list[SharedEvent] = []
        single: list[CalendarObject] = []
        counted = 0
        for thing in self.objects:
            series = None if self.options.level is DetailLevel.AVAILABILITY else share_series(thing, self.terms)
            if series is None:
                single.append(thing)
            else:
                events.extend(series)
                counted += self._hidden_overrides(thing)
        more, blocks = self._shared(self._by_instances(single))
        return in_order([*events, *more], self.terms.zone), counted + blocks

    def instances_in(self, days: DateRange) -> tuple[SharedEvent, ...]:
        """What the bodies of a whole calendar show."""
        return share(self._expand(self.objects, _utc(days.span(self.terms.zone))), self.terms)

    def _by_instances(self, objects: Iterable[CalendarObject]) -> list[Occurrence]:
        found: list[Occurrence] = []
        for thing in objects:
            repeats = any(event.recurring or event.this_and_future for event in thing.events)
            self.expanded_far = self.expanded_far or repeats
            found += self._expand([thing], (self.terms.clip if repeats else None) or _EVER)
        return found

    def _expand(self, objects: Iterable[CalendarObject], span: TimeSpan) -> list[Occurrence]:
        found: list[Occurrence] = []
        for thing in objects:
            expansion = expand(thing, span, self.terms.zone)
            found += expansion.occurrences
            self.problems += expansion.problems
        return found

    def _shared(self, occurrences: Sequence[Occurrence]) -> tuple[tuple[SharedEvent, ...], int]:
        return share(occurrences, self.terms), sum(hidden(one, self.terms) for one in occurrences)

    def _hidden_overrides(self, thing: CalendarObject) -> int:
        return sum(one.private and not one.cancelled for one in thing.overrides if not self.terms.include_private)
