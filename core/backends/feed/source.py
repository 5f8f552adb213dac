"""A calendar is fetched: one GET, redirects by hand, bounded in time and size; implements `core.ports.FeedSource`."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Collection, Sequence
from pathlib import Path

import httpx

from core.backends.feed.address import WebAddress, belongs_below, led_to, web_address
from core.backends.feed.body import read_body
from core.backends.feed.connection import JudgedTransport, Resolver, look_up
from core.backends.feed.translate import Lost, broken, downgraded, private, refused, too_many
from core.backends.http.sign_in import SignIn
from core.errors import PrivateNetwork, SignInFailed, UsageError
from core.ports.feeds import Fetched, Known
from core.ports.world import Secrets
from core.values import dataclass

_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Limits:
    """`step`, `total`: seconds for one wait, and for everything. `size`: bytes, decoded. `hops`: redirects."""

    step: float = 20.0
    total: float = 90.0
    size: int = 64 * 1024 * 1024
    hops: int = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """A [webdav] entry of config.toml: the sign-in and the authority for every address below `base`."""

    base: str
    username: str = ""
    ca: Path | None = None


class WebFeedSource:
    """Implements `core.ports.FeedSource`. `trusted`: hosts that the person's configuration names."""

    def __init__(
        self,
        entries: Sequence[Entry] = (),
        secrets: Secrets | None = None,
        *,
        trusted: Collection[str] = (),
        limits: Limits | None = None,
        resolver: Resolver = look_up,
    ) -> None:
        self._entries = tuple(sorted(entries, key=lambda entry: -len(entry.base)))
        self._secrets = secrets
        self._trusted = frozenset(trusted)
        self._limits = limits or Limits()
        self._resolver = resolver
        self._refused: set[str] = set()
        """Entries whose password a server did not take: nothing more is sent with it."""

    def host_of(self, address: str) -> str:
        """See the port."""
        return web_address(address).host

    async def fetch(self, address: str, known: Known | None = None, *, allowed: Collection[str] = ()) -> Fetched:
        """See the port. `webcal:` is tried with https first, and with http where nobody listens there."""
        found, known = web_address(address), known or Known()
        hosts = self._trusted | set(allowed)
        if found.guessed:
            secure = web_address(found.url.replace("http:", "https:", 1))
            try:
                return await self._in_time(secure, known, hosts)
            except Lost:
                pass  # no TLS at that port: webcal means http, too
        return await self._in_time(found, known, hosts)

    async def _in_time(self, address: WebAddress, known: Known, hosts: Collection[str]) -> Fetched:
        try:
            async with asyncio.timeout(self._limits.total):
                return await self._follow(address, known, hosts)
        except TimeoutError as error:
            raise broken(error, address.host) from error

    async def _follow(self, first: WebAddress, known: Known, hosts: Collection[str]) -> Fetched:
        """Raises PrivateNetwork; TransportError for a way from https to http, in a circle, or over too many hops."""
        address, seen = first, {first.url}
        for hop in range(self._limits.hops + 1):
            try:
                answer = await self._ask(address, known, hosts)
            except PrivateNetwork as error:
                raise private(error.host, led=hop > 0) from error
            if isinstance(answer, Fetched):
                return answer
            try:
                target = led_to(address, answer)
            except UsageError as error:
                raise too_many(first.host) from error
            if address.secure and not target.secure:
                raise downgraded(first.host)
            if target.url in seen:
                break
            seen.add(target.url)
            address = target
        raise too_many(first.host)

    async def _ask(self, address: WebAddress, known: Known, hosts: Collection[str]) -> Fetched | str:
        """The answer, or where it leads."""
        entry = next((one for one in self._entries if belongs_below(address.url, one.base)), None)
        sign_in = await self._sign_in(entry, address)
        try:
            return await self._request(address, known, hosts, sign_in, entry.ca if entry else None)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            raise broken(error, address.host) from error
        except SignInFailed:
            if entry is not None and entry.username:
                self._forget(entry)
            raise

    async def _request(
        self, address: WebAddress, known: Known, hosts: Collection[str], sign_in: SignIn | None, ca: Path | None
    ) -> Fetched | str:
        """The answer, or where it sends one on, as the server wrote it. Raises errors of ours."""
        context = await asyncio.to_thread(_trusted, ca) if address.secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        inner = httpx.AsyncHTTPTransport(verify=context, trust_env=False, retries=0)
        transport = JudgedTransport(inner, hosts, self._resolver)
        headers = {"User-Agent": "Partagenda", "Accept": "text/calendar, */*;q=0.5", "Accept-Encoding": "gzip"}
        headers |= {"If-None-Match": known.etag} if known.etag else {}
        headers |= {"If-Modified-Since": known.modified} if known.modified else {}
        async with httpx.AsyncClient(
            transport=transport, timeout=self._limits.step, follow_redirects=False, trust_env=False
        ) as client:
            try:
                async with client.stream("GET", address.url, headers=headers, auth=sign_in) as response:
                    return await self._answer(response, address)
            except Exception as error:
                raise broken(error, address.host) from error

    async def _answer(self, response: httpx.Response, address: WebAddress) -> Fetched | str:
        if response.status_code in _MOVED and "location" in response.headers:
            return str(response.headers["location"])
        version = Known(response.headers.get("etag", "")[:1000], response.headers.get("last-modified", "")[:100])
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return Fetched(None, version)
        if response.status_code not in (200, 203):
            raise refused(response, address.host)
        encoding = ",".join(response.headers.get_list("content-encoding"))
        return Fetched(await read_body(response.aiter_raw(64 * 1024), encoding, self._limits.size), version)

    async def _sign_in(self, entry: Entry | None, address: WebAddress) -> SignIn | None:
        if entry is None or not entry.username or self._secrets is None:
            return None
        if entry.base in self._refused:
            from core.backends.feed.translate import wrong_password

            raise wrong_password(address.host)
        password = await self._secrets.password(entry.base)
        return SignIn(entry.username, password, clear_text=address.secure or _is_loopback(address.host))

    def _forget(self, entry: Entry) -> None:
        self._refused.add(entry.base)
        if self._secrets is not None:
            self._secrets.forget(entry.base)


def _trusted(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(cafile=str(ca))
    return context


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
