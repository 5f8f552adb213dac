"""How a mail server is reached."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from pathlib import Path

from core.errors import ConfigError
from core.language import _
from core.values import dataclass


class Security(StrEnum):
    """`security` of an smtp account."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"
    """Clear text: for loopback only."""

    @property
    def default_port(self) -> int:
        """Submission with STARTTLS 587 (RFC 6409), over TLS 465 (RFC 8314), else 25."""
        return {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}[self]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds. `step`: one connection, one answer; `total`: everything, whatever the server drips meanwhile."""

    step: float = 60.0
    total: float = 300.0
    farewell: float = 1.0
    """How long a server may take to say goodbye."""


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """One smtp account. `port` 0 takes the usual one; without a username nobody signs in.

    Raises ConfigError for clear text to another machine.
    """

    host: str
    port: int = 0
    security: Security = Security.STARTTLS
    username: str = ""
    ca: Path | None = None
    """A PEM file: this authority is trusted too."""
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if self.security is Security.NONE and not is_loopback(self.host):
            raise ConfigError(
                _("Mail to {host} would travel in clear text.").format(host=self.host),
                _("Set security to “starttls” or “tls”; “none” is for this machine only."),
            )

    @property
    def real_port(self) -> int:
        """The port that is connected to."""
        return self.port or self.security.default_port


def is_loopback(host: str) -> bool:
    """Whether a host name or address certainly means this machine."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
