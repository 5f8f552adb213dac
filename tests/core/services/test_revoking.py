"""Taking back: permissions and messages that have not left; what cannot be called back is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import StorageError, Unreachable
from core.ports.calendars import CalendarInfo
from core.services.ledger import Ledger, LedgerEntry, LedgerState
from core.services.outbox import Outbox
from core.services.revoking import Revoking, What
from core.sharing.permissions import PermissionLevel
from tests.core.services.conftest import StillClock
from tests.core.services.sharing_server import CALENDAR, PaperServer, Servers

BRUNO = "bruno@example.org"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Library(PaperServer):
    async def calendars(self) -> list[CalendarInfo]:
        return [CALENDAR]


@pytest.fixture
def server() -> Library:
    return Library()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite3")


@pytest.fixture
def service(server: Library, ledger: Ledger, tmp_path: Path, clock: StillClock) -> Revoking:
    outbox = Outbox(tmp_path / "outbox.sqlite3", lambda _name: None, ledger, clock)
    return Revoking(server, Servers(server), outbox, ledger, clock)


def line(how: str, state: LedgerState = LedgerState.SENT, number: int = 1) -> LedgerEntry:
    return LedgerEntry(BRUNO, "Calendar", how, "limited", "", NOW, state, f"<{number}@example.org>")


async def test_a_permission_is_taken_back_and_the_ledger_says_so(service: Revoking, server: Library, ledger: Ledger):
    server.somebody_else_sets(BRUNO, PermissionLevel.EDITOR)
    held = await service.held(BRUNO)
    assert [one.what for one in held] == [What.PERMISSION]
    [taken] = await service.revoke(BRUNO, held)
    assert taken.done
    assert server.level_of(BRUNO) is None
    assert [entry.state for entry in await ledger.entries(BRUNO)] == [LedgerState.REVOKED]


async def test_copies_and_addresses_are_named_and_stay(service: Revoking, ledger: Ledger):
    await ledger.record([line("e-mail"), line("e-mail", number=2), line("address", number=3)])
    taken = await service.revoke(BRUNO, await service.held(BRUNO))
    assert [(one.held.what, one.done) for one in taken] == [(What.COPY, False), (What.ADDRESS, False)]
    assert "2 copies" in taken[0].line
    assert "cannot be called back" in taken[0].line
    assert "unpublish" in taken[1].line


@pytest.mark.parametrize("state", [LedgerState.REFUSED, LedgerState.DROPPED, LedgerState.QUEUED])
async def test_what_never_arrived_is_not_with_them(service: Revoking, ledger: Ledger, state: LedgerState):
    await ledger.record([line("e-mail", state)])
    assert await service.held(BRUNO) == []


async def test_a_server_that_does_not_answer_is_told_and_hides_nothing_else(service: Revoking, server: Library, ledger):
    await ledger.record([line("e-mail")])
    server.faults["read"] = [Unreachable("no answer")]
    assert [one.what for one in await service.held(BRUNO)] == [What.COPY]
    assert [problem.message for problem in service.problems] == ["no answer"]


async def test_what_fails_stops_none_of_the_others(service: Revoking, server: Library, ledger: Ledger):
    server.somebody_else_sets(BRUNO, PermissionLevel.EDITOR)
    held = await service.held(BRUNO)

    async def broken(_calendar: str, _address: str) -> bool:
        raise Unreachable("no answer")

    server.revoke = broken
    [taken, copy] = await service.revoke(BRUNO, [*held, *held])
    assert not taken.done
    assert not copy.done
    assert "no answer" in taken.line


async def test_a_calendar_that_went_meanwhile_stops_none_of_the_others(service: Revoking, server: Library):
    server.somebody_else_sets(BRUNO, PermissionLevel.EDITOR)
    [held] = await service.held(BRUNO)
    gone, taken = await service.revoke(BRUNO, [replace(held, id="office/gone"), held])
    assert not gone.done
    assert "There is no calendar" in gone.line
    assert taken.done


async def test_a_ledger_that_cannot_be_written_stops_nothing_and_is_told(
    service: Revoking, server: Library, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
):
    server.somebody_else_sets(BRUNO, PermissionLevel.EDITOR)
    await ledger.record([line("e-mail")])
    held = await service.held(BRUNO)

    async def full(_entries: object) -> None:
        raise StorageError("no room")

    monkeypatch.setattr(ledger, "record", full)
    permission, copy = await service.revoke(BRUNO, held)
    assert permission.done
    assert permission.line.endswith("no room")
    assert not copy.done
