"""What stands where."""

from __future__ import annotations

from datetime import date

import pytest

from core.ports.calendars import CalendarInfo, CalendarKind
from tui.widgets.periods import ViewKind
from tui.workspace import Workspace

TODAY = date(2026, 11, 18)


def _infos(*names: str, default: str = "") -> list[CalendarInfo]:
    return [CalendarInfo(name, name, "local", CalendarKind.LOCAL, default=name == default) for name in names]


@pytest.fixture
def workspace() -> Workspace:
    made = Workspace(TODAY)
    made.assign(_infos("a", "b", "c", default="b"))
    return made


def _shown(workspace: Workspace) -> list[str]:
    return [place.calendar for place in workspace.places]


def test_the_default_calendar_stands_at_the_left_and_the_next_one_beside_it(workspace):
    assert _shown(workspace) == ["b", "a"]


def test_a_calendar_that_is_gone_leaves_its_place(workspace):
    workspace.assign(_infos("b", "c"))
    assert _shown(workspace) == ["b", ""]


def test_when_all_are_gone_others_come(workspace):
    workspace.assign(_infos("x", "y"))
    assert _shown(workspace) == ["x", "y"]


def test_a_calendar_never_stands_twice(workspace):
    workspace.put("a", 0)
    assert _shown(workspace) == ["a", "b"]


def test_ticking_a_third_calendar_takes_the_other_place(workspace):
    assert workspace.tick("c")
    assert _shown(workspace) == ["b", "c"]


def test_unticking_empties_a_place_and_the_other_becomes_active(workspace):
    assert workspace.tick("b")
    assert (_shown(workspace), workspace.active) == (["", "a"], 1)


def test_an_emptied_place_stays_empty_when_the_list_is_read_again(workspace):
    workspace.tick("a")
    workspace.assign(_infos("a", "b", "c"))
    assert _shown(workspace) == ["b", ""]


def test_the_last_calendar_cannot_be_unticked(workspace):
    workspace.tick("a")
    assert not workspace.tick("b")
    assert _shown(workspace) == ["b", ""]


def test_together_both_places_turn(workspace):
    workspace.turn(1)
    assert [place.anchor for place in workspace.places] == [date(2026, 11, 25)] * 2


def test_apart_only_the_active_place_turns(workspace):
    workspace.toggle_together()
    workspace.turn(-1)
    assert [place.anchor for place in workspace.places] == [date(2026, 11, 11), TODAY]


def test_coming_together_the_other_place_follows_the_active_one(workspace):
    workspace.toggle_together()
    workspace.show_day(date(2027, 1, 1), ViewKind.DAY)
    workspace.toggle_together()
    assert [(p.anchor, p.kind) for p in workspace.places] == [(date(2027, 1, 1), ViewKind.DAY)] * 2
