"""What every PermissionStore keeps. A backend's tests give the fixture `office`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import pytest

from core.errors import Conflict, NotFound
from core.ports.sharing import PermissionStore
from core.sharing.permission_table import ANONYMOUS, DEFAULT, PermissionChange, custom_entry, entry, person
from core.sharing.permissions import PermissionLevel, Reach, ReadRight, Rights

BRUNO = person("bruno@example.org", "Bruno Keller")
ODD = Rights(ReadRight.SUBJECT, create=True, edit=Reach.OWN, visible=True)


class Office(ABC):
    """One account of Alice's with a calendar in which nobody has a row of their own."""

    calendar: str

    @property
    def missing(self) -> str:
        """The name of a calendar that is not there."""
        return f"{self.calendar}x"

    @abstractmethod
    def store(self) -> PermissionStore: ...

    @abstractmethod
    async def somebody_else_sets(self, address: str, level: PermissionLevel) -> None:
        """Another program changes the table."""


class PermissionStoreContract:
    async def test_default_and_anonymous_are_always_there(self, office: Office):
        stored = await office.store().permissions(office.calendar)
        assert [row.principal.who for row in stored.table.entries[:2]] == [DEFAULT.who, ANONYMOUS.who]
        assert stored.table.people == ()

    async def test_what_was_written_is_read_back_and_says_the_level(self, office: Office):
        store = office.store()
        offered = (await store.permissions(office.calendar)).offered.levels_for(BRUNO)
        levels = [level for level in offered if level is not PermissionLevel.NONE]
        assert levels
        for level in levels:
            stored = await store.permissions(office.calendar)
            before = stored.table.get(BRUNO.key)
            after = before.with_level(level) if before else entry(BRUNO, level)
            written = await store.write_permissions(
                office.calendar, [PermissionChange(before, after)], expected=stored.mark
            )
            assert written.refused == ()
            row = (await store.permissions(office.calendar)).table.get(BRUNO.key)
            assert (row.level, row.rights) == (level, level.rights)

    async def test_single_rights_are_kept_where_the_server_offers_custom_and_refused_elsewhere(self, office: Office):
        store = office.store()
        stored = await store.permissions(office.calendar)
        change = PermissionChange(None, custom_entry(BRUNO, ODD))
        if not stored.offered.custom:
            written = await store.write_permissions(office.calendar, [change], expected=stored.mark)
            assert [one.change for one in written.refused] == [change]
            assert written.stored.table.people == ()
            return
        await store.write_permissions(office.calendar, [change], expected=stored.mark)
        row = (await store.permissions(office.calendar)).table.get(BRUNO.key)
        assert (row.level, row.rights) == (PermissionLevel.CUSTOM, ODD)

    async def test_default_can_be_changed_and_others_stay(self, office: Office):
        store = office.store()
        await office.somebody_else_sets(BRUNO.address, PermissionLevel.REVIEWER)
        stored = await store.permissions(office.calendar)
        row = stored.table.get("default")
        change = PermissionChange(row, row.with_level(PermissionLevel.FREE_BUSY_DETAILED))
        written = await store.write_permissions(office.calendar, [change], expected=stored.mark)
        assert written.stored.table.get("default").level is PermissionLevel.FREE_BUSY_DETAILED
        assert written.stored.table.get(BRUNO.key).level is PermissionLevel.REVIEWER

    async def test_a_removed_row_is_gone(self, office: Office):
        store = office.store()
        await office.somebody_else_sets(BRUNO.address, PermissionLevel.REVIEWER)
        stored = await store.permissions(office.calendar)
        change = PermissionChange(stored.table.get(BRUNO.key), None)
        written = await store.write_permissions(office.calendar, [change], expected=stored.mark)
        assert written.stored.table.people == ()

    async def test_the_mark_changes_with_the_table_and_only_then(self, office: Office):
        store = office.store()
        first = (await store.permissions(office.calendar)).mark
        assert (await store.permissions(office.calendar)).mark == first
        await office.somebody_else_sets(BRUNO.address, PermissionLevel.REVIEWER)
        assert (await store.permissions(office.calendar)).mark != first

    async def test_a_foreign_change_between_reading_and_writing_is_noticed_and_left_alone(self, office: Office):
        store = office.store()
        stored = await store.permissions(office.calendar)
        await office.somebody_else_sets(BRUNO.address, PermissionLevel.REVIEWER)
        change = PermissionChange(None, entry(BRUNO, PermissionLevel.EDITOR))
        with pytest.raises(Conflict):
            await store.write_permissions(office.calendar, [change], expected=stored.mark)
        row = (await store.permissions(office.calendar)).table.get(BRUNO.key)
        assert row.level is PermissionLevel.REVIEWER

    async def test_a_calendar_that_is_not_there_is_not_found(self, office: Office):
        with pytest.raises(NotFound):
            await office.store().permissions(office.missing)

    async def test_names_are_those_of_the_server(self, office: Office):
        store = office.store()
        stored = await store.permissions(office.calendar)
        row = entry(replace(BRUNO, name=""), PermissionLevel.REVIEWER)
        written = await store.write_permissions(office.calendar, [PermissionChange(None, row)], expected=stored.mark)
        assert written.stored.table.get("BRUNO@example.org") is not None
