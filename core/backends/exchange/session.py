"""One account's session with its Exchange server: opened when first needed, in threads of its own, with deadlines."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from core.concurrency import BlockingPool
from core.config.settings import ExchangeAccount
from core.errors import ConfigError, DeliveryUnknown, PartagendaError, SignInFailed, TransportError, Unreachable
from core.language import _
from core.values import dataclass

if TYPE_CHECKING:
    from exchangelib import Account

    from core.backends.exchange.wire import Meter, Talk, Talks
    from core.ports.world import Clock, Secrets

T = TypeVar("T")

THREADS = 2
"""Exchange lets a person have few connections; one may be busy with a long reading while another answers a key."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient one is with a server; all in seconds."""

    total: float = 60.0
    """For one piece of work, however many requests it takes."""
    tries: int = 3
    pause: float = 0.5
    """Before the second try, twice as long before the third."""
    longest_wait: float = 10.0
    """A server that asks to wait longer is left alone, and the person told."""


class ExchangeSession:
    """Gives `run(work)` an `exchangelib.Account`; what `work` returns must be ours, never the library's.

    Errors are ours (`translate`). Reading is tried again after a broken line; a write never is, nobody knows whether
    it was done. A server that says it is busy has done nothing, so both are tried again when it says so.
    """

    def __init__(self, account: ExchangeAccount, secrets: Secrets, clock: Clock, limits: Limits | None = None) -> None:
        self.settings = account
        self.limits = limits or Limits()
        self.clock = clock
        self._secrets = secrets
        self._pool = BlockingPool(f"exchange-{account.name}", THREADS)
        self._lock = threading.Lock()
        self._account: Account | None = None
        self._password = ""
        self._talks: Talks | None = None
        self.meter: Meter | None = None

    @property
    def name(self) -> str:
        """The account's name in config.toml."""
        return self.settings.name

    @property
    def server(self) -> str:
        """As a person knows it: the host, or what the address says."""
        from urllib.parse import urlsplit

        return urlsplit(self.settings.server).hostname or self.address.rpartition("@")[2]

    @property
    def address(self) -> str:
        """The mailbox's address."""
        named = self.settings.address or self.settings.sign_in.username
        if "@" not in named:
            raise ConfigError(
                _("The account “{name}” does not say whose mailbox it is.").format(name=self.name),
                _('Set address = "alice@example.org" for it in config.toml.'),
            )
        return named

    async def run(self, work: Callable[[Account], T], limit: float | None = None) -> T:
        """The result of `work(account)`. Raises our errors; no longer than `limit` seconds (else the usual ones)."""
        limit = min(limit or self.limits.total, self.limits.total)
        try:
            return await self._signed_in(work, limit)
        except SignInFailed:
            self._secrets.forget(self.name)
            if self.settings.auth != "oauth":
                raise
        return await self._signed_in(work, limit)  # an access token lives an hour: once more with a new one

    async def _signed_in(self, work: Callable[[Account], T], limit: float) -> T:
        password = await self._secrets.password(self.name)
        begun: list[Talk] = []
        try:
            async with asyncio.timeout(limit + 2):
                return await self._pool.run(self._work, work, password, time.monotonic() + limit, begun)
        except TimeoutError:
            words = _("{server} did not answer within {seconds} seconds.").format(
                server=self.server, seconds=round(limit)
            )
            unknown = any(talk.writing for talk in begun)
            raise (DeliveryUnknown(words) if unknown else Unreachable(words)) from None

    # in a thread -----------------------------------------------------------------------------------------

    def _work(self, work: Callable[[Account], T], password: str, deadline: float, begun: list[Talk]) -> T:
        """Run it in this thread, again while the server is busy or out of reach; `deadline` is of `time.monotonic`.

        Raises errors of ours; DeliveryUnknown when a write was sent and its answer is missing.
        """
        from core.backends.exchange.translate import Busy, translate
        from core.backends.exchange.wire import Talk

        talk = Talk(deadline)
        begun.append(talk)
        for attempt in range(1, self.limits.tries + 1):
            try:
                talk.writing, talk.operation, talk.written = False, "", 0
                return work(self._opened(password, talk))
            except Exception as error:  # every kind that the library has; `translate` knows them
                ours = self._partly(translate(error, talk, self.server), talk)
                wait = (ours.seconds if isinstance(ours, Busy) else None) or self.limits.pause * attempt
                too_long = wait > self.limits.longest_wait or time.monotonic() + wait > deadline
                last = too_long or attempt == self.limits.tries
                if last or type(ours) not in (Busy, Unreachable):
                    if isinstance(ours, SignInFailed) or "Version" in type(error).__name__:
                        self._forget()  # the library also lowers its idea of the version at each refused request
                    raise ours from error
                time.sleep(wait)
        raise AssertionError

    @staticmethod
    def _partly(error: PartagendaError, talk: Talk) -> PartagendaError:
        """When a line breaks between the requests of one write, a part of it is done: one has to look."""
        if talk.written and isinstance(error, TransportError):
            return DeliveryUnknown(error.message, error.hint)
        return error

    def _opened(self, password: str, talk: Talk) -> Account:
        from core.backends.exchange.wire import Talks

        with self._lock:
            self._talks = self._talks or Talks()
            self._talks.now = talk
            if self._account is None or self._password != password:
                self._account = self._open(password)
                self._password = password
            return self._account

    def _open(self, password: str) -> Account:
        """No request yet: the version is taken to be a recent one until the server has said its own."""
        import exchangelib
        from exchangelib.version import EXCHANGE_2016, Version

        from core.backends.exchange.wire import Meter, Policy, protocol_class

        quiet_library()
        self.meter = self.meter or Meter()
        bearer = password if self.settings.auth == "oauth" else ""
        protocol = protocol_class(self._talks, self.meter, self.settings.ca, bearer)  # type: ignore[arg-type]
        configuration = exchangelib.Configuration(
            service_endpoint=self._endpoint(password),
            credentials=self._credentials(password),
            auth_type={"basic": "basic", "ntlm": "NTLM", "oauth": "no authentication"}[self.settings.auth],
            version=Version(build=EXCHANGE_2016),
            retry_policy=Policy(),
            max_connections=THREADS,
        )
        account = exchangelib.Account(
            self.address,
            config=configuration,
            access_type=exchangelib.DELEGATE,
            default_timezone=exchangelib.UTC,
            locale="en_US",
        )
        del exchangelib.protocol.Protocol[configuration]  # kept by the library, with the password
        account.protocol = protocol(config=configuration)
        return account

    def _endpoint(self, password: str) -> str:
        if self.settings.server:
            return self.settings.server
        from core.backends.exchange.autodiscover import discover

        return discover(self.address, self.settings, password)

    def _credentials(self, password: str) -> Any:  # noqa: ANN401 - a class of the library
        import exchangelib

        if self.settings.auth == "oauth":
            return None  # the token is a header of every request
        return exchangelib.Credentials(self.settings.sign_in.username or self.address, password)

    def _forget(self) -> None:
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._account is not None:
            self._account.protocol.close()
        self._account = None
        self._password = ""

    async def close(self) -> None:
        """Let go of the connections."""
        if self._account is not None:
            await asyncio.to_thread(self._forget)


def quiet_library() -> None:
    """Its log has whole requests and headers in it; what went wrong is told by our errors instead."""
    for name in ("exchangelib", "requests_ntlm", "oauthlib", "requests_oauthlib"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
