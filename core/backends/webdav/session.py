"""Requests to one server: bounded in time and size, never redirected, without compression.

The requests go through webdav4's own httpx session: its higher calls lose the ETag and the status of a write, drop the
`/` at the end of a folder, and follow redirects. Its reading of a folder's listing is used as it is.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
from webdav4.http import Client

from core.backends.http.sign_in import PasswordRefused, SignIn, UnsafeSignIn
from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`step`, `total`: seconds for one wait, and for everything that belongs to one action. `size`: bytes of an answer,
    decoded."""

    step: float = 20.0
    total: float = 120.0
    size: int = 64 * 1024 * 1024


class OutOfTime(Exception):
    """The time for the whole action is over."""


class TooLarge(Exception):
    """The answer is larger than what is read."""


INTERRUPTIONS = (OutOfTime, TooLarge, PasswordRefused, UnsafeSignIn)
"""What ends a request beside httpx's errors."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said, whole."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def fine(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def etag(self) -> str:
        """A strong ETag; empty for a weak one or none (RFC 9110 §13.1.1: If-Match compares strongly)."""
        found: str = self.headers.get("etag", "").strip()
        return "" if found.startswith("W/") else found


class Session:
    """One server, one connection. Blocking: for one thread at a time."""

    def __init__(self, sign_in: SignIn, ca: Path | None, limits: Limits, *, secure: bool = True) -> None:
        self._limits = limits
        self._sockets: list[socket.socket] = []
        self._ends = time.monotonic() + limits.total
        self._over = False
        self._client = Client(
            auth=sign_in,
            verify=_trusted(ca) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # the second trusts nobody
            follow_redirects=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            headers={"Accept-Encoding": "identity", "User-Agent": "Partagenda"},
        )

    @contextmanager
    def action(self) -> Iterator[None]:
        """One action, with the time that it has as a whole: also a server that drips is left after it."""
        self._ends = time.monotonic() + self._limits.total
        self._over = False
        timer = threading.Timer(self._limits.total, self.abort)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def abort(self) -> None:
        """End what runs, from any thread; what follows in the same action is not begun."""
        self._over = True
        for each in tuple(self._sockets):
            with suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)  # below TLS: nothing is waited for

    def ask(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b"") -> Answer:
        """One request. Raises httpx's errors, OutOfTime, TooLarge, PasswordRefused, UnsafeSignIn."""
        left = self._ends - time.monotonic()
        if self._over or left <= 0:
            raise OutOfTime
        request = self._client.build_request(
            method,
            url,
            headers=dict(headers or {}),
            content=content or None,
            timeout=max(0.1, min(self._limits.step, left)),
            extensions={"trace": self._trace},
        )
        try:
            response = self._client.send(request, stream=True)
            with closing(response):
                return Answer(response.status_code, response.headers, self._body(response))
        except Exception as error:
            if self._over:
                raise OutOfTime from error
            raise

    def _body(self, response: httpx.Response) -> bytes:
        pieces, size = [], 0
        for piece in response.iter_bytes(64 * 1024):
            size += len(piece)
            if size > self._limits.size:
                raise TooLarge
            if self._over:
                raise OutOfTime
            pieces.append(piece)
        return b"".join(pieces)

    def _trace(self, name: str, info: Mapping[str, object]) -> None:
        """httpcore tells of each connection: its socket is kept, so that `abort` can end it."""
        if name in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            stream = info.get("return_value")
            found = stream.get_extra_info("socket") if hasattr(stream, "get_extra_info") else None
            if isinstance(found, socket.socket):
                self._sockets = [each for each in self._sockets if each.fileno() >= 0]
                self._sockets.append(found)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()


def _trusted(ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(cafile=str(ca))
    return context
