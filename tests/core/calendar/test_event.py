"""Events and what follows from their fields."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.calendar.event import CalendarObject, Event, EventState, Occurrence, Sensitivity

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
MASTER = Event("a", NINE, NINE, rrule="FREQ=DAILY")
OVERRIDE = Event("a", NINE, NINE, recurrence_id=NINE)


@pytest.mark.parametrize(
    ("sensitivity", "hidden"),
    [(None, False), (Sensitivity.PUBLIC, False), (Sensitivity.PERSONAL, False), (Sensitivity.PRIVATE, True),
     (Sensitivity.CONFIDENTIAL, True)],
)  # fmt: skip
def test_private_and_confidential_hide_an_event(sensitivity: Sensitivity | None, hidden: bool) -> None:
    assert Event("a", NINE, NINE, sensitivity=sensitivity).private is hidden


def test_an_event_of_dates_is_all_day() -> None:
    assert Event("a", date(2026, 11, 22), date(2026, 11, 23)).all_day


def test_an_event_with_times_is_not_all_day_even_at_midnight() -> None:
    assert not Event("a", NINE.replace(hour=0), NINE.replace(hour=0)).all_day


@pytest.mark.parametrize("event", [MASTER, Event("a", NINE, NINE, rdates=(NINE,))])
def test_a_rule_or_further_dates_make_a_series(event: Event) -> None:
    assert event.recurring


def test_an_override_is_no_series() -> None:
    assert not OVERRIDE.recurring


def test_only_the_state_cancels_an_event() -> None:
    assert [Event("a", NINE, NINE, state=state).cancelled for state in EventState] == [False, False, True]


def test_the_master_is_the_one_without_a_recurrence_id() -> None:
    thing = CalendarObject("a", (OVERRIDE, MASTER))
    assert (thing.master, thing.overrides) == (MASTER, (OVERRIDE,))


def test_an_object_of_overrides_alone_has_no_master() -> None:
    assert CalendarObject("a", (OVERRIDE,)).master is None


def test_an_occurrence_of_dates_is_all_day() -> None:
    assert Occurrence(MASTER, date(2026, 11, 22), date(2026, 11, 23)).all_day
