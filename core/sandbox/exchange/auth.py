"""Signing in to Exchange: Basic, by the sandbox's one password of each person."""

from __future__ import annotations

import base64
import binascii
import hmac

from core.sandbox.exchange.model import Mailbox, Organisation
from core.sandbox.http import Request
from core.sandbox.people import Accounts

REALM = "Exchange"


class SignIn:
    """Who a request is from. User names: `alice`, `EXAMPLE\\alice`, `alice@example.org`."""

    def __init__(self, organisation: Organisation, accounts: Accounts) -> None:
        self._organisation = organisation
        self._accounts = accounts

    def challenges(self) -> tuple[tuple[str, str], ...]:
        """What a request without a valid sign-in is answered with."""
        return (("WWW-Authenticate", f'Basic realm="{REALM}"'),)

    def who(self, request: Request) -> Mailbox | None:
        """The mailbox of the person who signed in, None where nobody did."""
        scheme, _space, value = request.header("Authorization").partition(" ")
        if scheme.lower() == "basic":
            return self._basic(value)
        return None

    def mailbox_named(self, login: str) -> Mailbox | None:
        """The mailbox of a user name."""
        name = login.rpartition("\\")[2].strip().lower()
        for address, mailbox in self._organisation.mailboxes.items():
            if name in (mailbox.key, address):
                return mailbox
        return None

    def _basic(self, value: str) -> Mailbox | None:
        try:
            login, _colon, password = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        mailbox = self.mailbox_named(login)
        wanted = self._accounts.passwords.get(mailbox.key, "") if mailbox else ""
        return mailbox if wanted and hmac.compare_digest(wanted.encode(), password.encode()) else None
