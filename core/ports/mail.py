"""What takes messages, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.calendar.people import Address
from core.ports.world import Progress
from core.values import dataclass


class Delivery(StrEnum):
    """What is known about one recipient."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"
    """For good: the address or the message was rejected."""
    UNKNOWN = "unknown"
    """It may have been sent: the line broke after the last byte."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A finished message, as it goes to a transport. `recipients` holds Bcc too; `content` never names them."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What a transport says of one recipient. `retry` tells whether trying again may help."""

    address: str
    delivery: Delivery
    reason: str = ""
    retry: bool = False


class MailTransport(Protocol):
    """Takes messages. Raises TransportError when nothing was handed over, DeliveryUnknown when nobody can know."""

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        ...

    async def send(self, envelope: Envelope) -> Sequence[RecipientResult]:
        """Hand the message over; the answer has each recipient once.

        A cancellation ends it at once: with nothing handed over, or, after the last byte, with DeliveryUnknown.
        """
        ...

    async def check(self) -> str:
        """Sign in and say in one line what the server is and can do."""
        ...


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message in a mailbox: where it is, and enough of its head to list it."""

    id: str
    account: str
    sender: Address | None
    subject: str
    received: datetime


class MessageSource(Protocol):
    """A mailbox that can be listed and read; it never changes a message."""

    @property
    def account(self) -> str:
        """The account's name in config.toml."""
        ...

    async def messages(self, progress: Progress | None = None) -> Sequence[MessageRef]:
        """Messages that carry a calendar, an invitation or a sharing message, oldest first."""
        ...

    async def read(self, message: str) -> bytes:
        """The whole message, by the id of its MessageRef. Raises NotFound when it is gone meanwhile."""
        ...
