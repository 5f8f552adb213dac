"""A WebDAV server, and a server of calendars, whose answers are broken in every way: an error in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.backends.feed import Limits, WebFeedSource
from core.backends.webdav import Limits as DavLimits
from core.backends.webdav import WebDavSettings, WebDavTarget
from core.errors import PartagendaError
from core.sandbox.http import Answer, Request
from tests.core.backends.feed.scripted import ICS, ScriptedServer, calendar
from tests.core.backends.webdav.conftest import Word
from tests.hostile.answers import Mutating, ask
from tests.hostile.mutants import mutant
from tests.soak import chance, scaled, soak

TRIALS = scaled(30, 1_000)
LISTING = (
    b'<?xml version="1.0" encoding="utf-8"?><D:multistatus xmlns:D="DAV:">'
    b"<D:response><D:href>/dav/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop>"
    b"<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    b"<D:response><D:href>/dav/a%20b.ics</D:href><D:propstat><D:prop><D:getcontentlength>12</D:getcontentlength>"
    b"<D:getlastmodified>Sun, 22 Nov 2026 10:00:00 GMT</D:getlastmodified><D:getetag>&quot;1&quot;</D:getetag>"
    b"<D:resourcetype/></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"
)


@pytest.mark.slow
@soak("hostile files: mutants of WebDAV listings, 0 uncaught", TRIALS)
async def test_no_listing_of_a_webdav_server_fails_without_words(tmp_path: Path) -> None:
    draw = chance(24)
    with ScriptedServer() as server:
        server.pages["/dav/"] = Answer(207, LISTING, "application/xml", (("DAV", "1, 2"),))
        folder = f"{server.url}/dav/"
        target = WebDavTarget(WebDavSettings(folder, "", None, DavLimits(step=5, total=10)), Word("x"))
        assert len(await target.places(folder)) == 1
        questions = [lambda: target.places(folder), lambda: target.abilities(folder)]
        assert await ask(Mutating(server, "xml", draw), questions, TRIALS, draw) == [], "see above"
        await target.close()


@pytest.mark.slow
@soak("hostile files: mutants of a feed’s headers and body, 0 uncaught", TRIALS)
async def test_no_answer_of_a_feeds_server_fails_without_words() -> None:
    draw = chance(25)
    names = ("ETag", "Last-Modified", "Content-Encoding", "Retry-After", "Location", "WWW-Authenticate", "Content-Type")

    def answer(_request: Request) -> Answer:
        value = mutant(draw, "mail", b'text/calendar; charset="utf-8"').decode("latin-1")
        clean = "".join(sign for sign in value if sign.isprintable() and ord(sign) < 0x100)
        status = draw.choice((200, 200, 200, 206, 301, 302, 304, 401, 429, 503))
        return Answer(status, mutant(draw, "ics", calendar(2)), ICS, ((draw.choice(names), clean),))

    with ScriptedServer() as server:
        server.pages["/a.ics"] = answer
        source = WebFeedSource((), Word("x"), trusted=("127.0.0.1",), limits=Limits(step=5, total=10))
        for _trial in range(TRIALS):
            try:
                await source.fetch(f"{server.url}/a.ics")
            except PartagendaError as error:
                assert error.message
