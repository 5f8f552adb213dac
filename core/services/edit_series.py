"""What editing needs to know of a rule's instances: where to split, what still fits, what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from core.calendar.event import CalendarObject, Event, Moment
from core.calendar.rule_text import wall, zone_of
from core.calendar.series import SplitFacts, alike, key
from core.errors import Refused, UsageError
from core.ical.rules import Rule, RuleError, TooMuchWork
from core.language import _

_DAY = timedelta(days=1)
_FAR = date(9999, 12, 30)


def split_facts(master: Event, at: Moment, zone: tzinfo = UTC) -> SplitFacts:
    """What the rule gives before the instance `at`, and its first instance from there on.

    `zone` is where floating times are taken. Raises Refused for a rule that cannot be worked out.
    """
    place = key(alike(at, master.start))
    count, last = 0, None
    for moment in instances(master, until=at, zone=zone):
        if key(moment) >= place:
            break
        count, last = count + 1, moment
    after = (moment for moment in instances(master, since=at, zone=zone) if key(moment) >= place)
    return SplitFacts(count, last, _first(after))


def instances(
    master: Event, *, since: Moment | None = None, until: Moment | None = None, zone: tzinfo = UTC
) -> Iterator[Moment]:
    """Instances of the rule alone (the start is the first), as the event writes its start; two days more at each end.

    Raises Refused while being read when the rule cannot be understood or asks for too much.
    """
    start = master.start
    if not master.rrule:
        yield start
        return
    low = _near(start if since is None else since, -2)
    high = _FAR if until is None else _near(until, 2)
    try:
        found = Rule.parse(master.rrule).instants(start, low, high, zone=zone_of(start) or zone)
        for moment in found:
            yield moment.replace(tzinfo=zone_of(start)) if isinstance(moment, datetime) else moment
    except RuleError as error:
        raise Refused(
            _("The repetition cannot be understood: {reason}.").format(reason=error), _("Give a new one.")
        ) from error
    except TooMuchWork as error:
        raise Refused(_("The event repeats too often to be worked out."), _("Give a new repetition.")) from error


def _near(moment: Moment, days: int) -> date:
    day = wall(moment).date()
    ordinal = min(max(day.toordinal() + days, 1), _FAR.toordinal())
    return date.fromordinal(ordinal)


def _first(moments: Iterator[Moment]) -> Moment | None:
    return next(moments, None)


def fits(master: Event, moment: Moment, zone: tzinfo = UTC) -> bool:
    """Whether the series has an instance there (before exceptions)."""
    place = key(alike(moment, master.start))
    if any(key(alike(one, master.start)) == place for one in master.rdates):
        return True
    return any(key(one) == place for one in instances(master, since=moment, until=moment, zone=zone))


def has_instances(thing: CalendarObject, zone: tzinfo = UTC) -> bool:
    """Whether anything of the object is left to see."""
    master = thing.master
    if master is None or not master.recurring:
        return bool(thing.events)
    gone = {key(alike(moment, master.start)) for moment in master.exdates}
    if any(key(alike(event.recurrence_id or event.start, master.start)) not in gone for event in thing.overrides):
        return True
    if any(key(alike(moment, master.start)) not in gone for moment in master.rdates):
        return True
    return any(key(moment) not in gone for moment in instances(master, zone=zone))


def next_dates(rule: str, start: Moment, count: int = 5, zone: tzinfo = UTC) -> tuple[Moment, ...]:
    """The first instances of a rule for an event that starts then. Raises UsageError for a rule that is none."""
    try:
        checked_rule(rule)
        found: list[Moment] = []
        for moment in instances(Event("", start, start, rrule=rule), zone=zone):
            found.append(moment)
            if len(found) >= count:
                break
        return tuple(found)
    except Refused as error:
        raise UsageError(error.message, error.hint) from error


def checked_rule(rule: str) -> str:
    """A rule as it is stored: capitals, without its name. Raises UsageError when it cannot be understood."""
    text = rule.strip().upper().removeprefix("RRULE:")
    try:
        if text:
            Rule.parse(text)
    except RuleError as error:
        raise UsageError(
            _("“{rule}” is not a repetition: {reason}.").format(rule=rule[:60], reason=error),
            _("Write it as FREQ=WEEKLY;BYDAY=MO,TH or FREQ=MONTHLY;BYMONTHDAY=15."),
        ) from error
    return text
