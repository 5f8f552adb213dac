"""The inbox lists what came, shows it as text, and opens what is a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from core.backends.maildir import MaildirSource, deliver
from core.calendar.span import WHOLE_CALENDAR, DateRange
from core.errors import NotFound, Refused, StorageError
from core.ports.calendars import CalendarInfo, CalendarKind
from core.services.inbox import Inbox, days_of
from core.sharing.incoming import MessageKind

ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\nX-WR-CALNAME:Alice Martin – Calendar\r\n"
    "X-WR-RELCALID:{{42}}\r\nX-CLIPSTART:20261121T230000Z\r\nX-CLIPEND:20261128T230000Z\r\n"
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261121T230000Z\r\n"
    "DTSTART:20261123T080000Z\r\nDTEND:20261123T090000Z\r\nSUMMARY:Busy\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def message(number: int = 1, method: str = "PUBLISH", text: str = "Hello", sender: str = "alice@example.org") -> bytes:
    head = f"Received: x; Sun, 22 Nov 2026 10:0{number}:00 +0000\r\nFrom: Alice Martin <{sender}>\r\n"
    head += f"Subject: Calendar {number}\r\nMessage-ID: <{number}@example.org>\r\n"
    head += 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    return (
        head + text + "\r\n--b\r\nContent-Type: text/calendar\r\n\r\n" + ICS.format(method=method) + "\r\n--b--\r\n"
    ).encode()


class Opener:
    """Takes what the inbox opens."""

    def __init__(self) -> None:
        self.opened: list[tuple] = []

    async def open_snapshot(self, data, facts, name, ask=None) -> CalendarInfo:
        self.opened.append((data, facts, name))
        return CalendarInfo("local/x", name, "local", CalendarKind.SNAPSHOT, snapshot=facts)


@pytest.fixture
def opener() -> Opener:
    return Opener()


@pytest.fixture
def inbox(tmp_path, opener, clock):
    def make(*folders: str) -> Inbox:
        sources = [MaildirSource(name, tmp_path / name) for name in folders or ("mail",)]
        return Inbox(sources, opener, clock)

    make.put = lambda data, folder="mail": deliver(tmp_path / folder, data)
    make.put(b"From: a@example.org\r\nSubject: no calendar\r\n\r\nx\r\n")
    return make


async def test_a_snapshot_is_listed_with_sender_calendar_and_level(inbox):
    inbox.put(message())
    (item,) = await inbox().items()
    assert (item.kind, item.sender.address, item.calendar, item.level, item.account) == (
        MessageKind.SNAPSHOT,
        "alice@example.org",
        "Alice Martin – Calendar",
        "availability",
        "mail",
    )


async def test_messages_are_listed_oldest_first(inbox):
    for number in (3, 1, 2):
        inbox.put(message(number))
    assert [item.subject for item in await inbox().items()] == ["Calendar 1", "Calendar 2", "Calendar 3"]


async def test_a_message_that_two_accounts_hold_is_listed_once(inbox):
    inbox.put(message(), "mail")
    inbox.put(message(), "archive")
    assert len(await inbox("mail", "archive").items()) == 1


async def test_an_account_that_cannot_be_read_does_not_hide_the_others(inbox):
    inbox.put(message())
    box = inbox("missing", "mail")
    assert (len(await box.items()), len(box.problems)) == (1, 1)


async def test_when_no_account_can_be_read_that_is_the_error(inbox):
    with pytest.raises(StorageError):
        await inbox("missing").items()


async def test_an_item_has_the_same_id_at_every_look(inbox):
    inbox.put(message())
    assert (await inbox().items())[0].id == (await inbox().items())[0].id


async def test_showing_a_message_gives_its_text(inbox):
    inbox.put(message(text="My week, for you"))
    box = inbox()
    shown = await box.show((await box.items())[0].id)
    assert (shown.text, shown.can_open, shown.calendars) == ("My week, for you", True, ("Alice Martin – Calendar",))


async def test_an_unknown_id_is_said(inbox):
    with pytest.raises(NotFound):
        await inbox().show("nothing")


async def test_opening_hands_the_calendar_and_what_is_known_of_it_to_the_library(inbox, opener):
    inbox.put(message())
    box = inbox()
    await box.open((await box.items())[0].id)
    ((data, facts, name),) = opener.opened
    assert (data.startswith(b"BEGIN:VCALENDAR"), facts.sender, facts.relation, facts.window, name) == (
        True,
        "alice@example.org",
        "{42}",
        DateRange(date(2026, 11, 22), date(2026, 11, 28)),
        "Alice Martin – Calendar",
    )


async def test_a_meeting_is_listed_and_not_opened(inbox):
    inbox.put(message(method="REQUEST"))
    box = inbox()
    (item,) = await box.items()
    with pytest.raises(Refused):
        await box.open(item.id)
    assert item.kind is MessageKind.MEETING


async def test_an_invitation_is_explained_and_not_opened(inbox, opener):
    inbox.put(
        b"From: a@example.org\r\nMessage-ID: <9@x>\r\n"
        b"x-sharing-flavor: 20310\r\nx-sharing-remote-name: Work\r\n\r\nHi\r\n"
    )
    box = inbox()
    (item,) = await box.items()
    with pytest.raises(Refused) as caught:
        await box.open(item.id)
    assert (item.calendar, bool(caught.value.hint), opener.opened) == ("Work", True, [])


@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/London", "Europe/Helsinki", "America/New_York", "Asia/Tokyo"])
def test_the_window_has_the_senders_days_in_the_zones_around(zone):
    clip = (datetime(2026, 11, 21, 23, tzinfo=UTC), datetime(2026, 11, 28, 23, tzinfo=UTC))
    assert days_of(clip, ZoneInfo(zone)) == DateRange(date(2026, 11, 22), date(2026, 11, 28))


@pytest.mark.parametrize("years", [(9999, 9999), (1, 1), (2026, 1), (1, 9999)])
def test_a_window_that_makes_no_sense_is_none(years):
    clip = (datetime(years[0], 1, 1, tzinfo=UTC), datetime(years[1], 12, 31, 23, tzinfo=UTC))
    assert days_of(clip, ZoneInfo("America/New_York")) == WHOLE_CALENDAR
