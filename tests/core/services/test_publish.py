"""Publish Online: what lies there is what was chosen, whole, current, and gone when it should be."""

from __future__ import annotations

import asyncio
import contextlib
import re
from datetime import date, timedelta

import pytest

from core.errors import (
    Conflict,
    DeliveryUnknown,
    NotFound,
    Refused,
    SignInFailed,
    StorageError,
    TransportError,
    TryLater,
    Unreachable,
    UsageError,
)
from core.process_lock import process_lock
from core.services.ledger import LedgerState
from core.services.publication_store import Publication, PublicationStore
from core.services.publish import PublicationState, PublishOptions, PublishRequest, whole_location
from core.services.publish_content import EMPTY
from tests.core.services.publishing import AVAILABILITY, FULL, LIMITED, World, open_world, service


@pytest.fixture
async def world(tmp_path, clock) -> World:
    return await open_world(tmp_path, clock)


def uids(text: str) -> set[str]:
    return set(re.findall(r"^UID:(\S+)", text, re.MULTILINE))


# publishing


async def test_the_file_shows_what_the_level_shows(world):
    await world.service.publish(world.request("work.ics"))
    (text,) = world.files().values()
    assert ("SUMMARY;LANGUAGE=en:Busy" in text, "Budget" in text, "Dentist" in text) == (True, False, False)


async def test_only_the_days_that_were_chosen_are_there(world):
    await world.service.publish(world.request("work.ics", range="-30d..+60d", level=LIMITED))
    (text,) = world.files().values()
    assert ("Budget review" in text, "Far away" in text) == (True, False)


async def test_the_file_says_how_often_it_is_renewed(world):
    await world.service.publish(world.request("work.ics", every=timedelta(minutes=30)))
    assert "X-PUBLISHED-TTL:PT30M" in world.files()["work.ics"]


async def test_a_single_upload_says_nothing_of_renewal(world):
    await world.service.publish(world.request("work.ics", every=None))
    assert "X-PUBLISHED-TTL" not in world.files()["work.ics"]


async def test_in_a_folder_the_name_cannot_be_guessed(world):
    published = await world.service.publish(world.request())
    assert re.fullmatch(r"[0-9a-f]{32}\.ics", *world.files())
    assert published.ics == "https://www.example.org/" + next(iter(world.files()))


async def test_two_publications_of_one_calendar_share_no_uid(world):
    await world.service.publish(world.request())
    await world.service.publish(world.request())
    one, two = map(uids, world.files().values())
    assert one
    assert not one & two


async def test_no_uid_of_the_calendar_is_published(world):
    await world.service.publish(world.request("work.ics", level=FULL))
    assert not uids(world.files()["work.ics"]) & {"a@x", "b@x", "c@x"}


async def test_a_page_lies_beside_it_when_asked_for(world):
    published = await world.service.publish(world.request("work.ics", page=True))
    assert set(world.files()) == {"work.ics", "work.html"}
    assert published.page == "https://www.example.org/work.html"
    assert "webcal://www.example.org/work.ics" in world.files()["work.html"]


async def test_a_preview_shows_the_items_and_publishes_nothing(world):
    preview = await world.service.preview(world.request("work.ics", level=LIMITED))
    assert sorted(entry.title for entry in preview.entries) == ["", "Budget review"]
    assert preview.leaves
    assert world.files() == {}


async def test_the_ledger_knows_of_it(world):
    await world.service.publish(world.request("work.ics", level=LIMITED))
    (entry,) = await world.ledger.entries()
    assert (entry.person, entry.level, entry.how, entry.state) == (
        "https://www.example.org/work.ics", "limited", "publication", LedgerState.SENT,
    )  # fmt: skip


async def test_the_last_folder_is_remembered(world):
    (world.root / "team").mkdir()
    await world.service.publish(PublishRequest("Work", f"{world.root}/team/", PublishOptions()))
    assert await world.service.last_location() == f"{world.root}/team/"


async def test_publishing_to_the_same_address_again_changes_its_options(world):
    await world.service.publish(world.request("work.ics"))
    await world.service.publish(world.request("work.ics", level=LIMITED))
    assert [one.options.level for one in await world.service.publications()] == [LIMITED]
    assert "Budget review" in world.files()["work.ics"]


async def test_a_last_day_in_the_past_is_refused(world):
    with pytest.raises(UsageError):
        await world.service.publish(world.request("work.ics", expires=date(2026, 11, 1)))


@pytest.mark.parametrize("every", [timedelta(minutes=1), timedelta(days=40)])
def test_an_interval_out_of_bounds_is_refused(every):
    with pytest.raises(UsageError):
        PublishOptions(every=every)


def test_private_items_cannot_be_included_where_only_times_are_shown():
    with pytest.raises(UsageError):
        PublishOptions(level=AVAILABILITY, include_private=True)


async def test_what_somebody_else_put_there_is_left_alone(world):
    (world.root / "work.ics").write_text("theirs")
    with pytest.raises(Conflict):
        await world.service.publish(world.request("work.ics"))
    assert (world.files(), await world.service.publications()) == ({"work.ics": "theirs"}, [])


async def test_what_is_one_s_own_from_elsewhere_can_be_overwritten(world):
    (world.root / "work.ics").write_text("mine, from another machine")
    await world.service.publish(world.request("work.ics"), overwrite=True)
    assert "BEGIN:VCALENDAR" in world.files()["work.ics"]


@pytest.mark.parametrize("error", [Unreachable("no", "h"), SignInFailed("no", "h"), Refused("full", "h")])
async def test_a_first_upload_that_fails_leaves_nothing_that_is_tried_again_unasked(world, error):
    world.places.folder.before = [error]
    with pytest.raises(type(error)):
        await world.service.publish(world.request("work.ics"))
    assert await world.service.publications() == []


@pytest.mark.parametrize("error", [Unreachable("no", "Hm."), TryLater("busy", "Hm."), TransportError("500", "Hm.")])
async def test_of_a_first_upload_that_fails_no_other_try_is_promised(world, error):
    world.places.folder.before = [error]
    with pytest.raises(type(error)) as raised:
        await world.service.publish(world.request("work.ics"))
    assert raised.value.hint == "Hm. It is not tried again by itself."


async def test_where_it_is_tried_again_the_hint_says_so(world):
    published = await world.service.publish(world.request("work.ics"))
    await world.change_calendar()
    world.places.folder.before = [Unreachable("nobody there", "Look at the network.")]
    with pytest.raises(Unreachable) as raised:
        await world.service.republish(published.id)
    assert raised.value.hint == "Look at the network. It is tried again at the next sync."


async def test_of_a_single_upload_that_is_not_tried_again_no_other_try_is_promised(world):
    published = await world.service.publish(world.request("work.ics", every=None))
    await world.change_calendar()
    world.places.folder.before = [Unreachable("nobody there", "Look at the network.")]
    with pytest.raises(Unreachable):
        await world.service.republish(published.id)
    (kept,) = await world.service.publications()
    tried = "is tried again" in kept.hint
    assert tried == (kept.next_due is not None)


async def test_a_first_upload_whose_end_is_not_known_is_finished_by_the_next_sync(world):
    world.places.folder.after = [DeliveryUnknown("cut", "h")]
    with pytest.raises(DeliveryUnknown):
        await world.service.publish(world.request("work.ics"))
    world.clock.pass_by(minutes=10)
    (done,) = await world.service.upload_due()
    assert (done.problem, set(world.files())) == ("", {"work.ics"})


# keeping current


async def test_unchanged_content_is_not_uploaded(world):
    await world.service.publish(world.request("work.ics"))
    world.places.folder.puts.clear()
    world.clock.pass_by(hours=1)
    (done,) = await world.service.upload_due()
    assert (world.places.folder.puts, done.result) == ([], "unchanged")


async def test_a_change_is_uploaded_when_it_is_due(world):
    await world.service.publish(world.request("work.ics", level=LIMITED))
    await world.change_calendar()
    assert await world.service.upload_due() == []
    world.clock.pass_by(hours=1)
    await world.service.upload_due()
    assert "Planning" in world.files()["work.ics"]


async def test_what_did_not_change_keeps_its_uid(world):
    await world.service.publish(world.request("work.ics", level=LIMITED))
    before = uids(world.files()["work.ics"])
    await world.change_calendar()
    world.clock.pass_by(hours=1)
    await world.service.upload_due()
    after = uids(world.files()["work.ics"])
    assert (before < after, len(after - before)) == (True, 1)


async def test_a_rolling_range_moves_on_with_the_days(world):
    await world.service.publish(world.request("work.ics", range="0d..+1d".replace("0d", "-0d"), level=LIMITED))
    assert "Budget review" in world.files()["work.ics"]
    world.clock.pass_by(days=3)
    await world.service.upload_due()
    assert "Budget review" not in world.files()["work.ics"]


async def test_a_page_is_renewed_each_day(world):
    await world.service.publish(world.request("work.ics", page=True, range="all"))
    world.places.folder.puts.clear()
    world.clock.pass_by(days=1)
    await world.service.upload_due()
    assert f"{world.root}/work.html" in world.places.folder.puts


async def test_a_single_upload_is_never_due_again(world):
    await world.service.publish(world.request("work.ics", every=None))
    world.clock.pass_by(days=30)
    assert await world.service.upload_due() == []


async def test_a_stopped_one_stays_as_it_is(world):
    published = await world.service.publish(world.request("work.ics", level=LIMITED))
    await world.service.stop(published.id)
    await world.change_calendar()
    world.clock.pass_by(days=1)
    await world.service.upload_due()
    assert "Planning" not in world.files()["work.ics"]


async def test_republishing_uploads_at_once(world):
    published = await world.service.publish(world.request("work.ics", level=LIMITED))
    await world.change_calendar()
    await world.service.republish(published.id)
    assert "Planning" in world.files()["work.ics"]


async def test_republishing_notices_that_somebody_removed_it(world):
    published = await world.service.publish(world.request("work.ics"))
    (world.root / "work.ics").unlink()
    with pytest.raises(Conflict):
        await world.service.republish(published.id)
    await world.service.republish(published.id, overwrite=True)
    assert set(world.files()) == {"work.ics"}


async def test_another_publisher_is_noticed_and_waits_for_the_person(world):
    published = await world.service.publish(world.request("work.ics"))
    (world.root / "work.ics").write_text("theirs")
    await world.change_calendar()
    world.clock.pass_by(hours=1)
    (seen,) = await world.service.upload_due()
    assert (seen.next_due, world.files()) == (None, {"work.ics": "theirs"})
    assert "somebody else" in seen.problem
    await world.service.republish(published.id, overwrite=True)
    assert "BEGIN:VCALENDAR" in world.files()["work.ics"]


async def test_a_failure_is_written_down_and_tried_again_later(world):
    await world.service.publish(world.request("work.ics", level=LIMITED))
    await world.change_calendar()
    world.clock.pass_by(hours=1)
    world.places.folder.before = [Unreachable("nobody there", "look at the network")]
    (failed,) = await world.service.upload_due()
    assert (failed.problem, failed.hint) == (
        "nobody there",
        "look at the network It is tried again at the next sync.",
    )
    assert await world.service.upload_due() == []
    world.clock.pass_by(minutes=6)
    (done,) = await world.service.upload_due()
    assert (done.problem, "Planning" in world.files()["work.ics"]) == ("", True)


async def test_a_server_that_asks_for_time_gets_it(world):
    published = await world.service.publish(world.request("work.ics"))
    await world.change_calendar()
    world.places.folder.before = [TryLater("busy", "h", wait=7200)]
    with pytest.raises(TryLater):
        await world.service.republish(published.id)
    world.clock.pass_by(minutes=119)
    assert await world.service.upload_due() == []
    world.clock.pass_by(minutes=2)
    assert len(await world.service.upload_due()) == 1


async def test_after_a_wrong_password_it_waits_for_the_person(world):
    published = await world.service.publish(world.request("work.ics"))
    await world.change_calendar()
    world.places.folder.before = [SignInFailed("no", "h")]
    with pytest.raises(SignInFailed):
        await world.service.republish(published.id)
    world.clock.pass_by(days=2)
    assert await world.service.upload_due() == []


async def test_one_that_another_process_is_at_is_left_to_it(world, tmp_path):
    published = await world.service.publish(world.request("work.ics"))
    world.clock.pass_by(hours=1)
    async with process_lock(tmp_path / "data" / "publishing" / f"{published.id}.lock", 0):
        assert await world.service.upload_due() == []
        with pytest.raises(Refused, match="Another"):
            await world.service.republish(published.id)


async def test_two_programs_that_sync_at_once_upload_once(world):
    await world.service.publish(world.request("work.ics"))
    await world.change_calendar()
    world.clock.pass_by(hours=1)
    world.places.folder.puts.clear()
    other = service(world.base, world.library, world.places, world.clock)
    await asyncio.gather(world.service.upload_due(), other.upload_due())
    assert len(world.places.folder.puts) == 1


async def test_a_calendar_that_is_gone_is_said_and_what_is_published_stays(world):
    await world.service.publish(world.request("work.ics"))
    before = world.files()
    await world.library.delete((await world.library.find("Work")).id)
    world.clock.pass_by(hours=1)
    (seen,) = await world.service.upload_due()
    assert seen.problem
    assert world.files() == before


# narrowing


async def test_narrowed_nothing_of_the_wider_one_stays_under_any_name(world):
    published = await world.service.publish(world.request("work.ics", level=FULL, page=True))
    token = (await world.service.publication(published.id)).token
    (world.root / f".part-{token}-work.ics").write_text("Budget review, of an upload that was cut")
    await world.service.change(published.id, PublishOptions(level=AVAILABILITY))
    assert set(world.files()) == {"work.ics"}
    assert "Budget" not in "".join(world.files().values())


async def test_a_narrowing_that_failed_is_shown_and_finished_also_for_a_single_upload(world):
    published = await world.service.publish(world.request("work.ics", level=FULL, every=None))
    world.places.folder.before = [Unreachable("nobody there", "h")]
    with pytest.raises(Unreachable):
        await world.service.change(published.id, PublishOptions(level=AVAILABILITY, every=None))
    assert (await world.service.publication(published.id)).narrower
    world.clock.pass_by(minutes=6)
    (done,) = await world.service.upload_due()
    assert (done.narrower, "Budget" in world.files()["work.ics"]) == (False, False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"level": FULL}, {"level": LIMITED}),
        ({"range": "all"}, {"range": "-30d..+60d"}),
        ({"range": "-30d..+60d"}, {"range": "-30d..+59d"}),
        ({}, {"working_hours_only": True}),
        ({"level": LIMITED, "include_private": True}, {"level": LIMITED}),
        ({"page": True}, {}),
    ],
)
def test_less_is_known_as_less(before, after):
    today = date(2026, 11, 22)
    assert PublishOptions(**after).shows_less_than(PublishOptions(**before), today)
    assert not PublishOptions(**before).shows_less_than(PublishOptions(**after), today)


async def test_a_new_address_empties_and_removes_the_old_one(world):
    published = await world.service.publish(world.request("work.ics", page=True))
    moved = await world.service.new_address(published.id)
    assert set(world.files()) == {moved.ics.rpartition("/")[2], moved.page.rpartition("/")[2]}
    assert "work.ics" not in world.files()


async def test_the_ledger_says_that_the_old_address_was_taken_back(world):
    published = await world.service.publish(world.request("work.ics"))
    await world.service.new_address(published.id)
    states = {entry.person: entry.state for entry in await world.ledger.entries()}
    assert states["https://www.example.org/work.ics"] is LedgerState.REVOKED


# removing


async def test_removed_it_is_gone_and_the_ledger_says_so(world):
    published = await world.service.publish(world.request("work.ics", page=True))
    await world.service.remove(published.id)
    assert (world.files(), await world.service.publications()) == ({}, [])
    assert [entry.state for entry in await world.ledger.entries()] == [LedgerState.REVOKED]


async def test_before_the_removal_an_empty_calendar_takes_its_place(world, monkeypatch):
    published = await world.service.publish(world.request("work.ics"))
    seen = []
    usual = type(world.places.folder).remove

    async def remove(self, address, *, expected):
        seen.append((world.root / "work.ics").read_bytes())
        return await usual(self, address, expected=expected)

    monkeypatch.setattr(type(world.places.folder), "remove", remove)
    await world.service.remove(published.id)
    assert seen == [EMPTY[0]]


async def test_a_removal_that_failed_is_finished_by_the_next_sync(world):
    published = await world.service.publish(world.request("work.ics", every=None))
    world.places.folder.before = [Unreachable("nobody there", "h")]
    with pytest.raises(Unreachable):
        await world.service.remove(published.id)
    assert (await world.service.publication(published.id)).state is PublicationState.REMOVING
    world.clock.pass_by(minutes=6)
    await world.service.upload_due()
    assert (world.files(), await world.service.publications()) == ({}, [])


async def test_somebody_else_s_file_is_not_removed(world):
    published = await world.service.publish(world.request("work.ics"))
    (world.root / "work.ics").write_text("theirs")
    with pytest.raises(Conflict):
        await world.service.remove(published.id)
    assert world.files() == {"work.ics": "theirs"}


async def test_what_is_gone_already_can_be_removed(world):
    published = await world.service.publish(world.request("work.ics"))
    (world.root / "work.ics").unlink()
    await world.service.remove(published.id)
    assert await world.service.publications() == []


async def test_after_its_last_day_it_is_taken_away(world):
    await world.service.publish(world.request("work.ics", every=None, expires=date(2026, 11, 24)))
    world.clock.pass_by(days=2)
    await world.service.upload_due()
    assert set(world.files()) == {"work.ics"}
    world.clock.pass_by(days=1)
    await world.service.upload_due()
    assert (world.files(), await world.service.publications()) == ({}, [])


async def test_an_unknown_publication_is_said(world):
    with pytest.raises(NotFound):
        await world.service.republish("nothing")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://dav.example.org/cal", "https://dav.example.org/cal/"),
        ("https://dav.example.org/cal/", "https://dav.example.org/cal/"),
        (" https://dav.example.org/a.ics ", "https://dav.example.org/a.ics"),
        ("/srv/www/cal", "/srv/www/cal/"),
        ("/srv/www/a.ics", "/srv/www/a.ics"),
        ("file:///srv/www/mes%20agendas/", "/srv/www/mes agendas/"),
        ("sftp://alice@web:2222/srv/www", "sftp://alice@web:2222/srv/www/"),
        ("web:public_html", "sftp://web/~/public_html/"),
        ("web:", "sftp://web/~/"),
        ("web:~/public_html/", "sftp://web/~/public_html/"),
        ("alice@web.example.org:/srv/mes agendas/a.ics", "sftp://alice@web.example.org/srv/mes%20agendas/a.ics"),
        ("[::1]:/srv/www/", "sftp://[::1]/srv/www/"),
    ],
)
def test_a_place_is_read_as_it_is_meant(typed, meant):
    assert whole_location(typed) == meant


@pytest.mark.parametrize("number", range(1, 10))
async def test_a_narrowing_that_the_disk_stops_anywhere_leaves_nothing_wider_after_the_next_sync(
    world: World, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    published = await world.service.publish(world.request("work.ics", level=FULL, page=True))
    left = [number]
    usual = PublicationStore.save

    def save(self: PublicationStore, publication: Publication) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise StorageError("no room")
        usual(self, publication)

    with monkeypatch.context() as patch:
        patch.setattr(PublicationStore, "save", save)
        with contextlib.suppress(StorageError):
            await world.service.change(published.id, PublishOptions(level=AVAILABILITY, page=True))
    world.clock.pass_by(hours=2)
    await world.service.upload_due()
    (now,) = await world.service.publications()
    wide = ["Budget" in text for text in world.files().values()]
    assert (wide, now.problem) == ([now.options.level is FULL] * 2, "")
