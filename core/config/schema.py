"""What config.toml may say: every key, the kind of its value, and how a wrong one is explained.

Standard library only and no dataclasses: the reading commands of the command line check the file with this too.
A checker takes what TOML gave and returns the value in its plain form, or raises `Wrong` with the reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from core.language import LANGUAGES, N_, _

WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Wrong(ValueError):
    """A value that cannot be used; the text says what it must be, in the person's language."""


Checker = Callable[[object], object]


def text(value: object) -> str:
    """A string that is not empty and stands on one line."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise Wrong(_("must be text on one line, in quotes"))
    return value.strip()


def secret_text(value: object) -> str:
    """A string, as it is: spaces belong to it."""
    if not isinstance(value, str) or not value:
        raise Wrong(_("must be text on one line, in quotes"))
    return value


def flag(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Wrong(_("must be true or false"))
    return value


def path(value: object) -> str:
    """A path, `~` expanded. A relative one would depend on where the program is started, so it is refused."""
    expanded = os.path.expanduser(text(value))
    if not os.path.isabs(expanded):
        raise Wrong(_("must be a whole path that begins with / or ~"))
    return expanded


def path_list(value: object) -> list[str]:
    """A list of paths; one alone is a list of one."""
    return [path(item) for item in (value if isinstance(value, list) else [value])]


def command(value: object) -> list[str]:
    """A program and its arguments, as a list: no shell is ever asked."""
    if not isinstance(value, list) or not value or not all(isinstance(part, str) and part for part in value):
        raise Wrong(_('must be a list of words, as ["pass", "show", "mail"]'))
    if any("\0" in part for part in value):
        raise Wrong(_("must not hold a zero byte"))
    return [os.path.expanduser(value[0]), *value[1:]]


def policy_rules(value: object) -> list[str]:
    """Rules of a sharing policy, as Get-SharingPolicy prints them."""
    from core.errors import Unreadable
    from core.sharing.policy import parse_policy

    if not isinstance(value, list) or not all(isinstance(rule, str) for rule in value):
        raise Wrong(_('must be a list of rules, as ["Anonymous: CalendarSharingFreeBusySimple"]'))
    try:
        parse_policy(value)
    except Unreadable as error:
        raise Wrong(error.message) from None
    return value


def domain_list(value: object) -> list[str]:
    """Mail domains."""
    if not isinstance(value, list) or not all(isinstance(name, str) and "." in name for name in value):
        raise Wrong(_('must be a list of domains, as ["example.net"]'))
    return [name.lower() for name in value]


def web_address(value: object) -> str:
    """An http or https address of a folder; the `/` at its end may be left out."""
    given = text(value)
    if not given.lower().startswith(("http://", "https://")):
        raise Wrong(_("must be an address that begins with https:// or http://"))
    return given if given.endswith("/") else given + "/"


def port(value: object) -> int:
    """A TCP port."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong(_("must be a whole number"))
    if not 1 <= value <= 65535:
        raise Wrong(_("must be a number from 1 to 65535"))
    return value


def clock_time(value: object) -> str:
    """A time of day as HH:MM, given as text or as a TOML time."""
    iso = getattr(value, "isoformat", None)
    given = iso()[:5] if iso and not hasattr(value, "year") else value
    if not isinstance(given, str) or not _is_time(given):
        raise Wrong(_("must be a time of day as “08:00”"))
    return given


def _is_time(given: str) -> bool:
    hours, colon, minutes = given.partition(":")
    plain = hours.isdecimal() and minutes.isdecimal() and len(hours) == len(minutes) == 2 and given.isascii()
    return bool(colon) and plain and int(hours) < 24 and int(minutes) < 60


def weekday_list(value: object) -> list[str]:
    """Days of the week by their two letters."""
    if not isinstance(value, list) or not value or not all(day in WEEKDAYS for day in value):
        raise Wrong(_("must be a list of days out of {days}").format(days=", ".join(WEEKDAYS)))
    return [day for day in WEEKDAYS if day in value]


def time_zone(value: object) -> str:
    """An IANA time zone that this machine knows."""
    from core.config.clock import iana_zone

    name = text(value)
    if iana_zone(name) is None:
        raise Wrong(_near(_("must be a time zone as “Europe/Paris”"), name, _zones()))
    return name


def _zones() -> list[str]:
    import zoneinfo

    return sorted(zoneinfo.available_timezones())


def _near(reason: str, given: str, known: list[str]) -> str:
    close = nearest(given, known)
    return f"{reason}; " + _("did you mean “{name}”?").format(name=close) if close else reason


def nearest(given: str, known: list[str]) -> str:
    """The known name that looks most like the given one; empty if none does."""
    import difflib

    return next(iter(difflib.get_close_matches(given, known, 1, 0.6)), "")


def one_of(*allowed: str) -> Checker:
    """A checker for a closed set of words."""

    def check(value: object) -> str:
        if value not in allowed:
            raise Wrong(_("must be one of: {allowed}").format(allowed=", ".join(allowed)))
        return str(value)

    return check


def mail_address(value: object) -> str:
    """One address, `name@example.org`, with or without a name before it."""
    given = text(value)
    if given.count("@") < 1 or given.strip("<> ").startswith("@") or given.endswith("@"):
        raise Wrong(_("must be an e-mail address as “alice@example.org”"))
    return given


def https_server(value: object) -> str:
    """`https://host`, perhaps with a port, and nothing behind it."""
    from urllib.parse import urlsplit

    parts = urlsplit(text(value))
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
        raise Wrong(_("must be an address as “https://graph.microsoft.com”"))
    return f"https://{parts.netloc}"


_ENVELOPE: dict[str, Checker] = {"sent_copy": path}
_SIGN_IN: dict[str, Checker] = {
    "username": text,
    "password": secret_text,
    "password_command": command,
    "keyring": flag,
}
ACCOUNTS: dict[str, dict[str, Checker]] = {
    "smtp": {
        "host": text,
        "port": port,
        "security": one_of("tls", "starttls", "none"),
        "ca": path,
        **_SIGN_IN,
        **_ENVELOPE,
    },
    "sendmail": {"command": command, **_ENVELOPE},
    "vdir": {"path": path},
    "maildir": {"path": path},
    "imap": {
        "host": text,
        "port": port,
        "security": one_of("tls", "starttls", "none"),
        "ca": path,
        "folder": text,
        **_SIGN_IN,
    },
    "exchange": {
        "server": text,
        "address": mail_address,
        "auth": one_of("basic", "ntlm", "oauth"),
        "powershell": web_address,
        "ca": path,
        "sharing_policy": policy_rules,
        "partners": domain_list,
        **_SIGN_IN,
        **_ENVELOPE,
    },
    "microsoft365": {"client_id": text, "tenant": text, "address": mail_address, "server": https_server, "ca": path},
}
"""Account types and the keys that each one has beside `type`."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "smtp": ("host",),
    "sendmail": (),
    "vdir": ("path",),
    "maildir": ("path",),
    "imap": ("host",),
    "exchange": ("username",),
    "microsoft365": ("client_id",),
}

SECTIONS: dict[str, dict[str, Checker]] = {
    "me": {"name": text, "address": mail_address, "time_zone": time_zone, "language": one_of(*LANGUAGES)},
    "working_hours": {"days": weekday_list, "start": clock_time, "end": clock_time},
    "addresses": {"vcards": path_list, "mutt_aliases": path, "query_command": command},
    "ui": {"theme": text},
    "reminders": {"command": command, "in_app": flag, "bell": flag},
}
PEOPLE: dict[str, Checker] = {"time_zone": time_zone, **SECTIONS["working_hours"]}
"""`[people."bruno@example.org"]`: when somebody else works, and where."""
WEBDAV: dict[str, Checker] = {"public": web_address, **_SIGN_IN, "ca": path}
TOP = (*SECTIONS, "accounts", "webdav", "people", "keys")

NEEDS = N_("is missing")
SECRETS = ("password",)
"""Keys whose value is a secret itself: a file with one of them must be the person's alone."""


def holds_secret(document: Mapping[str, object]) -> bool:
    """Whether an account or a WebDAV entry has a password written out."""
    entries = [group for name in ("accounts", "webdav") if isinstance(group := document.get(name), dict)]
    return any(
        isinstance(entry, dict) and key in entry for group in entries for entry in group.values() for key in SECRETS
    )
