"""How exchangelib reaches the server: our certificate authority, total deadlines, requests counted, no answers believed
that are none.

Imported in a thread, on first use: exchangelib costs 0.7 s and 60 MB.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
import time
from collections import Counter
from dataclasses import field
from pathlib import Path
from typing import Any

import requests
import requests.adapters
from exchangelib.errors import ErrorServerBusy, MalformedResponseError, RedirectError, UnauthorizedError
from exchangelib.protocol import FailFast, Protocol
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from core.values import dataclass

READ_SECONDS = 30.0
"""Longest silence of a server, in one request; the deadline of the whole work may be nearer."""
WRITES = frozenset(
    f"{verb}{what}"
    for what, verbs in {
        "Item": ("Create", "Update", "Delete", "Send", "Move"),
        "Folder": ("Create", "Update", "Delete"),
        "Attachment": ("Create", "Delete"),
        "Delegate": ("Add", "Update", "Remove"),
    }.items()
    for verb in verbs
)
_OPERATION = re.compile(rb"<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)")


@dataclass(slots=True)
class Talk:
    """One piece of work with the server: when it must be over, and how far it is."""

    deadline: float = float("inf")
    """By `time.monotonic()`."""
    writing: bool = False
    """A write was handed over and its answer has not come whole."""
    operation: str = ""
    """What was asked last."""
    written: int = 0
    """Writes before the last request: they were done, whatever becomes of that."""


class Talks(threading.local):
    """The work that this thread is at."""

    now: Talk = Talk()


@dataclass
class Meter:
    """Requests by operation, for whoever wants to know what an action costs. Thread-safe as a Counter of ints is."""

    requests: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.requests.values())


class NotEws(MalformedResponseError):  # type: ignore[misc]
    """The answer is a web page (a sign-in form, a proxy's apology), not one of Exchange Web Services."""


class Policy(FailFast):  # type: ignore[misc]
    """Fails at once, with what it was: waiting and trying again is ours to decide."""

    def raise_response_errors(self, response: requests.Response) -> None:
        """Let 200 with XML, and 500 with a SOAP fault, through."""
        status, body = response.status_code, response.content
        soap = b"Envelope" in body[:2000]
        if soap and status in (200, 500):
            return
        if status == 401 or b"account is currently locked out" in body:
            raise UnauthorizedError(f"HTTP {status}")
        if status in (301, 302, 303, 307, 308):
            raise RedirectError(url=response.headers.get("location") or "https://unknown/")
        if status in (429, 503):
            raise ErrorServerBusy(f"HTTP {status}", back_off=_seconds(response.headers.get("retry-after", "")))
        if status == 200 or b"<html" in body[:2000].lower():
            raise NotEws(f"HTTP {status}, {response.headers.get('content-type', '')}")
        raise MalformedResponseError(f"HTTP {status}")


def _seconds(text: str) -> float | None:
    return float(text) if text.isdecimal() else None


class _Using(threading.local):
    """Where the thread's connection is noted, for the watchdog of its deadline."""

    holder: list[HTTPConnection] | None = None


_using = _Using()


class _Noted:
    """A connection that says which one the thread is using, so that a deadline can end it."""

    def request(self, *arguments: Any, **keywords: Any) -> None:  # noqa: ANN401 - as the library's
        if _using.holder is not None:
            _using.holder.append(self)  # type: ignore[arg-type]
        super().request(*arguments, **keywords)  # type: ignore[misc]


class _Plain(_Noted, HTTPConnection):
    pass


class _Secure(_Noted, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class Adapter(requests.adapters.HTTPAdapter):
    """Reads each answer whole before it hands it on, and ends a connection whose time is over, dripping or not."""

    def __init__(self, talks: Talks, meter: Meter, ca: Path | None) -> None:
        self._talks = talks
        self._meter = meter
        self._ca = ca
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0, pool_block=True)

    def init_poolmanager(self, *arguments: Any, **keywords: Any) -> None:  # noqa: ANN401 - as the library's
        """With connections that can be ended, and one authority more."""
        if self._ca is not None:
            context = ssl.create_default_context()
            context.load_verify_locations(self._ca)
            keywords["ssl_context"] = context
        super().init_poolmanager(*arguments, **keywords)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def send(self, request: requests.PreparedRequest, **keywords: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401
        """One request; raises `requests` errors, after a deadline as after a cut connection."""
        talk = self._talks.now
        left = talk.deadline - time.monotonic()
        if left <= 0:
            raise requests.ConnectTimeout("the time is over")
        talk.written += talk.operation in WRITES
        talk.operation = _operation(request.body)
        talk.writing = talk.operation in WRITES
        self._meter.requests[talk.operation] += 1
        keywords["verify"] = True  # whatever the environment says
        keywords["timeout"] = min(READ_SECONDS, left)
        used: list[HTTPConnection] = []
        watchdog = threading.Timer(min(left, 1e6), _end, (used,))
        watchdog.daemon = True
        watchdog.start()
        _using.holder = used
        try:
            response = super().send(request, **keywords)
            if response.status_code != 401:  # NTLM looks into the connection of that one
                response.content  # noqa: B018 - reads the whole of it
        finally:
            watchdog.cancel()
            _using.holder = None
        talk.writing = False
        return response


def _end(used: list[HTTPConnection]) -> None:
    for connection in used:
        sock = getattr(connection, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _operation(body: Any) -> str:  # noqa: ANN401 - requests' own
    data = body if isinstance(body, bytes) else str(body or "").encode()
    found = _OPERATION.search(data[:4000])
    name = found[1].decode() if found else ""
    return name.removesuffix("Request") if name == "GetUserAvailabilityRequest" else name


class _NeverKept(type(Protocol)):  # type: ignore[misc]
    """The library keeps protocols, with their passwords, for as long as the program runs; ours are the session's."""

    def __call__(cls, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as its
        return type.__call__(cls, *arguments, **keywords)


def protocol_class(talks: Talks, meter: Meter, ca: Path | None, bearer: str = "") -> type[Protocol]:
    """A protocol of one account: exchangelib keeps such things on the class."""

    class AccountProtocol(Protocol, metaclass=_NeverKept):  # type: ignore[misc]
        """Reaches the server by our adapter."""

        TIMEOUT = READ_SECONDS
        USERAGENT = "Partagenda"

        @classmethod
        def get_adapter(cls) -> Adapter:
            return Adapter(talks, meter, ca)

        @classmethod
        def raw_session(cls, prefix: str, **keywords: Any) -> requests.Session:  # noqa: ANN401
            session: requests.Session = super().raw_session(prefix, **keywords)
            if bearer:
                session.trust_env = False  # a .netrc would take the header's place
                session.headers["Authorization"] = f"Bearer {bearer}"
            return session

    return AccountProtocol
