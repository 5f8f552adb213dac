"""Calendars and events of Microsoft 365: what survives the way there and back, and what is refused beforehand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.calendar.event import (
    TOLD_BY_SERVER,
    Alarm,
    Attachment,
    Attendee,
    BusyStatus,
    CalendarObject,
    Event,
    EventState,
    Sensitivity,
)
from core.calendar.span import TimeSpan
from core.errors import Conflict, NotFound, Refused
from core.sandbox.people import ALICE, BRUNO
from tests.contracts.calendar_store import make_event
from tests.core.backends.graph.conftest import PARIS, Account
from tests.graph_world import GraphWorld

WEEK = TimeSpan(datetime(2026, 11, 23, tzinfo=PARIS), datetime(2026, 11, 30, tzinfo=PARIS))


def series(**changes) -> CalendarObject:
    return make_event("team@example.org", "Team", rrule="FREQ=DAILY;COUNT=10", **changes)


def moved(thing: CalendarObject, day: int, **changes) -> CalendarObject:
    """The instance of that day of November is another one."""
    master = thing.events[0]
    place = datetime(2026, 11, day, 12, tzinfo=PARIS)
    own = replace(master, rrule="", exdates=(), recurrence_id=place, start=place, end=place + timedelta(hours=1))
    return CalendarObject(thing.uid, (*thing.events, replace(own, **changes)))


def without(thing: CalendarObject, *days: int) -> CalendarObject:
    gone = tuple(datetime(2026, 11, day, 12, tzinfo=PARIS) for day in days)
    return CalendarObject(thing.uid, (replace(thing.events[0], exdates=gone), *thing.events[1:]))


async def there(account: Account, calendar: str, thing: CalendarObject) -> CalendarObject:
    """The object after the way there and back."""
    ref = await account.calendars.create(calendar, thing, "key-1")
    (item,) = await account.calendars.fetch(calendar, [ref.id])
    assert item.ref == ref
    assert (item.key, item.unfinished, item.problems) == ("key-1", False, ())
    return item.object


def told(event: Event) -> Event:
    """What is compared: all but what the server stamps."""
    return replace(event, stamp=None, created=None, modified=None)


@pytest.mark.parametrize("status", list(BusyStatus))
async def test_every_status_comes_back(account: Account, default: str, status: BusyStatus):
    assert (await there(account, default, make_event(status=status))).events[0].status is status


@pytest.mark.parametrize("sensitivity", [None, *Sensitivity])
async def test_every_sensitivity_comes_back(account: Account, default: str, sensitivity):
    assert (await there(account, default, make_event(sensitivity=sensitivity))).events[0].sensitivity is sensitivity


@pytest.mark.parametrize(
    "changes",
    [
        {"place": "Café Zürich", "description": "Bring\n\nthe figures; all, please", "categories": ("Red", "Blue")},
        {"start": date(2026, 11, 23), "end": date(2026, 11, 25)},
        {"start": datetime(2026, 11, 23, 9), "end": datetime(2026, 11, 23, 10)},
        {"url": "https://example.org/", "priority": 3, "importance": 2, "sequence": 4},
        {"state": EventState.TENTATIVE, "extra": ("X-OTHER:kept",)},
        {"alarms": (Alarm(-timedelta(minutes=10)),)},
        {"alarms": (Alarm(-timedelta(minutes=10)), Alarm(-timedelta(days=1), "DISPLAY", "Pack"))},
        {"attendees": (Attendee("bruno@example.org", "Bruno"),), "organizer": Attendee("alice@example.org", "Alice")},
        {"attachments": (Attachment("plan.txt", "text/plain", b"the plan"),)},
        {"attachments": (Attachment("there", url="https://example.org/plan"),)},
    ],
)
async def test_what_an_event_says_comes_back(account: Account, default: str, changes):
    thing = make_event(**changes)
    assert told((await there(account, default, thing)).events[0]) == told(replace(thing.events[0], **_plain(changes)))


def _plain(changes):
    """A link's media type is not kept."""
    return {}


@pytest.mark.parametrize("zone", ["Europe/Paris", "Europe/Brussels", "America/New_York", "Asia/Kolkata", "UTC"])
async def test_an_event_stays_in_its_zone(account: Account, default: str, zone: str):
    from zoneinfo import ZoneInfo

    start = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo(zone) if zone != "UTC" else UTC)
    event = (await there(account, default, make_event(start=start, end=start + timedelta(hours=1)))).events[0]
    assert (event.start, str(event.start.tzinfo)) == (start, zone)


async def test_nobody_is_invited_by_storing_an_event_with_people(account: Account, default: str, world: GraphWorld):
    await there(account, default, make_event(attendees=(Attendee(BRUNO.address, "Bruno"),)))
    assert world.mail(BRUNO) == []


async def test_people_who_were_invited_by_microsoft_are_told_by_it_and_not_by_us_too(
    account: Account, default: str, world: GraphWorld
):
    people = [{"type": "required", "emailAddress": {"name": "Bruno", "address": BRUNO.address}}]
    times = {name: {"dateTime": f"2026-11-23T{hour}:00:00", "timeZone": "UTC"} for name, hour in
             (("start", 11), ("end", 12))}  # fmt: skip
    made = world.client().post("/me/events", json={"subject": "Plan", "attendees": people, **times}).json()
    (item,) = await account.calendars.fetch(default, [made["id"]])
    assert TOLD_BY_SERVER in item.object.events[0].extra
    assert [one.address for one in item.object.events[0].attendees] == [BRUNO.address]
    later = replace(item.object.events[0], title="Plan, later")
    await account.calendars.update(default, item.ref, item.object, CalendarObject(later.uid, (later,)), "k")
    (again,) = await account.calendars.fetch(default, [made["id"]])
    assert again.object.events[0].extra == (TOLD_BY_SERVER,)
    assert len(world.calendar().items[made["id"]].facts["attendees"]) == 1


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3;COUNT=5",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20270301T110000Z",
        "FREQ=MONTHLY;BYMONTHDAY=23",
        "FREQ=MONTHLY;BYDAY=4MO",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=23",
        "FREQ=YEARLY;BYMONTH=11;BYDAY=4MO;COUNT=3",
    ],
)
async def test_outlooks_repetitions_come_back(account: Account, default: str, rule: str):
    start = datetime(2026, 11, 30, 12, tzinfo=PARIS) if "BYSETPOS" in rule else datetime(2026, 11, 23, 12, tzinfo=PARIS)
    thing = make_event(rrule=rule, start=start, end=start + timedelta(hours=1))
    assert (await there(account, default, thing)).events[0].rrule == rule


@pytest.mark.parametrize(
    "changes",
    [
        {"rrule": "FREQ=HOURLY"},
        {"rrule": "FREQ=MONTHLY;BYMONTHDAY=1,15"},
        {"rrule": "FREQ=WEEKLY;BYDAY=TU"},
        {"rrule": "FREQ=DAILY", "rdates": (datetime(2026, 12, 24, 9, tzinfo=PARIS),)},
    ],
)
async def test_what_microsoft_365_has_no_words_for_is_refused_before_anything_is_sent(
    account: Account, default: str, world: GraphWorld, changes
):
    with pytest.raises(Refused) as caught:
        account.calendars.vet(make_event(**changes))
    assert caught.value.hint
    assert world.calendar().items == {}


def test_the_31st_of_each_month_is_refused_and_the_last_day_is_not(account: Account):
    start = datetime(2026, 10, 31, 12, tzinfo=PARIS)
    times = {"start": start, "end": start + timedelta(hours=1)}
    with pytest.raises(Refused):
        account.calendars.vet(make_event(rrule="FREQ=MONTHLY;BYMONTHDAY=31", **times))
    account.calendars.vet(make_event(rrule="FREQ=MONTHLY;BYMONTHDAY=-1", **times))


def test_an_instance_moved_past_its_neighbour_is_refused(account: Account):
    later = datetime(2026, 11, 26, 15, tzinfo=PARIS)
    with pytest.raises(Refused):
        account.calendars.vet(moved(series(), 25, start=later, end=later + timedelta(hours=1)))


async def test_exceptions_of_a_series_come_back(account: Account, default: str):
    thing = without(moved(series(), 24, title="Elsewhere", place="Lyon"), 25, 27)
    found = await there(account, default, thing)
    assert sorted(found.events[0].exdates) == sorted(thing.events[0].exdates)
    assert [(one.recurrence_id, one.title, one.place) for one in found.overrides] == [
        (datetime(2026, 11, 24, 12, tzinfo=PARIS), "Elsewhere", "Lyon")
    ]


async def test_a_private_instance_of_a_public_series_comes_back_private_alone(account: Account, default: str):
    found = await there(account, default, moved(series(), 24, sensitivity=Sensitivity.PRIVATE))
    assert [(one.private, one.recurrence_id is None) for one in found.events] == [(False, True), (True, False)]


async def changed(account: Account, calendar: str, before: CalendarObject, after: CalendarObject) -> CalendarObject:
    remote = account.calendars
    ref = await remote.create(calendar, before, "key-1")
    (item,) = await remote.fetch(calendar, [ref.id])
    new = await remote.update(calendar, item.ref, item.object, after, "key-2")
    (found,) = await remote.fetch(calendar, [new.id])
    assert (found.ref, found.key, found.unfinished) == (new, "key-2", False)
    return found.object


async def test_a_changed_title_keeps_everything_else(account: Account, default: str):
    before = make_event(place="Lyon", description="Notes")
    after = make_event(title="Dinner", place="Lyon", description="Notes")
    assert told((await changed(account, default, before, after)).events[0]) == told(after.events[0])


async def test_a_series_at_another_time_keeps_its_exceptions(account: Account, default: str):
    before = without(moved(series(), 24, title="Elsewhere"), 25)
    later = [replace(one, start=one.start + timedelta(hours=2), end=one.end + timedelta(hours=2),
                     exdates=tuple(gone + timedelta(hours=2) for gone in one.exdates),
                     recurrence_id=one.recurrence_id and one.recurrence_id + timedelta(hours=2))
             for one in before.events]  # fmt: skip
    found = await changed(account, default, before, CalendarObject(before.uid, tuple(later)))
    assert [(one.start.hour, one.title) for one in found.events] == [(14, "Team"), (14, "Elsewhere")]
    assert [gone.hour for gone in found.events[0].exdates] == [14]


async def test_an_instance_that_was_deleted_can_be_given_back(account: Account, default: str):
    found = await changed(account, default, without(series(), 25, 26), without(series(), 26))
    assert [gone.day for gone in found.events[0].exdates] == [26]


async def test_an_exception_can_be_taken_back(account: Account, default: str):
    found = await changed(account, default, moved(series(), 24, title="Elsewhere"), series())
    assert [one.title for one in found.overrides] in ([], ["Team"])


async def test_a_series_can_become_a_single_event(account: Account, default: str):
    found = await changed(account, default, series(), make_event("team@example.org", "Team"))
    assert found.events[0].rrule == ""


async def test_files_are_added_and_taken_away(account: Account, default: str):
    one, two = Attachment("one.txt", "text/plain", b"1"), Attachment("two.txt", "text/plain", b"22")
    found = await changed(account, default, make_event(attachments=(one,)), make_event(attachments=(two,)))
    assert [file.name for file in found.events[0].attachments] == ["two.txt"]


async def test_a_large_file_goes_by_an_upload_session(account: Account, default: str, world: GraphWorld):
    content = bytes(range(256)) * 14_000
    thing = make_event(attachments=(Attachment("large.bin", "application/octet-stream", content),))
    await account.calendars.create(default, thing, "k")
    (item,) = world.calendar().items.values()
    (held,) = item.attachments.values()
    assert held["size"] == len(content)
    assert any(line.startswith("PUT /upload/") for line in world.server.requests)


async def test_an_older_version_changes_nothing(account: Account, default: str, world: GraphWorld):
    remote = account.calendars
    ref = await remote.create(default, make_event(), "k")
    world.calendar().items[ref.id].facts["subject"] = "By somebody else"
    world.calendar().items[ref.id].touch()
    with pytest.raises(Conflict):
        await remote.update(default, ref, make_event(), make_event(title="Mine"), "k2")
    with pytest.raises(Conflict):
        await remote.delete(default, ref)
    assert world.calendar().items[ref.id].facts["subject"] == "By somebody else"


async def test_the_same_key_makes_one_event(account: Account, default: str, world: GraphWorld):
    first = await account.calendars.create(default, make_event(), "k")
    again = await account.calendars.create(default, make_event(), "k")
    assert first.id == again.id
    assert len(world.calendar().items) == 1


async def test_what_was_made_is_found_by_its_key(account: Account, default: str):
    ref = await account.calendars.create(default, series(), "k")
    found = await account.calendars.find(default, "k")
    assert found is not None
    assert found.ref == ref
    assert await account.calendars.find(default, "other") is None


async def test_an_event_that_is_gone_is_not_found(account: Account, default: str):
    ref = await account.calendars.create(default, make_event(), "k")
    await account.calendars.delete(default, ref)
    with pytest.raises(NotFound):
        await account.calendars.delete(default, ref)
    assert list(await account.calendars.fetch(default, [ref.id])) == []


async def test_a_week_is_its_objects_whole(account: Account, default: str):
    await account.calendars.create(default, without(series(), 25), "a")
    await account.calendars.create(default, make_event(), "b")
    far = datetime(2027, 11, 23, 12, tzinfo=PARIS)
    await account.calendars.create(default, make_event("far@x", start=far, end=far + timedelta(hours=1)), "c")
    found = await account.calendars.window(default, WEEK)
    assert sorted(item.object.uid for item in found) == ["lunch@example.org", "team@example.org"]


async def everything(account: Account, calendar: str, token: str = "") -> tuple[dict[str, str], set[str], str]:
    changed: dict[str, str] = {}
    gone: set[str] = set()
    while True:
        page = await account.calendars.changes(calendar, token)
        changed |= {ref.id: ref.etag for ref in page.changed}
        gone |= set(page.gone)
        token = page.token
        if not page.more:
            return changed, gone, token


async def test_the_first_round_names_everything_wherever_it_lies(account: Account, default: str):
    old = datetime(2019, 5, 1, 12, tzinfo=PARIS)
    refs = [
        await account.calendars.create(default, series(), "a"),
        await account.calendars.create(default, make_event("o@x", start=old, end=old + timedelta(hours=1)), "b"),
    ]
    changed, _gone, _token = await everything(account, default)
    assert changed == {ref.id: ref.etag for ref in refs}


async def test_the_next_round_tells_changes_and_what_is_gone(account: Account, default: str, world: GraphWorld):
    kept = await account.calendars.create(default, make_event(), "a")
    gone = await account.calendars.create(default, make_event("gone@x"), "b")
    _all, _none, token = await everything(account, default)
    for item in world.calendar().items.values():
        item.modified -= timedelta(days=1)  # so that only the delta can tell
    new = await account.calendars.update(default, kept, make_event(), make_event(title="New"), "c")
    await account.calendars.delete(default, gone)
    changed, lost, _token = await everything(account, default, token)
    assert (changed[new.id], lost) == (new.etag, {gone.id})


async def test_an_instance_cancelled_elsewhere_names_its_series(account: Account, default: str, world: GraphWorld):
    ref = await account.calendars.create(default, series(), "a")
    _all, _none, token = await everything(account, default)
    item = world.calendar().items[ref.id]
    item.cancelled.add(date(2026, 11, 25))
    item.touch()
    changed, _gone, _token = await everything(account, default, token)
    assert ref.id in changed


async def test_a_change_outside_the_window_is_told_too(account: Account, default: str, world: GraphWorld):
    old = datetime(2019, 5, 1, 12, tzinfo=PARIS)
    ref = await account.calendars.create(default, make_event("o@x", start=old, end=old + timedelta(hours=1)), "b")
    _all, _none, token = await everything(account, default)
    world.calendar().items[ref.id].touch()
    changed, _gone, _token = await everything(account, default, token)
    assert ref.id in changed


async def test_a_forgotten_token_begins_anew_and_says_so(account: Account, default: str, world: GraphWorld):
    ref = await account.calendars.create(default, make_event(), "a")
    _all, _none, token = await everything(account, default)
    world.server.world.rounds.forget()
    page = await account.calendars.changes(default, token)
    assert (page.resync, page.more) == (True, True)
    changed, _gone, _token = await everything(account, default, page.token)
    assert set(changed) == {ref.id}


async def test_calendars_are_made_renamed_and_taken_away(account: Account, default: str):
    made = await account.calendars.create_calendar("Travel")
    await account.calendars.rename_calendar(made.id, "Trips")
    assert [one.name for one in await account.calendars.calendars()] == ["Calendar", "Trips"]
    await account.calendars.delete_calendar(made.id)
    assert [one.id for one in await account.calendars.calendars()] == [default]


# --- calendars of others -----------------------------------------------------------------------------------------


async def shared(world: GraphWorld, role: str, **facts) -> Account:
    """Bruno's account, after Alice has given him that role and put an event into her calendar."""
    alice = world.client()
    body = {"emailAddress": {"name": "Bruno", "address": BRUNO.address}, "role": role}
    assert alice.post("/me/calendar/calendarPermissions", json=body).status_code == 201
    times = {name: {"dateTime": f"2026-11-23T{hour}:00:00", "timeZone": "UTC"} for name, hour in
             (("start", 11), ("end", 12))}  # fmt: skip
    event = {"subject": "Budget", "location": {"displayName": "Room 4"}, **times, **facts}
    assert alice.post("/me/events", json=event).status_code == 201
    return Account(world, BRUNO)


@pytest.mark.parametrize(
    ("role", "level", "windowed", "title", "write"),
    [
        ("freeBusyRead", "availability", True, "", False),
        ("limitedRead", "limited", True, "Budget", False),
        ("read", "full", False, "Budget", False),
        ("write", "full", False, "Budget", True),
    ],
)
async def test_a_shared_calendar_is_seen_at_its_level(world: GraphWorld, role, level, windowed, title, write):
    bruno = await shared(world, role)
    calendar = await bruno.calendars.open_shared(ALICE.address)
    assert (calendar.level, calendar.windowed, calendar.owner, calendar.can.write) == (
        level, windowed, ALICE.address, write)  # fmt: skip
    (item,) = await bruno.calendars.window(calendar.id, WEEK)
    assert item.object.events[0].title == title
    await bruno.session.close()


async def test_a_calendar_that_is_not_shared_is_refused(world: GraphWorld):
    bruno = await shared(world, "read")
    for entry in world.calendar().permissions.values():
        entry.role = "none"
    with pytest.raises(Refused):
        await bruno.calendars.open_shared(ALICE.address)
    await bruno.session.close()


async def test_private_text_is_hidden_even_where_the_server_sends_it(world: GraphWorld):
    bruno = await shared(world, "read", sensitivity="private", body={"contentType": "text", "content": "Dr. Who"})
    world.server.world.leak_private = True
    calendar = await bruno.calendars.open_shared(ALICE.address)
    (item,) = await bruno.calendars.window(calendar.id, WEEK)
    event = item.object.events[0]
    assert (event.title, event.place, event.description, event.html, event.private) == ("", "", "", "", True)
    await bruno.session.close()


async def test_a_calendar_that_was_opened_is_listed_until_it_is_shared_no_more(world: GraphWorld):
    bruno = await shared(world, "read")
    opened = (await bruno.calendars.open_shared(ALICE.address)).id
    assert opened in [one.id for one in await bruno.calendars.calendars([opened])]
    for entry in world.calendar().permissions.values():
        entry.role = "none"
    assert opened not in [one.id for one in await bruno.calendars.calendars([opened])]
    await bruno.session.close()
