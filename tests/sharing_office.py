"""An Exchange Server on loopback with Alice and Bruno, and the program of each over it, as config.toml makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.bootstrap import Services, open_services
from core.config.paths import Paths
from core.config.settings import load
from core.sandbox.exchange.seed import organisation
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.people import PEOPLE, Accounts
from core.services.sources import Source
from core.sharing.policy import parse_policy

POLICY = "example.net: CalendarSharingFreeBusySimple"
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n"
    "BEGIN:VEVENT\r\nUID:budget@example.org\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261124T090000Z\r\n"
    "DTEND:20261124T100000Z\r\nSUMMARY:Budget of the project\r\nLOCATION:Room 4\r\nDESCRIPTION:All figures\r\n"
    "X-MICROSOFT-CDO-BUSYSTATUS:BUSY\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:doctor@example.org\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261125T090000Z\r\n"
    "DTEND:20261125T100000Z\r\nSUMMARY:Doctor\r\nLOCATION:Hospital\r\nCLASS:PRIVATE\r\n"
    "X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


class Office:
    """The server, and what each person's program is made of."""

    def __init__(self, base: Path, server: ExchangeServer, accounts: Accounts) -> None:
        self.base = base
        self.server = server
        self.accounts = accounts
        server.organisation.policy = parse_policy([POLICY], "Default Sharing Policy")
        server.organisation.federated = frozenset(["example.net"])

    def config(self, key: str) -> Path:
        """The config.toml of somebody, 0600, with the password in a file of its own."""
        person = next(one for one in PEOPLE if one.key == key)
        home = self.base / key
        home.mkdir(parents=True, exist_ok=True)
        secret = home / "password"
        secret.write_text(self.accounts.passwords[key] + "\n")
        secret.chmod(0o600)
        file = home / "config.toml"
        file.write_text(
            f'[me]\nname = "{person.name}"\naddress = "{person.address}"\ntime_zone = "Europe/Paris"\n'
            f'[accounts.office]\ntype = "exchange"\nserver = "{self.server.ews}"\naddress = "{person.address}"\n'
            f'username = "{key}"\npassword_command = ["cat", "{secret}"]\n'
            f'sharing_policy = ["{POLICY}"]\npartners = ["example.net"]\n'
        )
        file.chmod(0o600)
        return file

    def services(self, key: str, clock: object = None) -> Services:
        """Somebody's program."""
        return open_services(load(self.config(key)), Paths.below(self.base / key), clock or Clock())


class Clock:
    """22 November 2026 in Paris."""

    @property
    def zone(self):
        from zoneinfo import ZoneInfo

        return ZoneInfo("Europe/Paris")

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 9, tzinfo=UTC).astimezone(self.zone)


@contextmanager
def office_at(base: Path) -> Iterator[Office]:
    """While it is open, the server runs."""
    accounts = Accounts.fresh(base)
    with ExchangeServer(organisation(), accounts) as server:
        yield Office(base, server, accounts)
    assert server.crashes == []


async def fill(services: Services) -> str:
    """Put the two events into the account's default calendar on the server; its id."""
    await services.library.refresh()
    info = next(one for one in await services.library.calendars() if one.account == "office")
    await services.library.import_sources([Source("events.ics", ICS.encode())], into=info.id)
    for store in services._servers.stores:
        await store.pushed(20)
    return info.id
