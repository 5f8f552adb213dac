"""A meeting message as a mail (iMIP, RFC 6047): finished bytes, and the proof that they say what was asked.

multipart/mixed
├── multipart/alternative
│   ├── text/plain
│   └── text/calendar; method=REQUEST; charset=utf-8
└── application/ics                                      “invite.ics”: the same bytes, for programs that want a file
"""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime
from email.message import Message

from core.calendar.people import Address
from core.language import _
from core.sharing.itip import Method
from core.sharing.mail_fields import address_field, ascii_domain, mail_date, readable, text_field
from core.sharing.message_check import body_of, check_lines, decoded, fields_of, mailboxes, read_addresses, same
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
    check_lines(data)
    fields = fields_of(data)
    same(_("the header names"), [name for name, _value in fields], _HEADERS)
    values = dict(fields)
    same(_("the sender"), read_addresses(values["From"]), mailboxes((letter.sender,)))
    same(_("the recipients"), read_addresses(values["To"]), mailboxes((letter.to,)))
    same(_("the subject"), decoded(values["Subject"]), header_line(letter.subject))
    same(_("the message’s id"), values["Message-ID"], letter.message_id)
    _check_parts(data, letter)


def _check_parts(data: bytes, letter: MeetingLetter) -> None:
    from email import message_from_bytes

    message: Message[str, str] = message_from_bytes(data)
    parts = list(message.walk())
    same(_("the parts"), [part.get_content_type() for part in parts], [kind for kind, _headers in _SHAPE])
    for part, (_kind, headers) in zip(parts[1:], _SHAPE[1:], strict=True):
        same(_("the parts"), tuple(part.keys()), headers)
    same(_("the text"), body_of(parts[2]), letter.text.rstrip("\n"))
    for part in parts[3:]:
        same(_("the calendar"), part.get_payload(decode=True), letter.ics)
    same(_("the calendar"), parts[3].get_param("method"), letter.method.value)
    same(_("the calendar"), f"METHOD:{letter.method.value}\r\n".encode() in letter.ics, True)
