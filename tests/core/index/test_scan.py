"""The scanner says what the tolerant codec says, or leaves the file to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Unreadable
from core.index.blocks import Unusual
from core.index.database import PRIVATE
from core.index.exact import things
from core.index.scan import LIMIT, Scanner
from tests.bench import corpus
from tests.soak import chance, parts, scaled, soak

LOW, HIGH = 1_300_000_000, 1_900_000_000
GENERATED = scaled(300, 100_000)


def wrapped(*lines: str) -> bytes:
    body = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", "BEGIN:VEVENT", "UID:one", *lines, "END:VEVENT")
    return "".join(f"{line}\r\n" for line in (*body, "END:VCALENDAR")).encode()


def comparable(found):
    """Without the problem's words and the bound, which the codec knows less exactly."""
    return sorted(
        (
            uid,
            sorted((*item[:10], tuple(sorted(span for span in item[10] if LOW <= span[1] < HIGH))) for item in items),
            first,
        )
        for uid, items, first, _last, _problem in found
    )


def agree(data: bytes) -> bool | None:
    """Whether both say the same; None where the scanner leaves the file to the codec."""
    try:
        scanned = Scanner(LOW, HIGH).scan(data)
    except Unusual:
        return None
    return comparable(scanned) == comparable(things(data, LOW, HIGH))


@soak("scanner and codec agree: real files", 162)
def test_on_every_real_file_the_scanner_says_what_the_codec_says_or_nothing(shared_ics: list[Path]) -> None:
    answers = {path: agree(path.read_bytes()) for path in shared_ics if is_calendar(path)}
    assert [path.name for path, same in answers.items() if same is False] == []
    assert sum(same is True for same in answers.values()) > 40


def is_calendar(path: Path) -> bool:
    try:
        things(path.read_bytes(), LOW, HIGH)
    except Unreadable:
        return False
    return True


@pytest.mark.parametrize("trials", parts(GENERATED, 10_000))
@soak("scanner and codec agree: generated events", GENERATED)
def test_on_a_generated_calendar_the_scanner_says_what_the_codec_says(trials: int) -> None:
    draw = chance(30)
    head = corpus.HEAD.replace("\n", "\r\n").encode()
    zones = {name: text.replace("\n", "\r\n").encode() for name, text in corpus.VTIMEZONES.items()}
    for number in range(trials):
        sample = corpus.make(draw, number)
        zone = b"" if sample.all_day else zones.get(sample.zone, b"")
        data = head + zone + corpus.body(sample) + b"END:VCALENDAR\r\n"
        assert agree(data) is True, data.decode()


USUAL = {
    "a rule that never matches": ("DTSTART:20261123T110000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
    "a plain event": ("DTSTART:20261123T110000Z", "DTEND:20261123T120000Z", "SUMMARY:Lunch"),
    "a dotless i": ("DTSTART:20261123T110000Z", "SUMMARY:Işık"),
    "alarms and what stands between": (
        "DTSTART:20261123T110000Z",
        "BEGIN:VALARM",
        "TRIGGER:-PT5M",
        "END:VALARM",
        "SUMMARY:Lunch",
        "BEGIN:X-A",
        "SUMMARY:Not this",
        "END:X-A",
        "LOCATION:Canteen",
        "BEGIN:VALARM",
        "TRIGGER:-P3D",
        "END:VALARM",
    ),
    "a zone": ("DTSTART;TZID=Europe/Paris:20261123T120000", "DURATION:PT1H30M"),
    "a Windows zone": ("DTSTART;TZID=W. Europe Standard Time:20261123T120000", "DURATION:PT1H"),
    "a quoted zone": ('DTSTART;TZID="Eastern Standard Time":20261123T120000', "DURATION:PT1H"),
    "all day": ("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261125"),
    "all day without an end": ("DTSTART;VALUE=DATE:20261123",),
    "floating": ("DTSTART:20261123T120000", "DTEND:20261123T130000"),
    "no length": ("DTSTART:20261123T110000Z",),
    "over the change of clocks": (
        "DTSTART;TZID=Europe/Paris:20261025T010000",
        "DTEND;TZID=Europe/Paris:20261025T040000",
    ),
    "in the gap": ("DTSTART;TZID=Europe/Paris:20270328T023000", "DURATION:PT1H"),
    "weekly over the change of clocks": (
        "DTSTART;TZID=Europe/Paris:20261001T023000",
        "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY;BYDAY=SU,TH;COUNT=12",
    ),
    "until in UTC": (
        "DTSTART;TZID=America/New_York:20261001T200000",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY;UNTIL=20261006T000000Z",
    ),
    "exceptions": (
        "DTSTART;VALUE=DATE:20261123",
        "RRULE:FREQ=DAILY;COUNT=9",
        "EXDATE;VALUE=DATE:20261124,20261126",
        "EXDATE;VALUE=DATE:20261125",
    ),
    "private, tentative, free": (
        "DTSTART:20261123T110000Z",
        "CLASS:CONFIDENTIAL",
        "STATUS:TENTATIVE",
        "TRANSP:TRANSPARENT",
    ),
    "out of office": ("DTSTART:20261123T110000Z", "X-MICROSOFT-CDO-BUSYSTATUS:OOF"),
    "cancelled": ("DTSTART:20261123T110000Z", "STATUS:CANCELLED"),
    "people": (
        "DTSTART:20261123T110000Z",
        'ORGANIZER;CN="Martin, Alice":mailto:alice@example.org',
        "ATTENDEE;CN=Bruno;ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED:MAILTO:bruno@example.org",
        'ATTENDEE;CN="a:b;c^n^^^\'d";PARTSTAT=X-NEW:mailto:clara@example.net',
    ),
    "escapes": ("DTSTART:20261123T110000Z", r"SUMMARY:a\, b\; c\\n d\ne \x", 'DESCRIPTION;ALTREP="cid:x":No\\N tes'),
    "folded": ("DTSTART:20261123T110000Z", "SUMMARY:Lun\r\n ch with\r\n\t a friend"),
    "an alarm with its own text": (
        "DTSTART:20261123T110000Z",
        "BEGIN:VALARM",
        "UID:alarm",
        "TRIGGER:-PT15M",
        "DESCRIPTION:Reminder",
        "END:VALARM",
        "SUMMARY:After the alarm",
    ),
    "reminders in the day before": (
        "DTSTART:20261123T110000Z",
        *("BEGIN:VALARM", "TRIGGER;VALUE=DURATION:-PT1H30M", "ACTION:DISPLAY", "END:VALARM"),
        *("BEGIN:VALARM", "TRIGGER:-P1D", "ACTION:AUDIO", "END:VALARM"),
        *("BEGIN:VALARM", "TRIGGER:PT0S", "ACTION:DISPLAY", "END:VALARM"),
    ),
    "a reminder two weeks before": ("DTSTART:20261123T110000Z", "BEGIN:VALARM", "TRIGGER:-P2W", "END:VALARM"),
    "a reminder afterwards": ("DTSTART:20261123T110000Z", "BEGIN:VALARM", "TRIGGER:PT5M", "END:VALARM"),
    "a reminder from the end": (
        *("DTSTART:20261123T110000Z", "DURATION:PT1H"),
        *("BEGIN:VALARM", "TRIGGER;RELATED=END:-PT5M", "END:VALARM"),
    ),
    "a reminder at a time": (
        "DTSTART:20261123T110000Z",
        *("BEGIN:VALARM", "TRIGGER;VALUE=DATE-TIME:20261101T080000Z", "END:VALARM"),
    ),
    "a reminder that repeats": (
        "DTSTART:20261123T110000Z",
        *("BEGIN:VALARM", "TRIGGER:-PT5M", "REPEAT:3", "DURATION:PT5M", "END:VALARM"),
    ),
}


@pytest.mark.parametrize("lines", USUAL.values(), ids=USUAL.keys())
def test_usual_forms_are_read_by_the_scanner_itself_and_alike(lines: tuple[str, ...]) -> None:
    assert agree(wrapped(*lines)) is True


UNUSUAL = {
    "no start": ("SUMMARY:Lunch",),
    "an unknown zone": ("DTSTART;TZID=Nowhere/Land:20261123T120000",),
    "a zone that is a path": ("DTSTART;TZID=/etc/localtime:20261123T120000",),
    "a rule that is broken": ("DTSTART:20261123T110000Z", "RRULE:FREQ=SOMETIMES"),
    "every second": ("DTSTART:20261123T110000Z", "RRULE:FREQ=SECONDLY"),
    "extra dates": ("DTSTART:20261123T110000Z", "RDATE:20261125T110000Z"),
    "an end before the start": ("DTSTART:20261123T110000Z", "DTEND:20261122T110000Z"),
    "a day that is none": ("DTSTART;VALUE=DATE:20260230",),
    "a class nobody knows": ("DTSTART:20261123T110000Z", "CLASS:SECRET"),
    "a title twice": ("DTSTART:20261123T110000Z", "SUMMARY:One", "SUMMARY:Two"),
    "lower case": ("dtstart:20261123T110000Z",),
    "an event in it that begins with a dotless i": ("DTSTART:20261123T110000Z", "BEGıN:VEVENT", "END:VEVENT"),
    "whole days in a zone": ("DTSTART;TZID=Europe/Paris:20261023T120000", "DURATION:P1D", "RRULE:FREQ=WEEKLY"),
}


@pytest.mark.parametrize("lines", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_what_is_unusual_is_left_to_the_codec(lines: tuple[str, ...]) -> None:
    with pytest.raises(Unusual):
        Scanner(LOW, HIGH).scan(wrapped(*lines))


def test_bytes_that_are_not_utf8_are_left_to_the_codec() -> None:
    with pytest.raises(Unusual):
        Scanner(LOW, HIGH).scan(wrapped("DTSTART:20261123T110000Z", "SUMMARY:x").replace(b":x", b":caf\xe9"))


def test_a_series_never_gives_more_than_its_limit() -> None:
    data = wrapped("DTSTART:20261123T110000Z", "RRULE:FREQ=MINUTELY")
    ((_uid, items, _first, _last, _problem),) = things(data, LOW, HIGH)
    assert 0 < len(items[0][10]) <= LIMIT


def test_an_instance_far_beyond_the_horizon_is_as_private_as_its_series():
    series = ("DTSTART:20261123T110000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "CLASS:PRIVATE", "END:VEVENT")
    moved = ("BEGIN:VEVENT", "UID:one", "RECURRENCE-ID:20261124T110000Z", "DTSTART:20610101T110000Z", "DURATION:PT1H")
    assert agree(wrapped(*series, *moved)) is True


def test_a_silent_instance_after_an_opened_part_of_a_private_series_is_private_in_the_index():
    series = ("DTSTART:20261123T110000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4", "CLASS:PRIVATE", "END:VEVENT")
    opened = ("BEGIN:VEVENT", "UID:one", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T110000Z", "CLASS:PUBLIC")
    silent = ("BEGIN:VEVENT", "UID:one", "RECURRENCE-ID:20261125T110000Z", "SUMMARY:Silent")
    times = ("DTSTART:20261124T110000Z", "DURATION:PT1H", "END:VEVENT")
    ((_uid, items, *_rest),) = things(wrapped(*series, *opened, *times, *silent, *times[:2]), LOW, HIGH)
    assert {item[0]: bool(item[5] & PRIVATE) for item in items}["Silent"]
