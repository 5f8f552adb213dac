"""What every SharingGateway keeps. A backend's tests give the fixture `sharing`."""

from __future__ import annotations

from abc import ABC, abstractmethod

from core.calendar.people import Address
from core.ports.sharing import PermissionStore, Place, SharingGateway
from core.sharing.permissions import PermissionLevel

BRUNO = Address("bruno@example.org", "Bruno Lefèvre")
CLARA = Address("clara@example.net", "Clara Novak")
NOBODY = Address("nobody@example.org", "Nobody")


class Sharing(ABC):
    """Alice's account with a calendar in which nobody has a row of their own."""

    calendar: str

    @abstractmethod
    def gateway(self) -> SharingGateway: ...

    @abstractmethod
    def store(self) -> PermissionStore: ...

    @abstractmethod
    def letters(self, address: str) -> int:
        """How many messages have arrived for that person."""

    async def level(self, address: str) -> PermissionLevel | None:
        """What that person's row says now."""
        row = (await self.store().permissions(self.calendar)).table.get(address)
        return row.level if row else None


class SharingGatewayContract:
    """The promises of `core.ports.sharing.SharingGateway`, each a test."""

    async def test_asking_changes_nothing_and_writes_to_nobody(self, sharing: Sharing):
        before = (await sharing.store().permissions(sharing.calendar)).mark
        found = await sharing.gateway().standing(sharing.calendar, [BRUNO, CLARA])
        assert [one.address.key for one in found] == [BRUNO.key, CLARA.key]
        assert (await sharing.store().permissions(sharing.calendar)).mark == before
        assert (sharing.letters(BRUNO.address), sharing.letters(CLARA.address)) == (0, 0)

    async def test_inside_somebody_may_be_made_editor(self, sharing: Sharing):
        (found,) = await sharing.gateway().standing(sharing.calendar, [BRUNO])
        assert (found.place, PermissionLevel.EDITOR in found.levels) == (Place.INSIDE, True)

    async def test_outside_nobody_may_write_and_it_is_said_why(self, sharing: Sharing):
        (found,) = await sharing.gateway().standing(sharing.calendar, [CLARA])
        assert (found.place, PermissionLevel.EDITOR in found.levels) == (Place.OUTSIDE, False)
        assert found.reason

    async def test_nobody_may_be_given_nothing(self, sharing: Sharing):
        (found,) = await sharing.gateway().standing(sharing.calendar, [NOBODY])
        assert found.levels == () or found.place is Place.OUTSIDE

    async def test_what_was_given_stands_in_the_table(self, sharing: Sharing):
        (granted,) = await sharing.gateway().grant(sharing.calendar, [BRUNO], PermissionLevel.REVIEWER)
        assert (granted.address.key, granted.level, granted.before) == (BRUNO.key, PermissionLevel.REVIEWER, None)
        assert await sharing.level(BRUNO.address) is PermissionLevel.REVIEWER

    async def test_the_server_writes_exactly_when_it_says_so(self, sharing: Sharing):
        (granted,) = await sharing.gateway().grant(sharing.calendar, [BRUNO], PermissionLevel.REVIEWER)
        assert granted.invited is sharing.gateway().invites
        assert sharing.letters(BRUNO.address) == int(granted.invited)

    async def test_what_somebody_had_before_is_told(self, sharing: Sharing):
        await sharing.gateway().grant(sharing.calendar, [BRUNO], PermissionLevel.FREE_BUSY)
        (granted,) = await sharing.gateway().grant(sharing.calendar, [BRUNO], PermissionLevel.EDITOR)
        assert granted.before is not None
        assert (granted.before.level, granted.level) == (PermissionLevel.FREE_BUSY, PermissionLevel.EDITOR)
        assert await sharing.level(BRUNO.address) is PermissionLevel.EDITOR

    async def test_one_who_is_refused_keeps_the_other_from_nothing(self, sharing: Sharing):
        bruno, clara = await sharing.gateway().grant(sharing.calendar, [BRUNO, CLARA], PermissionLevel.EDITOR)
        assert (bruno.level, clara.level) == (PermissionLevel.EDITOR, None)
        assert clara.reason
        assert await sharing.level(CLARA.address) is None

    async def test_what_is_taken_back_is_gone_and_can_be_taken_once(self, sharing: Sharing):
        await sharing.gateway().grant(sharing.calendar, [BRUNO], PermissionLevel.REVIEWER)
        assert await sharing.gateway().revoke(sharing.calendar, BRUNO.address)
        assert await sharing.level(BRUNO.address) is None
        assert not await sharing.gateway().revoke(sharing.calendar, BRUNO.address)
