"""The sandbox's WebDAV server: each person has a folder to publish to, and an address where anybody reads its files.

Who signs in as Alice writes below `/alice/`. What lies there can be read without signing in below `/public/alice/`:
file by file, for who knows the name; there is no list of names.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cheroot.ssl import Adapter
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from wsgidav.fs_dav_provider import FilesystemProvider
from wsgidav.wsgidav_app import WsgiDAVApp

from core.private import make_private_folder
from core.sandbox.people import PEOPLE, Accounts, Person
from core.sandbox.servers import HOST, Certificates

_PUBLIC = "/public"
_ROUND = 0.05
"""Seconds after which the server looks whether it has been stopped."""
_Environ = dict[str, Any]
_App = Callable[[_Environ, Callable[..., Any]], Iterable[bytes]]


class _Tls(BuiltinSSLAdapter):
    """cheroot's adapter, with a context that is there already: no key is written to a file for it."""

    def __init__(self, context: ssl.SSLContext) -> None:
        Adapter.__init__(self, "", "", None)
        self._server_env: dict[str, str] = {}
        self.context = context


class WebDavServer:
    """wsgidav over TLS, in threads of its own. `root` is made; the people's folders are below it."""

    def __init__(self, root: Path, accounts: Accounts, certificates: Certificates) -> None:
        self._root = root
        for person in PEOPLE:
            make_private_folder(self.folder(person))
        logger = logging.getLogger("wsgidav")
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
        self._server = Server((HOST, 0), _only_files_in_public(self._application(accounts)), numthreads=4)
        self._server.shutdown_timeout = 1
        self._server.expiration_interval = _ROUND
        self._server.ssl_adapter = _Tls(certificates.server_context())
        self._server.prepare()
        self.port: int = self._server.bind_addr[1]
        self._thread = threading.Thread(target=self._server.serve, name="sandbox-webdav", daemon=True)

    @property
    def url(self) -> str:
        """The server's root; nothing is there but the people's folders."""
        return f"https://{HOST}:{self.port}/"

    def address(self, person: Person) -> str:
        """Where the person publishes to."""
        return f"{self.url}{person.key}/"

    def public_address(self, person: Person) -> str:
        """Where others read what the person published."""
        return f"{self.url}{_PUBLIC[1:]}/{person.key}/"

    def folder(self, person: Person) -> Path:
        """The same on disk."""
        return self._root / person.key

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
        self._thread.join(5)

    def _provider(self, person: Person, readonly: bool = False) -> FilesystemProvider:
        return FilesystemProvider(str(self.folder(person)), readonly=readonly, fs_opts={"follow_symlinks": False})

    def _application(self, accounts: Accounts) -> _App:
        writing = {f"/{person.key}": self._provider(person) for person in PEOPLE}
        reading = {f"{_PUBLIC}/{person.key}": self._provider(person, readonly=True) for person in PEOPLE}
        people = {f"/{person.key}": {person.key: {"password": accounts.passwords[person.key]}} for person in PEOPLE}
        application: _App = WsgiDAVApp(
            {
                "provider_mapping": {**writing, **reading},
                "simple_dc": {"user_mapping": {**people, **dict.fromkeys(reading, True)}},
                "http_authenticator": {"accept_basic": True, "accept_digest": True, "default_to_digest": True},
                "dir_browser": {"enable": False},
                "property_manager": False,
                "verbose": 0,
                "logging": {"enable": False},
            }
        )
        return application


def _only_files_in_public(application: _App) -> _App:
    """An address that nobody can guess is worth something only where nobody can list."""

    def guarded(environ: _Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        public = environ.get("PATH_INFO", "").startswith(f"{_PUBLIC}/")
        if public and environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            start_response("405 Method Not Allowed", [("Allow", "GET, HEAD"), ("Content-Length", "0")])
            return [b""]
        return application(environ, start_response)

    return guarded
