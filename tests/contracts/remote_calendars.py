"""What every RemoteCalendars promises. A backend's test module subclasses this and gives `remote` and `calendar`.

`remote` speaks with a real server of its kind; `calendar` is the id of a calendar there that is empty and writable.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import Alarm, BusyStatus, CalendarObject, Event, Sensitivity
from core.calendar.span import TimeSpan
from core.errors import Conflict, NotFound
from core.ports.servers import RemoteCalendars, RemoteItem

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 23, 12, tzinfo=PARIS)
DAY = TimeSpan(datetime(2026, 11, 23, tzinfo=PARIS), datetime(2026, 11, 24, tzinfo=PARIS))


def lunch(uid: str = "lunch@example.org", title: str = "Lunch with Bruno", **changes: object) -> CalendarObject:
    """One hour at noon on 23 November 2026 in Paris."""
    event = Event(uid=uid, start=NOON, end=NOON + timedelta(hours=1), title=title)
    return CalendarObject(uid, (replace(event, **changes),))


def series(**changes: object) -> CalendarObject:
    """Five days at noon."""
    return lunch("series@example.org", "Stand-up", rrule="FREQ=DAILY;COUNT=5", **changes)


async def everything(remote: RemoteCalendars, calendar: str) -> tuple[dict[str, str], str]:
    """Etags by id, and the token after them."""
    found: dict[str, str] = {}
    token = ""
    while True:
        page = await remote.changes(calendar, token)
        found |= {ref.id: ref.etag for ref in page.changed}
        for gone in page.gone:
            found.pop(gone, None)
        token = page.token
        if not page.more:
            return found, token


async def only(remote: RemoteCalendars, calendar: str, identity: str) -> RemoteItem:
    """The object of that id."""
    (item,) = await remote.fetch(calendar, [identity])
    return item


class RemoteCalendarsContract:
    """The promises of `core.ports.RemoteCalendars`, each a test."""

    async def test_checking_says_whose_mailbox_it_is(self, remote: RemoteCalendars):
        report = await remote.check()
        assert report.mailbox == "alice@example.org"
        assert report.server and report.server in report.text

    async def test_the_default_calendar_comes_first_and_can_be_written(self, remote: RemoteCalendars):
        first = (await remote.calendars())[0]
        assert (first.default, first.can.write, first.owner) == (True, True, "")

    async def test_a_new_calendar_is_listed_renamed_and_deleted(self, remote: RemoteCalendars):
        made = await remote.create_calendar("Travel")
        await remote.rename_calendar(made.id, "Réunions")
        assert [one.name for one in await remote.calendars() if one.id == made.id] == ["Réunions"]
        await remote.delete_calendar(made.id)
        assert made.id not in [one.id for one in await remote.calendars()]

    async def test_what_is_created_is_fetched_as_it_was(self, remote: RemoteCalendars, calendar: str):
        thing = lunch(
            place="Café Zürich",
            description="Bring\nthe figures",
            status=BusyStatus.OUT_OF_OFFICE,
            sensitivity=Sensitivity.PRIVATE,
            categories=("Red", "Blue"),
            alarms=(Alarm(timedelta(minutes=-30), description="Lunch with Bruno"),),
        )
        ref = await remote.create(calendar, thing, "key-1")
        event = (await only(remote, calendar, ref.id)).object.events[0]
        wanted = thing.events[0]
        names = ("uid", "start", "end", "title", "place", "description", "status", "sensitivity")
        assert {n: getattr(event, n) for n in names} == {n: getattr(wanted, n) for n in names}
        assert sorted(event.categories) == ["Blue", "Red"]
        assert [alarm.trigger for alarm in event.alarms] == [timedelta(minutes=-30)]

    async def test_a_time_keeps_its_zone(self, remote: RemoteCalendars, calendar: str):
        tokyo = ZoneInfo("Asia/Tokyo")
        start = datetime(2026, 11, 23, 9, tzinfo=tokyo)
        ref = await remote.create(calendar, lunch(start=start, end=start + timedelta(hours=1)), "key-1")
        event = (await only(remote, calendar, ref.id)).object.events[0]
        assert event.start == start
        assert event.start.utcoffset() == timedelta(hours=9)  # type: ignore[union-attr]

    async def test_days_stay_days(self, remote: RemoteCalendars, calendar: str):
        thing = lunch(start=date(2026, 11, 23), end=date(2026, 11, 25))
        ref = await remote.create(calendar, thing, "key-1")
        event = (await only(remote, calendar, ref.id)).object.events[0]
        assert (event.start, event.end) == (date(2026, 11, 23), date(2026, 11, 25))

    async def test_what_was_created_is_found_by_its_key(self, remote: RemoteCalendars, calendar: str):
        ref = await remote.create(calendar, lunch(), "key-1")
        found = await remote.find(calendar, "key-1")
        assert found is not None
        assert (found.ref.id, found.key, found.unfinished) == (ref.id, "key-1", False)

    async def test_a_key_that_never_arrived_is_not_found(self, remote: RemoteCalendars, calendar: str):
        await remote.create(calendar, lunch(), "key-1")
        assert await remote.find(calendar, "key-2") is None

    async def test_the_version_that_a_write_tells_is_the_one_that_is_fetched(
        self, remote: RemoteCalendars, calendar: str
    ):
        ref = await remote.create(calendar, lunch(), "key-1")
        assert (await only(remote, calendar, ref.id)).ref == ref
        new = await remote.update(calendar, ref, lunch(), lunch(title="Dinner"), "key-2")
        assert (await only(remote, calendar, ref.id)).ref == new
        assert new.etag != ref.etag

    async def test_a_change_leaves_its_key(self, remote: RemoteCalendars, calendar: str):
        ref = await remote.create(calendar, lunch(), "key-1")
        await remote.update(calendar, ref, lunch(), lunch(title="Dinner"), "key-2")
        item = await only(remote, calendar, ref.id)
        assert (item.object.events[0].title, item.key, item.unfinished) == ("Dinner", "key-2", False)

    async def test_an_old_version_changes_nothing(self, remote: RemoteCalendars, calendar: str):
        old = await remote.create(calendar, lunch(), "key-1")
        await remote.update(calendar, old, lunch(), lunch(title="Second"), "key-2")
        with pytest.raises(Conflict):
            await remote.update(calendar, old, lunch(), lunch(title="Third"), "key-3")
        assert (await only(remote, calendar, old.id)).object.events[0].title == "Second"

    async def test_an_old_version_deletes_nothing(self, remote: RemoteCalendars, calendar: str):
        old = await remote.create(calendar, lunch(), "key-1")
        await remote.update(calendar, old, lunch(), lunch(title="Second"), "key-2")
        with pytest.raises(Conflict):
            await remote.delete(calendar, old)
        assert len(await remote.fetch(calendar, [old.id])) == 1

    async def test_what_was_deleted_is_not_fetched_and_not_deleted_again(self, remote: RemoteCalendars, calendar: str):
        ref = await remote.create(calendar, lunch(), "key-1")
        await remote.delete(calendar, ref)
        assert list(await remote.fetch(calendar, [ref.id])) == []
        with pytest.raises(NotFound):
            await remote.delete(calendar, ref)

    async def test_text_that_was_taken_out_is_gone(self, remote: RemoteCalendars, calendar: str):
        full = lunch(place="Room 4", description="Notes")
        ref = await remote.create(calendar, full, "key-1")
        await remote.update(calendar, ref, full, lunch(), "key-2")
        event = (await only(remote, calendar, ref.id)).object.events[0]
        assert (event.place, event.description) == ("", "")

    async def test_changes_begin_with_everything_and_go_on_with_what_is_new(
        self, remote: RemoteCalendars, calendar: str
    ):
        first = await remote.create(calendar, lunch(), "key-1")
        second = await remote.create(calendar, lunch("two@example.org"), "key-2")
        all_of_it, token = await everything(remote, calendar)
        assert set(all_of_it) == {first.id, second.id}
        changed = await remote.update(calendar, first, lunch(), lunch(title="Dinner"), "key-3")
        await remote.delete(calendar, second)
        page = await remote.changes(calendar, token)
        assert {ref.id: ref.etag for ref in page.changed} == {first.id: changed.etag}
        assert page.gone == (second.id,)

    async def test_nothing_new_is_an_empty_page(self, remote: RemoteCalendars, calendar: str):
        await remote.create(calendar, lunch(), "key-1")
        _found, token = await everything(remote, calendar)
        page = await remote.changes(calendar, token)
        assert (page.changed, page.gone, page.more) == ((), (), False)

    async def test_a_window_holds_what_touches_it(self, remote: RemoteCalendars, calendar: str):
        await remote.create(calendar, lunch(), "key-1")
        later = lunch("later@example.org", start=DAY.end, end=DAY.end + timedelta(hours=1))
        await remote.create(calendar, later, "key-2")
        assert [item.object.uid for item in await remote.window(calendar, DAY)] == ["lunch@example.org"]

    async def test_a_series_is_in_a_window_once_and_whole(self, remote: RemoteCalendars, calendar: str):
        await remote.create(calendar, series(), "key-1")
        week = TimeSpan(DAY.start, DAY.start + timedelta(days=7))
        (item,) = await remote.window(calendar, week)
        assert "COUNT=5" in item.object.events[0].rrule
        assert (await only(remote, calendar, item.ref.id)).ref == item.ref

    async def test_a_series_comes_back_with_what_differs_and_what_is_gone(self, remote: RemoteCalendars, calendar: str):
        master = replace(series().events[0], exdates=(NOON + timedelta(days=1),))
        moved = Event(
            uid=master.uid,
            start=NOON + timedelta(days=2, hours=2),
            end=NOON + timedelta(days=2, hours=3),
            title="Stand-up, later",
            recurrence_id=NOON + timedelta(days=2),
        )
        thing = CalendarObject(master.uid, (master, moved))
        ref = await remote.create(calendar, thing, "key-1")
        item = await only(remote, calendar, ref.id)
        assert item.ref == ref
        assert item.object.events[0].exdates == master.exdates
        (override,) = item.object.overrides
        assert (override.recurrence_id, override.start, override.title) == (
            moved.recurrence_id,
            moved.start,
            "Stand-up, later",
        )

    async def test_one_instance_is_changed_and_another_deleted(self, remote: RemoteCalendars, calendar: str):
        thing = series()
        ref = await remote.create(calendar, thing, "key-1")
        rid = NOON + timedelta(days=3)
        override = replace(thing.events[0], rrule="", recurrence_id=rid, start=rid, end=rid + timedelta(hours=2))
        after = CalendarObject(thing.uid, (replace(thing.events[0], exdates=(NOON,)), override))
        await remote.update(calendar, ref, thing, after, "key-2")
        item = await only(remote, calendar, ref.id)
        assert (item.key, item.unfinished) == ("key-2", False)
        assert item.object.events[0].exdates == (NOON,)
        assert [one.end - one.start for one in item.object.overrides] == [timedelta(hours=2)]  # type: ignore[operator]

    async def test_an_instance_that_was_deleted_can_come_back(self, remote: RemoteCalendars, calendar: str):
        thing = series()
        without = CalendarObject(thing.uid, (replace(thing.events[0], exdates=(NOON,)),))
        ref = await remote.create(calendar, without, "key-1")
        new = await remote.update(calendar, ref, without, thing, "key-2")
        found, _token = await everything(remote, calendar)
        assert set(found) == {new.id}
        assert (await only(remote, calendar, new.id)).object.events[0].exdates == ()

    async def test_a_series_that_moves_keeps_what_differs(self, remote: RemoteCalendars, calendar: str):
        thing = series()
        rid = NOON + timedelta(days=1)
        special = replace(
            thing.events[0], rrule="", recurrence_id=rid, start=rid, end=rid + timedelta(hours=1), title="Special"
        )
        before = CalendarObject(thing.uid, (thing.events[0], special))
        ref = await remote.create(calendar, before, "key-1")
        hour = timedelta(hours=1)
        master = replace(thing.events[0], start=NOON + hour, end=NOON + 2 * hour)
        moved = replace(special, recurrence_id=rid + hour, start=rid + hour, end=rid + 2 * hour)
        await remote.update(calendar, ref, before, CalendarObject(thing.uid, (master, moved)), "key-2")
        item = await only(remote, calendar, ref.id)
        assert item.object.events[0].start == NOON + hour
        assert [(one.title, one.start) for one in item.object.overrides] == [("Special", rid + hour)]

    async def test_an_unknown_calendar_is_not_found(self, remote: RemoteCalendars, calendar: str):
        gone = await remote.create_calendar("Gone")
        await remote.delete_calendar(gone.id)
        with pytest.raises(NotFound):
            await remote.changes(gone.id, "")

    async def test_nobody_of_that_address_is_not_found(self, remote: RemoteCalendars):
        with pytest.raises(NotFound):
            await remote.open_shared("nobody@example.org")

    async def test_closing_lets_it_be_used_again(self, remote: RemoteCalendars, calendar: str):
        await remote.close()
        ref = await remote.create(calendar, lunch(), "key-1")
        assert ref.id


__all__ = ["DAY", "NOON", "PARIS", "UTC", "RemoteCalendarsContract", "everything", "lunch", "only", "series"]
