"""What every CalendarStore promises. A backend's test module subclasses this and gives a `store` and an `event`.

The calendar named by the fixture `calendar` must be empty, and writable where the store can be written.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.calendar.event import CalendarObject, Event
from core.calendar.span import DateRange, TimeSpan
from core.errors import Conflict, NotFound
from core.ports.calendars import CalendarStore

PARIS = ZoneInfo("Europe/Paris")
DAY = TimeSpan(datetime(2026, 11, 23, tzinfo=PARIS), datetime(2026, 11, 24, tzinfo=PARIS))


def make_event(uid: str = "lunch@example.org", title: str = "Lunch with Bruno", **changes: object) -> CalendarObject:
    """One hour at noon on 23 November 2026 in Paris."""
    event = Event(
        uid=uid,
        start=datetime(2026, 11, 23, 12, tzinfo=PARIS),
        end=datetime(2026, 11, 23, 13, tzinfo=PARIS),
        title=title,
        stamp=datetime(2026, 11, 1, tzinfo=UTC),
    )
    return CalendarObject(uid, (replace(event, **changes),))


class CalendarStoreContract:
    """The promises of `core.ports.CalendarStore`, each a test."""

    async def test_a_new_calendar_is_listed_under_its_name(self, store: CalendarStore) -> None:
        made = await store.create("Travel")
        assert [info.name for info in await store.calendars() if info.id == made.id] == ["Travel"]

    async def test_ids_name_the_account_first(self, store: CalendarStore, calendar: str) -> None:
        assert calendar.startswith(f"{store.account}/")

    async def test_what_was_put_is_got_back_whole(self, store: CalendarStore, calendar: str) -> None:
        thing = make_event(place="Room 4", description="Bring\nthe figures; all, please")
        await store.put(calendar, thing, expected_etag=None)
        event = (await store.get(calendar, thing.uid)).object.events[0]
        assert (event.title, event.place, event.description) == (
            "Lunch with Bruno",
            "Room 4",
            "Bring\nthe figures; all, please",
        )

    async def test_put_tells_the_etag_that_get_tells(self, store: CalendarStore, calendar: str) -> None:
        etag = await store.put(calendar, make_event(), expected_etag=None)
        assert (await store.get(calendar, "lunch@example.org")).etag == etag

    async def test_a_change_gets_another_etag(self, store: CalendarStore, calendar: str) -> None:
        first = await store.put(calendar, make_event(), expected_etag=None)
        assert await store.put(calendar, make_event(title="Dinner"), expected_etag=first) != first

    async def test_a_new_event_never_replaces_one_that_is_there(self, store: CalendarStore, calendar: str) -> None:
        await store.put(calendar, make_event(), expected_etag=None)
        with pytest.raises(Conflict):
            await store.put(calendar, make_event(title="Other"), expected_etag=None)
        assert (await store.get(calendar, "lunch@example.org")).object.events[0].title == "Lunch with Bruno"

    async def test_an_old_etag_changes_nothing(self, store: CalendarStore, calendar: str) -> None:
        old = await store.put(calendar, make_event(), expected_etag=None)
        await store.put(calendar, make_event(title="Second"), expected_etag=old)
        with pytest.raises(Conflict):
            await store.put(calendar, make_event(title="Third"), expected_etag=old)
        assert (await store.get(calendar, "lunch@example.org")).object.events[0].title == "Second"

    async def test_a_deleted_event_is_gone_from_every_reading(self, store: CalendarStore, calendar: str) -> None:
        etag = await store.put(calendar, make_event(), expected_etag=None)
        await store.delete(calendar, "lunch@example.org", expected_etag=etag)
        assert list(await store.entries([calendar], DAY, PARIS)) == []
        with pytest.raises(NotFound):
            await store.get(calendar, "lunch@example.org")

    async def test_an_event_that_changed_since_is_not_deleted(self, store: CalendarStore, calendar: str) -> None:
        old = await store.put(calendar, make_event(), expected_etag=None)
        await store.put(calendar, make_event(title="Second"), expected_etag=old)
        with pytest.raises(Conflict):
            await store.delete(calendar, "lunch@example.org", expected_etag=old)

    async def test_entries_are_those_that_touch_the_span(self, store: CalendarStore, calendar: str) -> None:
        await store.put(calendar, make_event(), expected_etag=None)
        await store.put(
            calendar,
            make_event("later@example.org", start=DAY.end, end=DAY.end + timedelta(hours=1)),
            expected_etag=None,
        )
        await store.put(
            calendar,
            make_event("into@example.org", start=DAY.start - timedelta(hours=1), end=DAY.start + timedelta(minutes=1)),
            expected_etag=None,
        )
        uids = [entry.uid for entry in await store.entries([calendar], DAY, PARIS)]
        assert uids == ["into@example.org", "lunch@example.org"]

    async def test_the_days_of_a_range_on_which_something_is_are_told(
        self, store: CalendarStore, calendar: str
    ) -> None:
        evening = datetime(2026, 11, 25, 22, tzinfo=PARIS)
        weekly = make_event("weekly@example.org", rrule="FREQ=WEEKLY;COUNT=2")
        whole = make_event("whole@example.org", start=date(2026, 11, 27), end=date(2026, 11, 29))
        late = make_event("late@example.org", start=evening, end=evening + timedelta(hours=2))
        for thing in (weekly, whole, late):
            await store.put(calendar, thing, expected_etag=None)
        days = DateRange(date(2026, 11, 22), date(2026, 12, 1))
        assert {day.day for day in await store.touched([calendar], days, PARIS)} == {23, 25, 27, 28, 30}
        far = DateRange(date(2071, 11, 1), date(2071, 11, 30))
        assert await store.touched([calendar], far, PARIS) == frozenset()
        load = (await store.load([calendar], days, PARIS)).result()
        assert {day.day: tuple(one) for day, one in load.items()} == {
            23: (60, False, 1), 25: (120, False, 1), 27: (0, True, 1), 28: (0, True, 1), 30: (60, False, 1),
        }  # fmt: skip

    async def test_the_days_of_a_series_are_told_far_from_today_too(self, store: CalendarStore, calendar: str) -> None:
        await store.put(calendar, make_event(rrule="FREQ=YEARLY"), expected_etag=None)
        far = DateRange(date(2071, 11, 1), date(2071, 11, 30))
        assert await store.touched([calendar], far, PARIS) == {date(2071, 11, 23)}

    async def test_times_come_in_the_zone_that_was_asked_for(self, store: CalendarStore, calendar: str) -> None:
        await store.put(calendar, make_event(), expected_etag=None)
        entry = (await store.entries([calendar], DAY, ZoneInfo("America/New_York")))[0]
        assert isinstance(entry.start, datetime)
        assert (entry.start.hour, entry.time_zone) == (6, "Europe/Paris")

    async def test_all_day_events_keep_their_days_in_every_zone(self, store: CalendarStore, calendar: str) -> None:
        thing = make_event(start=date(2026, 11, 23), end=date(2026, 11, 24))
        await store.put(calendar, thing, expected_etag=None)
        auckland = ZoneInfo("Pacific/Auckland")
        day = TimeSpan(datetime(2026, 11, 23, tzinfo=auckland), datetime(2026, 11, 24, tzinfo=auckland))
        entry = (await store.entries([calendar], day, auckland))[0]
        assert (entry.start, entry.end, entry.all_day) == (date(2026, 11, 23), date(2026, 11, 24), True)

    async def test_a_series_is_seen_far_from_today_too(self, store: CalendarStore, calendar: str) -> None:
        await store.put(calendar, make_event(rrule="FREQ=YEARLY"), expected_etag=None)
        far = TimeSpan(datetime(2071, 11, 23, tzinfo=PARIS), datetime(2071, 11, 24, tzinfo=PARIS))
        entries = await store.entries([calendar], far, PARIS)
        assert [entry.start for entry in entries] == [datetime(2071, 11, 23, 12, tzinfo=PARIS)]

    async def test_instances_of_a_series_have_ids_that_stay(self, store: CalendarStore, calendar: str) -> None:
        await store.put(calendar, make_event(rrule="FREQ=DAILY;COUNT=3"), expected_etag=None)
        week = TimeSpan(DAY.start, DAY.start + timedelta(days=7))
        first = [entry.id for entry in await store.entries([calendar], week, PARIS)]
        await store.refresh()
        assert len(set(first)) == 3
        assert [entry.id for entry in await store.entries([calendar], week, PARIS)] == first

    async def test_search_finds_titles_places_people_and_notes(self, store: CalendarStore, calendar: str) -> None:
        await store.put(calendar, make_event(place="Café Zürich", description="the quokka report"), expected_etag=None)
        for words in (["lunch"], ["zurich"], ["quokka", "Bruno"]):
            assert [entry.uid for entry in await store.search(words, [calendar], PARIS)] == ["lunch@example.org"]

    async def test_search_wants_every_word(self, store: CalendarStore, calendar: str) -> None:
        await store.put(calendar, make_event(), expected_etag=None)
        assert list(await store.search(["lunch", "wombat"], [calendar], PARIS)) == []

    async def test_objects_with_a_span_are_those_that_have_an_occurrence_in_it(
        self, store: CalendarStore, calendar: str
    ) -> None:
        await store.put(calendar, make_event(), expected_etag=None)
        await store.put(calendar, make_event("next@example.org", start=DAY.end, end=DAY.end), expected_etag=None)
        assert [stored.object.uid for stored in await store.objects(calendar, DAY)] == ["lunch@example.org"]
        assert len(await store.objects(calendar)) == 2

    async def test_another_name_and_colour_are_kept(self, store: CalendarStore, calendar: str) -> None:
        await store.update(calendar, name="Réunions", colour="#3366cc")
        info = next(info for info in await store.calendars() if info.id == calendar)
        assert (info.name, info.colour) == ("Réunions", "#3366cc")

    async def test_a_removed_calendar_is_not_listed(self, store: CalendarStore, calendar: str) -> None:
        await store.remove(calendar)
        assert calendar not in [info.id for info in await store.calendars()]

    async def test_an_unknown_calendar_is_not_found(self, store: CalendarStore) -> None:
        with pytest.raises(NotFound):
            await store.entries([f"{store.account}/nowhere"], DAY, PARIS)

    async def test_an_unknown_event_is_not_found(self, store: CalendarStore, calendar: str) -> None:
        with pytest.raises(NotFound):
            await store.get(calendar, "nobody@example.org")
