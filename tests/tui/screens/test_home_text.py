"""What the home screen says in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.calendar.entry import Entry
from core.calendar.event import BusyStatus
from core.calendar.span import DateRange
from core.ports.calendars import CalendarInfo, CalendarKind, Capabilities, SnapshotFacts
from tui.screens.home_text import describe, describe_moment, note_of

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 18, 10, 42, tzinfo=PARIS)
NINE = datetime(2026, 11, 18, 9, tzinfo=PARIS)


def _entry(title: str = "Call", **more) -> Entry:
    return Entry(
        "1",
        "u",
        "c",
        title,
        more.pop("start", NINE),
        more.pop("end", NINE + timedelta(hours=1)),
        BusyStatus.BUSY,
        **more,
    )


def test_an_event_is_told_in_one_line():
    text = describe(_entry(place="Room 4", private=True, recurring=True), PARIS)
    assert text == "Call  Wed, Nov 18 9:00 AM – 10:00 AM  Room 4  Busy  Private  Repeats"


def test_an_event_over_midnight_names_both_days():
    assert "Wed, Nov 18 9:00 AM – Thu, Nov 19 9:00 AM" in describe(_entry(end=NINE + timedelta(days=1)), PARIS)


def test_whole_days_have_no_times():
    entry = _entry(start=date(2026, 11, 18), end=date(2026, 11, 21), all_day=True)
    assert "Wed, Nov 18 – Fri, Nov 20" in describe(entry, PARIS)


def test_another_time_zone_is_named():
    assert describe(_entry(time_zone="America/New_York"), PARIS).endswith("America/New_York")
    assert "Europe/Paris" not in describe(_entry(time_zone="Europe/Paris"), PARIS)


def test_where_titles_are_hidden_the_status_is_said_once():
    assert describe(_entry(""), PARIS).count("Busy") == 1


def test_escape_sequences_are_made_visible():
    assert "\x1b" not in describe(_entry("a\x1b[2J", place="\x1b]0;x\x07"), PARIS)


def test_an_empty_slot_is_told_by_day_and_time():
    assert describe_moment(datetime(2026, 11, 18, 9, 30), hours=True) == "Wed, Nov 18 9:30 AM"


def _info(kind: CalendarKind, **more) -> CalendarInfo:
    return CalendarInfo("a", "a", "local", kind, **more)


def test_a_snapshot_is_marked_with_its_age():
    facts = SnapshotFacts(DateRange(), NOW - timedelta(days=3))
    assert note_of(_info(CalendarKind.SNAPSHOT, snapshot=facts), NOW) == "Snapshot, 3 days old"


def test_a_file_is_marked_as_not_imported():
    assert note_of(_info(CalendarKind.FILE), NOW) == "Looked at, not imported"


def test_a_server_that_was_not_reached_is_said_above_its_calendar():
    office = _info(CalendarKind.EXCHANGE, offline="no answer", refreshed=NOW, can=Capabilities(write=True))
    assert note_of(office, NOW) == "Not reached; copy of 10:42 AM"


def test_a_calendar_of_one_s_own_has_no_note():
    assert note_of(_info(CalendarKind.LOCAL, can=Capabilities(write=True)), NOW) == ""
