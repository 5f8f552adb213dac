"""A WebDAV server as a PublishTarget: the blocking work in one thread, signed in once."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Collection, Sequence
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from core.backends.http.reading import host_of
from core.backends.http.sign_in import SignIn
from core.backends.webdav.files import DavFiles
from core.backends.webdav.session import Limits, Session
from core.backends.webdav.translate import wrong_password
from core.concurrency import BlockingPool
from core.errors import Refused, SignInFailed
from core.language import _
from core.ports.publishing import Place, Stored, TargetAbilities
from core.ports.world import Secrets
from core.values import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WebDavSettings:
    """One server. `base`: every address below it may be used with this sign-in. `secret`: the password's key among the
    secrets, if that is not `base`."""

    base: str
    username: str = ""
    ca: Path | None = None
    limits: Limits = field(default_factory=Limits)
    secret: str = ""


class WebDavTarget:
    """Implements `core.ports.PublishTarget` for one server."""

    def __init__(self, settings: WebDavSettings, secrets: Secrets | None = None) -> None:
        self._settings = settings
        self._secrets = secrets
        self._key = settings.secret or settings.base
        self._pool = BlockingPool("webdav", 1)
        self._open: tuple[Session, DavFiles] | None = None
        self._refused = False

    async def abilities(self, folder: str) -> TargetAbilities:
        """As the server says of itself (OPTIONS); a MOVE that fails all the same is done without."""
        return await self._run(DavFiles.abilities, folder)

    async def places(self, folder: str) -> Sequence[Place]:
        """By PROPFIND with depth 1."""
        return await self._run(DavFiles.places, folder)

    async def make_folder(self, folder: str) -> None:
        """MKCOL."""
        await self._run(DavFiles.make_folder, folder)

    async def read(self, address: str) -> bytes | None:
        """GET."""
        return await self._run(DavFiles.read, address)

    async def put(
        self, address: str, content: bytes, *, media_type: str, expected: Collection[str], token: str
    ) -> Stored:
        """PUT under a temporary name and MOVE, or PUT alone; read back."""
        return await self._run(
            partial(DavFiles.put, media_type=media_type, expected=expected, token=token), address, content
        )

    async def remove(self, address: str, *, expected: Collection[str]) -> bool:
        """DELETE, then a look."""
        return await self._run(partial(DavFiles.remove, expected=expected), address)

    async def sweep(self, address: str, token: str) -> int:
        """DELETE of the one temporary name that this token can have left."""
        return await self._run(DavFiles.sweep, address, token)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._open is not None:
            self._open[0].close()
        self._pool.close()

    async def _run(self, work: Callable[..., T], address: str, *rest: object) -> T:
        """In a thread of the pool. Given up, its connection is cut: a thread cannot be stopped otherwise."""
        self._below(address)
        session, files = await self._opened()

        def action() -> T:
            with session.action():
                return work(files, address, *rest)

        try:
            return await self._pool.run(action)
        except SignInFailed:
            self._forget()
            raise
        except asyncio.CancelledError:
            session.abort()
            raise

    def _below(self, address: str) -> None:
        """A sign-in is for the addresses below its entry, and for no other."""
        base, given = urlsplit(self._settings.base), urlsplit(address)
        same = (base.scheme, base.netloc) == (given.scheme, given.netloc) and given.path.startswith(base.path)
        if not same or ".." in unquote(given.path).split("/"):
            raise Refused(
                _("This address does not belong to {host}.").format(host=host_of(self._settings.base)),
                _("Write it as https://…/folder/."),
            )

    async def _opened(self) -> tuple[Session, DavFiles]:
        if self._refused:
            raise wrong_password(host_of(self._settings.base))
        if self._open is None:
            name = self._settings.username
            word = await self._secrets.password(self._key) if name and self._secrets else ""
            secure = urlsplit(self._settings.base).scheme == "https"
            sign_in = SignIn(name, word, clear_text=secure or _is_loopback(self._settings.base))
            make = partial(Session, sign_in, self._settings.ca, self._settings.limits, secure=secure)
            session = await asyncio.to_thread(make)
            self._open = (session, DavFiles(session))
        return self._open

    def _forget(self) -> None:
        if self._settings.username:
            self._refused = True
            if self._secrets is not None:
                self._secrets.forget(self._key)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
