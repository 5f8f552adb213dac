"""The .ics that other people get."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import Attachment, Attendee, BusyStatus, SharedEvent
from core.calendar.people import Address
from core.calendar.span import WorkingHours
from core.ical.shared import SharedHeader, encode_shared
from core.language import use_language

PARIS = ZoneInfo("Europe/Paris")
NINE = datetime(2026, 11, 23, 8, tzinfo=UTC)
STAMP = datetime(2026, 11, 22, 8, tzinfo=UTC)
UID = b64encode(bytes(range(16))).decode()


def shared(**fields: object) -> SharedEvent:
    usual = {"uid": UID, "start": NINE, "end": NINE + timedelta(hours=1), "status": BusyStatus.BUSY, "stamp": STAMP}
    return SharedEvent(**(usual | fields))


def header(**fields: object) -> SharedHeader:
    usual = {
        "name": "Alice Martin – Work",
        "relation": "0000002e-5a57-f9ba-4c4d-002770131fd3",
        "owner": Address("alice@example.org", "Alice Martin"),
        "primary": False,
        "zone": PARIS,
        "language": "en",
        "now": STAMP,
        "first_midnight": datetime(2026, 11, 23, tzinfo=PARIS),
        "last_midnight": datetime(2026, 11, 24, tzinfo=PARIS),
        "working_hours": WorkingHours(),
    }
    return SharedHeader(**(usual | fields))


def lines(*events: SharedEvent, **fields: object) -> list[str]:
    data = encode_shared(header(**fields), events)
    return re.sub(rb"\r\n ", b"", data).decode().split("\r\n")


def component(*events: SharedEvent) -> list[str]:
    found = lines(*events)
    return found[found.index("BEGIN:VEVENT") + 1 : found.index("END:VEVENT")]


def test_availability_only_has_exactly_outlooks_eight_properties() -> None:
    assert component(shared()) == [
        "DTEND:20261123T090000Z",
        "DTSTAMP:20261122T080000Z",
        "DTSTART:20261123T080000Z",
        "SEQUENCE:0",
        "SUMMARY;LANGUAGE=en:Busy",
        "TRANSP:OPAQUE",
        f"UID:{UID}",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
    ]


def test_limited_has_the_subject_in_place_of_the_status_word() -> None:
    assert component(shared(title="Budget")) == [
        line.replace("Busy", "Budget") if line.startswith("SUMMARY") else line for line in component(shared())
    ]


def test_the_head_is_outlooks() -> None:
    assert lines(shared(), primary=True)[:16] == [
        "BEGIN:VCALENDAR",
        "PRODID:-//Partagenda//Calendar//EN",
        "VERSION:2.0",
        "METHOD:PUBLISH",
        "X-CALSTART:20261123T080000Z",
        "X-CALEND:20261123T090000Z",
        "X-CLIPSTART:20261122T230000Z",
        "X-CLIPEND:20261123T230000Z",
        "X-WR-RELCALID:{0000002E-5A57-F9BA-4C4D-002770131FD3}",
        "X-WR-CALNAME:Alice Martin – Work",
        "X-PRIMARY-CALENDAR:TRUE",
        'X-OWNER;CN="Alice Martin":mailto:alice@example.org',
        'X-MS-OLK-WKHRSTART;TZID="Europe/Paris":080000',
        'X-MS-OLK-WKHREND;TZID="Europe/Paris":170000',
        "X-MS-OLK-WKHRDAYS:MO,TU,WE,TH,FR",
        "BEGIN:VTIMEZONE",
    ]


def test_only_the_primary_calendar_names_owner_and_hours() -> None:
    assert not [line for line in lines(shared()) if line.startswith(("X-OWNER", "X-PRIMARY", "X-MS-OLK", "BEGIN:VTIM"))]


def test_a_whole_calendar_has_no_window() -> None:
    found = lines(shared(), first_midnight=None, last_midnight=None)
    assert not [line for line in found if line.startswith("X-CLIP")]


def test_nothing_forces_outlook_to_open_single_items() -> None:
    assert not [line for line in lines(shared(), primary=True) if "FORCEINSPECTOROPEN" in line]


@pytest.mark.parametrize(
    ("status", "token", "transparency"),
    [
        (BusyStatus.FREE, "FREE", "TRANSPARENT"),
        (BusyStatus.TENTATIVE, "TENTATIVE", "OPAQUE"),
        (BusyStatus.BUSY, "BUSY", "OPAQUE"),
        (BusyStatus.OUT_OF_OFFICE, "OOF", "OPAQUE"),
        (BusyStatus.WORKING_ELSEWHERE, "WORKINGELSEWHERE", "OPAQUE"),
    ],
)
def test_each_status_has_its_token(status: BusyStatus, token: str, transparency: str) -> None:
    assert {f"X-MICROSOFT-CDO-BUSYSTATUS:{token}", f"TRANSP:{transparency}"} <= set(component(shared(status=status)))


def test_the_status_word_is_in_the_owners_language() -> None:
    use_language("fr")
    assert "SUMMARY;LANGUAGE=fr:" in "\n".join(lines(shared(), language="fr"))


def test_a_series_names_its_zone_and_describes_it_by_rules() -> None:
    start = datetime(2026, 11, 23, 9, tzinfo=PARIS)
    found = lines(shared(title="x", start=start, end=start + timedelta(hours=1), rrule="FREQ=DAILY", exdates=(start,)))
    zone = found[found.index("BEGIN:VTIMEZONE") : found.index("END:VTIMEZONE")]
    assert [line for line in zone if line.startswith("RRULE:FREQ=YEARLY")]
    assert {"DTSTART;TZID=Europe/Paris:20261123T090000", "EXDATE;TZID=Europe/Paris:20261123T090000"} <= set(found)


def test_the_end_of_an_endless_series_is_not_told() -> None:
    assert not [line for line in lines(shared(title="x", rrule="FREQ=DAILY")) if line.startswith("X-CALEND")]


def test_whole_days_are_dates() -> None:
    found = component(shared(title="x", start=date(2026, 11, 23), end=date(2026, 11, 24)))
    assert found[:3:2] == ["DTEND;VALUE=DATE:20261124", "DTSTART;VALUE=DATE:20261123"]


def test_people_have_four_parameters_and_no_more() -> None:
    person = Attendee("bruno@example.org", 'Bruno "B"', rsvp=True)
    assert (
        """ATTENDEE;CN="Bruno ^'B^'";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT"""
        ":mailto:bruno@example.org" in component(shared(title="x", attendees=(person,)))
    )


def test_files_are_inline() -> None:
    file = Attachment("plan.txt", "text/plain", b"the plan")
    assert 'ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;X-FILENAME="plan.txt":dGhlIHBsYW4=' in component(
        shared(title="x", attachments=(file,))
    )


HOSTILE = "x\r\nATTACH:file:///etc/passwd\nEND:VEVENT\x00\x1b;\"'^n:,\\n\u2028"


@pytest.mark.parametrize(
    "fields",
    [
        {"title": HOSTILE},
        {"place": HOSTILE},
        {"description": HOSTILE},
        {"html": HOSTILE},
        {"categories": (HOSTILE,)},
        {"url": HOSTILE},
        {"uid": HOSTILE},
        {"rrule": HOSTILE},
        {"organizer": Attendee(HOSTILE, HOSTILE)},
        {"attendees": (Attendee(HOSTILE, HOSTILE),)},
        {"attachments": (Attachment(HOSTILE, HOSTILE, b"x"), Attachment("", "a/b", None, HOSTILE))},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_no_text_can_begin_a_line_of_its_own(fields: dict[str, object]) -> None:
    found = component(shared(**({"title": "x"} | fields)))
    names = {re.split("[;:]", line)[0] for line in found}
    known = {re.split("[;:]", line)[0] for line in component(shared())}
    more = {"LOCATION", "DESCRIPTION", "X-ALT-DESC", "CATEGORIES", "URL", "RRULE", "ORGANIZER", "ATTENDEE", "ATTACH"}
    assert names <= known | more
    assert len(found) <= 10


def test_a_calendars_name_cannot_begin_a_line_of_its_own() -> None:
    hostile = header(name=HOSTILE, owner=Address("a@example.org", HOSTILE), primary=True)
    names = [re.split(rb"[;:]", line)[0] for line in encode_shared(hostile, []).split(b"\r\n")]
    assert b"ATTACH" not in names
    assert names.count(b"END") == names.count(b"BEGIN")


def test_no_line_is_longer_than_75_octets() -> None:
    data = encode_shared(header(), [shared(title="é" * 500, description="日" * 500)])
    assert max(map(len, data.split(b"\r\n"))) <= 75


def test_icalendar_reads_the_file() -> None:
    from icalendar import Calendar

    start = datetime(2026, 11, 23, 9, tzinfo=PARIS)
    series = shared(title="x", start=start, end=start + timedelta(hours=1), rrule="FREQ=DAILY;COUNT=2")
    read = Calendar.from_ical(encode_shared(header(primary=True), [series]))
    assert [event.decoded("dtstart") for event in read.walk("VEVENT")] == [start]


def test_a_publication_says_how_often_it_is_renewed() -> None:
    found = lines(shared(), every=timedelta(hours=1))
    assert "X-PUBLISHED-TTL:PT60M" in found
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT60M" in found


def test_what_is_sent_once_says_nothing_of_renewal() -> None:
    assert not [line for line in lines(shared()) if "TTL" in line or "REFRESH" in line]
