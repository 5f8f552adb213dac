"""A meeting message as a mail (iMIP, RFC 6047): finished bytes, and the proof that they say what was asked.

multipart/mixed
├── multipart/alternative
│   ├── text/plain
│   └── text/calendar; method=REQUEST; charset=utf-8
└── application/ics                                      “invite.ics”: the same bytes, for programs that want a file
"""

from __future__ import annotations

from datetime import datetime

from core.calendar.people import Address
from core.language import _
from core.sharing.itip import Method
from core.sharing.mail_frame import MailHead, alternatives, binary_part, framed, text_part
from core.sharing.message_check import DISPOSITION, ENCODING, TYPE, body_of, check_head, checked_parts, same
from core.values import dataclass

FILE_NAME = "invite.ics"
_SHAPE = (
    ("multipart/mixed", ()),
    ("multipart/alternative", (TYPE,)),
    ("text/plain", (TYPE, ENCODING)),
    ("text/calendar", (TYPE, ENCODING)),
    ("application/ics", (TYPE, ENCODING, DISPOSITION)),
)


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
    def head(self) -> MailHead:
        """The message's header."""
        return MailHead(self.sender, (self.to,), self.subject, self.date, self.token)

    @property
    def message_id(self) -> str:
        """As it stands in the header."""
        return self.head.message_id


def write(letter: MeetingLetter) -> bytes:
    """The bytes of the message, proved. Raises UsageError for an address that cannot stand in a header, Refused."""
    head = letter.head
    calendar = binary_part(f"text/calendar; method={letter.method.value}; charset=utf-8", letter.ics)
    words = alternatives(head, text_part("text/plain", letter.text), calendar)
    file = binary_part(f'application/ics; name="{FILE_NAME}"', letter.ics, f'attachment; filename="{FILE_NAME}"')
    data = framed(head, words, file)
    verify(data, letter)
    return data


def verify(data: bytes, letter: MeetingLetter) -> None:
    """Read the finished bytes again and compare them with what was asked. Raises Refused, naming the part."""
    check_head(data, letter.head)
    parts = checked_parts(data, _SHAPE)
    same(_("the text"), body_of(parts[2]), letter.text.rstrip("\n"))
    for part in parts[3:]:
        same(_("the calendar"), part.get_payload(decode=True), letter.ics)
    same(_("the calendar"), parts[3].get_param("method"), letter.method.value)
    same(_("the calendar"), f"METHOD:{letter.method.value}\r\n".encode() in letter.ics, True)
