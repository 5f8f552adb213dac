"""*Publish This Calendar*: the server itself publishes it, by its remote shell or by a command that the person runs."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime

from core.calendar.people import Address
from core.errors import Refused, TransportError
from core.json_text import read_json
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarKind
from core.ports.publishing import CalendarFolderShell
from core.ports.world import Clock
from core.services.ledger import Ledger, LedgerEntry, LedgerState
from core.services.publication_store import PublicationStore
from core.sharing.detail import DetailLevel
from core.sharing.exchange_publishing import (
    GET,
    SET,
    WEB_ADDRESS,
    ExchangeLinks,
    ExchangeOptions,
    FolderState,
    Period,
    Ways,
    command,
    folder_identity,
    parameters,
    read_links,
    ways,
)
from core.sharing.policy import SharingPolicy
from core.values import dataclass

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


@dataclass(frozen=True, slots=True)
class OnExchange:
    """A calendar that its server publishes, as it was published from here last."""

    info: CalendarInfo
    identity: str
    links: ExchangeLinks
    options: ExchangeOptions
    when: datetime | None
    """When that was, UTC."""
    by_hand: bool
    """The person ran the command: nobody asked the server."""

    @property
    def id(self) -> str:
        """Short, and the same every time."""
        return hashlib.sha256(self.info.id.encode()).hexdigest()[:8]

    @property
    def range(self) -> str:
        """The days as RANGE."""
        return _range(self.options)

    @property
    def result(self) -> str:
        """What is known of it, for a person."""
        return _("links taken over; the server was not asked") if self.by_hand else _("published by the server")


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
        return Standing(
            self._identity(info),
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

    def how_to_end(self, info: CalendarInfo, identity: str) -> str:
        """What the person or the administrator does where no shell is configured."""
        return WEB_ADDRESS if info.kind is CalendarKind.MICROSOFT365 else self.commands(identity, None)

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
        await self._keep(OnExchange(info, identity, state.links, options, self._clock.now(), by_hand=False))
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
        await self._keep(OnExchange(info, self._identity(info), links, options, self._clock.now(), by_hand=True))
        return links

    async def published(self) -> list[OnExchange]:
        """Every calendar that a server publishes and that is known here."""
        return await asyncio.to_thread(self._store.all_remembered, _MEMORY, _remembered)

    def can_ask(self, one: OnExchange) -> bool:
        """Whether a shell is configured by which it can be ended from here."""
        return self._shells(one.info.account) is not None

    async def links(self, info: CalendarInfo) -> ExchangeLinks:
        """The links that are known; empty ones where none are."""
        known = (one.links for one in await self.published() if one.info.id == info.id)
        return next(known, ExchangeLinks("", ""))

    async def forget(self, info: CalendarInfo) -> None:
        """It is not published there any more."""
        links = await self.links(info)
        await asyncio.to_thread(self._store.remember, f"{_MEMORY}{info.id}", "")
        if links.ics:
            await self._tell(info, links, ExchangeOptions(), LedgerState.REVOKED)

    def _identity(self, info: CalendarInfo) -> str:
        address = self._addresses(info.account)
        return folder_identity(address.address if address else "", info.name)

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

    async def _keep(self, one: OnExchange) -> None:
        await asyncio.to_thread(self._store.remember, f"{_MEMORY}{one.info.id}", _as_json(one))
        await self._tell(one.info, one.links, one.options, LedgerState.SENT)

    async def _tell(
        self, info: CalendarInfo, links: ExchangeLinks, options: ExchangeOptions, state: LedgerState
    ) -> None:
        entry = LedgerEntry(
            person=links.ics,
            calendar=info.name,
            how="publication",
            level=options.level.value,
            range=_range(options),
            when=self._clock.now(),
            state=state,
            reference=f"{_MEMORY}{info.id}",
        )
        await self._ledger.record([entry])


def _range(options: ExchangeOptions) -> str:
    return f"-{options.before.days}d..+{options.after.days}d"


def _as_json(one: OnExchange) -> str:
    return json.dumps(
        {
            "page": one.links.page,
            "ics": one.links.ics,
            "name": one.info.name,
            "account": one.info.account,
            "kind": one.info.kind.value,
            "identity": one.identity,
            "level": one.options.level.value,
            "before": one.options.before.value,
            "after": one.options.after.value,
            "public": one.options.public,
            "when": one.when.isoformat() if one.when else "",
            "by_hand": one.by_hand,
        }
    )


def _remembered(id_: str, text: str) -> OnExchange:
    read = dict(read_json(text))
    account = read.get("account") or id_.partition("/")[0]
    options = ExchangeOptions(
        DetailLevel(read.get("level", DetailLevel.AVAILABILITY)),
        Period(read.get("before", Period.THREE_MONTHS)),
        Period(read.get("after", Period.THREE_MONTHS)),
        public=bool(read.get("public")),
    )
    return OnExchange(
        CalendarInfo(id_, read.get("name") or id_, account, CalendarKind(read.get("kind") or CalendarKind.EXCHANGE)),
        read.get("identity", ""),
        ExchangeLinks(read.get("page", ""), read.get("ics", "")),
        options,
        datetime.fromisoformat(read["when"]) if read.get("when") else None,
        bool(read.get("by_hand")),
    )


_MEMORY = "exchange:"
"""Under which it is remembered, with the calendar's id behind it."""
_ORDER = list(DetailLevel)
