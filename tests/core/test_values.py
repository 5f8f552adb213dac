"""`core.values.dataclass` is the standard library's, but quicker to make."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.values import dataclass


@dataclass(frozen=True, slots=True)
class Ours:
    a: int
    b: str = "x"
    c: list[int] = field(default_factory=list)
    d: str = field(default="", repr=False, compare=False)
    e: int = field(default=7, kw_only=True)

    def __post_init__(self) -> None:
        if self.a < 0:
            raise ValueError("negative")


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    a: int
    b: str = "x"
    c: list[int] = field(default_factory=list)
    d: str = field(default="", repr=False, compare=False)
    e: int = field(default=7, kw_only=True)

    def __post_init__(self) -> None:
        if self.a < 0:
            raise ValueError("negative")


@dataclass(frozen=True, slots=True)
class Simple:
    a: int = 0
    b: tuple[int, ...] = ()


_VALUES = st.fixed_dictionaries(
    {"a": st.integers(0, 2)},
    optional={"b": st.sampled_from("xy"), "c": st.lists(st.integers(0, 1), max_size=1), "d": st.text(max_size=1)},
)


@given(_VALUES, _VALUES)
def test_values_are_equal_when_those_of_the_standard_library_are(one, other):
    assert (Ours(**one) == Ours(**other)) is (Theirs(**one) == Theirs(**other))


@given(_VALUES)
def test_a_value_is_shown_as_the_standard_library_shows_it(values):
    assert repr(Ours(**values)) == repr(Theirs(**values)).replace("Theirs", "Ours")


@given(_VALUES)
def test_fields_and_what_is_made_of_them_are_the_same(values):
    assert dataclasses.asdict(Ours(**values)) == dataclasses.asdict(Theirs(**values))


def test_a_value_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Simple().a = 1


def test_nothing_can_be_taken_from_a_value():
    value = Simple()
    with pytest.raises(FrozenInstanceError):
        del value.a


def test_a_value_has_no_room_for_more():
    assert not hasattr(Simple(), "__dict__")


def test_equal_values_are_one_in_a_set():
    assert len({Simple(1, (2,)), Simple(1, (2,)), Simple(2)}) == 2


def test_values_of_two_classes_are_never_equal():
    assert Simple(0) != Theirs(0)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_equals_its_original(copied):
    assert copied(Simple(3, (4,))) == Simple(3, (4,))


def test_replace_changes_what_it_is_told():
    assert dataclasses.replace(Ours(1, "y"), a=2) == Ours(2, "y")


def test_a_default_list_is_made_anew_each_time():
    assert Ours(1).c is not Ours(1).c


def test_a_keyword_field_is_not_taken_by_place():
    with pytest.raises(TypeError):
        Ours(1, "x", [], "", 8)


def test_what_a_value_refuses_is_refused():
    with pytest.raises(ValueError, match="negative"):
        Ours(-1)


def test_what_was_refused_once_does_not_spoil_the_class():
    with pytest.raises(TypeError):
        Simple(nonsense=1)
    assert Simple(5).a == 5


def test_a_value_can_be_matched_by_place():
    match Simple(1, (2,)):
        case Simple(a, b):
            assert (a, b) == (1, (2,))


def test_other_options_are_the_standard_librarys():
    @dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        a: int

    assert Ordered(1) < Ordered(2)


def test_an_own_equality_stays():
    @dataclass(frozen=True, slots=True)
    class Loose:
        a: int

        def __eq__(self, other: object) -> bool:
            return True

    assert Loose(1) == Loose(2)


@dataclass(slots=True)
class Pile:
    a: int
    b: list[int] = field(default_factory=list)


def test_what_is_not_frozen_can_be_changed():
    pile = Pile(1)
    pile.a = 2
    assert pile == Pile(2)


def test_what_can_be_changed_is_no_key():
    with pytest.raises(TypeError):
        hash(Pile(1))


def test_what_can_be_changed_has_no_room_for_more():
    with pytest.raises(AttributeError):
        Pile(1).c = 3


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_of_what_can_be_changed_equals_its_original(copied):
    assert copied(Pile(3, [4])) == Pile(3, [4])


def test_dataclasses_know_whether_a_class_is_frozen():
    assert [each.__dataclass_params__.frozen for each in (Pile, Simple)] == [False, True]


def test_a_field_that_nobody_gives_is_left_to_the_class():
    @dataclass(slots=True)
    class Later:
        a: int
        b: int = field(init=False)

    with pytest.raises(AttributeError):
        _ = Later(1).b
