"""Bytes that are nearly what a program expects: cut, doubled, mixed, and with values that nobody would write."""

from __future__ import annotations

import json
import random
import re
from copy import deepcopy

PIECES = {
    "ics": (
        b":", b";", b"\n", b"\r", b" ", b'"', b"=", b",", b"\\", b"\x00", b"\xff", b"BEGIN:VEVENT\n", b"END:VEVENT\n",
        b"END:VCALENDAR\n", b"00000000", b"99999999", b"-", b"P", b"T", b"Z", b"FREQ=SECONDLY", b"INTERVAL=0",
        b"\nRRULE:FREQ=YEARLY;BYSETPOS=-1\n", b"\nDURATION:P9999999999W\n", b";TZID=../../etc", b";VALUE=PERIOD",
        b"\nRECURRENCE-ID:20260105T090000\n", b"\nRDATE:99991231T235959Z\n", b"\nDTSTART:00010101T000000\n",
    ),
    "mail": (
        b"\n", b"\r\n\r\n", b"--b--\r\n", b"--b\r\n", b'boundary="', b"=?utf-8?q?=0D=0A?=", b"=?x?b?!!!?=", b"((((((((",
        b"\x00", b"\xff", b";charset=no-such", b"Content-Transfer-Encoding: base64\r\n", b"<", b">",
        b"Content-Type: multipart/mixed\r\n", b"Content-Type: message/rfc822\r\n\r\n", b"Date: 99 Foo 99999\r\n", b"@",
        b"Content-Type: text/calendar; method=REQUEST\r\n", b"filename*=utf-8''%ff%00", b"\xed\xa0\x80",
    ),
    "xml": (
        b"<", b">", b"</", b"/>", b"<a>", b"&", b"&x;", b"&#0;", b"&#xD800;", b"<!--", b"]]>", b"<![CDATA[",
        b"\xff", b"\x00",
        b'<!DOCTYPE a [<!ENTITY x "y">]>', b' xmlns="x"', b' xsi:nil="true"', b"<?xml version='1.0' encoding='x'?>",
        b"99999999999999999999", b"-1", b"NaN", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59-14:00", b"PT99999999H",
    ),
    "json": (
        b"{", b"}", b"[", b"]", b",", b":", b'"', b"null", b"\\ud800", b"\xff", b"\x00", b"1e999", b"NaN", b"-",
        b"[" * 50,
    ),
    "html": (
        b"<", b">", b"<script>", b"</script", b"<!--", b"<style>", b"&#1114112;", b"&#xd800;", b"&", b"<br",
        b"\x00", b"\xff",
        b"<a href='", b"<![if", b"<table><tr><td>", b"</p>", b"\xe2\x80\xae",
    ),
    "vcard": (
        b":", b";", b"\n", b"\n ", b'"', b"=", b",", b"\\", b"\x00", b"\xff", b"BEGIN:VCARD\n", b"END:VCARD\n",
        b"=\n", b"@",
        b"ENCODING=QUOTED-PRINTABLE", b"CHARSET=none", b"item1.", b"<", b"alias x ", b"\t", b"(",
    ),
    "toml": (
        b"[", b"]", b"[[", b"=", b'"', b"'''", b"\n", b"#", b"\x00", b"\xff", b"1e999", b"nan", b"2026-11-22", b"{",
        b"}", b".",
        b"[accounts.x]\n", b'type = "smtp"\n', b"port = -1\n", b"true", b"\\u0000", b"[" * 50, b"99999999999999999999",
    ),
    "sqlite": (b"\x00", b"\xff", b"\x7f\xff\xff\xff", b"\x00" * 40, b"SQLite format 3\x00", b"CREATE TABLE", b"\x0d"),
}  # fmt: skip
STRANGE: tuple[object, ...] = (
    None, "", 0, -1, 1e308, 10**30, True, [], {}, [None], {"value": None}, "x" * 5_000, "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.9999999", "24:00", "\ud800", "\u202e", "P1Y", "../../x", [[[]]], "no-such", "2026-02-30",
    "UTC",
    float("nan"), "-P99999999999W",
)  # fmt: skip
_BETWEEN = re.compile(rb">([^<>]*)<")
_ATTRIBUTE = re.compile(rb'="([^"<>]*)"')


def mutant(draw: random.Random, kind: str, seed: bytes) -> bytes:
    """One of them, from a good one. Kinds: the keys of PIECES."""
    if kind == "json" and draw.random() < 0.6:
        return _strange_json(draw, seed)
    if kind == "xml" and draw.random() < 0.6:
        return _strange_xml(draw, seed)
    data = bytearray(seed)
    for _change in range(draw.randint(1, 6)):
        if not data:
            return b"\n"
        _change_bytes(draw, data, PIECES[kind])
    return bytes(data) or b"\n"


def _change_bytes(draw: random.Random, data: bytearray, pieces: tuple[bytes, ...]) -> None:
    at = draw.randrange(len(data))
    match draw.randrange(11):
        case 0 | 1:
            data[at] = draw.randrange(256)
        case 2 | 3:
            del data[at : at + draw.randint(1, 40)]
        case 4 | 5 | 6:
            data[at:at] = draw.choice(pieces)
        case 7 | 8:
            other = draw.randrange(len(data))
            data[at:at] = data[other : other + draw.randint(1, 80)]
        case 9:
            other = draw.randrange(len(data))
            data[at : at + 20] = data[other : other + 20]
        case _:
            del data[at:]


def _strange_xml(draw: random.Random, seed: bytes) -> bytes:
    """Well-formed, with other values in it."""
    data = seed
    for _change in range(draw.randint(1, 3)):
        found = [*_BETWEEN.finditer(data), *_ATTRIBUTE.finditer(data)]
        if not found:
            return data
        one = draw.choice(found)
        value = str(draw.choice(STRANGE)).encode("utf-8", "replace")
        data = data[: one.start(1)] + value + data[one.end(1) :]
    return data


def _strange_json(draw: random.Random, seed: bytes) -> bytes:
    """JSON with another value, or without one, or with one twice."""
    root = json.loads(seed)
    for _change in range(draw.randint(1, 3)):
        places = list(_places(root))
        if not places:
            return json.dumps(draw.choice(STRANGE)).encode()
        holder, key = draw.choice(places)
        match draw.randrange(4):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.append(holder[key])
            case _:
                holder[key] = deepcopy(draw.choice(STRANGE))  # else the next change may put a list into itself
    return json.dumps(root).encode()


def _places(node: object):
    """Everything inside: what holds it, and where."""
    for key, inner in list(node.items() if isinstance(node, dict) else enumerate(node)):  # type: ignore[union-attr]
        yield node, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
