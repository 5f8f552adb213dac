"""Decoding: what each property becomes, what is repaired, and that nothing bad takes its neighbours with it."""

from __future__ import annotations

import base64
import random
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import BusyStatus, Event, EventState, Response, Role, Sensitivity
from core.calendar.people import Address
from core.errors import Unreadable
from core.ical.decode import Decoded, decode
from core.ical.encode import encode_object
from core.ical.vtimezone import RuleZone
from tests.soak import chance, parts, scaled, soak

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
REAL = Path(__file__).parents[4] / "shared" / "data" / "ics"
MUTANTS = scaled(600, 20_000)


def calendar(*lines: str, head: str = "") -> bytes:
    body = "\n".join(lines)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{body}\nEND:VCALENDAR\n".encode()


def event(*lines: str) -> str:
    return "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def read(*lines: str) -> Decoded:
    return decode(calendar(event(*lines)), now=NOW)


def one(*lines: str) -> Event:
    (thing,) = read("UID:a@example.org", *lines).objects
    return thing.events[0]


START = "DTSTART:20260105T090000Z"


def said(found: Decoded, word: str) -> bool:
    return any(word in problem.what for problem in found.problems)


# What the properties become


def test_a_time_in_utc_is_in_utc() -> None:
    assert one(START).start == datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_a_time_in_an_iana_zone_keeps_its_zone() -> None:
    assert one("DTSTART;TZID=Europe/Paris:20260105T090000").start == datetime(2026, 1, 5, 9, tzinfo=PARIS)


def test_a_windows_name_becomes_the_iana_zone() -> None:
    assert str(one('DTSTART;TZID="Romance Standard Time":20260105T090000').start.tzinfo) == "Europe/Paris"  # type: ignore[union-attr]


def test_a_time_without_a_zone_is_floating() -> None:
    assert one("DTSTART:20260105T090000").start == datetime(2026, 1, 5, 9)


def test_a_date_is_an_all_day_event_of_one_day() -> None:
    found = one("DTSTART;VALUE=DATE:20260105")
    assert (found.start, found.end, found.all_day) == (date(2026, 1, 5), date(2026, 1, 6), True)


def test_a_time_without_end_and_duration_has_no_length() -> None:
    found = one(START)
    assert found.end == found.start


def test_a_duration_of_a_day_is_a_day_by_the_calendar() -> None:
    found = one("DTSTART;TZID=Europe/Paris:20260328T120000", "DURATION:P1D")
    assert found.end == datetime(2026, 3, 29, 12, tzinfo=PARIS)


def test_a_duration_of_24_hours_is_exact() -> None:
    found = one("DTSTART;TZID=Europe/Paris:20260328T120000", "DURATION:PT24H")
    assert found.end == datetime(2026, 3, 29, 13, tzinfo=PARIS)


def test_texts_lose_their_escapes() -> None:
    found = one(START, r"SUMMARY:Budget\, 2026\; final", r"DESCRIPTION:one\ntwo", "LOCATION:Room 1")
    assert (found.title, found.description, found.place) == ("Budget, 2026; final", "one\ntwo", "Room 1")


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([], BusyStatus.BUSY),
        (["TRANSP:TRANSPARENT"], BusyStatus.FREE),
        (["STATUS:TENTATIVE"], BusyStatus.TENTATIVE),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OOF", "TRANSP:OPAQUE"], BusyStatus.OUT_OF_OFFICE),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OUTOFOFFICE"], BusyStatus.OUT_OF_OFFICE),
        (["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"], BusyStatus.WORKING_ELSEWHERE),
        (["X-MICROSOFT-MSNCALENDAR-BUSYSTATUS:TENTATIVE"], BusyStatus.TENTATIVE),
        (["X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "TRANSP:TRANSPARENT"], BusyStatus.BUSY),
        (["X-MICROSOFT-CDO-BUSYSTATUS:ODD", "TRANSP:TRANSPARENT"], BusyStatus.FREE),
    ],
)
def test_the_busy_status_is_outlooks_else_what_transp_and_status_say(lines: list[str], status: BusyStatus) -> None:
    assert one(START, *lines).status is status


@pytest.mark.parametrize("word", ["CANCELLED", "canceled"])
def test_a_cancelled_event_is_cancelled(word: str) -> None:
    assert one(START, f"STATUS:{word}").state is EventState.CANCELLED


def test_an_unknown_class_is_private() -> None:
    assert one(START, "CLASS:X-SECRET").sensitivity is Sensitivity.PRIVATE


def test_a_class_that_is_not_said_stays_unsaid() -> None:
    assert one(START).sensitivity is None


def test_people_have_name_role_and_answer() -> None:
    line = 'ATTENDEE;CN="Martin, Alice";ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=TRUE:MAILTO:alice@example.org'
    (who,) = one(START, line).attendees
    assert (who.address, who.name, who.role, who.response, who.rsvp) == (
        "alice@example.org", "Martin, Alice", Role.OPTIONAL, Response.ACCEPTED, True,
    )  # fmt: skip


def test_an_attached_file_is_decoded() -> None:
    content = base64.b64encode(b"minutes").decode()
    line = f"ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=minutes.txt:{content}"
    (found,) = one(START, line).attachments
    assert (found.content, found.name, found.media_type) == (b"minutes", "minutes.txt", "text/plain")


def test_an_attached_link_stays_a_link() -> None:
    assert one(START, "ATTACH:https://example.org/minutes").attachments[0].url == "https://example.org/minutes"


def test_html_notes_are_kept_beside_the_text() -> None:
    assert one(START, r"X-ALT-DESC;FMTTYPE=text/html:<b>a\, b</b>").html == "<b>a, b</b>"


ALARM = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:Soon", "X-UNKNOWN:1", "END:VALARM")


def test_a_reminder_has_its_time_and_keeps_what_we_do_not_know() -> None:
    (alarm,) = one(START, *ALARM).alarms
    assert (alarm.trigger, alarm.description, alarm.extra) == (timedelta(minutes=-15), "Soon", ("X-UNKNOWN:1",))


def test_a_reminder_before_the_end_is_counted_from_the_start() -> None:
    lines = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER;RELATED=END:-PT10M", "END:VALARM")
    assert one(START, "DURATION:PT1H", *lines).alarms[0].trigger == timedelta(minutes=50)


def test_instances_and_their_series_are_one_object_with_the_master_first() -> None:
    override = event("UID:a", "RECURRENCE-ID:20260106T090000Z", "DTSTART:20260106T100000Z")
    (thing,) = decode(calendar(override, event("UID:a", START, "RRULE:FREQ=DAILY")), now=NOW).objects
    assert [each.recurrence_id is None for each in thing.events] == [True, False]


# The calendar itself


def test_outlooks_header_is_read() -> None:
    head = (
        "METHOD:PUBLISH\nX-WR-CALNAME:Alice\nX-WR-RELCALID:{0000002E}\nX-PRIMARY-CALENDAR:TRUE\n"
        'X-OWNER;CN="Alice Martin":mailto:alice@example.org\nX-CLIPSTART:20260104T230000Z\nX-CLIPEND:20260105T230000Z\n'
        "X-PUBLISHED-TTL:PT15M\nX-APPLE-CALENDAR-COLOR:#31CC7CFF\nX-WR-TIMEZONE:Romance Standard Time\n"
    )
    found = decode(calendar(head=head), now=NOW).header
    assert found.owner == Address("alice@example.org", "Alice Martin")
    assert found.clip == (datetime(2026, 1, 4, 23, tzinfo=UTC), datetime(2026, 1, 5, 23, tzinfo=UTC))
    assert (found.name, found.relation, found.primary, found.method) == ("Alice", "{0000002E}", True, "PUBLISH")
    assert (found.colour, found.ttl, found.time_zone) == ("#31cc7c", timedelta(minutes=15), "Europe/Paris")


def test_a_name_cannot_carry_a_mail_header() -> None:
    head = "X-WR-CALNAME:=?utf-8?q?Team=0D=0ABcc:_x?=\\nBcc: y\n"
    assert decode(calendar(head=head), now=NOW).header.name == "= ?utf-8?q?Team=0D=0ABcc:_x?= Bcc: y"


@pytest.mark.parametrize(("count", "single"), [(1, True), (2, False)])
def test_a_file_that_forces_the_inspector_is_one_event_only_when_it_holds_one(count: int, single: bool) -> None:
    events = [event(f"UID:{number}", START) for number in range(count)]
    found = decode(calendar(*events, head="X-MS-OLK-FORCEINSPECTOROPEN:TRUE\n"), now=NOW)
    assert found.header.opens_single is single


# Repairs, each with its line


def test_a_bare_event_without_a_calendar_is_read() -> None:
    found = decode(event("UID:a", START).encode(), now=NOW)
    assert (len(found.objects), found.problems[0].line) == (1, 1)


def test_a_missing_uid_is_made_from_the_content_and_stays_the_same_at_the_next_export() -> None:
    first, second = (read(START, "SUMMARY:x", f"DTSTAMP:2026010{n}T000000Z").objects[0].uid for n in (1, 2))
    assert first == second


def test_two_events_without_uid_stay_two() -> None:
    data = calendar(event(START, "SUMMARY:x"), event(START, "SUMMARY:y"))
    assert len({thing.uid for thing in decode(data, now=NOW).objects}) == 2


def test_two_different_events_with_one_uid_stay_two() -> None:
    data = calendar(event("UID:a", START), event("UID:a", "DTSTART:20260206T090000Z", "SUMMARY:other"))
    assert len({thing.uid for thing in decode(data, now=NOW).objects}) == 2


def test_of_two_versions_of_an_event_the_higher_sequence_counts() -> None:
    data = calendar(event("UID:a", START, "SEQUENCE:2", "SUMMARY:new"), event("UID:a", START, "SEQUENCE:1"))
    (thing,) = decode(data, now=NOW).objects
    assert thing.events[0].title == "new"


def test_an_end_before_the_start_is_repaired() -> None:
    found = read("UID:a", START, "DTEND:20260105T080000Z")
    assert found.objects[0].events[0].end == datetime(2026, 1, 5, 9, tzinfo=UTC) and said(found, "before the start")


def test_an_all_day_event_that_ends_on_its_first_day_lasts_that_day() -> None:
    assert one("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260105").end == date(2026, 1, 6)


def test_an_end_that_is_a_date_ends_at_its_midnight() -> None:
    found = one("DTSTART;TZID=Europe/Paris:20260105T090000", "DTEND;VALUE=DATE:20260106")
    assert found.end == datetime(2026, 1, 6, tzinfo=PARIS)


@pytest.mark.parametrize(
    "value",
    ["2026-01-05T09:00:00Z", "20260105T0900Z", "20260105T090000z", ' 20260105T090000Z"', "2026-01-05T10:00:00+01:00"],
)
def test_a_time_in_another_spelling_is_read_and_reported(value: str) -> None:
    found = read("UID:a", f"DTSTART:{value}")
    assert found.objects[0].events[0].start == datetime(2026, 1, 5, 9, tzinfo=UTC) and said(found, "not written as")


def test_a_date_at_midnight_that_says_it_is_a_date_is_one() -> None:
    assert one("DTSTART;VALUE=DATE:20260105T000000").start == date(2026, 1, 5)


def test_an_unknown_zone_is_reported_once_and_taken_as_local_time() -> None:
    found = read("UID:a", "DTSTART;TZID=Nowhere:20260105T090000", "DTEND;TZID=Nowhere:20260105T100000")
    assert found.objects[0].events[0].start == datetime(2026, 1, 5, 9)
    assert sum("Nowhere" in problem.what for problem in found.problems) == 1


@pytest.mark.parametrize("tzid", ["/etc/localtime", "America", "../../../etc/passwd", "x" * 5000, "localtime", "\x00"])
def test_a_zone_never_opens_a_file(tzid: str) -> None:
    assert one(f"DTSTART;TZID={tzid}:20260105T090000").start.tzinfo is None  # type: ignore[union-attr]


CUSTOM = (
    "BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:{dst}\nTZOFFSETTO:{std}\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\n"
    "TZOFFSETFROM:{std}\nTZOFFSETTO:{dst}\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE"
)
MINE = event("UID:a", "DTSTART;TZID=Customized Time Zone:20260705T090000")


def test_a_custom_zone_of_outlook_becomes_the_iana_zone_with_its_rules() -> None:
    zone = CUSTOM.format(name="Customized Time Zone", std="+0100", dst="+0200")
    (thing,) = decode(calendar(zone, MINE), now=NOW).objects
    assert (str(thing.events[0].start.tzinfo), thing.zones) == ("Europe/Berlin", ())  # type: ignore[union-attr]


def test_a_custom_zone_like_no_other_keeps_its_own_rules() -> None:
    zone = CUSTOM.format(name="Customized Time Zone", std="+0117", dst="+0217")
    (thing,) = decode(calendar(zone, MINE), now=NOW).objects
    assert isinstance(thing.events[0].start, datetime)
    assert thing.events[0].start.utcoffset() == timedelta(hours=2, minutes=17)
    assert thing.zones[0][0] == "Customized Time Zone"


def test_a_custom_zone_is_written_again_and_read_again() -> None:
    zone = CUSTOM.format(name="Customized Time Zone", std="+0117", dst="+0217")
    (thing,) = decode(calendar(zone, MINE), now=NOW).objects
    assert decode(encode_object(thing, now=NOW), now=NOW).objects[0].zones == thing.zones


def test_a_zone_bomb_gives_an_offset_all_the_same() -> None:
    zone = CUSTOM.format(name="Customized Time Zone", std="+0117", dst="+0217").replace("FREQ=YEARLY", "FREQ=SECONDLY")
    (thing,) = decode(calendar(zone, MINE), now=NOW).objects
    start = thing.events[0].start
    assert isinstance(start, datetime) and isinstance(start.tzinfo, RuleZone) and start.utcoffset() is not None


def test_a_rule_that_cannot_be_read_survives_and_is_reported() -> None:
    found = read("UID:a", START, "RRULE:FREQ=DAILY;INTERVAL=0")
    assert "RRULE:FREQ=DAILY;INTERVAL=0" in found.objects[0].events[0].extra and said(found, "only the first instance")


def test_a_count_of_minus_one_means_no_end() -> None:
    assert one(START, "RRULE:FREQ=DAILY;COUNT=-1").rrule == "FREQ=DAILY"


def test_a_problem_names_the_line() -> None:
    found = read("UID:a", START, "PRIORITY:high")
    assert [problem.line for problem in found.problems] == [6]


# Isolation


@pytest.mark.parametrize(
    "bad",
    [
        event("UID:b"), event("UID:b", "DTSTART:"), event("UID:b", "DTSTART:20269999T000000Z"),
        event("UID:b", "DTSTART:00000101"), event("UID:b", START, "RECURRENCE-ID:never"),
        "BEGIN:VEVENT\nUID:b", event("UID:b", "garbage without colon", "DTSTART"), "END:VEVENT\nEND:VEVENT",
        "\n".join(["BEGIN:X"] * 10_000), "\x00\x01\x02", "BEGIN:VTIMEZONE\nEND:VTIMEZONE",
        event("UID:b", "DTSTART;TZID=America/Argentina:20260101T000000", "DURATION:P99999999999W"),
    ],
)  # fmt: skip
def test_a_bad_event_takes_no_other_with_it(bad: str) -> None:
    found = decode(calendar(event("UID:first", START), bad, event("UID:last", START)), now=NOW)
    assert {"first", "last"} <= {thing.uid for thing in found.objects}


def test_an_event_that_is_left_out_is_named_with_its_line() -> None:
    found = decode(calendar(event("UID:a", START), event("UID:b")), now=NOW)
    assert [(problem.line, problem.repaired) for problem in found.problems if not problem.repaired] == [(7, False)]


def test_a_calendar_of_tasks_is_a_calendar_without_events() -> None:
    found = decode(calendar("BEGIN:VTODO\nUID:t\nEND:VTODO"), now=NOW)
    assert (found.objects, found.problems[0].line) == ((), 3)


@pytest.mark.parametrize("data", [b"", b" \r\n", b"<html><body>Sign in</body></html>", b"\x89PNG\r\n", b"hello: world"])
def test_what_is_no_calendar_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(data, now=NOW)


def test_an_event_of_a_thousand_repairs_is_described_in_a_few_lines() -> None:
    data = calendar(*(event("UID:a", START, "PRIORITY:x") for _n in range(2_000)))
    assert len(decode(data, now=NOW).problems) <= 201


# Foreign files and mutants


@pytest.mark.skipif(
    not REAL.is_dir(), reason=f"no calendar files by other programs are there: .ics files belong below {REAL}"
)
@soak("real files: imported, or one line with a reason", 1)
def test_every_file_of_other_programs_is_read_within_two_seconds() -> None:
    slow = []
    for path in (path for path in sorted(REAL.rglob("*")) if path.is_file()):
        begun = time.process_time()
        decode(path.read_bytes(), now=NOW)
        if time.process_time() - begun > 2:
            slow.append(path.name)
    assert slow == []


@pytest.mark.skipif(
    not REAL.is_dir(), reason=f"no calendar files by other programs are there: .ics files belong below {REAL}"
)
@soak("real files: imported, or one line with a reason", 1)
def test_every_event_of_other_programs_survives_a_round_trip() -> None:
    for path in (path for path in sorted(REAL.rglob("*")) if path.is_file()):
        for thing in decode(path.read_bytes(), now=NOW).objects:
            (again,) = decode(encode_object(thing, now=NOW), now=NOW).objects
            for before, after in zip(thing.events, again.events, strict=True):
                assert _facts(before) == _facts(after), path.name


def _facts(each: Event) -> dict[str, object]:
    """All but DTSTAMP, which is made where there is none, and the order of the lines that we do not know."""
    facts = {name: getattr(each, name) for name in Event.__slots__ if name not in ("stamp", "extra")}
    return facts | {"extra": sorted(each.extra)}


SEED = calendar(
    CUSTOM.format(name="Mine", std="+0117", dst="+0217"),
    event("UID:a", "DTSTART;TZID=Mine:20260105T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=MO",
          "EXDATE;TZID=Mine:20260112T090000", 'ATTENDEE;CN="Bruno":mailto:b@example.org', "CATEGORIES:a,b",
          "ATTACH;ENCODING=BASE64;VALUE=BINARY:YWJj", *ALARM),
    event("UID:a", "RECURRENCE-ID;TZID=Mine;RANGE=THISANDFUTURE:20260119T090000", "DTSTART:20260119T100000Z"),
    event("UID:b", "DTSTART;VALUE=DATE:20260105", "RDATE;VALUE=DATE:20260107", "X-ALT-DESC;FMTTYPE=text/html:<p>é</p>"),
    head='X-CLIPSTART:20260101T000000Z\nX-OWNER;CN="A":mailto:a@example.org\nX-PUBLISHED-TTL:PT1H\n',
)  # fmt: skip
PIECES = [b":", b";", b"\n", b"\r", b" ", b'"', b"=", b",", b"\\", b"\x00", b"\xff", b"BEGIN:VEVENT\n", b"END:VEVENT\n",
          b"END:VCALENDAR\n", b"00000000", b"99999999", b"-", b"P", b"T", b"Z", b"FREQ=SECONDLY", b"INTERVAL=0",
]  # fmt: skip


def mutant(chance: random.Random, seed: bytes) -> bytes:
    data = bytearray(seed)
    for _change in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case 2:
                data[at:at] = chance.choice(PIECES)
            case 3:
                other = chance.randrange(len(data))
                data[at:at] = data[other : other + chance.randint(1, 80)]
            case _:
                del data[at:]
        if not data:
            return b"\n"
    return bytes(data)


@pytest.mark.slow
@soak("hostile files: mutants read, 0 uncaught", MUTANTS)
@pytest.mark.parametrize("trials", parts(MUTANTS, 5_000))
def test_no_mutant_raises_anything_but_unreadable_and_each_survives_a_round_trip(trials: int) -> None:
    draw = chance(11)
    for _trial in range(trials):
        data = mutant(draw, SEED)
        try:
            things = decode(data, now=NOW).objects
        except Unreadable:
            continue
        for thing in things:
            again = decode(encode_object(thing, now=NOW), now=NOW).objects
            assert [each.uid for each in again] == [thing.uid], data
