"""An account of Alice's on the sandbox's Graph."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.graph.account import GraphAccount
from core.backends.graph.session import Session
from core.backends.graph.settings import GraphSettings
from core.sandbox.people import ALICE, Person
from tests.graph_world import CLIENT, GraphWorld, graph_world

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    return datetime(2026, 11, 22, 10, tzinfo=PARIS)


class Given:
    """Tokens that are there already."""

    def __init__(self, world: GraphWorld, person: Person = ALICE) -> None:
        self.world, self.person, self.asked = world, person, 0
        self.current = world.token(person)

    async def token(self, *, fresh: bool = False) -> str:
        if fresh:
            self.asked += 1
            self.current = self.world.token(self.person)
        return self.current


def settings_for(world: GraphWorld, person: Person = ALICE) -> GraphSettings:
    folder = world.accounts.maildirs[person.key].parent
    return GraphSettings(
        "cloud", CLIENT, folder / "tokens.json", "example.org", person.address, world.server.url, world.ca
    )


class Account(GraphAccount):
    """An account with a token, whose waiting is noted and takes no time."""

    def __init__(self, world: GraphWorld, person: Person = ALICE) -> None:
        super().__init__(settings_for(world, person), PARIS, now)
        self.world = world
        self.waited: list[float] = []
        self.tokens = Given(world, person)
        self.__dict__["session"] = Session(self.settings, self.tokens, pause=self._pause)

    async def _pause(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GraphWorld]:
    with graph_world(tmp_path) as made:
        yield made


@pytest.fixture
async def account(world: GraphWorld) -> AsyncIterator[Account]:
    made = Account(world)
    yield made
    await made.session.close()


@pytest.fixture
async def default(account: Account) -> str:
    """The id of Alice's own calendar."""
    return (await account.calendars.calendars())[0].id
