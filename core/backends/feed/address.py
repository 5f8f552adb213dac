"""What an address of a feed may be, and into which networks one may go without asking. No I/O."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urljoin, urlsplit, urlunsplit

from core.calendar.people import clean_name
from core.errors import UsageError
from core.language import _
from core.values import dataclass

_SCHEMES = {"http": "http", "https": "https", "webcal": "http", "webcals": "https"}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
IP = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A whole address that can be fetched."""

    url: str
    host: str
    """In small letters, without brackets."""
    secure: bool
    guessed: bool = False
    """`webcal:` says neither http nor https: https is tried first."""


def web_address(text: str) -> WebAddress:
    """Read an address as a person or a file gives it. Raises UsageError for any other scheme, file: above all."""
    given = text.strip()
    parts = _split(given)
    scheme = parts[0].lower() if parts else ""
    if parts is None or scheme not in _SCHEMES or not parts[1]:
        raise _no_address(text)
    host = _host(given)
    if not host or any(ord(character) <= 32 or ord(character) == 127 for character in given):
        raise _no_address(text)
    if "@" in parts[1]:
        raise UsageError(
            _("Name and password do not belong into the address: programs and logs would show them."),
            _('Write them into config.toml: [webdav."https://{host}/"] with username and password_command.').format(
                host=host
            ),
        )
    url = urlunsplit((_SCHEMES[scheme], parts[1], parts[2] or "/", parts[3], ""))
    return WebAddress(url, host, scheme in ("https", "webcals"), scheme == "webcal")


def led_to(address: WebAddress, location: str) -> WebAddress:
    """Where a redirect leads. Raises UsageError."""
    return web_address(urljoin(address.url, location.strip()))


def _split(text: str) -> tuple[str, str, str, str, str] | None:
    try:
        found = urlsplit(text)
        _port = found.port
    except ValueError:
        return None
    return found.scheme, found.netloc, found.path, found.query, found.fragment


def _host(text: str) -> str:
    try:
        return (urlsplit(text).hostname or "").rstrip(".").encode("idna" if not text.isascii() else "ascii").decode()
    except (ValueError, UnicodeError):
        return ""


def _no_address(text: str) -> UsageError:
    return UsageError(
        _("“{address}” is no address of a calendar on the internet.").format(address=clean_name(text)[:80]),
        _("Write it as https://…, http://… or webcal://…."),
    )


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet: not this machine, not a private or reserved network.

    Addresses that stand for another one (IPv4 in IPv6, NAT64, 6to4, Teredo) are judged by that one too.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    return all(one.is_global and not one.is_multicast for one in _meant(found))


def _meant(address: IP) -> list[IP]:
    found: list[IP] = [address]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return [address.ipv4_mapped]
        if address.sixtofour is not None:
            found.append(address.sixtofour)
        if address.teredo is not None:
            found += address.teredo
        if address in _NAT64:
            found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found


def belongs_below(url: str, base: str) -> bool:
    """Whether a sign-in for `base` may be used for `url`: same scheme, host and port, and a path below its path."""
    one, other = urlsplit(url), urlsplit(base)
    same = (one.scheme, one.hostname, _port(one.scheme, one.port)) == (
        other.scheme.lower(),
        other.hostname,
        _port(other.scheme.lower(), other.port),
    )
    folder = other.path if other.path.endswith("/") else other.path + "/"
    climbs = ".." in one.path.replace("%2e", ".").replace("%2E", ".").split("/")
    return same and not climbs and (one.path.startswith(folder) or one.path == folder.rstrip("/"))


def _port(scheme: str, port: int | None) -> int:
    return port or (443 if scheme == "https" else 80)


def among(host: str, hosts: Collection[str]) -> bool:
    """Whether the person said yes to this host."""
    return host.lower() in {one.lower() for one in hosts}
