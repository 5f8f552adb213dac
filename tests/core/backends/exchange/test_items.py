"""What an event has beside its times, over the wire: HTML, files, people, days, zones that only Windows knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.backends.exchange.calendars import ExchangeCalendars
from core.calendar.event import Attachment, Attendee, CalendarObject, Event, Role
from core.calendar.zones import windows_name
from core.errors import Refused
from core.sandbox.exchange.server import ExchangeServer
from tests.contracts.remote_calendars import NOON, lunch, only

NOTES = Attachment("notes.txt", "text/plain", b"Bring the figures")
PLAN = Attachment("plan.pdf", "application/pdf", bytes(range(256)) * 40)


@pytest.fixture
async def calendar(remote: ExchangeCalendars) -> str:
    return (await remote.calendars())[0].id


async def kept(remote: ExchangeCalendars, calendar: str, thing: CalendarObject) -> Event:
    ref = await remote.create(calendar, thing, "key")
    return (await only(remote, calendar, ref.id)).object.events[0]


async def test_an_html_body_is_kept_with_its_text(remote: ExchangeCalendars, calendar: str):
    event = await kept(remote, calendar, lunch(html="<p>Bring the <b>figures</b></p>", description="Bring the figures"))
    assert "<b>figures</b>" in event.html
    assert event.description.split() == ["Bring", "the", "figures"]


async def test_files_go_along_and_come_back(remote: ExchangeCalendars, calendar: str):
    event = await kept(remote, calendar, lunch(attachments=(NOTES, PLAN)))
    assert {(one.name, one.content) for one in event.attachments} == {
        ("notes.txt", NOTES.content),
        ("plan.pdf", PLAN.content),
    }


async def test_a_file_is_added_and_another_taken_away(remote: ExchangeCalendars, calendar: str):
    before, after = lunch(attachments=(NOTES,)), lunch(attachments=(PLAN,))
    ref = await remote.create(calendar, before, "key")
    new = await remote.update(calendar, ref, before, after, "key-2")
    item = await only(remote, calendar, ref.id)
    assert [one.name for one in item.object.events[0].attachments] == ["plan.pdf"]
    assert (item.ref, item.key, item.unfinished) == (new, "key-2", False)


async def test_people_keep_their_roles_and_nobody_is_written_to(
    remote: ExchangeCalendars, calendar: str, server: ExchangeServer
):
    people = (
        Attendee("bruno@example.org", "Bruno Lefèvre", rsvp=True),
        Attendee("clara@example.net", "Clara Novak", Role.OPTIONAL, rsvp=True),
    )
    event = await kept(remote, calendar, lunch(organizer=Attendee("alice@example.org", "Alice"), attendees=people))
    assert [(one.address, one.role) for one in event.attendees] == [(one.address, one.role) for one in people]
    assert event.organizer is not None
    assert event.organizer.address == "alice@example.org"
    assert not server.organisation.mailboxes["bruno@example.org"].distinguished["inbox"].items


@pytest.mark.parametrize("name", ["Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Adelaide"])
async def test_a_series_keeps_its_hours_over_a_change_of_the_clocks(
    remote: ExchangeCalendars, calendar: str, name: str
):
    assert windows_name(name)
    start = datetime(2026, 3, 1, 9, tzinfo=ZoneInfo(name))
    thing = lunch(start=start, end=start + timedelta(hours=1), rrule="FREQ=WEEKLY;BYDAY=SU")
    event = await kept(remote, calendar, thing)
    assert isinstance(event.start, datetime)
    assert [event.start.replace(month=month).utcoffset() for month in (1, 4, 7, 11)] == [
        start.replace(month=month).utcoffset() for month in (1, 4, 7, 11)
    ]


async def test_a_series_of_days_loses_the_days_that_were_taken_out(remote: ExchangeCalendars, calendar: str):
    first = date(2026, 11, 23)
    master = Event("days@example.org", first, first + timedelta(days=1), "On call", rrule="FREQ=WEEKLY;COUNT=4")
    master = replace(master, exdates=(first + timedelta(days=7),))
    event = await kept(remote, calendar, CalendarObject(master.uid, (master,)))
    assert (event.start, event.exdates) == (first, (first + timedelta(days=7),))


async def test_a_floating_time_is_the_persons_own_and_floats_again_here(remote: ExchangeCalendars, calendar: str):
    start = datetime(2026, 11, 23, 12)
    event = await kept(remote, calendar, lunch(start=start, end=start + timedelta(hours=1)))
    assert event.start == start


def test_a_subject_that_is_too_long_is_refused_before_anything_is_sent(remote: ExchangeCalendars):
    with pytest.raises(Refused) as refused:
        remote.vet(lunch(title="x" * 256))
    assert "255" in refused.value.message


async def test_a_single_appointment_becomes_a_series_and_back(remote: ExchangeCalendars, calendar: str):
    single, series = lunch(), lunch(rrule="FREQ=DAILY;COUNT=3")
    ref = await remote.create(calendar, single, "key")
    ref = await remote.update(calendar, ref, single, series, "key-2")
    assert "COUNT=3" in (await only(remote, calendar, ref.id)).object.events[0].rrule
    ref = await remote.update(calendar, ref, series, single, "key-3")
    event = (await only(remote, calendar, ref.id)).object.events[0]
    assert (event.rrule, event.start) == ("", NOON)
