"""A person's own files in the sandbox: config.toml, XDG folders, calendars, a password that a command reads."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from core.backends.maildir import deliver
from core.config.clock import SystemClock, iana_zone
from core.config.paths import Paths
from core.config.settings import Settings, load
from core.ical.encode import encode_object
from core.private import make_private_folder
from core.sandbox.calendars import SampleCalendar, calendars_of
from core.sandbox.exchange.model import STOCK_POLICY, Organisation
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.graph.server import GraphServer
from core.sandbox.people import CLARA, PEOPLE, Accounts, Person
from core.sandbox.servers import HOST, Certificates, MailServer
from core.sandbox.webdav import WebDavServer
from core.services.sender_mark import SenderMark, sweep_marks

_PREFIX = "partagenda-demo-"
_MARK = "running"
_ENDS = (signal.SIGHUP, signal.SIGTERM)
_YOUNG = 60.0
"""Seconds in which a new folder may not have its mark yet."""


@dataclass(frozen=True)
class Home:
    """Where one person lives."""

    person: Person
    settings: Settings
    paths: Paths
    config: Path
    maildir: Path


@dataclass
class Sandbox:
    """Servers, accounts and homes of one run, all below one 0700 folder."""

    root: Path
    language: str
    accounts: Accounts
    certificates: Certificates
    mail: MailServer
    webdav: WebDavServer
    graph: GraphServer
    exchange: ExchangeServer
    _homes: dict[str, Home] = field(default_factory=dict)

    def home(self, person: Person) -> Home:
        """The person's home, made when it is first asked for."""
        if person.key not in self._homes:
            self._homes[person.key] = self._make(person)
        return self._homes[person.key]

    def _make(self, person: Person) -> Home:
        paths = Paths.below(self.root / person.key)
        maildir = self.accounts.maildirs[person.key]
        for folder in (paths.data, paths.state, paths.cache, *(maildir / part for part in ("new", "cur", "tmp"))):
            make_private_folder(folder)
        secret = _write(self.root / person.key / "password", self.accounts.passwords[person.key])
        contacts = self.root / person.key / "contacts"
        for other in PEOPLE:
            if other is not person:
                _write(contacts / f"{other.key}.vcf", _VCARD.format(name=other.name, address=other.address))
        config = _write(paths.config / "config.toml", self._config(person, secret, maildir, contacts))
        today = SystemClock(iana_zone(person.zone)).now().date()
        for calendar in calendars_of(person, today, self.language):
            _write_calendar(paths.data / "calendars" / calendar.folder, calendar)
        return Home(person, load(config), paths, config, maildir)

    def _config(self, person: Person, secret: Path, maildir: Path, contacts: Path) -> str:
        quoted = in_toml(
            address=person.address,
            host=HOST,
            user=person.key,
            secret=secret,
            ca=self.certificates.pem,
            maildir=maildir,
            sent=maildir / ".Sent",
            contacts=contacts,
            read=f"{self.webdav.url}public/",
            dav=self.webdav.address(person),
            public=self.webdav.public_address(person),
        )
        office = (
            ""
            if person is CLARA
            else _OFFICE.format(ews=json.dumps(self.exchange.ews), policy=json.dumps(STOCK_POLICY), **quoted)
        )
        return about(person, self.language) + _CONFIG.format(port=self.mail.port, **quoted) + office


def in_toml(**values: str | Path) -> dict[str, str]:
    """Each value as a basic string of TOML, quotes and all: what JSON writes is one (toml.io, “String”)."""
    return {key: json.dumps(str(value), ensure_ascii=False) for key, value in values.items()}


def about(person: Person, language: str) -> str:
    """The part of config.toml that says who the person is and when they work."""
    return _PERSON.format(**in_toml(name=person.name, address=person.address, zone=person.zone, language=language))


_PERSON = """\
[me]
name = {name}
address = {address}
time_zone = {zone}
language = {language}

[working_hours]
days = ["mo", "tu", "we", "th", "fr"]
start = "08:00"
end = "17:00"
"""

_CONFIG = """
[accounts.mail]
type = "smtp"
host = {host}
port = {port}
security = "starttls"
username = {user}
password_command = ["cat", {secret}]
ca = {ca}
sent_copy = {sent}

[accounts.inbox]
type = "maildir"
path = {maildir}

[addresses]
vcards = [{contacts}]

[webdav.{read}]
ca = {ca}

[webdav.{dav}]
public = {public}
username = {user}
password_command = ["cat", {secret}]
ca = {ca}
"""

_OFFICE = """
[accounts.office]
type = "exchange"
server = {ews}
address = {address}
username = {user}
password_command = ["cat", {secret}]
ca = {ca}
sharing_policy = {policy}
"""

_VCARD = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{name}\r\nEMAIL:{address}\r\nEND:VCARD\r\n"


@contextmanager
def sandbox(language: str = "en") -> Iterator[Sandbox]:
    """Servers that run, in a folder that is removed at the end, also where a signal is the end.

    A run that is killed (SIGKILL) leaves it, 0700, to the next.
    """
    sweep_dead_runs(Path(tempfile.gettempdir()))
    with ExitStack() as stack:
        root = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        stack.enter_context(_gone_with_the_process(root))
        stack.callback(SenderMark(root / _MARK).close)
        accounts = Accounts.fresh(root)
        certificates = Certificates(root)
        mail = stack.enter_context(MailServer(accounts, certificates))
        webdav = stack.enter_context(WebDavServer(root / "webdav", accounts, certificates))
        graph = stack.enter_context(GraphServer(accounts, certificates, language=language))
        exchange = stack.enter_context(_exchange(root, accounts, certificates, language))
        yield Sandbox(root, language, accounts, certificates, mail, webdav, graph, exchange)


@contextmanager
def _gone_with_the_process(root: Path) -> Iterator[None]:
    """A terminal that goes away (SIGHUP) and SIGTERM end the process as ever, after its folder.

    Their default runs nothing of ours any more. A signal that somebody here handles already is left to them.
    """

    def end(number: int, _frame: object) -> None:
        for _attempt in range(5):  # the servers' threads may be writing
            shutil.rmtree(root, ignore_errors=True)
            if not root.exists():
                break
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    main = threading.current_thread() is threading.main_thread()
    taken = [one for one in _ENDS if main and signal.getsignal(one) is signal.SIG_DFL]
    for number in taken:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _exchange(root: Path, accounts: Accounts, certificates: Certificates, language: str) -> ExchangeServer:
    """Alice's and Bruno's; mail to somebody outside goes where the mail server would put it."""
    outside = {person.address.lower(): person.key for person in PEOPLE}

    def send_out(address: str, content: bytes) -> bool:
        key = outside.get(address.lower())
        if key is not None:
            deliver(accounts.maildirs[key], content)
        return key is not None

    def make() -> Organisation:
        from core.sandbox.exchange.seed import organisation

        made = organisation(language, apart=True)
        made.outward = send_out
        return made

    return ExchangeServer(make, accounts, certificates, root)


def sweep_dead_runs(folder: Path) -> None:
    """Remove what killed runs of this person's left; a young folder may not have its mark yet."""
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):
            _sweep(left)


def _sweep(left: Path) -> None:
    found = left.lstat()
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
    if mine and time.time() - found.st_mtime > _YOUNG and not sweep_marks(left / _MARK):
        shutil.rmtree(left, ignore_errors=True)


def _write_calendar(folder: Path, calendar: SampleCalendar) -> None:
    """As khal and vdirsyncer keep one: a file for each event, `displayname` and `color` beside them."""
    make_private_folder(folder)
    _write(folder / "displayname", calendar.name + "\n")
    _write(folder / "color", calendar.colour + "\n")
    now = datetime.now(UTC)
    for thing in calendar.objects:
        _write_bytes(folder / f"{thing.uid}.ics", encode_object(thing, now=now))


def _write(path: Path, text: str) -> Path:
    return _write_bytes(path, text.encode())


def _write_bytes(path: Path, content: bytes) -> Path:
    make_private_folder(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return path
