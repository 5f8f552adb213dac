"""What somebody sees by their right: the server's rule, item by item."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.calendar.entry import Entry
from core.calendar.event import Attendee, BusyStatus
from core.sharing.permission_table import DEFAULT, Delegation, entry, person
from core.sharing.permissions import PermissionLevel
from core.sharing.seen_by import as_seen, explained

PARIS = ZoneInfo("Europe/Paris")
BRUNO = person("bruno@example.org", "Bruno Lefèvre")


def item(title: str, status: BusyStatus = BusyStatus.BUSY, **more: object) -> Entry:
    start = datetime(2026, 11, 24, 9, tzinfo=PARIS)
    people = {"place": "Room 4", "attendees": (Attendee("x@example.org"),)}
    return Entry(title, title, "c", title, start, start.replace(hour=10), status, **(people | more))


ALL = [
    item("Budget"),
    item("Doctor", private=True),
    item("Maybe", BusyStatus.FREE),
    item("Gone", cancelled=True),
]


def seen(level: PermissionLevel) -> list[tuple[str, str, int]]:
    return [(one.title, one.place, len(one.attendees)) for one in as_seen(ALL, entry(BRUNO, level))]


@pytest.mark.parametrize("level", [PermissionLevel.NONE, PermissionLevel.CONTRIBUTOR])
def test_who_may_not_read_sees_nothing(level):
    assert seen(level) == []
    assert as_seen(ALL, None) == []


def test_free_busy_time_shows_times_alone_and_no_free_ones():
    assert seen(PermissionLevel.FREE_BUSY) == [("", "", 0), ("", "", 0)]


def test_subject_and_place_are_shown_but_of_private_items():
    assert seen(PermissionLevel.FREE_BUSY_DETAILED) == [("Budget", "Room 4", 0), ("", "", 0), ("Maybe", "Room 4", 0)]


def test_full_details_show_everything_but_private_items():
    assert seen(PermissionLevel.REVIEWER) == [
        ("Budget", "Room 4", 1),
        ("", "", 0),
        ("Maybe", "Room 4", 1),
        ("Gone", "Room 4", 1),
    ]


def test_a_private_item_says_to_nobody_that_it_is_private():
    assert not as_seen(ALL, entry(BRUNO, PermissionLevel.REVIEWER))[1].private


def test_a_delegate_who_was_given_more_sees_private_items():
    row = entry(BRUNO, PermissionLevel.EDITOR, Delegation(private_items=True))
    assert as_seen(ALL, row)[1].title == "Doctor"
    assert as_seen(ALL, entry(BRUNO, PermissionLevel.EDITOR, Delegation()))[1].title == ""


def test_whose_right_counts_is_said():
    assert "Reviewer" in explained(entry(BRUNO, PermissionLevel.REVIEWER), "Bruno Lefèvre")
    assert "Default counts" in explained(entry(DEFAULT, PermissionLevel.FREE_BUSY), "x@example.org")
    assert "no permission" in explained(None, "x@example.org")
