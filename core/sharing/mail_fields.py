"""Header fields and bodies of a mail as text that stays what it is: names, subjects, addresses, file names.

Written here and not by the email package, whose generators decode encoded words and raise on U+0085 (traps.md 2).
"""

from __future__ import annotations

import quopri
import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from core.calendar.people import Address, parse_address
from core.errors import UsageError
from core.language import _
from core.sharing.wording import header_line, one_line

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]*")
_WORD = 42
"""UTF-8 octets in one encoded word, so that with its marks it stays under 75 (RFC 2047 §2)."""


def readable(text: str) -> list[str]:
    """A body as quoted-printable: readable in a text viewer, and no line longer than 76."""
    coded = quopri.encodestring(_newlines(text).encode("utf-8", "replace")).decode("ascii")
    coded = re.sub(r"(?m)^(From |\.)", lambda match: f"={ord(match[0][0]):02X}{match[0][1:]}", coded)
    return ["Content-Transfer-Encoding: quoted-printable", "", coded.rstrip("\n").replace("\n", "\r\n")]


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def mail_date(moment: datetime) -> str:
    """A date as headers have it (RFC 5322 §3.3)."""
    from email.utils import format_datetime

    return format_datetime(moment)


def text_field(name: str, text: str) -> str:
    """A header field with text; encoded words where it is not plain."""
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


def address_field(name: str, addresses: Sequence[Address]) -> list[str]:
    """A header field with mailboxes; none without addresses."""
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
    return f"{local}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """A domain in ASCII (IDNA). Raises UsageError."""
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise UsageError(_("“{text}” is not a mail domain.").format(text=one_line(domain))) from None


def file_parameter(key: str, name: str) -> str:
    """A file name as a parameter: plain where it is ASCII, else by RFC 2231 in pieces."""
    if name.isascii() and '"' not in name and "\\" not in name:
        return f' {key}="{name}"'
    coded = quote(name, safe="")
    pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,20}", coded)
    if len(pieces) == 1:
        return f" {key}*=utf-8''{coded}"
    return ";\r\n".join(f" {key}*{n}*={'' if n else chr(39).join(('utf-8', '', ''))}{p}" for n, p in enumerate(pieces))
