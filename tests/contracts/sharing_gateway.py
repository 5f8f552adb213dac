"""What every SharingGateway keeps. A backend's tests give the fixture `gate`."""

from __future__ import annotations

from abc import ABC, abstractmethod

from core.calendar.people import Address
from core.ports.sharing import Place, SharingGateway
from core.sharing.permissions import PermissionLevel

BRUNO, CLARA = Address("bruno@example.org"), Address("clara@example.net")


class Gate(ABC):
    """One account of Alice's. Bruno works with her; the policy lets Clara have Availability only."""

    calendar: str

    @abstractmethod
    def gateway(self) -> SharingGateway: ...

    @abstractmethod
    async def level_of(self, address: str) -> PermissionLevel | None:
        """What the server itself has for somebody; None without a row."""


class SharingGatewayContract:
    async def test_standing_is_told_for_each_in_order_and_changes_nothing(self, gate: Gate):
        found = await gate.gateway().standing(gate.calendar, [CLARA, BRUNO])
        assert [(one.address.key, one.place) for one in found] == [
            (CLARA.key, Place.OUTSIDE),
            (BRUNO.key, Place.INSIDE),
        ]
        assert await gate.level_of(BRUNO.address) is None
        assert await gate.level_of(CLARA.address) is None

    async def test_inside_reading_and_writing_may_be_given(self, gate: Gate):
        [bruno] = await gate.gateway().standing(gate.calendar, [BRUNO])
        assert {PermissionLevel.FREE_BUSY, PermissionLevel.REVIEWER, PermissionLevel.EDITOR} <= set(bruno.levels)

    async def test_outside_nobody_may_write_and_the_limit_has_a_reason(self, gate: Gate):
        [clara] = await gate.gateway().standing(gate.calendar, [CLARA])
        assert clara.levels == (PermissionLevel.FREE_BUSY,)
        assert clara.reason

    async def test_what_is_granted_is_in_force_and_each_has_an_answer(self, gate: Gate):
        [granted] = await gate.gateway().grant(gate.calendar, [BRUNO], PermissionLevel.REVIEWER)
        assert (granted.address.key, granted.level, granted.before) == (BRUNO.key, PermissionLevel.REVIEWER, None)
        assert granted.invited == gate.gateway().invites
        assert await gate.level_of(BRUNO.address) is PermissionLevel.REVIEWER

    async def test_who_is_refused_has_a_reason_and_nothing_while_the_others_have_theirs(self, gate: Gate):
        bruno, clara = await gate.gateway().grant(gate.calendar, [BRUNO, CLARA], PermissionLevel.REVIEWER)
        assert (bruno.level, clara.level) == (PermissionLevel.REVIEWER, None)
        assert clara.reason
        assert await gate.level_of(CLARA.address) is None

    async def test_another_level_tells_the_row_of_before(self, gate: Gate):
        await gate.gateway().grant(gate.calendar, [BRUNO], PermissionLevel.REVIEWER)
        [granted] = await gate.gateway().grant(gate.calendar, [BRUNO], PermissionLevel.EDITOR)
        assert granted.before is not None
        assert granted.before.level is PermissionLevel.REVIEWER
        assert await gate.level_of(BRUNO.address) is PermissionLevel.EDITOR

    async def test_revoking_takes_the_row_away_and_says_whether_there_was_one(self, gate: Gate):
        await gate.gateway().grant(gate.calendar, [BRUNO], PermissionLevel.REVIEWER)
        assert await gate.gateway().revoke(gate.calendar, BRUNO.address)
        assert await gate.level_of(BRUNO.address) is None
        assert not await gate.gateway().revoke(gate.calendar, BRUNO.address)
