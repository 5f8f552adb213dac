"""Somebody's machine with an account on the sandbox's Exchange: real HTTPS and EWS on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.bootstrap import Services, open_services
from core.calendar.event import CalendarObject, Event
from core.config.paths import Paths
from core.config.settings import load
from core.ports.world import Clock
from core.sandbox.exchange.convert import store_object
from core.sandbox.exchange.ids import EwsId
from core.sandbox.exchange.model import Folder
from core.sandbox.exchange.options import InnerError
from core.sandbox.exchange.seed import organisation
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.people import Accounts
from core.sandbox.servers import Certificates


@dataclass
class Office:
    """Alice's account `office`: her services read it like any other account."""

    server: ExchangeServer
    services: Services

    @property
    def folder(self) -> Folder:
        """Her default calendar on the server."""
        return self.server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]

    def there(self) -> list[str]:
        """The titles that stand on the server, sorted."""
        with self.server.organisation.lock:
            return sorted(item.text("Subject") for item in self.folder.items.values())

    def put(self, title: str, start: datetime) -> None:
        """Another program makes an event of an hour on the server."""
        event = Event(f"{title}@example.org", start, start + timedelta(hours=1), title)
        with self.server.organisation.lock:
            store_object(self.server.organisation, self.folder, CalendarObject(event.uid, (event,)))

    def lose(self, left: int) -> None:
        """The server has the first `left` events only, knows nothing of the others, and of what it told whom."""
        with self.server.organisation.lock:
            for identity in list(self.folder.items)[left:]:
                del self.folder.items[identity]
            known = self.folder.items
            self.folder.journal[:] = [one for one in self.folder.journal if EwsId.parse(one.item or "") in known]
        self.server.options.inner_errors.append(InnerError("ErrorInvalidSyncStateData", "SyncFolderItems"))

    async def events(self) -> list[str]:
        """The titles in the copy here, sorted."""
        (info,) = [one for one in await self.services.library.calendars() if one.account == "office"]
        store = self.services.accounts._store("office")
        return sorted(one.object.events[0].title for one in await store.objects(info.id))  # type: ignore[attr-defined]


@contextmanager
def exchange(folder: Path) -> Iterator[ExchangeServer]:
    """A running Exchange with empty mailboxes, and a config.toml in the test's home that has Alice's account on it."""
    people, certificates, secret = Accounts.fresh(folder), Certificates(folder), folder / "secret"
    secret.write_text(people.passwords["alice"])
    with ExchangeServer(organisation(empty=True), people, certificates) as running:
        config = Paths.from_env().config
        config.mkdir(parents=True, exist_ok=True)
        (config / "config.toml").write_text(
            '[me]\nname = "Alice Martin"\naddress = "alice@example.org"\ntime_zone = "Europe/Paris"\n'
            f'[accounts.office]\ntype = "exchange"\nserver = "{running.ews}"\naddress = "alice@example.org"\n'
            f'username = "alice"\npassword_command = ["cat", "{secret}"]\nca = "{certificates.pem}"\n'
        )
        yield running


def open_office(server: ExchangeServer, clock: Clock) -> Office:
    """Services over that configuration."""
    return Office(server, open_services(load(), Paths.from_env(), clock))
