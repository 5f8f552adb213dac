"""A Graph of the sandbox for one test: people, mailboxes, a server that checks every body by the CSDL."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from pathlib import Path

import httpx

from core.private import make_private_folder
from core.sandbox.graph.model import Calendar, Tenant
from core.sandbox.graph.oauth import Grant
from core.sandbox.graph.seed import empty, seeded
from core.sandbox.graph.server import GraphServer
from core.sandbox.people import ALICE, Accounts, Person
from core.sandbox.servers import Certificates
from tests.graph_types import SCHEMA, Checker, Types

CLIENT = "11111111-2222-3333-4444-555555555555"
ALL_SCOPES = (
    "User.Read Calendars.ReadWrite Calendars.ReadWrite.Shared Mail.ReadWrite Mail.Send MailboxSettings.Read"
    " People.Read User.ReadBasic.All"
)


class GraphWorld:
    """The server and what tests do behind a client's back."""

    def __init__(self, server: GraphServer, accounts: Accounts, certificates: Certificates) -> None:
        self.server, self.accounts, self.certificates = server, accounts, certificates

    @cached_property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca))

    @property
    def ca(self) -> Path:
        return self.certificates.pem

    def calendar(self, person: Person = ALICE) -> Calendar:
        return self.server.mailbox(person.address).default

    def token(self, person: Person = ALICE, scopes: str = ALL_SCOPES) -> str:
        """A token as if the person had signed in."""
        name = f"sandbox-access-{person.key}-{len(self.server.sign_ins.access)}"
        self.server.sign_ins.access[name] = Grant(person, frozenset(scopes.split()), CLIENT, 9e12)
        return name

    def approve(self, user_code: str, person: Person = ALICE) -> httpx.Response:
        """What the person does in a browser: the code, name and password."""
        form = {"code": user_code, "username": person.key, "password": self.accounts.passwords[person.key]}
        return httpx.post(f"{self.server.url}/common/oauth2/deviceauth", data=form, verify=self.trust)

    def follow(self, address: str, person: Person = ALICE) -> str:
        """What a browser shows in its address bar after signing in at that address."""
        form = {"username": person.key, "password": self.accounts.passwords[person.key]}
        return httpx.post(address, data=form, verify=self.trust).headers["location"]

    def client(self, person: Person = ALICE, scopes: str = ALL_SCOPES) -> httpx.Client:
        """A bare client that is signed in."""
        headers = {"Authorization": f"Bearer {self.token(person, scopes)}"}
        return httpx.Client(base_url=f"{self.server.url}/v1.0", verify=self.trust, headers=headers)

    def mail(self, person: Person) -> list[bytes]:
        folder = self.accounts.maildirs[person.key] / "new"
        return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.is_dir() else []


@contextmanager
def graph_world(root: Path, tenant: Tenant | None = None, *, day: date | None = None) -> Iterator[GraphWorld]:
    """A running server over empty calendars, or the sample year around `day`. Fails for a body that is not valid."""
    folder = root / "graph"
    make_private_folder(folder)
    accounts, certificates = Accounts.fresh(folder), Certificates(folder)
    for maildir in accounts.maildirs.values():
        for part in ("new", "cur", "tmp"):
            make_private_folder(maildir / part)
    chosen = tenant or (seeded(day) if day else empty())
    checker = Checker(Types()) if SCHEMA.exists() else None
    with GraphServer(accounts, certificates, chosen) as server:
        if checker:
            server.observers.append(checker)
        yield GraphWorld(server, accounts, certificates)
    if checker:
        checker.close()


def body_of(response: httpx.Response) -> dict[str, object]:
    return json.loads(response.content)
