"""A server that suddenly shows much less: the copy is kept, the person is asked, and their word is done exactly."""

from __future__ import annotations

import pytest

from core.backends.mirror import MirrorStore
from core.errors import Unreachable
from core.ports.calendars import Smaller
from core.ports.servers import RemoteCalendar, WriteState
from tests.contracts.calendar_store import make_event
from tests.core.backends.mirror.memory_server import PAGE, Kept, MemoryRemote
from tests.core.backends.mirror.test_faults import DOWN, Opener, many, own, titles


def lose(remote: MemoryRemote, left: int) -> None:
    """The server has the first `left` events only, knows nothing of the others, and forgot what it told whom."""
    items = remote.server.items["main"]
    for identity in list(items)[left:]:
        del items[identity]
    remote.server.log["main"] = list(items)
    remote.server.forgotten = True


async def question(store: MirrorStore) -> Smaller | None:
    return (await store.calendars())[0].smaller


@pytest.fixture
async def doubted(store: MirrorStore, remote: MemoryRemote) -> MirrorStore:
    """Eight events are here, of which the server shows three."""
    many(remote, 8)
    await store.refresh()
    lose(remote, 3)
    await store.refresh()
    return store


@pytest.mark.parametrize("left", [0, 3])
async def test_an_empty_or_halved_answer_is_not_everything_deleted(store: MirrorStore, remote: MemoryRemote, left: int):
    many(remote, 8)
    await store.refresh()
    lose(remote, left)
    for _round in range(3):
        await store.refresh()
        assert len(await titles(store, await own(store))) == 8
        assert await question(store) == Smaller(8, left)


async def test_a_yes_makes_the_copy_what_the_server_has_and_changes_nothing_else(
    doubted: MirrorStore, remote: MemoryRemote
):
    remote.server.add(RemoteCalendar("second", "Second"))
    many(remote, 4, "second")
    await doubted.refresh()
    first, second = (info.id for info in await doubted.calendars())
    before = {stored.object.uid: stored.etag for stored in await doubted.objects(first)}
    calls = len(remote.calls)
    assert await doubted.accept_shrink(first, 3) is None
    assert await titles(doubted, first) == remote.server.titles() == ["Event 0", "Event 1", "Event 2"]
    assert {stored.object.uid: stored.etag for stored in await doubted.objects(first)}.items() <= before.items()
    assert len(await titles(doubted, second)) == 4
    assert not {"create", "update", "delete"} & set(remote.calls[calls:])
    assert await question(doubted) is None
    await doubted.refresh()
    assert await titles(doubted, first) == remote.server.titles()
    assert await question(doubted) is None


async def test_a_no_keeps_everything_and_the_question_stands_while_the_server_shows_less(
    doubted: MirrorStore, remote: MemoryRemote
):
    calendar = await own(doubted)
    await doubted.keep_mine(calendar)
    for _round in range(2):
        assert len(await titles(doubted, calendar)) == 8
        assert await question(doubted) == Smaller(8, 3)
        await doubted.refresh()


async def test_after_a_no_a_server_that_shows_everything_again_is_asked_about_no_more(
    doubted: MirrorStore, remote: MemoryRemote
):
    calendar = await own(doubted)
    await doubted.keep_mine(calendar)
    items, log = remote.server.items["main"], remote.server.log["main"]
    for remote_id, (uid, etag) in doubted.journal.refs("calendar").items():
        if remote_id not in items:  # there again as if nothing had been: no change tells of it
            items[remote_id] = Kept(make_event(uid, f"Event {uid.partition('@')[0]}"), int(etag))
            log.insert(0, remote_id)
    await doubted.refresh()
    assert await question(doubted) is None
    assert await titles(doubted, calendar) == remote.server.titles()
    assert len(remote.server.titles()) == 8


async def test_events_that_come_back_by_themselves_end_the_question(doubted: MirrorStore, remote: MemoryRemote):
    for remote_id, (uid, _etag) in doubted.journal.refs("calendar").items():
        if remote_id not in remote.server.items["main"]:
            remote.server.keep("main", make_event(uid, "Back"), remote_id)
    await doubted.refresh()
    assert await question(doubted) is None
    assert await titles(doubted, await own(doubted)) == remote.server.titles()


async def test_a_yes_to_three_is_no_yes_to_one(doubted: MirrorStore, remote: MemoryRemote):
    calendar = await own(doubted)
    lose(remote, 1)
    assert await doubted.accept_shrink(calendar, 3) == Smaller(8, 1)
    assert len(await titles(doubted, calendar)) == 8
    assert await doubted.accept_shrink(calendar, 1) is None
    assert await titles(doubted, calendar) == ["Event 0"]


async def test_a_yes_while_the_server_is_down_takes_nothing(doubted: MirrorStore, remote: MemoryRemote):
    calendar = await own(doubted)
    remote.down = DOWN
    with pytest.raises(Unreachable):
        await doubted.accept_shrink(calendar, 3)
    remote.down = None
    assert len(await titles(doubted, calendar)) == 8
    await doubted.refresh()
    assert await question(doubted) == Smaller(8, 3)


async def test_a_yes_that_is_cut_off_takes_nothing_and_is_asked_again(
    open_store: Opener, store: MirrorStore, remote: MemoryRemote
):
    many(remote, 6 * PAGE)
    await store.refresh()
    lose(remote, 2 * PAGE)
    await store.refresh()
    calendar = await own(store)
    remote.after["changes"] += [DOWN]
    with pytest.raises(Unreachable):
        await store.accept_shrink(calendar, 2 * PAGE)
    again = open_store()
    assert len(await titles(again, calendar)) == 6 * PAGE
    await again.refresh()
    assert await question(again) == Smaller(6 * PAGE, 2 * PAGE)
    assert len(await titles(again, calendar)) == 6 * PAGE


async def test_what_the_person_changed_meanwhile_is_not_taken_away_unseen(doubted: MirrorStore, remote: MemoryRemote):
    calendar = await own(doubted)
    (mine,) = [one for one in await doubted.objects(calendar) if one.object.events[0].title == "Event 7"]
    remote.down = DOWN
    await doubted.put(calendar, make_event(mine.object.uid, "My own words"), expected_etag=mine.etag)
    await doubted.pushed(10)
    remote.down = None
    await doubted.accept_shrink(calendar, 3)
    assert "My own words" in await titles(doubted, calendar)
    await doubted.refresh()
    (write,) = await doubted.writes()
    assert (write.state, write.title) == (WriteState.CONFLICT, "My own words")


async def test_whoever_watches_is_told_of_a_yes(doubted: MirrorStore):
    told: list[bool] = []
    doubted.watch(lambda: told.append(True))
    await doubted.accept_shrink(await own(doubted), 3)
    assert told
