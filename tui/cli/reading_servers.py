"""The one case in which a reading command speaks with a server: an account that was never read, or --refresh."""

from __future__ import annotations

import asyncio
import os
import sys
import time

from core.bootstrap import Services, open_services
from core.config.paths import Paths
from core.config.roots import server_folders
from core.config.settings import Settings, load
from core.errors import Cancelled, PartagendaError
from tui.cli.output import Output
from tui.cli.progress import StillProgress

_REST = 600.0
"""Seconds for which a server that could not be read the first time is left alone."""


def ask_servers(config: str, *, only_new: bool) -> None:
    """Read the accounts; what goes wrong stands on standard error, and what is stored is shown all the same."""
    settings, paths = load(config or None), Paths.from_env()
    due = new_accounts(settings, paths) if only_new else [account.name for account in settings.servers]
    if due:
        asyncio.run(_ask(settings, paths, due))


def new_accounts(settings: Settings, paths: Paths) -> list[str]:
    """Accounts on servers that were never read, and were not tried in vain a moment ago."""
    return [name for name, folder in server_folders(settings, str(paths.data)) if _new(folder)]


def _new(folder: str) -> bool:
    if os.path.isdir(folder):
        return False
    try:
        return time.time() - os.stat(f"{folder}.sqlite3").st_mtime > _REST  # its state says when it was tried
    except OSError:
        return True


async def _ask(settings: Settings, paths: Paths, due: list[str]) -> None:
    services = open_services(settings, paths)
    try:
        await read_accounts(services, due)
    except PartagendaError as error:
        Output().error(error)
    finally:
        await services.close()


async def read_accounts(services: Services, due: list[str]) -> None:
    """Read these accounts; which of them failed is said on standard error. Raises Cancelled."""
    progress = StillProgress() if sys.stderr.isatty() else None
    for name, error in await services.accounts.refresh(progress, only=due):
        if isinstance(error, Cancelled):
            raise error
        Output().problem(f"{name}: {error.message}", error.hint)
