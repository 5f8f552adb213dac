"""What every PublishTarget keeps. A backend's tests give the fixture `shelf`."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from core.errors import Conflict, NotFound, TransportError
from core.ports.publishing import NOTHING, PublishTarget, fingerprint

CALENDAR = "text/calendar; charset=utf-8"
FIRST = b"BEGIN:VCALENDAR\r\nX-WR-CALNAME:first\r\nEND:VCALENDAR\r\n"
SECOND = b"BEGIN:VCALENDAR\r\nX-WR-CALNAME:second\r\nEND:VCALENDAR\r\n"
TOKEN = "k3mdf81x"


class Shelf(ABC):
    """One target with the world behind it."""

    @abstractmethod
    def target(self) -> PublishTarget:
        """One that works."""

    @abstractmethod
    def broken(self) -> PublishTarget:
        """One whose other side is not there."""

    @property
    @abstractmethod
    def folder(self) -> str:
        """The address of a folder that is there and empty, with a `/` at its end."""

    @abstractmethod
    def files(self) -> dict[str, bytes]:
        """What lies in that folder, looked at from the other side."""

    @abstractmethod
    def write(self, name: str, content: bytes) -> None:
        """Somebody else writes there."""


class PublishTargetContract:
    async def put(self, shelf: Shelf, content: bytes, *expected: str, name: str = "alice.ics"):
        return await shelf.target().put(
            shelf.folder + name, content, media_type=CALENDAR, expected=expected or (NOTHING,), token=TOKEN
        )

    async def test_what_was_put_lies_there_alone(self, shelf: Shelf):
        await self.put(shelf, FIRST)
        assert shelf.files() == {"alice.ics": FIRST}

    async def test_putting_says_what_was_read_back(self, shelf: Shelf):
        stored = await self.put(shelf, FIRST)
        assert (stored.fingerprint, stored.size) == (fingerprint(FIRST), len(FIRST))

    async def test_one_s_own_file_is_replaced(self, shelf: Shelf):
        await self.put(shelf, FIRST)
        await self.put(shelf, SECOND, fingerprint(FIRST))
        assert shelf.files() == {"alice.ics": SECOND}

    async def test_a_file_that_somebody_else_changed_is_left_alone(self, shelf: Shelf):
        await self.put(shelf, FIRST)
        shelf.write("alice.ics", b"theirs")
        with pytest.raises(Conflict):
            await self.put(shelf, SECOND, fingerprint(FIRST))
        assert shelf.files() == {"alice.ics": b"theirs"}

    async def test_a_name_that_is_taken_is_left_alone(self, shelf: Shelf):
        shelf.write("alice.ics", b"theirs")
        with pytest.raises(Conflict):
            await self.put(shelf, FIRST)
        assert shelf.files() == {"alice.ics": b"theirs"}

    async def test_a_file_that_vanished_is_not_put_back_unasked(self, shelf: Shelf):
        with pytest.raises(Conflict):
            await self.put(shelf, SECOND, fingerprint(FIRST))
        assert shelf.files() == {}

    async def test_one_of_several_expected_contents_is_enough(self, shelf: Shelf):
        shelf.write("alice.ics", FIRST)
        await self.put(shelf, SECOND, NOTHING, fingerprint(FIRST))
        assert shelf.files() == {"alice.ics": SECOND}

    async def test_a_conflict_says_what_to_do(self, shelf: Shelf):
        shelf.write("alice.ics", b"theirs")
        with pytest.raises(Conflict) as caught:
            await self.put(shelf, FIRST)
        assert "alice.ics" in caught.value.message
        assert caught.value.hint

    async def test_a_missing_folder_is_said(self, shelf: Shelf):
        with pytest.raises(NotFound):
            await self.put(shelf, FIRST, name="nowhere/alice.ics")
        assert shelf.files() == {}

    async def test_what_was_put_is_read_unchanged(self, shelf: Shelf):
        content = bytes(range(256)) * 300
        await self.put(shelf, content)
        assert await shelf.target().read(shelf.folder + "alice.ics") == content

    async def test_what_is_not_there_reads_as_none(self, shelf: Shelf):
        assert await shelf.target().read(shelf.folder + "nothing.ics") is None

    async def test_removing_takes_the_file_away(self, shelf: Shelf):
        await self.put(shelf, FIRST)
        assert await shelf.target().remove(shelf.folder + "alice.ics", expected=(fingerprint(FIRST),))
        assert shelf.files() == {}

    async def test_removing_what_is_not_there_is_no_error(self, shelf: Shelf):
        assert not await shelf.target().remove(shelf.folder + "alice.ics", expected=(fingerprint(FIRST),))

    async def test_a_file_that_somebody_else_changed_is_not_removed(self, shelf: Shelf):
        shelf.write("alice.ics", b"theirs")
        with pytest.raises(Conflict):
            await shelf.target().remove(shelf.folder + "alice.ics", expected=(fingerprint(FIRST),))
        assert shelf.files() == {"alice.ics": b"theirs"}

    async def test_a_new_folder_can_be_published_to(self, shelf: Shelf):
        await shelf.target().make_folder(shelf.folder + "team/")
        await self.put(shelf, FIRST, name="team/alice.ics")
        assert await shelf.target().read(shelf.folder + "team/alice.ics") == FIRST

    async def test_making_a_folder_twice_is_no_error_and_keeps_what_lies_in_it(self, shelf: Shelf):
        await shelf.target().make_folder(shelf.folder + "team/")
        await self.put(shelf, FIRST, name="team/alice.ics")
        await shelf.target().make_folder(shelf.folder + "team/")
        assert await shelf.target().read(shelf.folder + "team/alice.ics") == FIRST

    async def test_a_folder_below_a_missing_one_is_not_made(self, shelf: Shelf):
        with pytest.raises(NotFound):
            await shelf.target().make_folder(shelf.folder + "nowhere/team/")

    async def test_places_are_listed_folders_first(self, shelf: Shelf):
        await self.put(shelf, FIRST)
        await shelf.target().make_folder(shelf.folder + "team/")
        found = await shelf.target().places(shelf.folder)
        assert [(p.name, p.folder) for p in found] == [("team", True), ("alice.ics", False)]

    async def test_a_listed_folder_s_address_can_be_listed(self, shelf: Shelf):
        await shelf.target().make_folder(shelf.folder + "mes agendas/")
        (found,) = await shelf.target().places(shelf.folder)
        assert (found.name, await shelf.target().places(found.address)) == ("mes agendas", [])

    async def test_a_missing_folder_cannot_be_listed(self, shelf: Shelf):
        with pytest.raises(NotFound):
            await shelf.target().places(shelf.folder + "nowhere/")

    async def test_nothing_is_swept_where_nothing_broke(self, shelf: Shelf):
        await self.put(shelf, FIRST)
        assert await shelf.target().sweep(shelf.folder + "alice.ics", TOKEN) == 0
        assert shelf.files() == {"alice.ics": FIRST}

    async def test_the_abilities_are_known_without_writing(self, shelf: Shelf):
        await shelf.target().abilities(shelf.folder)
        assert shelf.files() == {}

    async def test_without_the_other_side_nothing_is_put_and_it_is_said(self, shelf: Shelf):
        with pytest.raises((TransportError, NotFound)) as caught:
            await shelf.broken().put(
                shelf.folder + "alice.ics", FIRST, media_type=CALENDAR, expected=(NOTHING,), token=TOKEN
            )
        assert caught.value.message
        assert caught.value.hint
