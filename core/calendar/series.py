"""Editing a series: one instance, one and those after it, or all; what was before stays as it was.

All arithmetic is on the wall clock of the event's own zone, so an event at nine stays at nine when the clocks change.
Working out the instances of a rule is not done here: what a split needs to know of them comes in as `SplitFacts`.
Nothing is lost on the way: whatever an event holds that is not understood (`extra`) goes with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from core.calendar.event import CalendarObject, Event, Moment, Occurrence, Sensitivity
from core.calendar.event_change import (
    EventChange,
    checked,
    end_after,
    following_fields,
    length_of,
    stamped,
    with_fields,
)
from core.calendar.rule_shift import shifted_rule
from core.calendar.rule_text import joined, parts_of, until_text, wall, without_end, zone_of
from core.errors import Refused, UsageError
from core.language import _
from core.values import dataclass

Fits = Callable[[Event, Moment], bool]
"""Whether a moment is an instance of a master's rule or RDATEs."""


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """What the rule gives on both sides of the instant at which a series is split."""

    count: int
    """Instances of the rule (the first included) before it."""
    last: Moment | None
    """The last of these."""
    next: Moment | None
    """The first instance of the rule that is not before it; None when the rule has ended."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A changed series, and the changed instances that no longer have a place in it."""

    object: CalendarObject
    lost: tuple[Event, ...] = ()


# moments ---------------------------------------------------------------------------------------------------


def key(moment: Moment) -> tuple[int, datetime]:
    """What two spellings of one moment have in common: an instant, a wall-clock time, or a day."""
    if not isinstance(moment, datetime):
        return 0, wall(moment)
    if moment.tzinfo is None:
        return 1, moment
    return 2, moment.astimezone(UTC).replace(tzinfo=None)


def alike(moment: Moment, start: Moment) -> Moment:
    """The moment as the series writes its start: a date, floating, or in the zone of `start`.

    Others write EXDATE as a date for a series that has a time (meant is that day's instance), or in UTC.
    """
    if not isinstance(start, datetime):
        return moment.date() if isinstance(moment, datetime) else moment
    if not isinstance(moment, datetime):
        return datetime.combine(moment, start.timetz().replace(fold=0))
    if start.tzinfo is None:
        return moment.replace(tzinfo=None)
    return moment.replace(tzinfo=start.tzinfo) if moment.tzinfo is None else moment.astimezone(start.tzinfo)


def settled(thing: CalendarObject, zone: tzinfo) -> CalendarObject:
    """A floating series whose exceptions somebody wrote in UTC: as floating ones, as they are understood in `zone`."""
    master = thing.master
    if master is None or not isinstance(master.start, datetime) or master.start.tzinfo is not None:
        return thing

    def floating(moment: Moment) -> Moment:
        """On the wall clock of `zone`."""
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            return moment.astimezone(zone).replace(tzinfo=None)
        return moment

    def settle(event: Event) -> Event:
        """The event with its places in the series on the wall clock."""
        rid = None if event.recurrence_id is None else floating(event.recurrence_id)
        exdates, rdates = tuple(map(floating, event.exdates)), tuple(map(floating, event.rdates))
        return replace(event, recurrence_id=rid, exdates=exdates, rdates=rdates)

    return replace(thing, events=tuple(map(settle, thing.events)))


@dataclass(frozen=True, slots=True)
class Shift:
    """From where to where something moves, on the wall clock; the kind and zone of `new` are everything's then."""

    old: Moment
    new: Moment

    @property
    def nothing(self) -> bool:
        """Whether everything stays where it is."""
        same_kind = isinstance(self.old, datetime) == isinstance(self.new, datetime)
        return same_kind and self.old == self.new and zone_of(self.old) == zone_of(self.new)

    @property
    def days(self) -> int:
        """By how many days of the calendar."""
        return (wall(self.new).date() - wall(self.old).date()).days

    def __call__(self, moment: Moment) -> Moment:
        """Where a moment goes. It is written as `old` is."""
        if self.nothing:
            return moment
        if not isinstance(self.new, datetime):
            return wall(moment).date() + timedelta(days=self.days)
        return (wall(moment) + (wall(self.new) - wall(self.old))).replace(tzinfo=self.new.tzinfo)


# one instance ----------------------------------------------------------------------------------------------


def edit_only(thing: CalendarObject, occurrence: Occurrence, change: EventChange, now: datetime) -> CalendarObject:
    """The series with one instance changed (an override). Raises UsageError when the change is about the series."""
    rid = occurrence.recurrence_id
    if rid is None:
        return _edited_alone(thing, occurrence, change, now)
    if change.rrule is not None:
        raise UsageError(
            _("One instance has no repetition of its own."), _("Choose this and following, or all, to change it.")
        )
    start, end = _new_times(occurrence.start, occurrence.end, change)
    override = replace(_override_of(thing, occurrence, rid), start=start, end=end)
    return _with_override(thing, with_fields(override, change, now))


def _override_of(thing: CalendarObject, occurrence: Occurrence, rid: Moment) -> Event:
    """The instance as an event of its own. Raises Refused where a changed rest of the series begins with it."""
    event, master = occurrence.event, thing.master
    if event.this_and_future and event.recurrence_id is not None and key(event.recurrence_id) == key(rid):
        raise Refused(
            _("With this instance a changed rest of the series begins; it cannot differ from it."),
            _("Choose this and following."),
        )
    return replace(
        event,
        uid=thing.uid,
        rrule="",
        rdates=(),
        exdates=(),
        recurrence_id=alike(rid, master.start) if master else rid,
        this_and_future=False,
    )


def _with_override(thing: CalendarObject, override: Event) -> CalendarObject:
    assert override.recurrence_id is not None
    taken = key(override.recurrence_id)
    others = [event for event in thing.events if event.recurrence_id is None or key(event.recurrence_id) != taken]
    return in_order(replace(thing, events=(*others, override)))


def in_order(thing: CalendarObject) -> CalendarObject:
    """The object with its master first, then the changed instances by time."""
    masters = tuple(event for event in thing.events if event.recurrence_id is None)
    overrides = sorted(thing.overrides, key=lambda event: key(event.recurrence_id or event.start))
    return replace(thing, events=(*masters, *overrides))


def _new_times(start: Moment, end: Moment, change: EventChange) -> tuple[Moment, Moment]:
    """Start and end of an instance after a change: without a new end, the length stays."""
    if change.start is None and change.end is None:
        return start, end
    new_start = start if change.start is None else change.start
    if change.end is not None:
        return checked(new_start, change.end)
    if isinstance(new_start, datetime) == isinstance(start, datetime):
        like = end if zone_of(start) == zone_of(new_start) and zone_of(end) != zone_of(start) else None
        return checked(new_start, end_after(new_start, length_of(start, end), like))
    if isinstance(new_start, datetime):
        return new_start, end_after(new_start, (0, timedelta(minutes=30)))
    days = (wall(end) - timedelta(microseconds=1)).date() - wall(start).date()
    return new_start, new_start + timedelta(days=max(days.days + 1, 1))


def _edited_alone(thing: CalendarObject, occurrence: Occurrence, change: EventChange, now: datetime) -> CalendarObject:
    """The object with the event that is no instance of anything changed."""
    event = occurrence.event
    start, end = _new_times(event.start, event.end, change)
    rrule = event.rrule if change.rrule is None else change.rrule
    edited = with_fields(replace(event, start=start, end=end, rrule=rrule), change, now)
    return replace(thing, events=tuple(edited if one == event else one for one in thing.events))


# all -------------------------------------------------------------------------------------------------------


def edit_all(
    thing: CalendarObject, occurrence: Occurrence, change: EventChange, now: datetime, fits: Fits | None = None
) -> Edited:
    """The whole series changed; times are given for the instance that `occurrence` is, all others move alike.

    Changed instances keep what was changed in them, and their own time where they were moved. With `fits` those that
    the (new) repetition does not have are dropped and named.
    """
    master = thing.master
    rid = occurrence.recurrence_id
    if master is None or rid is None:
        if rid is not None:
            raise Refused(
                _("Of this series only single instances are here."), _("Change the instance alone (only this).")
            )
        return Edited(_edited_alone(thing, occurrence, change, now))
    old = alike(rid, master.start)
    shift = Shift(old, old if change.start is None else change.start)
    changed = _edited_master(master, _shown(occurrence, change, shift), change, shift, now)
    if not changed.recurring:
        return Edited(replace(thing, events=(changed,)), thing.overrides)
    overrides = [_followed(event, (master, changed), change, shift, now) for event in thing.overrides]
    own = key(shift(old))
    explicit = [
        _explicit(event, change, now) if event.recurrence_id is not None and key(event.recurrence_id) == own else event
        for event in overrides
    ]
    result = in_order(replace(thing, events=(changed, *explicit)))
    return _fitting(result, fits) if fits is not None and change.rrule is not None else Edited(result)


def _shown(occurrence: Occurrence, change: EventChange, shift: Shift) -> tuple[Moment, Moment]:
    """The changed instance's times, from which the series takes its new length."""
    start, end = _new_times(occurrence.start, occurrence.end, change)
    return (shift.new if change.start is not None else start), end


def _edited_master(
    master: Event, shown: tuple[Moment, Moment], change: EventChange, shift: Shift, now: datetime
) -> Event:
    """`shown`: the new times of the instance that the person looked at; `shift` takes the series' moments along."""
    start = shift(master.start)
    if change.start is None and change.end is None:
        end = master.end
    elif change.end is None and isinstance(start, datetime) == isinstance(master.start, datetime):
        end = _new_times(master.start, master.end, EventChange(start=start))[1]
    else:
        like = shown[1] if zone_of(shown[1]) != zone_of(shown[0]) else None
        end = end_after(start, length_of(*shown), like)
    rule = shifted_rule(master.rrule, master.start, start) if change.rrule is None else change.rrule
    values = replace(
        master,
        start=start,
        end=checked(start, end)[1],
        rrule=rule,
        rdates=tuple(shift(alike(moment, master.start)) for moment in master.rdates)
        if rule or not master.rrule
        else (),
        exdates=tuple(shift(alike(moment, master.start)) for moment in master.exdates)
        if rule or not master.rrule
        else (),
    )
    return with_fields(values, change, now)


def _followed(event: Event, masters: tuple[Event, Event], change: EventChange, shift: Shift, now: datetime) -> Event:
    """A changed instance when its series moves: it moves along unless it had been moved by itself."""
    was, master = masters
    assert event.recurrence_id is not None
    old = alike(event.recurrence_id, was.start)
    event = following_fields(event, was, change, now)
    rid = shift(old)
    unmoved = key(event.start) == key(old) and length_of(event.start, event.end) == length_of(was.start, was.end)
    if unmoved or event.this_and_future:
        moved = Shift(old, rid)
        start = rid if unmoved else moved(alike(event.start, was.start))
        length = length_of(master.start, master.end) if unmoved else length_of(event.start, event.end)
        if isinstance(start, datetime) != isinstance(event.start, datetime):
            length = length_of(master.start, master.end)
        event = replace(event, start=start, end=end_after(start, length, event.end))
    return replace(event, recurrence_id=rid)


def _explicit(event: Event, change: EventChange, now: datetime) -> Event:
    """The instance that the person looked at, when it differs from its series: it gets what was asked."""
    start, end = _new_times(event.start, event.end, change)
    return with_fields(replace(event, start=start, end=end), change, now)


def _fitting(thing: CalendarObject, fits: Fits) -> Edited:
    master = thing.master
    assert master is not None
    kept = [event for event in thing.overrides if fits(master, event.recurrence_id or event.start)]
    lost = tuple(event for event in thing.overrides if event not in kept)
    exdates = tuple(moment for moment in master.exdates if fits(master, moment))
    return Edited(replace(thing, events=(replace(master, exdates=exdates), *kept)), lost)


# this and following ----------------------------------------------------------------------------------------


def split(
    thing: CalendarObject, occurrence: Occurrence, facts: SplitFacts, new_uid: str, now: datetime
) -> tuple[CalendarObject, CalendarObject]:
    """The series in two: it ends before this instance, and another one (with its own UID) goes on with it.

    Changed instances, exceptions and additional dates go to the side they belong to. The second series is as the
    first was there: where a changed rest (THISANDFUTURE) holds at that instance, it is what the second one repeats.
    """
    master, rid = thing.master, occurrence.recurrence_id
    if master is None or rid is None or facts.last is None:
        raise ValueError("nothing comes before this instance")
    at = key(alike(rid, master.start))
    left = _left(thing, master, at, facts, now)
    right = _right(replace(thing, uid=new_uid), master, at, facts, now)
    onward = [event for event in thing.overrides if event.this_and_future and _place(event, master) < at]
    if onward:
        right = _as_changed(right, max(onward, key=lambda event: _place(event, master)), now)
    return left, right


def end_before(thing: CalendarObject, occurrence: Occurrence, facts: SplitFacts, now: datetime) -> CalendarObject:
    """The series without this instance and all after it."""
    master, rid = thing.master, occurrence.recurrence_id
    if master is None or rid is None or facts.last is None:
        raise ValueError("nothing comes before this instance")
    return _left(thing, master, key(alike(rid, master.start)), facts, now)


def _left(
    thing: CalendarObject, master: Event, at: tuple[int, datetime], facts: SplitFacts, now: datetime
) -> CalendarObject:
    assert facts.last is not None
    rule = joined({**without_end(master.rrule), "UNTIL": until_text(facts.last)}) if master.rrule else ""
    ended = replace(
        master, rrule=rule, rdates=_side(master.rdates, master, at, 0), exdates=_side(master.exdates, master, at, 0)
    )
    overrides = [event for event in thing.overrides if _place(event, master) < at]
    return replace(thing, events=(stamped(ended, now, significant=True), *overrides))


def _right(
    thing: CalendarObject, master: Event, at: tuple[int, datetime], facts: SplitFacts, now: datetime
) -> CalendarObject:
    """The rest of the series from `at` on, `facts.count` instances fewer; without a rule, the dates that are left."""
    rdates = _side(master.rdates, master, at, 1)
    rule, start = master.rrule, facts.next
    if start is None:
        rule, start, rdates = "", min(rdates, key=key), tuple(sorted(rdates, key=key))[1:]
    parts = parts_of(rule)
    if "COUNT" in parts:
        rule = joined({**parts, "COUNT": str(max(int(parts["COUNT"]) - facts.count, 1))})
    end = end_after(start, length_of(master.start, master.end), master.end)
    begun = replace(
        master,
        uid=thing.uid,
        start=start,
        end=end,
        rrule=rule,
        rdates=rdates,
        exdates=_side(master.exdates, master, at, 1),
        created=now,
        sequence=0,
    )
    overrides = [replace(event, uid=thing.uid) for event in thing.overrides if _place(event, master) >= at]
    return replace(thing, events=(stamped(begun, now, significant=False), *overrides))


def _as_changed(right: CalendarObject, onward: Event, now: datetime) -> CalendarObject:
    """The second series as the changed rest (THISANDFUTURE) was that held where it begins.

    Instances that were changed by themselves stay where they are; only the instance they stand for has moved.
    """
    master = right.master
    assert master is not None and onward.recurrence_id is not None
    kept = {name: getattr(master, name) for name in ("uid", "start", "end", "rrule", "rdates", "exdates", "sequence")}
    sensitivity = onward.sensitivity if onward.sensitivity is not None else master.sensitivity
    worded = replace(onward, **kept, recurrence_id=None, this_and_future=False, created=now, sensitivity=sensitivity)
    shift = Shift(alike(onward.recurrence_id, master.start), onward.start)
    start = shift(master.start)
    change = EventChange(start=start, end=end_after(start, length_of(onward.start, onward.end)))
    alone = replace(right, events=(worded,))
    moved = edit_all(alone, Occurrence(worded, master.start, master.end, master.start), change, now).object
    overrides = [
        replace(event, recurrence_id=shift(alike(event.recurrence_id or event.start, master.start)))
        for event in right.overrides
    ]
    return replace(moved, events=(*moved.events, *overrides))


def _side(
    moments: tuple[Moment, ...], master: Event, at: tuple[int, datetime], right: bool | int
) -> tuple[Moment, ...]:
    likes = (alike(moment, master.start) for moment in moments)
    return tuple(moment for moment in likes if (key(moment) >= at) == bool(right))


def _place(event: Event, master: Event) -> tuple[int, datetime]:
    return key(alike(event.recurrence_id or event.start, master.start))


# deleting and taking out -----------------------------------------------------------------------------------


def delete_only(thing: CalendarObject, occurrence: Occurrence, now: datetime) -> CalendarObject | None:
    """The series without one instance (EXDATE); None when nothing is left of the object."""
    rid, master = occurrence.recurrence_id, thing.master
    if rid is None:
        return None
    gone = key(rid)
    rest = tuple(
        event
        for event in thing.events
        if event.recurrence_id is None or event.this_and_future or key(event.recurrence_id) != gone
    )
    if master is None:
        return replace(thing, events=rest) if rest else None
    moment = alike(rid, master.start)
    exdates = tuple(sorted({*(alike(one, master.start) for one in master.exdates), moment}, key=key))
    marked = stamped(replace(master, exdates=exdates), now, significant=True)
    return replace(thing, events=tuple(marked if event is master else event for event in rest))


def single_from(thing: CalendarObject, occurrence: Occurrence, uid: str, now: datetime) -> CalendarObject:
    """One instance as an event of its own."""
    event, master = occurrence.event, thing.master
    sensitivity = event.sensitivity if event.sensitivity is not None or master is None else master.sensitivity
    if occurrence.private and (sensitivity is None or not sensitivity.hides):
        sensitivity = Sensitivity.PRIVATE  # a change of all that follows made it so; alone it must say it itself
    alone = replace(
        event,
        uid=uid,
        start=occurrence.start,
        end=occurrence.end,
        rrule="",
        rdates=(),
        exdates=(),
        recurrence_id=None,
        this_and_future=False,
        sensitivity=sensitivity,
        created=now,
        sequence=0,
    )
    return replace(thing, uid=uid, events=(stamped(alone, now, significant=False),))


def with_uid(thing: CalendarObject, uid: str, now: datetime) -> CalendarObject:
    """The same events as another object: a copy."""
    events = tuple(stamped(replace(event, uid=uid, created=now), now, significant=False) for event in thing.events)
    return replace(thing, uid=uid, events=events)
