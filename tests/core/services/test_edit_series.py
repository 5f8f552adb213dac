"""What editing needs to know of a rule's instances, and series that other programs wrote."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import CalendarObject, Event, Occurrence
from core.calendar.event_change import EventChange
from core.calendar.series import delete_only, edit_only, key, settled, split
from core.calendar.span import TimeSpan
from core.errors import PartagendaError, Refused, UsageError
from core.ical.decode import decode
from core.ical.recurrence import expand
from core.services.edit_series import checked_rule, fits, has_instances, next_dates, split_facts
from core.services.edit_writer import content, object_of

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
START = datetime(2026, 11, 23, 9, tzinfo=PARIS)
DAILY = Event("x", START, START + timedelta(hours=1), "X", rrule="FREQ=DAILY;COUNT=5")


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def test_a_split_knows_what_lies_on_both_sides() -> None:
    facts = split_facts(DAILY, day(2))
    assert (facts.count, facts.last, facts.next) == (2, day(1), day(2))


def test_at_the_first_instance_nothing_lies_before() -> None:
    assert split_facts(DAILY, day(0)).last is None


def test_after_the_last_instance_nothing_follows() -> None:
    assert split_facts(DAILY, day(9)).next is None


def test_a_rule_that_cannot_be_understood_is_refused_not_guessed() -> None:
    with pytest.raises(Refused):
        split_facts(Event("x", START, START, rrule="FREQ=NEVER"), day(2))


def test_a_rule_that_asks_for_too_much_is_refused() -> None:
    with pytest.raises(Refused):
        split_facts(Event("x", START, START, rrule="FREQ=SECONDLY"), day(900))


@pytest.mark.parametrize(("moment", "has"), [(day(3), True), (day(5), False), (START + timedelta(minutes=1), False)])
def test_a_series_knows_its_instances(moment: datetime, has: bool) -> None:
    assert fits(DAILY, moment) is has


def test_a_series_whose_instances_are_all_taken_away_is_empty() -> None:
    from dataclasses import replace

    gone = replace(DAILY, exdates=tuple(day(n) for n in range(5)))
    assert not has_instances(CalendarObject("x", (gone,)))


def test_the_next_five_dates_of_a_rule_are_shown() -> None:
    assert next_dates("FREQ=WEEKLY;BYDAY=MO,WE", date(2026, 11, 23)) == (
        date(2026, 11, 23),
        date(2026, 11, 25),
        date(2026, 11, 30),
        date(2026, 12, 2),
        date(2026, 12, 7),
    )


def test_a_rule_is_stored_in_capitals_without_its_name() -> None:
    assert checked_rule(" rrule:freq=daily;count=3 ") == "FREQ=DAILY;COUNT=3"


def test_the_next_dates_of_no_rule_are_wrong_usage() -> None:
    with pytest.raises(UsageError):
        next_dates("FREQ=NEVER", START)


# series by other programs


def series_of(files: list[Path]) -> list[tuple[str, CalendarObject, list[Occurrence]]]:
    found = []
    for file in files:
        try:
            objects = decode(file.read_bytes(), now=NOW).objects if file.stat().st_size < 1_000_000 else ()
        except PartagendaError:
            continue
        for thing in objects[:200]:
            if (
                thing.master is not None
                and thing.master.recurring
                and len(occurrences := shown(thing)) in range(3, 900)
            ):
                found.append((file.name, settled(thing, PARIS), occurrences))
    return found


def shown(*things: CalendarObject) -> list[Occurrence]:
    span = TimeSpan(datetime(1990, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC))
    return [one for thing in things for one in expand(object_of(content(thing)), span, PARIS, 1000).occurrences]


def said(occurrences: list[Occurrence]) -> list[tuple[object, ...]]:
    return sorted((*map(str, (key(o.start), key(o.end))), o.event.title, o.event.place) for o in occurrences)


def test_series_that_other_programs_wrote_are_split_without_a_difference(shared_ics: list[Path]) -> None:
    differ = []
    for name, thing, occurrences in series_of(shared_ics):
        at = occurrences[len(occurrences) // 2]
        assert thing.master is not None
        if at.recurrence_id is None or (facts := split_facts(thing.master, at.recurrence_id, PARIS)).last is None:
            continue
        if said(shown(*split(thing, at, facts, "new", NOW))) != said(occurrences):
            differ.append((name, thing.uid))
    assert differ == []


def test_one_instance_of_such_a_series_is_changed_or_deleted_without_touching_others(shared_ics: list[Path]) -> None:
    differ = []
    for name, thing, occurrences in series_of(shared_ics):
        at = occurrences[1]
        if at.recurrence_id is None:
            continue
        edited = said(shown(edit_only(thing, at, EventChange(description="Changed"), NOW)))
        left = delete_only(thing, at, NOW)
        if edited != said(occurrences) or left is None or len(shown(left)) != len(occurrences) - 1:
            differ.append((name, thing.uid))
    assert differ == []
