"""Names and addresses: reading, checking, removing doubles. Sources: RFC 5322 §3.4, RFC 6531 for UTF-8."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from core.errors import UsageError
from core.language import _
from core.values import dataclass

_LOCAL = re.compile(r"[^\s\x00-\x1f\x7f<>()\[\],;:\\\"@]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[^\W_](?:[\w-]{0,61}[^\W_])?)(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?)*", re.UNICODE)
_ENCODED_WORD = re.compile(r"=\?[^?\s]*\?[bBqQ]\?[^?\s]*\?=")


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address that has been checked, and the name beside it (which may be empty)."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the @, in lower case."""
        return self.address.rpartition("@")[2].lower()

    @property
    def key(self) -> str:
        """Equal for two spellings of one mailbox, as mail servers treat them in practice."""
        return self.address.lower()

    def __str__(self) -> str:
        if not self.name:
            return self.address
        quoted = self.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{self.address}>' if re.search(r"[^\w \-.]", self.name) else f"{self.name} <{self.address}>"


def parse_address(text: str) -> Address:
    """Read `a@b`, `<a@b>`, `Name <a@b>` or `"Name, First" <a@b>`.

    Raises UsageError for anything that is not exactly one address; encoded words and control characters are refused
    in the address and made harmless in the name, because some mail libraries decode them into new headers.
    """
    stripped = text.strip()
    name, address = "", stripped
    if stripped.endswith(">") and "<" in stripped:
        name, _bracket, address = stripped[:-1].rpartition("<")
    address = address.strip()
    local, _at, domain = address.rpartition("@")
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain) or _ENCODED_WORD.search(address) or "=?" in address:
        raise UsageError(
            _("“{text}” is not an e-mail address.").format(text=clean_name(text)),
            _("Write it as name@example.org, or as Name <name@example.org>."),
        )
    return Address(address, clean_name(_unquote(name)))


def _unquote(name: str) -> str:
    name = name.strip()
    if len(name) >= 2 and name[0] == name[-1] == '"':
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name


def clean_name(name: str) -> str:
    """A name without control characters and with encoded words broken up, on one line."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") else c for c in name)
    return " ".join(spaced.replace("=?", "= ?").split())


def parse_addresses(text: str) -> tuple[Address, ...]:
    """Read a list separated by commas or semicolons (outside quotes); doubles are dropped, the first one stays."""
    parts, depth, quoted, current = [], 0, False, ""
    previous = ""
    for character in text:
        if character == '"' and previous != "\\":
            quoted = not quoted
        depth += (character == "<") - (character == ">") if not quoted else 0
        if character in ",;\n" and not quoted and depth <= 0:
            parts.append(current)
            current = ""
        else:
            current += character
        previous = character
    return unique(parse_address(part) for part in [*parts, current] if part.strip())


def unique(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """The addresses in order, each mailbox once."""
    seen: dict[str, Address] = {}
    for address in addresses:
        seen.setdefault(address.key, address)
    return tuple(seen.values())
