"""Small, tolerant readers of address files: vCard 3 and 4 (RFC 2426, RFC 6350) and mutt's aliases.

What cannot be read is left out; sizes are bounded; nothing in a file leads to another file.
"""

from __future__ import annotations

import os
import quopri
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from core.calendar.people import Address, clean_name, parse_address, parse_addresses
from core.errors import UsageError

LARGEST_FILE = 16 * 1024 * 1024
MOST_FILES = 20_000
MOST_PEOPLE = 50_000
_LINE = re.compile(r"(?:[A-Za-z0-9-]{1,40}\.)?([A-Za-z-]{1,40})((?:;[^:\r\n]{0,500})?):(.*)")


def read_vcards(path: Path) -> list[Address]:
    """The people of one .vcf file, or of all below a folder (three levels deep), by name of file."""
    people: list[Address] = []
    for file in _vcard_files(path):
        if len(people) >= MOST_PEOPLE:
            break
        people += parse_vcards(_read(file))
    return people[:MOST_PEOPLE]


def _vcard_files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    count = 0
    for folder, inner, names in os.walk(path, followlinks=False):
        depth = len(Path(folder).relative_to(path).parts)
        inner[:] = sorted(name for name in inner if depth < 3 and not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(".vcf") and count < MOST_FILES:
                count += 1
                yield Path(folder, name)


def _read(path: Path) -> bytes:
    """The file's bytes; none if it is no ordinary file or cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        try:
            return file.read(LARGEST_FILE) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
        except OSError:
            return b""


def parse_vcards(data: bytes) -> list[Address]:
    """Each address of each card with the card's name (FN, else N, else NICKNAME)."""
    text = re.sub(r"(?:\r\n|\r|\n)[ \t]", "", data.decode("utf-8", "replace"))
    people: list[Address] = []
    names: dict[str, str] = {}
    mails: list[str] = []
    for line in re.split(r"\r\n|\r|\n", text):
        found = _LINE.fullmatch(line[:4000])
        if found is None:
            continue
        name, parameters, value = found[1].upper(), found[2].upper(), found[3]
        if name in ("BEGIN", "END"):
            people += _card(names, mails)
            names, mails = {}, []
        elif name == "EMAIL" and len(mails) < 50:
            mails.append(_value(value, parameters))
        elif name in ("FN", "N", "NICKNAME"):
            names.setdefault(name, _value(value, parameters))
    return [*people, *_card(names, mails)]


def _card(names: dict[str, str], mails: list[str]) -> list[Address]:
    parts = [part.strip() for part in re.split(r"(?<!\\);", names.get("N", ""))]
    ordered = " ".join(part for part in (*parts[1:2], *parts[:1]) if part)
    name = clean_name(_plain(names.get("FN", "") or ordered or names.get("NICKNAME", "")))[:200]
    found = []
    for mail in mails:
        try:
            found.append(Address(parse_address(_plain(mail).removeprefix("mailto:")).address, name))
        except UsageError:
            continue
    return found


def _value(value: str, parameters: str) -> str:
    if "QUOTED-PRINTABLE" in parameters:
        return quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")
    return value


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: " " if found[1] in "nN" else found[1], text).strip()


def read_aliases(path: Path) -> list[Address]:
    """The people of mutt's `alias KEY ADDRESS[, ADDRESS…]` lines; groups are taken apart, comments left out."""
    people: list[Address] = []
    text = _read(path).decode("utf-8", "replace")
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        words = line.strip().split(None, 1)
        if len(words) != 2 or words[0] != "alias":
            continue
        rest = re.sub(r"^(?:-group\s+\S+\s+)*\S+\s*", "", words[1])
        people += _alias(rest)
        if len(people) >= MOST_PEOPLE:
            break
    return people[:MOST_PEOPLE]


def _alias(text: str) -> list[Address]:
    if comment := re.fullmatch(r"([^\s,;<>()@]+@[^\s,;<>()@]+)\s+\(([^()]*)\)", text.strip()):
        text = f'"{comment[2]}" <{comment[1]}>'
    written = max(map(text.rfind, '"<>')) + 1
    if remark := re.compile(r"\s#").search(text, written):
        text = text[: remark.start()]
    try:
        return list(parse_addresses(text))
    except UsageError:
        return []
