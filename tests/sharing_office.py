"""An Exchange Server on loopback with Alice and Bruno, and the program of each over it, as config.toml makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.bootstrap import Services, open_services
from core.config.paths import Paths
from core.config.settings import load
from core.ical.decode import decode
from core.sandbox.exchange.convert import store_object
from core.sandbox.exchange.model import Organisation
from core.sandbox.exchange.seed import organisation
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.people import PEOPLE, Accounts
from core.sharing.policy import parse_policy

POLICY = "example.net: CalendarSharingFreeBusySimple"
EVENT = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Test//EN\r
BEGIN:VEVENT\r
UID:{uid}@example.org\r
DTSTAMP:20261101T000000Z\r
DTSTART:{day}T090000Z\r
DTEND:{day}T100000Z\r
SUMMARY:{title}\r
LOCATION:{place}\r
CLASS:{kind}\r
X-MICROSOFT-CDO-BUSYSTATUS:BUSY\r
END:VEVENT\r
END:VCALENDAR\r
"""


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
            '[accounts.broken]\ntype = "sendmail"\ncommand = ["/nowhere/sendmail"]\n'
        )
        file.chmod(0o600)
        return file

    def services(self, key: str) -> Services:
        """Somebody's program."""
        return open_services(load(self.config(key)), Paths.below(self.base / key))


@contextmanager
def office_at(base: Path) -> Iterator[Office]:
    """While it is open, the server runs."""
    accounts = Accounts.fresh(base)
    with ExchangeServer(_organisation(), accounts) as server:
        yield Office(base, server, accounts)
    assert server.crashes == []


def _organisation() -> Organisation:
    """Two mailboxes; in Alice's calendar a meeting tomorrow, and a private one the day after."""
    made = organisation(empty=True)
    calendar = made.mailboxes["alice@example.org"].distinguished["calendar"]
    today = datetime.now(UTC).date()
    for number, (title, place, kind) in enumerate((("Budget", "Room 4", "PUBLIC"), ("Doctor", "Hospital", "PRIVATE"))):
        day = today + timedelta(days=number + 1)
        text = EVENT.format(uid=title.lower(), day=f"{day:%Y%m%d}", title=title, place=place, kind=kind)
        for thing in decode(text.encode(), now=datetime.now(UTC)).objects:
            store_object(made, calendar, thing)
    return made
