"""`new` and `calendar …`."""

from pathlib import Path

import pytest

from tests.tui.cli.conftest import Run


def names(run: Run) -> list[str]:
    return [calendar["name"] for calendar in run("calendars", "--json").json]


def test_a_new_calendar_is_listed_last(run: Run):
    run("new", "Work")
    run("new", "Home")
    assert names(run)[-2:] == ["Work", "Home"]


def test_a_new_calendar_answers_in_the_shape_of_calendars(run: Run):
    answer = run("new", "Work", "--json")
    assert answer.code == 0
    assert set(answer.json) >= {"id", "name", "account", "kind", "owner", "events", "level", "refreshed"}
    assert (answer.json["name"], answer.json["account"], answer.json["events"]) == ("Work", "local", 0)


def test_a_name_that_is_taken_is_refused(run: Run):
    run("new", "Work")
    answer = run("new", "work")
    assert answer.code == 1
    assert answer.err.startswith("partagenda: ")


def test_a_calendar_can_live_below_another_folder(run: Run, tmp_path: Path):
    assert run("new", "Work", "--root", tmp_path / "mine").code == 0
    assert any((tmp_path / "mine").iterdir())
    assert "Work" in names(run)


def test_a_renamed_calendar_has_its_new_name(run: Run):
    run("new", "Work")
    assert run("calendar", "rename", "Work", "Office").code == 0
    assert "Office" in names(run)
    assert "Work" not in names(run)


def test_a_deleted_calendar_is_gone_and_can_be_restored(run: Run):
    run("new", "Work")
    assert run("calendar", "delete", "Work").code == 0
    assert "Work" not in names(run)
    assert run("calendar", "restore", "Work").code == 0
    assert "Work" in names(run)


@pytest.mark.parametrize("colour", ["#3366cc", "#3366CC", "green"])
def test_a_calendar_takes_a_colour(run: Run, colour: str):
    run("new", "Work")
    assert run("calendar", "colour", "Work", colour).code == 0


@pytest.mark.parametrize("colour", ["#36c", "greenish", "#gggggg"])
def test_what_is_no_colour_is_wrong_usage(run: Run, colour: str):
    run("new", "Work")
    assert run("calendar", "colour", "Work", colour).code == 2


def test_a_calendar_can_be_made_the_default(run: Run):
    run("new", "Work")
    run("new", "Home")
    assert run("calendar", "default", "Home").code == 0


def test_a_calendar_that_is_not_there_gets_the_nearest_name(run: Run):
    run("new", "Work")
    answer = run("calendar", "rename", "Wrok", "Office")
    assert answer.code == 1
    assert "Work" in answer.err
