"""Addresses of folders and files behind SSH: `sftp://[user@]host[:port]/path`, `/~/` being the home there.

The words of an address end up in an argument of ssh and in a line of sftp's batch, so that only names go through that
neither of them can take for anything else.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from core.errors import UsageError
from core.language import _
from core.values import dataclass

_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\]")
_ODD = frozenset("\"'\\*?[]")
"""Quotes and patterns of sftp's batch language."""


@dataclass(frozen=True, slots=True)
class SftpAddress:
    """One address, taken apart. `folder` is empty for the home; `name` is empty for a folder."""

    login: str
    """`host` or `user@host`, as ssh takes it."""
    port: int | None
    folder: str
    name: str

    @property
    def host(self) -> str:
        """Whom a message names."""
        return self.login.rpartition("@")[2]

    @property
    def shown(self) -> str:
        """The folder for a message."""
        return self.folder or "~"

    @classmethod
    def read(cls, address: str) -> SftpAddress:
        """Raises UsageError for what could be taken for something else."""
        try:
            if not address.isprintable():
                raise ValueError
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            raise _no_place(address) from None
        user, sign, host = parts.netloc.rpartition("@")
        host = host if host.endswith("]") else re.sub(r":\d*$", "", host)
        fits = _HOST.fullmatch(host) and (not sign or _USER.fullmatch(user))
        if not fits or parts.query or parts.fragment or not parts.path.startswith("/"):
            raise _no_place(address)
        path = unquote(parts.path)
        if not is_plain(path) or ".." in path.split("/"):
            raise UsageError(
                _("A path on a server may not have quotes, backslashes, * ? [ ] or .. in it."),
                _("Rename the folder there, or choose another one."),
            )
        folder, _slash, name = path.rpartition("/")
        return cls(f"{user}{sign}{host}", port, _on_server(folder), name)


def is_plain(name: str) -> bool:
    """Whether a name can stand in a batch."""
    return name.isprintable() and not _ODD & set(name)


def quoted(path: str) -> str:
    """A path as a word of a batch; it is not taken for an option."""
    assert is_plain(path)
    return f'"./{path}"' if not path.startswith("/") else f'"{path}"'


def below(folder: str, name: str) -> str:
    """The address of a thing in a folder."""
    return folder + quote(name)


def _on_server(folder: str) -> str:
    if folder == "/~" or folder.startswith("/~/"):
        return folder[3:]
    return folder or "/"


def _no_place(address: str) -> UsageError:
    return UsageError(
        _("“{address}” is no place to publish to.").format(address=address),
        _("Write it as sftp://user@host/srv/www/calendars/ or host:public_html/."),
    )
