"""The commands that share calendars on a server: Share Calendar, Calendar Permissions. Part of `tui.commands`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.language import N_, _
from tui.command import Command, Group

if TYPE_CHECKING:
    from tui.screens.home import HomeScreen


def _there_is_one(home: HomeScreen) -> str:
    """Where a calendar cannot be shared, a dialog says why, and what can be done instead."""
    return "" if home.active.info else _("There is no calendar in this pane: choose one in the list.")


SHARING: tuple[Command, ...] = (
    Command(
        "calendar.share",
        N_("Share Calendar…"),
        N_("Let people see this calendar on its server, and invite them."),
        ("S",),
        Group.SHARE,
        "flow('share_calendar')",
        weight=8,
        needs=_there_is_one,
    ),
    Command(
        "calendar.permissions",
        N_("Calendar Permissions…"),
        N_("Show and change who may do what with this calendar."),
        ("P",),
        Group.SHARE,
        "flow('calendar_permissions')",
        weight=7,
        needs=_there_is_one,
    ),
)
