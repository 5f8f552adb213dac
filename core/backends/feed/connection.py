"""Connections that go only where one may: the name is looked up once, judged, and exactly that address is connected to.

If the name were looked up again for connecting, whoever answers for it could give a public address first and a
private one then (DNS rebinding). The certificate is held to the name all the same.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection

import httpx

from core.backends.feed.address import among, is_public

Resolver = Callable[[str, int], Awaitable[list[str]]]


class InsidePrivateNetwork(Exception):
    """The host is in a private network, and nobody said yes to it."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


class NoSuchHost(Exception):
    """The name has no address."""


async def look_up(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the order in which they are to be tried. Raises NoSuchHost."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoSuchHost(host) from error
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class JudgedTransport(httpx.AsyncBaseTransport):
    """Hands requests on to httpx's own transport, with the judged IP address in the place of the name."""

    def __init__(self, inner: httpx.AsyncBaseTransport, allowed: Collection[str], resolver: Resolver = look_up) -> None:
        self._inner = inner
        self._allowed = frozenset(allowed)
        self._resolver = resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx asks for it. Raises InsidePrivateNetwork, NoSuchHost and httpx's errors."""
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = await self._resolver(host, port)
        if not among(host, self._allowed) and not all(map(is_public, addresses)):
            raise InsidePrivateNetwork(host)
        last: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for address in addresses:
            try:
                return await self._inner.handle_async_request(_to(request, address, host))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                last = error
        raise last or NoSuchHost(host)

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self._inner.aclose()


def _to(request: httpx.Request, address: str, host: str) -> httpx.Request:
    """The same request for this address; `Host` and the name in TLS stay what they were."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )
