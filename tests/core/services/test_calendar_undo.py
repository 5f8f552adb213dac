"""Undo of everything that changes calendars as a whole: made, renamed, recoloured, deleted, restored, imported."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from core.bootstrap import Services, open_services
from core.calendar.event import Event
from core.calendar.event_change import EventChange
from core.calendar.span import WHOLE_CALENDAR, TimeSpan
from core.config.paths import Paths
from core.config.settings import load
from core.errors import Conflict, NotFound
from core.services.sources import Source
from tests.core.services.calendars import PARIS, StillClock

YEAR = TimeSpan(datetime(2026, 1, 1, tzinfo=PARIS), datetime(2027, 12, 31, tzinfo=PARIS))


def ics(*titles: str, sequence: int = 0) -> bytes:
    events = [
        f"BEGIN:VEVENT\r\nUID:{title}@example.org\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261123T090000Z\r\n"
        f"DTEND:20261123T100000Z\r\nSEQUENCE:{sequence}\r\nSUMMARY:{title} {sequence}\r\nX-OWN:kept\r\nEND:VEVENT\r\n"
        for title in titles
    ]
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{''.join(events)}END:VCALENDAR\r\n".encode()


@pytest.fixture
async def services(own_home: Path, tmp_path: Path):
    made = open_services(load(), Paths.below(tmp_path), StillClock())
    yield made
    await made.close()


async def names(services: Services) -> list[str]:
    return [info.name for info in await services.library.calendars()]


async def titles(services: Services, name: str) -> list[str]:
    info = await services.library.find(name)
    return sorted(entry.title for entry in await services.library.entries([info.id], YEAR))


async def words(services: Services) -> str:
    return (await services.editing.history())[0].words


async def test_a_new_calendar_is_undone_and_done_again_with_what_it_held(services):
    info = await services.library.create("Home")
    assert await words(services) == "Made the calendar Home"
    await services.editing.undo()
    assert await names(services) == []
    await services.editing.redo()
    assert (await services.library.find("Home")).id == info.id


async def test_a_deleted_calendar_comes_back_by_undo_with_everything_in_it(services):
    info = await services.library.create("Home", colour="#102030")
    await services.library.import_sources([Source("x", data=ics("Lunch", "Tea"))], into=info.id)
    before = sorted((await services.library.export(info.id, WHOLE_CALENDAR)).splitlines())
    await services.library.delete(info.id)
    assert await words(services) == "Deleted the calendar Home"
    await services.editing.undo()
    back = await services.library.find("Home")
    assert (back.id, back.colour) == (info.id, "#102030")
    assert sorted((await services.library.export(back.id, WHOLE_CALENDAR)).splitlines()) == before


async def test_what_was_changed_before_a_calendar_was_deleted_can_still_be_undone_after_it_came_back(services):
    info = await services.library.create("Home")
    start = datetime(2026, 11, 23, 9, tzinfo=PARIS)
    edit = await services.editing.create(info.id, Event("", start, start.replace(hour=10), "Lunch"))
    await services.editing.change(edit.entry.id, EventChange(title="Dinner"))
    await services.library.rename(info.id, "Private")
    await services.library.delete(info.id)
    for _times in range(3):
        await services.editing.undo()
    assert await titles(services, "Home") == ["Lunch"]


async def test_a_calendar_that_was_restored_is_deleted_again_by_undo(services):
    info = await services.library.create("Home")
    await services.library.delete(info.id)
    await services.library.restore("Home")
    await services.editing.undo()
    assert await names(services) == []
    await services.editing.undo()
    assert await names(services) == ["Home"]


@pytest.mark.parametrize("times", [1, 2])
async def test_another_name_and_another_colour_are_undone_and_done_again(services, times):
    info = await services.library.create("Home", colour="#102030")
    await services.library.rename(info.id, "Private")
    await services.library.recolour(info.id, "#aabbcc")
    for _time in range(times):
        await services.editing.undo()
        await services.editing.undo()
        now = await services.library.find(info.id)
        assert (now.name, now.colour) == ("Home", "#102030")
        await services.editing.redo()
        await services.editing.redo()
        now = await services.library.find(info.id)
        assert (now.name, now.colour) == ("Private", "#aabbcc")


async def test_the_same_name_again_is_nothing_to_undo(services):
    info = await services.library.create("Home")
    await services.library.rename(info.id, "Home")
    assert await words(services) == "Made the calendar Home"


async def test_an_import_as_a_new_calendar_is_undone(services):
    await services.library.import_sources([Source("team", data=ics("Lunch"))], name="Team")
    await services.editing.undo()
    assert await names(services) == []
    await services.editing.redo()
    assert await titles(services, "Team") == ["Lunch 0"]


async def test_an_import_into_a_calendar_is_undone_event_by_event(services, tmp_path):
    info = await services.library.create("Home")
    await services.library.import_sources([Source("one", data=ics("Lunch", "Tea"))], into=info.id)
    before = {path.name: path.read_bytes() for path in tmp_path.rglob("*.ics")}
    await services.library.import_sources([Source("two", data=ics("Tea", "Walk", sequence=1))], into=info.id)
    assert await titles(services, "Home") == ["Lunch 0", "Tea 1", "Walk 1"]
    await services.editing.undo()
    assert await titles(services, "Home") == ["Lunch 0", "Tea 0"]
    after = {path.name: path.read_bytes() for path in tmp_path.rglob("*.ics")}
    assert before.keys() == after.keys() and all(b"X-OWN:kept" in data for data in after.values())
    await services.editing.redo()
    assert await titles(services, "Home") == ["Lunch 0", "Tea 1", "Walk 1"]


async def test_an_import_that_changed_nothing_is_nothing_to_undo(services):
    info = await services.library.create("Home")
    for _time in range(2):
        await services.library.import_sources([Source("one", data=ics("Lunch"))], into=info.id)
    await services.editing.undo()
    assert await titles(services, "Home") == []


async def test_undo_is_still_there_after_a_restart(services, tmp_path):
    info = await services.library.create("Home")
    await services.library.delete(info.id)
    again = open_services(load(), Paths.below(tmp_path), StillClock())
    await again.editing.undo()
    assert await names(again) == ["Home"]
    await again.close()


async def test_a_name_that_somebody_else_gave_meanwhile_stays_and_undo_goes_on(services, tmp_path):
    info = await services.library.create("Home")
    await services.library.rename(info.id, "Private")
    (file,) = tmp_path.rglob("displayname")
    file.write_text("Theirs\n")
    await services.library.refresh()
    with pytest.raises(Conflict, match="was changed since"):
        await services.editing.undo()
    assert await names(services) == ["Theirs"]


async def test_an_emptied_trash_is_said_and_nothing_is_half_done(services, tmp_path):
    import shutil

    info = await services.library.create("Home")
    await services.library.delete(info.id)
    shutil.rmtree(tmp_path / "data" / "partagenda" / "deleted")
    with pytest.raises(NotFound, match="not there any more"):
        await services.editing.undo()
