"""Addresses from others: what may be opened, what only after a special yes, what never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sharing.links import Verdict, judge


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("https://dav.example.org/cal/alice.ics", "https://dav.example.org/cal/alice.ics"),
        ("webcal://dav.example.org/alice.ics", "https://dav.example.org/alice.ics"),
        ("WEBCALS://dav.example.org:8443/a.ics?key=1", "https://dav.example.org:8443/a.ics?key=1"),
        ("https://dav.example.org/alice.ics#there", "https://dav.example.org/alice.ics"),
    ],
)
def test_a_secure_address_may_be_opened_after_asking(said: str, url: str):
    link = judge(said)
    assert (link.verdict, link.url, link.host) == (Verdict.ASK, url, "dav.example.org")


@pytest.mark.parametrize(
    "said",
    [
        "https://127.0.0.1/a.ics",
        "https://localhost:8443/a.ics",
        "http://127.0.0.1:8080/a.ics",
        "https://10.1.2.3/a.ics",
        "https://192.168.0.1/a.ics",
        "https://172.16.0.1/a.ics",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a.ics",
        "https://[fe80::1]/a.ics",
        "https://[::ffff:10.0.0.1]/a.ics",
        "https://2130706433/a.ics",
        "https://0x7f.1/a.ics",
        "https://0177.0.0.1/a.ics",
        "https://017700000001/a.ics",
        "https://0/a.ics",
        "https://router/a.ics",
        "https://nas.local/a.ics",
        "https://calendar.internal/a.ics",
        "https://mail.corp./a.ics",
    ],
)
def test_an_address_in_a_private_network_is_named_as_one(said: str):
    link = judge(said)
    assert link.verdict is Verdict.PRIVATE
    assert link.host in link.reason


@pytest.mark.parametrize(
    "said",
    [
        "file:///etc/passwd",
        "FILE://server/share/a.ics",
        "\\\\server\\share\\a.ics",
        "//server/share/a.ics",
        "C:\\Users\\alice\\a.ics",
        "/etc/passwd",
        "ftp://example.org/a.ics",
        "javascript:alert(1)",
        "data:text/calendar,BEGIN:VCALENDAR",
        "http://dav.example.org/a.ics",
        "https://alice:secret@example.org/a.ics",
        "https://example.org@10.0.0.1/a.ics",
        "https:///a.ics",
        "https://exa mple.org/",
        "https://example.org:port/",
        "https://example.org:99999/",
        "https://exam\u202eple.org/",
        "https://example.org/\r\nHost: evil",
        "https://[::1/",
        "https://" + "a" * 3000,
        "",
    ],
)
def test_every_other_address_is_refused_with_a_reason_and_nothing_to_fetch(said: str):
    link = judge(said)
    assert (link.verdict, link.url) == (Verdict.REFUSED, "")
    assert link.reason


@given(st.text(max_size=80) | st.text(max_size=40).map("https://".__add__))
def test_any_text_is_judged(text: str):
    link = judge(text)
    assert (link.url == "") == (link.verdict is Verdict.REFUSED)
    assert not link.url or link.url.startswith(("https://", "http://"))
