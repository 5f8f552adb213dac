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

import quopri
import re
from base64 import b64encode, encodebytes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from core.calendar.people import Address, parse_address
from core.errors import UsageError
from core.language import _
from core.sharing.wording import header_line, one_line

LONGEST_LINE = 998
"""Octets of a line of a mail without its end (RFC 5322 §2.1.1)."""
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]*")
_WORD = 42
"""UTF-8 octets in one encoded word, so that with its marks it stays under 75 (RFC 2047 §2)."""


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
        return f"<{self.token}@{_ascii_domain(self.sender.domain)}>"


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
        *_address_field("From", [letter.sender]),
        *_address_field("To", letter.to),
        *_address_field("Cc", letter.cc),
        _text_field("Subject", header_line(letter.subject)),
        f"Date: {_date(letter.date)}",
        f"Message-ID: {letter.message_id}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed;\r\n boundary="{mixed}"',
        "",
        f"--{mixed}",
        f'Content-Type: multipart/alternative;\r\n boundary="{alternative}"',
        "",
        f"--{alternative}",
        "Content-Type: text/plain; charset=utf-8",
        *_readable(letter.text),
        f"--{alternative}",
        "Content-Type: text/html; charset=utf-8",
        *_readable(letter.html),
        f"--{alternative}--",
        "",
        f"--{mixed}",
        f"Content-Type: text/calendar; method=PUBLISH; charset=utf-8;\r\n{_file_parameter('name', letter.filename)}",
        "Content-Transfer-Encoding: base64",
        f"Content-Disposition: attachment;\r\n{_file_parameter('filename', letter.filename)}",
        "",
        encodebytes(letter.ics).decode("ascii").replace("\n", "\r\n") + f"--{mixed}--",
        "",
    ]
    return "\r\n".join(lines).encode()


def _readable(text: str) -> list[str]:
    """A body as quoted-printable: readable in a text viewer, and no line longer than 76."""
    coded = quopri.encodestring(_newlines(text).encode("utf-8", "replace")).decode("ascii")
    coded = re.sub(r"(?m)^(From |\.)", lambda match: f"={ord(match[0][0]):02X}{match[0][1:]}", coded)
    return ["Content-Transfer-Encoding: quoted-printable", "", coded.rstrip("\n").replace("\n", "\r\n")]


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _date(moment: datetime) -> str:
    from email.utils import format_datetime

    return format_datetime(moment)


def _text_field(name: str, text: str) -> str:
    if text.isascii() and len(text) + len(name) <= 74:
        return f"{name}: {text}"
    return f"{name}: " + "\r\n ".join(_encoded_words(text))


def _encoded_words(text: str) -> list[str]:
    """RFC 2047 words, cut between characters; whoever joins them gets the text again."""
    words, current = [], b""
    for character in text:
        octets = character.encode("utf-8", "replace")
        if len(current) + len(octets) > _WORD:
            words.append(current)
            current = b""
        current += octets
    words.append(current)
    return [f"=?utf-8?b?{b64encode(word).decode('ascii')}?=" for word in words]


def _address_field(name: str, addresses: Sequence[Address]) -> list[str]:
    if not addresses:
        return []
    return [f"{name}: " + ",\r\n ".join(_mailbox(address) for address in addresses)]


def _mailbox(address: Address) -> str:
    where = wire_address(address.address)
    name = header_line(address.name)
    if not name:
        return where
    if not name.isascii() or len(name) > 200:
        return "\r\n ".join(_encoded_words(name)) + f" <{where}>"
    if _PLAIN_NAME.fullmatch(name):
        return f"{name} <{where}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{where}>'


def wire_address(address: str) -> str:
    """The address as it goes on the wire: the domain in ASCII (IDNA), the local part as it is (RFC 6531).

    Raises UsageError for what would not stay one address there.
    """
    local, _at, domain = address.rpartition("@")
    odd = "".join(c for c in address if not c.isprintable() or c.isspace())
    if odd or parse_address(address).address != address:
        raise UsageError(_("“{text}” is not an e-mail address.").format(text=one_line(address)))
    return f"{local}@{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise UsageError(_("“{text}” is not a mail domain.").format(text=one_line(domain))) from None


def _file_parameter(key: str, name: str) -> str:
    """A file name as a parameter: plain where it is ASCII, else by RFC 2231 in pieces."""
    if name.isascii() and '"' not in name and "\\" not in name:
        return f' {key}="{name}"'
    coded = quote(name, safe="")
    pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,20}", coded)
    if len(pieces) == 1:
        return f" {key}*=utf-8''{coded}"
    return ";\r\n".join(f" {key}*{n}*={'' if n else chr(39).join(('utf-8', '', ''))}{p}" for n, p in enumerate(pieces))
