"""Sample calendars become appointments and come back as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import BusyStatus, CalendarObject, Event
from core.calendar.span import TimeSpan
from core.ical.decode import decode
from core.ical.encode import encode_object
from core.ical.recurrence import expand
from core.sandbox.calendars import calendars_of, office_of
from core.sandbox.exchange.appointments import Thing, things_between
from core.sandbox.exchange.convert import object_of, store_object
from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.seed import organisation
from core.sandbox.people import ALICE, BRUNO

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 27)
LOW = datetime(2026, 11, 1, tzinfo=UTC)
SPAN = TimeSpan(LOW, LOW + timedelta(days=60))


@pytest.fixture(scope="module")
def store():
    made = organisation(empty=True)
    folder = made.mailboxes["alice@example.org"].distinguished["calendar"]
    for thing in calendars_of(ALICE, TODAY)[0].objects:
        store_object(made, folder, thing)
    return made, folder


def test_the_same_takes_place_at_the_same_time(store):
    _made, folder = store
    wanted = [
        (one.start, one.end, one.event.title)
        for thing in calendars_of(ALICE, TODAY)[0].objects
        for one in expand(thing, SPAN, PARIS).occurrences
    ]

    def instant(moment):
        if isinstance(moment, datetime):
            return moment.astimezone(UTC)
        return datetime(moment.year, moment.month, moment.day, tzinfo=PARIS).astimezone(UTC)

    shown = [(thing.times.start, thing.times.end, thing.text("Subject")) for thing in things_between(folder, *_ends())]
    assert sorted(shown) == sorted((instant(start), instant(end), title) for start, end, title in wanted)
    assert len(shown) > 100


def _ends():
    return SPAN.start, SPAN.end


def facts(event: Event) -> Event:
    """What an appointment has of an event."""
    return Event(
        event.uid, event.start, event.end, event.title, event.place, event.description, "", event.status,
        state=event.state, exdates=tuple(sorted(event.exdates)), rrule="yes" if event.rrule else "",
        recurrence_id=event.recurrence_id, attendees=tuple(each.address for each in event.attendees),
    )  # fmt: skip


def test_an_event_comes_back_as_it_was(store):
    _made, folder = store
    back = {item.text("UID"): object_of(Thing(item)) for item in folder.items.values()}
    for thing in calendars_of(ALICE, TODAY)[0].objects:
        found = back[thing.uid]
        assert [facts(event) for event in found.events] == [facts(event) for event in thing.events]


def test_the_calendar_text_of_a_series_has_its_exceptions(store):
    _made, folder = store
    series = next(item for item in folder.items.values() if item.exceptions)
    (read,) = decode(encode_object(object_of(Thing(series)), now=LOW), now=LOW).objects
    assert len(read.overrides) == len(series.exceptions)


@pytest.mark.parametrize(
    "more",
    [
        {"rrule": "FREQ=MONTHLY;BYMONTHDAY=1,15"},
        {"rrule": "FREQ=HOURLY"},
        {"rdates": (datetime(2027, 1, 9, 9, tzinfo=PARIS),)},
    ],
)
def test_what_outlook_has_no_pattern_for_is_refused(more):
    made = organisation(empty=True)
    start = datetime(2027, 1, 1, 9, tzinfo=PARIS)
    event = replace(Event("one", start, start + timedelta(hours=1), status=BusyStatus.BUSY), **more)
    with pytest.raises(EwsError) as error:
        store_object(
            made, made.mailboxes["alice@example.org"].distinguished["calendar"], CalendarObject("one", (event,))
        )
    assert error.value.code == "ErrorUnsupportedRecurrence"


def test_the_office_calendar_can_be_stored_whole():
    made = organisation(apart=True)
    for person in (ALICE, BRUNO):
        folder = made.mailboxes[person.address].distinguished["calendar"]
        today = datetime.now(ZoneInfo(person.zone)).date()
        assert len(folder.items) == len(office_of(person, today).objects)
