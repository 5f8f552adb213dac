from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import Alarm, Attendee, BusyStatus, Event, Response, Role, Sensitivity
from core.calendar.event_form import (
    TimeFields,
    alarms_for,
    categories_of,
    change_between,
    default_status,
    invited,
    organized,
    read_zone,
    same_length,
    sensitivity_for,
    time_fields,
)
from core.calendar.people import Address
from core.errors import UsageError

PARIS, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
TODAY = date(2026, 11, 22)
START, END = datetime(2026, 11, 23, 9, tzinfo=PARIS), datetime(2026, 11, 23, 10, 30, tzinfo=PARIS)
EVENT = Event("uid", START, END, "Budget")


def fields(**changed) -> TimeFields:
    values = {
        "start_day": "2026-11-23",
        "start_time": "9:00",
        "end_day": "2026-11-23",
        "end_time": "10:30",
        "all_day": False,
        "zone": "Europe/Paris",
    }
    return TimeFields(**(values | changed))


def test_typed_days_and_times_are_read_in_the_zone_that_is_named():
    start, _end = fields(zone="America/New_York").read(TODAY)
    assert start == datetime(2026, 11, 23, 9, tzinfo=NEW_YORK)


def test_days_may_be_typed_in_words():
    assert fields(start_day="tomorrow", end_day="+1").read(TODAY) == (START, END)


def test_an_outlook_zone_is_known_by_its_own_name():
    assert fields(zone="Romance Standard Time").read(TODAY)[0] == START


def test_no_zone_is_a_time_that_is_the_same_on_every_clock():
    assert fields(zone="").read(TODAY)[0] == datetime(2026, 11, 23, 9)


def test_the_last_day_of_an_all_day_event_is_included():
    assert fields(all_day=True, end_day="2026-11-24").read(TODAY) == (date(2026, 11, 23), date(2026, 11, 25))


def test_an_end_before_the_start_is_refused():
    with pytest.raises(UsageError, match="ends before it starts"):
        fields(end_time="8:00").read(TODAY)


def test_a_zone_that_is_none_is_refused():
    with pytest.raises(UsageError, match="no time zone"):
        read_zone("Atlantis")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (START, END),
        (date(2026, 11, 23), date(2026, 11, 26)),
        (datetime(2026, 11, 23, 9), datetime(2026, 11, 23, 9, 45)),
        (datetime(2026, 11, 23, 22, tzinfo=NEW_YORK), datetime(2026, 11, 24, 1, tzinfo=NEW_YORK)),
    ],
)
def test_what_the_fields_show_is_read_as_the_same_time(start, end):
    assert time_fields(start, end, PARIS).read(TODAY) == (start, end)


def test_an_end_in_another_zone_is_shown_in_that_of_the_start():
    assert time_fields(START, END.astimezone(NEW_YORK), PARIS).end_time == "10:30 AM"


def test_the_length_stays_when_the_start_moves():
    assert same_length((START, END), START + timedelta(days=2)) == END + timedelta(days=2)


def test_the_length_is_real_time_in_the_night_when_clocks_are_turned():
    start = datetime(2026, 10, 25, 1, tzinfo=PARIS)
    end = same_length((START, START + timedelta(hours=3)), start)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=3)


def test_an_event_that_becomes_all_day_lasts_a_day():
    assert same_length((START, END), date(2026, 11, 30)) == date(2026, 12, 1)


def test_an_all_day_event_keeps_its_days():
    assert same_length((date(2026, 11, 23), date(2026, 11, 26)), date(2026, 12, 1)) == date(2026, 12, 4)


def test_categories_are_taken_once_each():
    assert categories_of("Work, Red,, Work ") == ("Work", "Red")


def test_reminders_that_were_not_touched_stay_as_they_were():
    alarms = (Alarm(timedelta(minutes=-15), extra=("X-A:1",)), Alarm(timedelta(hours=-1)))
    event = Event("uid", START, END, alarms=alarms)
    assert alarms_for(timedelta(minutes=-15), event, "Budget") == alarms


def test_another_reminder_takes_the_place_of_those_before():
    event = Event("uid", START, END, alarms=(Alarm(timedelta(minutes=-15)), Alarm(timedelta(hours=-1))))
    assert alarms_for(timedelta(minutes=-5), event, "Budget") == (Alarm(timedelta(minutes=-5), description="Budget"),)


def test_no_reminder_takes_them_away():
    assert alarms_for(None, Event("uid", START, END, alarms=(Alarm(timedelta(minutes=-15)),)), "") == ()


def test_people_who_were_invited_before_keep_their_answer_and_role():
    bruno = Attendee("Bruno@example.org", "Bruno", Role.OPTIONAL, Response.ACCEPTED)
    event = Event("uid", START, END, attendees=(bruno,))
    assert invited((Address("bruno@example.org"), Address("clara@example.net", "Clara")), event) == (
        bruno,
        Attendee("clara@example.net", "Clara", rsvp=True),
    )


def test_somebody_without_a_mail_address_stays_invited():
    room = Attendee("urn:uuid:1", "Room 4")
    assert room in invited((Address("bruno@example.org"),), Event("uid", START, END, attendees=(room,)))


def test_whoever_invites_organizes():
    event = Event("uid", START, END, attendees=(Attendee("bruno@example.org"),))
    organizer = organized(event, Address("alice@example.org", "Alice Martin")).organizer
    assert organizer == Attendee("alice@example.org", "Alice Martin", Role.CHAIR, Response.ACCEPTED)


def test_an_event_of_somebody_else_keeps_its_organizer():
    bruno = Attendee("bruno@example.org")
    event = Event("uid", START, END, organizer=bruno, attendees=(Attendee("clara@example.net"),))
    assert organized(event, Address("alice@example.org")).organizer == bruno


def test_confidential_stays_confidential_where_the_box_was_not_touched():
    event = Event("uid", START, END, sensitivity=Sensitivity.CONFIDENTIAL)
    assert sensitivity_for(True, event) is Sensitivity.CONFIDENTIAL


@pytest.mark.parametrize(("start", "status"), [(START, BusyStatus.BUSY), (date(2026, 11, 23), BusyStatus.FREE)])
def test_all_day_events_are_free_at_first_as_in_outlook(start, status):
    assert default_status(start) is status


def test_nothing_touched_is_no_change():
    assert change_between(EVENT, EVENT).empty


def test_only_what_was_touched_is_a_change():
    import dataclasses

    change = change_between(EVENT, dataclasses.replace(EVENT, place="Room 4"))
    assert change.fields == {"place": "Room 4"}
    assert change.start is None


def test_the_same_instant_in_another_zone_is_a_change():
    import dataclasses

    moved = dataclasses.replace(EVENT, start=START.astimezone(NEW_YORK), end=END.astimezone(NEW_YORK))
    assert change_between(EVENT, moved).start == START


def test_a_repetition_that_was_ended_is_a_change_to_none():
    import dataclasses

    before = dataclasses.replace(EVENT, rrule="FREQ=DAILY")
    assert change_between(before, EVENT).rrule == ""
