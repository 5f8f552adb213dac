"""Publish This Calendar, over a scripted shell that keeps a folder's state as Exchange does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from core.calendar.people import Address
from core.errors import Refused, StorageError, TransportError
from core.ports.calendars import CalendarInfo, CalendarKind
from core.services.ledger import Ledger, LedgerState
from core.services.publication_store import PublicationStore
from core.services.publish_on_exchange import PublishOnExchange
from core.sharing.detail import DetailLevel
from core.sharing.exchange_publishing import WEB_ADDRESS, ExchangeOptions, Period
from core.sharing.policy import parse_policy

INFO = CalendarInfo("office/1", "Calendar", "office", CalendarKind.EXCHANGE)
WHO = "alice@example.org:\\Calendar"
OPEN, CLOSED = "Anonymous: CalendarSharingFreeBusyDetail", "*: CalendarSharingFreeBusySimple"


class Folder:
    """One calendar folder on the server. `deaf`: it takes commands and does nothing."""

    def __init__(self) -> None:
        self.state: dict[str, object] = {"PublishEnabled": False}
        self.deaf = False
        self.more: dict[str, object] = {}

    async def run(self, cmdlet: str, parameters: Mapping[str, object]):
        if cmdlet.startswith("Set") and not self.deaf:
            self.state |= {name: value for name, value in parameters.items() if name != "Identity"} | self.more
            on = bool(self.state["PublishEnabled"])
            link = "https://mail.example.org/owa/calendar/x/calendar." if on else ""
            self.state |= {"PublishedCalendarUrl": link and link + "html", "PublishedICalUrl": link and link + "ics"}
        return [] if cmdlet.startswith("Set") else [dict(self.state)]


class Office:
    def __init__(self, base, clock, policy: str, *, configured: bool = True) -> None:
        self.folder, self.ledger = Folder(), Ledger(base / "ledger.sqlite3")

        async def policies(_account: str):
            return parse_policy([policy]) if policy else None

        self.service = PublishOnExchange(
            store=PublicationStore(base / "publications.sqlite3"),
            ledger=self.ledger,
            clock=clock,
            shells=lambda _account: self.folder if configured else None,
            policies=policies,
            addresses=lambda _account: Address("alice@example.org"),
        )


async def test_publishing_gives_the_two_links_and_keeps_them(tmp_path, clock):
    office = Office(tmp_path, clock, OPEN)
    links = await office.service.publish(INFO, WHO, ExchangeOptions(DetailLevel.LIMITED))
    assert (links.page[-5:], links.ics[-4:]) == (".html", ".ics")
    assert await office.service.links(INFO) == links
    assert [entry.state for entry in await office.ledger.entries()] == [LedgerState.SENT]


async def test_without_an_anonymous_rule_the_server_is_not_even_asked(tmp_path, clock):
    office = Office(tmp_path, clock, CLOSED)
    with pytest.raises(Refused, match="Anonymous"):
        await office.service.publish(INFO, WHO, ExchangeOptions())
    assert office.folder.state == {"PublishEnabled": False}


async def test_more_than_the_policy_allows_is_refused(tmp_path, clock):
    office = Office(tmp_path, clock, OPEN)
    with pytest.raises(Refused) as caught:
        await office.service.publish(INFO, WHO, ExchangeOptions(DetailLevel.FULL))
    assert "Limited" in caught.value.hint


async def test_a_yes_that_published_nothing_is_not_called_published(tmp_path, clock):
    office = Office(tmp_path, clock, "")
    office.folder.deaf = True
    with pytest.raises(TransportError):
        await office.service.publish(INFO, WHO, ExchangeOptions())
    assert not (await office.service.links(INFO)).ics


async def test_a_server_that_publishes_more_than_asked_is_said(tmp_path, clock):
    office = Office(tmp_path, clock, "")
    office.folder.more = {"DetailLevel": "FullDetails"}
    with pytest.raises(TransportError, match="more"):
        await office.service.publish(INFO, WHO, ExchangeOptions())


async def test_stopping_is_looked_at(tmp_path, clock):
    office = Office(tmp_path, clock, OPEN)
    await office.service.publish(INFO, WHO, ExchangeOptions())
    office.folder.deaf = True
    with pytest.raises(TransportError):
        await office.service.stop(INFO, WHO)
    office.folder.deaf = False
    await office.service.stop(INFO, WHO)
    assert not (await office.service.links(INFO)).ics
    assert [entry.state for entry in await office.ledger.entries()] == [LedgerState.REVOKED]


async def test_without_a_shell_the_command_is_said_and_the_links_are_taken_back(tmp_path, clock):
    office = Office(tmp_path, clock, OPEN, configured=False)
    standing = await office.service.standing(INFO)
    assert (standing.configured, standing.identity) == (False, WHO)
    assert office.service.commands(WHO, ExchangeOptions()).splitlines()[1].startswith("Get-MailboxCalendarFolder")
    with pytest.raises(Refused):
        await office.service.publish(INFO, WHO, ExchangeOptions())
    pasted = "https://mail.example.org/x/calendar.html\nhttps://mail.example.org/x/calendar.ics"
    links = await office.service.take_links(INFO, pasted, ExchangeOptions())
    assert await office.service.links(INFO) == links


async def test_what_was_published_is_listed_with_level_and_days(tmp_path, clock):
    office = Office(tmp_path, clock, OPEN)
    links = await office.service.publish(INFO, WHO, ExchangeOptions(DetailLevel.LIMITED, Period.ONE_WEEK))
    (one,) = await office.service.published()
    assert (one.info, one.identity, one.links, one.options.level) == (INFO, WHO, links, DetailLevel.LIMITED)
    assert (one.range, one.when, one.by_hand) == ("-7d..+92d", clock.now(), False)


async def test_what_was_ended_is_not_listed(tmp_path, clock):
    office = Office(tmp_path, clock, OPEN)
    await office.service.publish(INFO, WHO, ExchangeOptions())
    (one,) = await office.service.published()
    assert office.service.can_ask(one)
    await office.service.stop(one.info, one.identity)
    assert (await office.service.published(), office.folder.state["PublishEnabled"]) == ([], False)


async def test_links_that_were_taken_over_before_levels_were_kept_are_still_listed(tmp_path, clock):
    office = Office(tmp_path, clock, OPEN)
    old = '{"page": "https://mail.example.org/c.html", "ics": "https://mail.example.org/c.ics"}'
    PublicationStore(tmp_path / "publications.sqlite3").remember("exchange:office/1", old)
    (one,) = await office.service.published()
    assert (one.info.account, one.links.ics, one.when) == ("office", "https://mail.example.org/c.ics", None)


def test_microsoft_365_is_ended_in_outlook_on_the_web(tmp_path, clock):
    office = Office(tmp_path, clock, OPEN)
    assert office.service.how_to_end(replace(INFO, kind=CalendarKind.MICROSOFT365), WHO) == WEB_ADDRESS


@pytest.mark.parametrize("text", ['{"when": "2026-13"}', '{"level": "all"}', "5", "{"])
async def test_what_nobody_can_read_of_a_published_calendar_names_the_file(tmp_path, clock, text: str):
    office = Office(tmp_path, clock, OPEN)
    PublicationStore(tmp_path / "publications.sqlite3").remember(f"exchange:{INFO.id}", text)
    with pytest.raises(StorageError, match=r"publications\.sqlite3"):
        await office.service.published()
    with pytest.raises(StorageError, match=r"publications\.sqlite3"):
        await office.service.links(INFO)
