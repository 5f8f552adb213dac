"""The sample calendars have something of everything, whatever the day is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import BusyStatus, EventState
from core.calendar.span import TimeSpan, days_from
from core.ical.recurrence import expand
from core.sandbox.calendars import calendars_of, office_of, private_titles
from core.sandbox.people import ALICE, BRUNO, CLARA, PEOPLE

PARIS = ZoneInfo("Europe/Paris")
DAYS = [date(2026, 11, 16) + timedelta(days=n) for n in range(7)] + [
    date(2027, 3, 27),
    date(2028, 2, 29),
    date(2026, 12, 31),
]


def week_of(today: date, person=ALICE, language: str = "en"):
    span: TimeSpan = days_from(today, 7).span(PARIS)
    work = calendars_of(person, today, language)[0]
    return [found for thing in work.objects for found in expand(thing, span, PARIS).occurrences]


@pytest.mark.parametrize("today", DAYS)
def test_the_next_seven_days_have_every_busy_status(today):
    assert {found.event.status for found in week_of(today)} >= set(BusyStatus)


@pytest.mark.parametrize("today", DAYS)
def test_the_next_seven_days_have_something_private_and_something_cancelled(today):
    week = week_of(today)
    assert any(found.private for found in week)
    assert any(found.event.state is EventState.CANCELLED for found in week)


@pytest.mark.parametrize("today", DAYS)
def test_the_next_seven_days_have_an_instance_that_differs_from_its_series(today):
    assert any(found.event.recurrence_id is not None for found in week_of(today))


def test_there_are_all_day_events_series_and_two_zones():
    objects = calendars_of(ALICE, DAYS[0])[0].objects
    zones = {getattr(event.start, "tzinfo", None) for thing in objects for event in thing.events}
    assert any(thing.events[0].all_day for thing in objects)
    assert len([thing for thing in objects if thing.master and thing.master.recurring]) >= 6
    assert len(zones - {None}) >= 2


def test_the_same_day_gives_the_same_calendars():
    assert calendars_of(BRUNO, DAYS[0]) == calendars_of(BRUNO, DAYS[0])


def test_another_seed_gives_other_meetings():
    assert calendars_of(BRUNO, DAYS[0], seed=1) != calendars_of(BRUNO, DAYS[0], seed=2)


@pytest.mark.parametrize("person", PEOPLE)
def test_no_uid_is_there_twice(person):
    uids = [thing.uid for calendar in calendars_of(person, DAYS[0]) for thing in calendar.objects]
    assert len(uids) == len(set(uids))


def test_in_french_the_titles_are_french():
    titles = {event.title for thing in calendars_of(CLARA, DAYS[0], "fr")[0].objects for event in thing.events}
    assert "Revue de projet" in titles


def test_each_private_title_is_on_private_events_only():
    hidden = set(private_titles())
    for thing in calendars_of(ALICE, DAYS[0])[0].objects:
        for event in thing.events:
            assert (event.title in hidden) == event.private


def test_nothing_ends_before_it_starts():
    for calendar in calendars_of(ALICE, DAYS[0]):
        for thing in calendar.objects:
            for event in thing.events:
                aware = isinstance(event.start, datetime)
                assert event.end > event.start if not aware else event.end.timestamp() > event.start.timestamp()


def test_the_office_has_nothing_that_the_persons_own_calendar_has():
    today = date(2026, 11, 27)
    for person in (ALICE, BRUNO):
        own = {thing.uid for calendar in calendars_of(person, today) for thing in calendar.objects}
        office = office_of(person, today).objects
        assert own.isdisjoint(thing.uid for thing in office)
        assert any(thing.overrides for thing in office)
        assert any(event.private for thing in office for event in thing.events)
