"""The twelve levels against the matrix of outlook.md §4.1, written out here a second time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.sharing.detail import DetailLevel
from core.sharing.permissions import (
    MATRIX,
    NAMED_LEVELS,
    PermissionLevel,
    Reach,
    ReadRight,
    Rights,
    at_most,
    detail_for,
    level_for,
    level_of,
    meaning_of,
    parse_level,
    rights_of,
)

TABLE = """
none                            none                  - - none none - - -
free-busy-time                  time                  - - none none - - -
free-busy-time-subject-location time-subject-location - - none none - - -
contributor                     none                  x - none none - - x
reviewer                        full                  - - none none - - x
nonediting-author               full                  x - none own  - - x
author                          full                  x - own  own  - - x
publishing-author               full                  x x own  own  - - x
editor                          full                  x - all  all  - - x
publishing-editor               full                  x x all  all  - - x
owner                           full                  x x all  all  x x x
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
all_rights = st.builds(
    Rights,
    read=st.sampled_from(ReadRight),
    create=st.booleans(),
    create_subfolders=st.booleans(),
    edit=st.sampled_from(Reach),
    delete=st.sampled_from(Reach),
    owner=st.booleans(),
    contact=st.booleans(),
    visible=st.booleans(),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_level_has_the_rights_of_outlooks_table(row: list[str]):
    name, read, create, subfolders, edit, delete, owner, contact, visible = row
    assert rights_of(PermissionLevel(name)) == Rights(
        ReadRight(read),
        create == "x",
        subfolders == "x",
        Reach(edit),
        Reach(delete),
        owner == "x",
        contact == "x",
        visible == "x",
    )


def test_the_table_has_every_named_level_in_the_order_of_the_drop_down():
    assert [row[0] for row in ROWS] == [level.value for level in NAMED_LEVELS]
    assert len(PermissionLevel) == 12


def test_no_two_levels_have_the_same_rights():
    assert len(set(MATRIX.values())) == len(MATRIX)


@pytest.mark.parametrize("level", NAMED_LEVELS)
def test_the_rights_of_a_level_are_read_back_as_that_level(level: PermissionLevel):
    assert level_of(rights_of(level)) is level


@given(all_rights)
def test_any_other_combination_is_custom(rights: Rights):
    level = level_of(rights)
    assert (level is PermissionLevel.CUSTOM) == (rights not in MATRIX.values())


def test_custom_has_no_rights_of_its_own():
    with pytest.raises(ValueError):
        rights_of(PermissionLevel.CUSTOM)


@pytest.mark.parametrize("detail", DetailLevel)
def test_a_level_of_detail_and_its_permission_name_each_other(detail: DetailLevel):
    assert detail_for(rights_of(level_for(detail))) is detail


def test_who_can_read_nothing_sees_no_level_of_detail():
    assert detail_for(rights_of(PermissionLevel.CONTRIBUTOR)) is None


@pytest.mark.parametrize("level", NAMED_LEVELS)
def test_levels_are_named_on_the_command_line_as_they_are_written(level: PermissionLevel):
    assert parse_level(level.value) is level
    assert parse_level(level.value.replace("-", " ").title()) is level


def test_a_misspelt_level_is_answered_with_the_nearest_one():
    with pytest.raises(UsageError) as raised:
        parse_level("reviwer")
    assert "reviewer" in raised.value.hint


def test_custom_cannot_be_asked_for_by_name():
    with pytest.raises(UsageError):
        parse_level("custom")


@pytest.mark.parametrize("most", DetailLevel)
def test_a_limit_lets_reading_through_up_to_it_and_writing_never(most: DetailLevel):
    order = list(DetailLevel)
    for detail in order:
        assert at_most(level_for(detail), most) == (order.index(detail) <= order.index(most))
    for level in NAMED_LEVELS[5:]:
        assert not at_most(level, most)
    assert at_most(PermissionLevel.NONE, None)


def test_every_level_says_what_it_means():
    assert len({meaning_of(level) for level in PermissionLevel}) == 12
