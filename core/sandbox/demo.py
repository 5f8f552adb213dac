"""The sandbox for `partagenda demo`: a home to open the app in, or servers alone for other programs."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.bootstrap import open_services
from core.calendar.span import Preset, preset_range
from core.language import language as current_language
from core.sandbox.home import Home, Sandbox, sandbox
from core.sandbox.people import ALICE, BRUNO, PEOPLE, Person, person_named
from core.sandbox.servers import HOST
from core.services.email_calendar import Draft, SnapshotRequest
from core.sharing.detail import DetailLevel
from core.sharing.snapshot import SnapshotOptions

Write = Callable[[str], None]


@contextmanager
def prepare_demo(person: str = "alice", language: str = "") -> Iterator[Home]:
    """The home of that person with all servers running; in the inbox waits a calendar that a colleague sent.

    Raises UsageError for an unknown name. Blocks for a second or two; do not call it inside an event loop.
    """
    wanted = person_named(person)
    with sandbox(language or current_language()) as box:
        colleague = ALICE if wanted is not ALICE else BRUNO
        asyncio.run(_send_calendar(box, colleague, wanted))
        yield box.home(wanted)


async def _send_calendar(box: Sandbox, sender: Person, receiver: Person) -> None:
    home = box.home(sender)
    services = open_services(home.settings, home.paths)
    try:
        calendar = (await services.library.calendars())[0]
        days = preset_range(Preset.NEXT_30_DAYS, services.clock.now().date())
        request = SnapshotRequest(calendar.id, SnapshotOptions(days, DetailLevel.LIMITED))
        prepared = await services.email.prepare(request)
        draft = Draft(request, (receiver.mailbox,), subject=services.email.default_subject(prepared))
        await services.email.send(services.email.compose(prepared, draft), draft, prepared)
    finally:
        await services.close()


def servers_only(write: Write, language: str = "") -> int:
    """Write one line of JSON (cli.md) and serve until SIGTERM or SIGINT; the exit code is 0. For the main thread."""
    stop = threading.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda _number, _frame: stop.set()) for number in signals]
    try:
        with sandbox(language or current_language()) as box:
            write(addresses(box))
            while not stop.wait(1.0):
                pass
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
    return 0


def addresses(box: Sandbox) -> str:
    """Where everything is and how to sign in, as one line of JSON."""
    people = [
        {
            "name": person.name,
            "address": person.address,
            "username": person.key,
            "password": box.accounts.passwords[person.key],
            "maildir": str(box.home(person).maildir),
        }
        for person in PEOPLE
    ]
    smtp = {"host": HOST, "port": box.mail.port, "security": "starttls", "ca": str(box.certificates.pem)}
    webdav = {"url": box.webdav.url, "ca": str(box.certificates.pem)}
    graph = {"url": box.graph.url, "ca": str(box.certificates.pem)}
    exchange = {"url": box.exchange.ews, "ca": str(box.certificates.pem)}
    servers = {"people": people, "smtp": smtp, "exchange": exchange, "graph": graph, "webdav": webdav}
    return json.dumps(servers, ensure_ascii=False)
