"""The quick answer for a month says the same as reading every occurrence of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar.busyness import DayLoad, Loads, loads_of
from core.calendar.span import DateRange
from core.index import read
from core.index.database import open_for_writing
from core.index.entries import add_up, bounds_of, bounds_of_days, entry_of
from core.index.looking import days_touched, rows_in, times_in
from core.index.update import Index

DAYS = DateRange(date(2026, 10, 20), date(2026, 11, 3))
"""The clocks of Europe go back on the 25th, those of America on the 1st."""
NOW = int(datetime(2026, 11, 22, 9, tzinfo=UTC).timestamp())
_MINUTES = st.one_of(st.integers(-3 * 1440, 18 * 1440), st.integers(-3, 18).map(lambda days: days * 1440))
_LENGTHS = st.sampled_from([0, 1, 45, 120, 1440, 2880, 5 * 1440, 40 * 1440, 900 * 1440])
_KINDS = st.sampled_from(["utc", "floating", "day", "Europe/Paris", "America/New_York"])


def _event(number: int, start: int, length: int, kind: str) -> bytes:
    begin = datetime(2026, 10, 20) + timedelta(minutes=start)
    end = begin + timedelta(minutes=length)
    if kind == "day":
        last = max(end.date(), begin.date() + timedelta(days=1))
        times = [f"DTSTART;VALUE=DATE:{begin:%Y%m%d}", f"DTEND;VALUE=DATE:{last:%Y%m%d}"]
    else:
        zone, sign = ("", "Z" if kind == "utc" else "") if kind in ("utc", "floating") else (f";TZID={kind}", "")
        times = [f"DTSTART{zone}:{begin:%Y%m%dT%H%M%S}{sign}", f"DTEND{zone}:{end:%Y%m%dT%H%M%S}{sign}"]
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", "BEGIN:VEVENT", f"UID:{number}", *times]
    return "".join(f"{line}\r\n" for line in [*lines, "END:VEVENT", "END:VCALENDAR"]).encode()


def _index(events: list[tuple[int, int, str]]) -> tuple[Index, int]:
    index = Index(open_for_writing(":memory:"), now=NOW)
    index.db.execute("BEGIN IMMEDIATE")
    n = index.add_calendar("local", "one", "/one")
    index.db.execute("COMMIT")
    index.take_in(n, "one", [(f"{k}.ics", _event(k, *event), (0, 1, k)) for k, event in enumerate(events)])
    return index, n


def _touch(low: int, high: int, row: tuple[int, ...]) -> bool:
    start, end = row[read.START], row[read.END]
    return start < high and (end > low or start == end >= low)


@pytest.mark.parametrize("zone", [ZoneInfo("Europe/Paris"), ZoneInfo("Pacific/Auckland"), ZoneInfo("America/New_York")])
@given(st.lists(st.tuples(_MINUTES, _LENGTHS, _KINDS), max_size=5))
def test_the_days_that_are_told_are_those_that_an_occurrence_touches(
    zone: ZoneInfo, events: list[tuple[int, int, str]]
) -> None:
    index, n = _index(events)
    told = days_touched(index, {n}, bounds_of_days(DAYS, zone), NOW)
    rows = rows_in(index, {n}, bounds_of(DAYS.span(zone), zone), NOW)
    expected, midnight = set(), datetime.min.time()
    for number in range(DAYS.days):
        day = DAYS.first + timedelta(days=number)
        wall = int(datetime.combine(day, midnight, UTC).timestamp())
        low, high = (
            int(datetime.combine(each, datetime.min.time(), zone).timestamp()) for each in (day, day + timedelta(1))
        )
        if any(_touch(wall, wall + 86_400, row) if row[read.LOCAL] else _touch(low, high, row) for row in rows):
            expected.add(day)
    index.db.close()
    assert told == expected


@pytest.mark.parametrize("zone", [ZoneInfo("Europe/Paris"), ZoneInfo("Pacific/Auckland"), ZoneInfo("America/New_York")])
@given(st.lists(st.tuples(_MINUTES, _LENGTHS, _KINDS), max_size=5))
def test_a_year_is_added_up_to_what_its_entries_say(zone: ZoneInfo, events: list[tuple[int, int, str]]) -> None:
    index, n = _index(events)
    bounds = bounds_of(DAYS.span(zone), zone)
    told = add_up(times_in(index, {n}, bounds, NOW), DAYS, zone).result()
    entries = [entry_of(row, {n: "one"}, zone) for row in rows_in(index, {n}, bounds, NOW)]
    index.db.close()
    assert told == loads_of(entries, DAYS.first, DAYS.last)


@given(st.lists(st.tuples(_MINUTES, _LENGTHS), max_size=6))
def test_minutes_are_those_that_a_clock_counts_one_by_one(events: list[tuple[int, int]]) -> None:
    loads = Loads(DAYS.first, DAYS.last)
    begin = int(datetime.combine(DAYS.first, datetime.min.time(), UTC).timestamp())
    spans = [(begin + start * 60, begin + (start + length) * 60) for start, length in events]
    for start, end in spans:
        loads.add(start, end, takes_time=True)
    found = loads.result()
    for number in range(DAYS.days):
        midnight = begin + number * 86_400
        parts = [(s, e) for s, e in spans if not (s <= midnight and e >= midnight + 86_400)]
        minutes = sum(any(s <= midnight + 60 * m < e for s, e in parts) for m in range(1440))
        day = found.get(DAYS.first + timedelta(days=number), DayLoad())
        assert (day.minutes, day.whole) == (minutes, len(parts) < len(spans))


def test_days_of_other_calendars_are_not_told() -> None:
    index, n = _index([(0, 60, "utc")])
    assert days_touched(index, {n + 1}, bounds_of_days(DAYS, ZoneInfo("UTC")), NOW) == frozenset()
    index.db.close()


def test_a_month_full_of_events_costs_no_more_than_a_month_with_one_a_day() -> None:
    steps = []
    for each_day in (1, 60):
        index, n = _index([(day * 1440 + 9 * 60 + k, 30, "utc") for day in range(15) for k in range(each_day)])
        count = 0

        def tick() -> int:
            nonlocal count
            count += 1
            return 0

        index.db.set_progress_handler(tick, 1)
        days_touched(index, {n}, bounds_of_days(DAYS, ZoneInfo("UTC")), NOW)
        index.db.set_progress_handler(None, 0)
        steps.append(count)
        index.db.close()
    assert steps[1] < 1.2 * steps[0]
