"""Whatever is wrong with a server: keys work at once, what is wrong is said in words, what was written arrives once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

import pytest

from core.backends.exchange import session
from core.backends.exchange.session import Limits
from core.language import use_language
from core.sandbox.exchange.faults import expired_token
from core.sandbox.exchange.options import InnerError
from core.sandbox.http import Break, Fault
from tests.core.backends.exchange.test_fault_matrix import FAULTS, INNER
from tests.tui.conftest import settled
from tests.tui.office import Office, exchange
from tests.tui.pseudo_terminal import ROOT
from tests.tui.tmux import Tmux, in_tmux

BOUND = 2.0
"""Seconds within which a key has done its work, on a busy machine: far below what the server takes."""
NEVER = 3600.0
PATIENCE = 5.0
"""Seconds for which the tests' account waits for its server."""
SLOW = {
    "never an answer": Fault(Break.DELAY, seconds=NEVER),
    "a drip": replace(FAULTS["a drip"], seconds=30.0),
}
QUICK = {name: fault for name, fault in FAULTS.items() if name not in SLOW} | {"an expired token": expired_token()}


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "Limits", lambda: Limits(total=PATIENCE, tries=2, pause=0.01, longest_wait=0.5))


@dataclass
class Desk:
    """The app over the office, its keys, and what stands on its screen."""

    app: object
    pilot: object
    office: Office
    shown: Callable[[object], str]
    slowest: float = 0.0

    @property
    def screen(self) -> str:
        return " ".join(self.shown(self.app).split())

    async def until(self, true: Callable[[], bool], limit: float = 15.0) -> None:
        end = monotonic() + limit
        while not true():
            assert monotonic() < end, self.shown(self.app)
            await self.pilot.pause(0.01)

    async def moves(self) -> None:
        """The cursor, the week and the view follow their keys, each within the bound."""
        for key in ("down", "n", "4", "3", "p", "up"):
            before = self.shown(self.app)
            await self.quickly(key, lambda before=before: self.shown(self.app) != before)

    async def quickly(self, key: str, true: Callable[[], bool]) -> None:
        """Press a key, whose work is to be done within the bound."""
        start = monotonic()
        await self.pilot.press(key)
        await self.until(true, BOUND)
        self.slowest = max(self.slowest, monotonic() - start)
        assert self.slowest < BOUND

    async def add(self, title: str) -> None:
        """By keys, at the time under the cursor."""
        await self.pilot.press("a")
        await self.until(lambda: "Quick Add to" in self.screen)
        await self.pilot.press(*title)
        await self.quickly("enter", lambda: len(self.app.screen_stack) == 1)

    def waits(self) -> bool:
        return "1 change waits" in self.screen or "Not reached; copy of" in self.screen

    async def mended(self, title: str) -> None:
        """The server works again; one key, and what was written is there once and only once."""
        self.office.server.faults.clear()
        self.office.server.options.inner_errors.clear()
        end = monotonic() + 20
        while self.waits() or self.office.there().count(title) != 1:
            assert monotonic() < end, (self.office.there(), self.shown(self.app))
            await self.pilot.press("escape", "r")
            await self.pilot.pause(0.3)
        assert len(set(self.office.there())) == len(self.office.there())


@pytest.fixture
def desk(office: Office, whole_app, shown):
    from contextlib import asynccontextmanager

    @asynccontextmanager
    async def opened():
        assert await office.services.accounts.refresh() == []
        async with whole_app(office.services) as (app, pilot):
            await settled(app, pilot)
            found = Desk(app, pilot, office, shown)
            yield found
            print(f"the slowest key: {found.slowest * 1000:.0f} ms")

    return opened


async def trouble(at: Desk) -> str:
    """Why the server is not reached, as it is known here."""
    (state,) = await at.office.services.accounts.states()
    return state.problem


async def is_told(at: Desk) -> None:
    """Above the calendar and in the list that there is something; the reason as a notice, the accounts in full."""
    await at.until(at.waits)
    await at.pilot.press("r")
    end, reason, told = monotonic() + 60, "", []
    while monotonic() < end:
        reason = await trouble(at)
        told = [notice.message for notice in at.app._notifications]
        if reason and any(reason in text for text in told):
            break
        await at.pilot.pause(0.02)
    assert reason
    assert any(reason in text for text in told), told
    await at.until(lambda: " ".join(reason.split()[:2]) in at.screen)
    assert "Traceback" not in at.screen
    at.app.clear_notifications()


@pytest.mark.slow
async def test_keys_work_beside_each_fault_and_each_write_arrives_once(desk):
    async with desk() as at:
        for number, fault in enumerate(QUICK.values()):
            at.office.server.faults.add(replace(fault, times=0))
            await at.add(f"lunch{number}")
            await at.moves()
            await is_told(at)
            await at.moves()
            await at.mended(f"lunch{number}")
        assert len(at.office.there()) == len(QUICK)


async def test_a_change_that_waits_is_named_in_french_quotes_among_the_accounts(desk):
    use_language("fr")
    async with desk() as at:
        at.office.server.faults.add(replace(FAULTS["401"], times=0))
        await at.pilot.press("a")
        await at.until(lambda: len(at.app.screen_stack) == 2)
        await at.pilot.press(*"repas")
        await at.quickly("enter", lambda: len(at.app.screen_stack) == 1)
        await at.pilot.press("X")
        await at.until(lambda: "«\N{NO-BREAK SPACE}repas\N{NO-BREAK SPACE}» attend le serveur" in at.shown(at.app))
        at.office.server.faults.clear()


@pytest.mark.slow
async def test_keys_work_beside_errors_inside_of_an_answer_and_each_write_arrives_once(desk):
    async with desk() as at:
        for number, inner in enumerate(INNER):
            at.office.server.options.inner_errors.append(InnerError(inner, times=0))
            await at.add(f"lunch{number}")
            await at.moves()
            await is_told(at)
            await at.mended(f"lunch{number}")
        at.office.server.options.sync_page = at.office.server.options.page = 1  # pages of one
        await at.add("dinner")
        await at.moves()
        await at.mended("dinner")
        assert len(at.office.there()) == len(INNER) + 1


@pytest.mark.slow
@pytest.mark.parametrize("fault", SLOW)
async def test_keys_work_while_a_server_lets_one_wait(desk, fault: str):
    async with desk() as at:
        at.office.server.faults.add(replace(SLOW[fault], times=0))
        await at.add("lunch")
        await at.until(lambda: at.office.server.faults.happened > 0, BOUND)
        await at.moves()
        assert not await trouble(at), "the write is still under way"
        await at.until(lambda: "1 change waits" in at.screen, PATIENCE - 1)
        assert not await trouble(at), "and is told nevertheless"
        await at.quickly("r", lambda: "Esc stops" in at.screen)
        await at.moves()
        await is_told(at)
        await at.mended("lunch")


async def test_esc_ends_waiting_for_a_server_that_never_answers(desk):
    async with desk() as at:
        at.office.server.faults.add(replace(SLOW["never an answer"], times=0))
        await at.pilot.press("r")
        await at.until(lambda: at.office.server.faults.happened > 0 and "Esc stops" in at.screen)
        start = monotonic()
        await at.pilot.press("escape")
        await at.until(lambda: "Stopped. What was known before is shown." in at.screen, BOUND)
        assert monotonic() - start < BOUND < PATIENCE
        await at.moves()
        at.office.server.faults.clear()


def partagenda(env: dict[str, str], *arguments: str) -> str:
    """What a command says."""
    whole = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **env}
    command = [sys.executable, "-m", "tui", *arguments]
    done = subprocess.run(command, env=whole, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("fault", SLOW)
def test_keys_work_in_a_terminal_while_a_server_lets_one_wait(own_home: Path, tmp_path: Path, fault: str):
    env = {name: value for name, value in os.environ.items() if name.startswith(("XDG_", "HOME", "TZ"))}
    with exchange(tmp_path) as server:
        partagenda(env, "sync")
        with in_tmux(tmp_path / "tmux", env) as tmux:
            tmux.see("Calendar", "Europe/Paris")
            tmux.still()
            server.faults.add(replace(SLOW[fault], times=0))
            tmux.press("a")
            tmux.see("Quick Add to")
            tmux.press("=lunch", "Enter")
            tmux.gone("Quick Add to")
            _moves_in(tmux)
            tmux.see("1 change waits")
            tmux.press("r")
            tmux.see("Esc stops")
            _moves_in(tmux)
            tmux.press("r")
            tmux.see("Esc stops")
            tmux.press("Escape")
            tmux.see("Stopped. What was known before is shown.")
            assert server.faults.happened
        server.faults.clear()
        partagenda(env, "sync")
        box = server.organisation.mailboxes["alice@example.org"].distinguished["calendar"]
        assert [item.text("Subject") for item in box.items.values()] == ["lunch"]
        assert '"lunch"' in partagenda(env, "agenda", "--json")


def _moves_in(tmux: Tmux) -> None:
    for key in ("Down", "n", "4", "3", "p", "Up"):
        before, start = tmux.screen(), monotonic()
        tmux.press(key)
        while tmux.screen() == before:
            assert monotonic() - start < 2 * BOUND, f"{key}:\n{before}"
