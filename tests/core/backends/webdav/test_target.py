"""Publishing to a WebDAV server: the sandbox's, over TLS, with Digest."""

from __future__ import annotations

import pytest

from core.backends.webdav import WebDavSettings, WebDavTarget
from core.errors import CertificateError, Refused, SignInFailed, Unreachable
from core.ports.publishing import NOTHING
from tests.contracts.publish_target import CALENDAR, FIRST, TOKEN, PublishTargetContract
from tests.core.backends.webdav.conftest import LIMITS, Word


class TestSandbox(PublishTargetContract):
    pass


async def put(target: WebDavTarget, address: str):
    return await target.put(address, FIRST, media_type=CALENDAR, expected=(NOTHING,), token=TOKEN)


async def test_a_wrong_password_is_said_and_nothing_is_published(shelf):
    with pytest.raises(SignInFailed):
        await put(shelf.target("wrong"), shelf.folder + "alice.ics")
    assert shelf.files() == {}


async def test_after_a_wrong_password_nothing_more_is_asked(shelf):
    target = shelf.target("wrong")
    with pytest.raises(SignInFailed):
        await put(target, shelf.folder + "alice.ics")
    shelf.server.__exit__(None, None, None)  # a further request would say that nobody is there
    with pytest.raises(SignInFailed):
        await put(target, shelf.folder + "alice.ics")


async def test_a_server_that_cannot_prove_who_it_is_gets_nothing(shelf):
    settings = WebDavSettings(shelf.folder, "alice", None, LIMITS)
    with pytest.raises(CertificateError):
        await put(WebDavTarget(settings, Word(shelf.accounts.passwords["alice"])), shelf.folder + "alice.ics")
    assert shelf.files() == {}


async def test_an_address_outside_the_entry_is_refused_before_anything_is_sent(shelf):
    shelf.server.__exit__(None, None, None)
    with pytest.raises(Refused):
        await put(shelf.target(), "https://elsewhere.example.org/alice.ics")


@pytest.mark.parametrize("way", ["../bruno/a.ics", "%2e%2e/bruno/a.ics"])
async def test_the_way_up_is_refused(shelf, way):
    with pytest.raises(Refused):
        await put(shelf.target(), shelf.folder + way)


async def test_nobody_there_is_said_with_the_host(shelf):
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1"):
        await put(shelf.broken(), shelf.folder + "alice.ics")


async def test_a_message_never_shows_the_secret_part_of_an_address(shelf):
    with pytest.raises(Unreachable) as caught:
        await put(shelf.broken(), shelf.folder + "kd83jfz0s2kd83jfz0s2.ics")
    assert "kd83jfz0s2" not in caught.value.message


async def test_the_server_s_folder_can_be_replaced_without_a_gap(shelf):
    assert (await shelf.target().abilities(shelf.folder)).atomic


async def test_what_a_broken_upload_left_is_swept(shelf):
    shelf.write(f"part-{TOKEN}-alice.ics", b"half")
    assert await shelf.target().sweep(shelf.folder + "alice.ics", TOKEN) == 1
    assert shelf.files() == {}


async def test_names_with_blanks_and_accents_lie_there_as_they_are(shelf):
    await put(shelf.target(), shelf.folder + "mon%20agenda%20%C3%A9t%C3%A9.ics")
    assert shelf.files() == {"mon agenda été.ics": FIRST}
