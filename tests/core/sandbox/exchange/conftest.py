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
from core.sandbox.exchange.xml import Element, child, children, name_of, parse, text_of
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

    # what tests of items say again and again ----------------------------------------------------------------

    def create(self, properties: str, who: str = "alice", folder: str = "", telling: str = "SendToNone") -> Element:
        """Make a calendar item; its ItemId."""
        saved = f"<m:SavedItemFolderId>{folder}</m:SavedItemFolderId>" if folder else ""
        body = (
            f'<m:CreateItem SendMeetingInvitations="{telling}">{saved}<m:Items><t:CalendarItem>{properties}'
            "</t:CalendarItem></m:Items></m:CreateItem>"
        )
        (message,) = self.messages(body, who)
        found = child(message, "Items", "CalendarItem", "ItemId")
        assert found is not None, text_of(message, "ResponseCode")
        return found

    def get(
        self, reference: str, who: str = "alice", shape: str = "<t:BaseShape>AllProperties</t:BaseShape>"
    ) -> Element:
        """The item of an id element; the response message where it failed."""
        body = f"<m:GetItem><m:ItemShape>{shape}</m:ItemShape><m:ItemIds>{reference}</m:ItemIds></m:GetItem>"
        (message,) = self.messages(body, who)
        items = child(message, "Items")
        return items[0] if items is not None and len(items) else message

    def update(
        self,
        reference: str,
        updates: str,
        who: str = "alice",
        resolution: str = "AlwaysOverwrite",
        telling: str = "SendToNone",
    ) -> Element:
        """Change an item; the response message."""
        body = (
            f'<m:UpdateItem ConflictResolution="{resolution}" SendMeetingInvitationsOrCancellations="{telling}">'
            f"<m:ItemChanges><t:ItemChange>{reference}<t:Updates>{updates}</t:Updates></t:ItemChange></m:ItemChanges>"
            "</m:UpdateItem>"
        )
        (message,) = self.messages(body, who)
        return message

    def delete(self, reference: str, who: str = "alice", how: str = "HardDelete") -> str:
        """Delete an item; the response code."""
        return self.code(
            f'<m:DeleteItem DeleteType="{how}" SendMeetingCancellations="SendToNone"><m:ItemIds>{reference}</m:ItemIds>'
            "</m:DeleteItem>",
            who,
        )

    def view(self, start: str, end: str, who: str = "alice", owner: str = "", more: str = "") -> list[Element]:
        """What a calendar shows between two times."""
        mailbox = f"<t:Mailbox><t:EmailAddress>{owner}</t:EmailAddress></t:Mailbox>" if owner else ""
        body = (
            '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape>'
            f'<m:CalendarView StartDate="{start}" EndDate="{end}"{more}/><m:ParentFolderIds>'
            f'<t:DistinguishedFolderId Id="calendar">{mailbox}</t:DistinguishedFolderId></m:ParentFolderIds>'
            "</m:FindItem>"
        )
        (message,) = self.messages(body, who)
        return list(children(message, "RootFolder", "Items"))

    def code(self, body: str, who: str = "alice", header: str = "") -> str:
        """The response code of a request for one thing, or of its fault."""
        answered = self.ask(body, who, header)
        return next(each.text or "" for each in answered.iter() if name_of(each) == "ResponseCode")


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    """Nothing in the calendars yet. Over plain HTTP; TLS is `test_http`'s."""
    yield from _running(tmp_path, empty=True)


@pytest.fixture
def year(tmp_path: Path) -> Iterator[Exchange]:
    """With each person's working year in their calendar; making it takes a moment."""
    yield from _running(tmp_path, empty=False)


def _running(folder: Path, *, empty: bool) -> Iterator[Exchange]:
    accounts = Accounts.fresh(folder)
    with ExchangeServer(organisation(empty=empty), accounts) as server:
        yield Exchange(server, accounts)
    assert server.crashes == []


def reference(element: Element, name: str = "ItemId") -> str:
    """An id element as it is sent back."""
    return f'<t:{name} Id="{element.get("Id")}" ChangeKey="{element.get("ChangeKey")}"/>'


def set_field(uri: str, content: str) -> str:
    """One SetItemField of a calendar item."""
    return f'<t:SetItemField><t:FieldURI FieldURI="{uri}"/><t:CalendarItem>{content}</t:CalendarItem></t:SetItemField>'


@pytest.fixture
def ref():
    """`reference`, for tests."""
    return reference


@pytest.fixture
def setting():
    """`set_field`, for tests."""
    return set_field


@pytest.fixture
def empty(exchange: Exchange) -> Exchange:
    """`exchange` by the name that says what a test builds on."""
    return exchange


@pytest.fixture
def grant():
    """Give somebody a level in a person's calendar, as its owner would."""

    def give(server: Exchange, who: str, level: str, owner: str = "alice") -> None:
        folder = server.mailbox(owner).distinguished["calendar"]
        address = server.mailbox(who).address
        folder.permissions[:] = [entry for entry in folder.permissions if entry.user != address]
        folder.permissions.append(Entry(address, MATRIX[PermissionLevel(level)]))

    return give
