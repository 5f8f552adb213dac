"""The list of calendars."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.span import DateRange
from core.language import _, use_language
from core.ports.calendars import CalendarInfo, CalendarKind, SnapshotFacts
from tui.widgets.calendar_list import age, rows_of, short_name

NOW = datetime(2026, 11, 18, 10, 42, tzinfo=ZoneInfo("Europe/Paris"))


def _info(name: str, kind: CalendarKind = CalendarKind.LOCAL, **more) -> CalendarInfo:
    return CalendarInfo(f"local/{name}", name, "local", kind, **more)


def _texts(*infos: CalendarInfo) -> list[str]:
    return [row.text for row in rows_of(infos, NOW)]


def test_calendars_stand_in_groups():
    infos = [
        _info("Calendar"),
        _info("a.ics", CalendarKind.FILE),
        _info("Bruno – Calendar", CalendarKind.SNAPSHOT, owner="bruno@example.org"),
        _info("Clara – Calendar", CalendarKind.EXCHANGE, owner="clara@example.org"),
        _info("Team"),
        _info("Office", CalendarKind.EXCHANGE),
    ]
    assert _texts(*infos) == [
        *("My Calendars", "Calendar", "Team", "Office", ""),
        *("Shared with Me", "Bruno – Calendar", "Clara – Calendar", ""),
        *("Files Looked At", "a.ics"),
    ]


def test_a_calendar_from_the_internet_is_none_of_ones_own():
    feed = _info("Clara – Calendar", CalendarKind.FEED, refreshed=NOW)
    assert _texts(_info("Calendar"), feed)[:5] == ["My Calendars", "Calendar", "", "Shared with Me", "Clara – Calendar"]


def test_a_snapshot_says_its_days_and_its_age():
    facts = SnapshotFacts(DateRange(date(2026, 11, 16), date(2026, 11, 20)), NOW - timedelta(days=3))
    texts = _texts(_info("Bruno", CalendarKind.SNAPSHOT, snapshot=facts))
    assert texts[-2:] == ["Nov 16 – 20, 2026", "3 days old"]


def test_a_calendar_that_cannot_be_read_says_why():
    assert _texts(_info("Team", problem="Permission denied"))[-1] == "Permission denied"


def test_a_server_that_was_not_reached_is_said_with_the_time_of_the_copy():
    office = _info("Office", CalendarKind.EXCHANGE, offline="no answer", refreshed=NOW - timedelta(minutes=40))
    assert _texts(office)[-1] == "Offline 10:02 AM"
    assert _texts(replace(office, refreshed=NOW - timedelta(days=2)))[-1] == "Offline Nov 16, 2026"


def test_what_a_server_has_not_confirmed_is_counted():
    assert _texts(_info("Office", CalendarKind.EXCHANGE, waiting=2))[-1] == "2 changes wait"


def test_control_characters_in_names_are_made_visible():
    assert "\x1b" not in "".join(_texts(_info("a\x1b]0;x\x07")))


@pytest.mark.parametrize(
    ("days", "text"), [(0, "of today"), (1, "1 day old"), (30, "30 days old"), (90, "Aug 20, 2026")]
)
def test_ages_are_said_in_days_and_then_by_date(days: int, text: str):
    assert age(NOW - timedelta(days=days), NOW) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Calendar", "Calendar"),
        ("Clara – Calendar", "Clara – Calendar"),
        ("Alice Martin – Calendar", "Alice Martin"),
        ("Alice Martin – Rota", "Alice Ma… – Rota"),
        ("Alice Martin – All that is planned", "Alice Martin – …"),
        ("Everything that is planned", "Everything that…"),
    ],
)
def test_a_name_that_is_too_long_loses_what_all_of_them_have_before_anything_else(name: str, shown: str):
    assert short_name(name, 16) == shown


def test_the_part_that_all_of_them_have_is_known_in_french():
    use_language("fr")
    name = _("{name} – Calendar").format(name="Alice Martin")
    assert short_name(name, 16) == "Alice Martin"
