"""Rows, what changing one right makes of a level, and the difference between two tables."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, Refused, UsageError
from core.sharing.permission_table import (
    ANONYMOUS,
    DEFAULT,
    Delegation,
    PermissionChange,
    PermissionEntry,
    PermissionTable,
    apply_changes,
    custom_entry,
    difference,
    entry,
    person,
    table,
)
from core.sharing.permissions import NAMED_LEVELS, PermissionLevel, Reach, ReadRight
from tests.core.sharing.test_permissions import all_rights

BRUNO = person("bruno@example.org", "Bruno Keller")
CLARA = person("clara@example.net", "Clara Rossi")
addresses = st.sampled_from(["bruno@example.org", "clara@example.net", "a@example.org", "b@example.org"])
entries = st.builds(custom_entry, addresses.map(person), all_rights)
tables = st.lists(entries, unique_by=lambda each: each.key, max_size=4).map(table)


def test_default_and_anonymous_are_always_there_and_first():
    rows = table([entry(BRUNO, PermissionLevel.EDITOR)]).entries
    assert [row.principal for row in rows] == [DEFAULT, ANONYMOUS, BRUNO]


@pytest.mark.parametrize("key", ["default", "anonymous"])
def test_default_and_anonymous_cannot_be_removed(key: str):
    with pytest.raises(Refused) as raised:
        table([]).without(key)
    assert "None" in raised.value.hint


def test_removing_somebody_without_a_row_says_so():
    with pytest.raises(UsageError):
        table([]).without("bruno@example.org")


def test_an_address_finds_its_row_in_any_spelling():
    assert table([entry(BRUNO, PermissionLevel.EDITOR)]).get("Bruno@Example.ORG").principal is BRUNO


def test_two_rows_for_one_person_are_refused():
    row = entry(BRUNO, PermissionLevel.EDITOR)
    with pytest.raises(ValueError):
        PermissionTable((row, row))


def test_who_has_no_row_is_treated_as_default():
    rows = table([entry(DEFAULT, PermissionLevel.FREE_BUSY), entry(BRUNO, PermissionLevel.NONE)])
    assert rows.effective("a@example.org").level is PermissionLevel.FREE_BUSY
    assert rows.effective("bruno@example.org").level is PermissionLevel.NONE


def test_taking_one_right_away_makes_a_level_custom_and_giving_it_back_names_it_again():
    row = entry(BRUNO, PermissionLevel.EDITOR)
    less = row.with_rights(replace(row.rights, delete=Reach.NONE))
    assert less.level is PermissionLevel.CUSTOM
    assert less.with_rights(replace(less.rights, delete=Reach.ALL)) == row


def test_choosing_custom_keeps_the_boxes_as_they_are():
    row = entry(BRUNO, PermissionLevel.AUTHOR)
    assert row.with_level(PermissionLevel.CUSTOM).rights == row.rights


@given(entries, st.sampled_from(NAMED_LEVELS))
def test_choosing_a_level_sets_its_boxes_and_no_others(row: PermissionEntry, level: PermissionLevel):
    changed = row.with_level(level)
    assert (changed.level, changed.rights) == (level, level.rights)


def test_a_delegate_who_may_no_longer_edit_is_no_delegate_any_more():
    row = entry(BRUNO, PermissionLevel.EDITOR).with_delegation(Delegation(private_items=True))
    assert row.with_level(PermissionLevel.PUBLISHING_EDITOR).delegation == Delegation(private_items=True)
    assert row.with_level(PermissionLevel.REVIEWER).delegation is None


@pytest.mark.parametrize("who", [DEFAULT, ANONYMOUS])
def test_only_people_can_be_delegates(who):
    with pytest.raises(Refused):
        entry(who, PermissionLevel.EDITOR).with_delegation(Delegation())


@given(tables, tables)
def test_the_difference_turns_one_table_into_the_other(before: PermissionTable, after: PermissionTable):
    made = apply_changes(before, difference(before, after))
    assert {row.key: (row.level, row.rights) for row in made.entries} == {
        row.key: (row.level, row.rights) for row in after.entries
    }


@given(tables, tables)
def test_taking_the_changes_back_gives_the_first_table(before: PermissionTable, after: PermissionTable):
    back = [change.undone for change in difference(before, after)]
    assert difference(apply_changes(after, back), before) == ()


@given(tables)
def test_a_table_does_not_differ_from_itself(same: PermissionTable):
    assert difference(same, same) == ()


def test_a_name_that_the_server_spells_otherwise_is_no_change():
    one = table([entry(person("bruno@example.org"), PermissionLevel.EDITOR)])
    assert difference(one, table([entry(BRUNO, PermissionLevel.EDITOR)])) == ()


def test_a_delegation_is_a_change():
    row = entry(BRUNO, PermissionLevel.EDITOR)
    assert len(difference(table([row]), table([row.with_delegation(Delegation())]))) == 1


def test_a_row_that_somebody_else_changed_is_not_overwritten():
    seen, mine = entry(BRUNO, PermissionLevel.REVIEWER), entry(BRUNO, PermissionLevel.EDITOR)
    now = table([entry(BRUNO, PermissionLevel.AUTHOR)])
    with pytest.raises(Conflict) as raised:
        apply_changes(now, [PermissionChange(seen, mine)])
    assert "Bruno Keller" in raised.value.message
    assert "Author" in raised.value.message


def test_a_row_that_somebody_else_changed_does_not_hinder_changing_another():
    now = table([entry(CLARA, PermissionLevel.FREE_BUSY)])
    made = apply_changes(now, [PermissionChange(None, entry(BRUNO, PermissionLevel.EDITOR))])
    assert [row.key for row in made.people] == ["clara@example.net", "bruno@example.org"]


def test_a_change_that_is_there_already_counts_as_made():
    now = table([entry(BRUNO, PermissionLevel.EDITOR)])
    change = PermissionChange(entry(BRUNO, PermissionLevel.REVIEWER), entry(BRUNO, PermissionLevel.EDITOR))
    assert apply_changes(now, [change]) == now
    assert apply_changes(table([]), [PermissionChange(entry(BRUNO, PermissionLevel.EDITOR), None)]) == table([])


def test_rows_that_cannot_be_named_stay():
    now = table([], ["S-1-5-21-1"])
    made = apply_changes(now, [PermissionChange(None, entry(BRUNO, PermissionLevel.EDITOR))])
    assert made.unknown == ("S-1-5-21-1",)


def test_reading_full_details_alone_is_custom_since_the_folder_is_not_visible():
    row = entry(BRUNO, PermissionLevel.NONE)
    assert row.with_rights(replace(row.rights, read=ReadRight.FULL)).level is PermissionLevel.CUSTOM


@given(entries)
def test_a_row_as_plain_data_is_read_back(row: PermissionEntry):
    import json

    from core.sharing.permission_words import entry_data, entry_from

    assert entry_from(json.loads(json.dumps(entry_data(row)))) == row
