"""A person's own files in the sandbox: config.toml, XDG folders, calendars, a password that a command reads."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from core.config.clock import SystemClock, iana_zone
from core.config.paths import Paths
from core.config.settings import Settings, load
from core.ical.encode import encode_object
from core.sandbox.calendars import SampleCalendar, calendars_of
from core.sandbox.people import Accounts, Person
from core.sandbox.servers import HOST, Certificates, MailServer

_PREFIX = "partagenda-demo-"


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
    _homes: dict[str, Home] = field(default_factory=dict)

    def home(self, person: Person) -> Home:
        """The person's home, made when it is first asked for."""
        if person.key not in self._homes:
            self._homes[person.key] = self._make(person)
        return self._homes[person.key]

    def _make(self, person: Person) -> Home:
        paths = Paths.below(self.root / person.key)
        maildir = self.accounts.maildirs[person.key]
        for part in ("new", "cur", "tmp"):
            _folder(maildir / part)
        secret = _write(self.root / person.key / "password", self.accounts.passwords[person.key])
        config = _write(paths.config / "config.toml", self._config(person, secret, maildir))
        today = SystemClock(iana_zone(person.zone)).now().date()
        for calendar in calendars_of(person, today, self.language):
            _write_calendar(paths.data / "calendars" / calendar.folder, calendar)
        return Home(person, load(config), paths, config, maildir)

    def _config(self, person: Person, secret: Path, maildir: Path) -> str:
        quoted = {key: json.dumps(str(value), ensure_ascii=False) for key, value in {
            "name": person.name, "address": person.address, "zone": person.zone, "language": self.language,
            "host": HOST, "user": person.key, "secret": secret, "ca": self.certificates.pem,
            "maildir": maildir, "sent": maildir / ".Sent",
        }.items()}  # fmt: skip
        return _CONFIG.format(port=self.mail.port, **quoted)


_CONFIG = """\
[me]
name = {name}
address = {address}
time_zone = {zone}
language = {language}

[working_hours]
days = ["mo", "tu", "we", "th", "fr"]
start = "08:00"
end = "17:00"

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
"""


@contextmanager
def sandbox(language: str = "en") -> Iterator[Sandbox]:
    """Servers that run, in a folder that is removed at the end; a run that is killed leaves that folder, 0700."""
    with ExitStack() as stack:
        root = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        accounts = Accounts.fresh(root)
        certificates = Certificates(root)
        mail = stack.enter_context(MailServer(accounts, certificates))
        yield Sandbox(root, language, accounts, certificates, mail)


def _write_calendar(folder: Path, calendar: SampleCalendar) -> None:
    """As khal and vdirsyncer keep one: a file for each event, `displayname` and `color` beside them."""
    _folder(folder)
    _write(folder / "displayname", calendar.name + "\n")
    _write(folder / "color", calendar.colour + "\n")
    now = datetime.now(UTC)
    for thing in calendar.objects:
        _write_bytes(folder / f"{thing.uid}.ics", encode_object(thing, now=now))


def _folder(path: Path) -> None:
    """Make it and its missing parents, 0700."""
    for part in (*reversed(path.parents), path):
        if not part.exists():
            part.mkdir(mode=0o700)


def _write(path: Path, text: str) -> Path:
    return _write_bytes(path, text.encode())


def _write_bytes(path: Path, content: bytes) -> Path:
    _folder(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return path
