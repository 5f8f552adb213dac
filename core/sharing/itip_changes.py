"""Who has to be told what, when a meeting of one's own was made, changed or deleted (RFC 5546 §2.1.4, §3.2.2, §3.2.5).

What each person was told last is compared with what they would be told now, instance by instance: one who was invited
to a single instance hears of that one only, and a change of one instance says nothing of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from datetime import datetime

from core.calendar.event import Attendee, CalendarObject, Event, Moment, Response, Role
from core.calendar.event_change import end_after, length_of
from core.calendar.people import Address, parse_address
from core.calendar.series import alike, key
from core.errors import UsageError
from core.sharing.itip import Meeting, cancellation, invitation, same_person
from core.values import dataclass

_Key = tuple[int, datetime]


@dataclass(frozen=True, slots=True)
class Message:
    """One message that is due: to whom, and what it says. `update`: they were invited before."""

    recipient: Address
    meeting: Meeting
    update: bool = False


@dataclass(slots=True)
class _View:
    """A meeting as one person is told of it."""

    master: Event | None = None
    instances: dict[_Key, Event] = field(default_factory=dict)

    @property
    def events(self) -> tuple[Event, ...]:
        """The series first, then its instances in order."""
        own = (self.master,) if self.master else ()
        return (*own, *(self.instances[place] for place in sorted(self.instances)))


def mailbox(person: Attendee) -> Address | None:
    """The person's mail address; None for a room without one or an address that is no mail address."""
    try:
        return Address(parse_address(person.address).address, person.name)
    except UsageError:
        return None


def people_of(thing: CalendarObject | None, organizer: Attendee) -> dict[str, Attendee]:
    """Everybody who takes part somewhere in it, but for the organizer, by address in lower case."""
    found: dict[str, Attendee] = {}
    for event in thing.events if thing else ():
        for one in event.attendees:
            if not same_person(one.address, organizer.address):
                found.setdefault(one.address.strip().lower(), one)
    return found


def numbered(sent: CalendarObject | None, current: CalendarObject) -> CalendarObject:
    """The object with the SEQUENCE that its next message must have, and with answers that no longer hold reset.

    RFC 5546 §2.1.4: the number rises when the time, the repetition, the place or the state changed; those who had
    agreed to something else are asked again.
    """
    before = {_place(event): event for event in sent.events} if sent else {}
    floor = max((event.sequence for event in sent.events), default=0) if sent else 0
    return replace(
        current, events=tuple(_numbered(before.get(_place(event)), event, floor) for event in current.events)
    )


def _numbered(was: Event | None, event: Event, floor: int) -> Event:
    """`floor`: the highest number that was used for any part of it; a lower one would look old to somebody."""
    if was is None:
        return replace(event, sequence=max(event.sequence, floor))
    if asks_again(was, event):
        asked = (one if one.role is Role.CHAIR else _unanswered(one) for one in event.attendees)
        return replace(event, sequence=max(event.sequence, floor + 1), attendees=tuple(asked))
    return replace(event, sequence=max(event.sequence, floor))


def as_told(current: CalendarObject, messages: Iterable[Message]) -> CalendarObject:
    """What is remembered of a meeting after these messages: its numbers are not lower than any that was used."""
    top = max((event.sequence for one in messages for event in one.meeting.object.events), default=0)
    return replace(current, events=tuple(replace(event, sequence=max(event.sequence, top)) for event in current.events))


def _unanswered(one: Attendee) -> Attendee:
    return replace(one, response=Response.NEEDS_ACTION)


def _place(event: Event) -> _Key | None:
    return key(event.recurrence_id) if event.recurrence_id is not None else None


def asks_again(was: Event | None, event: Event) -> bool:
    """Whether an answer to `was` says nothing of `event`. One instance less is no reason to answer again."""
    return was is None or _weighty(was) != _weighty(event)


def _weighty(event: Event) -> tuple[object, ...]:
    """What an answer depends on."""
    more = frozenset(key(alike(moment, event.start)) for moment in event.rdates)
    return key(event.start), key(event.end), event.rrule, more, event.place, event.state


def due(
    sent: CalendarObject | None, current: CalendarObject | None, organizer: Attendee, now: datetime
) -> tuple[Message, ...]:
    """The messages that are due between what was told last and what is in the calendar (`numbered`) now."""
    before, after = people_of(sent, organizer), people_of(current, organizer)
    found: list[Message] = []
    for address in dict.fromkeys([*after, *before]):
        person = after.get(address) or before[address]
        recipient = mailbox(person)
        if recipient is None:
            continue
        was, will = _view(sent, address), _view(current, address)
        for meeting in _between(was, will, person, organizer, now):
            found.append(Message(recipient, meeting, bool(was.events)))
    return tuple(found)


def _view(thing: CalendarObject | None, address: str) -> _View:
    """What concerns one person. Instances of the series in which they do not take part are exceptions for them."""
    view = _View()
    away: list[Moment] = []
    for event in thing.events if thing else ():
        takes_part = any(same_person(one.address, address) for one in event.attendees) and not event.cancelled
        if event.recurrence_id is None:
            view.master = event if takes_part else None
        elif takes_part:
            view.instances[key(event.recurrence_id)] = event
        else:
            away.append(event.recurrence_id)
    if view.master is not None and away:
        start = view.master.start
        view.master = replace(view.master, exdates=(*view.master.exdates, *(alike(moment, start) for moment in away)))
    return view


def _between(was: _View, will: _View, person: Attendee, organizer: Attendee, now: datetime) -> Iterable[Meeting]:
    if not will.events:
        if was.events:
            yield _cancelled([was.master] if was.master else was.events, person, organizer, now)
    elif was.master is not None and will.master is not None:
        yield from _series_changed(was, will, person, organizer, now)
    elif was.master is not None:
        yield _cancelled([was.master], person, organizer, now)
        anew = was.master.sequence + 2  # after the cancellation's
        again = [replace(event, sequence=max(event.sequence, anew)) for event in will.events]
        yield _requested(again, organizer, now)
    elif will.master is not None:
        yield _requested(will.events, organizer, now)
    else:
        yield from _instances_changed(was, will, person, organizer, now)


def _series_changed(was: _View, will: _View, person: Attendee, organizer: Attendee, now: datetime) -> Iterable[Meeting]:
    """Both times the whole series: the least that says what is new."""
    assert was.master is not None and will.master is not None
    old, new = _exceptions(was.master), _exceptions(will.master)
    back = [place for place in was.instances if place not in will.instances and place not in new]
    if _told(was.master) != _told(will.master) or old.keys() - new.keys() or back:
        yield _requested(will.events, organizer, now)
        return
    gone = [_instance(was, will.master, new[place]) for place in sorted(new.keys() - old.keys())]
    if gone:
        yield _cancelled(gone, person, organizer, now)
    yield from _new_instances(was, will, organizer, now)


def _instances_changed(
    was: _View, will: _View, person: Attendee, organizer: Attendee, now: datetime
) -> Iterable[Meeting]:
    gone = [was.instances[place] for place in sorted(was.instances.keys() - will.instances.keys())]
    if gone:
        yield _cancelled(gone, person, organizer, now)
    yield from _new_instances(was, will, organizer, now)


def _new_instances(was: _View, will: _View, organizer: Attendee, now: datetime) -> Iterable[Meeting]:
    changed = [
        event
        for place, event in sorted(will.instances.items())
        if place not in was.instances or _told(was.instances[place]) != _told(event)
    ]
    if changed:
        yield _requested(changed, organizer, now)


def _exceptions(master: Event) -> dict[_Key, Moment]:
    return {key(alike(moment, master.start)): alike(moment, master.start) for moment in master.exdates}


def _told(event: Event) -> tuple[object, ...]:
    """Everything of an event that a message tells, but for exceptions, numbers, stamps and answers."""
    people = frozenset((one.address.lower(), one.name, one.role, one.kind) for one in event.attendees)
    texts = event.title, event.place, event.description, event.url, event.categories
    marks = event.status, event.sensitivity, event.priority
    return *_weighty(event), texts, marks, people


def _instance(was: _View, master: Event, at: Moment) -> Event:
    """An instance that is no more, as it was last told."""
    known = was.instances.get(key(at))
    if known is not None:
        return known
    end = end_after(at, length_of(master.start, master.end), master.end)
    return replace(master, start=at, end=end, rrule="", rdates=(), exdates=(), recurrence_id=at)


def _requested(events: Sequence[Event], organizer: Attendee, now: datetime) -> Meeting:
    return invitation(CalendarObject(events[0].uid, tuple(events)), events, organizer, now)


def _cancelled(events: Sequence[Event], person: Attendee, organizer: Attendee, now: datetime) -> Meeting:
    """RFC 5546 §3.2.5: a cancellation is a new revision."""
    return cancellation([replace(event, sequence=event.sequence + 1) for event in events], person, organizer, now)
