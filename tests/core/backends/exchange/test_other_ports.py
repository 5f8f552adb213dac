"""Free/busy, the address book and mail of an Exchange mailbox, and a colleague's calendar at each level."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.mirror import MirrorStore
from core.bootstrap_servers import ServerParts
from core.calendar.event import BusyStatus, CalendarObject, Event, Sensitivity
from core.calendar.span import TimeSpan
from core.config.settings import SignIn
from core.errors import NotFound, Refused, TransportError
from core.ports.mail import Delivery, Envelope
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.http import Answer, Request
from core.sandbox.people import Accounts
from core.sharing.permissions import PermissionLevel
from tests.core.backends.exchange.conftest import let_read

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 23, 12, tzinfo=PARIS)
WEEK = TimeSpan(NOON - timedelta(days=3), NOON + timedelta(days=4))


def meeting(title: str, hours: int = 0, **changes: object) -> CalendarObject:
    start = NOON + timedelta(hours=hours)
    uid = f"{title.lower().replace(' ', '-')}@example.org"
    return CalendarObject(uid, (Event(uid, start, start + timedelta(hours=1), title, **changes),))  # type: ignore[arg-type]


@pytest.fixture
async def bruno(open_parts, accounts: Accounts) -> ServerParts:
    sign_in = SignIn("bruno", password=accounts.passwords["bruno"])
    return open_parts(name="bruno", address="bruno@example.org", sign_in=sign_in)


@pytest.fixture
async def busy(bruno: ServerParts) -> None:
    own = (await bruno.calendars.calendars())[0].id
    await bruno.calendars.create(own, meeting("Review", place="Room 4"), "k1")
    away = meeting("Dentist", 3, status=BusyStatus.OUT_OF_OFFICE, sensitivity=Sensitivity.PRIVATE)
    await bruno.calendars.create(own, away, "k2")


async def test_free_busy_says_when_and_how_somebody_is_busy(parts: ServerParts, busy: None):
    (answer,) = await parts.free_busy.free_busy(["bruno@example.org"], WEEK)
    blocks = [(block.span.start, block.status, block.title) for block in answer.blocks]
    assert blocks == [
        (NOON.astimezone(UTC), BusyStatus.BUSY, ""),
        ((NOON + timedelta(hours=3)).astimezone(UTC), BusyStatus.OUT_OF_OFFICE, ""),
    ]
    assert answer.problem == ""


async def test_somebody_unknown_is_unknown_and_not_free(parts: ServerParts, busy: None):
    found = await parts.free_busy.free_busy(["bruno@example.org", "clara@example.net"], WEEK)
    assert [bool(one.problem) for one in found] == [False, True]
    assert found[1].blocks == ()


async def test_a_long_span_is_asked_in_pieces(parts: ServerParts, busy: None, server: ExchangeServer):
    long = TimeSpan(NOON - timedelta(days=50), NOON + timedelta(days=50))
    server.counts.clear()
    (answer,) = await parts.free_busy.free_busy(["bruno@example.org"], long)
    assert server.counts["GetUserAvailability"] == 3
    assert len(answer.blocks) == 2


async def test_working_hours_come_with_their_zone(parts: ServerParts, busy: None):
    (answer,) = await parts.free_busy.free_busy(["bruno@example.org"], WEEK)
    assert answer.hours is not None
    assert answer.hours.hours.days == frozenset(range(5))
    winter = datetime(2026, 1, 15, tzinfo=answer.hours.zone)
    assert winter.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize("text", ["bru", "lefè", "bruno@exam"])
async def test_the_address_book_completes_names_and_addresses(parts: ServerParts, text: str):
    assert [one.address for one in await parts.directory.complete(text)] == ["bruno@example.org"]


async def test_the_address_book_is_asked_once_for_the_same_letters(parts: ServerParts, server: ExchangeServer):
    for _time in range(3):
        await parts.directory.complete("bru")
    assert server.counts["ResolveNames"] == 1


async def test_an_unreachable_address_book_gives_nobody(open_parts):
    from core.backends.exchange.session import Limits

    away = open_parts(Limits(tries=1), server="https://127.0.0.1:9/EWS/Exchange.asmx")
    assert list(await away.directory.complete("bru")) == []


MESSAGE = (
    b"From: Alice Martin <alice@example.org>\r\nTo: Bruno <bruno@example.org>\r\nSubject: Alice Martin Calendar\r\n"
    b"Message-ID: <1@example.org>\r\nDate: Sun, 22 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n'
    b"--b\r\nContent-Type: text/calendar; method=PUBLISH; charset=utf-8\r\n"
    b'Content-Disposition: attachment; filename="Alice.ics"\r\n\r\n'
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    b"DTSTAMP:20261101T000000Z\r\nDTSTART:20261123T110000Z\r\nDTEND:20261123T120000Z\r\nSUMMARY:Busy\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n"
)


async def test_a_message_goes_out_once_and_stands_in_the_other_inbox(parts: ServerParts, bruno: ServerParts):
    envelope = Envelope("<1@example.org>", "alice@example.org", ("bruno@example.org",), MESSAGE)
    results = await parts.transport.send(envelope)
    assert [(one.address, one.delivery) for one in results] == [("bruno@example.org", Delivery.SENT)]
    (ref,) = await bruno.messages.messages()
    assert ref.subject == "Alice Martin Calendar"
    assert b"BEGIN:VCALENDAR" in await bruno.messages.read(ref.id) or b"text/calendar" in await bruno.messages.read(
        ref.id
    )


async def test_a_message_that_is_gone_is_not_found(bruno: ServerParts):
    with pytest.raises(NotFound):
        await bruno.messages.read("AAMk-nothing")


@pytest.mark.parametrize(
    ("level", "titles", "seen_at"),
    [
        (PermissionLevel.FREE_BUSY, ["", ""], "availability"),
        (PermissionLevel.FREE_BUSY_DETAILED, ["Review", ""], "limited"),
        (PermissionLevel.REVIEWER, ["Review", ""], "full"),
    ],
)
async def test_a_colleagues_calendar_shows_what_the_right_gives(
    store: MirrorStore, server: ExchangeServer, busy: None, level: PermissionLevel, titles: list[str], seen_at: str
):
    let_read(server, "bruno@example.org", level)
    info = await store.open_shared("bruno@example.org")
    entries = await store.entries([info.id], WEEK, PARIS)
    assert [entry.title for entry in entries] == titles
    assert (info.level, info.owner, info.name) == (seen_at, "bruno@example.org", "Bruno Lefèvre – Calendar")
    assert not info.can.write


async def test_a_right_that_is_taken_away_takes_the_copy_along(
    store: MirrorStore, server: ExchangeServer, busy: None, tmp_path: Path
):
    let_read(server, "bruno@example.org", PermissionLevel.REVIEWER)
    info = await store.open_shared("bruno@example.org")
    let_read(server, "bruno@example.org", PermissionLevel.NONE)
    await store.refresh()
    assert info.id not in [one.id for one in await store.calendars()]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "home" / "data").rglob("*.ics"))
    assert b"Review" not in kept


async def test_a_right_that_gets_less_leaves_nothing_of_what_it_showed(
    store: MirrorStore, server: ExchangeServer, busy: None, tmp_path: Path
):
    let_read(server, "bruno@example.org", PermissionLevel.REVIEWER)
    await store.open_shared("bruno@example.org")
    let_read(server, "bruno@example.org", PermissionLevel.FREE_BUSY)
    await store.refresh()
    shared = next(one for one in await store.calendars() if one.owner)
    assert shared.level == "availability"
    kept = b"".join(path.read_bytes() for path in (tmp_path / "home" / "data").rglob("*.ics"))
    assert b"Review" not in kept


async def test_without_the_right_to_write_nothing_is_queued(store: MirrorStore, server: ExchangeServer, busy: None):
    let_read(server, "bruno@example.org", PermissionLevel.REVIEWER)
    info = await store.open_shared("bruno@example.org")
    with pytest.raises(Refused):
        await store.put(info.id, meeting("Mine"), expected_etag=None)
    assert await store.writes() == []


async def test_an_editor_writes_into_a_colleagues_calendar(store: MirrorStore, server: ExchangeServer, busy: None):
    let_read(server, "bruno@example.org", PermissionLevel.EDITOR)
    info = await store.open_shared("bruno@example.org")
    await store.put(info.id, meeting("From Alice", 5), expected_etag=None)
    await store.pushed(20)
    folder = server.organisation.mailboxes["bruno@example.org"].distinguished["calendar"]
    assert "From Alice" in [item.text("Subject") for item in folder.items.values()]


async def test_nobodys_calendar_is_not_found(store: MirrorStore, server: ExchangeServer, busy: None):
    let_read(server, "bruno@example.org", PermissionLevel.NONE)
    with pytest.raises(NotFound) as refused:
        await store.open_shared("bruno@example.org")
    assert "bruno@example.org" in refused.value.message


async def test_an_answer_without_the_message_is_no_message(parts: ServerParts, server: ExchangeServer):
    usual = server.answer

    def without(request: Request) -> Answer:
        answer = usual(request)
        return replace(
            answer, body=re.sub(rb"(?s)<m:GetItemResponseMessage .*</m:GetItemResponseMessage>", b"", answer.body)
        )

    server.answer = without
    with pytest.raises(TransportError):
        await parts.messages.read("AAMk")
