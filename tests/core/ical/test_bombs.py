"""Files that are made to eat time or memory: each is answered, with what can be read of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from core.ical.decode import decode
from core.ical.encode import encode_object
from core.index.exact import things
from core.services.pieces import cut
from tests.cost import MEGABYTES, SECONDS, cheapest
from tests.soak import soak

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
START = "DTSTART:20260105T090000Z"
MANY = 20_000


def calendar(*lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode()


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", "UID:a", START, *lines, "END:VEVENT"])


def zoned(tzid: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", "UID:a", f"DTSTART;TZID={tzid}:20260105T090000", "END:VEVENT"])


def zone(name: str, observances: int, rule: str) -> str:
    offsets = "DTSTART:19700101T000000\r\nTZOFFSETFROM:+0117\r\nTZOFFSETTO:+0217"
    one = f"BEGIN:STANDARD\r\n{offsets}\r\nRRULE:{rule}\r\nEND:STANDARD"
    return "\r\n".join(["BEGIN:VTIMEZONE", f"TZID:{name}", *[one] * observances, "END:VTIMEZONE"])


SIZE_BOMBS = {
    "attendees with unknown parameters": event(*(f"ATTENDEE;X-P=1:mailto:a{n}@example.org" for n in range(MANY))),
    "attendees with unknown answers": event(*(f"ATTENDEE;PARTSTAT=X-{n}:mailto:a{n}@example.org" for n in range(MANY))),
    "dates to leave out": event("RRULE:FREQ=DAILY", "EXDATE:" + ",".join(["20260105T090000Z"] * MANY)),
    "further dates, a line each": event(*["RDATE:20260105T090000Z"] * MANY),
    "periods": event("RDATE;VALUE=PERIOD:" + ",".join(["20260105T090000Z/PT2H"] * MANY)),
    "a line of megabytes": event("DESCRIPTION:" + "a" * 5_000_000),
    "a quote that is never closed": event('ATTENDEE;CN="' + "a" * 3_000_000),
    "a parameter of megabytes": event("SUMMARY;X-P=" + "^n" * 500_000 + ":x"),
    "backslashes": event("SUMMARY:" + "\\" * 500_000),
    "commas": event("CATEGORIES:" + "," * 500_000),
    "categories": event("CATEGORIES:" + ",".join(map(str, range(MANY)))),
    "reminders": event(*["BEGIN:VALARM\r\nTRIGGER:-PT1M\r\nEND:VALARM"] * MANY),
    "nested components": event(*["BEGIN:X"] * MANY),
    "components that never end": "\r\n".join(["BEGIN:VEVENT"] * MANY) + "\r\n" + event(),
    "zones that never end": "\r\n".join(["BEGIN:VTIMEZONE\r\nTZID:x"] * MANY) + "\r\n" + event(),
    "events that never end": "\r\n".join(["BEGIN:VEVENT\r\nUID:x"] * MANY) + "\r\n" + event(),
    "alarms that never end": event().replace("UID", "BEGIN:VALARM\r\n" * MANY + "UID") + "\r\n" + event(),
    "ends that are none": "BEGIN:VEVENT\r\n" + "\r\n".join(["END:VEVENTX\r\nBEGIN:VEVENT"] * MANY) + "\r\n" + event(),
    "ends of nothing": "\r\n".join(["END:X"] * MANY) + "\r\n" + event(),
    "one event many times": "\r\n".join([event()] * 3_000),
    "many events with one UID": "\r\n".join(
        event().replace("20260105", f"{2000 + n // 300:04d}{n % 12 + 1:02d}{n % 28 + 1:02d}") for n in range(3_000)
    ),
    "changes of one instance": event() + "\r\n" + "\r\n".join([event("RECURRENCE-ID:20260105T090000Z")] * 3_000),
    "a zone of a thousand rules": zone("Mine", 2_000, "FREQ=SECONDLY") + "\r\n" + zoned("Mine"),
    "a thousand zones": "\r\n".join(
        zone(f"Mine {n}x", 1, "FREQ=YEARLY") + "\r\n" + zoned(f"Mine {n}x") for n in range(1_000)
    ),
    "unknown zones": "\r\n".join(zoned(f"Nowhere {n}x") for n in range(3_000)),
    "a long name of a zone": zoned("America/" * 5_000),
    "folds": "BEGIN:VEVENT\r\nUID:a\r\n" + START + "\r\nSUMMARY:x" + "\r\n y" * 100_000 + "\r\nEND:VEVENT",
}


@pytest.mark.parametrize("name", SIZE_BOMBS)
def test_a_file_made_to_eat_time_is_read(name: str) -> None:
    assert decode(calendar(SIZE_BOMBS[name]), now=NOW).objects


@pytest.mark.parametrize("name", SIZE_BOMBS)
def test_what_was_read_of_it_is_written_and_read_again(name: str) -> None:
    thing = decode(calendar(SIZE_BOMBS[name]), now=NOW).objects[0]
    assert decode(encode_object(thing, now=NOW), now=NOW).objects[0].uid == thing.uid


SERIES = (
    "SECONDLY", "MINUTELY", "HOURLY", "DAILY", "YEARLY;BYMONTH=2;BYMONTHDAY=30", "YEARLY;BYEASTER=0",
    "MONTHLY;BYSETPOS=366", "SECONDLY;INTERVAL=0", "YEARLY;INTERVAL=99999999", "DAILY;COUNT=999999999",
    "MINUTELY;BYMONTH=2;BYMONTHDAY=31", "YEARLY;BYWEEKNO=53;BYDAY=MO;BYHOUR=1,2,3;BYMINUTE=0,1,2;BYSECOND=0,1,2",
)  # fmt: skip
BOMBS = SIZE_BOMBS | {f"FREQ={rule}": event(f"RRULE:FREQ={rule}").replace("20260105", "00010101") for rule in SERIES}


def shown(data: bytes) -> None:
    """Read, and two years of it expanded."""
    things(data, 1_760_000_000, 1_830_000_000)


def imported(data: bytes) -> None:
    """Cut into the files of a calendar."""
    cut(data, NOW)


@pytest.mark.slow
@pytest.mark.parametrize("work", [shown, imported])
@pytest.mark.parametrize("name", BOMBS)
@soak("hostile files: bombs answered under 1 s and 300 MB", 1)
def test_a_bomb_costs_less_than_a_second_and_three_hundred_megabytes(name: str, work: Callable[[bytes], None]) -> None:
    work(calendar(event()))  # every module is there
    seconds, megabytes = cheapest(work, calendar(BOMBS[name]))
    assert (seconds < SECONDS, megabytes < MEGABYTES) == (True, True), (seconds, megabytes)
