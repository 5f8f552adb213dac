"""What all our letters have in common: who writes to whom about what, and the parts of a body (RFC 5322, RFC 2046).

A letter is framed here and read again by `core.sharing.message_check`, which has no hand in writing.
"""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Sequence
from datetime import datetime

from core.calendar.people import Address
from core.sharing.mail_fields import address_field, ascii_domain, mail_date, readable, text_field
from core.sharing.wording import header_line
from core.values import dataclass

LONGEST_LINE = 998
"""Octets of a line of a mail without its end (RFC 5322 §2.1.1)."""

Part = list[str]
"""A body part in lines (or in runs of them, joined by CRLF), its own header first."""


@dataclass(frozen=True, slots=True)
class MailHead:
    """The header of a message that is to be written. Bcc recipients are no part of it: they stand on the envelope."""

    sender: Address
    to: tuple[Address, ...]
    subject: str
    date: datetime
    token: str
    """Message-ID and boundaries are made of it."""
    cc: tuple[Address, ...] = ()
    special: tuple[str, ...] = ()
    """Further fields as they stand on the wire, such as X-Sharing-Flavor."""

    @property
    def message_id(self) -> str:
        """With the sender's domain, never with the name of this machine."""
        return f"<{self.token}@{ascii_domain(self.sender.domain)}>"

    def lines(self) -> list[str]:
        """All fields but Content-Type. Raises UsageError for an address that cannot stand in a header."""
        return [
            *address_field("From", [self.sender]),
            *address_field("To", self.to),
            *address_field("Cc", self.cc),
            text_field("Subject", header_line(self.subject)),
            f"Date: {mail_date(self.date)}",
            f"Message-ID: {self.message_id}",
            "MIME-Version: 1.0",
            *self.special,
        ]


def text_part(kind: str, text: str) -> Part:
    """Words that can be read in a text viewer too: `text/plain` or `text/html`."""
    return [f"Content-Type: {kind}; charset=utf-8", *readable(text)]


def binary_part(kind: str, content: bytes, disposition: str = "") -> Part:
    """Bytes that arrive as they are. `kind` and `disposition` are the values of their header fields."""
    shown = [f"Content-Disposition: {disposition}"] if disposition else []
    coded = encodebytes(content).decode("ascii").rstrip("\n").replace("\n", "\r\n")
    return [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *shown, "", coded]


def alternatives(head: MailHead, *parts: Part) -> Part:
    """The same thing in several forms, the plainest first (RFC 2046 §5.1.4)."""
    return _multipart("alternative", f"=_{head.token}_a", parts)


def framed(head: MailHead, *parts: Part) -> bytes:
    """The whole message of those parts; lines end with CRLF, all is ASCII but for addresses that are not.

    Raises UsageError for an address that cannot stand in a header.
    """
    return "\r\n".join([*head.lines(), *_multipart("mixed", f"=_{head.token}_m", parts)]).encode()


def _multipart(kind: str, boundary: str, parts: Sequence[Part]) -> Part:
    lines = [f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"', ""]
    for part in parts:
        lines += [f"--{boundary}", *part]
    return [*lines, f"--{boundary}--", ""]
