"""A finished message, read again: does it say what was asked, to whom it was asked, and nothing else?

The header block is read here line by line, the parts by the parser of the standard library; neither has a hand in
writing. This holds whatever names, subjects and addresses were put in (traps.md 2).
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Sequence
from email.message import Message

from core.calendar.people import Address
from core.errors import Refused
from core.language import _
from core.sharing.mail_fields import wire_address
from core.sharing.mail_frame import LONGEST_LINE, MailHead
from core.sharing.message import Letter
from core.sharing.wording import header_line

TYPE, ENCODING, DISPOSITION = "Content-Type", "Content-Transfer-Encoding", "Content-Disposition"
Shape = Sequence[tuple[str, tuple[str, ...]]]
"""The parts of a message in order, with the header names of each; those of the message itself are checked apart."""

_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/]*={0,2})\?=")
_SHAPE = (
    ("multipart/mixed", ()),
    ("multipart/alternative", (TYPE,)),
    ("text/plain", (TYPE, ENCODING)),
    ("text/html", (TYPE, ENCODING)),
    ("text/calendar", (TYPE, ENCODING, DISPOSITION)),
)


def verify(data: bytes, letter: Letter) -> None:
    """Compare the bytes with what was asked. Raises Refused, which names the part that differs, not its content."""
    check_head(data, letter.head)
    parts = checked_parts(data, _SHAPE)
    same(_("the text"), body_of(parts[2]), letter.text.rstrip("\n"))
    same(_("the page"), body_of(parts[3]), letter.html.rstrip("\n"))
    same(_("the calendar"), parts[4].get_payload(decode=True), letter.ics)
    same(_("the calendar"), parts[4].get_param("method"), "PUBLISH")
    same(_("the file’s name"), _file_names(parts[4]), [letter.filename] * 2)


def check_head(data: bytes, head: MailHead) -> None:
    """The lines of the message, and that its header holds what was asked and nothing else. Raises Refused."""
    check_lines(data)
    fields = fields_of(data)
    special = fields_of("\r\n".join(head.special).encode()) if head.special else []
    names = ["From", *(["To"] if head.to else []), *(["Cc"] if head.cc else [])]
    names += ["Subject", "Date", "Message-ID", "MIME-Version", *(name for name, _value in special), "Content-Type"]
    same(_("the header names"), [name for name, _value in fields], names)
    values = dict(fields)
    same(_("the sharing data"), [(name, values[name]) for name, _value in special], special)
    same(_("the sender"), read_addresses(values["From"]), mailboxes((head.sender,)))
    same(_("the recipients"), read_addresses(values.get("To", "")), mailboxes(head.to))
    same(_("the copies"), read_addresses(values.get("Cc", "")), mailboxes(head.cc))
    same(_("the subject"), decoded(values["Subject"]), header_line(head.subject))
    same(_("the message’s id"), values["Message-ID"], head.message_id)


def checked_parts(data: bytes, shape: Shape) -> list[Message[str, str]]:
    """The message and its parts, as the standard library reads them. Raises Refused when they are not of the shape."""
    from email import message_from_bytes

    message: Message[str, str] = message_from_bytes(data)
    parts = list(message.walk())
    same(_("the parts"), [part.get_content_type() for part in parts], [kind for kind, _headers in shape])
    for part, (_kind, headers) in zip(parts[1:], shape[1:], strict=True):
        same(_("the parts"), tuple(part.keys()), headers)
    return parts


def same(what: str, found: object, asked: object) -> None:
    """Raise Refused, naming the part, when what came out is not what was asked."""
    if found != asked:
        raise Refused(
            _("The finished message is not what was asked: {part} came out differently. Nothing was sent.").format(
                part=what
            ),
            _("Look for unusual characters in names, subject and addresses."),
        )


def check_lines(data: bytes) -> None:
    """Lines end with CRLF and are no longer than mail allows. Raises Refused."""
    bare = data.replace(b"\r\n", b"")
    same(_("the lines"), b"\r" in bare or b"\n" in bare or b"\0" in bare, False)
    same(_("the lines"), max(map(len, data.split(b"\r\n"))) <= LONGEST_LINE, True)


def fields_of(data: bytes) -> list[tuple[str, str]]:
    """The message's own header fields, unfolded."""
    block = data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    unfolded = re.sub(r"\r\n(?=[ \t])", "", block)
    fields = []
    for line in unfolded.split("\r\n"):
        name, _colon, value = line.partition(":")
        fields.append((name, value.strip()))
    return fields


def decoded(value: str) -> str:
    """Encoded words of our own kind as text; a stray mark of any other stays and so differs from what was asked."""
    joined = re.sub(r"(\?=)\s+(=\?)", r"\1\2", value)
    return _WORD.sub(lambda match: b64decode(match[1]).decode("utf-8", "replace"), joined)


def read_addresses(value: str) -> list[tuple[str, str]]:
    """Name and address of each mailbox in a header's value, by RFC 5322 §3.4: commas inside quotes do not part."""
    found = []
    for piece in _parted(value):
        name, bracket, address = piece.rpartition("<")
        if not bracket:
            found.append(("", piece.strip()))
            continue
        name = name.strip()
        quoted = len(name) > 1 and name[0] == name[-1] == '"'
        text = re.sub(r"\\(.)", r"\1", name[1:-1]) if quoted else decoded(name)
        found.append((text, address.strip().removesuffix(">")))
    return found


def _parted(value: str) -> list[str]:
    pieces, current, quoted, escaped = [], "", False, False
    for character in value:
        if character == "," and not quoted:
            pieces.append(current)
            current = ""
            continue
        quoted ^= character == '"' and not escaped
        escaped = character == "\\" and not escaped
        current += character
    return [piece for piece in [*pieces, current] if piece.strip()]


def mailboxes(addresses: tuple[Address, ...]) -> list[tuple[str, str]]:
    """Name and address of each as `read_addresses` finds them in a proper header."""
    return [(header_line(one.name), wire_address(one.address)) for one in addresses]


def _file_names(part: Message[str, str]) -> list[str]:
    """A file's name by its disposition, and by its type."""
    from email.utils import collapse_rfc2231_value

    found = [part.get_param("filename", header="content-disposition"), part.get_param("name", header="content-type")]
    return [collapse_rfc2231_value(name or "") for name in found]


def body_of(part: Message[str, str]) -> str:
    """A part as text with `\n` at its line ends and none at its end."""
    payload = part.get_payload(decode=True)
    return (
        bytes(payload if isinstance(payload, bytes) else b"")
        .decode("utf-8", "replace")
        .replace("\r\n", "\n")
        .rstrip("\n")
    )
