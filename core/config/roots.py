"""Where the folders of calendars are: what the one index covers. Light, for the reading commands, too."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from core.config.settings import Settings

_SAFE = re.compile(r"[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]{0,99}")


def account_folder(data: str, account: str) -> str:
    """Where the copies of a server account's calendars lie; an account's name is no name on disk (traps.md, 4)."""
    if not _SAFE.fullmatch(account):
        from hashlib import sha256

        account = sha256(account.encode()).hexdigest()[:32]
    return os.path.join(data, "accounts", account)


def server_folders(settings: Settings, data: str) -> list[tuple[str, str]]:
    """(Account, folder) of the accounts whose calendars are copied from a server, in the order of config.toml."""
    return [(account.name, account_folder(data, account.name)) for account in settings.servers]


def index_roots(settings: Settings, data: str) -> list[tuple[str, str]]:
    """(Account, path pattern) of all folders of calendars: the built-in account's, other programs', servers' copies."""
    from core.config.settings import VdirAccount

    roots = [("local", os.path.join(data, "calendars", "*"))]
    accounts = settings.accounts.values()
    roots += [(account.name, account.pattern) for account in accounts if isinstance(account, VdirAccount)]
    return roots + [(name, os.path.join(folder, "*")) for name, folder in server_folders(settings, data)]
