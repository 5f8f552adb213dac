"""*Publish This Calendar*: the server itself publishes it, by its remote shell or by a command that the person runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.calendar.people import Address
from core.errors import Refused, TransportError
from core.language import _
from core.ports import CalendarInfo, Clock
from core.ports.publishing import CalendarFolderShell
from core.services.ledger import Ledger, LedgerEntry, LedgerState
from core.services.publication_store import PublicationStore
from core.sharing.detail import DetailLevel
from core.sharing.exchange_publishing import (
    GET,
    SET,
    ExchangeLinks,
    ExchangeOptions,
    FolderState,
    Ways,
    command,
    folder_identity,
    parameters,
    read_links,
    ways,
)
from core.sharing.policy import SharingPolicy

Shells = Callable[[str], CalendarFolderShell | None]
Policies = Callable[[str], Awaitable[SharingPolicy | None]]
Addresses = Callable[[str], Address | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be done with one calendar: whether the shell is configured, what the policy says, what is known."""

    identity: str
    configured: bool
    ways: Ways
    links: ExchangeLinks


class PublishOnExchange:
    """The service behind *Publish This Calendar*.

    `shells`: an account's remote shell, None where none is configured; `policies`: its sharing policy, None where that
    is not known; `addresses`: the mailbox's address.
    """

    def __init__(
        self,
        *,
        store: PublicationStore,
        ledger: Ledger,
        clock: Clock,
        shells: Shells,
        policies: Policies,
        addresses: Addresses,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._shells = shells
        self._policies = policies
        self._addresses = addresses

    async def standing(self, info: CalendarInfo) -> Standing:
        """What the screen shows before anything is done. Asks the server for its policy, where it tells it."""
        address = self._addresses(info.account)
        return Standing(
            folder_identity(address.address if address else "", info.name),
            self._shells(info.account) is not None,
            ways(await self._policies(info.account)),
            await self.links(info),
        )

    def commands(self, identity: str, options: ExchangeOptions | None, *, new_links: bool = False) -> str:
        """What the person or the administrator runs: the change, and the look that prints the links."""
        lines = [command(SET, parameters(identity, options, new_links=new_links))]
        if options is not None:
            lines.append(f"{command(GET, {'Identity': identity})} | Format-List Published*")
        return "\n".join(lines)

    async def publish(
        self, info: CalendarInfo, identity: str, options: ExchangeOptions, *, new_links: bool = False
    ) -> ExchangeLinks:
        """Set it, look at what it is then, keep the links. Raises Refused by the policy, and what the shell raises."""
        await self._check(info, options)
        shell = self._shell(info)
        await shell.run(SET, parameters(identity, options, new_links=new_links))
        state = await self._state(shell, identity)
        if not state.enabled or not state.links.ics:
            raise TransportError(
                _("The server took the command, and does not publish the calendar."),
                _("Its administrator may have to enable publishing (OWA virtual directory, ExternalUrl)."),
            )
        if _ORDER.index(state.options.level) > _ORDER.index(options.level):
            raise TransportError(
                _("The server publishes more than was asked: {level}.").format(level=state.options.level.label),
                _("Stop publishing there, and ask the administrator."),
            )
        await self._keep(info, state.links, options)
        return state.links

    async def state(self, info: CalendarInfo, identity: str) -> FolderState:
        """What the server says now."""
        return await self._state(self._shell(info), identity)

    async def stop(self, info: CalendarInfo, identity: str) -> None:
        """Stop publishing, and look whether it stopped."""
        shell = self._shell(info)
        await shell.run(SET, parameters(identity, None))
        if (await self._state(shell, identity)).enabled:
            raise TransportError(_("The server took the command, and still publishes the calendar."), "")
        await self.forget(info)

    async def take_links(self, info: CalendarInfo, pasted: str, options: ExchangeOptions) -> ExchangeLinks:
        """The two links that the command printed, as the person pasted them. Raises UsageError."""
        links = read_links(pasted)
        await self._keep(info, links, options)
        return links

    async def links(self, info: CalendarInfo) -> ExchangeLinks:
        """The links that are known; empty ones where none are."""
        text = await asyncio.to_thread(self._store.remembered, f"exchange:{info.id}")
        found = json.loads(text) if text else {}
        return ExchangeLinks(found.get("page", ""), found.get("ics", ""))

    async def forget(self, info: CalendarInfo) -> None:
        """It is not published there any more."""
        links = await self.links(info)
        await asyncio.to_thread(self._store.remember, f"exchange:{info.id}", "")
        if links.ics:
            await self._tell(info, links, ExchangeOptions(), LedgerState.REVOKED)

    async def _check(self, info: CalendarInfo, options: ExchangeOptions) -> None:
        found = ways(await self._policies(info.account))
        if not found.exchange:
            raise Refused(found.reason, _("Publish Online takes a WebDAV server."))
        if found.most is not None and _ORDER.index(options.level) > _ORDER.index(found.most):
            raise Refused(found.reason, _("Choose “{level}” or less.").format(level=found.most.label))

    def _shell(self, info: CalendarInfo) -> CalendarFolderShell:
        shell = self._shells(info.account)
        if shell is None:
            raise Refused(
                _("No remote PowerShell is configured for “{account}”.").format(account=info.account),
                _("Run the command that is shown by hand, or publish to a WebDAV server."),
            )
        return shell

    async def _state(self, shell: CalendarFolderShell, identity: str) -> FolderState:
        found = await shell.run(GET, {"Identity": identity})
        if not found:
            raise TransportError(_("The server said nothing about the calendar."), "")
        return FolderState.read(found[0])

    async def _keep(self, info: CalendarInfo, links: ExchangeLinks, options: ExchangeOptions) -> None:
        text = json.dumps({"page": links.page, "ics": links.ics})
        await asyncio.to_thread(self._store.remember, f"exchange:{info.id}", text)
        await self._tell(info, links, options, LedgerState.SENT)

    async def _tell(
        self, info: CalendarInfo, links: ExchangeLinks, options: ExchangeOptions, state: LedgerState
    ) -> None:
        when = f"-{options.before.days}d..+{options.after.days}d"
        entry = LedgerEntry(
            person=links.ics,
            calendar=info.name,
            how="publication",
            level=options.level.value,
            range=when,
            when=self._clock.now(),
            state=state,
            reference=f"exchange:{info.id}",
        )
        await self._ledger.record([entry])


_ORDER = list(DetailLevel)
