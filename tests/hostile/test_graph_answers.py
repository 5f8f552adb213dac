"""Microsoft Graph whose answers are broken in every way: an error in words, for every port."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.calendar.people import Address
from core.calendar.span import TimeSpan
from core.sandbox.people import BRUNO
from tests.contracts.calendar_store import make_event
from tests.core.backends.graph.conftest import PARIS, Account
from tests.graph_world import graph_world
from tests.hostile.answers import Mutating, ask
from tests.soak import chance, parts, scaled, soak

TRIALS = scaled(60, 4_000)
START = datetime(2026, 11, 22, tzinfo=PARIS)
WEEK = TimeSpan(START, START + timedelta(days=7))


@pytest.mark.slow
@pytest.mark.parametrize("trials", parts(TRIALS, 2_000))
@soak("hostile files: mutants of Graph's answers, 0 uncaught", TRIALS)
async def test_no_answer_of_graph_fails_without_words(tmp_path: Path, trials: int) -> None:
    with graph_world(tmp_path) as world:
        cloud = Account(world)
        own = (await cloud.calendars.calendars())[0].id
        refs = [await cloud.calendars.create(own, make_event(f"{n}@x", f"Lunch {n}"), f"key-{n}") for n in range(2)]
        weekly = {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"},
            "range": {"type": "numbered", "startDate": "2026-11-23", "numberOfOccurrences": 4},
        }
        times = {
            name: {"dateTime": f"2026-11-23T{hour}:00:00", "timeZone": "Europe/Paris"}
            for name, hour in (("start", 10), ("end", 11))
        }
        people = [{"emailAddress": {"address": BRUNO.address, "name": "Bruno"}, "type": "required"}]
        world.client().post("/me/events", json={"subject": "w", **times, "recurrence": weekly, "attendees": people})
        ids = [ref.id for ref in refs]
        questions = [
            cloud.calendars.check,
            cloud.calendars.calendars,
            lambda: cloud.calendars.changes(own, ""),
            lambda: cloud.calendars.window(own, WEEK),
            lambda: cloud.calendars.fetch(own, ids),
            lambda: cloud.calendars.find(own, "key-1"),
            lambda: cloud.free_busy.free_busy([BRUNO.address, "alice@example.org"], WEEK),
            lambda: cloud.directory.complete(f"br{draw.randrange(10_000)}"),
            lambda: cloud.sharing.permissions(own),
            lambda: cloud.sharing.standing(own, [Address(BRUNO.address)]),
            lambda: cloud.calendars.create(own, make_event(f"{draw.random()}@x", "New"), f"{draw.random()}"),
            cloud.messages.messages,
            lambda: cloud.calendars.open_shared(BRUNO.address),
        ]
        draw = chance(23)
        world.server.observers.clear()  # what is asked for after a mutant is no question of ours
        try:
            assert await ask(Mutating(world.server, "json", draw), questions, trials, draw) == [], "see above"
        finally:
            await cloud.session.close()
