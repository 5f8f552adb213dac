"""Where a published calendar lies for others to fetch: a folder on a WebDAV server, or one of this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from core.values import dataclass

NOTHING = ""
"""The fingerprint of a file that is not there."""


def fingerprint(content: bytes | None) -> str:
    """SHA-256 in hexadecimal; NOTHING for what is not there. ETags are not trusted (traps: they change, or do not)."""
    return NOTHING if content is None else hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class TargetAbilities:
    """What a target can do."""

    atomic: bool
    """Whether whoever reads finds the old or the new file, never a part of one."""
    conditional: bool = False
    """Whether it refuses by itself to overwrite what somebody else wrote in between (If-Match). Without it there is
    a moment between looking and writing in which another publisher is noticed only afterwards."""


@dataclass(frozen=True, slots=True)
class Place:
    """One thing in a folder of a target."""

    name: str
    address: str
    folder: bool
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written, as it was read back."""

    fingerprint: str
    size: int
    etag: str = ""


class PublishTarget(Protocol):
    """A server or folder to which files are published.

    Addresses are whole: URLs that end in a file's name or, for a folder, in `/`; for a plain folder, absolute paths.
    Raises SignInFailed (no further request with that password is made), CertificateError, Unreachable, Refused (full,
    too large, locked, not allowed), NotFound (a folder is not there), Conflict, DeliveryUnknown (sent, and nobody can
    know what became of it), TransportError for everything else that a server says.
    """

    async def abilities(self, folder: str) -> TargetAbilities:
        """Look at the folder, and say what is possible there; signs in."""
        ...

    async def places(self, folder: str) -> Sequence[Place]:
        """What is in the folder, folders first, by name."""
        ...

    async def make_folder(self, folder: str) -> None:
        """Make one folder below one that is there; nothing happens when it is there already."""
        ...

    async def read(self, address: str) -> bytes | None:
        """The file's bytes; None when it is not there."""
        ...

    async def put(
        self, address: str, content: bytes, *, media_type: str, expected: Collection[str], token: str
    ) -> Stored:
        """Put exactly these bytes there, and prove it by reading them back.

        `expected`: fingerprints of what may lie there now (NOTHING among them when it may be new); anything else is
        somebody's, raises Conflict and is left alone. `token`: a publication's own word for temporary names.
        """
        ...

    async def remove(self, address: str, *, expected: Collection[str]) -> bool:
        """Take the file away and look whether it is gone; whether it was there. Raises Conflict as `put` does."""
        ...

    async def sweep(self, address: str, token: str) -> int:
        """Remove what broken uploads of this file with this token left under temporary names; how many there were."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


class CalendarFolderShell(Protocol):
    """Exchange's remote shell, for the two cmdlets that publish a mailbox's calendar (outlook.md §5.3)."""

    async def run(self, cmdlet: str, parameters: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
        """Run one cmdlet; the properties of each object that it gives.

        Raises SignInFailed, CertificateError, Unreachable, Refused (the server says no), NotFound (no such folder),
        TransportError, and ConfigError where the package for it is not installed.
        """
        ...
