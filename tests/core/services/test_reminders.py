"""Reminders ring when they are due, for each instance, and once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.calendar.span import TimeSpan
from core.ical.decode import decode
from core.ports.calendars import CalendarInfo, CalendarKind, StoredObject
from core.services.reminders import Channel, Reminders
from tests.core.services.calendars import PARIS


class Clock:
    """23 November 2026, 8:50 in Paris, until it is moved."""

    zone = PARIS

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 8, 50, tzinfo=PARIS)

    def now(self) -> datetime:
        return self.moment


class Shelf:
    """One calendar with what is put there."""

    def __init__(self) -> None:
        self.kind = CalendarKind.LOCAL
        self.events: list[str] = []

    async def calendars(self) -> list[CalendarInfo]:
        return [CalendarInfo("local/work", "Work", "local", self.kind)]

    async def reminding(self, calendar: str, near: TimeSpan, far: TimeSpan) -> list[StoredObject]:
        text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(self.events) + "END:VCALENDAR\r\n"
        return [StoredObject(calendar, one, "1") for one in decode(text.encode(), now=Clock().now()).objects]

    def put(self, *lines: str, alarm: Sequence[str] = ("TRIGGER:-PT15M", "ACTION:DISPLAY"), uid: str = "1") -> None:
        times = (
            [] if any(line.startswith("DTSTART") for line in lines) else ["DTSTART;TZID=Europe/Paris:20261123T090000"]
        )
        body = [f"UID:{uid}", "DTSTAMP:20260101T000000Z", "SUMMARY:Budget", *times, *lines]
        body += ["BEGIN:VALARM", *alarm, "END:VALARM"]
        self.events.append("BEGIN:VEVENT\r\n" + "\r\n".join(body) + "\r\nEND:VEVENT\r\n")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reminders(shelf, clock, tmp_path):
    def make(*command: str) -> Reminders:
        return Reminders(shelf, clock, tmp_path / "state" / "reminders.sqlite3", command)

    return make


async def times(reminders: Reminders) -> list[str]:
    return [f"{one.due.astimezone(PARIS):%d %H:%M}" for one in await reminders.take()]


async def test_a_reminder_rings_so_long_before_its_event(shelf, reminders):
    shelf.put()
    assert await times(reminders()) == ["23 08:45"]


async def test_a_reminder_that_is_not_due_yet_waits(shelf, reminders):
    shelf.put(alarm=["TRIGGER:-PT5M", "ACTION:DISPLAY"])
    assert await times(reminders()) == []


async def test_one_knows_when_the_next_one_rings(shelf, reminders):
    shelf.put(alarm=["TRIGGER:-PT5M", "ACTION:DISPLAY"])
    assert await reminders().next_due() == datetime(2026, 11, 23, 8, 55, tzinfo=PARIS)


async def test_a_reminder_rings_once(shelf, reminders):
    shelf.put()
    await reminders().take()
    assert await times(reminders()) == []


async def test_the_app_and_the_command_each_give_it_out(shelf, reminders):
    shelf.put()
    await reminders().take(Channel.COMMAND)
    assert await times(reminders()) == ["23 08:45"]


async def test_an_event_that_was_moved_rings_again(shelf, reminders, clock):
    shelf.put()
    await reminders().take()
    shelf.events.clear()
    shelf.put("DTSTART;TZID=Europe/Paris:20261123T100000")
    clock.moment += timedelta(hours=1)
    assert await times(reminders()) == ["23 09:45"]


async def test_what_is_more_than_a_day_late_is_not_given_out_any_more(shelf, reminders, clock):
    shelf.put()
    clock.moment += timedelta(days=2)
    assert await times(reminders()) == []


async def test_every_instance_of_a_series_has_its_own_reminder(shelf, reminders, clock):
    shelf.put("RRULE:FREQ=DAILY;COUNT=3")
    found = []
    for _day in range(4):
        found += await times(reminders())
        clock.moment += timedelta(days=1)
    assert found == ["23 08:45", "24 08:45", "25 08:45"]


async def test_a_moved_instance_rings_before_its_new_time(shelf, reminders, clock):
    shelf.put("RRULE:FREQ=DAILY;COUNT=2")
    shelf.put("RECURRENCE-ID;TZID=Europe/Paris:20261124T090000", "DTSTART;TZID=Europe/Paris:20261124T150000")
    await reminders().take()
    clock.moment = datetime(2026, 11, 24, 16, tzinfo=PARIS)
    assert await times(reminders()) == ["24 14:45"]


async def test_a_reminder_at_a_fixed_time_of_a_series_rings_once(shelf, reminders, clock):
    shelf.put("RRULE:FREQ=DAILY;COUNT=3", alarm=["TRIGGER;VALUE=DATE-TIME:20261123T070000Z", "ACTION:DISPLAY"])
    clock.moment += timedelta(hours=10)
    assert await times(reminders()) == ["23 08:00"]


async def test_a_reminder_counted_from_the_end_rings_then(shelf, reminders, clock):
    shelf.put("DURATION:PT1H", alarm=["TRIGGER;RELATED=END:-PT10M", "ACTION:DISPLAY"])
    clock.moment += timedelta(hours=2)
    assert await times(reminders()) == ["23 09:50"]


async def test_an_all_day_event_is_counted_from_midnight_where_one_is(shelf, reminders):
    shelf.put("DTSTART;VALUE=DATE:20261124", alarm=["TRIGGER:-PT16H", "ACTION:DISPLAY"])
    assert await times(reminders()) == ["23 08:00"]


async def test_a_repeated_reminder_rings_again(shelf, reminders):
    alarm = ["TRIGGER:-PT15M", "ACTION:DISPLAY", "REPEAT:2", "DURATION:PT2M"]
    shelf.put(alarm=alarm)
    assert await times(reminders()) == ["23 08:45", "23 08:47", "23 08:49"]


async def test_a_reminder_that_was_acknowledged_elsewhere_is_silent(shelf, reminders):
    shelf.put(alarm=["TRIGGER:-PT15M", "ACTION:DISPLAY", "ACKNOWLEDGED:20261123T074600Z"])
    assert await times(reminders()) == []


@pytest.mark.parametrize("action", ["EMAIL", "NONE", "PROCEDURE"])
async def test_what_is_no_notice_does_not_ring(shelf, reminders, action):
    shelf.put(alarm=["TRIGGER:-PT15M", f"ACTION:{action}"])
    assert await times(reminders()) == []


async def test_a_cancelled_event_does_not_ring(shelf, reminders):
    shelf.put("STATUS:CANCELLED")
    assert await times(reminders()) == []


async def test_a_snapshot_of_somebody_else_does_not_ring(shelf, reminders):
    shelf.kind = CalendarKind.SNAPSHOT
    shelf.put()
    assert await times(reminders()) == []


async def test_the_words_say_what_when_and_where(shelf, reminders):
    shelf.put("LOCATION:Room 2")
    (one,) = await reminders().take()
    assert one.words(PARIS) == "Budget, Nov 23, 2026 9:00 AM, Room 2"


# the command -----------------------------------------------------------------------------------------------------


def script(tmp_path: Path, body: str) -> str:
    file = tmp_path / "remind"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return str(file)


async def test_the_command_gets_the_event_in_its_arguments_and_environment(shelf, reminders, tmp_path):
    shelf.put("LOCATION:Room 2")
    out = tmp_path / "out"
    command = script(tmp_path, f'printf "%s|" "$1" "$PARTAGENDA_START" "$PARTAGENDA_PLACE" > {out}')
    (started,) = await reminders(command, "{title} in {calendar}").run()
    assert (started.problem, out.read_text()) == ("", "Budget in Work|2026-11-23T09:00:00+01:00|Room 2|")


async def test_without_a_command_nothing_is_started_and_nothing_is_used_up(shelf, reminders):
    shelf.put()
    assert await reminders().run() == []
    assert len(await reminders().take(Channel.COMMAND)) == 1


async def test_a_title_never_becomes_an_option_or_a_shell_command(shelf, reminders, tmp_path):
    shelf.put("X-A:1", uid="2")
    shelf.events[0] = shelf.events[0].replace("SUMMARY:Budget", "SUMMARY:--exec $(touch x)\\nBudget")
    out = tmp_path / "out"
    command = script(tmp_path, f'printf "%s|" "$#" "$1" > {out}')
    await reminders(command, "{title}").run()
    assert out.read_text() == "1| --exec $(touch x) Budget|"


async def test_a_command_that_fails_is_told_and_not_started_again(shelf, reminders, tmp_path):
    shelf.put()
    command = script(tmp_path, "exit 3")
    (started,) = await reminders(command).run()
    assert "code 3" in started.problem
    assert await reminders(command).run() == []


async def test_a_command_that_is_not_there_is_told(shelf, reminders, tmp_path):
    shelf.put()
    (started,) = await reminders(str(tmp_path / "missing")).run()
    assert "could not be started" in started.problem


async def test_a_command_that_never_ends_is_stopped(shelf, reminders, monkeypatch):
    monkeypatch.setattr("core.services.reminders.TIME_LIMIT", 0.2)
    shelf.put()
    (started,) = await reminders(sys.executable, "-c", "import time; time.sleep(60)").run()
    assert "was stopped" in started.problem


async def test_what_was_given_out_is_readable_by_its_owner_only(shelf, reminders, tmp_path):
    shelf.put()
    await reminders().take()
    assert (tmp_path / "state" / "reminders.sqlite3").stat().st_mode & 0o077 == 0


FAR = ["TRIGGER:-P2W", "ACTION:DISPLAY"]
ABSOLUTE = ["TRIGGER;VALUE=DATE-TIME:20261123T074500Z", "ACTION:DISPLAY"]


async def kept(tmp_path, clock, *events: str):
    """A real library with these events in one calendar, a file each."""
    from core.services.sources import Source
    from tests.core.services.calendars import open_library

    library = open_library(tmp_path)
    info = await library.create("Work")
    data = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\n" + "".join(events) + "END:VCALENDAR\r\n"
    await library.import_sources([Source("all", data=data.encode())], into=info.id)
    return Reminders(library, clock, tmp_path / "state" / "reminders.sqlite3"), library, info


async def test_the_index_knows_which_events_can_ring_now(shelf, clock, tmp_path):
    shelf.put(uid="soon")
    shelf.put("DTSTART:20261210T090000Z", uid="later")
    shelf.put("DTSTART:20261207T074500Z", alarm=FAR, uid="two weeks before")
    shelf.put("DTSTART:20261215T090000Z", alarm=ABSOLUTE, uid="at a time")
    shelf.put("DTSTART:20261110T090000Z", "RRULE:FREQ=WEEKLY", uid="another day")
    silent = "BEGIN:VEVENT\r\nUID:silent\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20261123T080000Z\r\nEND:VEVENT\r\n"
    reminders, library, info = await kept(tmp_path, clock, *shelf.events, silent)
    near = TimeSpan(clock.moment - timedelta(days=1), clock.moment + timedelta(days=2))
    far = TimeSpan(clock.moment - timedelta(days=32), clock.moment + timedelta(days=32))
    found = await library.reminding(info.id, near, far)
    assert {one.object.uid for one in found} == {"soon", "two weeks before", "at a time", "another day"}
    assert await times(reminders) == ["23 08:45", "23 08:45", "23 08:45"]


async def test_one_look_says_what_is_due_and_what_comes_next(shelf, reminders):
    shelf.put()
    shelf.put(alarm=["TRIGGER:-PT5M", "ACTION:DISPLAY"], uid="2")
    due, after = await reminders().look()
    assert (len(due), after) == (1, datetime(2026, 11, 23, 8, 55, tzinfo=PARIS))
