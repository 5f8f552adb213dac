"""Exchange Web Services whose answers are broken in every way: an error in words, for every port."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.backends.exchange.session import Limits
from core.calendar.people import Address
from core.calendar.span import TimeSpan
from tests.contracts.calendar_store import make_event
from tests.core.backends.exchange.conftest import account, accounts, certificates, open_parts, server
from tests.core.backends.exchange.test_other_ports import MESSAGE
from tests.hostile.answers import Mutating, ask
from tests.soak import chance, parts, scaled, soak

__all__ = ["account", "accounts", "certificates", "open_parts", "server"]  # fixtures
TRIALS = scaled(40, 3_000)
START = datetime(2026, 11, 22, tzinfo=ZoneInfo("Europe/Paris"))
WEEK = TimeSpan(START, START + timedelta(days=7))


@pytest.mark.slow
@pytest.mark.parametrize("trials", parts(TRIALS, 1_000))
@soak("hostile files: mutants of Exchange's answers, 0 uncaught", TRIALS)
async def test_no_answer_of_exchange_fails_without_words(server, open_parts, accounts, trials: int) -> None:
    office = open_parts(Limits(total=10.0, tries=1, pause=0.01, longest_wait=0.1))
    own = (await office.calendars.calendars())[0].id
    refs = []
    for number in range(3):
        rule = "FREQ=WEEKLY;COUNT=5" if number == 1 else ""
        thing = make_event(f"{number}@x", f"Lunch {number}", rrule=rule) if rule else make_event(f"{number}@x", "Lunch")
        refs.append(await office.calendars.create(own, thing, f"key-{number}"))
    from core.ports.mail import Envelope

    await office.transport.send(Envelope("<1@example.org>", "alice@example.org", ("alice@example.org",), MESSAGE))
    ids = [ref.id for ref in refs]
    letters = [one.id for one in await office.messages.messages()]

    async def everything() -> None:
        await office.calendars.changes(own, "")

    questions = [
        office.calendars.check,
        office.calendars.calendars,
        everything,
        lambda: office.calendars.window(own, WEEK),
        lambda: office.calendars.fetch(own, ids),
        lambda: office.calendars.find(own, "key-1"),
        lambda: office.free_busy.free_busy(["bruno@example.org", "alice@example.org"], WEEK),
        lambda: office.directory.complete("bru"),
        lambda: office.permissions.permissions(own),
        lambda: office.sharing.standing(own, [Address("bruno@example.org")]),
        lambda: office.sharing.policy(),
        office.messages.messages,
        lambda: office.messages.read(letters[0] if letters else "x"),
        lambda: office.calendars.open_shared("bruno@example.org"),
    ]
    draw = chance(22)
    assert await ask(Mutating(server, "xml", draw), questions, trials, draw) == [], "see above"
