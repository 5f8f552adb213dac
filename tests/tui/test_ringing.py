"""Reminders inside the app: shown once, with the bell; silent over SSH."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import Alarm, Event
from core.config.settings import Reminders
from core.services.reminders import Channel
from tests.tui.conftest import NOW, settled
from tui.ringing import Ringer

PARIS = ZoneInfo("Europe/Paris")


def said(app):
    return [notice.message for notice in app._notifications]


async def remind(services, minutes=15, title="Dentist", at=NOW + timedelta(minutes=10)):
    info = await services.library.find("Calendar")
    alarm = Alarm(timedelta(minutes=-minutes), description=title)
    return await services.editing.create(info.id, Event("", at, at + timedelta(hours=1), title, alarms=(alarm,)))


def told(services, **wanted):
    settings = dataclasses.replace(services.settings, reminders=Reminders((), **wanted))
    return dataclasses.replace(services, settings=settings)


async def rung(app, pilot):
    """The app has looked for reminders."""
    app.home._refresh_quietly()
    await settled(app, pilot)


async def test_what_is_due_is_shown_with_a_bell(services, whole_app, monkeypatch):
    await remind(services)
    async with whole_app(told(services, in_app=True)) as (app, pilot):
        bells = []
        monkeypatch.setattr(app, "bell", lambda: bells.append(1))
        await rung(app, pilot)
        assert [text for text in said(app) if "Dentist, Nov 18, 2026 10:52 AM" in text]
        assert bells == [1]


async def test_it_is_shown_once_also_after_a_new_start(services, whole_app):
    await remind(services)
    for times in (1, 0):
        async with whole_app(told(services, in_app=True)) as (app, pilot):
            await rung(app, pilot)
            app.home.ringer.forget()
            await rung(app, pilot)
            assert len([text for text in said(app) if "Dentist" in text]) == times


async def test_the_command_of_sync_still_has_it_once(services, whole_app):
    await remind(services)
    async with whole_app(told(services, in_app=True)) as (app, pilot):
        await rung(app, pilot)
    assert [one.title for one in await services.reminders.take(Channel.COMMAND)] == ["Dentist"]
    assert await services.reminders.take(Channel.COMMAND) == []


async def test_an_event_that_is_added_here_rings_at_the_next_look(services, whole_app, press):
    async with whole_app(told(services, in_app=True)) as (app, pilot):
        await rung(app, pilot)
        await press(app, pilot, "a", *"call today 10:50", "enter")
        entry = next(one for one in app.home.active.shown.entries if one.title == "call")
        app.home.active.choose(entry.id, entry.start.date())
        assert said(app) == []
        await remind(services, title="Train")
        await rung(app, pilot)
        assert [text for text in said(app) if "Train" in text]


async def test_without_the_bell_it_is_shown_only(services, whole_app, monkeypatch):
    await remind(services)
    async with whole_app(told(services, in_app=True, bell=False)) as (app, pilot):
        monkeypatch.setattr(app, "bell", lambda: pytest.fail("it rang"))
        await rung(app, pilot)
        assert [text for text in said(app) if "Dentist" in text]


@pytest.mark.parametrize(
    ("env", "wanted", "on"),
    [
        ({}, None, True),
        ({"SSH_CONNECTION": "a b"}, None, False),
        ({"SSH_CONNECTION": "a b"}, True, True),
        ({}, False, False),
    ],
)
async def test_it_is_off_over_ssh_unless_the_person_wants_it(services, env, wanted, on):
    ringer = Ringer(told(services, in_app=wanted), env)
    assert (ringer.on, ringer.bell) == (on, on)


async def test_it_looks_when_the_next_one_is_due_and_rarely_else(services):
    class Later:
        zone = PARIS
        moment = NOW

        def now(self) -> datetime:
            return self.moment

    clock = Later()
    ringer = Ringer(dataclasses.replace(told(services, in_app=True), clock=clock), {})
    calendars = await services.library.calendars()
    assert ringer.due(calendars)
    ringer._looked, ringer._next = NOW, NOW + timedelta(minutes=5)
    assert not ringer.due(calendars)
    clock.moment = NOW + timedelta(minutes=5)
    assert ringer.due(calendars)
