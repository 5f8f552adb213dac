"""Sharing messages that came: what is claimed, who really sent it, what can be opened, and nothing before a yes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import pytest

from core.calendar.people import Address
from core.errors import NotFound, Refused
from core.ports.calendars import CalendarInfo, CalendarKind
from core.services.inbox import InboxItem
from core.services.receiving import Receiving
from core.sharing.incoming import MessageKind, read_message
from tests.core.sharing import sharing_samples as sample

OPENED = CalendarInfo("office/alice", "Alice Martin – Calendar", "office", CalendarKind.EXCHANGE, "alice@example.org")


class Letterbox:
    def __init__(self, data: bytes) -> None:
        self.data = data

    async def read(self, id: str):  # noqa: A002
        message = read_message(self.data)
        sender = message.sender or Address("")
        item = InboxItem(id, MessageKind.INVITATION, sender, "", "", "", datetime(2026, 11, 27, tzinfo=UTC), "mail")
        return item, message


class Store:
    """A store of a server's calendars that notes whom it was asked to open."""

    account = "office"

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[str] = []
        self.error = error

    async def facts(self, calendar: str):
        return {}

    async def open_shared(self, owner: str, folder: str = "") -> CalendarInfo:
        self.asked.append(f"{owner} {folder}".strip())
        if self.error:
            raise self.error
        return OPENED


class Feeds:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []

    async def __call__(self, url: str, name: str, allowed: Collection[str]) -> CalendarInfo:
        self.asked.append((url, name, tuple(allowed)))
        return OPENED


def receiving(data: bytes, *stores: Store, feeds: Feeds | None = None) -> Receiving:
    return Receiving(Letterbox(data), stores, ["bruno@example.org"], feeds)


INSIDE = sample.message(sample.headers("20310"), sample.metadata(sample.invitation(sample.internal())))
ICS = "https://dav.example.org/alice.ics"


def outside(ics: str) -> bytes:
    return sample.message("", sample.metadata(sample.invitation(sample.published("bruno@example.org", ics, ics))))


async def test_judging_asks_nothing_of_anybody():
    store, feeds = Store(), Feeds()
    for data in (INSIDE, outside(ICS)):
        await receiving(data, store, feeds=feeds).offer("1")
    assert (store.asked, feeds.asked) == ([], [])


async def test_a_calendar_on_ones_server_is_opened_by_its_owner():
    store = Store()
    service = receiving(INSIDE, store)
    assert await service.open(await service.offer("1")) == OPENED
    assert store.asked == ["alice@example.org"]


async def test_a_calendar_that_is_not_the_default_one_is_opened_by_its_folder():
    store = Store()
    service = receiving(sample.message(sample.headers("310", "402B0")), store)
    await service.open(await service.offer("1"))
    assert store.asked == [f"alice@example.org {sample.ENTRY_ID}"]


async def test_a_published_calendar_is_subscribed_to_by_its_address():
    feeds = Feeds()
    service = receiving(outside(ICS), feeds=feeds)
    await service.open(await service.offer("1"))
    assert feeds.asked == [(ICS, "Alice Martin – Calendar", ())]


async def test_the_first_account_that_knows_the_owner_opens_it():
    first, second = Store(NotFound("nobody")), Store()
    service = receiving(INSIDE, first, second)
    assert await service.open(await service.offer("1")) == OPENED


async def test_access_that_was_withdrawn_is_said_in_the_servers_words():
    service = receiving(INSIDE, Store(Refused("Alice shows you no calendar.")))
    with pytest.raises(Refused, match="no calendar"):
        await service.open(await service.offer("1"))


async def test_who_claims_to_be_somebody_else_is_told_beside_the_true_address():
    data = sample.message(
        sample.headers("20310"),
        sample.metadata(sample.invitation(sample.internal())),
        sender="Alice Martin <mallory@example.com>",
    )
    offer = await receiving(data, Store()).offer("1")
    assert offer.impostor
    assert any("mallory@example.com" in line and "alice@example.org" in line for line in offer.lines)


async def test_an_address_in_a_private_network_needs_a_yes_of_its_own():
    feeds = Feeds()
    service = receiving(outside("https://192.168.1.1/a.ics"), feeds=feeds)
    offer = await service.offer("1")
    assert offer.private == "192.168.1.1"
    with pytest.raises(Refused, match="private network"):
        await service.open(offer)
    assert feeds.asked == []
    await service.open(offer, private=True)
    assert [allowed for _url, _name, allowed in feeds.asked] == [("192.168.1.1",)]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (outside("file:///etc/passwd"), "file"),
        (outside("\\\\server\\share\\a.ics"), "Windows network"),
        (outside("http://example.org/a.ics"), "not encrypted"),
        (sample.message("", sample.metadata(sample.invitation(sample.EXTERNAL))), "sealed"),
        (
            sample.message("", sample.metadata(sample.invitation(sample.internal()), data_type="contacts")),
            "contacts",
        ),
        (sample.message(sample.headers("20310", remote=False)), "does not say where"),
        (sample.message("", sample.metadata("", declaration='<!DOCTYPE x SYSTEM "http://x/">')), "definitions"),
    ],
    ids=["file", "unc", "http", "sealed", "contacts", "nowhere", "bomb"],
)
async def test_what_cannot_be_opened_is_explained_and_nothing_is_fetched(data: bytes, word: str):
    store, feeds = Store(), Feeds()
    service = receiving(data, store, feeds=feeds)
    offer = await service.offer("1")
    assert not offer.can_open
    assert any(word in line for line in offer.lines)
    with pytest.raises(Refused):
        await service.open(offer, private=True)
    assert (store.asked, feeds.asked) == ([], [])


async def test_without_an_account_on_a_server_the_way_to_one_is_said():
    offer = await receiving(INSIDE).offer("1")
    assert "account add" in offer.problem


async def test_an_ordinary_message_offers_nothing():
    with pytest.raises(Refused):
        await receiving(sample.message(subject="Hello")).offer("1")
