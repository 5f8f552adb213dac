"""Permissions on the sandbox’s Exchange: valid by Microsoft’s schema, effective, no foreign change overwritten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.backends.exchange.permissions import ExchangePermissions
from core.backends.exchange.session import ExchangeSession
from core.config.settings import ExchangeAccount, SignIn
from core.errors import DeliveryUnknown, NotFound, Refused, TransportError, Unreachable
from core.sandbox.exchange.model import AUTHENTICATED, Entry
from core.sandbox.exchange.seed import organisation
from core.sandbox.exchange.server import ExchangeServer
from core.sandbox.http import Answer, Break, Fault
from core.sandbox.people import Accounts
from core.sharing.permission_table import (
    ANONYMOUS,
    DEFAULT,
    Delegation,
    PermissionChange,
    PermissionTable,
    custom_entry,
    entry,
    person,
    table,
)
from core.sharing.permissions import MATRIX, NAMED_LEVELS, PermissionLevel, Reach, ReadRight, Rights
from tests.contracts.permission_store import Office, PermissionStoreContract
from tests.core.services.conftest import StillClock

BRUNO = person("bruno@example.org", "Bruno Keller")
CLARA = person("clara@example.net", "Clara Rossi")


class Password:
    def __init__(self, word: str) -> None:
        self.word = word

    async def password(self, account: str) -> str:
        return self.word

    def forget(self, account: str) -> None: ...


class ExchangeOffice(Office):
    """Alice's account on a running sandbox."""

    def __init__(self, server: ExchangeServer, accounts: Accounts) -> None:
        self.server = server
        self.mailbox = server.organisation.mailboxes["alice@example.org"]
        self.folder = self.mailbox.distinguished["calendar"]
        self.calendar = str(self.folder.id)
        self.accounts = accounts
        self.session = self.session_of("alice")

    def session_of(self, key: str) -> ExchangeSession:
        mailbox = next(one for one in self.server.organisation.mailboxes.values() if one.key == key)
        account = ExchangeAccount("office", server=self.server.ews, address=mailbox.address, sign_in=SignIn(key))
        return ExchangeSession(account, Password(self.accounts.passwords[key]), StillClock())

    @property
    def missing(self) -> str:
        store = self.server.organisation
        folder = store.add_folder(self.mailbox, self.folder, "Gone", "IPF.Appointment")
        store.remove_folder(folder)
        return str(folder.id)

    def store(self) -> ExchangePermissions:
        return ExchangePermissions(self.session)

    async def somebody_else_sets(self, address: str, level: PermissionLevel) -> None:
        with self.server.organisation.lock:
            others = [one for one in self.folder.permissions if one.user != address]
            self.folder.permissions[:] = [*others, Entry(address, MATRIX[level])]

    async def give(self, *rows, expected_refusals: int = 0):
        """Write these rows on the table as it is."""
        stored = await self.store().permissions(self.calendar)
        changes = [PermissionChange(stored.table.get(row.key), row) for row in rows]
        written = await self.store().write_permissions(self.calendar, changes, expected=stored.mark)
        assert len(written.refused) == expected_refusals
        return written

    def on_server(self, address: str) -> Rights | None:
        return next((one.rights for one in self.folder.permissions if one.user == address), None)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[ExchangeOffice]:
    accounts = Accounts.fresh(tmp_path)
    with ExchangeServer(organisation(empty=True), accounts) as server:
        made = ExchangeOffice(server, accounts)
        yield made
        await made.session.close()
    assert server.crashes == []


class TestContract(PermissionStoreContract):
    pass


@pytest.mark.parametrize("level", NAMED_LEVELS)
async def test_each_level_is_in_force_on_the_server(office: ExchangeOffice, level: PermissionLevel):
    await office.give(entry(BRUNO, level))
    assert office.on_server(BRUNO.address) == MATRIX[level]


@pytest.mark.parametrize(
    "rights",
    [
        Rights(ReadRight.TIME, visible=True),
        Rights(ReadRight.SUBJECT, create=True, create_subfolders=True, edit=Reach.OWN, delete=Reach.ALL),
        Rights(ReadRight.FULL, edit=Reach.ALL, owner=True, contact=True, visible=True),
    ],
)
async def test_every_right_of_a_custom_row_is_in_force(office: ExchangeOffice, rights: Rights):
    await office.give(custom_entry(BRUNO, rights))
    assert office.on_server(BRUNO.address) == rights
    row = (await office.store().permissions(office.calendar)).table.get(BRUNO.key)
    assert (row.level, row.rights) == (PermissionLevel.CUSTOM, rights)


async def test_the_entry_that_names_nobody_is_shown_and_stays(office: ExchangeOffice):
    odd = Entry(AUTHENTICATED, Rights(ReadRight.TIME, visible=True))
    office.folder.permissions.append(odd)
    stored = await office.store().permissions(office.calendar)
    assert len(stored.table.unknown) == 1
    await office.give(entry(BRUNO, PermissionLevel.EDITOR))
    assert odd in office.folder.permissions


async def test_somebody_who_is_not_there_is_refused_and_the_others_are_written(office: ExchangeOffice):
    nobody = entry(person("nobody@example.org"), PermissionLevel.EDITOR)
    written = await office.give(nobody, entry(BRUNO, PermissionLevel.EDITOR), expected_refusals=1)
    assert written.refused[0].change.key == "nobody@example.org"
    assert "nobody of that address" in written.refused[0].reason
    assert office.on_server(BRUNO.address) == MATRIX[PermissionLevel.EDITOR]


async def test_the_policys_refusal_is_said_in_words(office: ExchangeOffice):
    written = await office.give(entry(CLARA, PermissionLevel.REVIEWER), expected_refusals=1)
    assert "sharing policy" in written.refused[0].reason
    assert office.on_server(CLARA.address) is None


async def test_somebody_outside_is_kept_as_the_server_knows_them(office: ExchangeOffice):
    await office.give(entry(CLARA, PermissionLevel.FREE_BUSY))
    await office.give(entry(BRUNO, PermissionLevel.EDITOR))
    assert office.on_server(CLARA.address) == MATRIX[PermissionLevel.FREE_BUSY]


async def test_only_owners_see_the_table(office: ExchangeOffice):
    await office.somebody_else_sets(BRUNO.address, PermissionLevel.EDITOR)
    bruno = office.session_of("bruno")
    with pytest.raises((Refused, NotFound)):
        await ExchangePermissions(bruno).permissions(office.calendar)
    await bruno.close()


async def test_a_calendar_beside_the_default_one_has_its_own_table_and_no_delegates(office: ExchangeOffice):
    folder = office.server.organisation.add_folder(
        office.mailbox, office.mailbox.distinguished["calendar"], "Plans", "IPF.Appointment"
    )
    stored = await office.store().permissions(str(folder.id))
    assert not stored.offered.delegates
    row = entry(BRUNO, PermissionLevel.EDITOR).with_delegation(Delegation())
    written = await office.store().write_permissions(
        str(folder.id), [PermissionChange(None, row)], expected=stored.mark
    )
    assert "default calendar" in written.refused[0].reason


# --- delegates ---------------------------------------------------------------------------------------------------


async def test_a_delegate_is_made_changed_and_unmade(office: ExchangeOffice):
    row = entry(BRUNO, PermissionLevel.EDITOR)
    for given in (Delegation(), Delegation(private_items=True), Delegation(copies=False, private_items=True)):
        written = await office.give(row.with_delegation(given))
        assert written.stored.table.get(BRUNO.key).delegation == given
    assert office.mailbox.delegates[BRUNO.address].view_private
    written = await office.give(row)
    assert office.mailbox.delegates == {}
    assert written.stored.table.get(BRUNO.key) == replace(row, principal=written.stored.table.get(BRUNO.key).principal)


async def test_a_delegate_who_is_removed_has_nothing_left(office: ExchangeOffice):
    await office.give(entry(BRUNO, PermissionLevel.EDITOR).with_delegation(Delegation()))
    stored = await office.store().permissions(office.calendar)
    change = PermissionChange(stored.table.get(BRUNO.key), None)
    await office.store().write_permissions(office.calendar, [change], expected=stored.mark)
    assert office.mailbox.delegates == {}
    assert office.on_server(BRUNO.address) is None


async def test_somebody_outside_is_no_delegate(office: ExchangeOffice):
    row = entry(CLARA, PermissionLevel.EDITOR).with_delegation(Delegation())
    written = await office.give(row, expected_refusals=1)
    assert "inside the organisation" in written.refused[0].reason


# --- faults ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "errors", "written"),
    [
        (Break.CUT_BEFORE, (DeliveryUnknown, Unreachable), False),
        (Break.CUT_AFTER, (DeliveryUnknown,), True),
        (Break.HALF, (DeliveryUnknown,), True),
        (Break.ANSWER, (TransportError,), False),
    ],
)
async def test_a_line_that_breaks_in_the_write_is_never_called_done_nor_nothing(
    office: ExchangeOffice, kind: Break, errors: tuple[type[Exception], ...], written: bool
):
    stored = await office.store().permissions(office.calendar)
    answer = Answer(200, b"<html>sign in</html>", "text/html")
    office.server.faults.add(Fault(kind, lambda request: b"UpdateFolder" in request.body, times=3, answer=answer))
    with pytest.raises(errors):
        await office.store().write_permissions(
            office.calendar, [PermissionChange(None, entry(BRUNO, PermissionLevel.EDITOR))], expected=stored.mark
        )
    assert (office.on_server(BRUNO.address) is not None) == written


# --- the bytes ---------------------------------------------------------------------------------------------------


def whole() -> PermissionTable:
    rows = [
        entry(DEFAULT, PermissionLevel.FREE_BUSY),
        entry(ANONYMOUS, PermissionLevel.NONE),
        custom_entry(BRUNO, Rights(ReadRight.SUBJECT, create=True, edit=Reach.OWN, delete=Reach.ALL, visible=True)),
        entry(replace(CLARA, id="external:clara@example.net"), PermissionLevel.REVIEWER),
        entry(person(""), PermissionLevel.AUTHOR),
    ]
    rows[-1] = replace(rows[-1], principal=replace(rows[-1].principal, id="S-1-5-21-1-2-3-1001"))
    return table(rows, ["somebody"])


def test_a_named_level_goes_alone_and_custom_with_its_rights_in_the_order_of_the_schema():
    from core.backends.exchange.permission_xml import write_set

    lines = list(write_set(whole())[0])
    names = [[child.tag.rpartition("}")[2] for child in line] for line in lines]
    assert names[0] == ["UserId", "CalendarPermissionLevel"]
    assert names[2] == [
        *("UserId", "CanCreateItems", "CanCreateSubFolders", "IsFolderOwner", "IsFolderVisible", "IsFolderContact"),
        *("EditItems", "DeleteItems", "ReadItems", "CalendarPermissionLevel"),
    ]


def test_what_is_written_is_read_back_but_for_rows_that_nobody_can_name():
    from core.backends.exchange.permission_xml import read_set, write_set

    found = read_set(write_set(whole()))
    assert [(row.level, row.rights) for row in found.entries] == [(row.level, row.rights) for row in whole().entries]
    assert found.unknown == ()
