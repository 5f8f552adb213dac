"""The options of a snapshot and what it says of itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from core.calendar.event import Sensitivity
from core.calendar.span import DateRange, days_from
from core.errors import UsageError
from core.sharing.detail import DetailLevel
from core.sharing.snapshot import SnapshotOptions

TODAY = days_from(date(2026, 11, 23), 1)


def test_the_defaults_are_outlooks() -> None:
    options = SnapshotOptions(TODAY)
    assert (options.level.value, options.layout.value) == ("availability", "schedule")
    assert not (options.working_hours_only or options.include_private or options.include_attachments)


def test_private_items_cannot_be_asked_for_at_availability_only() -> None:
    with pytest.raises(UsageError, match="never shows details"):
        SnapshotOptions(TODAY, include_private=True)


@pytest.mark.parametrize("level", [DetailLevel.AVAILABILITY, DetailLevel.LIMITED])
def test_attachments_cannot_be_asked_for_below_full_details(level: DetailLevel) -> None:
    with pytest.raises(UsageError, match="Full details only"):
        SnapshotOptions(TODAY, level, include_attachments=True)


def test_the_window_is_local_midnights(make: SimpleNamespace) -> None:
    window = make.snapshot([], make.options(days=TODAY)).window
    assert (window.start, window.end) == (
        datetime(2026, 11, 22, 23, tzinfo=UTC),
        datetime(2026, 11, 23, 23, tzinfo=UTC),
    )


def test_private_items_that_go_as_blocks_are_counted(make: SimpleNamespace) -> None:
    things = [make.event("a", sensitivity=Sensitivity.PRIVATE), make.event("b")]
    assert make.snapshot(things, make.options(DetailLevel.LIMITED)).hidden == 1


def test_an_empty_range_is_known_to_be_empty(make: SimpleNamespace) -> None:
    assert make.snapshot([make.event("later", make.at(30, 9))]).empty


def test_the_bodies_of_a_whole_calendar_show_thirty_days(make: SimpleNamespace) -> None:
    shot = make.snapshot([make.event("x", rrule="FREQ=DAILY")], make.options(DetailLevel.FULL, days=DateRange()))
    assert (len(shot.days), shot.shortened, len(shot.events)) == (30, True, 1)
    assert len(shot.items) == 29


def test_the_bodies_of_a_long_range_stop_after_a_quarter(make: SimpleNamespace) -> None:
    shot = make.snapshot([], make.options(days=days_from(make.monday, 400)))
    assert (len(shot.days), shot.shortened) == (92, True)
