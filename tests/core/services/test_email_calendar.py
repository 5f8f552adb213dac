"""E-mail Calendar over a real library, a real outbox and a real ledger."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import date
from email import message_from_bytes
from pathlib import Path

import pytest

import core.services.email_calendar as module
from core.calendar.people import Address
from core.calendar.span import DateRange, WorkingHours, days_from
from core.errors import LeakFound, UsageError
from core.services.email_calendar import (
    Draft,
    EmailCalendar,
    Owner,
    Prepared,
    SnapshotRequest,
)
from core.services.ledger import Ledger
from core.services.library import Library, Source
from core.services.outbox import Outbox
from core.services.snapshots import new_uid, relation_of
from core.sharing import pages
from core.sharing.detail import DetailLevel
from core.sharing.snapshot import SnapshotOptions
from tests.core.services.calendars import PARIS, calendar, event, open_library
from tests.soak import chance, scaled, soak

AVAILABILITY, LIMITED, FULL = DetailLevel
TRIALS = scaled(100, 3_000)
ALICE, BRUNO = Address("alice@example.org", "Alice Martin"), Address("bruno@example.org", "Bruno")
CLARA = Address("clara@example.net", "Clara")
WEEK = days_from(date(2026, 11, 23), 7)
SAMPLE = calendar(
    event(
        "lunch-secret-uid",
        "DURATION:PT1H",
        "LOCATION:Canteen of the institute",
        "DESCRIPTION:Join https://meet.example.org/abc\\, passcode 4711",
        "ATTENDEE;CN=Wilhelmina:mailto:wilhelmina@example.net",
        "X-SECRET;X-WHERE=Lisbon:smuggler",
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:wake up call\r\nTRIGGER:-PT5M\r\nEND:VALARM",
        title="Lunch with Wilhelmina",
    ),
    event("doctor", "DURATION:PT1H", "CLASS:PRIVATE", title="Cardiologist", start="DTSTART:20261124T110000Z"),
    event("run", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4", title="Morning run", start="DTSTART:20261125T060000Z"),
)


@dataclass
class World:
    service: EmailCalendar
    library: Library
    outbox: Outbox
    ledger: Ledger
    calendar: str

    def ask(self, level: DetailLevel = AVAILABILITY, days: DateRange = WEEK, **options: bool) -> SnapshotRequest:
        return SnapshotRequest(self.calendar, SnapshotOptions(days, level, **options))

    async def prepare(self, level: DetailLevel = AVAILABILITY, days: DateRange = WEEK, **options: bool) -> Prepared:
        return await self.service.prepare(self.ask(level, days, **options))


@pytest.fixture
async def world(tmp_path: Path, clock, transport: Callable) -> AsyncIterator[World]:
    library = open_library(tmp_path)
    path = tmp_path / "sample.ics"
    path.write_bytes(SAMPLE)
    await library.import_sources([Source("sample", path=path)], name="Work")
    ledger = Ledger(tmp_path / "data" / "ledger.sqlite3")
    mail = transport()
    outbox = Outbox(tmp_path / "state" / "outbox.sqlite3", lambda account: mail, ledger, clock)
    me = Owner("Alice Martin", ALICE, PARIS, WorkingHours())
    info = await library.find("Work")
    yield World(EmailCalendar(library, outbox, me, clock), library, outbox, ledger, info.id)


def letter(prepared: Prepared, **fields: object) -> Draft:
    return Draft(prepared.request, **({"to": (BRUNO,), "subject": "Alice Martin Calendar"} | fields))


async def test_availability_only_prepares_blocks_and_nothing_else(world: World) -> None:
    prepared = await world.prepare()
    names = set(re.findall(r"^([A-Z-]+)[:;]", prepared.ics.decode().split("BEGIN:VEVENT", 1)[1], re.MULTILINE))
    eight = {"DTEND", "DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY", "TRANSP", "UID", "X-MICROSOFT-CDO-BUSYSTATUS"}
    assert names == eight | {"BEGIN", "END"}
    assert prepared.ics.count(b"BEGIN:VEVENT") == 6


async def test_the_list_of_what_leaves_is_said_in_words(world: World) -> None:
    assert (await world.prepare(LIMITED)).leaves == (
        "1 block of time with its status",
        "times, status and subjects of 5 items",
        "1 private item as a plain block",
        "your name and address, and the calendar’s name: Alice Martin <alice@example.org>, Work",
        "the days: Monday, November 23, 2026 – Sunday, November 29, 2026",
        "Time zone: (UTC+01:00) Europe/Paris",
        "your working hours: 8:00 AM – 5:00 PM",
    )


async def test_links_and_passwords_for_joining_are_pointed_out(world: World) -> None:
    assert (await world.prepare(FULL)).warnings == ("1 item holds a link or a password for joining a meeting.",)


async def test_an_empty_range_is_said_before_anything_is_sent(world: World) -> None:
    prepared = await world.prepare(days=days_from(date(2027, 3, 1), 1))
    assert prepared.empty
    assert prepared.warnings == ("Nothing is in this range: the receiver will see an empty calendar.",)


async def test_a_whole_calendar_at_availability_says_how_far_it_goes(world: World) -> None:
    prepared = await world.prepare(days=DateRange())
    assert "Repeating items are written out up to Wednesday, November 22, 2028." in prepared.warnings
    assert "Repeating items are written out up to Wednesday, November 22, 2028." in prepared.text


async def test_another_time_zone_can_be_chosen(world: World) -> None:
    request = replace(world.ask(), time_zone="America/New_York")
    assert "Time zone: (UTC-05:00) America/New York" in (await world.service.prepare(request)).text


async def test_a_time_zone_that_does_not_exist_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="no time zone"):
        await world.service.prepare(replace(world.ask(), time_zone="Mars/Olympus"))


async def test_without_an_address_of_ones_own_nothing_is_prepared(world: World, clock) -> None:
    nobody = EmailCalendar(world.library, world.outbox, Owner("", None, PARIS), clock)
    with pytest.raises(UsageError, match="does not know your e-mail address"):
        await nobody.prepare(world.ask())


async def test_view_as_shows_what_the_level_shows(world: World) -> None:
    titles = [entry.title for entry in await world.service.view_as(LIMITED, world.calendar, WEEK)]
    assert titles == ["Lunch with Wilhelmina", "", *["Morning run"] * 4]


async def test_the_subject_is_outlooks(world: World) -> None:
    assert world.service.default_subject() == "Alice Martin Calendar"


async def test_the_message_goes_to_everybody_and_names_no_bcc(world: World) -> None:
    prepared = await world.prepare()
    composed = world.service.compose(prepared, letter(prepared, bcc=(CLARA,)))
    assert composed.envelope.recipients == ("bruno@example.org", "clara@example.net")
    assert b"clara" not in composed.message.lower()


async def test_the_file_in_the_message_is_the_one_that_was_looked_at(world: World) -> None:
    prepared = await world.prepare()
    parts = list(message_from_bytes(world.service.compose(prepared, letter(prepared)).message).walk())
    assert parts[-1].get_payload(decode=True) == prepared.ics
    assert parts[-1].get_filename() == "Alice Martin Calendar.ics"


async def test_a_message_without_recipients_is_refused(world: World) -> None:
    prepared = await world.prepare()
    with pytest.raises(UsageError, match="nobody to send it to"):
        world.service.compose(prepared, letter(prepared, to=()))


async def test_ones_own_words_may_name_what_is_hidden_and_one_is_told(world: World) -> None:
    prepared = await world.prepare()
    composed = world.service.compose(prepared, letter(prepared, message="I am at the cardiologist’s.\n\nAlice"))
    assert composed.warnings == ("Your message names something that “Availability only” does not show.",)


async def test_an_attendee_can_be_written_to(world: World) -> None:
    prepared = await world.prepare()
    guest = Address("wilhelmina@example.net", "Wilhelmina")
    assert world.service.compose(prepared, letter(prepared, to=(guest,), cc=(CLARA,))).warnings == ()


@pytest.mark.parametrize("output", ["html", "text", "file_name", "encode_shared"])
async def test_a_leak_in_any_part_stops_the_preparation(
    world: World, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    leak = "Cardiologist"
    if output == "file_name":
        monkeypatch.setattr(module, "file_name", lambda title: f"{leak}.ics")
    elif output == "encode_shared":
        whole = module.encode_shared
        monkeypatch.setattr(module, "encode_shared", lambda head, events: whole(replace(head, name=leak), events))
    else:
        page = getattr(pages, output)
        monkeypatch.setattr(pages, output, lambda shot, message="": page(shot, message) + (leak if shot.events else ""))
    with pytest.raises(LeakFound):
        await world.prepare()


async def test_a_leak_that_comes_in_with_the_message_stops_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = await world.prepare()
    page = pages.text
    monkeypatch.setattr(pages, "text", lambda shot, message="": page(shot, message) + "Cardiologist\n")
    with pytest.raises(LeakFound):
        world.service.compose(prepared, letter(prepared))


async def test_sending_goes_through_the_outbox_and_into_the_ledger(world: World) -> None:
    prepared = await world.prepare(LIMITED)
    draft = letter(prepared, cc=(CLARA,))
    outcome = await world.service.send(world.service.compose(prepared, draft), draft, prepared)
    assert outcome.state == "sent"
    told = {(e.person, e.calendar, e.level, e.range, e.how) for e in await world.ledger.entries()}
    facts = ("Work", "limited", "2026-11-23..2026-11-29", "e-mail")
    assert told == {("bruno@example.org", *facts), ("clara@example.net", *facts)}


def test_a_calendars_relation_is_stable_and_its_own() -> None:
    ids = [relation_of("alice@example.org", "local/work"), relation_of("Alice@example.org", "local/work")]
    assert ids[0] == ids[1] != relation_of("alice@example.org", "local/home")
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", ids[0])


def test_uids_are_sixteen_random_bytes() -> None:
    assert len({new_uid() for _n in range(1000)}) == 1000
    assert re.fullmatch(r"[A-Za-z0-9+/]{22}==", new_uid())


async def test_two_sendings_share_no_uid_and_the_same_relation(world: World) -> None:
    one, two = await world.prepare(), await world.prepare()
    uids = [set(re.findall(rb"\nUID:(\S+)", prepared.ics)) for prepared in (one, two)]
    assert not uids[0] & uids[1]
    relations = [re.findall(rb"X-WR-RELCALID:\S+", prepared.ics) for prepared in (one, two)]
    assert relations[0] == relations[1]


@soak("nothing leaks: whatever one types", TRIALS)
async def test_whatever_one_types_is_ones_own_and_no_leak(world: World) -> None:
    prepared = await world.prepare()
    pieces = (
        "Lunch with Wilhelmina",
        "wilhelmina@example.net",
        "=?utf-8?q?x?=",
        '"',
        "\\",
        "\r\n",
        ":",
        "<",
        "é",
        ",",
        "doctor",
    )
    source = chance(7)

    def typed() -> str:
        return "".join(source.choice(pieces) for _n in range(source.randint(0, 6)))

    for _trial in range(TRIALS):
        to = (Address("bruno@example.org", typed()), Address("wilhelmina@example.net", typed()))
        draft = letter(prepared, to=to, cc=(Address("clara@example.net", typed()),), subject=typed(), message=typed())
        composed = world.service.compose(prepared, draft)
        assert composed.envelope.recipients == ("bruno@example.org", "wilhelmina@example.net", "clara@example.net")
