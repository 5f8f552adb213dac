"""Calendar Permissions: one read-modify-write, the difference shown first, undo that is no replay, faults told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import Conflict, DeliveryUnknown, NotFound, Refused, Unreachable, UsageError
from core.ports.calendars import CalendarInfo, CalendarKind
from core.services.ledger import Ledger
from core.services.permissions import Permissions, Sheet
from core.sharing.permission_table import DEFAULT, PermissionTable, entry, person
from core.sharing.permissions import PermissionLevel, Reach
from tests.contracts.permission_store import Office, PermissionStoreContract
from tests.core.services.calendars import StillClock
from tests.core.services.sharing_server import AFTER, BEFORE, CALENDAR, SILENT, PaperServer, Servers

BRUNO = person("bruno@example.org", "Bruno Keller")
CLARA = person("clara@example.net", "Clara Rossi")


class PaperOffice(Office):
    calendar = CALENDAR.id

    def __init__(self) -> None:
        self.server = PaperServer()

    def store(self) -> PaperServer:
        return self.server

    async def somebody_else_sets(self, address: str, level: PermissionLevel) -> None:
        self.server.somebody_else_sets(address, level)


class TestPaperServer(PermissionStoreContract):
    @pytest.fixture
    def office(self) -> PaperOffice:
        return PaperOffice()


@pytest.fixture
def server() -> PaperServer:
    return PaperServer()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite3")


@pytest.fixture
def service(server: PaperServer, ledger: Ledger, tmp_path: Path) -> Permissions:
    return Permissions(server, Servers(server), ledger, StillClock(), tmp_path / "permissions.sqlite3")


def with_bruno(sheet: Sheet, level: PermissionLevel = PermissionLevel.EDITOR) -> PermissionTable:
    return sheet.table.having(entry(BRUNO, level))


async def test_a_changed_table_is_shown_as_a_difference_and_nothing_is_written_yet(
    service: Permissions, server: PaperServer
):
    sheet = await service.open("Calendar")
    table = with_bruno(sheet).having(entry(DEFAULT, PermissionLevel.NONE))
    proposed = service.propose(sheet, table)
    assert proposed.lines == ("Default: Free/Busy time → None", "Bruno Keller: gets Editor")
    assert server.level_of(BRUNO.address) is None


async def test_a_custom_row_names_the_rights_that_change(service: Permissions):
    sheet = await service.open("Calendar")
    row = entry(BRUNO, PermissionLevel.EDITOR)
    row = row.with_rights(replace(row.rights, delete=Reach.OWN))
    lines = service.propose(sheet, sheet.table.having(row)).lines
    assert lines[0] == "Bruno Keller: gets Custom"
    assert "  Delete items: None → Own" in lines


async def test_who_loses_their_row_is_told_what_counts_then(service: Permissions, server: PaperServer):
    server.somebody_else_sets(BRUNO.address, PermissionLevel.EDITOR)
    sheet = await service.open("Calendar")
    lines = service.propose(sheet, sheet.table.without(BRUNO.key)).lines
    assert lines[1] == "  from then on as Default: Free/Busy time"


async def test_giving_everybody_much_is_warned_about(service: Permissions):
    sheet = await service.open("Calendar")
    for level in (PermissionLevel.REVIEWER, PermissionLevel.EDITOR):
        assert service.propose(sheet, sheet.table.having(entry(DEFAULT, level))).warnings


async def test_saving_writes_the_table_and_the_ledger(service: Permissions, server: PaperServer, ledger: Ledger):
    sheet = await service.open("Calendar")
    saved = await service.save(service.propose(sheet, with_bruno(sheet)))
    assert server.level_of(BRUNO.address) is PermissionLevel.EDITOR
    assert saved.sheet.table.get(BRUNO.key).level is PermissionLevel.EDITOR
    [line] = await ledger.entries()
    assert (line.person, line.how, line.level, line.state) == (BRUNO.address, "permission", "editor", "given")


async def test_saving_nothing_asks_the_server_nothing(service: Permissions, server: PaperServer):
    sheet = await service.open("Calendar")
    server.faults["write"] = [BEFORE]
    assert (await service.save(service.propose(sheet, sheet.table))).made == ()


async def test_a_foreign_change_is_noticed_and_nothing_is_overwritten(service: Permissions, server: PaperServer):
    sheet = await service.open("Calendar")
    server.somebody_else_sets(BRUNO.address, PermissionLevel.REVIEWER)
    with pytest.raises(Conflict):
        await service.save(service.propose(sheet, with_bruno(sheet)))
    assert server.level_of(BRUNO.address) is PermissionLevel.REVIEWER


async def test_rows_that_the_policy_refuses_are_told_and_the_others_written(service: Permissions, server: PaperServer):
    server.rules = replace(server.rules, rules=())
    sheet = await service.open("Calendar")
    table = with_bruno(sheet).having(entry(CLARA, PermissionLevel.REVIEWER))
    saved = await service.save(service.propose(sheet, table))
    assert [change.key for change in saved.made] == [BRUNO.key]
    assert saved.refused[0].change.principal == CLARA
    assert "no rule for example.net" in saved.lines[-1]
    assert server.level_of(CLARA.address) is None


# --- undo --------------------------------------------------------------------------------------------------------


async def test_undo_takes_the_last_change_back_and_then_the_one_before(service: Permissions, server: PaperServer):
    for level in (PermissionLevel.REVIEWER, PermissionLevel.EDITOR):
        sheet = await service.open("Calendar")
        await service.save(service.propose(sheet, with_bruno(sheet, level)))
    for expected in (PermissionLevel.REVIEWER, None):
        await service.save(await service.undo("Calendar"), undoing=True)
        assert server.level_of(BRUNO.address) is expected
    with pytest.raises(NotFound):
        await service.undo("Calendar")


async def test_undo_leaves_what_somebody_else_changed_in_other_rows(service: Permissions, server: PaperServer):
    sheet = await service.open("Calendar")
    await service.save(service.propose(sheet, with_bruno(sheet)))
    server.somebody_else_sets("x@example.org", PermissionLevel.AUTHOR)
    await service.save(await service.undo("Calendar"), undoing=True)
    assert server.level_of(BRUNO.address) is None
    assert server.level_of("x@example.org") is PermissionLevel.AUTHOR


async def test_undo_refuses_when_the_same_row_was_changed_meanwhile(service: Permissions, server: PaperServer):
    sheet = await service.open("Calendar")
    await service.save(service.propose(sheet, with_bruno(sheet)))
    server.somebody_else_sets(BRUNO.address, PermissionLevel.OWNER)
    with pytest.raises(Conflict):
        await service.undo("Calendar")
    assert server.level_of(BRUNO.address) is PermissionLevel.OWNER


# --- one row at a time -------------------------------------------------------------------------------------------


async def test_a_level_is_set_on_the_table_as_it_is_now(service: Permissions, server: PaperServer):
    server.somebody_else_sets("x@example.org", PermissionLevel.AUTHOR)
    proposed = await service.set_level("Calendar", entry(BRUNO, PermissionLevel.EDITOR))
    saved = await service.save(proposed)
    assert [row.key for row in saved.sheet.table.people] == ["x@example.org", BRUNO.key]


async def test_default_cannot_be_removed(service: Permissions):
    with pytest.raises(Refused):
        await service.remove("Calendar", "default")
    with pytest.raises(UsageError):
        await service.remove("Calendar", "x@example.org")


async def test_a_calendar_of_this_machine_has_no_permissions(server: PaperServer, ledger: Ledger, tmp_path: Path):
    class Local(PaperServer):
        async def find(self, name_or_id: str, able: object = None) -> CalendarInfo:
            return CalendarInfo("local/work", "Work", "local", CalendarKind.LOCAL)

    service = Permissions(Local(), Servers(server), ledger, StillClock(), tmp_path / "p.sqlite3")
    with pytest.raises(Refused) as raised:
        await service.open("Work")
    assert raised.value.hint


async def test_a_calendar_of_somebody_else_is_left_to_its_owner(server: PaperServer, ledger: Ledger, tmp_path: Path):
    class Other(PaperServer):
        async def find(self, name_or_id: str, able: object = None) -> CalendarInfo:
            return CalendarInfo("office/b", "Bruno – Calendar", "office", CalendarKind.EXCHANGE, "bruno@example.org")

    service = Permissions(Other(), Servers(server), ledger, StillClock(), tmp_path / "p.sqlite3")
    with pytest.raises(Refused) as raised:
        await service.open("x")
    assert "bruno@example.org" in raised.value.message


# --- faults: whatever breaks, what was done is said ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("faults", "error", "written"),
    [
        ({"write": [BEFORE]}, Unreachable, False),
        ({"read": [Unreachable("no answer")]}, Unreachable, False),
        ({"write": [AFTER]}, None, True),
        ({"write": [SILENT]}, DeliveryUnknown, False),
        ({"write": [AFTER], "read": [None, Unreachable("no answer")]}, DeliveryUnknown, True),
        ({"write": [SILENT], "read": [None, Unreachable("no answer")]}, DeliveryUnknown, False),
    ],
    ids=["before", "reading", "after", "not-done", "after-and-silence", "not-done-and-silence"],
)
async def test_what_broke_is_said_and_undo_knows_it(
    service: Permissions, server: PaperServer, faults: dict[str, list[object]], error: type | None, written: bool
):
    sheet = await service.open("Calendar")
    proposed = service.propose(sheet, with_bruno(sheet))
    server.faults.update(faults)
    if error is None:
        assert (await service.save(proposed)).made == proposed.changes
    else:
        with pytest.raises(error):
            await service.save(proposed)
    server.faults.clear()
    assert (server.level_of(BRUNO.address) is PermissionLevel.EDITOR) == written
    try:
        undo = await service.undo("Calendar")
    except NotFound:
        assert not written
    else:
        await service.save(undo, undoing=True)
    assert server.level_of(BRUNO.address) is None
