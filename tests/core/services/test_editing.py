"""Changing calendars, over real folders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.calendar.event import BusyStatus, CalendarObject, Event
from core.calendar.event_change import EventChange, Scope
from core.calendar.span import DateRange, TimeSpan
from core.errors import Conflict, NotFound, Refused, UsageError
from core.ports.calendars import CalendarInfo, SnapshotFacts
from core.services.edit_writer import EditConflict
from core.services.editing import Choice, Editing, ScopeNeeded
from core.services.library import Library
from tests.core.services.calendars import PARIS, StillClock, calendar, event, open_library

HOUR = timedelta(hours=1)
YEAR = TimeSpan(datetime(2026, 11, 1, tzinfo=PARIS), datetime(2027, 2, 1, tzinfo=PARIS))
MONDAY = datetime(2026, 11, 23, 9, tzinfo=PARIS)


def draft(title: str = "Lunch", start: datetime | date = MONDAY, **more: object) -> Event:
    end = start + (HOUR if isinstance(start, datetime) else timedelta(days=1))
    return Event("", start, end, title, **more)  # type: ignore[arg-type]


class World(SimpleNamespace):
    """A person with two calendars."""

    library: Library
    editing: Editing
    home: CalendarInfo
    work: CalendarInfo
    base: Path

    async def listed(self, calendar: CalendarInfo | None = None) -> list[tuple[str, str]]:
        found = await self.library.entries([(calendar or self.home).id], YEAR)
        return [(f"{entry.start:%m-%d %H:%M}", entry.title) for entry in found]

    async def ids(self, calendar: CalendarInfo | None = None) -> list[str]:
        return [entry.id for entry in await self.library.entries([(calendar or self.home).id], YEAR)]

    async def bytes_of(self) -> dict[str, bytes]:
        folder = self.base / "data" / "calendars"
        return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.ics"))}

    def foreign(self, old: bytes, new: bytes, calendar: CalendarInfo | None = None) -> None:
        """Another program edits every file of a calendar."""
        folder = self.base / "data" / "calendars" / (calendar or self.home).id.partition("/")[2]
        for path in folder.glob("*.ics"):
            temporary = path.with_suffix(".new")
            temporary.write_bytes(path.read_bytes().replace(old, new))
            temporary.rename(path)

    def opened_again(self) -> Editing:
        return Editing(open_library(self.base), self.base / "data" / "history.sqlite3", StillClock())


@pytest.fixture
async def world(tmp_path: Path) -> World:
    library = open_library(tmp_path)
    home, work = await library.create("Home"), await library.create("Work")
    editing = Editing(library, tmp_path / "data" / "history.sqlite3", StillClock())
    return World(library=library, editing=editing, home=home, work=work, base=tmp_path)


@pytest.fixture
async def series(world: World) -> str:
    """A daily series of five at nine; the id of its third instance."""
    await world.editing.create(world.home.id, draft("Standup", rrule="FREQ=DAILY;COUNT=5"))
    return (await world.ids())[2]


@pytest.fixture
async def snapshot(world: World) -> CalendarInfo:
    facts = SnapshotFacts(
        DateRange(date(2026, 11, 22), date(2026, 11, 28)), datetime(2026, 11, 22, 9, tzinfo=UTC), "bruno@example.org"
    )
    return await world.library.open_snapshot(calendar(event("his", title="His lunch")), facts, "Bruno")


# create


async def test_a_new_event_is_listed_at_its_time(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    assert (made.entry.title, made.entry.start) == ("Lunch", MONDAY)  # type: ignore[union-attr]


async def test_a_new_event_gets_a_uid_of_its_own(world: World) -> None:
    uids = {(await world.editing.create(world.home.id, draft())).entry.uid for _n in range(3)}  # type: ignore[union-attr]
    assert len(uids) == 3


async def test_an_event_cannot_end_before_it_starts(world: World) -> None:
    with pytest.raises(UsageError):
        await world.editing.create(world.home.id, Event("", MONDAY, MONDAY - HOUR, "Wrong"))


async def test_a_rule_that_is_none_is_refused_before_anything_is_written(world: World) -> None:
    with pytest.raises(UsageError):
        await world.editing.create(world.home.id, draft(rrule="FREQ=SOMETIMES"))
    assert await world.bytes_of() == {}


async def test_nothing_is_added_to_a_snapshot(world: World, snapshot: CalendarInfo) -> None:
    with pytest.raises(Refused):
        await world.editing.create(snapshot.id, draft())


# change


async def test_an_event_takes_a_new_title_and_time(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    await world.editing.change(made.entry.id, EventChange(title="Dinner", start=MONDAY + 10 * HOUR))  # type: ignore[union-attr]
    assert await world.listed() == [("11-23 19:00", "Dinner")]


async def test_a_series_needs_a_scope(world: World, series: str) -> None:
    with pytest.raises(ScopeNeeded) as caught:
        await world.editing.change(series, EventChange(title="Later"))
    assert "--only" in caught.value.hint


async def test_only_this_instance_is_changed(world: World, series: str) -> None:
    await world.editing.change(series, EventChange(title="Review"), Scope.ONLY)
    assert [title for _start, title in await world.listed()] == ["Standup", "Standup", "Review", "Standup", "Standup"]


async def test_this_and_following_keep_the_past_as_it_was(world: World, series: str) -> None:
    await world.editing.change(
        series, EventChange(title="Later", start=MONDAY + timedelta(days=2, hours=1)), Scope.FOLLOWING
    )
    assert await world.listed() == [
        ("11-23 09:00", "Standup"),
        ("11-24 09:00", "Standup"),
        ("11-25 10:00", "Later"),
        ("11-26 10:00", "Later"),
        ("11-27 10:00", "Later"),
    ]


async def test_the_answer_to_a_change_of_the_rest_is_an_instance_of_the_new_series(world: World, series: str) -> None:
    edit = await world.editing.change(series, EventChange(title="Later"), Scope.FOLLOWING)
    assert (edit.entry.title, edit.entry.start.day) == ("Later", 25)  # type: ignore[union-attr]


async def test_this_and_following_are_changed_where_somebody_had_changed_the_rest_before(world: World) -> None:
    start = MONDAY + timedelta(days=1)
    rest = Event("u", start + HOUR, start + 2 * HOUR, "Later", recurrence_id=start, this_and_future=True)
    master = Event("u", MONDAY, MONDAY + HOUR, "Standup", rrule="FREQ=DAILY;COUNT=5")
    thing = CalendarObject("u", (master, rest))
    await (await world.library.store_of(world.home.id)).put(world.home.id, thing, expected_etag=None)
    third = (await world.ids())[2]
    await world.editing.change(third, EventChange(title="Review"), Scope.ONLY)
    await world.editing.change(
        third, EventChange(title="Retro", start=start + timedelta(days=1, hours=3)), Scope.FOLLOWING
    )
    assert await world.listed() == [
        ("11-23 09:00", "Standup"),
        ("11-24 10:00", "Later"),
        ("11-25 12:00", "Retro"),
        ("11-26 12:00", "Retro"),
        ("11-27 12:00", "Retro"),
    ]


async def test_all_instances_are_changed(world: World, series: str) -> None:
    await world.editing.change(series, EventChange(start=MONDAY + timedelta(days=2, hours=1)), Scope.ALL)
    assert [start for start, _title in await world.listed()] == [f"11-{day} 10:00" for day in range(23, 28)]


async def test_the_id_of_a_whole_series_is_no_instance(world: World, series: str) -> None:
    with pytest.raises(UsageError):
        await world.editing.change(series.partition("@")[0], EventChange(title="X"), Scope.ONLY)


async def test_the_id_of_a_whole_series_can_change_all(world: World, series: str) -> None:
    await world.editing.change(series.partition("@")[0], EventChange(title="X"), Scope.ALL)
    assert {title for _start, title in await world.listed()} == {"X"}


async def test_a_new_rule_tells_what_it_loses_beforehand(world: World, series: str) -> None:
    await world.editing.change(series, EventChange(title="Review"), Scope.ONLY)
    check = await world.editing.check_change(series, EventChange(rrule="FREQ=WEEKLY;COUNT=3"), Scope.ALL)
    assert len(check.lost) == 1


async def test_checking_changes_nothing(world: World, series: str) -> None:
    before = await world.bytes_of()
    await world.editing.check_change(series, EventChange(rrule="FREQ=WEEKLY;COUNT=3"), Scope.ALL)
    await world.editing.check_move(series, world.work.id, Scope.ALL)
    assert await world.bytes_of() == before


async def test_what_somebody_else_changed_while_one_was_choosing_is_not_overwritten(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    seen = (await world.library.details(made.entry.id)).stored  # type: ignore[union-attr]
    world.foreign(b"Lunch", b"Brunch")
    with pytest.raises(EditConflict) as caught:
        await world.editing.change(made.entry.id, EventChange(title="Dinner"), seen=seen)  # type: ignore[union-attr]
    assert (caught.value.theirs.object.events[0].title, caught.value.mine.events[0].title) == ("Brunch", "Dinner")  # type: ignore[union-attr]


async def test_after_such_a_conflict_both_versions_can_be_kept(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    seen = (await world.library.details(made.entry.id)).stored  # type: ignore[union-attr]
    world.foreign(b"Lunch", b"Brunch")
    with pytest.raises(EditConflict) as caught:
        await world.editing.change(made.entry.id, EventChange(title="Dinner"), seen=seen)  # type: ignore[union-attr]
    await world.editing.keep_both(world.home.id, caught.value)
    assert sorted(title for _start, title in await world.listed()) == ["Brunch", "Dinner"]


# delete


async def test_a_deleted_event_is_gone(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    await world.editing.delete(made.entry.id)  # type: ignore[union-attr]
    assert await world.bytes_of() == {}


@pytest.mark.parametrize(
    ("scope", "days"), [(Scope.ONLY, [23, 24, 26, 27]), (Scope.FOLLOWING, [23, 24]), (Scope.ALL, [])]
)
async def test_deleting_from_a_series_takes_what_is_meant(
    world: World, series: str, scope: Scope, days: list[int]
) -> None:
    await world.editing.delete(series, scope)
    assert [start for start, _title in await world.listed()] == [f"11-{day} 09:00" for day in days]


async def test_the_last_instance_takes_its_series_with_it(world: World) -> None:
    await world.editing.create(world.home.id, draft("Twice", rrule="FREQ=DAILY;COUNT=2"))
    for _n in range(2):
        await world.editing.delete((await world.ids())[0], Scope.ONLY)
    assert await world.bytes_of() == {}


async def test_deleting_from_a_snapshot_is_refused(world: World, snapshot: CalendarInfo) -> None:
    with pytest.raises(Refused):
        await world.editing.delete((await world.ids(snapshot))[0])


# copy and move


async def test_a_copy_is_an_event_of_its_own(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    copy = await world.editing.copy(made.entry.id, world.work.id)  # type: ignore[union-attr]
    assert copy.entry.uid != made.entry.uid and await world.listed(world.work) == await world.listed()  # type: ignore[union-attr]


async def test_a_duplicate_stands_beside_its_event(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    await world.editing.duplicate(made.entry.id)  # type: ignore[union-attr]
    assert await world.listed() == [("11-23 09:00", "Lunch")] * 2


async def test_a_move_keeps_the_uid(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    moved = await world.editing.move(made.entry.id, world.work.id)  # type: ignore[union-attr]
    assert (moved.entry.uid, await world.listed()) == (made.entry.uid, [])  # type: ignore[union-attr]


async def test_a_whole_series_moves_with_its_changed_instances(world: World, series: str) -> None:
    await world.editing.change(series, EventChange(title="Review"), Scope.ONLY)
    before = await world.listed()
    await world.editing.move(series, world.work.id, Scope.ALL)
    assert (await world.listed(world.work), await world.listed()) == (before, [])


async def test_one_instance_moved_becomes_an_event_of_its_own(world: World, series: str) -> None:
    moved = await world.editing.move(series, world.work.id, Scope.ONLY)
    assert not moved.entry.recurring and len(await world.listed()) == 4  # type: ignore[union-attr]


async def test_the_rest_of_a_series_can_move(world: World, series: str) -> None:
    before = await world.listed()
    await world.editing.move(series, world.work.id, Scope.FOLLOWING)
    assert (await world.listed(), await world.listed(world.work)) == (before[:2], before[2:])


async def test_a_move_from_a_snapshot_is_a_copy_and_says_so(world: World, snapshot: CalendarInfo) -> None:
    moved = await world.editing.move((await world.ids(snapshot))[0], world.home.id)
    assert "copied, not moved" in moved.notes[0] and len(await world.ids(snapshot)) == 1


async def test_it_is_known_beforehand_that_a_move_would_be_a_copy(world: World, snapshot: CalendarInfo) -> None:
    check = await world.editing.check_move((await world.ids(snapshot))[0], world.home.id)
    assert check.possible and "copied, not moved" in check.notes[0]


async def test_an_event_that_is_there_already_is_not_moved_over_it(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    stored = (await world.library.details(made.entry.id)).stored  # type: ignore[union-attr]
    await (await world.library.store_of(world.work.id)).put(world.work.id, stored.object, expected_etag=None)
    with pytest.raises(Conflict):
        await world.editing.move(made.entry.id, world.work.id)  # type: ignore[union-attr]


async def test_the_same_event_there_is_known_beforehand(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    stored = (await world.library.details(made.entry.id)).stored  # type: ignore[union-attr]
    await (await world.library.store_of(world.work.id)).put(world.work.id, stored.object, expected_etag=None)
    assert not (await world.editing.check_move(made.entry.id, world.work.id)).possible  # type: ignore[union-attr]


async def test_a_read_only_target_is_known_beforehand(world: World, snapshot: CalendarInfo) -> None:
    made = await world.editing.create(world.home.id, draft())
    assert not (await world.editing.check_copy(made.entry.id, snapshot.id)).possible  # type: ignore[union-attr]


async def test_events_at_the_same_time_are_known_beforehand(world: World) -> None:
    await world.editing.create(world.work.id, draft("Meeting", MONDAY + timedelta(minutes=30)))
    await world.editing.create(world.work.id, draft("Free", MONDAY, status=BusyStatus.FREE))
    made = await world.editing.create(world.home.id, draft())
    check = await world.editing.check_move(made.entry.id, world.work.id)  # type: ignore[union-attr]
    assert [entry.title for entry in check.overlaps] == ["Meeting"]


async def test_a_move_to_where_it_is_says_so(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    with pytest.raises(UsageError):
        await world.editing.move(made.entry.id, world.home.id)  # type: ignore[union-attr]


# undo and redo


async def _create(world: World) -> None:
    await world.editing.create(world.home.id, draft("New"))


async def _change(world: World) -> None:
    await world.editing.change((await world.ids())[2], EventChange(title="Later"), Scope.FOLLOWING)


async def _delete(world: World) -> None:
    await world.editing.delete((await world.ids())[2], Scope.ALL)


async def _copy(world: World) -> None:
    await world.editing.copy((await world.ids())[2], world.work.id, Scope.ALL)


async def _move_one(world: World) -> None:
    await world.editing.move((await world.ids())[2], world.work.id, Scope.ONLY)


async def _move_all(world: World) -> None:
    await world.editing.move((await world.ids())[2], world.work.id, Scope.ALL)


ACTIONS = [_create, _change, _delete, _copy, _move_one, _move_all]


@pytest.mark.parametrize("action", ACTIONS)
async def test_every_change_can_be_undone_by_a_later_run_of_the_program(
    world: World, series: str, action: Callable[[World], Awaitable[None]]
) -> None:
    before = await world.bytes_of()
    await action(world)
    await world.opened_again().undo()
    assert await world.bytes_of() == before


@pytest.mark.parametrize("action", ACTIONS)
async def test_what_was_undone_can_be_done_again(
    world: World, series: str, action: Callable[[World], Awaitable[None]]
) -> None:
    await action(world)
    after = await world.bytes_of()
    await world.editing.undo()
    await world.opened_again().redo()
    assert await world.bytes_of() == after


async def test_a_new_change_ends_what_could_be_done_again(world: World) -> None:
    await world.editing.create(world.home.id, draft("One"))
    await world.editing.undo()
    await world.editing.create(world.home.id, draft("Two"))
    with pytest.raises(NotFound):
        await world.editing.redo()


async def test_with_nothing_done_there_is_nothing_to_undo(world: World) -> None:
    with pytest.raises(NotFound):
        await world.editing.undo()


async def test_undo_never_overwrites_what_somebody_else_changed_since(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    await world.editing.change(made.entry.id, EventChange(title="Dinner"))  # type: ignore[union-attr]
    world.foreign(b"Dinner", b"Supper")
    with pytest.raises(EditConflict) as caught:
        await world.editing.undo()
    assert (await world.listed(), caught.value.mine.events[0].title) == ([("11-23 09:00", "Supper")], "Lunch")  # type: ignore[union-attr]


async def test_ones_own_earlier_version_can_be_put_over_theirs_and_theirs_comes_back_by_undo(world: World) -> None:
    made = await world.editing.create(world.home.id, draft())
    await world.editing.change(made.entry.id, EventChange(title="Dinner"))  # type: ignore[union-attr]
    world.foreign(b"Dinner", b"Supper")
    await world.editing.undo(Choice.MINE)
    mine = await world.listed()
    await world.editing.undo()
    assert (mine, await world.listed()) == ([("11-23 09:00", "Lunch")], [("11-23 09:00", "Supper")])


async def test_theirs_can_be_left_and_undo_goes_on(world: World) -> None:
    await world.editing.create(world.work.id, draft("Before"))
    await world.editing.create(world.home.id, draft())
    world.foreign(b"Lunch", b"Supper")
    await world.editing.undo(Choice.THEIRS)
    await world.editing.undo()
    assert (await world.listed(), await world.listed(world.work)) == ([("11-23 09:00", "Supper")], [])


async def test_the_history_can_be_read(world: World, series: str) -> None:
    await world.editing.move(series, world.work.id, Scope.ONLY)
    assert [entry.words for entry in await world.editing.history()] == [
        "Moved “Standup” from Home to Work",
        "Added “Standup” to Home",
    ]


async def test_the_history_is_for_its_owner_only(world: World) -> None:
    await world.editing.create(world.home.id, draft())
    modes = {path.stat().st_mode & 0o777 for path in (world.base / "data").glob("history*")}
    assert modes == {0o600}
