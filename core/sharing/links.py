"""Addresses in messages from others: which may be opened at all, and which only after a special yes. Pure: no look-up.

Nothing is fetched here. A name that looks public may still lead into a private network; whoever fetches checks the
address that it got.
"""

from __future__ import annotations

import ipaddress
import re
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from core.calendar.people import clean_name
from core.language import _
from core.values import dataclass

LONGEST = 2048
_SECURE = {"https": "https", "webcals": "https", "webcal": "https"}
_HOME_NAMES = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home", ".home.arpa", ".intranet", ".corp")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?|\[[0-9a-fA-F:.%]+\]")


class Verdict(StrEnum):
    """What may be done with an address that somebody else wrote."""

    ASK = "ask"
    """It may be fetched once the person says so."""
    PRIVATE = "private"
    """It leads to this machine or into a private network: only after the person said yes to exactly that."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Link:
    """An address and what to think of it. `url` is fit for fetching unless it is refused, then it is empty."""

    said: str
    """As it was written, on one line, for showing."""
    url: str
    host: str
    verdict: Verdict
    reason: str = ""
    """Why it is private or refused, for a person."""


def judge(text: str) -> Link:
    """Judge any text that stands where an address should. Only https counts (webcal means it); http on loopback."""
    said = clean_name(text)[:LONGEST]
    if said != text.strip() or " " in said:
        return _refused(said, _("it is no internet address"))
    try:
        parts = urlsplit(said)
        flaw = _flaw(said, parts)
    except ValueError:
        return _refused(said, _("it is no internet address"))
    if flaw:
        return _refused(said, flaw)
    host = (parts.hostname or "").rstrip(".")
    scheme = parts.scheme.lower()
    url = parts._replace(scheme=_SECURE.get(scheme, scheme), fragment="").geturl()
    if _private(host):
        reason = _("it leads to this machine or into a private network ({host})").format(host=host)
        return Link(said, url, host, Verdict.PRIVATE, reason)
    return Link(said, url, host, Verdict.ASK)


def _flaw(said: str, parts: SplitResult) -> str:
    """Why an address is never opened; empty if it may be. Raises ValueError for a port that is none."""
    scheme, host, port = parts.scheme.lower(), (parts.hostname or "").rstrip("."), parts.port
    on_disk = said.startswith(("\\\\", "//")) or re.match(r"[A-Za-z]:[\\/]", said) is not None
    unsafe = scheme == "http" and not _loopback(host)
    nowhere = not host or not _HOST.fullmatch(parts.netloc.removesuffix(f":{port}"))
    flaws = (
        (on_disk, _("it is a path on a disk or a Windows network")),
        (scheme == "file" or (not scheme and said.startswith("/")), _("it points to a file")),
        (scheme not in (*_SECURE, "http"), _("only addresses that begin with https:// are opened")),
        ("@" in parts.netloc, _("it hides its server behind a name and a password")),
        (nowhere, _("it is no internet address")),
        (unsafe, _("it is not encrypted (http): whoever is on the way can read and change it")),
    )
    return next((reason for flawed, reason in flaws if flawed), "")


def _refused(said: str, reason: str) -> Link:
    return Link(said, "", "", Verdict.REFUSED, reason)


def _private(host: str) -> bool:
    address = _ip(host)
    if address is not None:
        return not address.is_global
    lower = host.lower()
    return "." not in lower or any(lower == name or lower.endswith(name) for name in _HOME_NAMES)


def _loopback(host: str) -> bool:
    address = _ip(host)
    return address.is_loopback if address is not None else f".{host.lower()}".endswith(".localhost")


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address if the host is one, in every spelling that systems take (2130706433, 0x7f.1, 017700000001)."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _old_spelling(host)
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found


def _old_spelling(host: str) -> ipaddress.IPv4Address | None:
    """IPv4 as inet_aton reads it: one to four numbers, decimal, octal or hexadecimal; the last fills what is left."""
    pieces = host.split(".")
    if len(pieces) > 4 or not all(re.fullmatch(r"0[xX][0-9a-fA-F]*|[0-9]+", piece) for piece in pieces):
        return None
    try:
        numbers = [_number(piece) for piece in pieces]
        *head, last = numbers
        if any(number > 255 for number in head) or last >= 256 ** (4 - len(head)):
            return None
        value = last + sum(number << (24 - 8 * place) for place, number in enumerate(head))
        return ipaddress.IPv4Address(value)
    except ValueError:
        return None


def _number(text: str) -> int:
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    return int(text, 8) if text.startswith("0") and text != "0" else int(text)
