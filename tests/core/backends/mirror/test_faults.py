"""The mirror under faults: crashes at each step, two processes, conflicts, servers that suddenly show little."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.backends.mirror import MirrorStore
from core.backends.mirror.pieces import canonical
from core.backends.vdir.conflicts import ConflictKeeper
from core.calendar.span import TimeSpan
from core.errors import Conflict, DeliveryUnknown, NotFound, Refused, StorageError, Unreachable
from core.ports.servers import RemoteCalendar, WriteState
from core.services.accounts import Accounts, Keep
from tests.contracts.calendar_store import DAY, PARIS, make_event
from tests.core.backends.mirror.conftest import StillClock
from tests.core.backends.mirror.memory_server import PAGE, MemoryRemote
from tests.soak import soak

DOWN = Unreachable("The server could not be reached.", "Look at the cable.")
UNKNOWN = DeliveryUnknown("The line broke.")

Opener = Callable[[], MirrorStore]


async def own(store: MirrorStore) -> str:
    return (await store.calendars())[0].id


async def settled(store: MirrorStore) -> None:
    await store.pushed(10)


def many(remote: MemoryRemote, count: int, calendar: str = "main") -> None:
    for number in range(count):
        remote.server.keep(calendar, make_event(f"{number}@example.org", f"Event {number}"))


async def titles(store: MirrorStore, calendar: str) -> list[str]:
    return sorted(stored.object.events[0].title for stored in await store.objects(calendar))


# writes ----------------------------------------------------------------------------------------------------


async def test_what_is_written_offline_arrives_when_the_server_is_back(store: MirrorStore, remote: MemoryRemote):
    calendar = await own(store)
    remote.down = DOWN
    etag = await store.put(calendar, make_event(), expected_etag=None)
    await settled(store)
    await store.put(calendar, make_event(title="Dinner"), expected_etag=etag)
    await settled(store)
    state = await store.state()
    assert (state.problem, state.waiting) == (DOWN.message, 1)
    remote.down = None
    await store.refresh()
    assert remote.server.titles() == ["Dinner"]
    assert (await store.state()).waiting == 0


async def test_what_is_made_and_deleted_offline_never_leaves(store: MirrorStore, remote: MemoryRemote):
    calendar = await own(store)
    remote.down = DOWN
    etag = await store.put(calendar, make_event(), expected_etag=None)
    await settled(store)
    await store.delete(calendar, "lunch@example.org", expected_etag=etag)
    await settled(store)
    remote.down = None
    remote.calls.clear()
    await store.refresh()
    assert remote.server.titles() == []
    assert "create" not in remote.calls


@pytest.mark.parametrize("operation", ["create", "update", "delete"])
@pytest.mark.parametrize("when", ["before", "after"])
@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_an_answer_that_is_lost_is_looked_up_and_nothing_is_done_twice(
    open_store: Opener, store: MirrorStore, remote: MemoryRemote, operation: str, when: str
):
    calendar = await own(store)
    if operation != "create":
        await store.put(calendar, make_event(), expected_etag=None)
        await settled(store)
    getattr(remote, when)[operation].append(UNKNOWN)
    stored = {one.object.uid: one.etag for one in await store.objects(calendar)}
    if operation == "delete":
        await store.delete(calendar, "lunch@example.org", expected_etag=stored["lunch@example.org"])
    else:
        await store.put(calendar, make_event(title="New"), expected_etag=stored.get("lunch@example.org"))
    await settled(store)
    assert [write.state for write in await store.writes()] == [WriteState.SENDING]
    again = open_store()  # another process, after this one died
    await again.refresh()
    wanted = [] if operation == "delete" else ["New"]
    assert remote.server.titles() == wanted
    assert await titles(again, calendar) == wanted
    assert await again.writes() == []


@pytest.mark.parametrize("step", ["file", "journal"])
async def test_a_crash_between_journal_and_file_is_nothing_or_the_whole(
    open_store: Opener, store: MirrorStore, remote: MemoryRemote, step: str, monkeypatch: pytest.MonkeyPatch
):
    calendar = await own(store)

    def die(*_arguments: object) -> None:
        raise StorageError("The power is gone.")

    async def die_later(*_arguments: object, **_more: object) -> None:
        raise StorageError("The power is gone.")

    if step == "file":
        monkeypatch.setattr(store._vdir, "put", die_later)
    else:
        monkeypatch.setattr(store.journal, "prepared", die)
    with pytest.raises(StorageError):
        await store.put(calendar, make_event(), expected_etag=None)
    again = open_store()
    await again.refresh()
    wanted = [] if step == "file" else ["Lunch with Bruno"]
    assert await titles(again, calendar) == wanted
    assert remote.server.titles() == wanted


async def test_a_cancelled_write_is_whole_or_was_not_begun(store: MirrorStore, remote: MemoryRemote):
    calendar = await own(store)
    task = asyncio.ensure_future(store.put(calendar, make_event(), expected_etag=None))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.refresh()
    assert remote.server.titles() == await titles(store, calendar)


async def test_what_the_server_has_no_words_for_is_refused_before_anything_is_kept(
    store: MirrorStore, remote: MemoryRemote
):
    calendar = await own(store)
    with pytest.raises(Refused):
        await store.put(calendar, make_event(rrule="FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2"), expected_etag=None)
    assert (await titles(store, calendar), await store.writes()) == ([], [])


async def test_a_write_that_is_refused_stays_until_the_person_decides(store: MirrorStore, remote: MemoryRemote):
    calendar = await own(store)
    remote.before["create"].append(Refused("No room.", "Tidy up."))
    await store.put(calendar, make_event(), expected_etag=None)
    await settled(store)
    (write,) = await store.writes()
    assert (write.state, write.reason, write.hint) == (WriteState.FAILED, "No room.", "Tidy up.")
    await store.refresh()
    assert await titles(store, calendar) == ["Lunch with Bruno"]
    await store.retry(write.number)
    await settled(store)
    assert remote.server.titles() == ["Lunch with Bruno"]


async def test_a_write_that_is_given_up_leaves_what_the_server_has(store: MirrorStore, remote: MemoryRemote):
    calendar = await own(store)
    etag = await store.put(calendar, make_event(), expected_etag=None)
    await settled(store)
    remote.before["update"].append(Refused("No."))
    await store.put(calendar, make_event(title="Mine"), expected_etag=etag)
    await settled(store)
    (write,) = await store.writes()
    await store.give_up(write.number)
    assert await titles(store, calendar) == ["Lunch with Bruno"]


# conflicts -------------------------------------------------------------------------------------------------


async def in_conflict(store: MirrorStore, remote: MemoryRemote) -> str:
    """Both sides changed the same event."""
    calendar = await own(store)
    etag = await store.put(calendar, make_event(), expected_etag=None)
    await settled(store)
    (identity,) = remote.server.items["main"]
    remote.server.keep("main", make_event(title="Theirs"), identity)
    await store.put(calendar, make_event(title="Mine"), expected_etag=etag)
    await settled(store)
    return calendar


async def test_in_a_conflict_both_versions_are_kept(store: MirrorStore, remote: MemoryRemote, tmp_path: Path):
    calendar = await in_conflict(store, remote)
    (write,) = await store.writes()
    assert write.state is WriteState.CONFLICT
    assert [write.mine.events[0].title, write.theirs.events[0].title] == ["Mine", "Theirs"]  # type: ignore[union-attr]
    assert await titles(store, calendar) == ["Theirs"]
    assert (await store.state()).conflicts == 1
    kept = [path.path.read_bytes() for path in ConflictKeeper(tmp_path / "state" / "conflicts").kept()]
    assert any(b"Mine" in data for data in kept)


@pytest.mark.parametrize(
    ("keep", "wanted"), [(Keep.MINE, ["Mine"]), (Keep.THEIRS, ["Theirs"]), (Keep.BOTH, ["Mine", "Theirs"])]
)
async def test_the_person_decides_which_version_stays(
    store: MirrorStore, remote: MemoryRemote, keep: Keep, wanted: list[str]
):
    calendar = await in_conflict(store, remote)
    accounts = Accounts([store], StillClock())
    (write,) = await accounts.writes()
    await accounts.settle(write, keep)
    await settled(store)
    await store.refresh()
    assert remote.server.titles() == wanted
    assert await titles(store, calendar) == wanted
    assert await accounts.writes() == []


async def test_the_same_change_on_both_sides_is_no_conflict(store: MirrorStore, remote: MemoryRemote):
    calendar = await own(store)
    etag = await store.put(calendar, make_event(), expected_etag=None)
    await settled(store)
    (identity,) = remote.server.items["main"]
    remote.server.keep("main", make_event(title="Same"), identity)
    await store.put(calendar, make_event(title="Same"), expected_etag=etag)
    await settled(store)
    assert await store.writes() == []


async def test_what_somebody_deleted_is_not_brought_back_unasked(store: MirrorStore, remote: MemoryRemote):
    calendar = await own(store)
    etag = await store.put(calendar, make_event(), expected_etag=None)
    await settled(store)
    (identity,) = remote.server.items["main"]
    remote.server.drop("main", identity)
    await store.put(calendar, make_event(title="Mine"), expected_etag=etag)
    await settled(store)
    (write,) = await store.writes()
    assert (write.state, write.theirs) == (WriteState.CONFLICT, None)
    assert remote.server.titles() == []


async def test_an_old_version_on_the_screen_overwrites_nothing(store: MirrorStore, remote: MemoryRemote):
    calendar = await own(store)
    old = await store.put(calendar, make_event(), expected_etag=None)
    await settled(store)
    (identity,) = remote.server.items["main"]
    remote.server.keep("main", make_event(title="Theirs"), identity)
    await store.refresh()
    with pytest.raises(Conflict):
        await store.put(calendar, make_event(title="Mine"), expected_etag=old)
    assert remote.server.titles() == ["Theirs"]


# reading ---------------------------------------------------------------------------------------------------


@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_reading_goes_on_where_it_was_cut_off(open_store: Opener, remote: MemoryRemote):
    many(remote, 5 * PAGE)
    store = open_store()
    remote.after["changes"] += [DOWN]  # the first page is lost
    with pytest.raises(Unreachable):
        await store.refresh()
    await open_store().refresh()
    again = open_store()
    assert len(await titles(again, await own(again))) == 5 * PAGE


async def test_a_server_that_forgot_where_one_was_is_read_anew(store: MirrorStore, remote: MemoryRemote):
    many(remote, 8)
    await store.refresh()
    calendar = await own(store)
    remote.server.drop("main", next(iter(remote.server.items["main"])))
    remote.server.log["main"] = list(remote.server.items["main"])
    remote.server.forgotten = True
    await store.refresh()
    assert len(await titles(store, calendar)) == 7


async def test_a_calendar_that_may_not_be_seen_any_more_takes_its_copy_along(
    store: MirrorStore, remote: MemoryRemote, tmp_path: Path
):
    remote.server.add(RemoteCalendar("bruno", "Calendar", "bruno@example.org", "Bruno"))
    remote.server.keep("bruno", make_event(title="Bruno's"))
    shared = await store.open_shared("bruno@example.org")
    assert await titles(store, shared.id) == ["Bruno's"]
    del remote.server.calendars["bruno"]
    await store.refresh()
    assert shared.id not in [info.id for info in await store.calendars()]
    assert not [path for path in (tmp_path / "data").rglob("*.ics") if b"Bruno's" in path.read_bytes()]


@soak("feed or server answers: local copy kept whole, person asked", 1)
async def test_a_list_that_lacks_a_calendar_removes_nothing_that_is_still_there(
    store: MirrorStore, remote: MemoryRemote, monkeypatch: pytest.MonkeyPatch
):
    many(remote, 3)
    await store.refresh()

    async def nothing(_opened: object = ()) -> list[RemoteCalendar]:
        return []

    monkeypatch.setattr(remote, "calendars", nothing)
    await store.refresh()
    assert len(await titles(store, await own(store))) == 3


async def test_what_waits_for_a_calendar_that_is_gone_is_kept_as_a_file(
    store: MirrorStore, remote: MemoryRemote, tmp_path: Path
):
    made = await store.create("Travel")
    remote.before["create"] += [DOWN] * 3
    await store.put(made.id, make_event(title="Mine alone"), expected_etag=None)
    await settled(store)
    remote.before["create"].clear()
    remote.before["create"].append(NotFound("gone"))
    del remote.server.calendars[next(one for one in remote.server.calendars if one != "main")]
    await store.refresh()
    kept = ConflictKeeper(tmp_path / "state" / "conflicts").kept()
    assert any(b"Mine alone" in one.path.read_bytes() for one in kept)


async def test_two_events_of_one_uid_on_the_server_are_two_here(store: MirrorStore, remote: MemoryRemote):
    remote.server.keep("main", make_event(title="One"))
    remote.server.keep("main", make_event(title="Two"))
    await store.refresh()
    assert await titles(store, await own(store)) == ["One", "Two"]


async def test_the_week_that_is_asked_for_comes_before_the_whole(open_store: Opener, remote: MemoryRemote):
    far = datetime(2027, 6, 1, 12, tzinfo=ZoneInfo("Europe/Paris"))
    later = make_event("far@example.org", "Far away", start=far, end=far + timedelta(hours=1))
    many(remote, 3 * PAGE)
    remote.server.keep("main", later)
    store = open_store()
    remote.before["changes"] += [DOWN]
    with pytest.raises(Unreachable):
        await store.refresh()
    calendar = await own(store)
    store._clock = replace_clock(store)
    span = TimeSpan(far - timedelta(days=1), far + timedelta(days=1))
    while not (found := await store.entries([calendar], span, PARIS)):
        await asyncio.sleep(0.05)
    assert [entry.title for entry in found] == ["Far away"]


async def test_a_server_that_hangs_keeps_nobody_from_reading(
    open_store: Opener, remote: MemoryRemote, monkeypatch: pytest.MonkeyPatch
):
    many(remote, 2)
    store = open_store()
    remote.before["changes"] += [DOWN]
    with pytest.raises(Unreachable):
        await store.refresh()
    calendar = await own(store)
    store._clock = replace_clock(store)
    hangs = asyncio.Event()

    async def window(*_arguments: object) -> list[object]:
        await hangs.wait()
        return []

    monkeypatch.setattr(remote, "window", window)
    far = TimeSpan(DAY.start + timedelta(days=90), DAY.start + timedelta(days=97))
    assert await store.entries([calendar], far, PARIS) == []
    assert not hangs.is_set()
    hangs.set()


def replace_clock(store: MirrorStore):
    """An hour later: the server is asked again after it failed."""

    class Later(StillClock):
        def now(self) -> datetime:
            return super().now() + timedelta(hours=1)

    return Later()


async def test_two_processes_bring_each_write_once(open_store: Opener, store: MirrorStore, remote: MemoryRemote):
    other = open_store()
    calendar = await own(store)
    await asyncio.gather(
        *(store.put(calendar, make_event(f"a{n}@example.org", f"A{n}"), expected_etag=None) for n in range(6)),
        *(other.put(calendar, make_event(f"b{n}@example.org", f"B{n}"), expected_etag=None) for n in range(6)),
    )
    await settled(store)
    await settled(other)
    await store.refresh()
    assert remote.server.titles() == sorted([f"A{n}" for n in range(6)] + [f"B{n}" for n in range(6)])
    assert await titles(store, calendar) == remote.server.titles()


async def test_watchers_hear_of_news(store: MirrorStore, remote: MemoryRemote):
    heard: list[int] = []
    stop = store.watch(lambda: heard.append(1))
    many(remote, 1)
    await store.refresh()
    assert heard
    stop()
    heard.clear()
    await store.refresh()
    assert heard == []


async def test_an_import_goes_event_by_event_and_again_changes_nothing(store: MirrorStore, remote: MemoryRemote):
    from core.backends.mirror.pieces import pack

    calendar = await own(store)
    events = [(f"{n}@example.org", pack(make_event(f"{n}@example.org", f"Event {n}")) or b"") for n in range(3)]
    first = await store.merge(calendar, events, replaces=lambda _old, _new: True)
    again = await store.merge(calendar, events, replaces=lambda _old, _new: True)
    await settled(store)
    assert (first, again) == ((3, 0, 0), (0, 0, 3))
    assert remote.server.titles() == ["Event 0", "Event 1", "Event 2"]


async def test_a_name_that_another_account_has_gets_the_accounts_behind_it(tmp_path: Path, remote: MemoryRemote):
    from core.backends.vdir import VdirStore
    from core.config.roots import account_folder
    from core.index.session import IndexSession

    data, home = tmp_path / "data", tmp_path / "data" / "calendars"
    roots = [("local", f"{home}/*"), ("office", account_folder(str(data), "office") + "/*")]
    index = IndexSession(str(tmp_path / "cache" / "index.sqlite3"), roots)
    await VdirStore("local", index, StillClock(), home=home, data=data, state=tmp_path / "state").create("Calendar")
    store = MirrorStore(remote, index, StillClock(), data=data, state=tmp_path / "state")
    await store.refresh()
    assert [info.name for info in await store.calendars()] == ["Calendar – office"]
    await store.close()


@pytest.mark.parametrize("row", ["calendar SET refreshed", "account SET refreshed", "account SET tried"])
async def test_a_time_that_nobody_can_read_names_the_file(store: MirrorStore, calendar: str, row: str) -> None:
    with closing(sqlite3.connect(store.journal.path, isolation_level=None)) as database:
        database.execute(f"UPDATE {row}='2026-13', problem='down'")
    with pytest.raises(StorageError, match="is damaged"):
        await store.calendars()
    with pytest.raises(StorageError, match="is damaged"):
        await store.entries([calendar], DAY, PARIS)


async def test_a_calendar_that_is_taken_away_as_soon_as_it_is_made_is_said_not_to_be_there(
    store: MirrorStore, monkeypatch: pytest.MonkeyPatch
):
    stored = store.journal.stored

    def and_taken_away(slug, known, gone=(), **more):
        stored(slug, known, gone, **more)
        asyncio.run(store._vdir.remove(f"{store.account}/{slug}"))

    monkeypatch.setattr(store.journal, "stored", and_taken_away)
    with pytest.raises(NotFound):
        await store.create("Work")


async def test_a_change_whose_calendar_is_taken_away_meanwhile_does_not_call_the_journal_damaged(
    store: MirrorStore, calendar: str, monkeypatch: pytest.MonkeyPatch
):
    prepared = store.journal.prepared

    def too_late(number: int) -> None:
        store.journal.forget_calendar(calendar.partition("/")[2])
        prepared(number)

    monkeypatch.setattr(store.journal, "prepared", too_late)
    await store.put(calendar, make_event(), expected_etag=None)
    assert await store.writes() == []


async def test_a_change_that_is_made_just_before_an_older_one_leaves_goes_along(
    store: MirrorStore, remote: MemoryRemote, calendar: str, monkeypatch: pytest.MonkeyPatch
):
    remote.down = DOWN
    etag = await store.put(calendar, make_event(), expected_etag=None)
    await settled(store)
    remote.down = None
    sending, made = store.journal.sending, []

    def and_meanwhile(number: int):
        older = store.journal.write(number)
        if older is not None and not made:
            made.append(True)
            asyncio.run(store._vdir.put(calendar, make_event(title="Dinner"), expected_etag=etag))
            after = canonical(make_event(title="Dinner"))
            newer = replace(older, before=older.after, after=after, title="Dinner")
            store.journal.prepared(store.journal.begin(newer, StillClock().now()))
        return sending(number)

    monkeypatch.setattr(store.journal, "sending", and_meanwhile)
    await store.refresh()
    await store.refresh()
    assert made
    assert await store.writes() == []
    assert remote.server.titles((await store._mirrored(calendar)).remote) == ["Dinner"]
    assert await titles(store, calendar) == ["Dinner"]
