"""Events to Exchange's items and back, rules to its patterns and back: by chance, and each pattern of the dialog."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.backends.exchange.building import as_kept, fields_of, new_item, rest_of, vet, with_rest
from core.backends.exchange.items import REST_FIELD, event_of
from core.backends.exchange.pattern import from_exchange, to_exchange
from core.calendar.event import (
    Alarm,
    Attendee,
    BusyStatus,
    CalendarObject,
    Event,
    Role,
    Sensitivity,
)
from core.calendar.patterns import EVERY_DAY, PLACES, WEEKDAYS, WEEKEND, Pattern, PatternKind, rule_of
from core.calendar.span import TimeSpan
from core.errors import Refused
from core.ical.recurrence import expand

PARIS = ZoneInfo("Europe/Paris")
ME = "alice@example.org"
ZONES = [ZoneInfo(name) for name in ("Europe/Paris", "America/New_York", "Asia/Tokyo", "Asia/Kolkata", "UTC")]
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=40).map(str.strip)
STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 28)).map(lambda d: d.replace(second=0, microsecond=0))


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    kind = draw(st.sampled_from(list(PatternKind)))
    yearly = kind in (PatternKind.YEARLY_DAY, PatternKind.YEARLY_PLACE)
    parts: dict[str, object] = {"count": draw(st.none() | st.integers(1, 99))}
    if kind is not PatternKind.EVERY_WEEKDAY and not yearly:
        parts["interval"] = draw(st.integers(1, 12))
    if kind is PatternKind.WEEKLY:
        parts["days"] = tuple(sorted(draw(st.sets(st.integers(0, 6), min_size=1, max_size=4))))
    if kind in (PatternKind.MONTHLY_DAY, PatternKind.YEARLY_DAY):
        parts["day"] = draw(st.integers(1, 28))
    if kind in (PatternKind.MONTHLY_PLACE, PatternKind.YEARLY_PLACE):
        parts["days"] = draw(st.sampled_from([EVERY_DAY, WEEKDAYS, WEEKEND, *((n,) for n in range(7))]))
        parts["place"] = draw(st.sampled_from(PLACES))
    if yearly:
        parts["month"] = draw(st.integers(1, 12))
    return Pattern(kind, **parts)  # type: ignore[arg-type]


@given(patterns(), STARTS)
@settings(max_examples=120, deadline=None)
def test_every_pattern_of_the_dialog_means_the_same_days_after_a_round_trip(pattern: Pattern, start: datetime):
    begin = start.replace(tzinfo=PARIS)
    rule = rule_of(pattern, begin)
    back = from_exchange(to_exchange(rule, begin), begin)
    span = TimeSpan(begin, begin + timedelta(days=800))
    event = Event("a", begin, begin + timedelta(hours=1), rrule=rule)
    days = [
        [one.start for one in expand(CalendarObject("a", (replace(event, rrule=text),)), span, PARIS).occurrences]
        for text in (rule, back)
    ]
    assert days[0] == days[1]


@pytest.mark.parametrize("day", [29, 30, 31])
def test_a_day_that_short_months_lack_is_their_last_one(day: int):
    begin = datetime(2026, 1, day, 9, tzinfo=PARIS)
    rule = rule_of(Pattern(PatternKind.MONTHLY_DAY, day=day), begin)
    assert from_exchange(to_exchange(rule, begin), begin) == rule


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9,15",
        "FREQ=HOURLY",
        "FREQ=YEARLY;BYWEEKNO=20",
        "FREQ=DAILY;COUNT=1000",
        "FREQ=WEEKLY;INTERVAL=100;BYDAY=MO",
    ],
)
def test_what_exchange_has_no_words_for_is_refused_with_a_way_out(rule: str):
    begin = datetime(2026, 11, 23, 12, tzinfo=PARIS)
    thing = CalendarObject("a", (Event("a", begin, begin + timedelta(hours=1), rrule=rule),))
    with pytest.raises(Refused) as refused:
        vet(thing, PARIS)
    assert refused.value.hint


def test_every_few_years_is_said_in_months():
    begin = datetime(2026, 11, 23, 12, tzinfo=PARIS)
    back = from_exchange(to_exchange("FREQ=YEARLY;INTERVAL=2;BYMONTH=11;BYMONTHDAY=23", begin), begin)
    assert back == "FREQ=MONTHLY;INTERVAL=24;BYMONTHDAY=23"


people = st.lists(
    st.builds(
        Attendee,
        st.sampled_from(["bruno@example.org", "clara@example.net"]),
        st.sampled_from(["Bruno Lefèvre", "Clara"]),
        st.sampled_from([Role.REQUIRED, Role.OPTIONAL]),
        rsvp=st.just(True),
    ),
    max_size=2,
    unique_by=lambda one: one.address,
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    zone = draw(st.sampled_from(ZONES))
    start = draw(STARTS).replace(tzinfo=zone)
    end = start + timedelta(minutes=draw(st.integers(0, 3000)))
    if draw(st.booleans()):
        start, end = start.date(), start.date() + timedelta(days=draw(st.integers(1, 5)))
    alarm = draw(st.none() | st.integers(0, 20000))
    title = draw(TEXT)
    return Event(
        uid="a@example.org",
        start=start,
        end=end,
        title=title,
        place=draw(TEXT),
        description=draw(st.lists(TEXT, max_size=3).map("\n".join)).rstrip("\n"),
        status=draw(st.sampled_from(list(BusyStatus))),
        sensitivity=draw(st.sampled_from([None, Sensitivity.PERSONAL, Sensitivity.PRIVATE, Sensitivity.CONFIDENTIAL])),
        categories=tuple(draw(st.lists(st.sampled_from(["Red", "Blue", "Été"]), max_size=2, unique=True))),
        alarms=(Alarm(timedelta(minutes=-alarm), description=title),) if alarm is not None else (),
        importance=draw(st.sampled_from([None, 0, 2])),
        organizer=None,
        attendees=tuple(draw(people)),
    )


def through_exchange(event: Event) -> Event:
    """An item as it would be created, taken for one that came back; the server's own fields as a server fills them."""
    item = new_item(event, ME, PARIS, "key")
    item.clean_timezone_fields(version=_VERSION)
    item.text_body = None
    if item.body is not None and not event.html:
        item.text_body = str(item.body)
    return with_rest(event_of(item, PARIS), getattr(item, REST_FIELD), ME, PARIS)


class _Build:
    def __lt__(self, other: object) -> bool:
        return False


class _VERSION:
    build = _Build()


class _Account:
    default_timezone = None


def test_notes_that_begin_with_an_empty_line_keep_it_beside_what_has_no_field():
    people = (Attendee("bruno@example.org", "Bruno Lefèvre", Role.OPTIONAL),)
    noon = datetime(2026, 11, 23, 12, tzinfo=PARIS)
    event = Event("a@example.org", noon, noon + timedelta(hours=1), "", description="\n0", attendees=people)
    assert through_exchange(event).description == "\n0"


@given(events())
@settings(max_examples=150, deadline=None)
def test_an_event_comes_back_as_it_was(event: Event):
    if event.all_day:
        return  # needs an account's zone: the contract suite does it over the wire
    back = through_exchange(event)
    assert replace(back, organizer=None) == replace(event, sensitivity=back.sensitivity)
    assert (back.sensitivity or Sensitivity.PUBLIC) == (event.sensitivity or Sensitivity.PUBLIC)


@given(events(), st.sampled_from(["https://example.org/x", ""]), st.integers(0, 9))
@settings(max_examples=80, deadline=None)
def test_what_has_no_field_there_comes_back_too(event: Event, url: str, priority: int):
    if event.all_day:
        return
    odd = replace(event, url=url, priority=priority, extra=("GEO:48.8;2.3",))
    back = through_exchange(odd)
    assert (back.url, back.priority, back.extra) == (url, priority, ("GEO:48.8;2.3",))


def test_a_change_in_outlook_counts_and_the_rest_stays():
    begin = datetime(2026, 11, 23, 12, tzinfo=PARIS)
    event = Event("a", begin, begin + timedelta(hours=1), "Lunch", url="https://example.org/menu")
    rest = rest_of(event, ME, PARIS)
    assert rest is not None
    there = replace(event, title="Dinner", url="")
    back = with_rest(there, rest, ME, PARIS)
    assert (back.title, back.url) == ("Dinner", "https://example.org/menu")


def test_an_ordinary_appointment_needs_no_copy_beside_it():
    begin = datetime(2026, 11, 23, 12, tzinfo=PARIS)
    event = Event("a", begin, begin + timedelta(hours=1), "Lunch", place="Room 4", description="Two\nlines")
    assert rest_of(event, ME, PARIS) is None


def test_nobody_is_made_the_organiser_of_somebody_elses_meeting():
    begin = datetime(2026, 11, 23, 12, tzinfo=PARIS)
    bruno, clara = Attendee("bruno@example.org", "Bruno"), Attendee("clara@example.net", "Clara")
    meeting = Event("a", begin, begin + timedelta(hours=1), "Review", organizer=bruno, attendees=(clara,))
    fields = fields_of(meeting, ME, PARIS)
    assert fields["required_attendees"] is None
    back = with_rest(as_kept(meeting, ME, PARIS), fields[REST_FIELD], ME, PARIS)
    assert (back.organizer, back.attendees) == (bruno, (clara,))


def test_days_are_dates_in_the_fields():
    event = Event("a", date(2026, 11, 23), date(2026, 11, 25), "Fair")
    fields = fields_of(event, ME, PARIS)
    assert (fields["is_all_day"], fields["start"].isoformat(), fields["end"].isoformat()) == (
        True,
        "2026-11-23",
        "2026-11-24",
    )
