"""A MIME reader for hostile mail: linear in the size, bounded in depth, parts and bytes; nothing is fetched or run.

The standard library's parser recurses into nested parts and copies them; this one cuts the bytes at the boundaries
(RFC 2046 §5.1) and leaves only short header blocks to `email`.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser

from core.calendar.people import clean_name
from core.values import dataclass

DEEPEST = 10
"""Parts inside parts; real mail has three or four."""
MOST_PARTS = 200
LONGEST_HEAD = 256 * 1024
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_REST_OF_BOUNDARY = re.compile(rb"(--)?[ \t]{0,200}(?=\r?\n|\Z)")
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_CHARSETS = re.compile(
    r"utf-?8|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?[1-9]|(?:windows-|cp)(?:125\d|437|85\d|874|932|936|949|950)"
    r"|koi8-[rut]|gb18030|gbk|gb2312|big5|shift_?jis|euc-(?:jp|kr)|iso-2022-(?:jp|kr)|utf-?16(?:-?[lb]e)?|mac-?roman"
)
"""What is decoded; Python's other codecs (zip, idna, unicode_escape …) have no place in mail."""


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a message: its head, and its bytes still encoded."""

    head: Message
    body: bytes

    @property
    def type(self) -> str:
        """The media type in lower case; `text/plain` when it does not say."""
        return self.head.get_content_type()

    @property
    def filename(self) -> str:
        """The name it gives itself: one line, no folders in it; may be empty. Not for use on disk."""
        try:
            raw = self.head.get_filename() or ""
        except (ValueError, LookupError, TypeError, HeaderParseError):
            return ""
        return clean_name(decode_words(str(raw))).replace("\\", "/").rpartition("/")[2].lstrip(".")[:100]

    def parameter(self, name: str) -> str:
        """A parameter of Content-Type, empty if there is none."""
        try:
            value = self.head.get_param(name, "")
        except (ValueError, LookupError, TypeError, HeaderParseError):
            return ""
        return clean_name(value[2] if isinstance(value, tuple) else str(value or ""))[:200]

    def data(self, limit: int) -> bytes:
        """Its bytes without the transfer encoding, at most `limit` of them."""
        encoding = str(self.head.get("Content-Transfer-Encoding", "")).strip().lower()
        if encoding == "base64":
            return _from_base64(self.body[: limit * 3 // 2 + 4096])[:limit]
        if encoding == "quoted-printable":
            return quopri.decodestring(self.body[: limit * 3 + 4096])[:limit]
        return self.body[:limit]

    def text(self, limit: int) -> str:
        """Its bytes as text; what cannot be read is replaced."""
        return decode_text(self.data(limit), self.parameter("charset"))


def read_head(data: bytes) -> tuple[Message, bytes]:
    """The header block and what follows it."""
    end = _END_OF_HEAD.search(data, 0, LONGEST_HEAD)
    head, body = (data[: end.start()], data[end.end() :]) if end else (data[:LONGEST_HEAD], data[LONGEST_HEAD:])
    return BytesHeaderParser().parsebytes(head + b"\n\n"), body


def leaves(data: bytes) -> Iterator[Part]:
    """The leaves of a message in order: inside multiparts and attached messages, as deep and as many as is sane."""
    waiting = [(data, 0)]
    seen = 0
    while waiting and seen < MOST_PARTS:
        raw, depth = waiting.pop()
        seen += 1
        head, body = read_head(raw)
        kind = head.get_content_type()
        if kind.startswith("multipart/") and depth < DEEPEST:
            boundary = Part(head, b"").parameter("boundary")
            pieces = _cut(body, boundary.encode(errors="replace"), MOST_PARTS) if boundary else []
            waiting.extend((piece, depth + 1) for piece in reversed(pieces))
        elif kind == "message/rfc822" and depth < DEEPEST:
            waiting.append((body, depth + 1))
        elif not kind.startswith("multipart/"):
            yield Part(head, body)


def _cut(body: bytes, boundary: bytes, most: int) -> list[bytes]:
    """The pieces between lines that are the boundary; a missing end is forgiven."""
    pieces: list[bytes] = []
    start = -1
    for begin, end, last in _boundary_lines(body, b"--" + boundary):
        if start >= 0:
            pieces.append(_after_line_end(body, start, begin))
        start = end
        if last or len(pieces) >= most:
            return pieces
    if start >= 0:
        pieces.append(_after_line_end(body, start, len(body)))
    return pieces


def _boundary_lines(body: bytes, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where the line end before a boundary begins, where the boundary ends, and whether it is the closing one."""
    found = body.find(mark)
    while found >= 0:
        end = found + len(mark)
        rest = _REST_OF_BOUNDARY.match(body, end)
        if rest and (found == 0 or body[found - 1] == 0x0A):
            begin = max(0, found - 1)
            begin -= body.startswith(b"\r\n", begin - 1) if begin else 0
            yield begin, rest.end(), rest[1] is not None
        found = body.find(mark, end)


def _after_line_end(body: bytes, start: int, end: int) -> bytes:
    start += 2 if body.startswith(b"\r\n", start) else 1 if body.startswith(b"\n", start) else 0
    return body[start : max(start, end)]


def _from_base64(text: bytes) -> bytes:
    clean = text.translate(None, _NOT_BASE64)
    clean = clean[: len(clean) // 4 * 4] if len(clean) % 4 == 1 else clean + b"=" * (-len(clean) % 4)
    try:
        return binascii.a2b_base64(clean)
    except binascii.Error:
        return b""


def decode_text(data: bytes, charset: str) -> str:
    """Text in the charset it names if that is a charset of mail, else UTF-8, else Latin 1."""
    if _CHARSETS.fullmatch(charset.lower()):
        try:
            return data.decode(charset, "replace")
        except (LookupError, ValueError):
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def header_text(value: str) -> str:
    """A header's value as the parser gives it: bytes beyond ASCII are UTF-8 nowadays, else Latin 1."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def decode_words(text: str, limit: int = 2000) -> str:
    """A header's value with its encoded words read (RFC 2047); what cannot be read stays as it is."""
    text = text[:limit]
    try:
        pieces = decode_header(text)
    except (ValueError, TypeError, HeaderParseError, binascii.Error):
        return text
    return "".join(
        piece if isinstance(piece, str) else decode_text(piece, encoding or "") for piece, encoding in pieces
    )
