"""The contract suites that every backend of a port passes, on Microsoft 365."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.backends.graph.roles import levels_of, role_of
from core.backends.mirror import MirrorStore
from core.private import make_private_folder
from core.sandbox.graph.model import Permission
from core.sandbox.http import Break, Fault
from core.sandbox.people import ALICE, BRUNO, PEOPLE
from core.sharing.permission_table import entry, person
from core.sharing.permissions import PermissionLevel
from tests.contracts.calendar_store import CalendarStoreContract
from tests.contracts.free_busy import FreeBusyContract
from tests.contracts.mail_transport import MailTransportContract, Post
from tests.contracts.message_source import Mailbox, MessageSourceContract
from tests.contracts.permission_store import Office, PermissionStoreContract
from tests.contracts.sharing_gateway import Gate, SharingGatewayContract
from tests.core.backends.graph.conftest import Account
from tests.core.backends.mirror.conftest import open_mirror
from tests.graph_world import GraphWorld


class TestMirrorOverGraph(CalendarStoreContract):
    @pytest.fixture
    async def store(self, account: Account, tmp_path: Path) -> AsyncIterator[MirrorStore]:
        store = open_mirror(tmp_path, account.calendars)
        await store.refresh()
        yield store
        await store.close()

    @pytest.fixture
    async def calendar(self, store: MirrorStore) -> str:
        return (await store.create("Work")).id


class GraphPost(Post):
    def __init__(self, world: GraphWorld) -> None:
        self.world = world
        self.made: list[Account] = []

    def _account(self) -> Account:
        self.made.append(Account(self.world))
        return self.made[-1]

    def transport(self):
        return self._account().transport

    def broken(self):
        self.world.server.__exit__(None, None, None)
        return self._account().transport

    def silent(self):
        self.world.server.faults.add(Fault(Break.DELAY, lambda r: r.path.endswith("/sendMail"), seconds=60))
        made = self._account()
        made.session._limit = 1.0
        return made.transport

    def received(self) -> list[bytes]:
        return [content for one in PEOPLE for content in self.world.mail(one)]


class TestTransport(MailTransportContract):
    @pytest.fixture
    async def post(self, world: GraphWorld) -> AsyncIterator[GraphPost]:
        made = GraphPost(world)
        yield made
        for account in made.made:
            await account.session.close()


class GraphMailbox(Mailbox):
    def __init__(self, account: Account) -> None:
        self.account = account
        self.count = 0

    def source(self):
        return self.account.messages

    def put(self, message: bytes) -> None:
        folder = self.account.world.accounts.maildirs[ALICE.key] / "new"
        make_private_folder(folder)
        self.count += 1
        (folder / f"{self.count}.test").write_bytes(message)

    def state(self) -> object:
        root = self.account.world.accounts.maildirs[ALICE.key]
        return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


class TestInbox(MessageSourceContract):
    @pytest.fixture
    def mailbox(self, account: Account) -> Iterator[GraphMailbox]:
        yield GraphMailbox(account)


class GraphOffice(Office):
    def __init__(self, account: Account, calendar: str) -> None:
        self.account, self.calendar = account, calendar

    def store(self):
        return self.account.sharing

    async def somebody_else_sets(self, address: str, level: PermissionLevel) -> None:
        who = next(one for one in PEOPLE if one.address == address)
        calendar = self.account.world.calendar()
        for known in list(calendar.permissions.values()):
            if known.person is who:
                del calendar.permissions[known.id]
        role = role_of(entry(person(address), level))
        from core.sandbox.graph.rights import INSIDE

        made = Permission(base64.b64encode(address.encode()).decode(), role, who, True, True, INSIDE)
        calendar.permissions[made.id] = made


class TestPermissions(PermissionStoreContract):
    @pytest.fixture
    def office(self, account: Account, default: str) -> GraphOffice:
        return GraphOffice(account, default)


class TestFreeBusy(FreeBusyContract):
    @pytest.fixture
    def source(self, account: Account):
        return account.free_busy

    @pytest.fixture
    async def colleague(self, world: GraphWorld):
        made = Account(world, BRUNO)
        yield made.calendars
        await made.session.close()


class GraphGate(Gate):
    def __init__(self, account: Account, calendar: str) -> None:
        self.account, self.calendar = account, calendar

    def gateway(self):
        return self.account.sharing

    async def level_of(self, address: str) -> PermissionLevel | None:
        rows = self.account.world.calendar().permissions.values()
        role = next((row.role for row in rows if row.person is not None and row.person.address == address), None)
        return levels_of([role])[0] if role else None


class TestSharing(SharingGatewayContract):
    @pytest.fixture
    def gate(self, account: Account, default: str) -> GraphGate:
        account.world.server.world.most_outside = "freeBusyRead"
        return GraphGate(account, default)
