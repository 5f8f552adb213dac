"""From accounts on servers to what services need of them: the one other module that names backends.

Nothing heavy is loaded here: a vendor's library is imported by its backend, in a thread, when a server is first asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.config.settings import Microsoft365Account, ServerAccount, Settings
from core.values import dataclass

if TYPE_CHECKING:
    from core.backends.mirror import MirrorStore
    from core.config.paths import Paths
    from core.config.secrets import ConfiguredSecrets
    from core.index.session import IndexSession
    from core.ports.mail import MailTransport, MessageSource
    from core.ports.servers import FreeBusySource, RemoteCalendars
    from core.ports.sharing import PermissionStore, SharingGateway
    from core.ports.sign_in import InteractiveSignIn
    from core.ports.world import Clock, Directory, Secrets


@dataclass(frozen=True, slots=True)
class ServerParts:
    """What one account on a server offers, over one session."""

    calendars: RemoteCalendars
    free_busy: FreeBusySource
    directory: Directory
    transport: MailTransport
    messages: MessageSource
    permissions: PermissionStore
    sharing: SharingGateway
    sign_in: InteractiveSignIn | None = None
    """How a person signs in, where a password is not enough."""


def parts_of(account: ServerAccount, secrets: Secrets, clock: Clock, state: Path) -> ServerParts:
    """The parts of an account, by its type."""
    if isinstance(account, Microsoft365Account):
        return _microsoft365(account, clock, state)
    from core.backends.exchange import open_account

    return ServerParts(*open_account(account, secrets, clock))


def _microsoft365(account: Microsoft365Account, clock: Clock, state: Path) -> ServerParts:
    from core.backends.graph.account import GraphAccount
    from core.backends.graph.settings import WORLD, GraphSettings
    from core.config.roots import account_folder

    tokens = Path(account_folder(str(state / "sign-in"), account.name) + ".json")
    reached = GraphSettings(
        account.name,
        account.client_id,
        tokens,
        account.tenant,
        account.address,
        account.server or WORLD,
        account.ca,
    )
    made = GraphAccount(reached, clock.zone, clock.now)
    return ServerParts(
        made.calendars,
        made.free_busy,
        made.directory,
        made.transport,
        made.messages,
        made.sharing,
        made.sharing,
        made.sign_in,
    )


class Servers:
    """All accounts on servers; each is opened when it is first asked for."""

    def __init__(self, settings: Settings, paths: Paths, clock: Clock, index: Callable[[], IndexSession]) -> None:
        self._settings = settings
        self._paths = paths
        self._clock = clock
        self._index = index
        self._parts: dict[str, ServerParts] = {}
        self._stores: dict[str, MirrorStore] = {}

    @cached_property
    def secrets(self) -> ConfiguredSecrets:
        """The passwords that config.toml names."""
        from core.config.secrets import ConfiguredSecrets

        return ConfiguredSecrets.of(self._settings)

    def parts(self, account: ServerAccount) -> ServerParts:
        """What an account offers."""
        if account.name not in self._parts:
            self._parts[account.name] = parts_of(account, self.secrets, self._clock, self._paths.state)
        return self._parts[account.name]

    @property
    def all_parts(self) -> list[ServerParts]:
        """Of every account, in the order of config.toml."""
        return [self.parts(account) for account in self._settings.servers]

    @property
    def stores(self) -> list[MirrorStore]:
        """The copies of their calendars."""
        for account in self._settings.servers:
            if account.name not in self._stores:
                from core.backends.mirror import MirrorStore

                remote = self.parts(account).calendars
                data, state = self._paths.data, self._paths.state
                self._stores[account.name] = MirrorStore(remote, self._index(), self._clock, data=data, state=state)
        return list(self._stores.values())

    async def close(self) -> None:
        """Give what was written its last chance, and let go of the servers."""
        for store in self._stores.values():
            await store.close()
        for name, parts in self._parts.items():
            if name not in self._stores:
                await parts.calendars.close()
