"""Setting an account up: which types there are, what each one asks, and what a filled-in form means for config.toml.

A password is never asked: a command that prints it is (`password_command`), or the desktop's key ring.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlsplit

from core.calendar.people import parse_address
from core.config.schema import ACCOUNTS, LOOPBACK, REQUIRED, Wrong
from core.errors import UsageError
from core.language import N_, _
from core.values import dataclass

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_EWS = "/EWS/Exchange.asmx"


class AccountType(StrEnum):
    """What can be set up in the app, in the order in which it is offered."""

    EXCHANGE = "exchange"
    MICROSOFT365 = "microsoft365"
    SMTP = "smtp"
    MAILDIR = "maildir"
    VDIR = "vdir"

    @property
    def label(self) -> str:
        """As a person knows it."""
        return _(_LABELS[self])


_LABELS = {
    AccountType.EXCHANGE: N_("Exchange Server"),
    AccountType.MICROSOFT365: "Microsoft 365",
    AccountType.SMTP: N_("Mail server (SMTP)"),
    AccountType.MAILDIR: N_("Mailbox in a folder (Maildir)"),
    AccountType.VDIR: N_("Calendar folders (khal, vdirsyncer)"),
}
FIELDS: Mapping[AccountType, tuple[str, ...]] = {
    AccountType.EXCHANGE: ("address", "server", "username", "auth", "password_command", "ca"),
    AccountType.MICROSOFT365: ("client_id", "tenant", "address", "server", "ca"),
    AccountType.SMTP: ("host", "security", "username", "password_command", "ca"),
    AccountType.MAILDIR: ("path",),
    AccountType.VDIR: ("path",),
}
"""The fields of each type, in the order of the form."""
EXPLAINED = {
    "address": N_("Your e-mail address, as alice@example.org"),
    "server": N_("As mail.example.org; empty: found from your address"),
    "username": N_("As EXAMPLE\\alice; empty: your address"),
    "auth": N_("How the server wants to know you; OAuth: the command prints a token"),
    "password_command": N_("A program that prints the password, as: pass show office"),
    "ca": N_("A file with the server's certificate authority, if it has one of its own"),
    "client_id": N_("The id of the app that you registered: README tells how"),
    "tenant": N_("Your organisation's domain or id; empty: any"),
    "host": N_("As mail.example.org"),
    "security": N_("How the connection is encrypted"),
    "path": N_("A folder, as ~/Maildir or ~/.calendars/*"),
}
_OTHERWISE = {
    (AccountType.MICROSOFT365, "server"): N_("Empty: Microsoft's own; else as https://graph.microsoft.us"),
}


def explained(kind: AccountType, key: str) -> str:
    """What to write into a field of this type; empty for what is no field."""
    text = _OTHERWISE.get((kind, key)) or EXPLAINED.get(key, "")
    return _(text) if text else ""


CHOICES: Mapping[str, tuple[str, ...]] = {"auth": ("basic", "ntlm", "oauth"), "security": ("starttls", "tls", "none")}


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """A form, as it was filled in. `texts` are the fields of its type; empty ones are not written."""

    name: str
    type: AccountType
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What goes into config.toml."""

    name: str
    type: str
    values: Mapping[str, object]


def account_of(draft: AccountDraft, taken: frozenset[str] = frozenset()) -> NewAccount:
    """What the form means. Raises UsageError for the first field that is wrong, with what to write instead."""
    name = draft.name.strip()
    if not _NAME.fullmatch(name):
        raise UsageError(_("The account needs a short name."), _("Letters and digits, as office."))
    if name in taken or name in ("local", "file"):
        raise UsageError(_("There is an account “{name}” already.").format(name=name), _("Choose another name."))
    given = {key: text.strip() for key, text in draft.texts.items() if text.strip() and key in FIELDS[draft.type]}
    if draft.type is AccountType.MICROSOFT365 and given.get("server", "https://").find("://") < 0:
        given["server"] = f"https://{given['server']}"
    values = {key: _value(draft.type, key, text) for key, text in given.items()}
    if draft.type is AccountType.EXCHANGE:
        values = _exchange(values)
    for key in REQUIRED[draft.type]:
        if key not in values:
            raise UsageError(_("“{field}” is missing.").format(field=field_label(key)), _(EXPLAINED[key]))
    return NewAccount(name, draft.type.value, values)


def _value(kind: AccountType, key: str, text: str) -> object:
    if key == "password_command":
        return _command(text)
    try:
        return ACCOUNTS[kind.value][key](text)
    except Wrong as wrong:
        raise UsageError(
            _("“{field}” {reason}.").format(field=field_label(key), reason=wrong), explained(kind, key)
        ) from None


def _command(text: str) -> list[str]:
    import shlex

    try:
        words = shlex.split(text)
    except ValueError:
        raise UsageError(_("The quotes of “{text}” do not match.").format(text=text)) from None
    return words


def _exchange(values: dict[str, object]) -> dict[str, object]:
    """A host alone is enough, and the address is the user name where none is given."""
    if server := str(values.get("server", "")):
        values["server"] = server_address(server)
    address = str(values.get("address", ""))
    if address:
        values["address"] = parse_address(address).address
        values.setdefault("username", values["address"])
    elif "@" not in str(values.get("username", "")):
        raise UsageError(_("“{field}” is missing.").format(field=field_label("address")), _(EXPLAINED["address"]))
    if values.get("auth") == "basic":
        del values["auth"]
    return values


def server_address(text: str) -> str:
    """The address of Exchange Web Services for what a person types: a host, or the whole. Raises UsageError."""
    parts = urlsplit(text if "//" in text else f"https://{text}")
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise UsageError(_("“{text}” is no server.").format(text=text), _(EXPLAINED["server"]))
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise UsageError(
            _("Without https everybody on the way could read your password."), _("Begin the address with https://.")
        )
    path = parts.path if parts.path.strip("/") else _EWS
    return f"{parts.scheme}://{parts.netloc}{path}"


_FIELD_LABELS = {
    "address": N_("Address"),
    "server": N_("Server"),
    "username": N_("User name"),
    "auth": N_("Sign-in"),
    "password_command": N_("Password from"),
    "ca": N_("Authority"),
    "client_id": N_("App (client) id"),
    "tenant": N_("Organisation"),
    "host": N_("Server"),
    "security": N_("Encryption"),
    "path": N_("Folder"),
}


def field_label(key: str) -> str:
    """What a field is called."""
    return _(_FIELD_LABELS[key])


_CHOICE_LABELS = {
    "basic": N_("Password (Basic)"),
    "ntlm": N_("Windows sign-in (NTLM)"),
    "oauth": N_("Token (OAuth)"),
    "starttls": "STARTTLS",
    "tls": "TLS",
    "none": N_("none (this machine only)"),
}


def choice_label(value: str) -> str:
    """What one of a field's values is called."""
    return _(_CHOICE_LABELS[value])
