"""Calendars on the internet: fetched by their address, again and again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """What the last answer said of its version (RFC 9110 §8.8): given back, so that nothing is sent twice."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `content` None: nothing changed since the version that was known (304)."""

    content: bytes | None
    version: Known = Known()


class FeedSource(Protocol):
    """Fetches a calendar. Only http(s) and webcal(s); what is no calendar is the caller's to notice.

    Raises UsageError for another address, PrivateNetwork where the address (or one it leads to) is inside a private
    network and its host is not among `allowed`, SignInFailed, CertificateError, Refused, NotFound (gone), TryLater,
    Unreachable, TransportError. A sign-in is used only below the address of its entry in config.toml.
    """

    def host_of(self, address: str) -> str:
        """The host of an address that can be fetched. Raises UsageError for any other."""
        ...

    async def fetch(self, address: str, known: Known | None = None, *, allowed: Collection[str] = ()) -> Fetched:
        """One request, redirects followed by hand. `allowed`: hosts that the person said yes to."""
        ...
