"""A finished message, read again: does it say what was asked, to whom it was asked, and nothing else?

The header block is read here line by line, the parts by the parser of the standard library; neither has a hand in
writing. This holds whatever names, subjects and addresses were put in (traps.md 2).
"""

from __future__ import annotations

import re
from base64 import b64decode
from email.message import Message

from core.calendar.people import Address
from core.errors import Refused
from core.language import _
from core.sharing.message import LONGEST_LINE, Letter, wire_address
from core.sharing.wording import header_line

_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/]*={0,2})\?=")
_SHAPE = (
    ("multipart/mixed", ()),
    ("multipart/alternative", ("Content-Type",)),
    ("text/plain", ("Content-Type", "Content-Transfer-Encoding")),
    ("text/html", ("Content-Type", "Content-Transfer-Encoding")),
    ("text/calendar", ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition")),
)
"""The parts in order, with the headers of each; those of the message itself are checked by themselves."""


def verify(data: bytes, letter: Letter) -> None:
    """Compare the bytes with what was asked. Raises Refused, which names the part that differs, not its content."""
    check_lines(data)
    fields = fields_of(data)
    names = ["From", *(["To"] if letter.to else []), *(["Cc"] if letter.cc else [])]
    names += ["Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]
    same(_("the header names"), [name for name, _value in fields], names)
    values = dict(fields)
    same(_("the sender"), read_addresses(values["From"]), mailboxes((letter.sender,)))
    same(_("the recipients"), read_addresses(values.get("To", "")), mailboxes(letter.to))
    same(_("the copies"), read_addresses(values.get("Cc", "")), mailboxes(letter.cc))
    same(_("the subject"), decoded(values["Subject"]), header_line(letter.subject))
    same(_("the message’s id"), values["Message-ID"], letter.message_id)
    _check_parts(data, letter)


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


def _check_parts(data: bytes, letter: Letter) -> None:
    from email import message_from_bytes
    from email.utils import collapse_rfc2231_value

    message: Message[str, str] = message_from_bytes(data)
    parts = list(message.walk())
    same(_("the parts"), [part.get_content_type() for part in parts], [kind for kind, _headers in _SHAPE])
    for part, (_kind, headers) in zip(parts[1:], _SHAPE[1:], strict=True):
        same(_("the parts"), tuple(part.keys()), headers)
    same(_("the text"), body_of(parts[2]), letter.text.rstrip("\n"))
    same(_("the page"), body_of(parts[3]), letter.html.rstrip("\n"))
    same(_("the calendar"), parts[4].get_payload(decode=True), letter.ics)
    same(_("the calendar"), parts[4].get_param("method"), "PUBLISH")
    names = [
        parts[4].get_param(key, header=head)
        for key, head in (("filename", "content-disposition"), ("name", "content-type"))
    ]
    same(_("the file’s name"), [collapse_rfc2231_value(name or "") for name in names], [letter.filename] * 2)


def body_of(part: Message[str, str]) -> str:
    """A part as text with `\n` at its line ends and none at its end."""
    payload = part.get_payload(decode=True)
    return (
        bytes(payload if isinstance(payload, bytes) else b"")
        .decode("utf-8", "replace")
        .replace("\r\n", "\n")
        .rstrip("\n")
    )
