"""Identifiers of EWS: base64 with `+`, `/` and `=`, different in case only, as long as Exchange's own. And change keys.

An id holds the GUID of the mailbox and MAPI's entry id of the thing ([MS-OXCDATA] 2.2.4): 120 characters for a folder,
152 for an item. Our entry ids hold the mailbox's GUID, a number that is given once, and for an occurrence its original
start, for an attachment its number.
"""

from __future__ import annotations

import base64
import binascii
import struct
from datetime import UTC, datetime
from enum import IntEnum
from uuid import UUID

from core.sandbox.exchange.errors import EwsError
from core.values import dataclass

_HEAD = b"\0\x03\x24\0"
"""An id by mailbox GUID (3) of 36 characters."""
_PROVIDER = bytes.fromhex("1A447390AA6611CD9BC800AA002FC45A")
_FOLDER_ENTRY = struct.Struct(">4x16s2s16s2xI2x")
_ITEM_ENTRY = struct.Struct(">4x16s2s16s2xI2xBq7x2xI2x")
_TYPES = {True: b"\x01\0", False: b"\x07\0"}
"""Types of a folder's and of a message's entry id."""
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
        entry = self.entry
        size = len(entry).to_bytes(2, "little")
        return base64.b64encode(_HEAD + str(self.mailbox).encode() + b"\0" + size + entry).decode()

    @property
    def entry(self) -> bytes:
        """MAPI's entry id."""
        is_folder = self.kind is IdKind.FOLDER
        head = (_PROVIDER, _TYPES[is_folder], self.mailbox.bytes, self.number)
        return _FOLDER_ENTRY.pack(*head) if is_folder else _ITEM_ENTRY.pack(*head, self.kind, self.extra, self.number)

    @property
    def hexadecimal(self) -> str:
        """The entry id in hexadecimal."""
        return self.entry.hex().upper()

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
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise EwsError("ErrorInvalidIdMalformed") from error
        found = cls.from_entry(content[len(_HEAD) + 39 :])
        if content[: len(_HEAD)] != _HEAD or str(found) != text:
            raise EwsError("ErrorInvalidIdMalformed")
        return found

    @classmethod
    def from_entry(cls, entry: bytes) -> EwsId:
        """The id of an entry id. Raises EwsError: ErrorInvalidIdMalformed."""
        try:
            if len(entry) == _FOLDER_ENTRY.size:
                provider, _type, guid, number = _FOLDER_ENTRY.unpack(entry)
                kind, extra = IdKind.FOLDER, 0
            else:
                provider, _type, guid, number, kind, extra, _again = _ITEM_ENTRY.unpack(entry)
        except struct.error as error:
            raise EwsError("ErrorInvalidIdMalformed") from error
        if provider != _PROVIDER or kind not in tuple(IdKind):
            raise EwsError("ErrorInvalidIdMalformed")
        return cls(UUID(bytes=guid), IdKind(kind), number, extra)


def change_key(number: int) -> str:
    """A state of an item or a folder, as clients hand it back."""
    return base64.b64encode(_CHANGE.pack(0x0F00, number)).decode()


def change_number(key: str) -> int:
    """The number in a change key. Raises EwsError: ErrorInvalidChangeKey."""
    try:
        return int(_CHANGE.unpack(base64.b64decode(key, validate=True))[1])
    except (binascii.Error, struct.error, ValueError) as error:
        raise EwsError("ErrorInvalidChangeKey") from error
