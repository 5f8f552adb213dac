"""Identifiers of EWS: opaque to clients, base64 with `+`, `/` and `=`, different in case only. And change keys.

Inside an id: the mailbox's GUID, what it names, a number that is given once, and for an occurrence its original start.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from uuid import UUID

from core.sandbox.exchange.errors import EwsError

_LAYOUT = struct.Struct(">16sBQq")
_CHANGE = struct.Struct(">HQ")


class IdKind(IntEnum):
    """What an id names."""

    FOLDER = 1
    ITEM = 2
    OCCURRENCE = 3
    ATTACHMENT = 4


@dataclass(frozen=True, slots=True)
class EwsId:
    """The parts of an id. `extra` is an occurrence's original start (minutes since 1970), or an attachment's number."""

    mailbox: UUID
    kind: IdKind
    number: int
    extra: int = 0

    def __str__(self) -> str:
        return base64.b64encode(self._packed).decode()

    @property
    def hexadecimal(self) -> str:
        """As an entry id in hexadecimal."""
        return self._packed.hex().upper()

    @property
    def _packed(self) -> bytes:
        return _LAYOUT.pack(self.mailbox.bytes, self.kind, self.number, self.extra)

    @property
    def original(self) -> datetime:
        """The original start of an occurrence."""
        return datetime.fromtimestamp(self.extra * 60, UTC)

    def occurrence(self, original: datetime) -> EwsId:
        """The id of an instance of the series that this id names."""
        return EwsId(self.mailbox, IdKind.OCCURRENCE, self.number, int(original.timestamp()) // 60)

    @classmethod
    def parse(cls, text: str) -> EwsId:
        """Raises EwsError: ErrorInvalidIdEmpty, ErrorInvalidIdMalformed."""
        if not text:
            raise EwsError("ErrorInvalidIdEmpty")
        try:
            guid, kind, number, extra = _LAYOUT.unpack(base64.b64decode(text, validate=True))
            return cls(UUID(bytes=guid), IdKind(kind), number, extra)
        except (binascii.Error, struct.error, ValueError) as error:
            raise EwsError("ErrorInvalidIdMalformed") from error


def change_key(number: int) -> str:
    """A state of an item or a folder, as clients hand it back."""
    return base64.b64encode(_CHANGE.pack(0x0F00, number)).decode()


def change_number(key: str) -> int:
    """The number in a change key. Raises EwsError: ErrorInvalidChangeKey."""
    try:
        return int(_CHANGE.unpack(base64.b64decode(key, validate=True))[1])
    except (binascii.Error, struct.error, ValueError) as error:
        raise EwsError("ErrorInvalidChangeKey") from error
