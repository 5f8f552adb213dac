"""Encoding for oneself: everything comes back, unknown things too, and nothing that is written can be misread."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar.event import (
    Alarm,
    Attachment,
    Attendee,
    AttendeeKind,
    BusyStatus,
    CalendarObject,
    Event,
    EventState,
    Response,
    Role,
    Sensitivity,
)
from core.calendar.people import Address
from core.ical.decode import decode
from core.ical.encode import duration_text, encode_calendar, encode_object
from core.ical.header import CalendarHeader

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ZONES = [ZoneInfo(name) for name in ("Europe/Paris", "America/New_York", "Asia/Kolkata", "Africa/Casablanca")]
TEXT = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=80).map(str.strip)
LINES = st.lists(TEXT, max_size=4).map("\n".join).map(str.strip)
NAME = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), max_size=30).map(str.strip)
WALL = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, fold=0)
)
UTC_TIME = WALL.map(lambda moment: moment.replace(tzinfo=UTC))


def _timed(wall: datetime, zone: object, length: timedelta) -> tuple[datetime, datetime]:
    start = wall.replace(tzinfo=zone)  # type: ignore[arg-type]
    if start.tzinfo is None:
        return start, start + length
    start = start.astimezone(UTC).astimezone(start.tzinfo).replace(fold=0)
    return start, (start.astimezone(UTC) + length).astimezone(start.tzinfo)


LENGTH = st.timedeltas(timedelta(0), timedelta(days=9)).map(
    lambda length: timedelta(seconds=int(length.total_seconds()))
)
TIMES = st.one_of(
    st.builds(_timed, WALL, st.sampled_from([None, UTC, *ZONES]), LENGTH),
    st.dates(date(1990, 1, 1), date(2060, 1, 1)).flatmap(
        lambda day: st.integers(1, 20).map(lambda days: (day, day + timedelta(days=days)))
    ),
)
PEOPLE = st.builds(
    Attendee,
    st.sampled_from(["alice@example.org", "bruno@example.org", "urn:uuid:1"]),
    NAME,
    st.sampled_from(Role),
    st.sampled_from(Response),
    st.sampled_from(list(AttendeeKind)),
    st.booleans(),
)
ATTACHMENTS = st.one_of(
    st.builds(Attachment, NAME, st.just("text/plain"), st.binary(min_size=1, max_size=90)),
    st.builds(
        Attachment, NAME, st.just("application/octet-stream"), st.none(), st.just("https://example.org/a?b=c;d,e")
    ),
)
ALARMS = st.builds(
    Alarm, st.one_of(LENGTH.map(lambda length: -length), UTC_TIME), st.sampled_from(["DISPLAY", "AUDIO"]), TEXT
)


@st.composite
def events(draw: st.DrawFn) -> Event:
    start, end = draw(TIMES)
    return Event(
        uid=draw(st.uuids()).hex,
        start=start,
        end=end,
        title=draw(TEXT),
        place=draw(TEXT),
        description=draw(LINES),
        html=draw(TEXT),
        status=draw(st.sampled_from(BusyStatus)),
        sensitivity=draw(st.sampled_from([None, *Sensitivity])),
        state=draw(st.sampled_from(EventState)),
        organizer=draw(st.none() | NAME.map(lambda name: Attendee("clara@example.net", name))),
        attendees=tuple(draw(st.lists(PEOPLE, max_size=3))),
        categories=tuple(dict.fromkeys(filter(None, draw(st.lists(TEXT, max_size=3))))),
        attachments=tuple(draw(st.lists(ATTACHMENTS, max_size=2))),
        alarms=tuple(draw(st.lists(ALARMS, max_size=2))),
        url=draw(st.sampled_from(["", "https://example.org/x?y=1,2;3"])),
        priority=draw(st.integers(0, 9)),
        importance=draw(st.sampled_from([None, 0, 1, 2])),
        rrule=draw(st.sampled_from(["", "FREQ=WEEKLY;COUNT=4"])),
        exdates=(start,) if draw(st.booleans()) else (),
        sequence=draw(st.integers(0, 99)),
        stamp=draw(UTC_TIME),
        created=draw(st.none() | UTC_TIME),
        modified=draw(st.none() | UTC_TIME),
        extra=tuple(
            draw(st.lists(st.sampled_from(["X-ONE:1", "X-TWO;P=a:b", "GEO:48.85;2.35"]), max_size=2, unique=True))
        ),
    )


def again(event: Event) -> Event:
    (thing,) = decode(encode_object(CalendarObject(event.uid, (event,)), now=NOW), now=NOW).objects
    return thing.events[0]


@settings(max_examples=150, deadline=None)
@given(events())
def test_every_event_comes_back_as_it_was(event: Event) -> None:
    assert again(event) == event


@settings(max_examples=100, deadline=None)
@given(events())
def test_what_is_written_is_read_without_a_single_problem(event: Event) -> None:
    assert decode(encode_object(CalendarObject(event.uid, (event,)), now=NOW), now=NOW).problems == ()


@settings(max_examples=100, deadline=None)
@given(events())
def test_icalendar_reads_the_same_title_and_start(event: Event) -> None:
    data = encode_object(CalendarObject(event.uid, (event,)), now=NOW)
    (found,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert (str(found.get("SUMMARY", "")), found["DTSTART"].dt) == (event.title, event.start)


def kept(*lines: str) -> str:
    """What a decode and an encode make of an event with these lines, unfolded."""
    body = "\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:a", "DTSTART:20260105T090000Z", *lines, "END:VEVENT"])
    (thing,) = decode(f"{body}\r\nEND:VCALENDAR\r\n".encode(), now=NOW).objects
    return encode_object(thing, now=NOW).decode().replace("\r\n ", "")


@pytest.mark.parametrize(
    "line",
    [
        "X-UNKNOWN;X-PARAM=1:value",
        "GEO:48.85;2.35",
        "SUMMARY;LANGUAGE=fr:Bonjour",
        'DESCRIPTION;ALTREP="data:text/html,%3Cb%3E":Bonjour\\, monde',
        "LOCATION;X-APPLE-RADIUS=5:Paris",
        "ATTENDEE;CN=Bruno;X-NUM-GUESTS=2;SCHEDULE-STATUS=1.2:mailto:bruno@example.org",
        "ATTENDEE;PARTSTAT=X-ODD:mailto:bruno@example.org",
        'ORGANIZER;CN=Alice;SENT-BY="mailto:clara@example.net":mailto:alice@example.org',
        "ATTACH;MANAGED-ID=7;FMTTYPE=text/plain:https://example.org/a",
        "CLASS:X-SECRET",
        "STATUS:X-ODD",
        "RRULE;X-NOTE=1:FREQ=DAILY",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "EXRULE:FREQ=DAILY",
        "DURATION;X-P=1:PT1H",
        "DTEND;X-VOBJ-ORIGINAL-TZID=Europe/Paris:20260105T100000Z",
    ],
)
def test_what_we_do_not_know_survives_a_round_trip(line: str) -> None:
    assert f"\r\n{line}\r\n" in kept(line)


def test_a_zone_that_nobody_knows_is_written_again() -> None:
    line = "DTSTART;TZID=Nowhere:20260105T090000"
    body = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n{line}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    (thing,) = decode(body.encode(), now=NOW).objects
    assert f"\r\n{line}\r\n" in encode_object(thing, now=NOW).decode()


def test_an_unknown_component_inside_an_event_survives() -> None:
    assert "BEGIN:VLOCATION\r\nSUMMARY:inside\r\nEND:VLOCATION" in kept(
        "BEGIN:VLOCATION", "SUMMARY:inside", "END:VLOCATION"
    )


def test_a_reminder_related_to_the_end_survives() -> None:
    alarm = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER;RELATED=END:-PT5M", "END:VALARM")
    assert kept("DURATION:PT1H", *alarm).count("TRIGGER") == 1 and "TRIGGER;RELATED=END:-PT5M" in kept(*alarm)


def test_a_changed_title_does_not_come_back_with_its_old_line() -> None:
    event = Event("a", NOW, NOW, title="new", extra=("SUMMARY;LANGUAGE=fr:ancien",))
    assert b"ancien" not in encode_object(CalendarObject("a", (event,)), now=NOW)


def test_a_changed_answer_keeps_the_unknown_parameters_of_that_person() -> None:
    bruno = Attendee("bruno@example.org", response=Response.ACCEPTED)
    event = Event("a", NOW, NOW, attendees=(bruno,), extra=("ATTENDEE;X-NUM-GUESTS=2:mailto:bruno@example.org",))
    text = encode_object(CalendarObject("a", (event,)), now=NOW).decode()
    assert "ATTENDEE;PARTSTAT=ACCEPTED;X-NUM-GUESTS=2:mailto:bruno@example.org" in text


def test_a_title_cannot_add_a_line() -> None:
    event = Event("a", NOW, NOW, title="x\r\nATTACH:file:///etc/passwd\rEND:VEVENT", url="https://e\r\nX-BAD:1")
    text = encode_object(CalendarObject("a", (event,)), now=NOW).decode()
    assert (
        not [line for line in text.split("\r\n") if line.startswith(("ATTACH", "X-BAD"))] and text.count("\nEND:") == 2
    )


def test_every_zone_that_is_named_is_described() -> None:
    event = Event("a", NOW.astimezone(ZONES[0]), NOW.astimezone(ZONES[1]))
    text = encode_object(CalendarObject("a", (event,)), now=NOW).decode()
    assert all(f"BEGIN:VTIMEZONE\r\nTZID:{zone}\r\n" in text for zone in ZONES[:2])


def test_utc_needs_no_description() -> None:
    event = Event("a", NOW, NOW.astimezone(ZoneInfo("Etc/UTC")))
    assert b"VTIMEZONE" not in encode_object(CalendarObject("a", (event,)), now=NOW)


def test_a_whole_calendar_says_what_it_is() -> None:
    header = CalendarHeader("Alice, 2026", "{1}", Address("alice@example.org", 'A "M"'), True, (NOW, NOW), "PUBLISH",
                            "#31cc7c", "Europe/Paris", timedelta(hours=1))  # fmt: skip
    data = encode_calendar([CalendarObject("a", (Event("a", NOW, NOW),))], header, now=NOW)
    assert decode(data, now=NOW).header == header


def test_a_whole_calendar_has_outlooks_busy_status_on_every_event() -> None:
    data = encode_calendar([CalendarObject("a", (Event("a", NOW, NOW),))], CalendarHeader(), now=NOW)
    assert b"X-MICROSOFT-CDO-BUSYSTATUS:BUSY\r\n" in data


def test_a_file_of_the_vdir_has_it_only_where_other_programs_cannot_say_it() -> None:
    out = replace(Event("a", NOW, NOW), status=BusyStatus.OUT_OF_OFFICE)
    found = [encode_object(CalendarObject("a", (each,)), now=NOW) for each in (Event("a", NOW, NOW), out)]
    assert [b"BUSYSTATUS" in data for data in found] == [False, True]


@pytest.mark.parametrize(
    ("length", "text"),
    [(timedelta(0), "PT0S"), (timedelta(minutes=-15), "-PT15M"), (timedelta(days=1, hours=2, seconds=3), "P1DT2H3S")],
)
def test_durations_are_written_as_the_rfc_says(length: timedelta, text: str) -> None:
    assert duration_text(length) == text
