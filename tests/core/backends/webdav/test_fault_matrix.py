"""Whatever a server does: nothing truncated is published, nothing is called published that is not, and one is told."""

from __future__ import annotations

import time

import httpx
import pytest

from core.backends.http.sign_in import SignIn, UnsafeSignIn
from core.backends.webdav import Limits, WebDavSettings, WebDavTarget
from core.errors import (
    Conflict,
    DeliveryUnknown,
    NotFound,
    PartagendaError,
    Refused,
    SignInFailed,
    TransportError,
    TryLater,
    Unreachable,
)
from core.ports.publishing import NOTHING, fingerprint
from tests.contracts.publish_target import CALENDAR, FIRST, SECOND, TOKEN
from tests.core.backends.webdav.conftest import Word
from tests.core.backends.webdav.scripted import (
    Asked,
    Scripted,
    always,
    cut_and_undone,
    cut_before_the_answer,
    cut_in_the_body,
    drips,
    goes_back,
    half_kept_then_cut,
    keeps,
    reply,
    says,
)
from tests.soak import soak

pytestmark = soak("feed or server answers: local copy kept whole, person asked", 1)

NAME = "/dav/alice.ics"
PAGE = b"<!DOCTYPE html><html><body>Please sign in</body></html>"
ELSEWHERE = "http://elsewhere.example.org/x"


@pytest.fixture
def server():
    made = Scripted()
    yield made
    made.close()


def target(server: Scripted, total: float = 20, username: str = "") -> WebDavTarget:
    return WebDavTarget(WebDavSettings(server.url, username, None, Limits(5, total)), Word("secret"))


async def publish(server: Scripted, content: bytes = SECOND, total: float = 20, by: WebDavTarget | None = None) -> None:
    old = server.files.get(NAME)
    expected = (fingerprint(old),)
    await (by or target(server, total)).put(
        server.url + "alice.ics", content, media_type=CALENDAR, expected=expected, token=TOKEN
    )


async def one_that_knows_the_server(server: Scripted) -> WebDavTarget:
    """It has published there before: where files cannot be moved, it knows that."""
    known = target(server)
    await publish(server, FIRST, by=known)
    server.files.clear()
    return known


def theirs(_asked: Asked, server: Scripted) -> bytes:
    """In the meantime somebody else has put a file there."""
    server.files[NAME] = b"theirs"
    return reply(412)


# A fault for the request of that method: what one is told (None: it is published all the same, and it really is).
FAULTS = {
    "redirect to another host": ("PUT", [says(302, Location=ELSEWHERE)], TransportError),
    "permanent redirect": ("PUT", [says(301, Location="/other/")], TransportError),
    "redirect that keeps the method": ("PUT", [says(307, Location=ELSEWHERE)], TransportError),
    "redirect without a place": ("PUT", [says(308)], TransportError),
    "redirect to nonsense": ("PUT", [says(303, Location="http://[::1/%zz\x7f")], TransportError),
    "redirect of the look": ("GET", [always(says(302, Location=ELSEWHERE))], TransportError),
    "401 without a name": ("PUT", [always(says(401, WWW_Authenticate='Basic realm="x"'))], SignInFailed),
    "403": ("PUT", [always(says(403))], Refused),
    "404": ("PUT", [says(404)], NotFound),
    "405": ("PUT", [always(says(405))], Refused),
    "409": ("PUT", [always(says(409))], NotFound),
    "413": ("PUT", [says(413)], Refused),
    "423": ("PUT", [says(423)], TryLater),
    "429": ("PUT", [says(429, Retry_After="120")], TryLater),
    "429 with a negative wait": ("PUT", [says(429, Retry_After="-5")], TryLater),
    "429 with a wait of ages": ("PUT", [says(429, Retry_After="99999999999999999999")], TryLater),
    "429 with nonsense": ("PUT", [says(429, Retry_After="Wed, 99 Foo 2026")], TryLater),
    "500": ("PUT", [says(500)], TransportError),
    "502 with a page": ("PUT", [says(502, PAGE)], TransportError),
    "503": ("PUT", [says(503, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT")], TryLater),
    "507": ("PUT", [says(507)], Refused),
    "599": ("PUT", [says(599)], TransportError),
    "a status beyond the book": ("PUT", [says(299)], TransportError),
    "201 with nothing kept": ("PUT", [always(keeps(0, 201))], TransportError),
    "201 with half kept": ("PUT", [always(keeps(None, 201))], TransportError),
    "400 that kept half": ("PUT", [keeps(None, 400)], TransportError),
    "500 that kept half": ("PUT", [keeps(None, 500)], TransportError),
    "507 that kept a byte": ("PUT", [keeps(1, 507)], Refused),
    "says yes and does nothing": ("PUT", [always(goes_back)], TransportError),
    "cut before the answer, done": ("PUT", [cut_before_the_answer], (TransportError, None)),
    "cut before the answer, not done": ("PUT", [cut_and_undone], TransportError),
    "cut in the body that is sent": ("PUT", [half_kept_then_cut], TransportError),
    "cut in the answer": ("PUT", [cut_in_the_body], (TransportError, None)),
    "a page with 200": ("PUT", [says(200, PAGE)], TransportError),
    "a page at the look": ("GET", [always(says(200, PAGE))], TransportError),
    "the look is cut": ("GET", [always(cut_in_the_body)], Unreachable),
    "the look is refused": ("GET", [says(500)], TransportError),
    "garbage instead of HTTP": ("PUT", [lambda _a, _s: b"\x00\x01garbage\r\n\r\n"], TransportError),
    "the move is cut, done": ("MOVE", [cut_before_the_answer], None),
    "the move is cut, not done": ("MOVE", [cut_and_undone], TransportError),
    "the move is refused for ever": ("MOVE", [always(says(403))], None),
    "the move fails": ("MOVE", [says(500)], None),
    "the move meets another's file": ("MOVE", [theirs], Conflict),
    "a precondition that nobody asked for": ("MOVE", [says(412)], None),
    "no second name for the same calendar": ("PUT", [says(412)], (None, Conflict)),
    "the move is sent elsewhere": ("MOVE", [says(302, Location=ELSEWHERE)], TransportError),
    "the move says yes and does nothing": ("MOVE", [goes_back], TransportError),
    "the move is locked": ("MOVE", [says(423)], TryLater),
    "the move is half a success": ("MOVE", [says(207, b"<D:multistatus xmlns:D='DAV:'/>")], None),
}


LOSE_EVERYTHING = ("201 with nothing kept", "201 with half kept")
"""Where even the old file cannot be put back: then nothing is left, rather than a part of a calendar."""


MOVING = [
    (what, can_move)
    for what, (method, _faults, _told) in FAULTS.items()
    for can_move in (True, False)
    if can_move or method != "MOVE"  # a server that cannot move is never asked to in a way that counts
]


@pytest.mark.parametrize("old", [None, FIRST], ids=["new", "again"])
@pytest.mark.parametrize(
    ("what", "can_move"), MOVING, ids=[f"{what}-{'moves' if can_move else 'in-place'}" for what, can_move in MOVING]
)
async def test_nothing_truncated_and_nothing_falsely_called_published(server, what, can_move, old):
    method, faults, told = FAULTS[what]
    server.can_move = can_move
    known = await one_that_knows_the_server(server)
    server.faults = {method: list(faults)}
    if old is not None:
        server.files[NAME] = old
    wanted = told if isinstance(told, tuple) else (told,)
    try:
        await publish(server, by=known)
    except PartagendaError as error:
        assert any(kind is not None and isinstance(error, kind) for kind in wanted), error
        assert error.message
        assert error.hint
        assert server.files.get(NAME) in (old, SECOND, None, b"theirs")
        if not isinstance(error, DeliveryUnknown):
            left = (old, None) if what in LOSE_EVERYTHING else (b"theirs",) if faults == [theirs] else (old,)
            assert server.files.get(NAME) in left
    else:
        assert None in wanted
        assert server.files.get(NAME) == SECOND
    assert not [name for name in server.files if TOKEN in name and method != "DELETE"]


@pytest.mark.parametrize("what", [name for name, (method, _f, _t) in FAULTS.items() if method == "PUT"])
async def test_after_the_fault_the_next_upload_makes_it_good(server, what):
    _method, faults, _told = FAULTS[what]
    server.files[NAME] = FIRST
    server.faults = {"PUT": list(faults)}
    try:
        await publish(server)
    except PartagendaError:
        server.faults = {}
        await publish(server)
    assert server.files == {NAME: SECOND}


async def test_a_write_is_never_sent_to_where_a_redirect_points(server):
    other = Scripted()
    server.faults = {"PUT": [says(302, Location=other.url + "alice.ics")]}
    with pytest.raises(TransportError) as caught:
        await publish(server)
    assert (other.seen, other.url.split("/")[2] in caught.value.hint) == ([], True)
    other.close()


async def test_the_password_goes_to_nobody_else(server):
    other = Scripted()
    server.faults = {"GET": [always(says(302, Location=other.url + "alice.ics"))]}
    with pytest.raises(TransportError):
        await target(server, username="alice").read(server.url + "alice.ics")
    other.close()
    assert other.seen == []


async def test_a_server_that_keeps_asking_for_the_password_gets_it_once(server):
    ask = always(says(401, WWW_Authenticate='Basic realm="x"'))
    server.faults = {method: [ask] for method in ("GET", "PUT", "MOVE")}
    asked = target(server, username="alice")
    for _ in range(3):
        with pytest.raises(SignInFailed):
            await asked.read(server.url + "alice.ics")
    assert len([one for one in server.seen if "authorization" in one.headers]) == 1


async def test_a_digest_loop_with_ever_new_nonces_ends_after_one_answer(server):
    count = iter(range(100))
    server.faults = {
        "GET": [
            always(lambda _a, _s: reply_401(f'Digest realm="x", nonce="n{next(count)}", qop="auth", algorithm=MD5'))
        ]
    }
    asked = target(server, username="alice")
    with pytest.raises(SignInFailed):
        await asked.read(server.url + "alice.ics")
    assert len([one for one in server.seen if "authorization" in one.headers]) == 1


@pytest.mark.parametrize("challenge", ["Negotiate", "Digest realm", "Digest", "", 'Digest realm="x", algorithm=ROT13'])
async def test_a_challenge_that_nobody_understands_is_said(server, challenge):
    server.faults = {"GET": [always(lambda _a, _s: reply_401(challenge))]}
    with pytest.raises(TransportError) as caught:
        await target(server, username="alice").read(server.url + "alice.ics")
    assert caught.value.hint


def reply_401(challenge: str) -> bytes:
    return f"HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n".encode()


async def test_after_a_401_in_the_middle_the_body_is_sent_again_whole(server):
    server.faults = {"PUT": [says(401, WWW_Authenticate='Digest realm="x", nonce="n", qop="auth"')]}
    await target(server, username="alice").put(
        server.url + "alice.ics", SECOND, media_type=CALENDAR, expected=(NOTHING,), token=TOKEN
    )
    assert [one.body for one in server.seen if one.method == "PUT"] == [SECOND, SECOND]
    assert server.files == {NAME: SECOND}


async def test_a_dripping_server_is_left_after_the_whole_time(server):
    server.faults = {"GET": [always(drips)]}
    before = time.monotonic()
    with pytest.raises(Unreachable, match="time"):
        await publish(server, total=1)
    assert time.monotonic() - before < 8


async def test_an_endless_answer_is_cut_at_the_size(server):
    server.files[NAME] = b"x" * 200_000
    small = WebDavTarget(WebDavSettings(server.url, "", None, Limits(5, 20, 100_000)))
    with pytest.raises(TransportError, match="more than"):
        await small.read(server.url + "alice.ics")


async def test_a_compressed_bomb_is_cut_at_the_size(server):
    import gzip

    bomb = gzip.compress(b"\0" * 5_000_000)
    server.faults = {"GET": [says(200, bomb, Content_Encoding="gzip")]}
    small = WebDavTarget(WebDavSettings(server.url, "", None, Limits(5, 20, 100_000)))
    with pytest.raises(TransportError, match="more than"):
        await small.read(server.url + "alice.ics")


async def test_no_compression_is_asked_for(server):
    await publish(server)
    assert {one.headers.get("accept-encoding") for one in server.seen} == {"identity"}


async def test_two_publishers_in_the_same_moment_are_noticed(server):
    def theirs(asked, scripted):
        scripted.behave(asked)
        scripted.files[NAME] = b"theirs"
        return b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"

    server.faults = {"MOVE": [theirs]}
    with pytest.raises(Conflict):
        await publish(server)
    assert server.files == {NAME: b"theirs"}


async def test_a_removal_that_is_only_said_is_not_believed(server):
    server.files[NAME] = FIRST
    server.faults = {"DELETE": [says(204)]}
    with pytest.raises(TransportError, match="still shows"):
        await target(server).remove(server.url + "alice.ics", expected=(fingerprint(FIRST),))


async def test_a_removal_whose_answer_is_cut_is_looked_after(server):
    server.files[NAME] = FIRST
    server.faults = {"DELETE": [cut_before_the_answer]}
    assert await target(server).remove(server.url + "alice.ics", expected=(fingerprint(FIRST),))


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe\x00", b"<a><b></a>", b"<x/>" * 3])
async def test_a_listing_that_is_none_is_said(server, body):
    server.faults = {"PROPFIND": [says(207, body)]}
    with pytest.raises(TransportError, match="no WebDAV"):
        await target(server).places(server.url)


async def test_a_password_never_goes_in_clear_text_over_the_network():
    settings = WebDavSettings("http://dav.example.org/", "alice", None, Limits(5, 20))
    flow = SignIn("alice", "secret", clear_text=False).auth_flow(httpx.Request("GET", settings.base))
    next(flow)
    with pytest.raises(UnsafeSignIn):
        flow.send(httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="x"'}))
