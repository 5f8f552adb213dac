"""What to do with a sharing message that came: open the calendar, answer a request, ask back. Nothing is fetched before
the person says so, and what the message claims is shown beside who really sent it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from typing import Protocol

from core.calendar.people import Address
from core.errors import NotFound, PartagendaError, Refused
from core.language import _
from core.ports.calendars import CalendarInfo, CalendarStore
from core.services.inbox import InboxItem
from core.services.sharing_servers import Mirroring
from core.sharing.incoming import IncomingMessage
from core.sharing.invitation import Provider, ProviderKind, Purpose, SharingMessage
from core.sharing.links import Verdict
from core.values import dataclass

Subscribe = Callable[[str, str, Collection[str]], Awaitable[CalendarInfo]]
"""Subscribes to an address under a name; the last are hosts in private networks that the person said yes to."""


class Letters(Protocol):
    """The part of the inbox that is needed here."""

    async def read(self, id: str) -> tuple[InboxItem, IncomingMessage]: ...  # noqa: A002


@dataclass(frozen=True, slots=True)
class Offer:
    """A sharing message, judged: who, what, at which level, and what can be done."""

    item: InboxItem
    message: SharingMessage
    sender: Address
    """Who sent it, by the message's From: the true address."""
    owner: Address
    """Whose calendar it is said to be."""
    provider: Provider | None
    problem: str = ""
    """Why it cannot be opened here; empty if it can."""

    @property
    def can_open(self) -> bool:
        """Whether *Open this calendar* can be chosen."""
        return self.message.purpose.shares and not self.problem

    @property
    def impostor(self) -> bool:
        """The message says that it comes from somebody else than its sender."""
        return self.owner.key != self.sender.key

    @property
    def private(self) -> str:
        """The host in a private network to which opening would lead; empty for all others."""
        link = self.provider.ics if self.provider and self.provider.kind is ProviderKind.PUBLISH else None
        return link.host if link is not None and link.verdict is Verdict.PRIVATE else ""

    @property
    def name(self) -> str:
        """What the calendar will be called: “Owner’s name – Calendar”."""
        calendar = self.message.name or _("Calendar")
        return f"{self.owner.name or self.owner.address} – {calendar}"

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything that a person should know before they decide."""
        return tuple(_lines(self))


def _lines(offer: Offer) -> Iterator[str]:
    message = offer.message
    yield _("From: {sender}").format(sender=str(offer.sender))
    if offer.impostor:
        yield _("Careful: the message says that it comes from {owner}, and was sent by {sender}.").format(
            owner=str(offer.owner), sender=offer.sender.address
        )
    match message.purpose:
        case Purpose.INVITE | Purpose.BOTH:
            yield _("Shares with you: {name}").format(name=message.name or _("Calendar"))
        case Purpose.ALLOW:
            yield _("Allows what you asked for: {name}").format(name=message.name or _("Calendar"))
        case Purpose.REQUEST:
            yield _("Asks to see your calendar. Allow it at a level that you choose, or decline.")
        case Purpose.DENY:
            yield _("Does not share their calendar with you.")
    if message.purpose.shares:
        yield _level_line(message)
    if message.purpose is Purpose.BOTH:
        yield _("Also asks to see yours.")
    yield from _way(offer)
    yield from message.problems
    if offer.problem:
        yield offer.problem


def _level_line(message: SharingMessage) -> str:
    if message.level is None:
        return _("The level is not in the message; it is seen once the calendar is open.")
    return _("Level, as they say: {level}").format(level=message.level.label)


def _way(offer: Offer) -> Iterator[str]:
    provider = offer.provider
    if provider is None or not offer.message.purpose.shares:
        return
    if provider.kind is ProviderKind.INTERNAL:
        yield _("It is on your organisation's server.")
    link = provider.ics or provider.page
    if link is not None:
        yield _("Address: {address}").format(address=link.said)
        if link.reason:
            yield _("This address: {reason}.").format(reason=link.reason)


class Receiving:
    """The service behind *Open this calendar* and the answers to sharing messages."""

    def __init__(
        self,
        inbox: Letters,
        stores: Sequence[CalendarStore],
        mine: Collection[str],
        subscribe: Subscribe | None = None,
    ) -> None:
        self._inbox = inbox
        self._stores = tuple(stores)
        self._mine = frozenset(address.lower() for address in mine)
        self._subscribe = subscribe

    async def offer(self, id: str) -> Offer:  # noqa: A002
        """Judge a message. Fetches nothing. Raises NotFound, Refused for a message that shares nothing."""
        item, letter = await self._inbox.read(id)
        message = letter.sharing
        if message is None:
            raise Refused(_("This message is no sharing invitation and no request."))
        sender = letter.sender or Address("")
        provider = message.provider_for(self._mine)
        owner = message.initiator or sender
        if owner.key == sender.key:
            owner = Address(owner.address, owner.name or sender.name)
        return Offer(item, message, sender, owner, provider, self._problem(message, provider))

    def _problem(self, message: SharingMessage, provider: Provider | None) -> str:
        if not message.purpose.shares:
            return ""
        if not message.of_calendar:
            return _("It shares no calendar but contacts, tasks or another folder; Partagenda opens calendars only.")
        if provider is None:
            return _("It does not say where the calendar is. Ask for a new invitation, or for a copy by e-mail.")
        if provider.kind is ProviderKind.INTERNAL:
            return "" if self._servers() else _no_server()
        return self._problem_outside(provider)

    def _problem_outside(self, provider: Provider) -> str:
        link = provider.ics
        if link is not None and link.verdict is Verdict.REFUSED:
            return _("It is not opened: {reason}.").format(reason=link.reason)
        if link is not None:
            return "" if self._subscribe else _("This version cannot subscribe to addresses.")
        if provider.kind is ProviderKind.EXTERNAL:
            return _(
                "It is sealed for the Exchange server of your organisation: accept it in Outlook or on the web, or ask"
                " the sender for a copy by e-mail."
            )
        return _("It offers no way that this program knows. Ask the sender for a copy by e-mail.")

    def _servers(self) -> list[Mirroring]:
        return [store for store in self._stores if isinstance(store, Mirroring)]

    async def open(self, offer: Offer, *, private: bool = False) -> CalendarInfo:
        """Add the calendar to the list and read it; from now on it is kept up to date.

        Called after the person said yes; `private` is their yes to a host in a private network. Raises Refused where it
        cannot be opened, with the reason.
        """
        if not offer.can_open or offer.provider is None:
            raise Refused(offer.problem or _("There is no calendar to open in this message."))
        if offer.private and not private:
            raise Refused(
                _("The address leads into a private network: {host}.").format(host=offer.private),
                _("Agree to exactly that if you know this machine."),
            )
        if offer.provider.kind is ProviderKind.INTERNAL:
            return await self._on_server(offer)
        assert offer.provider.ics is not None
        assert self._subscribe is not None
        return await self._subscribe(offer.provider.ics.url, offer.name, [offer.private] if offer.private else [])

    async def _on_server(self, offer: Offer) -> CalendarInfo:
        """The account that knows the owner opens it; what the others say is told only when none does."""
        problems: list[PartagendaError] = []
        folder = offer.provider.folder if offer.provider and not offer.message.default else ""
        for store in self._servers():
            try:
                return await store.open_shared(offer.owner.address, folder)
            except (NotFound, Refused) as error:
                problems.append(error)
        raise problems[0] if problems else Refused(_no_server())


def _no_server() -> str:
    return _("It is on an Exchange server, and you have no account on one. Add it: partagenda account add.")
