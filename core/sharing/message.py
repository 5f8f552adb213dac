"""The snapshot as a mail: finished bytes, and the proof that they say what was asked and nothing else.

The message is written here and not by the email package, whose generators decode encoded words and raise on U+0085
(traps.md 2). After it is written it is read again by that package and compared with what was asked: the names of all
headers, senders and recipients, subject, bodies and file. Only what passes leaves.

    multipart/mixed
    ├── multipart/alternative
    │   ├── text/plain
    │   └── text/html
    └── text/calendar; method=PUBLISH; charset=utf-8      “<Owner name> Calendar.ics”
"""

from __future__ import annotations

import re
from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime

from core.calendar.people import Address
from core.sharing.mail_fields import (
    address_field,
    ascii_domain,
    file_parameter,
    mail_date,
    readable,
    text_field,
    wire_address,
)
from core.sharing.wording import header_line

__all__ = ["LONGEST_LINE", "Letter", "file_name", "wire_address", "write"]

LONGEST_LINE = 998
"""Octets of a line of a mail without its end (RFC 5322 §2.1.1)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is to be written. Bcc recipients are no part of it: they stand on the envelope alone."""

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    text: str
    html: str
    ics: bytes
    filename: str
    date: datetime
    token: str
    """Random, new for each message: Message-ID and boundaries are made of it."""

    @property
    def message_id(self) -> str:
        """With the sender's domain, never with the name of this machine."""
        return f"<{self.token}@{ascii_domain(self.sender.domain)}>"


def file_name(title: str) -> str:
    """`<title>.ics` as a name that is safe on every disk: no path, no hidden file, no device of old systems."""
    name = re.sub(r'[\\/:*?"<>|;=%\x00-\x1f]', " ", header_line(title))
    name = " ".join(name.split()).strip(". ")
    while len(name.encode()) > 100:
        name = name[:-1]
    return f"{name.strip('. ') or 'Calendar'}.ics"


def write(letter: Letter) -> bytes:
    """The bytes of the message; lines end with CRLF, everything is ASCII but for addresses that are not.

    Raises UsageError for an address that cannot stand in a header.
    """
    mixed, alternative = f"=_{letter.token}_m", f"=_{letter.token}_a"
    lines = [
        *address_field("From", [letter.sender]),
        *address_field("To", letter.to),
        *address_field("Cc", letter.cc),
        text_field("Subject", header_line(letter.subject)),
        f"Date: {mail_date(letter.date)}",
        f"Message-ID: {letter.message_id}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed;\r\n boundary="{mixed}"',
        "",
        f"--{mixed}",
        f'Content-Type: multipart/alternative;\r\n boundary="{alternative}"',
        "",
        f"--{alternative}",
        "Content-Type: text/plain; charset=utf-8",
        *readable(letter.text),
        f"--{alternative}",
        "Content-Type: text/html; charset=utf-8",
        *readable(letter.html),
        f"--{alternative}--",
        "",
        f"--{mixed}",
        f"Content-Type: text/calendar; method=PUBLISH; charset=utf-8;\r\n{file_parameter('name', letter.filename)}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: attachment;\r\n{file_parameter('filename', letter.filename)}",
        "",
        encodebytes(letter.ics).decode("ascii").replace("\n", "\r\n") + f"--{mixed}--",
        "",
    ]
    return "\r\n".join(lines).encode()
