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
from datetime import datetime

from core.calendar.people import Address
from core.sharing.mail_fields import file_parameter, wire_address
from core.sharing.mail_frame import LONGEST_LINE, MailHead, alternatives, binary_part, framed, text_part
from core.sharing.wording import header_line
from core.values import dataclass

__all__ = ["LONGEST_LINE", "Letter", "file_name", "wire_address", "write"]


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
    def head(self) -> MailHead:
        """The message's header."""
        return MailHead(self.sender, self.to, self.subject, self.date, self.token, self.cc)

    @property
    def message_id(self) -> str:
        """As it stands in the header."""
        return self.head.message_id


def file_name(title: str) -> str:
    """`<title>.ics` as a name that is safe on every disk: no path, no hidden file, no device of old systems."""
    name = re.sub(r'[\\/:*?"<>|;=%\x00-\x1f]', " ", header_line(title))
    name = " ".join(name.split()).strip(". ")
    while len(name.encode()) > 100:
        name = name[:-1]
    return f"{name.strip('. ') or 'Calendar'}.ics"


def write(letter: Letter) -> bytes:
    """The bytes of the message. Raises UsageError for an address that cannot stand in a header."""
    head = letter.head
    words = alternatives(head, text_part("text/plain", letter.text), text_part("text/html", letter.html))
    kind = f"text/calendar; method=PUBLISH; charset=utf-8;\r\n{file_parameter('name', letter.filename)}"
    return framed(
        head, words, binary_part(kind, letter.ics, f"attachment;\r\n{file_parameter('filename', letter.filename)}")
    )
