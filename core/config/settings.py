"""The person's settings as values: what `document` has checked, with its defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import time
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from core.calendar.people import Address, parse_address
from core.calendar.span import WEEKDAYS, WorkingHours
from core.config import document as documents
from core.config.document import Document
from core.config.paths import config_file
from core.errors import ConfigError, UsageError
from core.language import _
from core.values import dataclass

Security = Literal["tls", "starttls", "none"]
_PORTS: dict[Security, int] = {"tls": 465, "starttls": 587, "none": 25}


@dataclass(frozen=True, slots=True)
class Me:
    """Who the person is. `time_zone` and `language` are empty where the system's is meant."""

    name: str = ""
    address: Address | None = None
    time_zone: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to sign in somewhere. At most one source of the password is used: literal, command, key ring."""

    username: str = ""
    password: str = field(default="", repr=False)
    password_command: tuple[str, ...] = ()
    keyring: bool = False

    @property
    def wanted(self) -> bool:
        """Whether one signs in at all."""
        return bool(self.username)


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """A mail server that takes messages."""

    name: str
    host: str
    port: int
    security: Security = "starttls"
    sign_in: SignIn = SignIn()
    ca: Path | None = None
    sent_copy: Path | None = None


@dataclass(frozen=True, slots=True)
class SendmailAccount:
    """A program that takes a message on its standard input."""

    name: str
    command: tuple[str, ...] = ("/usr/sbin/sendmail", "-t", "-i")
    sent_copy: Path | None = None


@dataclass(frozen=True, slots=True)
class VdirAccount:
    """Folders of .ics files that other programs use too. `pattern` may hold `*`."""

    name: str
    pattern: str


@dataclass(frozen=True, slots=True)
class MaildirAccount:
    """A mailbox on disk."""

    name: str
    path: Path


Auth = Literal["basic", "ntlm", "oauth"]


@dataclass(frozen=True, slots=True)
class ExchangeAccount:
    """A mailbox on an Exchange Server (EWS). An empty `server` is found by autodiscover from the address.

    With `auth` "oauth" what the password command prints is an access token; it is asked again when that has expired.
    """

    name: str
    server: str = ""
    address: str = ""
    auth: Auth = "basic"
    sign_in: SignIn = SignIn()
    ca: Path | None = None
    sent_copy: Path | None = None
    powershell: str = ""
    """The endpoint by which the server is told to publish a calendar; empty: the person runs the command."""
    sharing_policy: tuple[str, ...] | None = None
    """The organisation's sharing policy, which Exchange does not tell by itself; None where nobody wrote it down."""
    partners: tuple[str, ...] = ()
    """Domains of federated organisations."""


@dataclass(frozen=True, slots=True)
class Microsoft365Account:
    """A mailbox of Microsoft 365 (Graph), where one signs in with a browser. `client_id`: the app that was registered.

    An empty `server` is Microsoft's own. It keeps what is sent itself.
    """

    name: str
    client_id: str
    tenant: str = "common"
    address: str = ""
    server: str = ""
    ca: Path | None = None

    @property
    def sent_copy(self) -> None:
        """None: the server has it."""
        return None


@dataclass(frozen=True, slots=True)
class OtherAccount:
    """An account of a type that this version knows and cannot use yet; `values` are its checked keys."""

    name: str
    type: str
    values: Mapping[str, object] = field(repr=False)


Account = (
    SmtpAccount | SendmailAccount | VdirAccount | MaildirAccount | ExchangeAccount | Microsoft365Account | OtherAccount
)
ServerAccount = ExchangeAccount | Microsoft365Account
"""An account whose calendars are copied from its server."""
MailAccount = SmtpAccount | SendmailAccount | ExchangeAccount | Microsoft365Account
"""An account that can send."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where recipients are completed from, beside the people one has written to."""

    vcards: tuple[Path, ...] = ()
    mutt_aliases: Path | None = None
    query_command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherPerson:
    """Somebody else's working hours. An empty time zone means one's own."""

    address: str
    hours: WorkingHours = field(default_factory=WorkingHours)
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Reminders:
    """What happens with a reminder that is due. `command` is what `sync` starts for each; empty: nothing."""

    command: tuple[str, ...] = ()
    in_app: bool | None = None
    """Whether the app shows them; None: yes, but not over SSH."""
    bell: bool | None = None
    """Whether the terminal's bell rings for what is shown; None: yes."""


@dataclass(frozen=True, slots=True)
class WebDavEntry:
    """Sign-in for every address below `url`. `public`: where others read what lies there, when that is elsewhere."""

    url: str
    sign_in: SignIn = SignIn()
    ca: Path | None = None
    public: str = ""


@dataclass(frozen=True, slots=True)
class Ui:
    """How the app looks. An empty theme means the shipped default."""

    theme: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of config.toml. `path` is where it is, or would be."""

    path: Path
    me: Me = Me()
    working_hours: WorkingHours = field(default_factory=WorkingHours)
    accounts: Mapping[str, Account] = field(default_factory=lambda: MappingProxyType({}))
    addresses: Addresses = Addresses()
    webdav: tuple[WebDavEntry, ...] = ()
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ui: Ui = Ui()
    people: tuple[OtherPerson, ...] = ()
    reminders: Reminders = Reminders()

    @property
    def mail_accounts(self) -> tuple[MailAccount, ...]:
        """The accounts that can send, in the order of the file: the first one is the default."""
        return tuple(a for a in self.accounts.values() if isinstance(a, MailAccount))

    @property
    def servers(self) -> tuple[ServerAccount, ...]:
        """The accounts whose calendars are on a server, in the order of the file."""
        return tuple(a for a in self.accounts.values() if isinstance(a, ServerAccount))


def load(path: Path | str | None = None, env: Mapping[str, str] | None = None) -> Settings:
    """Read `path` (`--config`), else $PARTAGENDA_CONFIG, else the file at its XDG place, which may be missing.

    Raises ConfigError.
    """
    file = config_file(str(path or ""), env)
    named = file != config_file("", {**(env or _environment()), "PARTAGENDA_CONFIG": ""})
    return settings_from(documents.read(file, must_exist=named), Path(file))


def _environment() -> Mapping[str, str]:
    import os

    return os.environ


def settings_from(document: Document, path: Path) -> Settings:
    """Settings from a checked document."""
    accounts = {name: _account(name, values) for name, values in _tables(document, "accounts").items()}
    keys = _table(document, "keys")
    return Settings(
        path=path,
        me=_me(_table(document, "me"), path),
        working_hours=_hours(_table(document, "working_hours"), path),
        accounts=MappingProxyType(accounts),
        addresses=_addresses(_table(document, "addresses")),
        webdav=tuple(
            WebDavEntry(url, _sign_in(t), _path(t, "ca"), _text(t, "public"))
            for url, t in _tables(document, "webdav").items()
        ),
        keys=MappingProxyType({key: str(value) for key, value in keys.items()}),
        ui=Ui(_text(_table(document, "ui"), "theme")),
        people=tuple(
            OtherPerson(key.lower(), _hours(t, path, f"people.{key}"), _text(t, "time_zone"))
            for key, t in _tables(document, "people").items()
        ),
        reminders=_reminders(_table(document, "reminders")),
    )


def _table(document: Document, name: str) -> Document:
    value = document.get(name, {})
    return value if isinstance(value, dict) else {}


def _tables(document: Document, name: str) -> dict[str, Document]:
    return {key: value for key, value in _table(document, name).items() if isinstance(value, dict)}


def _text(table: Document, key: str) -> str:
    value = table.get(key, "")
    return value if isinstance(value, str) else ""


def _words(table: Document, key: str) -> tuple[str, ...]:
    value = table.get(key, ())
    return tuple(str(word) for word in value) if isinstance(value, list) else ()


def _path(table: Document, key: str) -> Path | None:
    return Path(found) if (found := _text(table, key)) else None


def _me(table: Document, path: Path) -> Me:
    address = None
    if given := _text(table, "address"):
        try:
            address = parse_address(given)
        except UsageError as error:
            raise ConfigError(f"{path}: “me.address”: {error.message}", error.hint) from None
    return Me(_text(table, "name"), address, _text(table, "time_zone"), _text(table, "language"))


def _hours(table: Document, path: Path, section: str = "working_hours") -> WorkingHours:
    default = WorkingHours()
    days = frozenset(WEEKDAYS.index(day) for day in _words(table, "days")) or default.days
    start = time.fromisoformat(_text(table, "start")) if "start" in table else default.start
    end = time.fromisoformat(_text(table, "end")) if "end" in table else default.end
    try:
        return WorkingHours(days, start, end)
    except UsageError as error:
        raise ConfigError(f"{path}: “{section}.end”: {error.message}", error.hint) from None


def _sign_in(table: Document) -> SignIn:
    return SignIn(
        _text(table, "username"),
        _text(table, "password"),
        _words(table, "password_command"),
        bool(table.get("keyring", False)),
    )


def _addresses(table: Document) -> Addresses:
    return Addresses(
        tuple(Path(path) for path in _words(table, "vcards")),
        _path(table, "mutt_aliases"),
        _words(table, "query_command"),
    )


def _reminders(table: Document) -> Reminders:
    def flag(name: str) -> bool | None:
        value = table.get(name)
        return value if isinstance(value, bool) else None

    return Reminders(_words(table, "command"), flag("in_app"), flag("bell"))


def _account(name: str, table: Document) -> Account:  # noqa: PLR0911 - a table
    match table["type"]:
        case "smtp":
            return _smtp(name, table)
        case "sendmail":
            command = _words(table, "command") or SendmailAccount(name).command
            return SendmailAccount(name, command, _path(table, "sent_copy"))
        case "vdir":
            return VdirAccount(name, _text(table, "path"))
        case "maildir":
            return MaildirAccount(name, Path(_text(table, "path")))
        case "exchange":
            return _exchange(name, table)
        case "microsoft365":
            tenant, server = _text(table, "tenant") or "common", _text(table, "server")
            address = _text(table, "address")
            return Microsoft365Account(name, _text(table, "client_id"), tenant, address, server, _path(table, "ca"))
        case other:
            return OtherAccount(name, str(other), MappingProxyType(table))


def _exchange(name: str, table: Document) -> ExchangeAccount:
    given = table.get("auth", "basic")
    auth: Auth = "ntlm" if given == "ntlm" else "oauth" if given == "oauth" else "basic"
    return ExchangeAccount(
        name,
        _text(table, "server"),
        _text(table, "address"),
        auth,
        _sign_in(table),
        _path(table, "ca"),
        _path(table, "sent_copy"),
        _text(table, "powershell"),
        _strings(table, "sharing_policy") if "sharing_policy" in table else None,
        _strings(table, "partners"),
    )


def _strings(table: Document, key: str) -> tuple[str, ...]:
    given = table.get(key)
    return tuple(map(str, given)) if isinstance(given, list) else ()


def _smtp(name: str, table: Document) -> SmtpAccount:
    given = table.get("security", "starttls")
    security: Security = "tls" if given == "tls" else "none" if given == "none" else "starttls"
    port = table.get("port")
    return SmtpAccount(
        name,
        _text(table, "host"),
        port if isinstance(port, int) else _PORTS[security],
        security,
        _sign_in(table),
        _path(table, "ca"),
        _path(table, "sent_copy"),
    )


def built_in_later(account: OtherAccount) -> ConfigError:
    """What to say where an account of a type is used that this version cannot use."""
    return ConfigError(
        _("The account “{name}” has the type {type}, which this version cannot use yet.").format(
            name=account.name, type=account.type
        )
    )
