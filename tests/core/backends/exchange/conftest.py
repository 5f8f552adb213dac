"""An Exchange server of the sandbox on loopback, with Alice's account on it: real HTTPS, real EWS, schema on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.exchange import open_account
from core.backends.exchange.calendars import ExchangeCalendars
from core.backends.exchange.session import Limits
from core.backends.mirror import MirrorStore
from core.bootstrap_servers import ServerParts
from core.config.roots import account_folder
from core.config.secrets import ConfiguredSecrets
from core.config.settings import ExchangeAccount, SignIn
from core.index.session import IndexSession
from core.sandbox.exchange.model import Entry
from core.sandbox.exchange.seed import organisation
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.people import Accounts
from core.sandbox.servers import Certificates
from core.sharing.permissions import MATRIX, PermissionLevel

PARIS = ZoneInfo("Europe/Paris")


class StillClock:
    """22 November 2026, 10:00 in Paris."""

    @property
    def zone(self) -> tzinfo:
        return PARIS

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 10, tzinfo=PARIS)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts.fresh(tmp_path)


@pytest.fixture
def server(accounts: Accounts, certificates: Certificates) -> Iterator[ExchangeServer]:
    with ExchangeServer(organisation(empty=True), accounts, certificates) as running:
        yield running


@pytest.fixture
def account(server: ExchangeServer, accounts: Accounts, certificates: Certificates) -> ExchangeAccount:
    sign_in = SignIn("alice", password=accounts.passwords["alice"])
    return ExchangeAccount("office", server.ews, "alice@example.org", "basic", sign_in, certificates.pem)


@pytest.fixture
async def open_parts(account: ExchangeAccount) -> AsyncIterator[Callable[..., ServerParts]]:
    """Opens the account as another process would; `changes` are of its settings."""
    opened: list[ServerParts] = []

    def make(limits: Limits | None = None, **changes: object) -> ServerParts:
        wanted = replace(account, **changes)  # type: ignore[arg-type]
        secrets = ConfiguredSecrets({wanted.name: wanted.sign_in})
        opened.append(ServerParts(*open_account(wanted, secrets, StillClock(), limits)))
        return opened[-1]

    yield make
    for parts in opened:
        await parts.calendars.close()


@pytest.fixture
def parts(open_parts: Callable[..., ServerParts]) -> ServerParts:
    return open_parts()


@pytest.fixture
def remote(parts: ServerParts) -> ExchangeCalendars:
    return parts.calendars  # type: ignore[return-value]


def open_mirror(base: Path, remote: ExchangeCalendars) -> MirrorStore:
    folder = account_folder(str(base / "data"), remote.account)
    index = IndexSession(str(base / "cache" / "index.sqlite3"), [(remote.account, f"{folder}/*")])
    return MirrorStore(remote, index, StillClock(), data=base / "data", state=base / "state")


@pytest.fixture
async def store(tmp_path: Path, remote: ExchangeCalendars) -> AsyncIterator[MirrorStore]:
    opened = open_mirror(tmp_path / "home", remote)
    await opened.refresh()
    yield opened
    await opened.close()


def let_read(server: ExchangeServer, owner: str, level: PermissionLevel, reader: str = "alice@example.org") -> None:
    """What the owner of a mailbox grants in the Permissions tab of the default calendar."""
    with server.organisation.lock:
        folder = server.organisation.mailboxes[owner].distinguished["calendar"]
        others = [entry for entry in folder.permissions if entry.user != reader]
        folder.permissions = [*others, Entry(reader, MATRIX[level])]
