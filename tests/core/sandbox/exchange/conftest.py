"""A running Exchange of the sandbox, and raw SOAP to it."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sandbox.exchange.model import Entry
from core.sandbox.exchange.seed import organisation
from core.sandbox.exchange.server import PATH, ExchangeServer
from core.sandbox.exchange.xml import Element, child, name_of, parse
from core.sandbox.people import Accounts
from core.sharing.permissions import MATRIX, PermissionLevel

NAMESPACES = (
    'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" '
    'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"'
)


class Exchange:
    """The server, and a raw client without a library between."""

    def __init__(self, server: ExchangeServer, accounts: Accounts) -> None:
        self.server = server
        self.accounts = accounts

    @property
    def store(self):
        return self.server.organisation

    def mailbox(self, key: str = "alice"):
        return next(each for each in self.store.mailboxes.values() if each.key == key)

    def post(self, body: str, who: str = "alice", header: str = "") -> tuple[int, bytes]:
        head = f'<s:Header><t:RequestServerVersion Version="Exchange2016"/>{header}</s:Header>'
        envelope = f"<s:Envelope {NAMESPACES}>{head}<s:Body>{body}</s:Body></s:Envelope>"
        login = base64.b64encode(f"{who}:{self.accounts.passwords[who]}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        headers = {"Authorization": f"Basic {login}", "Content-Type": "text/xml; charset=utf-8"}
        connection.request("POST", PATH, envelope.encode(), headers)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def ask(self, body: str, who: str = "alice", header: str = "") -> Element:
        """The operation's response element (or the fault)."""
        _status, content = self.post(body, who, header)
        answered = child(parse(content), "Body")
        assert answered is not None
        return answered[0]

    def messages(self, body: str, who: str = "alice", header: str = "") -> list[Element]:
        """The response messages of a request."""
        found = child(self.ask(body, who, header), "ResponseMessages")
        assert found is not None
        return list(found)

    def code(self, body: str, who: str = "alice", header: str = "") -> str:
        """The response code of a request for one thing, or of its fault."""
        answered = self.ask(body, who, header)
        return next(each.text or "" for each in answered.iter() if name_of(each) == "ResponseCode")


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    """Over plain HTTP; TLS is `test_http`'s."""
    accounts = Accounts.fresh(tmp_path)
    with ExchangeServer(organisation(), accounts) as server:
        yield Exchange(server, accounts)
    assert server.crashes == []


@pytest.fixture
def grant(exchange: Exchange):
    """Give somebody a level in a person's calendar, as its owner would."""

    def give(who: str, level: str, owner: str = "alice") -> None:
        folder = exchange.mailbox(owner).distinguished["calendar"]
        address = exchange.mailbox(who).address
        folder.permissions[:] = [entry for entry in folder.permissions if entry.user != address]
        folder.permissions.append(Entry(address, MATRIX[PermissionLevel(level)]))

    return give
