"""A client that nobody here wrote, exchangelib, works with the server as with Microsoft's."""

from __future__ import annotations

from datetime import time, timedelta

import exchangelib as ews
import pytest
from exchangelib.protocol import close_connections
from exchangelib.recurrence import (
    AbsoluteMonthlyPattern,
    AbsoluteYearlyPattern,
    DailyPattern,
    Recurrence,
    RelativeMonthlyPattern,
    RelativeYearlyPattern,
    WeeklyPattern,
)

PARIS = ews.EWSTimeZone("Europe/Paris")
NOBODY = "SendToNone"


@pytest.fixture(autouse=True)
def _no_sessions_left():
    """The library keeps sessions, with their passwords, for the whole process."""
    yield
    close_connections()


def account(exchange, who: str = "alice") -> ews.Account:
    configuration = ews.Configuration(
        service_endpoint=exchange.server.ews,
        credentials=ews.Credentials(who, exchange.accounts.passwords[who]),
        auth_type=ews.BASIC,
        version=ews.Version(build=ews.Build(15, 2, 2562, 17), api_version="Exchange2016"),
        retry_policy=ews.FailFast(),
    )
    address = exchange.mailbox(who).address
    return ews.Account(
        address, config=configuration, autodiscover=False, access_type=ews.DELEGATE, default_timezone=PARIS
    )


@pytest.fixture
def alice(empty):
    return account(empty)


def at(day: int, hour: int = 9):
    return ews.EWSDateTime(2027, 5, day, hour, tzinfo=PARIS)


def meeting(alice, **more):
    begin = more.pop("start", at(3))
    item = ews.CalendarItem(
        account=alice,
        folder=alice.calendar,
        **{"subject": "Plan", "start": begin, "end": begin + timedelta(hours=1)} | more,
    )
    item.save(send_meeting_invitations=NOBODY)
    return item


def test_an_appointment_goes_there_and_back(alice):
    meeting(
        alice, location="Room é 1", categories=["A", "B"], body=ews.HTMLBody("<p>Hi</p>"), sensitivity="Private",
        legacy_free_busy_status="OOF", reminder_is_set=True, reminder_minutes_before_start=30,
        required_attendees=["bruno@example.org"], optional_attendees=["clara@example.net"],
    )  # fmt: skip
    (found,) = alice.calendar.all()
    assert (found.location, found.categories, found.body, found.sensitivity) == (
        "Room é 1", ["A", "B"], "<p>Hi</p>", "Private",
    )  # fmt: skip
    assert (found.legacy_free_busy_status, found.reminder_is_set, found.reminder_minutes_before_start) == (
        "OOF",
        True,
        30,
    )
    assert (found.start, found.end) == (at(3, 9), at(3, 10))
    assert [each.mailbox.name for each in found.required_attendees] == ["Bruno Lefèvre"]


def test_an_all_day_item_keeps_its_days(alice):
    days = {"start": ews.EWSDate(2027, 5, 3), "end": ews.EWSDate(2027, 5, 5), "is_all_day": True}
    item = ews.CalendarItem(account=alice, folder=alice.calendar, subject="Trip", **days)
    item.save(send_meeting_invitations=NOBODY)
    found = alice.calendar.get(subject="Trip")
    assert (found.start, found.end, found.is_all_day) == (ews.EWSDate(2027, 5, 3), ews.EWSDate(2027, 5, 5), True)


PATTERNS = (
    DailyPattern(interval=2),
    WeeklyPattern(interval=2, weekdays=["Monday", "Thursday"], first_day_of_week="Monday"),
    AbsoluteMonthlyPattern(interval=1, day_of_month=3),
    RelativeMonthlyPattern(interval=1, weekday="Weekday", week_number="Last"),
    RelativeMonthlyPattern(interval=3, weekday="Monday", week_number="First"),
    AbsoluteYearlyPattern(day_of_month=3, month="May"),
    RelativeYearlyPattern(weekday="Monday", week_number="First", month="May"),
)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda each: type(each).__name__)
def test_each_pattern_is_read_as_it_was_written(alice, pattern):
    meeting(alice, recurrence=Recurrence(pattern=pattern, start=ews.EWSDate(2027, 5, 3), number=4))
    found = alice.calendar.get(subject="Plan").recurrence
    assert type(found.pattern) is type(pattern)
    assert found.boundary.number == 4
    for field in pattern.FIELDS:
        assert getattr(found.pattern, field.name) == getattr(pattern, field.name)


def test_an_instance_changes_and_another_goes(alice):
    pattern = WeeklyPattern(interval=1, weekdays=["Monday"], first_day_of_week="Monday")
    master = meeting(alice, recurrence=Recurrence(pattern=pattern, start=ews.EWSDate(2027, 5, 3), number=4))
    (second,) = alice.fetch([master.occurrence(index=2)])
    second.subject = "Changed"
    second.start, second.end = second.start + timedelta(hours=2), second.end + timedelta(hours=2)
    second.save(update_fields=["subject", "start", "end"], send_meeting_invitations=NOBODY)
    master.occurrence(index=3).delete(send_meeting_cancellations=NOBODY)
    shown = [
        (each.subject, each.type, each.start.astimezone(PARIS).time()) for each in alice.calendar.view(at(1), at(31))
    ]
    assert shown == [
        ("Plan", "Occurrence", time(9)), ("Changed", "Exception", time(11)), ("Plan", "Occurrence", time(9)),
    ]  # fmt: skip
    master.refresh()
    assert [each.original_start.day for each in master.modified_occurrences] == [10]
    assert [each.start.day for each in master.deleted_occurrences] == [17]
    assert alice.fetch([alice.calendar.view(at(9), at(12))[0].recurring_master()]) is not None


def test_a_stale_copy_does_not_overwrite_a_newer_one(alice):
    mine = meeting(alice)
    theirs = alice.calendar.get(subject="Plan")
    theirs.subject = "Theirs"
    theirs.save(update_fields=["subject"], send_meeting_invitations=NOBODY)
    mine.subject = "Mine"
    with pytest.raises(ews.errors.ErrorIrresolvableConflict):
        mine.save(update_fields=["subject"], conflict_resolution="NeverOverwrite", send_meeting_invitations=NOBODY)


def test_a_second_sync_tells_only_what_changed(alice):
    kept, gone = meeting(alice, subject="Kept"), meeting(alice, subject="Gone")
    assert len(list(alice.calendar.sync_items(only_fields=["subject"]))) == 2
    kept.location = "Roof"
    kept.save(update_fields=["location"], send_meeting_invitations=NOBODY)
    gone.delete(send_meeting_cancellations=NOBODY)
    assert sorted(kind for kind, _item in alice.calendar.sync_items(only_fields=["subject"])) == ["delete", "update"]


def test_folders_appear_in_the_tree_and_go(alice):
    calendar = ews.folders.Calendar(parent=alice.calendar, name="Project")
    calendar.save()
    calendar.name = "Project 2"
    calendar.save(update_fields=["name"])
    alice.root.clear_cache()
    assert "Project 2" in [each.name for each in alice.calendar.children]
    calendar.delete()
    alice.root.clear_cache()
    assert [each.name for each in alice.calendar.children] == []


def test_free_time_and_names_are_found(empty, alice):
    meeting(alice, legacy_free_busy_status="Busy")
    bruno = account(empty, "bruno")
    (found,) = bruno.protocol.get_free_busy_info(
        accounts=[("alice@example.org", "Required", False)], start=at(3, 0), end=at(4, 0), merged_free_busy_interval=60,
        requested_view="FreeBusyMerged",
    )  # fmt: skip
    assert found.merged == "0" * 9 + "2" + "0" * 14
    assert [each.start for each in found.calendar_events] == [at(3, 9)]
    assert [each.email_address for each in bruno.protocol.resolve_names(["ali"])] == ["alice@example.org"]


def test_the_requests_of_a_view_are_few(empty, alice):
    meeting(alice)
    empty.server.counts.clear()
    list(alice.calendar.view(at(1), at(8)).only("subject", "start", "end"))
    assert dict(empty.server.counts) == {"FindItem": 1}


def test_the_version_and_the_way_to_sign_in_are_found_out(empty):
    configuration = ews.Configuration(
        service_endpoint=empty.server.ews,
        credentials=ews.Credentials("alice", empty.accounts.passwords["alice"]),
        retry_policy=ews.FailFast(),
    )
    found = ews.Account("alice@example.org", config=configuration, autodiscover=False, access_type=ews.DELEGATE)
    assert found.calendar.total_count == 0
    assert found.protocol.auth_type == ews.NTLM
    assert found.version.build.major_version == 15
