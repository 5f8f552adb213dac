"""The sandbox's mail server: real SMTP with STARTTLS and sign-in, on loopback, delivering into Maildirs."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import socket
import ssl
import threading
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from core.backends.maildir import deliver
from core.errors import PartagendaError
from core.sandbox.people import PEOPLE, Accounts

HOST = "127.0.0.1"
LARGEST_MESSAGE = 32 * 1024 * 1024


class MailHandler:
    """What happens to a message: known recipients get it, others are refused, and nobody sends as somebody else."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._keys = {person.address.lower(): person.key for person in PEOPLE}

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """AUTH PLAIN and LOGIN, by key or address."""
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        login = data.login.decode("utf-8", "replace").lower()
        key = self._keys.get(login, login)
        wanted = self._accounts.passwords.get(key, "")
        right = bool(wanted) and hmac.compare_digest(wanted.encode(), data.password)
        return AuthResult(success=right, handled=False, auth_data=key if right else None)

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        """A sender must be the one who signed in."""
        if self._keys.get(address.lower()) != session.auth_data:
            return "553 5.7.1 This is not your address"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        """Only the sandbox's people have a mailbox."""
        if address.lower() not in self._keys:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Into each recipient's Maildir, once."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        trace = f"Received: from {HOST} by localhost with ESMTPSA; {formatdate(localtime=True)}\r\n".encode()
        try:
            for key in dict.fromkeys(self._keys[address.lower()] for address in envelope.rcpt_tos):
                deliver(self._accounts.maildirs[key], trace + content)
        except PartagendaError as error:
            return f"451 4.3.0 {error.message.encode('ascii', 'replace').decode()}"
        return "250 2.0.0 Delivered"


class Certificates:
    """An authority of this run, and its PEM file for the clients."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA(organization_name="Partagenda sandbox")
        self._server = authority.issue_cert("localhost", HOST)
        self.pem = folder / "authority.pem"
        descriptor = os.open(self.pem, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(authority.cert_pem.bytes())

    def server_context(self) -> ssl.SSLContext:
        """For a server on loopback."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._server.configure_cert(context)
        return context


class MailServer:
    """An SMTP server in a thread and a loop of its own, so that the app's keys never wait for it."""

    def __init__(self, accounts: Accounts, certificates: Certificates) -> None:
        self._handler = MailHandler(accounts)
        self._context = certificates.server_context()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="sandbox-mail", daemon=True)
        self._listening = threading.Event()
        self._socket = socket.create_server((HOST, 0))
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        logging.getLogger("mail.log").addHandler(logging.NullHandler())  # aiosmtpd's; its debug lines hold passwords
        logging.getLogger("mail.log").propagate = False
        self._thread.start()
        self._listening.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(RuntimeError):  # its loop has ended already
            self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _protocol(self) -> SMTP:
        return SMTP(
            self._handler,
            hostname="localhost",
            ident="Partagenda sandbox",
            data_size_limit=LARGEST_MESSAGE,
            enable_SMTPUTF8=True,
            tls_context=self._context,
            require_starttls=True,
            auth_required=True,
            authenticator=self._handler.authenticate,
            loop=self._loop,
        )

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(self._protocol, sock=self._socket))
        self._listening.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            self._end_conversations()
            self._loop.close()

    def _end_conversations(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=2))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
