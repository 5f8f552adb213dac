"""Content lines of RFC 5545 §3.1: unfolding, folding, escaping, parameters. Standard library only and light to import.

Bytes are unfolded before they are decoded, because programs fold inside UTF-8 characters.
"""

from __future__ import annotations

WIDTH = 75
"""Octets of a line without its line break (RFC 5545 §3.1)."""

_LONGEST_HEAD = 100_000
_BREAKS_AND_CONTROLS = dict.fromkeys((*range(0x09), *range(0x0B, 0x20), 0x7F))
_LINE_BREAKERS = {0x0A: " ", 0x0D: " ", 0x00: None}
_ESCAPED = {"n": "\n", "N": "\n", "\\": "\\", ";": ";", ",": ",", ":": ":", '"': '"'}
_CARET = {"n": "\n", "^": "^", "'": '"'}


class LineError(ValueError):
    """A line that has no name or no value."""


def unfold_bytes(data: bytes) -> list[tuple[int, bytes]]:
    """Logical lines still as bytes, each with the number (from 1) of the line where it begins, without empty ones.

    CRLF, LF and CR end a line. Blanks before the very first line are dropped.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8")
    if data[:3] == b"\xef\xbb\xbf":
        data = data[3:]
    lines: list[tuple[int, list[bytes]]] = []
    for number, raw in enumerate(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), 1):
        if not raw:
            continue
        if raw[0] in b" \t" and lines:
            lines[-1][1].append(raw[1:])
        else:
            lines.append((number, [raw if lines else raw.lstrip()]))
    return [(number, pieces[0] if len(pieces) == 1 else b"".join(pieces)) for number, pieces in lines]


def text_of(raw: bytes) -> tuple[str, bool]:
    """The text of a line, and whether it was UTF-8. Bad UTF-8 is read as Windows-1252, else as Latin-1."""
    try:
        return raw.decode("utf-8"), True
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252"), False
    except UnicodeDecodeError:
        return raw.decode("latin-1"), False


def unfold(data: bytes) -> list[tuple[int, str]]:
    """Logical lines as text, each with the number of the line where it begins. Bad UTF-8 is repaired."""
    return [(number, text_of(raw)[0]) for number, raw in unfold_bytes(data)]


def fold(line: str) -> bytes:
    """The line as bytes, at most 75 octets a piece, never cut inside a character, CRLF at the end.

    A line break inside the line would begin another property: it becomes a blank.
    """
    data = line.translate(_LINE_BREAKERS).encode("utf-8", "replace")
    if len(data) <= WIDTH:
        return data + b"\r\n"
    pieces, start, room = [], 0, WIDTH
    while len(data) - start > room:
        end = start + room
        while data[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(data[start:end])
        start, room = end, WIDTH - 1
    pieces.append(data[start:])
    return b"\r\n ".join(pieces) + b"\r\n"


def escape(text: str) -> str:
    """A TEXT value (RFC 5545 §3.3.11); control characters other than tab and line feed are not allowed there."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS_AND_CONTROLS)
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def unescape(text: str) -> str:
    r"""The inverse of `escape`, tolerant: `\:` and `\"` lose their backslash, any other unknown escape keeps it."""
    if "\\" not in text:
        return text
    parts = text.split("\\")
    out, index = [parts[0]], 1
    while index < len(parts):
        part = parts[index]
        if not part:  # two backslashes, or one at the very end
            out.append("\\")
            index += 1
            out.append(parts[index] if index < len(parts) else "")
        elif part[0] in _ESCAPED:
            out.append(_ESCAPED[part[0]] + part[1:])
        else:
            out.append("\\" + part)
        index += 1
    return "".join(out)


def split_escaped(text: str, separator: str = ",") -> list[str]:
    """Cut a list of TEXT values at separators that are not escaped; the parts are still escaped."""
    parts, current, index = [], 0, 0
    while index < len(text):
        if text[index] == "\\":
            index += 2
            continue
        if text[index] == separator:
            parts.append(text[current:index])
            current = index + 1
        index += 1
    parts.append(text[current:])
    return parts


def parameter(value: str) -> str:
    """A parameter's value as it stands in a line: RFC 6868 carets, quotes where RFC 5545 §3.2 needs them."""
    value = value.replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS_AND_CONTROLS)
    value = value.replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    return f'"{value}"' if any(sign in value for sign in ":;,") or value != value.strip() else value


def _parameter_text(raw: str) -> str:
    if len(raw) >= 2 and raw[0] == raw[-1] == '"':
        raw = raw[1:-1]
    if "^" not in raw:
        return raw
    out, index = [], 0
    while index < len(raw):
        pair = raw[index + 1 : index + 2]
        if raw[index] == "^" and pair in _CARET:
            out.append(_CARET[pair])
            index += 2
        else:
            out.append(raw[index])
            index += 1
    return "".join(out)


def _cut(text: str, sign: str) -> list[str]:
    """Cut at a sign outside of double quotes; quotes that are never closed do not count."""
    if '"' not in text:
        return text.split(sign)
    parts, quoted, start = [], False, 0
    for index, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == sign and not quoted:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return parts


def _colon(text: str) -> int:
    """Where the value begins: the first colon outside of quotes, else the first one at all, else -1."""
    head = text.find(":")
    if text.find('"', 0, head if head >= 0 else None) < 0:
        return head
    quoted = False
    for index, character in enumerate(text[:_LONGEST_HEAD]):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return index
    return head


def parse_line(text: str) -> tuple[str, dict[str, list[str]], str]:
    """Name (upper case), parameters (names in upper case, values decoded) and the raw value of an unfolded line.

    Raises LineError when there is no colon, or something that cannot be a name stands before it.
    """
    colon = _colon(text)
    if colon < 0:
        raise LineError(text[:60])
    head = text[:colon]
    name, semicolon, rest = head.partition(";")
    name = name.strip().upper()
    if not name or not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or not name.isascii():
        raise LineError(text[:60])
    params: dict[str, list[str]] = {}
    for piece in _cut(rest, ";") if semicolon else ():
        key, _equals, values = piece.partition("=")
        if key.strip():
            params.setdefault(key.strip().upper(), []).extend(_parameter_text(value) for value in _cut(values, ","))
    return name, params, text[colon + 1 :]
