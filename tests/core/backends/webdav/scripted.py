"""A small WebDAV server that keeps files in memory and misbehaves as it is told, on a socket of its own.

A fault takes the request and the server and returns raw bytes to send, or None to behave. Bytes that end early are sent
as they are and the connection is closed: that is what a broken server looks like from the outside.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Fault = Callable[[Asked, "Scripted"], bytes | None]


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} Something", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in named.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Scripted:
    """The server. `can_move`: else MOVE is answered by 405."""

    can_move: bool = True
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    """By method, one for each request in order; `*` last in a list stays."""
    seen: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._stop = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/dav/"

    def close(self) -> None:
        self._stop = True
        self._socket.close()
        for each in self._open:
            each.close()

    def _accept(self) -> None:
        while not self._stop:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        try:
            while (asked := self._request(stream)) is not None:
                self.seen.append(asked)
                answer = self._fault(asked)
                if answer is None:
                    connection.sendall(self.behave(asked))
                    continue
                connection.sendall(answer)
                if not _whole(answer):
                    break
        except OSError:
            pass
        finally:
            stream.close()
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _request(self, stream) -> Asked | None:
        first = stream.readline().decode("latin-1").split()
        if len(first) < 2:
            return None
        headers = {}
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        return Asked(first[0], unquote(urlsplit(first[1]).path), headers, body)

    def _fault(self, asked: Asked) -> bytes | None:
        planned = self.faults.get(asked.method, [])
        if not planned:
            return None
        fault = planned[0]
        if len(planned) > 1 or not getattr(fault, "always", False):
            planned.pop(0)
        return fault(asked, self)

    def behave(self, asked: Asked) -> bytes:
        """As a WebDAV server should."""
        path = asked.path
        match asked.method:
            case "GET":
                return reply(200, self.files[path]) if path in self.files else reply(404)
            case "PUT":
                if path.rpartition("/")[0] != "/dav":
                    return reply(409)
                new = path not in self.files
                self.files[path] = asked.body
                return reply(201 if new else 204)
            case "DELETE":
                return reply(204) if self.files.pop(path, None) is not None else reply(404)
            case "MOVE" if self.can_move:
                target = unquote(urlsplit(asked.headers["destination"]).path)
                if target in self.files and asked.headers.get("overwrite") == "F":
                    return reply(412)
                self.files[target] = self.files.pop(path)
                return reply(201)
            case "PROPFIND":
                return self._listing(path)
            case "OPTIONS":
                return reply(200, Allow="GET, PUT, DELETE, MOVE, PROPFIND" if self.can_move else "GET, PUT, DELETE")
            case _:
                return reply(405)

    def _listing(self, path: str) -> bytes:
        if path.rstrip("/") != "/dav":
            return reply(404)
        names = ["/dav/", *self.files]
        rows = "".join(
            f"<D:response><D:href>{name}</D:href><D:propstat><D:prop><D:resourcetype>"
            f"{'<D:collection/>' if name.endswith('/') else ''}</D:resourcetype></D:prop></D:propstat></D:response>"
            for name in names
        )
        return reply(207, f'<D:multistatus xmlns:D="DAV:">{rows}</D:multistatus>'.encode())


def _whole(answer: bytes) -> bool:
    head, blank, body = answer.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return bool(blank) and len(body) >= int(line.split(b":")[1])
    return False


def always(fault: Fault) -> Fault:
    """It stays for every further request of the method."""

    def staying(asked: Asked, server: Scripted) -> bytes | None:
        return fault(asked, server)

    staying.always = True  # type: ignore[attr-defined]
    return staying


def says(status: int, body: bytes = b"", **headers: str) -> Fault:
    """Answers so and does nothing."""
    return lambda _asked, _server: reply(status, body, **headers)


def keeps(count: int | None, status: int) -> Fault:
    """Keeps the first `count` bytes (None: half) of what came, and answers so."""

    def fault(asked: Asked, server: Scripted) -> bytes:
        server.files[asked.path] = asked.body[: len(asked.body) // 2 if count is None else count]
        return reply(status)

    return fault


def cut_before_the_answer(asked: Asked, server: Scripted) -> bytes:
    """Does it, and says nothing."""
    server.behave(asked)
    return b""


def cut_and_undone(_asked: Asked, _server: Scripted) -> bytes:
    """Does nothing, and says nothing."""
    return b""


def cut_in_the_body(asked: Asked, server: Scripted) -> bytes:
    """An answer that ends in its middle."""
    answer = server.behave(asked)
    return answer[: -max(1, len(answer) // 4)]


def half_kept_then_cut(asked: Asked, server: Scripted) -> bytes:
    """The connection broke while the body came, and what had come was kept."""
    server.files[asked.path] = asked.body[: len(asked.body) // 2]
    return b""


def drips(_asked: Asked, server: Scripted) -> bytes:
    """Never ends, and never pauses long enough for a limit on one wait."""
    connection = server._open[-1]
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    for _ in range(600):
        try:
            connection.sendall(b"x")
        except OSError:
            break
        time.sleep(0.05)
    return b""


def goes_back(asked: Asked, server: Scripted) -> bytes:
    """Says that it is done, and does nothing."""
    return reply(201)
