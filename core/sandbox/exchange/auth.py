"""Signing in to Exchange: Basic, NTLM and OAuth bearer, all by the sandbox's one password of each person."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.sandbox.exchange.model import Mailbox, Organisation
from core.sandbox.http import Request
from core.sandbox.people import Accounts
from core.values import dataclass

REALM = "Exchange"
DOMAIN = "EXAMPLE"
"""The organisation's Windows domain: `EXAMPLE\\alice`."""
LIFETIME = 3600
"""Seconds for which a token is good."""
_STORE = "NTLM_USER_FILE"
_STORE_LOCK = threading.Lock()
"""pyspnego reads the store's name from the environment, which all servers of a process share."""


@dataclass(slots=True)
class Token:
    """An access token that this server has given out."""

    key: str
    until: float


class Tokens:
    """OAuth tokens: opaque, for a person, for a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._access: dict[str, Token] = {}
        self._refresh: dict[str, str] = {}

    def issue(self, key: str, lifetime: float = LIFETIME) -> tuple[str, str]:
        """An access token and a refresh token for the person of this key."""
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with self._lock:
            self._access[access] = Token(key, time.monotonic() + lifetime)
            self._refresh[refresh] = key
        return access, refresh

    def renew(self, refresh: str) -> tuple[str, str] | None:
        """New tokens for a refresh token, which is used up; None where it is not known."""
        with self._lock:
            key = self._refresh.pop(refresh, None)
        return None if key is None else self.issue(key)

    def expire(self) -> None:
        """No access token is good any more; refresh tokens are."""
        with self._lock:
            for token in self._access.values():
                token.until = 0.0

    def who(self, access: str) -> str | None:
        """The key of the person whose token it is; None where it is unknown or too old."""
        with self._lock:
            token = self._access.get(access)
        return token.key if token and token.until > time.monotonic() else None


class SignIn:
    """Who a request is from. User names: `alice`, `EXAMPLE\\alice`, `alice@example.org`."""

    def __init__(
        self, organisation: Callable[[], Organisation], accounts: Accounts, folder: Path | None = None
    ) -> None:
        """`folder`: a private place below which NTLM's list of passwords may lie, else one is made."""
        self._organisation = organisation
        self._accounts = accounts
        self.tokens = Tokens()
        self.schemes: tuple[str, ...] = ("NTLM", "Basic", "Bearer")
        """What is offered and taken; a test may take some away."""
        self._below = folder
        self._folder: Path | None = None

    def close(self) -> None:
        """Remove what NTLM needed on disk."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def challenges(self, request: Request) -> tuple[tuple[str, str], ...]:
        """What a request without a valid sign-in is answered with."""
        answer = request.connection.state.pop("ntlm answer", None)
        if answer is not None:
            return (("WWW-Authenticate", f"NTLM {base64.b64encode(answer).decode()}"),)
        known = {
            "NTLM": "NTLM",
            "Basic": f'Basic realm="{REALM}"',
            "Bearer": f'Bearer realm="{REALM}"{_why(request)}',
        }
        return tuple(("WWW-Authenticate", known[scheme]) for scheme in self.schemes)

    def who(self, request: Request) -> Mailbox | None:
        """The mailbox of the person who signed in, None where nobody did."""
        scheme, _space, value = request.header("Authorization").partition(" ")
        known = next((name for name in self.schemes if name.lower() == scheme.lower()), "")
        match known:
            case "Basic":
                return self._basic(value)
            case "NTLM":
                return self._ntlm(request, value)
            case "Bearer":
                key = self.tokens.who(value.strip())
                return self.mailbox_named(key) if key else None
            case _:
                signed: Mailbox | None = request.connection.state.get("who")  # NTLM signs in the connection
                return signed if not scheme else None

    def mailbox_named(self, login: str) -> Mailbox | None:
        """The mailbox of a user name."""
        name = login.rpartition("\\")[2].strip().lower()
        for address, mailbox in self._organisation().mailboxes.items():
            if name in (mailbox.key, address):
                return mailbox
        return None

    def checked(self, login: str, password: str) -> Mailbox | None:
        """The mailbox of a user name whose password this is."""
        mailbox = self.mailbox_named(login)
        wanted = self._accounts.passwords.get(mailbox.key, "") if mailbox else ""
        return mailbox if wanted and hmac.compare_digest(wanted.encode(), password.encode()) else None

    def _basic(self, value: str) -> Mailbox | None:
        try:
            login, _colon, password = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return self.checked(login, password)

    # --- NTLM --------------------------------------------------------------------------------------------------------

    def _ntlm(self, request: Request, value: str) -> Mailbox | None:
        """Type 1 gets a challenge (type 2); type 3 is held to the password. The connection is signed in then."""
        from spnego.exceptions import SpnegoError

        state = request.connection.state
        try:
            token = base64.b64decode(value, validate=True)
            if token[8:12] == b"\x01\x00\x00\x00":
                state.pop("who", None)
                state["ntlm"], state["ntlm answer"] = self._begin(token)
                return None
            context = state.pop("ntlm", None)
            if context is None:
                return None
            self._step(context, token)
        except (binascii.Error, SpnegoError, ValueError):
            return None
        mailbox = self.mailbox_named(str(context.client_principal or ""))
        state["who"] = mailbox
        return mailbox

    def _begin(self, token: bytes) -> tuple[Any, bytes]:
        import spnego

        with _STORE_LOCK, _environment({_STORE: str(self._store())}):
            context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
            return context, context.step(token) or b""

    def _step(self, context: Any, token: bytes) -> None:  # noqa: ANN401 - spnego's, which is imported late
        with _STORE_LOCK, _environment({_STORE: str(self._store())}):
            context.step(token)

    def _store(self) -> Path:
        """The passwords as pyspnego reads them: each form of each user name."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="partagenda-ntlm-", dir=self._below))  # 0700
        lines = []
        for address, mailbox in self._organisation().mailboxes.items():
            password = self._accounts.passwords.get(mailbox.key, "")
            domains = ("", DOMAIN, address.partition("@")[2])
            lines += [f"{domain}:{mailbox.key}:{password}" for domain in domains] + [f":{address}:{password}"]
        path = self._folder / "users"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
        return path


class _environment:  # noqa: N801 - a context manager that reads like a word
    """Variables of the environment, for as long as it is open."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in self._values}
        os.environ.update(self._values)

    def __exit__(self, *_error: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _why(request: Request) -> str:
    bearer = request.header("Authorization").lower().startswith("bearer ")
    return ', error="invalid_token"' if bearer else ""
