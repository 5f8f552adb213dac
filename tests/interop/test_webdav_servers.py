"""Publishing to seven servers that others wrote: each step of a publication's life, and each way it can fail."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from hashlib import md5

import pytest

from core.backends.webdav import Limits, WebDavSettings, WebDavTarget
from core.calendar.event import BusyStatus, SharedEvent
from core.errors import Conflict, NotFound, PartagendaError, Refused, SignInFailed, TransportError
from core.ical.shared import SharedHeader, encode_shared
from core.ports.publishing import NOTHING, fingerprint
from tests.core.backends.webdav.conftest import Word
from tests.interop.peers import PARIS
from tests.interop.webdav_servers import LIMIT, NAME, SERVERS, WORD, Running

pytestmark = [pytest.mark.interop, pytest.mark.slow]
CALENDAR, TOKEN = "text/calendar; charset=utf-8", "k3mdf81x"
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)


def calendar(count: int, name: str = "Work") -> bytes:
    """What we publish, with so many items."""
    header = SharedHeader(name, "1F", None, False, PARIS, "en", NOON, every=timedelta(hours=1))
    events = [
        SharedEvent(f"{number:022d}==", NOON + timedelta(hours=number), NOON + timedelta(hours=number, minutes=30),
                    BusyStatus.BUSY, NOON, title=f"Planning {number}, naïve; and, more")
        for number in range(count)
    ]  # fmt: skip
    return encode_shared(header, events)


FIRST, SECOND, THIRD, LARGE = (calendar(count) for count in (3, 4, 5, 400))
assert len(LARGE) > 3 * LIMIT


def own(name: str, content: bytes) -> bytes:
    """Each publication has UIDs of its own; a calendar server takes one UID once."""
    return content.replace(b"UID:00000000", b"UID:" + md5(name.encode()).hexdigest()[:8].encode())


class Here:
    """One server, and a folder's worth of names on it."""

    def __init__(self, server: Running) -> None:
        self.server = server

    def target(self, word: str = WORD) -> WebDavTarget:
        name = NAME if self.server.signs_in else ""
        return WebDavTarget(WebDavSettings(self.server.url, name, None, Limits(20, 60)), Word(word))

    async def put(self, name: str, content: bytes, *expected: str, word: str = WORD):
        return await self.target(word).put(
            self.server.url + name,
            own(name, content),
            media_type=CALENDAR,
            expected=expected or (NOTHING,),
            token=TOKEN,
        )

    async def says(self, name: str, content: bytes) -> bool:
        """Whether it is what was put there: to the byte, or for a calendar server each item."""
        found, wanted = await self.read(name), own(name, content)
        if self.server.verbatim:
            return found == wanted
        return found is not None and found.count(b"BEGIN:VEVENT") == wanted.count(b"BEGIN:VEVENT")

    async def read(self, name: str) -> bytes | None:
        return await self.target().read(self.server.url + name)

    def leftovers(self) -> list[str]:
        return [] if self.server.disk is None else [n for n in os.listdir(self.server.disk) if n.startswith("part-")]


@pytest.fixture(scope="module", params=SERVERS)
def here(request):
    with SERVERS[request.param]() as server:
        yield Here(server)


async def test_publish(here):
    stored = await here.put("publish.ics", FIRST)
    assert await here.says("publish.ics", FIRST)
    assert (stored.fingerprint, here.leftovers()) == (fingerprint(await here.read("publish.ics")), [])


async def test_republish(here):
    stored = await here.put("again.ics", FIRST)
    await here.put("again.ics", SECOND, stored.fingerprint)
    assert await here.says("again.ics", SECOND)
    assert here.leftovers() == []


async def test_the_same_again_is_no_upload(here):
    stored = await here.put("same.ics", FIRST)
    again = await here.put("same.ics", FIRST, stored.fingerprint)
    assert again.fingerprint == stored.fingerprint


async def test_conflict(here):
    stored = await here.put("conflict.ics", FIRST)
    other = await here.put("conflict.ics", SECOND, stored.fingerprint)
    with pytest.raises(Conflict) as caught:
        await here.put("conflict.ics", THIRD, stored.fingerprint)
    assert caught.value.hint
    assert fingerprint(await here.read("conflict.ics")) == other.fingerprint


async def test_a_taken_name(here):
    await here.put("taken.ics", FIRST)
    with pytest.raises(Conflict):
        await here.put("taken.ics", SECOND)
    assert await here.says("taken.ics", FIRST)


async def test_wrong_password(here):
    if not here.server.signs_in:
        pytest.skip("this server has no sign-in")
    with pytest.raises(SignInFailed):
        await here.put("password.ics", FIRST, word="wrong")
    assert await here.read("password.ics") is None


async def test_missing_folder(here):
    with pytest.raises((NotFound, Refused, TransportError)) as caught:
        await here.put("nowhere/deep/missing.ics", FIRST)
    assert caught.value.message
    assert caught.value.hint
    try:
        found = await here.read("nowhere/deep/missing.ics")
    except Refused:  # Radicale shows nothing there to nobody
        found = None
    assert found is None


async def test_remove(here):
    stored = await here.put("remove.ics", FIRST)
    assert await here.target().remove(here.server.url + "remove.ics", expected=(stored.fingerprint,))
    assert await here.read("remove.ics") is None


async def test_list(here):
    await here.put("list.ics", FIRST)
    names = [place.name for place in await here.target().places(here.server.url)]
    assert "list.ics" in names


async def test_new_folder(here):
    if not here.server.makes_folders or here.server.disk is None:
        pytest.skip("a calendar server: its folders are calendars")
    await here.target().make_folder(here.server.url + "team/")
    await here.put("team/inside.ics", FIRST)
    assert await here.says("team/inside.ics", FIRST)
    names = [place.name for place in await here.target().places(here.server.url) if place.folder]
    assert "team" in names


async def test_names_with_blanks_and_accents(here):
    await here.put("mon%20agenda%20%C3%A9t%C3%A9.ics", FIRST)
    assert await here.says("mon%20agenda%20%C3%A9t%C3%A9.ics", FIRST)


@pytest.mark.parametrize("name", SERVERS)
async def test_too_large_or_no_room(name):
    """413, or a disk that takes no more (by a limit on the server's files): said, and the old one stays whole."""
    with SERVERS[name](limit=LIMIT) as server:
        here = Here(server)
        stored = await here.put("room.ics", FIRST)
        try:
            await here.put("room.ics", LARGE, stored.fingerprint)
        except PartagendaError as error:
            assert error.message
            assert error.hint
            found = await here.read("room.ics")
            assert found is None or fingerprint(found) == stored.fingerprint
        else:
            assert await here.says("room.ics", LARGE)
            pytest.skip("this server could not be given a limit")
