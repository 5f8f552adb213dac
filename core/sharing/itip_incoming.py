"""What a received meeting message does to the calendar, and what it must not do (RFC 5546 §2.1.5, §3.2; RFC 6047 §2).

A message counts only from whom it may come: REQUEST and CANCEL from the organizer that the calendar knows, REPLY from
the attendee who answers. An old one changes nothing. Nothing here is trusted because it looks official; the sender's
address itself is as good as mail can make it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from core.calendar.event import Attendee, BusyStatus, CalendarObject, Event, EventState, Moment, Occurrence, Response
from core.calendar.people import Address
from core.calendar.series import alike, in_order, key
from core.calendar.span import TimeSpan
from core.ical.recurrence import expand
from core.language import _
from core.sharing.itip import Meeting, Method, same_person
from core.sharing.wording import one_line
from core.values import dataclass

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Effect(StrEnum):
    """What a message comes to."""

    NEW = "new"
    """An invitation to a meeting that is in no calendar yet: it waits for an answer."""
    CHANGED = "changed"
    NOTHING = "nothing"
    """Old, or known already."""
    REFUSED = "refused"
    """It does not come from whom it may come, or does not fit: nothing is changed."""


@dataclass(frozen=True, slots=True)
class Version:
    """How new a component is: RFC 5546 §2.1.5, SEQUENCE first, then DTSTAMP."""

    sequence: int
    stamp: datetime

    @classmethod
    def of(cls, event: Event) -> Version:
        """The component's own."""
        return cls(event.sequence, event.stamp or _LONG_AGO)

    def __le__(self, other: Version) -> bool:
        return (self.sequence, self.stamp) <= (other.sequence, other.stamp)


Seen = Callable[[str, Moment | None], Version | None]
"""What was last taken in from somebody (an address) about the series (None) or an instance; None for nothing yet."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message comes to, in words, and the object afterwards (None where nothing changes)."""

    effect: Effect
    words: str
    after: CalendarObject | None = None
    taken: tuple[tuple[str, Moment | None, Version], ...] = ()
    """What is to be remembered as taken in: address, instance, version."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when a message comes in."""

    sender: Address | None
    me: Address | None
    stored: CalendarObject | None
    seen: Seen
    asked: Callable[[Moment | None], int]
    """The lowest SEQUENCE at which an answer still counts: since then the time or place is what it is."""
    zone: tzinfo


def judge(meeting: Meeting, at: Situation) -> Verdict:
    """What the message does."""
    match meeting.method:
        case Method.REPLY:
            return _reply(meeting, at)
        case Method.CANCEL:
            return _cancel(meeting, at)
        case Method.REQUEST:
            return _request(meeting, at)


def _who(address: Address | None) -> str:
    return one_line(address.address) if address else _("somebody")


def _refused(words: str) -> Verdict:
    return Verdict(Effect.REFUSED, words)


def _title(meeting: Meeting, at: Situation) -> str:
    known = at.stored.master or at.stored.events[0] if at.stored else meeting.main
    return one_line(known.title) or _("(no title)")


# what the organizer says ---------------------------------------------------------------------------------------


def _from_organizer(meeting: Meeting, at: Situation) -> str:
    """Why a message does not count as the organizer's; empty if it does."""
    claimed = {one.organizer.address.strip().lower() for one in meeting.object.events if one.organizer}
    if at.sender is None:
        return _("The message does not say who sent it. Nothing was changed.")
    if len(claimed) != 1 or not same_person(next(iter(claimed)), at.sender.address):
        return _("{sender} is not the organizer of this meeting. Nothing was changed.").format(sender=_who(at.sender))
    if at.me is not None and same_person(at.sender.address, at.me.address):
        return _("This is a message of your own. Nothing was changed.")
    known = [one.organizer for one in at.stored.events if one.organizer] if at.stored else []
    if at.stored is not None and not any(same_person(one.address, at.sender.address) for one in known):
        return _("“{title}” in your calendar was not organized by {sender}. Nothing was changed.").format(
            title=_title(meeting, at), sender=_who(at.sender)
        )
    return ""


def _known(event: Event, at: Situation) -> Version | None:
    """The newest version of a component that was taken in; that of the calendar when nothing is remembered."""
    assert at.sender is not None
    seen = at.seen(at.sender.key, event.recurrence_id)
    if seen is not None:
        return seen
    own = _component(at.stored, event.recurrence_id) if at.stored else None
    if own is not None:
        return Version.of(own)
    if event.recurrence_id is None or at.stored is None:
        return None
    series = at.seen(at.sender.key, None)  # of this instance nothing was said: its series' number counts
    number = series.sequence if series else at.stored.master.sequence if at.stored.master else 0
    return Version(number, _LONG_AGO)


def is_old(meeting: Meeting, at: Situation) -> bool:
    """Whether something newer than this message was taken in already; an equal version is not old."""
    versions = ((Version.of(event), _known(event, at)) for event in meeting.object.events)
    return any(known is not None and not known <= version for version, known in versions)


def _component(thing: CalendarObject, at: Moment | None) -> Event | None:
    if at is None:
        return thing.master
    return next((one for one in thing.overrides if one.recurrence_id and key(one.recurrence_id) == key(at)), None)


def _request(meeting: Meeting, at: Situation) -> Verdict:
    if why := _from_organizer(meeting, at):
        return _refused(why)
    if at.stored is None:
        words = _("{sender} invites you to “{title}”.").format(sender=_who(at.sender), title=_title(meeting, at))
        return Verdict(Effect.NEW, words, taken=_taken(meeting.object.events, at))
    fresh = [event for event in meeting.object.events if _is_newer(event, at)]
    if not fresh:
        words = _("This is an older version of “{title}” than the one in your calendar. Nothing was changed.")
        return Verdict(Effect.NOTHING, words.format(title=_title(meeting, at)))
    after = at.stored
    for event in fresh:
        after = _replaced(after, event, at)
    if any(event.recurrence_id is None for event in fresh):
        after = _fitting(after, meeting.object, at)
    zones = {**dict(at.stored.zones), **dict(meeting.object.zones)}
    words = _("{sender} changed “{title}”.").format(sender=_who(at.sender), title=_title(meeting, at))
    return Verdict(Effect.CHANGED, words, replace(in_order(after), zones=tuple(zones.items())), _taken(fresh, at))


def _is_newer(event: Event, at: Situation) -> bool:
    known = _known(event, at)
    return known is None or not Version.of(event) <= known


def _taken(events: Sequence[Event], at: Situation) -> tuple[tuple[str, Moment | None, Version], ...]:
    assert at.sender is not None
    return tuple((at.sender.key, event.recurrence_id, Version.of(event)) for event in events)


def _replaced(thing: CalendarObject, event: Event, at: Situation) -> CalendarObject:
    """The object with one component as the organizer has it now, and what is one's own in it kept."""
    was = _component(thing, event.recurrence_id)
    base = was or thing.master
    mine = merged(base, event, at.me) if base else received(event)
    others = tuple(one for one in thing.events if one is not was)
    return replace(thing, events=(*others, mine))


def received(event: Event) -> Event:
    """An event from an invitation, as it is stored: the sender's reminders are not ours (RFC 5546 §3.2.2)."""
    return replace(event, alarms=())


def merged(was: Event, event: Event, me: Address | None) -> Event:
    """The organizer's version with one's own reminders, categories, privacy, status, and the answer if it holds."""
    again = (key(was.start), key(was.end), was.rrule) != (key(event.start), key(event.end), event.rrule)
    if event.recurrence_id is not None and was.recurrence_id is None:
        again = key(event.start) != key(event.recurrence_id)
    people = event.attendees if again else tuple(_as_answered(one, was, me) for one in event.attendees)
    return replace(
        event,
        alarms=was.alarms,
        categories=was.categories or event.categories,
        sensitivity=was.sensitivity if was.sensitivity is not None else event.sensitivity,
        status=was.status,
        attendees=people,
        created=was.created,
        extra=_own_lines(was.extra, event.extra),
    )


def _own_lines(was: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    """Lines that are not understood: the organizer's as they are now, and those that only one's own copy has."""
    told = {_name(line) for line in now}
    kept, depth = [], 0
    for line in was:
        depth += _name(line) == "BEGIN"
        if (_name(line) if not depth else "BEGIN") not in told:
            kept.append(line)
        depth -= _name(line) == "END"
    return (*kept, *now)


def _name(line: str) -> str:
    return line.partition(":")[0].partition(";")[0].upper()


def _as_answered(one: Attendee, was: Event, me: Address | None) -> Attendee:
    if me is None or not same_person(one.address, me.address):
        return one
    mine = next((old for old in was.attendees if same_person(old.address, me.address)), one)
    return replace(one, response=mine.response)


def _fitting(after: CalendarObject, told: CalendarObject, at: Situation) -> CalendarObject:
    """A message about the series tells all its instances: those that it does not name are as the series says again.

    What one changed oneself in an instance stays, as long as the series is at the same times.
    """
    assert at.stored is not None
    old, new = at.stored.master, after.master
    same = old is not None and new is not None and (key(old.start), old.rrule) == (key(new.start), new.rrule)
    named = {key(event.recurrence_id) for event in told.overrides if event.recurrence_id}

    def stays(event: Event) -> bool:
        if event.recurrence_id is None or key(event.recurrence_id) in named:
            return True
        assert at.sender is not None
        own = at.seen(at.sender.key, event.recurrence_id) is None and not event.cancelled
        return same and own

    return replace(after, events=tuple(filter(stays, after.events)))


def _cancel(meeting: Meeting, at: Situation) -> Verdict:
    if why := _from_organizer(meeting, at):
        return _refused(why)
    title = _title(meeting, at)
    if at.stored is None:
        words = _("“{title}” was cancelled; it is in none of your calendars.").format(title=title)
        return Verdict(Effect.NOTHING, words, taken=_taken(meeting.object.events, at))
    events = list(meeting.object.events)
    if not any(_is_newer(event, at) for event in events):
        words = _("This cancellation of “{title}” is older than what is in your calendar. Nothing was changed.")
        return Verdict(Effect.NOTHING, words.format(title=title))
    fresh = [event for event in events if _is_newer(event, at)]
    after = at.stored
    for event in fresh:
        changed = _all_cancelled(after, event) if event.recurrence_id is None else _one_cancelled(after, event, at)
        if changed is None:
            return _refused(
                _("“{title}” has no instance at the time that the message cancels. Nothing was changed.").format(
                    title=title
                )
            )
        after = changed
    whole = any(event.recurrence_id is None for event in fresh)
    words = _("{sender} cancelled “{title}”.") if whole else _("{sender} cancelled one time of “{title}”.")
    words = words.format(sender=_who(at.sender), title=title)
    return Verdict(Effect.CHANGED, words, in_order(after), _taken(fresh, at))


def _all_cancelled(thing: CalendarObject, said: Event) -> CalendarObject:
    return replace(thing, events=tuple(_gone(event, said) for event in thing.events))


def _gone(event: Event, said: Event) -> Event:
    return replace(event, state=EventState.CANCELLED, sequence=max(event.sequence, said.sequence), stamp=said.stamp)


def _one_cancelled(thing: CalendarObject, said: Event, at: Situation) -> CalendarObject | None:
    """The object with one instance cancelled, and every other one as it was; None when there is no such instance."""
    assert said.recurrence_id is not None
    event = instance(thing, said.recurrence_id, at.zone)
    if event is None:
        return None
    own = replace(_gone(event, said), this_and_future=said.this_and_future)
    return _put(thing, own)


def _put(thing: CalendarObject, override: Event) -> CalendarObject:
    assert override.recurrence_id is not None
    taken = key(override.recurrence_id)
    others = tuple(e for e in thing.events if e.recurrence_id is None or key(e.recurrence_id) != taken)
    return replace(thing, events=(*others, override))


def instance(thing: CalendarObject, at: Moment, zone: tzinfo) -> Event | None:
    """One instance as an event of its own (an override); None where the object has none."""
    own = _component(thing, at)
    if own is not None:
        return own
    master = thing.master
    if master is None or not master.recurring:
        return None
    place = alike(at, master.start)
    found = _occurrence(thing, place, zone)
    if found is None:
        return None
    return replace(
        found.event,
        start=found.start,
        end=found.end,
        rrule="",
        rdates=(),
        exdates=(),
        recurrence_id=place,
        this_and_future=False,
    )


def _occurrence(thing: CalendarObject, place: Moment, zone: tzinfo) -> Occurrence | None:
    moment = place if isinstance(place, datetime) else datetime(place.year, place.month, place.day)  # noqa: DTZ001
    middle = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    try:
        span = TimeSpan(middle - timedelta(days=3), middle + timedelta(days=3))
    except OverflowError:
        return None
    for found in expand(thing, span, zone).occurrences:
        if found.recurrence_id is not None and key(alike(found.recurrence_id, place)) == key(place):
            return found
    return None


# what an attendee says -----------------------------------------------------------------------------------------


def _reply(meeting: Meeting, at: Situation) -> Verdict:
    title = _title(meeting, at)
    if at.stored is None:
        return Verdict(
            Effect.NOTHING,
            _("{sender} answers an invitation to “{title}”, which is in none of your calendars.").format(
                sender=_who(at.sender), title=title
            ),
        )
    if why := _may_answer(meeting, at):
        return _refused(why)
    after, taken = at.stored, []
    said: Attendee | None = None
    for event in meeting.object.events:
        line = event.attendees[0]
        if not _counts(event, line, at):
            continue
        changed = _answered(after, event.recurrence_id, line, at.zone)
        if changed is None:
            return _refused(
                _("{sender} was not invited to “{title}” at that time. Nothing was changed.").format(
                    sender=_who(at.sender), title=title
                )
            )
        after, said = changed, line
        taken.append((line.address.strip().lower(), event.recurrence_id, Version.of(event)))
    if said is None:
        words = _("This answer to “{title}” is older than what you know or what you asked. Nothing was changed.")
        return Verdict(Effect.NOTHING, words.format(title=title), taken=())
    return Verdict(Effect.CHANGED, answer_words(said, title), in_order(after), tuple(taken))


def _may_answer(meeting: Meeting, at: Situation) -> str:
    """Why a reply does not count; empty if it does."""
    assert at.stored is not None
    organizers = [one.organizer for one in at.stored.events if one.organizer]
    if at.me is None or (organizers and not any(same_person(one.address, at.me.address) for one in organizers)):
        return _("“{title}” is not a meeting of yours, so nobody answers you. Nothing was changed.").format(
            title=_title(meeting, at)
        )
    for event in meeting.object.events:
        if len(event.attendees) != 1:
            return _("The answer does not say whose it is. Nothing was changed.")
        if at.sender is None or not same_person(event.attendees[0].address, at.sender.address):
            return _("{sender} answers for somebody else ({person}). Nothing was changed.").format(
                sender=_who(at.sender), person=one_line(event.attendees[0].address)
            )
    return ""


def _counts(event: Event, line: Attendee, at: Situation) -> bool:
    known = at.seen(line.address.strip().lower(), event.recurrence_id)
    if event.sequence < at.asked(event.recurrence_id):
        return False
    return known is None or not Version.of(event) <= known


def _answered(thing: CalendarObject, at: Moment | None, line: Attendee, zone: tzinfo) -> CalendarObject | None:
    """The object with one attendee's answer; None when this person is not invited there."""
    if at is not None:
        event = instance(thing, at, zone)
        own = _with_answer(event, line) if event else None
        return _put(thing, own) if own else None
    master = thing.master
    changed = _with_answer(master, line) if master else None
    if master is None or changed is None:
        return None
    before = _response(master, line)
    events = tuple(changed if one is master else _follows(one, line, before) for one in thing.events)
    return replace(thing, events=events)


def _follows(event: Event, line: Attendee, before: Response | None) -> Event:
    """A changed instance follows the answer to the series, unless it was answered by itself."""
    own = _response(event, line)
    if own is None or own not in (before, Response.NEEDS_ACTION):
        return event
    return _with_answer(event, line) or event


def _response(event: Event, line: Attendee) -> Response | None:
    return next((one.response for one in event.attendees if same_person(one.address, line.address)), None)


def _with_answer(event: Event, line: Attendee) -> Event | None:
    if _response(event, line) is None:
        return None
    people = tuple(
        replace(one, response=line.response, rsvp=False) if same_person(one.address, line.address) else one
        for one in event.attendees
    )
    return replace(event, attendees=people)


def answer_words(line: Attendee, title: str) -> str:
    """An answer in a sentence."""
    who = one_line(line.name) or one_line(line.address)
    match line.response:
        case Response.ACCEPTED:
            words = _("{who} accepted “{title}”.")
        case Response.DECLINED:
            words = _("{who} declined “{title}”.")
        case Response.TENTATIVE:
            words = _("{who} tentatively accepted “{title}”.")
        case Response.DELEGATED:
            words = _("{who} passed the invitation to “{title}” on to somebody else.")
        case Response.NEEDS_ACTION:
            words = _("{who} has not decided about “{title}” yet.")
    return words.format(who=who, title=title)


# one's own answer ----------------------------------------------------------------------------------------------


def answered_by(thing: CalendarObject, meeting: Meeting, me: Attendee) -> CalendarObject:
    """The object with one's own answer (`me`) to what the message asks: the series, or some instances of it."""
    asked = {event.recurrence_id and key(event.recurrence_id): event for event in meeting.object.events}
    whole = meeting.object.master is not None

    def answer(event: Event) -> Event:
        place = event.recurrence_id and key(event.recurrence_id)
        if not whole and place not in asked:
            return event
        return _mine(event, me, asked.get(place, meeting.main).status)

    return replace(thing, events=tuple(map(answer, thing.events)))


def _mine(event: Event, me: Attendee, meant: BusyStatus) -> Event:
    line = replace(me, rsvp=False)
    old = next((one for one in event.attendees if same_person(one.address, me.address)), None)
    if old is not None:
        line = replace(old, response=me.response, rsvp=False)
    people = tuple(line if one is old else one for one in event.attendees)
    return replace(event, attendees=people if old else (*people, line), status=_status(me.response, meant))


def _status(response: Response, meant: BusyStatus) -> BusyStatus:
    """How the time shows: as the organizer means it when one comes, tentative, or free when one does not."""
    if response is Response.DECLINED:
        return BusyStatus.FREE
    if response is Response.TENTATIVE:
        return BusyStatus.TENTATIVE if meant is not BusyStatus.FREE else meant
    return BusyStatus.BUSY if meant is BusyStatus.TENTATIVE else meant
