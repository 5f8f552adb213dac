"""What an address may be, and which networks are private."""

from __future__ import annotations

import pytest

from core.backends.feed.address import belongs_below, is_public, led_to, web_address
from core.errors import UsageError


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://example.org/a.ics", "https://example.org/a.ics"),
        ("  HTTP://Example.org/a.ics#top", "http://Example.org/a.ics"),
        ("webcal://example.org/a.ics?x=1", "http://example.org/a.ics?x=1"),
        ("webcals://example.org:8443", "https://example.org:8443/"),
    ],
)
def test_four_schemes_are_understood(given: str, url: str) -> None:
    assert web_address(given).url == url


@pytest.mark.parametrize(
    "given",
    [
        "file:///etc/passwd", "ftp://example.org/a.ics", "gopher://x/", "data:text/calendar,BEGIN", "javascript:1",
        "example.org/a.ics", "https://", "https:///a.ics", "https://a b/", "https://example.org/a\r\nHost: x",
        "https://example.org:99999/", "https://[::1", "", "webcal:file:///etc/passwd", "https://user:word@example.org/",
    ],
)  # fmt: skip
def test_every_other_address_is_refused(given: str) -> None:
    with pytest.raises(UsageError):
        web_address(given)


def test_a_password_in_the_address_is_told_where_it_belongs() -> None:
    with pytest.raises(UsageError) as refused:
        web_address("https://alice:secret@example.org/a.ics")
    assert "[webdav" in refused.value.hint
    assert "secret" not in refused.value.message + refused.value.hint


def test_a_redirect_may_be_relative_and_never_leaves_the_web() -> None:
    first = web_address("https://example.org/folder/a.ics")
    assert led_to(first, "../b.ics").url == "https://example.org/b.ics"
    assert led_to(first, "//example.net/b.ics").host == "example.net"
    for location in ("file:///etc/passwd", "ftp://example.org/"):
        with pytest.raises(UsageError):
            led_to(first, location)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1",
        "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:0a00:0001::", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_inside_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_internet_are_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "base", "belongs"),
    [
        ("https://example.org/dav/a.ics", "https://example.org/dav/", True),
        ("https://example.org:443/dav/a.ics", "https://EXAMPLE.org/dav/", True),
        ("https://example.org/davos/a.ics", "https://example.org/dav/", False),
        ("https://example.org/dav/../a.ics", "https://example.org/dav/", False),
        ("https://example.org/dav/%2e%2e/a.ics", "https://example.org/dav/", False),
        ("http://example.org/dav/a.ics", "https://example.org/dav/", False),
        ("https://example.net/dav/a.ics", "https://example.org/dav/", False),
        ("https://example.org:8443/dav/a.ics", "https://example.org/dav/", False),
    ],
)
def test_a_sign_in_is_for_what_lies_below_its_address(url: str, base: str, belongs: bool) -> None:
    assert belongs_below(url, base) is belongs
