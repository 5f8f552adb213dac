"""What a person is told before a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus, CalendarObject, Event
from core.ports.calendars import CalendarInfo, CalendarKind, Capabilities
from core.services.edit_checks import Check, lost_in_copy, lost_instances, overlap_words, overlapping, read_only

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 11, 23, 9, tzinfo=PARIS)
HOUR = timedelta(hours=1)
EVENT = Event("x", START, START + HOUR, "Review")
WEEKLY = CalendarObject("x", (replace(EVENT, rrule="FREQ=WEEKLY"),))


def entry(start: datetime, title: str = "Other", **more: object) -> Entry:
    values = {"status": BusyStatus.BUSY, **more}
    return Entry(title, title, "local/work", title, start, start + HOUR, **values)  # type: ignore[arg-type]


def info(kind: CalendarKind = CalendarKind.LOCAL, **more: object) -> CalendarInfo:
    return CalendarInfo("local/work", "Work", "local", kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (entry(START + timedelta(minutes=30)), True),
        (entry(START + HOUR), False),
        (entry(START - HOUR), False),
        (entry(START + timedelta(days=14)), True),
        (entry(START, status=BusyStatus.FREE), False),
        (entry(START, status=BusyStatus.TENTATIVE), True),
        (entry(START, cancelled=True), False),
    ],
)
def test_busy_events_at_the_time_of_any_instance_overlap(other: Entry, found: bool) -> None:
    assert bool(overlapping(WEEKLY, [other], PARIS)) is found


def test_an_event_does_not_overlap_itself() -> None:
    assert overlapping(WEEKLY, [entry(START, "x")], PARIS, ["x"]) == ()


def test_a_free_event_overlaps_nothing() -> None:
    free = CalendarObject("x", (replace(EVENT, status=BusyStatus.FREE),))
    assert overlapping(free, [entry(START)], PARIS) == ()


def test_an_event_that_overlaps_several_instances_is_named_once() -> None:
    long = replace(entry(START), end=START + timedelta(days=30))
    assert len(overlapping(WEEKLY, [long], PARIS)) == 1


def test_an_all_day_event_overlaps_in_the_persons_zone() -> None:
    day = CalendarObject("x", (replace(EVENT, start=date(2026, 11, 23), end=date(2026, 11, 24)),))
    assert len(overlapping(day, [entry(START.replace(hour=23))], PARIS)) == 1


def test_an_overlap_is_said_in_words() -> None:
    assert overlap_words(entry(START)) == "At the same time: “Other”, Nov 23, 2026 9:00 AM."


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (CalendarKind.FEED, "internet calendar"),
        (CalendarKind.SNAPSHOT, "snapshot"),
        (CalendarKind.EXCHANGE, "not change it"),
    ],
)
def test_a_calendar_that_cannot_be_changed_says_why(kind: CalendarKind, word: str) -> None:
    assert word in read_only(info(kind))[0]


def test_a_calendar_that_can_be_changed_gives_no_reason() -> None:
    assert read_only(info(can=Capabilities(write=True))) == ()


def test_a_copy_of_what_is_not_wholly_seen_says_so() -> None:
    assert (len(lost_in_copy(info(level="availability"))), lost_in_copy(info())) == (1, ())


def test_lost_instances_are_counted() -> None:
    assert ("2 instances" in lost_instances(2)[0], lost_instances(0)) == (True, ())


def test_a_refusal_makes_it_impossible() -> None:
    assert (Check(("no",)).possible, Check(lost=("a",)).possible) == (False, True)
