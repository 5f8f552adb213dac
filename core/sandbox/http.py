"""The base of the sandbox's HTTP(S) servers: threads, kept connections, one write for an answer, faults on demand.

What a server of the sandbox says is its own; here is how it is said, and how it can be made to fail as real servers
and networks do.
"""

from __future__ import annotations

import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import field
from email.message import Message
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from core.sandbox.servers import HOST, Certificates
from core.values import dataclass

LARGEST_BODY = 64 * 1024 * 1024
_PATIENCE = 60.0
"""Seconds that a connection may lie idle, so that a client that vanished leaves no thread behind."""


@dataclass(slots=True)
class Connection:
    """What a server remembers for as long as one connection is open: NTLM signs in a connection, not a request."""

    peer: tuple[str, int]
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are case-insensitive, as in a mail; `path` is decoded."""

    method: str
    target: str
    headers: Message[str, str]
    body: bytes
    connection: Connection

    @property
    def path(self) -> str:
        """The path alone, percent-decoded."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """The last value of each parameter."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query, True).items()}

    def header(self, name: str) -> str:
        """The header's value, empty where it is absent."""
        return str(self.headers.get(name, ""))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `stream` (instead of a body) is sent piece by piece, chunked; the server may end it at any time."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    stream: Iterable[bytes] | None = None


class Break(StrEnum):
    """How an exchange is made to fail."""

    CUT_BEFORE = "cut-before"
    """The connection ends; the server has done nothing."""
    CUT_AFTER = "cut-after"
    """The server has done it; the connection ends before the answer."""
    HALF = "half"
    """The server has done it; half of the answer's body arrives, then the connection ends."""
    ANSWER = "answer"
    """The server does nothing and gives `answer`: a status, a redirection, a page."""
    DELAY = "delay"
    """The server waits `seconds`, then does it and answers."""
    DRIP = "drip"
    """The answer arrives a byte each `seconds`."""


def any_request(_request: Request) -> bool:
    """Every request is meant."""
    return True


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, for the next `times` requests that `when` means (0: until `Faults.clear`)."""

    kind: Break
    when: Callable[[Request], bool] = any_request
    times: int = 1
    answer: Answer = Answer(503)
    seconds: float = 0.0


class Faults:
    """What a test has switched on; the first that means a request is taken. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int]] = []
        self.happened = 0
        """How many requests have met a fault."""

    def add(self, *faults: Fault) -> None:
        """Switch on, after those that are on already."""
        with self._lock:
            self._waiting.extend((fault, fault.times) for fault in faults)

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self._waiting.clear()

    def take(self, request: Request) -> Fault | None:
        """The fault that this request meets."""
        with self._lock:
            for index, (fault, left) in enumerate(self._waiting):
                if not fault.when(request):
                    continue
                if left == 1:
                    del self._waiting[index]
                elif left > 1:
                    self._waiting[index] = (fault, left - 1)
                self.happened += 1
                return fault
        return None


class HttpServer:
    """An HTTP/1.1 server on loopback, at a free port, in threads of its own. `answer` is what it does.

    With `certificates` it speaks TLS. `url` has no slash at its end. Used as a context manager; leaving it ends every
    connection, also those that wait.
    """

    def __init__(self, certificates: Certificates | None = None, name: str = "http") -> None:
        self.faults = Faults()
        self._context = certificates.server_context() if certificates else None
        self._server = _Threads(self, self._context)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name=f"sandbox-{name}")
        self._thread.daemon = True
        self.crashes: list[str] = []
        """Tracebacks of what went wrong in the server itself, for tests to look at: there should be none."""
        self.stopping = threading.Event()
        """Set when the server ends, for answers that wait for something."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address of its root, without a slash at the end."""
        return f"{'https' if self._context else 'http'}://{HOST}:{self.port}"

    def answer(self, request: Request) -> Answer:
        """What this server says; called in a thread of the connection's own."""
        return Answer(404, f"There is nothing at {request.path}\n".encode())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        with suppress(OSError):  # wakes the thread that accepts: otherwise it looks up at its next round only
            self._server.socket.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()
        self._server.server_close()
        self._server.end_connections()
        self._thread.join(5)


class _Threads(ThreadingHTTPServer):
    """Accepts, and knows its open connections so that it can end them."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, owner: HttpServer, context: ssl.SSLContext | None) -> None:
        self.owner = owner
        self.context = context
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._none_left = threading.Condition(self._lock)
        super().__init__((HOST, 0), _Handler)

    def began(self, connection: socket.socket) -> None:
        """A connection is open from now on."""
        with self._lock:
            self._open.add(connection)

    def ended(self, connection: socket.socket) -> None:
        """It is closed."""
        with self._lock:
            self._open.discard(connection)
            self._none_left.notify_all()

    def end_connections(self) -> None:
        """Cut all that are open, and wait (5 s at most) until their threads have noticed."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._none_left.wait_for(lambda: not self._open, 5)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away, or does not trust the certificate, is no error of the server's."""


class _Cut(Exception):
    """The connection ends here."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: _Threads
    timeout = _PATIENCE
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """The handshake, in the connection's own thread, and the first look at who is there."""
        if self.server.context is not None:  # here and not where it accepts: a slow client keeps nobody else waiting
            self.request.settimeout(_PATIENCE)
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.server.began(self.request)
        super().setup()
        self.exchange = Connection((str(self.client_address[0]), int(self.client_address[1])))

    def finish(self) -> None:
        """Close it, whatever happened."""
        try:
            super().finish()
        finally:
            self.server.ended(self.request)
            with suppress(OSError):
                self.request.shutdown(socket.SHUT_RDWR)
            self.request.close()

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method is the server's to answer or to refuse."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: the screen belongs to the app."""

    def _serve(self) -> None:
        try:
            self._exchange()
        except (_Cut, ConnectionError, TimeoutError, ssl.SSLError):
            self.close_connection = True

    def _answer(self, request: Request) -> Answer:
        try:
            return self.server.owner.answer(request)
        except Exception:  # a server goes on whatever one request does to it
            self.server.owner.crashes.append(traceback.format_exc())
            return Answer(500, b"The server failed\n")

    def _exchange(self) -> None:
        body = self._body()
        request = Request(self.command, self.path, self.headers, body, self.exchange)
        fault = self.server.owner.faults.take(request)
        if fault is None:
            self._send(self._answer(request))
            return
        if fault.kind is Break.CUT_BEFORE:
            raise _Cut
        if fault.kind is Break.ANSWER:
            self._send(fault.answer)
            return
        if fault.kind is Break.DELAY:
            self._wait(fault.seconds)
        answer = self._answer(request)
        if fault.kind is Break.CUT_AFTER:
            raise _Cut
        if fault.kind is Break.HALF:
            self.wfile.write(self._head(answer, len(answer.body)) + answer.body[: len(answer.body) // 2])
            raise _Cut
        self._send(answer, fault.seconds if fault.kind is Break.DRIP else 0.0)

    def _wait(self, seconds: float) -> None:
        if self.server.owner.stopping.wait(seconds):
            raise _Cut

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunked_body()
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError as error:
            raise _Cut from error
        if not 0 <= length <= LARGEST_BODY:
            raise _Cut
        return self.rfile.read(length)

    def _chunked_body(self) -> bytes:
        parts: list[bytes] = []
        size, left = -1, LARGEST_BODY
        while size:
            try:
                size = int(self.rfile.readline(100).partition(b";")[0], 16)
            except ValueError as error:
                raise _Cut from error
            left -= size
            if size < 0 or left < 0:
                raise _Cut
            parts.append(self.rfile.read(size))
            self.rfile.readline(100)
        return b"".join(parts)

    def _head(self, answer: Answer, length: int | None) -> bytes:
        phrase = self.responses.get(answer.status, ("",))[0]
        lines = [f"HTTP/1.1 {answer.status} {phrase}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        if answer.media_type and (length is None or answer.body):
            lines.append(f"Content-Type: {answer.media_type}")
        if length is None:
            lines.append("Transfer-Encoding: chunked")
        elif answer.status not in (204, 304):
            lines.append(f"Content-Length: {length}")
        if self.close_connection:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _send(self, answer: Answer, drip: float = 0.0) -> None:
        """Header and body in one write: apart they cost 40 ms each time (traps.md 15)."""
        if answer.stream is not None:
            self._send_stream(answer, answer.stream)
            return
        body = b"" if self.command == "HEAD" else answer.body
        content = self._head(answer, len(answer.body)) + body
        if not drip:
            self.wfile.write(content)
            return
        for index in range(len(content)):
            self.wfile.write(content[index : index + 1])
            self._wait(drip)

    def _send_stream(self, answer: Answer, pieces: Iterable[bytes]) -> None:
        self.wfile.write(self._head(answer, None))
        for piece in pieces:
            if piece:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")


def redirect(location: str, status: int = 302) -> Answer:
    """An answer that sends the client elsewhere."""
    return Answer(status, headers=(("Location", location),))


def with_headers(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """The answer with more headers."""
    return Answer(
        answer.status, answer.body, answer.media_type, (*answer.headers, *headers.items()), stream=answer.stream
    )
