"""A meeting message as a mail (iMIP, RFC 6047): finished bytes, and the proof that they say what was asked.

multipart/mixed
├── multipart/alternative
│   ├── text/plain
│   └── text/calendar; method=REQUEST; charset=utf-8
└── application/ics                                      “invite.ics”: the same bytes, for programs that want a file
"""

from __future__ import annotations

import re
from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime
from email.message import Message

from core.calendar.people import Address
from core.errors import Refused
from core.language import _
from core.sharing.itip import Method
from core.sharing.mail_fields import address_field, ascii_domain, mail_date, readable, text_field, wire_address
from core.sharing.message import LONGEST_LINE
from core.sharing.message_check import decoded, read_addresses
from core.sharing.wording import header_line

FILE_NAME = "invite.ics"
_SHAPE = (
    ("multipart/mixed", ()),
    ("multipart/alternative", ("Content-Type",)),
    ("text/plain", ("Content-Type", "Content-Transfer-Encoding")),
    ("text/calendar", ("Content-Type", "Content-Transfer-Encoding")),
    ("application/ics", ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition")),
)
_HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]


@dataclass(frozen=True, slots=True)
class MeetingLetter:
    """A meeting message that is to be written, to one person."""

    sender: Address
    to: Address
    subject: str
    text: str
    ics: bytes
    method: Method
    date: datetime
    token: str
    """Message-ID and boundaries are made of it; the same for the same message, so that it is never queued twice."""

    @property
    def message_id(self) -> str:
        """With the sender's domain, never with the name of this machine."""
        return f"<{self.token}@{ascii_domain(self.sender.domain)}>"


def write(letter: MeetingLetter) -> bytes:
    """The bytes of the message, proved. Raises UsageError for an address that cannot stand in a header, Refused."""
    mixed, alternative = f"=_{letter.token}_m", f"=_{letter.token}_a"
    body = encodebytes(letter.ics).decode("ascii").replace("\n", "\r\n")
    lines = [
        *address_field("From", [letter.sender]),
        *address_field("To", [letter.to]),
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
        f"Content-Type: text/calendar; method={letter.method.value}; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        "",
        body + f"--{alternative}--",
        "",
        f"--{mixed}",
        f'Content-Type: application/ics; name="{FILE_NAME}"',
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{FILE_NAME}"',
        "",
        body + f"--{mixed}--",
        "",
    ]
    data = "\r\n".join(lines).encode()
    verify(data, letter)
    return data


def verify(data: bytes, letter: MeetingLetter) -> None:
    """Read the finished bytes again and compare them with what was asked. Raises Refused, naming the part."""
    bare = data.replace(b"\r\n", b"")
    _same(_("the lines"), any(sign in bare for sign in (b"\r", b"\n", b"\0")), False)
    _same(_("the lines"), max(map(len, data.split(b"\r\n"))) <= LONGEST_LINE, True)
    fields = _fields(data)
    _same(_("the header names"), [name for name, _value in fields], _HEADERS)
    values = dict(fields)
    _same(_("the sender"), read_addresses(values["From"]), [_wanted(letter.sender)])
    _same(_("the recipients"), read_addresses(values["To"]), [_wanted(letter.to)])
    _same(_("the subject"), decoded(values["Subject"]), header_line(letter.subject))
    _same(_("the message’s id"), values["Message-ID"], letter.message_id)
    _check_parts(data, letter)


def _same(what: str, found: object, asked: object) -> None:
    if found != asked:
        raise Refused(
            _("The finished message is not what was asked: {part} came out differently. Nothing was sent.").format(
                part=what
            ),
            _("Look for unusual characters in names, subject and addresses."),
        )


def _fields(data: bytes) -> list[tuple[str, str]]:
    block = data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    pairs = (line.partition(":") for line in re.sub(r"\r\n(?=[ \t])", "", block).split("\r\n"))
    return [(name, value.strip()) for name, _colon, value in pairs]


def _wanted(one: Address) -> tuple[str, str]:
    return header_line(one.name), wire_address(one.address)


def _check_parts(data: bytes, letter: MeetingLetter) -> None:
    from email import message_from_bytes

    message: Message[str, str] = message_from_bytes(data)
    parts = list(message.walk())
    _same(_("the parts"), [part.get_content_type() for part in parts], [kind for kind, _headers in _SHAPE])
    for part, (_kind, headers) in zip(parts[1:], _SHAPE[1:], strict=True):
        _same(_("the parts"), tuple(part.keys()), headers)
    words = parts[2].get_payload(decode=True)
    said = bytes(words if isinstance(words, bytes) else b"").decode("utf-8", "replace").replace("\r\n", "\n")
    _same(_("the text"), said.rstrip("\n"), letter.text.rstrip("\n"))
    for part in parts[3:]:
        _same(_("the calendar"), part.get_payload(decode=True), letter.ics)
    _same(_("the calendar"), parts[3].get_param("method"), letter.method.value)
    _same(_("the calendar"), f"METHOD:{letter.method.value}\r\n".encode() in letter.ics, True)
