"""People in one's own events: asked about before a message leaves. The whole app over real services."""

from __future__ import annotations

import dataclasses

import pytest

from core.bootstrap import open_services
from core.config.paths import Paths
from core.config.settings import load
from tui.screens.meeting_messages import MeetingMessagesDialog


@pytest.fixture
async def alice(tmp_path, services, empty_services):
    """The services of somebody who has an address; mail waits in the outbox."""
    config = tmp_path / "alice.toml"
    config.write_text('[me]\nname = "Alice Martin"\naddress = "alice@example.org"\ntime_zone = "Europe/Paris"\n')
    config.chmod(0o600)
    own = open_services(load(config), Paths.from_env(), empty_services.clock)
    yield own
    await own.close()


ADD = ("a", *"lunch with bruno@example.org tomorrow 12:30", "enter")


async def test_an_event_with_people_asks_before_it_invites(alice, whole_app, press):
    async with whole_app(alice) as (app, pilot):
        text = await press(app, pilot, *ADD)
        assert isinstance(app.screen, MeetingMessagesDialog)
        assert "bruno@example.org: invitation" in text
        assert not await alice.outbox.items()


async def test_sending_puts_the_invitation_into_the_outbox(alice, whole_app, press):
    async with whole_app(alice) as (app, pilot):
        await press(app, pilot, *ADD, "f9")
        (item,) = await alice.outbox.items()
        assert [result.address for result in item.recipients] == ["bruno@example.org"]


async def test_people_who_are_told_otherwise_get_nothing(alice, whole_app, press):
    async with whole_app(alice) as (app, pilot):
        await press(app, pilot, *ADD, "d")
        assert not await alice.outbox.items()


async def test_deleting_a_meeting_asks_about_the_cancellation(alice, whole_app, press):
    async with whole_app(alice) as (app, pilot):
        await press(app, pilot, *ADD, "f9")
        text = await press(app, pilot, "d")
        assert "bruno@example.org: cancellation" in text


async def test_moving_a_meeting_by_a_key_asks_about_the_update(alice, whole_app, press):
    async with whole_app(alice) as (app, pilot):
        await press(app, pilot, *ADD, "f9")
        assert "bruno@example.org: update" in await press(app, pilot, "full_stop")


async def test_without_an_address_of_ones_own_nobody_can_be_invited(services, whole_app, press):
    settings = dataclasses.replace(services.settings, me=dataclasses.replace(services.settings.me, address=None))
    async with whole_app(dataclasses.replace(services, settings=settings)) as (app, pilot):
        await press(app, pilot, "N", "x")
        app.screen.query_one("#people-line").value = "bruno@example.org"
        text = await press(app, pilot, "f9")
        assert "Partagenda does not know your e-mail address." in text
