"""`add`, `edit`, `delete`, `copy`, `move`, `undo`, `redo`, `history`, as a person writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def calendars(run, config: Callable[..., Path]) -> None:
    config()
    run("new", "Home")
    run("new", "Work")


@pytest.fixture
def lunch(run, calendars: None) -> dict[str, object]:
    return run("add", "Home", "--title", "Lunch", "--start", "2027-02-01T12:00", "--duration", "1h", "--json").json


@pytest.fixture
def series(run, calendars: None) -> list[dict[str, object]]:
    run("add", "Home", "--title", "Standup", "--start", "2027-02-01T09:00", "--repeat", "FREQ=DAILY;COUNT=5")
    return agenda(run)


def agenda(run, calendar: str = "Home") -> list[dict[str, object]]:
    return run("agenda", calendar, "--range", "2027-01-30..2027-02-20", "--json").json


def starts(run, calendar: str = "Home") -> list[str]:
    return [str(one["start"])[8:16] for one in agenda(run, calendar)]


def test_add_answers_with_the_occurrence(lunch: dict[str, object]) -> None:
    assert {key: lunch[key] for key in ("calendar", "title", "start", "end", "all_day", "time_zone", "recurring")} == {
        "calendar": "Home",
        "title": "Lunch",
        "start": "2027-02-01T12:00:00+01:00",
        "end": "2027-02-01T13:00:00+01:00",
        "all_day": False,
        "time_zone": "Europe/Paris",
        "recurring": False,
    }


def test_what_was_added_is_in_the_agenda_under_the_same_id(run, lunch: dict[str, object]) -> None:
    assert [one["id"] for one in agenda(run)] == [lunch["id"]]


def test_every_option_of_add_arrives(run, calendars: None) -> None:
    answer = run(
        *("add", "Home", "--title", "Talk", "--start", "2027-02-01T09:00", "--end", "2027-02-01T10:30", "--json"),
        *("--place", "Hall", "--time-zone", "Asia/Tokyo", "--status", "out-of-office", "--private"),
        *("--reminder", "15m", "--people", "bruno@example.org", "Clara <clara@example.net>", "--notes", "-"),
        typed="Bring figures",
    )
    found = answer.json
    file = next((Path.home() / "data").rglob("*.ics")).read_text()
    assert (found["place"], found["time_zone"], found["status"], found["private"]) == (
        "Hall",
        "Asia/Tokyo",
        "out-of-office",
        True,
    )
    assert [person["address"] for person in found["attendees"]] == ["bruno@example.org", "clara@example.net"]
    assert "TRIGGER:-PT15M" in file and "DESCRIPTION:Bring figures" in file


def test_a_date_alone_is_all_day(run, calendars: None) -> None:
    found = run("add", "Home", "--title", "Trip", "--start", "2027-02-01", "--duration", "2d", "--json").json
    assert (found["all_day"], found["start"], found["end"]) == (True, "2027-02-01", "2027-02-03")


def test_a_time_with_an_offset_is_that_instant(run, calendars: None) -> None:
    found = run("add", "Home", "--title", "Call", "--start", "2027-02-01T09:00-05:00", "--json").json
    assert found["start"] == "2027-02-01T15:00:00+01:00"


def test_one_line_is_enough(run, calendars: None) -> None:
    found = run("add", "Home", "--quick", "lunch with Bruno 2027-02-01 12:30-13:30 @ canteen", "--json").json
    assert (found["title"], found["start"][11:16], found["place"]) == ("lunch with Bruno", "12:30", "canteen")


@pytest.mark.parametrize(
    "wrong",
    [
        ("--start", "2027-02-01T09:00"),
        ("--title", "X"),
        ("--title", "X", "--start", "soon"),
        ("--title", "X", "--start", "2027-02-01T09:00", "--end", "2027-02-01T08:00"),
        ("--title", "X", "--start", "2027-02-01T09:00", "--end", "2027-02-01T10:00", "--duration", "1h"),
        ("--title", "X", "--start", "2027-02-01T09:00", "--repeat", "FREQ=NEVER"),
        ("--title", "X", "--start", "2027-02-01T09:00", "--status", "asleep"),
        ("--title", "X", "--start", "2027-02-01T09:00", "--time-zone", "Europe/Nowhere"),
        ("--title", "X", "--start", "2027-02-01", "--duration", "90m"),
        ("--quick", "lunch"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage_and_changes_nothing(run, calendars: None, wrong: tuple[str, ...]) -> None:
    assert (run("add", "Home", *wrong).code, agenda(run)) == (2, [])


def test_edit_changes_what_is_named_and_nothing_else(run, lunch: dict[str, object]) -> None:
    found = run("edit", lunch["id"], "--place", "Canteen", "--status", "tentative", "--json").json
    assert {**lunch, "place": "Canteen", "status": "tentative"} == found


def test_edit_can_move_an_event(run, lunch: dict[str, object]) -> None:
    found = run("edit", lunch["id"], "--start", "2027-02-02T18:00", "--json").json
    assert (found["start"], found["end"]) == ("2027-02-02T18:00:00+01:00", "2027-02-02T19:00:00+01:00")


def test_edit_can_change_the_length_alone(run, lunch: dict[str, object]) -> None:
    assert run("edit", lunch["id"], "--duration", "30m", "--json").json["end"] == "2027-02-01T12:30:00+01:00"


def test_edit_can_make_it_all_day(run, lunch: dict[str, object]) -> None:
    found = run("edit", lunch["id"], "--all-day", "--json").json
    assert (found["start"], found["end"]) == ("2027-02-01", "2027-02-02")


def test_edit_without_anything_to_change_is_wrong_usage(run, lunch: dict[str, object]) -> None:
    assert run("edit", lunch["id"]).code == 2


@pytest.mark.parametrize("command", [("edit", "--title", "X"), ("delete",), ("copy", "Work"), ("move", "Work")])
def test_a_series_needs_a_scope(run, series: list[dict[str, object]], command: tuple[str, ...]) -> None:
    name, *rest = command
    answer = run(name, series[2]["id"], *rest)
    assert answer.code == 2 and "hint: Say --only" in answer.err and agenda(run) == series


@pytest.mark.parametrize(
    ("scope", "titles"),
    [
        ("--only", ["Standup", "Standup", "Review", "Standup", "Standup"]),
        ("--following", ["Standup", "Standup", "Review", "Review", "Review"]),
        ("--all", ["Review"] * 5),
    ],
)
def test_edit_changes_the_instances_that_are_meant(
    run, series: list[dict[str, object]], scope: str, titles: list[str]
) -> None:
    run("edit", series[2]["id"], "--title", "Review", scope)
    assert [one["title"] for one in agenda(run)] == titles


def test_two_scopes_at_once_are_wrong_usage(run, series: list[dict[str, object]]) -> None:
    assert run("delete", series[2]["id"], "--only", "--following").code == 2


@pytest.mark.parametrize(("scope", "left"), [("--only", ["01", "02", "04", "05"]), ("--following", ["01", "02"])])
def test_delete_takes_the_instances_that_are_meant(
    run, series: list[dict[str, object]], scope: str, left: list[str]
) -> None:
    run("delete", series[2]["id"], scope)
    assert [start[:2] for start in starts(run)] == left


def test_deleting_a_whole_series_needs_consent(run, series: list[dict[str, object]]) -> None:
    answer = run("delete", series[2]["id"], "--all")
    assert (answer.code, "--yes" in answer.err, len(agenda(run))) == (1, True, 5)


def test_a_whole_series_is_deleted_with_consent(run, series: list[dict[str, object]]) -> None:
    assert (run("delete", series[2]["id"], "--all", "--yes").code, agenda(run)) == (0, [])


def test_a_copy_has_a_new_uid(run, lunch: dict[str, object]) -> None:
    found = run("copy", lunch["id"], "Work", "--json").json
    assert found["uid"] != lunch["uid"] and starts(run) == starts(run, "Work")


def test_a_move_keeps_the_uid(run, lunch: dict[str, object]) -> None:
    found = run("move", lunch["id"], "Work", "--json").json
    assert (found["uid"], found["calendar"], agenda(run)) == (lunch["uid"], "Work", [])


def test_a_move_onto_another_event_says_what_is_there(run, lunch: dict[str, object]) -> None:
    run("add", "Work", "--title", "Meeting", "--start", "2027-02-01T12:30", "--duration", "1h")
    answer = run("move", lunch["id"], "Work")
    assert (answer.code, "At the same time: “Meeting”" in answer.err) == (0, True)


def test_undo_and_redo_work_in_later_runs(run, lunch: dict[str, object]) -> None:
    run("edit", lunch["id"], "--title", "Dinner")
    run("undo")
    undone = [one["title"] for one in agenda(run)]
    run("redo")
    assert (undone, [one["title"] for one in agenda(run)]) == (["Lunch"], ["Dinner"])


def test_undo_with_nothing_done_says_so(run) -> None:
    answer = run("undo")
    assert (answer.code, answer.err) == (1, "partagenda: There is nothing to undo.\n")


def test_undo_leaves_what_somebody_else_changed_and_says_what_one_can_do(run, lunch: dict[str, object]) -> None:
    file = next((Path.home() / "data").rglob("*.ics"))
    file.write_bytes(file.read_bytes().replace(b"Lunch", b"Brunch"))
    answer = run("undo")
    assert (answer.code, "undo --mine" in answer.err, [one["title"] for one in agenda(run)]) == (1, True, ["Brunch"])


def test_the_history_lists_the_last_first(run, lunch: dict[str, object]) -> None:
    run("move", lunch["id"], "Work")
    run("undo")
    entries = run("history", "--json").json
    assert [(one["action"], one["state"], one["what"]) for one in entries] == [
        ("move", "undone", "Moved “Lunch” from Home to Work"),
        ("add", "done", "Added “Lunch” to Home"),
        ("new-calendar", "done", "Made the calendar Work"),
        ("new-calendar", "done", "Made the calendar Home"),
    ]


def test_an_id_that_is_not_there_is_refused(run, calendars: None) -> None:
    assert run("edit", "nothing", "--title", "X").code == 1


@pytest.mark.parametrize("command", ["add", "edit", "delete", "copy", "move", "undo", "redo", "history"])
def test_every_command_explains_itself(run, command: str) -> None:
    answer = run(command, "--help")
    assert answer.code == 0 and f"partagenda {command}" in answer.out
