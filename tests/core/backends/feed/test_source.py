"""Fetching from real servers on loopback: versions, redirects, sign-in, private networks, bombs, drips."""

from __future__ import annotations

import gzip
import time
import zlib
from base64 import b64encode

import pytest

from core.backends.feed import Entry, Limits, WebFeedSource
from core.errors import (
    CertificateError,
    NotFound,
    PrivateNetwork,
    Refused,
    SignInFailed,
    TransportError,
    TryLater,
    Unreachable,
    UsageError,
)
from core.ports.feeds import Known
from core.sandbox.http import Answer, Break, Fault, Request
from core.sandbox.servers import Certificates
from tests.core.backends.feed.scripted import ICS, ScriptedServer, calendar, versioned
from tests.soak import soak

HERE = ("127.0.0.1",)
DATA = calendar()


class Words:
    """Passwords by entry."""

    def __init__(self, **words: str) -> None:
        self.forgotten: list[str] = []

    async def password(self, account: str) -> str:
        return "secret"

    def forget(self, account: str) -> None:
        self.forgotten.append(account)


def source(*entries: Entry, **more: object) -> WebFeedSource:
    return WebFeedSource(entries, Words(), trusted=HERE, **more)


async def test_a_calendar_comes_with_its_version(server: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(200, DATA, ICS, (("ETag", '"1"'), ("Last-Modified", "yesterday")))
    found = await source().fetch(f"{server.url}/a.ics")
    assert (found.content, found.version) == (DATA, Known('"1"', "yesterday"))
    assert server.asked[0].header("Host") == server.url.removeprefix("http://")


async def test_what_is_known_is_not_sent_again(server: ScriptedServer) -> None:
    server.pages["/a.ics"] = versioned(lambda: DATA, lambda: '"1"')
    found = await source().fetch(f"{server.url}/a.ics", Known('"1"', "yesterday"))
    assert found.content is None
    assert server.asked[0].header("If-Modified-Since") == "yesterday"


async def test_webcal_tries_https_and_then_http(server: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(200, DATA, ICS)
    assert (await source().fetch(f"webcal://127.0.0.1:{server.port}/a.ics")).content == DATA


async def test_webcal_stays_with_https_where_it_is_spoken(secure: ScriptedServer, certificates: Certificates) -> None:
    secure.pages["/a.ics"] = Answer(200, DATA, ICS)
    address = f"webcal://127.0.0.1:{secure.port}/a.ics"
    assert (await source(Entry(f"{secure.url}/", ca=certificates.pem)).fetch(address)).content == DATA
    with pytest.raises(CertificateError):
        await source().fetch(address)


async def test_the_certificate_is_held_to_the_name_though_the_address_is_connected_to(
    secure: ScriptedServer, certificates: Certificates
) -> None:
    secure.pages["/a.ics"] = Answer(200, DATA, ICS)

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    fetcher = WebFeedSource(
        [Entry(f"https://{name}:{secure.port}/", ca=certificates.pem) for name in ("localhost", "wrong.example.org")],
        trusted=("localhost", "wrong.example.org"), resolver=resolve,
    )  # fmt: skip
    assert (await fetcher.fetch(f"https://localhost:{secure.port}/a.ics")).content == DATA
    assert secure.asked[0].header("Host") == f"localhost:{secure.port}"
    with pytest.raises(CertificateError):
        await fetcher.fetch(f"https://wrong.example.org:{secure.port}/a.ics")


async def test_a_private_network_needs_a_yes(server: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(200, DATA, ICS)
    careful = WebFeedSource()
    with pytest.raises(PrivateNetwork) as refused:
        await careful.fetch(f"{server.url}/a.ics")
    assert refused.value.host == "127.0.0.1"
    assert server.asked == []
    assert (await careful.fetch(f"{server.url}/a.ics", allowed=HERE)).content == DATA


@pytest.mark.parametrize("answers", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:127.0.0.1"]])
async def test_a_name_that_leads_inside_needs_a_yes_too(answers: list[str]) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return answers

    with pytest.raises(PrivateNetwork):
        await WebFeedSource(resolver=resolve).fetch("https://example.org/a.ics")


async def test_the_name_is_looked_up_once_and_that_address_is_connected_to(server: ScriptedServer) -> None:
    """DNS rebinding: the second answer would lead elsewhere."""
    server.pages["/a.ics"] = Answer(200, DATA, ICS)
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    rebinding = WebFeedSource(resolver=resolve, trusted=("feeds.example.org",))
    assert (await rebinding.fetch(f"http://feeds.example.org:{server.port}/a.ics")).content == DATA
    assert asked == ["feeds.example.org"]


async def test_a_redirect_into_a_private_network_needs_its_own_yes(server: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(302, headers=(("Location", "http://router.example.org/a.ics"),))

    async def resolve(host: str, _port: int) -> list[str]:
        return ["127.0.0.1" if host == "feeds.example.org" else "192.168.0.1"]

    fetcher = WebFeedSource(resolver=resolve)
    with pytest.raises(PrivateNetwork) as refused:
        await fetcher.fetch(f"http://feeds.example.org:{server.port}/a.ics", allowed=("feeds.example.org",))
    assert (refused.value.host, refused.value.led) == ("router.example.org", True)


async def test_redirects_are_followed_and_loops_end(server: ScriptedServer, other: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(301, headers=(("Location", "/b.ics"),))
    server.pages["/b.ics"] = Answer(307, headers=(("Location", f"{other.url}/c.ics"),))
    other.pages["/c.ics"] = Answer(200, DATA, ICS)
    assert (await source().fetch(f"{server.url}/a.ics")).content == DATA
    server.pages["/b.ics"] = Answer(302, headers=(("Location", "/a.ics"),))
    with pytest.raises(TransportError, match="from address to address"):
        await source().fetch(f"{server.url}/a.ics")


async def test_an_endless_row_of_redirects_ends(server: ScriptedServer) -> None:
    def further(request: Request) -> Answer:
        return Answer(302, headers=(("Location", request.path + "x"),))

    for number in range(20):
        server.pages["/" + "x" * number] = further
    with pytest.raises(TransportError):
        await source().fetch(f"{server.url}/")
    assert len(server.asked) == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "javascript:alert(1)", "http://"])
async def test_a_redirect_to_no_web_address_is_not_followed(server: ScriptedServer, location: str) -> None:
    server.pages["/a.ics"] = Answer(302, headers=(("Location", location),))
    with pytest.raises(TransportError):
        await source().fetch(f"{server.url}/a.ics")


async def test_https_never_leads_to_http(
    secure: ScriptedServer, server: ScriptedServer, certificates: Certificates
) -> None:
    server.pages["/a.ics"] = Answer(200, DATA, ICS)
    secure.pages["/a.ics"] = Answer(302, headers=(("Location", f"{server.url}/a.ics"),))
    with pytest.raises(TransportError, match="without encryption"):
        await source(Entry(f"{secure.url}/", ca=certificates.pem)).fetch(f"{secure.url}/a.ics")
    assert server.asked == []


def guarded(request: Request) -> Answer:
    if request.header("Authorization") == "Basic " + b64encode(b"alice:secret").decode():
        return Answer(200, DATA, ICS)
    return Answer(401, headers=(("WWW-Authenticate", 'Basic realm="x"'),))


async def test_a_sign_in_is_used_below_its_address(server: ScriptedServer) -> None:
    server.pages["/dav/a.ics"] = guarded
    assert (await source(Entry(f"{server.url}/dav/", "alice")).fetch(f"{server.url}/dav/a.ics")).content == DATA
    with pytest.raises(SignInFailed, match="wants a name"):
        await source(Entry(f"{server.url}/other/", "alice")).fetch(f"{server.url}/dav/a.ics")


async def test_the_password_never_goes_to_another_host(server: ScriptedServer, other: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(302, headers=(("Location", f"{other.url}/a.ics"),))
    other.pages["/a.ics"] = guarded
    with pytest.raises(SignInFailed):
        await source(Entry(f"{server.url}/", "alice")).fetch(f"{server.url}/a.ics")
    assert [request.header("Authorization") for request in other.asked] == [""]


async def test_a_password_that_was_refused_is_not_tried_again(server: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(401, headers=(("WWW-Authenticate", 'Basic realm="x"'),))
    fetcher = source(Entry(f"{server.url}/", "alice"))
    for _n in range(3):
        with pytest.raises(SignInFailed):
            await fetcher.fetch(f"{server.url}/a.ics")
    assert sum(bool(request.header("Authorization")) for request in server.asked) == 1


async def test_compressed_answers_are_read(server: ScriptedServer) -> None:
    for encoding, content in (("gzip", gzip.compress(DATA)), ("deflate", zlib.compress(DATA))):
        server.pages["/a.ics"] = Answer(200, content, ICS, (("Content-Encoding", encoding),))
        assert (await source().fetch(f"{server.url}/a.ics")).content == DATA


@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_a_bomb_is_stopped_at_the_limit(server: ScriptedServer) -> None:
    bomb = gzip.compress(b"\0" * 300_000_000, 9)
    assert len(bomb) < 300_000
    server.pages["/a.ics"] = Answer(200, bomb, ICS, (("Content-Encoding", "gzip"),))
    with pytest.raises(TransportError, match="more than a calendar"):
        await source(limits=Limits(size=1_000_000)).fetch(f"{server.url}/a.ics")


async def test_an_answer_that_is_too_large_is_stopped(server: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(200, b"x" * 2_000_000, ICS)
    with pytest.raises(TransportError, match="more than a calendar"):
        await source(limits=Limits(size=1_000_000)).fetch(f"{server.url}/a.ics")


@pytest.mark.parametrize(
    ("encoding", "content"), [("gzip", gzip.compress(DATA)[:-20]), ("gzip", DATA), ("br", DATA), ("gzip, gzip", DATA)]
)
@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_a_broken_or_unknown_encoding_is_said(server: ScriptedServer, encoding: str, content: bytes) -> None:
    server.pages["/a.ics"] = Answer(200, content, ICS, (("Content-Encoding", encoding),))
    with pytest.raises(TransportError, match="broken"):
        await source().fetch(f"{server.url}/a.ics")


@soak("time-outs: total deadline kept", 1)
async def test_a_server_that_drips_is_left_at_the_deadline(server: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(200, DATA, ICS)
    server.faults.add(Fault(Break.DRIP, seconds=0.05))
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="in time"):
        await source(limits=Limits(step=5, total=0.5)).fetch(f"{server.url}/a.ics")
    assert time.monotonic() - begun < 10


@soak("time-outs: total deadline kept", 1)
async def test_a_server_that_says_nothing_is_left_after_a_step(server: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(200, DATA, ICS)
    server.faults.add(Fault(Break.DELAY, seconds=20))
    with pytest.raises(Unreachable, match="in time"):
        await source(limits=Limits(step=0.3, total=30)).fetch(f"{server.url}/a.ics")


@pytest.mark.parametrize("fault", [Break.CUT_BEFORE, Break.HALF])
@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_a_connection_that_breaks_is_no_calendar(server: ScriptedServer, fault: Break) -> None:
    server.pages["/a.ics"] = Answer(200, DATA, ICS)
    server.faults.add(Fault(fault))
    with pytest.raises(Unreachable):
        await source().fetch(f"{server.url}/a.ics")


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (401, SignInFailed, "wants a name"), (403, Refused, "does not let"), (404, NotFound, "no calendar"),
        (410, NotFound, "took it away"), (429, TryLater, "busy"), (503, TryLater, "busy"),
        (500, TransportError, "failed"), (204, TransportError, "204"), (418, TransportError, "418"),
        (302, TransportError, "302"),
    ],
)  # fmt: skip
@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_each_status_has_its_words(server: ScriptedServer, status: int, error: type, words: str) -> None:
    server.pages["/a.ics"] = Answer(status)
    with pytest.raises(error, match=words):
        await source().fetch(f"{server.url}/a.ics")


async def test_a_busy_server_is_left_alone_as_long_as_it_asks(server: ScriptedServer) -> None:
    server.pages["/a.ics"] = Answer(503, headers=(("Retry-After", "120"),))
    with pytest.raises(TryLater) as busy:
        await source().fetch(f"{server.url}/a.ics")
    assert busy.value.wait == 120


async def test_nobody_and_nowhere_are_told_apart() -> None:
    async def nothing(host: str, _port: int) -> list[str]:
        from core.backends.feed.connection import NoSuchHost

        raise NoSuchHost(host)

    with pytest.raises(Unreachable, match="no host"):
        await WebFeedSource(resolver=nothing).fetch("https://nowhere.example.org/a.ics")
    with pytest.raises(Unreachable, match=r"^127\.0\.0\.1 cannot be reached: Connection refused\.$"):
        await source().fetch("http://127.0.0.1:1/a.ics")


async def test_files_are_never_opened() -> None:
    with pytest.raises(UsageError):
        await source().fetch("file:///etc/hostname")


async def test_an_address_stays_out_of_what_is_said(server: ScriptedServer) -> None:
    server.pages["/unguessable-word.ics"] = Answer(500)
    with pytest.raises(TransportError) as failed:
        await source().fetch(f"{server.url}/unguessable-word.ics")
    assert "unguessable" not in failed.value.message + failed.value.hint
