"""An SMTP server that does what a test tells it to, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

CUT = "<cut>"
"""The line is cut instead of an answer."""
HANG = "<hang>"
"""Nothing is ever answered."""
DRIP = "<drip>"
"""A byte now and then, never a whole line."""


@dataclass
class Scripted:
    """`answers` by step: greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, dot. A list is used up one by one."""

    answers: dict[str, str | list[str]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("8BITMIME",)
    tls: ssl.SSLContext | None = None
    false_tls: bool = False
    cut_in_body: bool = False
    port: int = 0
    heard: list[str] = field(default_factory=list)
    taken: list[tuple[bytes, tuple[str, ...]]] = field(default_factory=list)
    """Messages that the server has after the final dot and did not refuse: bytes and recipients."""
    conversations: int = 0

    def answer(self, step: str, usual: str) -> str:
        said = self.answers.get(step, usual)
        if isinstance(said, list):
            return said.pop(0) if said else usual
        return said

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.conversations += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            await self._talk(reader, writer)
        with contextlib.suppress(Exception):
            writer.transport.abort()

    async def _say(self, writer: asyncio.StreamWriter, text: str) -> None:
        if text == CUT:
            raise ConnectionError
        if text == HANG:
            await asyncio.sleep(60)
        if text == DRIP:
            for _n in range(600):
                writer.write(b"2")
                await asyncio.sleep(0.05)
        writer.write(text.encode() + b"\r\n")
        await writer.drain()

    def _hello(self, secured: bool) -> str:
        words = [*self.extensions] + (["STARTTLS"] if (self.tls or self.false_tls) and not secured else [])
        lines = ["localhost", *words]
        return "\r\n".join(f"250{'-' if n < len(lines) - 1 else ' '}{line}" for n, line in enumerate(lines))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, self.answer("greeting", "220 localhost"))
        secured, recipients = False, []
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            self.heard.append(line)
            verb = line.partition(" ")[0].upper()
            match verb:
                case "EHLO":
                    await self._say(writer, self.answer("EHLO", self._hello(secured)))
                case "STARTTLS":
                    await self._say(writer, self.answer("STARTTLS", "220 go"))
                    if self.false_tls:
                        await self._say(writer, "250 no TLS here at all, only more text of the usual kind")
                        await asyncio.sleep(0.2)
                        return
                    await writer.start_tls(self.tls)
                    secured = True
                case "AUTH":
                    await self._say(writer, self.answer("AUTH", "235 in"))
                case "MAIL":
                    recipients = []
                    await self._say(writer, self.answer("MAIL", "250 ok"))
                case "RCPT":
                    said = self.answer("RCPT", "250 ok")
                    if said.startswith("25"):
                        recipients.append(line.partition("<")[2].partition(">")[0])
                    await self._say(writer, said)
                case "DATA":
                    if not await self._data(reader, writer, tuple(recipients)):
                        return
                case "QUIT":
                    await self._say(writer, "221 bye")
                    return
                case _:
                    await self._say(writer, "250 ok")

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: tuple[str, ...]) -> bool:
        start = self.answer("DATA", "354 go on")
        await self._say(writer, start)
        if not start.startswith("354"):
            return True
        if self.cut_in_body:
            await reader.read(100)
            return False
        body = await reader.readuntil(b"\r\n.\r\n")
        end = self.answer("dot", "250 taken")
        if not end.startswith(("4", "5")):
            self.taken.append((body, to))
        await self._say(writer, end)
        return True


Start = Callable[[Scripted], Awaitable[Scripted]]


@pytest.fixture
async def start(authority: trustme.CA) -> AsyncIterator[Start]:
    """Starts scripted servers; each is stopped at the end."""
    servers: list[asyncio.Server] = []

    async def run(script: Scripted, *, tls_from_start: bool = False) -> Scripted:
        context = script.tls if tls_from_start else None
        server = await asyncio.start_server(script.serve, "127.0.0.1", 0, ssl=context, limit=2**24)
        servers.append(server)
        script.port = server.sockets[0].getsockname()[1]
        return script

    yield run
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted
