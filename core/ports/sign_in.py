"""Signing in where a password is not enough: a person opens an address somewhere and says yes there."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Protocol

from core.values import dataclass


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What to show large: an address to open anywhere, and the code to type there. `expires`: seconds from now."""

    address: str
    code: str
    expires: float
    flow: dict[str, Any] = field(repr=False)
    """The backend's own."""


@dataclass(frozen=True, slots=True)
class CodeAddress:
    """An address to open in a browser; what its address bar shows at the end is pasted back."""

    address: str
    flow: dict[str, Any] = field(repr=False)
    """The backend's own."""


class InteractiveSignIn(Protocol):
    """One account's sign-in. Raises SignInFailed with what to do instead, Unreachable, CertificateError."""

    async def signed_in(self) -> str:
        """The address that is signed in; empty when nobody is."""
        ...

    async def begin_device(self) -> DeviceCode:
        """Ask for a code."""
        ...

    async def finish_device(self, code: DeviceCode) -> str:
        """Wait until the person has typed it; the address that is signed in. Cancelling ends the waiting at once."""
        ...

    async def begin_code(self) -> CodeAddress:
        """Ask for an address, where codes are not allowed."""
        ...

    async def finish_code(self, address: CodeAddress, pasted: str) -> str:
        """With what the browser shows at the end. Raises UsageError for an address that is not it."""
        ...

    async def sign_out(self) -> bool:
        """Forget every token; whether there was one."""
        ...
