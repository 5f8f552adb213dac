"""The confirmation of Share Calendar."""

from __future__ import annotations

from core.calendar.people import Address
from core.ports.sharing import Place, Standing
from core.services.share_plan import PersonPlan, SharePlan, ShareRequest
from core.sharing.permissions import NAMED_LEVELS, PermissionLevel
from tui.screens.confirm_share import ConfirmShareDialog


async def test_the_last_of_many_people_can_be_reached_and_the_buttons_stay_in_sight(stage, calendars, shown):
    people = [Address(f"person{number}@example.org") for number in range(20)]
    plans = tuple(
        PersonPlan(Standing(one, Place.INSIDE, NAMED_LEVELS), PermissionLevel.REVIEWER, None) for one in people
    )
    plan = SharePlan(ShareRequest("local/work", tuple(people)), calendars[0], plans)
    async with stage(lambda: ConfirmShareDialog(plan)) as (app, pilot):
        assert "person0@example.org" in shown(app)
        await pilot.press("end")
        await pilot.pause()
        assert "person19@example.org" in shown(app)
        assert "Share" in shown(app)
        assert "Cancel" in shown(app)
